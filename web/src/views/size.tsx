import { hierarchy, treemap, treemapSquarify, type HierarchyRectangularNode } from 'd3-hierarchy';
import type { DiffRow } from 'wasm-weld';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SizeTree } from '../inspector/link_story';
import { go, hrefOf, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { useAnswer } from './answer';
import { ItemLink, placeOfItem } from './link_to';
import { Name } from './name';
import { number, RowTable } from './row_table';
import { isOfUse, NoOutput } from './waiting';

interface Node {
  id: number;
  parent: Node | undefined;
  name: string;
  display: string;
  kind: string;
  own: number;
  bytes: number;
  retained: number;
  children: Node[];
}

const rowsAtFirst = 100;
const mostRetained = 1000;
const mostDifferences = 500;
/** Of the map: an area of fewer is not split into its parts. */
const leastPixels = 500;

/** Whose the output's bytes are. */
export function Size({ session }: { session: Session }) {
  const { answer, busy, error } = useAnswer(session, 'sizes', undefined);
  const tree = useMemo(() => answer && grown(answer), [answer]);
  if (error !== undefined) return <p class="card refusal">{shown(error, 400)}</p>;
  if (!tree)
    return busy && isOfUse(session) ? (
      <div class="card linking" aria-busy="true" />
    ) : (
      <NoOutput session={session} picture="map" title="What takes the room">
        See how large each library, object and function is in the output, and what keeps it there.
      </NoOutput>
    );
  return (
    <>
      <Map tree={tree} busy={busy} />
      <Retained session={session} whole={tree[0]!.bytes} />
      <Difference session={session} />
    </>
  );
}

/** Parents come before children in the lists. */
function grown({ parent, bytes, retained, name, display, kind }: SizeTree): Node[] {
  const nodes: Node[] = [];
  parent.forEach((above, id) => {
    const node: Node = {
      id,
      parent: nodes[above],
      name: name[id]!,
      display: display[id]!,
      kind: kind[id]!,
      own: bytes[id]!,
      bytes: bytes[id]!,
      retained: retained[id]!,
      children: [],
    };
    nodes.push(node);
    nodes[above]?.children.push(node);
  });
  for (const node of [...nodes].reverse()) {
    if (node.parent) node.parent.bytes += node.bytes;
    node.children.sort((a, b) => b.bytes - a.bytes);
  }
  return nodes;
}

function Map({ tree, busy }: { tree: Node[]; busy: boolean }) {
  // By its names, so that it stays open over links.
  const path = place.value.within ?? [];
  let open = tree[0]!;
  for (const name of path)
    open = open.children.find((child) => child.name === name && child.children.length > 0) ?? open;
  const hasRetained = open.children.some(({ retained }) => !Number.isNaN(retained));
  const openNode = (node: Node) => {
    const names: string[] = [];
    for (let at: Node | undefined = node; at?.parent; at = at.parent) names.unshift(at.name);
    go({ view: 'size', ...(names.length > 0 ? { within: names } : {}) });
  };
  const above: Node[] = [];
  for (let at: Node | undefined = open; at; at = at.parent) above.unshift(at);
  return (
    <section class={busy ? 'card linking' : 'card'} aria-labelledby="size-title" aria-busy={busy}>
      <div class="card-head">
        <h2 id="size-title">Size</h2>
        <span class="muted">{plural(tree[0]!.bytes, 'byte')}: by input, member, section, symbol</span>
      </div>
      <nav class="crumbs" aria-label="What is shown">
        {above.map((node, i) => (
          <span key={node.id}>
            {i > 0 && <span aria-hidden="true"> › </span>}
            {node === open ? (
              <span aria-current="true">
                <Name text={node.display} most={60} />
              </span>
            ) : (
              <button type="button" class="in-row" onClick={() => openNode(node)}>
                <Name text={node.display} most={60} />
              </button>
            )}{' '}
            <span class="muted">{bytesText(node.bytes)}</span>
          </span>
        ))}
      </nav>
      <Treemap node={open} openNode={openNode} />
      <RowTable
        key={open.id}
        label="Parts by size"
        columns={[
          'Part',
          { title: 'What', class: 'muted' },
          number('Bytes'),
          number('Share', 'muted share'),
          ...(hasRetained ? [number('Retained')] : []),
        ]}
        rows={open.children}
        most={rowsAtFirst}
        cells={(child) => [
          <>
            <span class={`dot ${roleOf(child)}`} aria-hidden="true" />
            {child.children.length > 0 ? (
              <button type="button" class="in-row" onClick={() => openNode(child)}>
                <Name text={child.display} most={80} />
              </button>
            ) : (
              <ItemLink kind={child.kind} file={fileOf(child)} name={child.name} display={child.display} most={80} />
            )}
          </>,
          child.kind,
          child.bytes.toLocaleString('en'),
          share(child.bytes, tree[0]!.bytes),
          ...(hasRetained ? [Number.isNaN(child.retained) ? '' : child.retained.toLocaleString('en')] : []),
        ]}
      />
    </section>
  );
}

const share = (part: number, whole: number) => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

/** The symbols that keep most: what is saved by doing without one. */
function Retained({ session, whole }: { session: Session; whole: number }) {
  const { answer, busy, error } = useAnswer(session, 'retained', { most: mostRetained });
  return (
    <section class={busy ? 'card linking' : 'card'} aria-labelledby="retained-title" aria-busy={busy}>
      <h2 id="retained-title">What keeps the most bytes</h2>
      <p class="muted small">
        The bytes that the output would lack without the symbol: its own bytes, and the bytes that only it keeps.
      </p>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {answer && (
        <RowTable
          label="Symbols by retained size"
          columns={[
            'Symbol',
            { title: 'What', class: 'muted' },
            'From',
            number('Bytes'),
            number('Retained'),
            number('Share', 'muted share'),
          ]}
          rows={answer.rows}
          count={answer.count}
          most={rowsAtFirst}
          cells={(row) => [
            <ItemLink kind={row.kind} file={row.file} name={row.name} display={row.display} most={80} />,
            row.kind,
            <Name text={row.file} most={40} />,
            row.bytes.toLocaleString('en'),
            row.retained.toLocaleString('en'),
            share(row.retained, whole),
          ]}
        />
      )}
    </section>
  );
}

/** The input that it is from, with its member. */
function fileOf(node: Node): string | undefined {
  let at: Node | undefined = node;
  while (at && at.kind !== 'member' && at.kind !== 'input') at = at.parent;
  return at?.kind === 'member' ? `${at.parent!.name}(${at.name})` : at?.name;
}

/** For the colour: what the bytes are, by the section that they are in. */
function roleOf(node: Node): string {
  let section: Node | undefined = node;
  while (section && section.kind !== 'section')
    section = section.children.length > 0 && section.kind !== 'section' ? section.children[0] : section.parent;
  const name = section?.name ?? '';
  return name === 'code'
    ? 'code'
    : name === 'data'
      ? 'data'
      : name === 'name'
        ? 'names'
        : name.startsWith('.debug')
          ? 'debug'
          : 'rest';
}

/** The parts of one, and theirs, as areas. The table below says the same in words. */
function Treemap({ node, openNode }: { node: Node; openNode(node: Node): void }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const height = Math.round(Math.min(420, Math.max(240, width / 2.2)));
  const cells = useMemo(() => {
    if (width === 0) return [];
    const deepest = 3;
    const depthOf = (n: Node) => {
      let depth = 0;
      for (let at: Node | undefined = n; at && at !== node; at = at.parent) depth++;
      return depth;
    };
    // What would be drawn too small for its parts to be seen is drawn as one.
    const leastBytes = (node.bytes * leastPixels) / (width * height);
    const isSplit = (n: Node) =>
      n.children.length > 0 && (n === node || (depthOf(n) < deepest && n.bytes >= leastBytes));
    const root = hierarchy<Node>(node, (n) =>
      isSplit(n) ? n.children.filter(({ bytes }) => bytes > 0) : undefined,
    ).sum((n) => (isSplit(n) ? 0 : n.bytes));
    return treemap<Node>()
      .tile(treemapSquarify)
      .size([width, height])
      .paddingTop((n) => (n.depth > 0 && n.y1 - n.y0 > 34 && n.x1 - n.x0 > 40 ? 17 : 1))
      .paddingInner(1)
      .paddingBottom(1)
      .paddingLeft(1)
      .paddingRight(1)
      .round(true)(root)
      .descendants()
      .filter((n) => n.depth > 0 && n.x1 - n.x0 >= 2 && n.y1 - n.y0 >= 2);
  }, [node, width]);
  // One of the areas is reached with Tab, the others from there with the arrows.
  const areas = cells.filter((cell) => cell.children === undefined);
  const [reached, setReached] = useState(-1);
  const current = areas.find(({ data }) => data.id === reached) ?? areas[0];
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Backspace' && node.parent) openNode(node.parent);
    const step = steps[event.key];
    if (!step || !current) return;
    event.preventDefault();
    const next = nearest(areas, current, step);
    if (!next) return;
    setReached(next.data.id);
    box.current?.querySelector<HTMLElement>(`[data-id="${next.data.id}"]`)?.focus();
  };
  return (
    <div
      class="treemap"
      ref={box}
      style={{ height }}
      role="group"
      aria-label="Parts as areas: arrows lead from one to the next, Enter opens one"
      onKeyDown={onKeyDown}
    >
      {cells.map((cell) => (
        <Cell key={cell.data.id} cell={cell} open={node} isReached={cell === current} openNode={openNode} />
      ))}
    </div>
  );
}

