// Where the areas of the map are.
import { hierarchy, treemap, treemapSquarify } from 'd3-hierarchy';
import type { SizeNode } from './size_source';

export interface Cell {
  node: SizeNode;
  x: number;
  y: number;
  width: number;
  height: number;
  /** 1: right in what is open. */
  depth: number;
  /** It has areas in it, below its label. */
  isFrame: boolean;
  /** Of how many nodes it is in: by their rows. */
  parent: number;
}

interface Branch {
  node: SizeNode | undefined;
  row: number;
  children: Branch[];
}

const labelHeight = 17;
const leastLabelWidth = 40;
const leastLabelHeight = 15;

export const hasLabel = ({ width, height }: Cell) => width > leastLabelWidth && height > leastLabelHeight;

/** What is smaller than three pixels is left out. */
export function layout(nodes: SizeNode[], width: number, height: number): Cell[] {
  if (width <= 0) return [];
  const top: Branch = { node: undefined, row: -1, children: [] };
  const branches = nodes.map((node, row): Branch => ({ node, row, children: [] }));
  nodes.forEach(({ parent }, row) => (branches[parent] ?? top).children.push(branches[row]!));
  const size = ({ bytes, before }: SizeNode) => Math.max(bytes, before);
  const root = hierarchy(top).sum(({ node, children }) => (node && children.length === 0 ? size(node) : 0));
  return treemap<Branch>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingTop((n) =>
      n.depth > 0 && n.y1 - n.y0 > 2 * labelHeight && n.x1 - n.x0 > leastLabelWidth ? labelHeight : 1,
    )
    .paddingInner(1)
    .paddingBottom(1)
    .paddingLeft(1)
    .paddingRight(1)
    .round(true)(root)
    .descendants()
    .filter((n) => n.depth > 0 && n.x1 - n.x0 >= 3 && n.y1 - n.y0 >= 3)
    .map(({ data, x0, y0, x1, y1, depth, children }) => ({
      node: data.node!,
      x: x0,
      y: y0,
      width: x1 - x0,
      height: y1 - y0,
      depth,
      isFrame: children !== undefined,
      parent: data.node!.parent,
    }));
}

const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The area that an arrow key leads to, rather straight ahead than near. */
export function nearest(areas: Cell[], from: Cell, key: string): Cell | undefined {
  const step = steps[key];
  if (!step) return undefined;
  const [right, down] = step;
  const middle = ({ x, y, width, height }: Cell) => [x + width / 2, y + height / 2] as const;
  const [x, y] = middle(from);
  let best: Cell | undefined;
  let least = Infinity;
  for (const area of areas) {
    const [toX, toY] = middle(area);
    const ahead = (toX - x) * right + (toY - y) * down;
    const aside = Math.abs((toX - x) * down) + Math.abs((toY - y) * right);
    if (ahead > 0 && ahead + 2 * aside < least) [best, least] = [area, ahead + 2 * aside];
  }
  return best;
}
