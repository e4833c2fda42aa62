import { signal } from '@preact/signals';
import { Component, type RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Slice, useSlices } from '../../wasm-weld-views/src/slices';
import { everything, type FileLine, type SymbolCount } from '../inspector/questions';
import { symbolKinds, symbolStates, type SymbolFilter, type SymbolId, type SymbolLine } from '../inspector/symbols';
import { outputFile } from '../inspector/workspace';
import { amend, go, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { optionsAtOnce, useAnswer, type Waiting } from './answer';
import { placeOf } from './link_to';
import { Name } from './name';
import { EmptyView } from './empty_view';
import { Detail } from './symbol_detail';
import { filterOf, noFilter, spelledFilter } from './symbol_filter';
import { useVirtualRows } from './virtual';
import { stateWords } from './words';

const rowHeight = 27;
const headHeight = 31;
/** More rows than are ever seen: those that leave are used again for those that come. */
const pool = 256;
/** Rows come from the worker so many at a time. */
const blockSize = 128;

// They stay when another view is looked at meanwhile.
const filter = signal<SymbolFilter>(noFilter);
const chosenScope = signal(everything);

type Column = Exclude<SymbolFilter['sort'], ''>;
const columns: [Column, string][] = [
  ['name', 'Name'],
  ['kind', 'Kind'],
  ['binding', 'Binding'],
  ['size', 'Size'],
  ['state', 'State'],
  ['file', 'File'],
];

export function Symbols({ session }: { session: Session }) {
  const files = useAnswer(session, 'files', undefined).answer;
  const { file, symbol } = place.value;
  // A symbol of the output is looked for in the output's table, one of an input in what is chosen, else in everything's.
  useEffect(() => {
    if (place.peek().of !== undefined) return;
    if (file === outputFile) chosenScope.value = outputFile;
    else if (file !== undefined && symbol === undefined) chosenScope.value = file;
    else if (chosenScope.value === outputFile && file !== undefined) chosenScope.value = everything;
  }, [file, symbol]);
  useFilterInAddress();
  // What was chosen may have been removed; it is chosen again when it comes again.
  const chosen = chosenScope.value;
  const isThere =
    !files || files.some(({ name, members }) => name === chosen || members.some((member) => member.name === chosen));
  const scope = session.outcome.value?.looked ? outputFile : isThere ? chosen : everything;
  if (session.linked.value.length === 0 && !session.outcome.value?.looked)
    return (
      <EmptyView session={session} picture="table" title="Symbols">
        See the names that files define and need, what became of each, and what refers to it.
      </EmptyView>
    );
  return (
    <section class="card symbols" aria-labelledby="symbols-title">
      <h2 id="symbols-title" class="unseen">
        Symbols
      </h2>
      <Filters files={files ?? noFiles} scope={scope} />
      <Table session={session} scope={scope} />
    </section>
  );
}

/** The address says what is filtered, and is followed when it comes from elsewhere: a link, or the way back. */
function useFilterInAddress(): void {
  const { view, find } = place.value;
  const spelled = spelledFilter(filter.value);
  // What was written into the address here is not followed: it comes back late, when something else may be chosen.
  const written = useRef<string>();
  useLayoutEffect(() => {
    if (find === undefined || find === written.current) return; // what a link or an older place does not say stays
    written.current = undefined;
    filter.value = filterOf(find);
  }, [find]);
  const isFirst = useRef(true);
  useEffect(() => {
    if (isFirst.current && find !== undefined) return void (isFirst.current = false);
    isFirst.current = false;
    const timer = setTimeout(() => {
      if (place.peek().view !== 'symbols' || place.peek().find === spelled) return;
      written.current = spelled;
      amend({ find: spelled });
    }, 200);
    return () => clearTimeout(timer);
  }, [spelled, view, find === undefined]);
}

const noFiles: readonly FileLine[] = [];
/** More files are not offered. */
const mostFiles = 5000;

function Filters({ files, scope }: { files: readonly FileLine[]; scope: string }) {
  const value = filter.value;
  const inputs = useMemo(() => files.filter(({ name }) => name !== outputFile).slice(0, mostFiles), [files]);
  const { slices } = useSlices(inputs, { first: optionsAtOnce });
  const chooseScope = (chosen: string) => {
    chosenScope.value = chosen;
    go({ view: 'symbols', ...(chosen === everything ? {} : { file: chosen }) });
  };
  const set = (change: Partial<SymbolFilter>) => (filter.value = { ...filter.value, ...change });
  const choice = <K extends 'kind' | 'binding' | 'defined' | 'state'>(
    name: K,
    label: string,
    choices: readonly string[],
    words: (choice: string) => string = (c) => c,
  ) => (
    <label class="filter">
      <span class="label">{label}</span>
      <select value={value[name]} onChange={(event) => set({ [name]: event.currentTarget.value })}>
        <option value="">any</option>
        {choices.map((c) => (
          <option key={c} value={c}>
            {words(c)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class="filters" role="search" aria-label="Filter of symbols">
      <label class="filter wide">
        <span class="label">Find</span>
        <input
          type="text"
          spellcheck={false}
          autocapitalize="off"
          value={value.text}
          onInput={(event) => set({ text: event.currentTarget.value })}
        />
      </label>
      <label class="filter wide">
        <span class="label">Of</span>
        <select value={scope} onChange={(event) => chooseScope(event.currentTarget.value)}>
          <option value={everything}>all inputs</option>
          {files.some(({ name }) => name === outputFile) && <option value={outputFile}>the output</option>}
          {![everything, outputFile].includes(scope) &&
            !slices.some((some) => some.some(({ name }) => name === scope)) && (
              <option value={scope}>{shown(scope, 80)}</option>
            )}
          {slices.map((some, at) => (
            <Slice
              key={at}
              items={some}
              by={[]}
              draw={({ name }) => (
                <option key={name} value={name}>
                  {shown(name, 80)}
                </option>
              )}
            />
          ))}
        </select>
      </label>
      {choice('kind', 'Kind', symbolKinds)}
      {choice('binding', 'Binding', ['global', 'weak', 'local'])}
      {choice('defined', 'Defined', ['defined', 'undefined'])}
      {choice(
        'state',
        'State',
        symbolStates.filter((s) => s !== 'unknown'),
        (s) => stateWords[s as keyof typeof stateWords].short,
      )}
      <label class="check">
        <input type="checkbox" checked={value.raw} onChange={(event) => set({ raw: event.currentTarget.checked })} />
        Raw names
      </label>
    </div>
  );
}

/** While one types, the worker is not asked for each letter. */
function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

/** What the address names, and what of the table that is; without `is`, nothing. */
interface Found {
  wanted: SymbolId;
  is?: SymbolId & { place: number };
}

/** What is chosen of the symbols. Of a large link, it is seen before it is known what became of them. */
function useTable(session: Session, scope: string, filter: SymbolFilter, isAsked: boolean): Waiting<SymbolCount> {
  const [state, setState] = useState<Waiting<SymbolCount>>({ answer: undefined, busy: true });
  const outcome = session.outcome.value;
  useEffect(() => {
    if (!isAsked) return;
    let isNewest = true;
    const take = (answer: SymbolCount) => isNewest && setState({ answer, busy: false });
    const fail = (error: Error) => isNewest && setState({ answer: undefined, busy: false, error: error.message });
    setState((old) => ({ ...old, busy: true }));
    session.ask('symbols', { scope, filter, early: true }).then((answer) => {
      take(answer);
      if (isNewest && !answer.isTold) session.ask('symbols', { scope, filter }).then(take, fail);
    }, fail);
    return () => void (isNewest = false);
  }, [outcome, scope, filter, isAsked]);
  return state;
}

function Table({ session, scope }: { session: Session; scope: string }) {
  const wanted = useSettled(filter.value, 80);
  // Before the first link ended, the worker knows of no symbols.
  const hasLinked = session.outcome.value !== undefined;
  const { answer, busy, error } = useTable(session, scope, wanted, hasLinked);
  const count = answer?.count ?? 0;
  const scroll = useRef<HTMLDivElement>(null);
  const { rows, total, show } = useVirtualRows(scroll, count, rowHeight, headHeight);
  const [active, setActive] = useState(0);
  const [found, setFound] = useState<Found>();
  const selected = found?.is;
  const lineAt = useLines(session, answer, rows);

  // Other rows start at their top, and the rows of another link stay where they are.
  const rowsOf = JSON.stringify([scope, wanted]);
  const shownRowsOf = useRef(rowsOf);
  useLayoutEffect(() => {
    if (busy || shownRowsOf.current === rowsOf) return;
    shownRowsOf.current = rowsOf;
    setActive(0);
    show(0);
  }, [answer]);

  // What the address names is selected, and shown where it is among the rows.
  const { file, symbol, offset } = place.value;
  const isFinding =
    found !== undefined && (found.wanted.file !== file || found.wanted.name !== symbol || found.wanted.at !== offset);
  useEffect(() => {
    if (symbol === undefined) return setFound(undefined);
    // Rows of another table are on their way.
    if (answer?.scope !== scope) return;
    let gone = false;
    const wanted: SymbolId = { file, name: symbol, at: offset };
    session.ask('findSymbol', { scope, ...wanted }).then(
      (is) => {
        if (gone) return;
        if (!is && scope !== everything && file !== outputFile) chosenScope.value = everything;
        else setFound(is ? { wanted, is } : { wanted });
      },
      () => {}, // then the table could not be read either, and that is said
    );
    return () => void (gone = true);
  }, [file, symbol, offset, answer, scope]);
  // Once: who scrolls on is not called back by the next link.
  const side = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (selected && selected.place >= 0) {
      setActive(selected.place);
      show(selected.place);
    }
    if (found) side.current?.scrollIntoView({ block: 'nearest' });
  }, [found && JSON.stringify(found.wanted)]);

  const choose = (at: number) => {
    const line = lineAt(at);
    setActive(at);
    if (!line?.file || !isIn(line.file, scope)) return; // a row of the table before, which is still seen
    const to = placeOf(line);
    setFound({ wanted: { file: to.file, name: line.name, at: to.offset }, is: { ...line, place: at } });
    go(to);
  };
  const newest = useRef(choose);
  newest.current = choose;
  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName === 'BUTTON' || count === 0) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (to !== undefined) {
      const row = Math.min(Math.max(to, 0), count - 1);
      setActive(row);
      show(row);
    } else if (event.key === 'Enter' || event.key === ' ') choose(active);
    else return;
    event.preventDefault();
  };
  const sortBy = (column: Column) => {
    const { sort, descending } = filter.value;
    filter.value = { ...filter.value, sort: column, descending: sort === column ? !descending : column === 'size' };
  };

  return (
    <>
      <p class="muted table-count" role="status">
        {error !== undefined
          ? `This could not be read: ${shown(error, 300)}`
          : answer
            ? `${answer.count === answer.total ? plural(count, 'symbol') : `${count.toLocaleString('en')} of ${plural(answer.total, 'symbol')}`}${answer.bytes > 0 ? `, ${bytesText(answer.bytes)}` : ''}${answer.isTold ? '' : '. What became of them is being found out…'}`
            : 'Reading…'}
      </p>
      <div class="split">
        <div
          class={busy ? 'grid linking' : 'grid'}
          ref={scroll}
          role="grid"
          aria-label="Symbols"
          aria-rowcount={count + 1}
          aria-colcount={columns.length}
          aria-busy={busy}
          aria-activedescendant={rows.some(({ index }) => index === active) ? `symbol-${active}` : undefined}
          tabIndex={0}
          onKeyDown={onKeyDown}
        >
          <div role="rowgroup">
            <div role="row" class="grid-row grid-head" aria-rowindex={1}>
              {columns.map(([column, label]) => (
                <span
                  key={column}
                  role="columnheader"
                  class={column}
                  aria-sort={
                    filter.value.sort !== column ? 'none' : filter.value.descending ? 'descending' : 'ascending'
                  }
                >
                  <button type="button" class="sort" onClick={() => sortBy(column)}>
                    {label}
                    <span aria-hidden="true">
                      {filter.value.sort !== column ? '' : filter.value.descending ? ' ↓' : ' ↑'}
                    </span>
                  </button>
                </span>
              ))}
            </div>
          </div>
          <div class="grid-body" role="rowgroup" style={{ height: total }}>
            {rows.map(({ index, start }) => (
              <Row
                key={index % pool}
                index={index}
                top={start}
                line={lineAt(index)}
                isTold={answer?.isTold !== false}
                raw={wanted.raw}
                active={index === active}
                selected={isSame(lineAt(index), selected)}
                choose={(row) => newest.current(row)}
              />
            ))}
          </div>
        </div>
        {found && <SelectedDetail session={session} found={found} isFinding={isFinding} box={side} />}
      </div>
    </>
  );
}

function isIn(file: string, scope: string): boolean {
  return scope === everything ? file !== outputFile : file === scope || file.startsWith(`${scope}(`);
}

function isSame(line: SymbolId | undefined, other: SymbolId | undefined): boolean {
  return (
    line !== undefined &&
    other !== undefined &&
    line.name === other.name &&
    line.file === other.file &&
    line.at === other.at
  );
}

interface RowProps {
  index: number;
  top: number;
  line: SymbolLine | undefined;
  /** Its state is known. */
  isTold: boolean;
  raw: boolean;
  active: boolean;
  selected: boolean;
  choose(row: number): void;
}

class Row extends Component<RowProps> {
  /** `choose` is another function each time, and does the same. */
  override shouldComponentUpdate(next: RowProps): boolean {
    const { index, top, line, isTold, raw, active, selected } = this.props;
    return (
      next.index !== index ||
      next.top !== top ||
      next.line !== line ||
      next.isTold !== isTold ||
      next.raw !== raw ||
      next.active !== active ||
      next.selected !== selected
    );
  }

  override render() {
    return <RowCells {...this.props} />;
  }
}

function RowCells({ index, top, line, isTold, raw, active, selected, choose }: RowProps) {
  return (
    <div
      id={`symbol-${index}`}
      role="row"
      class={`grid-row ${active ? 'active' : ''} ${line?.state ?? ''}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => choose(index)}
    >
      <span role="gridcell" class="name" dir="auto">
        {line && (raw ? shown(line.name, 160) : shown(line.display, 160))}
      </span>
      <span role="gridcell" class="kind">
        {line?.kind}
      </span>
      <span role="gridcell" class="binding">
        {line && (line.defined || line.state === 'undefined' ? line.binding : `${line.binding}, undefined`)}
      </span>
      <span role="gridcell" class="size">
        {line?.size?.toLocaleString('en')}
      </span>
      <span role="gridcell" class="state">
        {line && (isTold ? stateWords[line.state].short : '…')}
      </span>
      <span role="gridcell" class="file name" dir="auto">
        {line && shown(line.file, 60)}
      </span>
    </div>
  );
}

/** The lines that are seen, from the worker in blocks; those around them are kept. */
function useLines(
  session: Session,
  answer: { scope: string } | undefined,
  rows: { index: number }[],
): (row: number) => (SymbolLine & SymbolId) | undefined {
  type Blocks = Map<number, (SymbolLine & SymbolId)[] | 'asked'>;
  const blocks = useRef<{ answer: object | undefined; of: Blocks; old: Blocks }>({
    answer: undefined,
    of: new Map(),
    old: new Map(),
  });
  const [, draw] = useState(0);
  // Until the new rows have come, the old ones stay: nothing flashes.
  if (blocks.current.answer !== answer) blocks.current = { answer, of: new Map(), old: blocks.current.of };
  const { of: known, old } = blocks.current;
  const first = Math.floor((rows[0]?.index ?? 0) / blockSize);
  const last = Math.floor((rows.at(-1)?.index ?? -1) / blockSize);
  useEffect(() => {
    if (!answer) return;
    for (let block = first; block <= last; block++) {
      if (known.has(block)) continue;
      known.set(block, 'asked');
      session.ask('symbolLines', { scope: answer.scope, from: block * blockSize, to: (block + 1) * blockSize }).then(
        (lines) => {
          known.set(block, lines);
          if (blocks.current.of === known) draw((n) => n + 1);
        },
        () => known.delete(block),
      );
    }
    if (known.size > 64)
      for (const block of known.keys()) if (block < first - 16 || block > last + 16) known.delete(block);
  }, [answer, first, last]);
  return (row) => {
    const block = known.get(Math.floor(row / blockSize));
    if (block !== undefined && block !== 'asked') return block[row % blockSize];
    const before = old.get(Math.floor(row / blockSize));
    return before === undefined || before === 'asked' ? undefined : before[row % blockSize];
  };
}

function SelectedDetail({
  session,
  found: { wanted, is },
  isFinding,
  box,
}: {
  session: Session;
  found: Found;
  isFinding: boolean;
  box: RefObject<HTMLElement>;
}) {
  const {
    answer,
    busy: isReading,
    error,
  } = useAnswer(session, 'symbolDetail', { file: is?.file, name: is?.name ?? '', at: is?.at }, is !== undefined);
  const { file, name } = wanted;
  const busy = isFinding || (is !== undefined && isReading);
  return (
    <aside
      ref={box}
      class={`side ${busy ? 'linking' : ''} ${is ? '' : 'nothing'}`}
      aria-label="Symbol"
      aria-busy={busy}
    >
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {is && answer && <Detail key={`${answer.file}/${answer.name}/${answer.at}`} session={session} detail={answer} />}
      {!is && (
        <p class="muted">
          There is no symbol <Name text={name} most={200} />
          {file !== undefined && <> in {file === outputFile ? 'the output' : <Name text={file} most={80} />}</>}.
        </p>
      )}
    </aside>
  );
}