type Area = HierarchyRectangularNode<Node>;
const steps: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The area that is next in a direction, rather straight ahead than near. */
function nearest(areas: Area[], from: Area, [right, down]: [number, number]): Area | undefined {
  const middle = ({ x0, x1, y0, y1 }: Area) => [(x0 + x1) / 2, (y0 + y1) / 2] as const;
  const [x, y] = middle(from);
  let best: Area | undefined;
  let least = Infinity;
  for (const area of areas) {
    const [toX, toY] = middle(area);
    const ahead = (toX - x) * right + (toY - y) * down;
    const aside = Math.abs((toX - x) * down) + Math.abs((toY - y) * right);
    if (ahead > 0 && ahead + 2 * aside < least) [best, least] = [area, ahead + 2 * aside];
  }
  return best;
}

function Cell({
  cell,
  open,
  isReached,
  openNode,
}: {
  cell: Area;
  open: Node;
  isReached: boolean;
  openNode(node: Node): void;
}) {
  const { x0, y0, x1, y1, data, depth } = cell;
  const hasLabel = x1 - x0 > 40 && y1 - y0 > 15;
  const place = { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
  const title = `${shown(data.display, 200)}: ${bytesText(data.bytes)}`;
  const label = hasLabel && shown(data.display, 60);
  if (cell.children !== undefined)
    return (
      <span class={`cell inner depth-${depth}`} style={place} title={title} onClick={() => openNode(data)}>
        {label}
      </span>
    );
  const shape = {
    class: `cell leaf ${roleOf(data)} depth-${depth}`,
    style: place,
    title,
    'aria-label': title,
    tabIndex: isReached ? 0 : -1,
    'data-id': data.id,
  };
  const content = label && <span class="cell-label">{label}</span>;
  // As in the table below, a part with parts of its own opens and a symbol is a link.
  const to =
    data.children.length === 0 ? placeOfItem({ kind: data.kind, file: fileOf(data), name: data.name }) : undefined;
  if (to)
    return (
      <a {...shape} href={hrefOf(to)}>
        {content}
      </a>
    );
  const inside = data.children.length > 0 ? data : data.parent;
  if (!inside || inside === open)
    return (
      <span {...shape} role="img">
        {content}
      </span>
    );
  return (
    <button {...shape} type="button" onClick={() => openNode(inside)}>
      {content}
    </button>
  );
}

/** Against the link before. */
function Difference({ session }: { session: Session }) {
  const [asked, setAsked] = useState(false);
  const { answer, busy, error } = useAnswer(session, 'difference', { most: mostDifferences }, asked);
  useEffect(() => setAsked(true), []);
  return (
    <section class={busy ? 'card linking' : 'card'} aria-labelledby="difference-title" aria-busy={busy}>
      <h2 id="difference-title">
        {session.outcome.value?.looked ? 'Difference' : 'Difference from the previous link'}
      </h2>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {!busy && !answer && (
        <p class="muted">
          {session.outcome.value?.looked
            ? 'Choose above what to compare it with, or drop another module or metafile.'
            : 'There is no previous link yet. Change an input or an option to see what becomes larger or smaller.'}
        </p>
      )}
      {answer && (
        <>
          <p>
            {bytesText(answer.before)} before, {bytesText(answer.after)} now:{' '}
            <strong>{signed(answer.after - answer.before)} bytes</strong>
            {answer.itemCount === 0 && <span class="muted">; nothing differs</span>}
          </p>
          {(answer.itemCount > 0 || answer.sections.length > 0) && (
            <RowTable
              label="What differs"
              columns={['What', 'Change', number('Before'), number('Now'), number('By')]}
              rows={[...answer.sections, ...answer.items]}
              count={answer.sections.length + answer.itemCount}
              cells={(row) => [
                <>
                  {row.kind === 'section' ? (
                    <strong>
                      <Name text={row.display} most={80} />
                    </strong>
                  ) : (
                    <Name text={row.display} most={80} />
                  )}{' '}
                  <span class="muted">
                    {row.kind === 'section' ? 'section' : <Name text={(row as DiffRow).file ?? ''} most={40} />}
                  </span>
                </>,
                row.change,
                row.before.toLocaleString('en'),
                row.after.toLocaleString('en'),
                <span class={row.after > row.before ? 'more' : 'less'}>{signed(row.after - row.before)}</span>,
              ]}
            />
          )}
        </>
      )}
    </section>
  );
}

function signed(n: number): string {
  return n > 0 ? `+${n.toLocaleString('en')}` : n < 0 ? `−${(-n).toLocaleString('en')}` : '±0';
}
