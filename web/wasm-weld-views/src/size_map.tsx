// The parts of the output as areas. The table below them says the same in words.
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SizeNode } from './size_source';
import type { Painted } from './picture';
import { Slice, useSlices } from './slices';
import { bytesText, shown, signedBytes } from './text';
import { hasLabel, layout, nearest, type Cell } from './tree_map';

interface Props {
  nodes: SizeNode[];
  compares: boolean;
  linkOf(node: SizeNode): string | undefined;
  /** From what is open to the node. */
  open(path: string[]): void;
  openAbove(): void;
  /** Called with what paints the map as it is now; undefined: it is still being drawn. */
  ready(paint: (() => { width: number; height: number; cells: Painted[] }) | undefined): void;
}

/** So many areas are drawn at a time. */
const slice = 200;

/** Of a difference, how strong it is. */
export function changeClass({ bytes, before }: { bytes: number; before: number }): string {
  if (bytes === before) return 'same';
  const strength = Math.min(3, Math.ceil((3 * Math.abs(bytes - before)) / Math.max(1, bytes, before)));
  return `${bytes > before ? 'grown' : 'shrunk'}-${strength}`;
}

export function SizeMap({ nodes, compares, linkOf, open, openAbove, ready }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const height = Math.round(Math.min(460, Math.max(260, width / 2.2)));
  const cells = useMemo(() => layout(nodes, width, height), [nodes, width]);
  // The first slice has an area that the keyboard can go to.
  const firstArea = cells.findIndex(({ isFrame }) => !isFrame);
  const { slices, isWhole } = useSlices(cells, { first: Math.max(slice, firstArea + 1), more: slice });
  const paint = () => ({
    width,
    height,
    cells: cells.flatMap((cell, at): Painted[] => {
      const element = box.current?.children[at];
      if (!element) return [];
      const { backgroundColor: fill, color: ink } = getComputedStyle(element);
      return [{ cell, fill, ink }];
    }),
  });
  ready(isWhole ? paint : undefined);

  // One of the areas is reached with Tab, the others from there with the arrows.
  const areas = cells.filter(({ isFrame }) => !isFrame);
  const [reached, setReached] = useState<string>();
  const keyOf = (cell: Cell) => pathTo(nodes, cell.node).join('\0');
  const current = (reached !== undefined && areas.find((cell) => keyOf(cell) === reached)) || areas[0];
  const newest = useRef({ open });
  newest.current = { open };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Backspace') openAbove();
    const next = current && nearest(areas, current, event.key);
    if (!next) return;
    event.preventDefault();
    setReached(keyOf(next));
    (box.current?.children[cells.indexOf(next)] as HTMLElement | undefined)?.focus();
  };
  return (
    <div
      class="treemap"
      ref={box}
      style={{ height: `${height}px` }}
      role="group"
      aria-label="Parts as areas: arrows lead from one to the next, Enter opens one"
      aria-busy={!isWhole}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      {slices.map((some, at) => (
        <Slice
          key={at}
          items={some}
          by={[linkOf, current && some.includes(current) ? current : undefined]}
          draw={(cell) => (
            <Area
              key={keyOf(cell)}
              cell={cell}
              compares={compares}
              isReached={cell === current}
              href={linkOf(cell.node)}
              open={() => newest.current.open(pathTo(nodes, cell.node))}
              openAround={
                cell.node.parent < 0 ? undefined : () => newest.current.open(pathTo(nodes, nodes[cell.node.parent]!))
              }
            />
          )}
        />
      ))}
    </div>
  );
}

export function pathTo(nodes: SizeNode[], node: SizeNode): string[] {
  const path: string[] = [];
  for (let at: SizeNode | undefined = node; at; at = nodes[at.parent]) path.unshift(at.name);
  return path;
}

interface AreaProps {
  cell: Cell;
  compares: boolean;
  isReached: boolean;
  href: string | undefined;
  open(): void;
  openAround: (() => void) | undefined;
}

function Area({ cell, compares, isReached, href, open, openAround }: AreaProps) {
  const { node, depth } = cell;
  const place = { left: `${cell.x}px`, top: `${cell.y}px`, width: `${cell.width}px`, height: `${cell.height}px` };
  const file = node.file === undefined || node.file === node.display ? '' : ` in ${shown(node.file, 80)}`;
  const change = compares ? `, ${signedBytes(node.bytes - node.before)}` : '';
  const title = `${shown(node.display, 200)}${file}: ${bytesText(node.bytes)}${change}`;
  const label = hasLabel(cell) && shown(node.label, 80);
  if (cell.isFrame)
    return (
      <span class={`cell inner depth-${Math.min(depth, 3)}`} style={place} title={title} onClick={open}>
        {label}
      </span>
    );
  const shape = {
    class: `cell leaf ${compares ? changeClass(node) : `hue-${node.hue}`}`,
    style: place,
    title,
    'aria-label': title,
    tabIndex: isReached ? 0 : -1,
  };
  const content = label && <span class="cell-label">{label}</span>;
  // As in the table below, a part with parts of its own opens and a symbol is a link.
  if (node.opens)
    return (
      <button {...shape} type="button" onClick={open}>
        {content}
      </button>
    );
  if (href !== undefined)
    return (
      <a {...shape} href={href}>
        {content}
      </a>
    );
  if (openAround)
    return (
      <button {...shape} type="button" onClick={openAround}>
        {content}
      </button>
    );
  return (
    <span {...shape} role="img">
      {content}
    </span>
  );
}
