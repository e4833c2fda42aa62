import '../code.css';
import { baseName } from '../inspector/base_name';
import { signal } from '@preact/signals';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Code, CodeLine } from '../inspector/code';
import { outputFile } from '../inspector/workspace';
import { go, hrefOf, place } from '../place';
import { isCompiled } from '../playground';
import type { Session } from '../session';
import { chooseTexts, sourceText } from '../source_texts';
import { plural, shown } from '../text';
import { useAnswer } from './answer';
import { EmptyView } from './empty_view';
import { BytesLink, placeOf, SymbolLink } from './link_to';
import { Name } from './name';
import { useVirtualRows } from './virtual';

const rowHeight = 20;
const mostFunctions = 500;
/** So many colours tell lines apart (code.css). */
const tints = 8;
/** Of a long instruction, so many bytes are written out. */
const mostBytes = 10;

/** What was looked at last, for when the view is opened without saying what. */
const last = signal<{ file: string; offset?: number } | undefined>(undefined);

/** What is pointed at: a line of a source, and perhaps one of its instructions. */
interface Lit {
  place?: number | undefined;
  row?: number | undefined;
  /** A row of the source. */
  line?: number | undefined;
}

/** A function's source, its instructions and their bytes side by side. */
export function CodeView({ session }: { session: Session }) {
  const { file: wanted, offset } = place.value;
  // A finished module that is looked at takes the place of a link.
  const isLooked = session.outcome.value?.looked !== undefined;
  const names = isLooked ? [] : session.linked.value.map(({ name }) => name);
  const written = session.playground.sources.value.filter(({ name }) => isCompiled(name));
  const known = (name: string | undefined) =>
    name !== undefined &&
    (name === outputFile || names.some((input) => input === name || name.startsWith(`${input}(`)));
  const remembered = known(last.value?.file) ? last.value : undefined;
  const file =
    wanted ??
    remembered?.file ??
    written.map(({ object }) => object).find(known) ??
    names.find((name) => /\.(o|wasm|obj)$/.test(name) && !/crt1/.test(name)) ??
    (session.outcome.value?.output ? outputFile : names[0]);
  const at = wanted === undefined ? remembered?.offset : offset;
  const { answer, busy, error } = useAnswer(session, 'code', { file: file ?? '', offset: at }, file !== undefined);
  useEffect(() => {
    if (file !== undefined) last.value = at === undefined ? { file } : { file, offset: at };
  }, [file, at]);
  if (file === undefined)
    return (
      <EmptyView session={session} picture="code" title="Source, instructions and bytes">
        See what each line of a program became: its instructions, and their bytes.
      </EmptyView>
    );
  return (
    <section class={busy ? 'code-view linking' : 'code-view'} aria-labelledby="code-view-title" aria-busy={busy}>
      <h2 id="code-view-title" class="unseen">
        Code
      </h2>
      <Picker session={session} file={file} code={answer?.file === file ? answer : undefined} names={names} />
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {answer && (
        <Panes
          key={`${answer.file}\0${answer.begin}`}
          session={session}
          code={answer}
          offset={answer.file === file ? at : undefined}
        />
      )}
      {!answer && !busy && error === undefined && (
        <p class="muted">
          {at === undefined
            ? 'There is no function with code in this file.'
            : 'There is no function at this offset of the file.'}
        </p>
      )}
    </section>
  );
}

interface PickerProps {
  session: Session;
  file: string;
  code: Code | undefined;
  names: string[];
}

/** Which file and which function is shown, and the same function on the other side of the link. */
function Picker({ session, file, code, names }: PickerProps) {
  const [text, setText] = useState('');
  const { answer } = useAnswer(session, 'functions', { file, text, most: mostFunctions });
  const isOutput = file === outputFile;
  const choices = [
    ...names.filter((name) => !name.endsWith('.a')),
    ...(session.outcome.value?.output ? [outputFile] : []),
  ];
  if (!choices.includes(file)) choices.unshift(file);
  const rows = answer?.rows ?? [];
  const isListed = code === undefined || rows.some(({ offset }) => offset === code.begin);
  return (
    <div class="filters code-picker">
      <label class="filter">
        <span class="label">File</span>
        <select value={file} onChange={(event) => go({ view: 'code', file: event.currentTarget.value })}>
          {choices.map((name) => (
            <option key={name} value={name}>
              {name === outputFile ? 'the output' : shown(name, 80)}
            </option>
          ))}
        </select>
      </label>
      <label class="filter wide">
        <span class="label">
          Function{answer && answer.count > rows.length && ` (${rows.length} of ${answer.count.toLocaleString('en')})`}
        </span>
        <select
          value={code?.begin}
          onChange={(event) => go({ view: 'code', file, offset: Number(event.currentTarget.value) })}
        >
          {code && !isListed && <option value={code.begin}>{shown(code.display, 100)}</option>}
          {rows.map(({ display, offset, size }) => (
            <option key={offset} value={offset}>
              {shown(display, 100)}, {plural(size, 'byte')}
            </option>
          ))}
        </select>
      </label>
      {(text !== '' || (answer && answer.count > 30)) && (
        <label class="filter">
          <span class="label">Find a function</span>
          <input
            type="text"
            spellcheck={false}
            autocapitalize="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
      {code?.twin && (
        <nav class="sides" aria-label="Before and after the link">
          {[isOutput ? code.twin : code, isOutput ? code : code.twin].map((side, i) => {
            const at = 'begin' in side ? side.begin : side.offset;
            return (
              <a
                key={i}
                href={hrefOf({ view: 'code', file: side.file, offset: at })}
                aria-current={side === code ? 'true' : undefined}
              >
                {i === 0 ? 'before the link' : 'after the link'}
              </a>
            );
          })}
        </nav>
      )}
    </div>
  );
}

interface PanesProps {
  session: Session;
  code: Code;
  /** The byte to show. */
  offset: number | undefined;
}

function Panes({ session, code, offset }: PanesProps) {
  const [lit, setLit] = useState<Lit>({});
  const wanted =
    offset === undefined || offset <= code.begin
      ? -1
      : code.lines.findIndex(({ begin, end }) => offset >= begin && offset < end);
  const wantedPlace = code.lines[wanted]?.place;
  const { name, begin, end, file, slot } = code;
  return (
    <>
      <p class="code-facts">
        <strong>
          <Name text={code.display} most={200} />
        </strong>{' '}
        <span class="muted">
          function {code.index} of {file === outputFile ? 'the output' : shown(file, 80)}, {plural(end - begin, 'byte')}{' '}
          from <BytesLink file={file} offset={begin} />
          {slot !== undefined && `, slot ${slot} of the table`}.{' '}
          <a href={hrefOf(placeOf({ file, name, at: begin }))}>Why it is there</a>
        </span>
      </p>
      <div class="code-panes" onMouseLeave={() => setLit({})}>
        <Source session={session} code={code} lit={lit} setLit={setLit} wanted={wantedPlace} />
        <Instructions code={code} lit={lit} setLit={setLit} wanted={wanted} />
      </div>
    </>
  );
}

interface PaneProps {
  code: Code;
  lit: Lit;
  setLit(lit: Lit): void;
}

interface SourceRow {
  line: number;
  text: string;
  place?: number;
  elsewhere?: { file: string; offset: number };
}

function Source({ session, code, lit, setLit, wanted }: PaneProps & { session: Session; wanted: number | undefined }) {
  const scroll = useRef<HTMLDivElement>(null);
  const texts = code.sources.map((path) => sourceText(session, path));
  // The one that is asked for, else the one with most of it that is here.
  const [chosen, setChosen] = useState<number>();
  const asked = wanted === undefined ? undefined : code.places[wanted]?.source;
  const pointed = lit.row === undefined || lit.place === undefined ? undefined : code.places[lit.place]?.source;
  const source =
    chosen ??
    asked ??
    Math.max(
      0,
      texts.findIndex((text) => text !== undefined),
    );
  const known = texts[source];
  const rows = useMemo(() => rowsOf(code, source, known?.text), [code, source, known?.text]);
  const { rows: seen, total, show } = useVirtualRows(scroll, rows.length, rowHeight);
  const rowOfPlace = (of: number | undefined) => (of === undefined ? -1 : rows.findIndex(({ place }) => place === of));
  // What is asked for; else where the function begins.
  useEffect(() => {
    const first = rows.findIndex(({ place }) => place !== undefined);
    const row = wanted !== undefined && rowOfPlace(wanted) >= 0 ? rowOfPlace(wanted) : first;
    if (scroll.current && row >= 0) {
      const above = wanted === undefined ? 3 * rowHeight : scroll.current.clientHeight / 3;
      scroll.current.scrollTop = Math.max(0, row * rowHeight - above);
    }
  }, [rows, wanted]);
  // The keyboard moves in the instructions: their line follows.
  useEffect(() => {
    const row = rowOfPlace(lit.row === undefined ? undefined : lit.place);
    if (row >= 0 && scroll.current?.parentElement?.parentElement?.contains(document.activeElement)) show(row);
  }, [lit.place, lit.row]);
  const active = lit.line ?? rowOfPlace(lit.place);
  const name = code.sources[source];
  if (name === undefined) return <NoLines session={session} code={code} />;
  const open = (row: SourceRow | undefined) => {
    if (row?.place !== undefined) {
      const line = code.lines.find(({ place }) => place === row.place);
      if (line) go({ view: 'code', file: code.file, offset: line.begin });
    } else if (row?.elsewhere) go({ view: 'code', ...row.elsewhere });
  };
  return (
    <div class="code-pane">
      <div class="code-head">
        {code.sources.length > 1 ? (
          <select aria-label="Source" value={source} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {code.sources.map((path, i) => (
              <option key={path} value={i}>
                {shown(baseName(path), 60)}
                {texts[i] ? '' : ' (not here)'}
              </option>
            ))}
          </select>
        ) : (
          <Name text={baseName(name)} most={60} />
        )}
        {known?.isNewer && <span class="muted">edited since it was compiled</span>}
        {!known && <ChooseText name={baseName(name)} />}
        {pointed !== undefined && pointed !== source && lit.place !== undefined && (
          <span class="muted">
            from {shown(baseName(code.sources[pointed]!), 40)}, line {code.places[lit.place]!.line}
          </span>
        )}
      </div>
      <div
        class="code-scroll"
        ref={scroll}
        tabIndex={0}
        role="listbox"
        aria-label={`Source: ${shown(baseName(name), 60)}`}
        aria-activedescendant={active >= 0 ? `source-${active}` : undefined}
        onKeyDown={(event) => {
          const next = nextRow(event.key, active, rows, ({ place, elsewhere }) => Boolean(place ?? elsewhere));
          if (event.key === 'Enter') open(rows[active]);
          else if (next !== undefined) {
            event.preventDefault();
            setLit({ place: rows[next]!.place, line: next });
            show(next);
          }
        }}
      >
        <div class="virtual" style={{ height: total }}>
          {seen.map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            const { line, text, place: of, elsewhere } = row;
            return (
              <div
                key={index}
                id={`source-${index}`}
                role="option"
                aria-selected={of !== undefined && of === wanted}
                class={`${rowClass(of, lit.place, of !== undefined && of === wanted, elsewhere !== undefined)}${index === lit.line && (of ?? elsewhere) !== undefined ? ' pointed' : ''}`}
                style={{ transform: `translateY(${start}px)` }}
                onMouseEnter={() => setLit({ place: of, line: index })}
                onClick={() => open(row)}
                title={elsewhere && 'This line has code in another function'}
              >
                <span class="code-number">{line}</span>
                {text}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The lines of a source; of one that is not here, those that have code. */
function rowsOf(code: Code, source: number, text: string | undefined): SourceRow[] {
  const places = new Map<number, number>();
  code.places.forEach((place, i) => place.source === source && places.set(place.line, i));
  const elsewhere = new Map<number, { file: string; offset: number }>();
  for (const { source: of, line, file, offset } of code.elsewhere)
    if (of === source) elsewhere.set(line, { file, offset });
  const rowOf = (line: number, text: string): SourceRow => {
    const [of, other] = [places.get(line), elsewhere.get(line)];
    return { line, text, ...(of === undefined ? {} : { place: of }), ...(other ? { elsewhere: other } : {}) };
  };
  if (text === undefined) {
    const count = new Map<number, number>();
    for (const { place } of code.lines.slice(1)) if (place !== undefined) count.set(place, (count.get(place) ?? 0) + 1);
    return [...places]
      .sort((a, b) => a[0] - b[0])
      .map(([line, of]) => rowOf(line, plural(count.get(of) ?? 0, 'instruction')));
  }
  return text.split('\n').map((content, i) => rowOf(i + 1, shown(content.replaceAll('\t', '    ').trimEnd(), 500)));
}

function rowClass(of: number | undefined, lit: number | undefined, isWanted: boolean, isElsewhere = false): string {
  const classes = ['code-row'];
  if (of !== undefined) classes.push(`tint-${of % tints}`);
  if (of !== undefined && of === lit) classes.push('lit');
  if (isWanted) classes.push('wanted');
  if (isElsewhere) classes.push('elsewhere');
  return classes.join(' ');
}

/** The row that a key leads to, among those that can be pointed at. */
function nextRow<Row>(
  key: string,
  from: number,
  rows: readonly Row[],
  isRow: (row: Row) => boolean,
): number | undefined {
  const step = { ArrowDown: 1, ArrowUp: -1, Home: 1, End: -1, PageDown: 1, PageUp: -1 }[key];
  if (step === undefined) return undefined;
  const far = key.startsWith('Page') ? 15 : 1;
  let row =
    key === 'Home'
      ? 0
      : key === 'End'
        ? rows.length - 1
        : from < 0
          ? step > 0
            ? 0
            : rows.length - 1
          : from + step * far;
  row = Math.max(0, Math.min(rows.length - 1, row));
  for (let at = row; at >= 0 && at < rows.length; at += step) if (isRow(rows[at]!)) return at;
  return undefined;
}

function ChooseText({ name }: { name: string }) {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="small-button" onClick={() => picker.current?.click()}>
        Choose {shown(name, 40)}…
      </button>
      <input
        ref={picker}
        id="source-text"
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          void chooseTexts(currentTarget.files ?? []).then(() => (currentTarget.value = ''));
        }}
      />
    </>
  );
}

/** In the place of a source, why there is none and what can be done. */
function NoLines({ session, code }: { session: Session; code: Code }) {
  const { playground } = session;
  const before = code.file === outputFile ? code.twin?.file : code.file;
  const source = playground.sources.value.find(({ object, name }) => isCompiled(name) && object === before);
  const isWat = source?.name.endsWith('.wat');
  return (
    <div class="code-pane no-lines">
      <p>
        <strong>Nothing says which lines these instructions come from.</strong>
      </p>
      {isWat ? (
        <p class="muted">wat has no line table: each instruction below is one that you wrote.</p>
      ) : source ? (
        <>
          <p class="muted">
            {shown(source.name, 80)} was compiled without <code>-g1</code>, which puts a table of lines into the object.
          </p>
          <button
            type="button"
            class="primary"
            onClick={() => {
              playground.flags.value = `${playground.flags.value} -g1`.trim();
              void playground.compile();
            }}
          >
            Compile with -g1
          </button>
        </>
      ) : (
        <p class="muted">
          An object has a line table (<code>.debug_line</code>) if it is compiled with <code>-g</code>, or with{' '}
          <code>-gline-tables-only</code>, which makes it only a little larger.
        </p>
      )}
    </div>
  );
}

function Instructions({ code, lit, setLit, wanted }: PaneProps & { wanted: number }) {
  const scroll = useRef<HTMLDivElement>(null);
  const { lines } = code;
  const { rows: seen, total, show } = useVirtualRows(scroll, lines.length, rowHeight);
  useEffect(() => {
    if (scroll.current && wanted >= 0)
      scroll.current.scrollTop = Math.max(0, wanted * rowHeight - scroll.current.clientHeight / 3);
  }, [wanted]);
  // The keyboard moves in the source: the line's first instruction follows.
  useEffect(() => {
    if (lit.place === undefined || lit.row !== undefined) return;
    const first = lines.findIndex(({ place }) => place === lit.place);
    if (first >= 0 && scroll.current?.parentElement?.parentElement?.contains(document.activeElement)) show(first);
  }, [lit.place, lit.row]);
  const active = lit.row ?? (wanted >= 0 ? wanted : -1);
  return (
    <div class="code-pane">
      <div class="code-head instructions-head" aria-hidden="true">
        <span class="code-number is-offset">offset</span>
        <span class="code-bytes">bytes</span>
        <span>instruction</span>
      </div>
      <div
        class="code-scroll instructions"
        ref={scroll}
        tabIndex={0}
        role="grid"
        aria-label="Instructions and bytes"
        aria-rowcount={lines.length}
        aria-activedescendant={active >= 0 ? `instruction-${active}` : undefined}
        onKeyDown={(event) => {
          if (event.target !== event.currentTarget) return; // a link
          const next = nextRow(event.key, active, lines, () => true);
          if (event.key === 'Enter' && lines[active])
            go({ view: 'code', file: code.file, offset: lines[active].begin });
          else if (next !== undefined) {
            event.preventDefault();
            setLit({ row: next, place: lines[next]!.place });
            show(next);
          }
        }}
      >
        <div class="virtual" role="rowgroup" style={{ height: total }}>
          {seen.map(({ index, start }) => {
            const line = lines[index];
            return (
              line && (
                <div
                  key={index}
                  id={`instruction-${index}`}
                  role="row"
                  aria-rowindex={index + 1}
                  aria-selected={index === wanted}
                  class={`${rowClass(line.place, lit.place, index === wanted)}${index === lit.row ? ' pointed' : ''}`}
                  style={{ transform: `translateY(${start}px)` }}
                  onMouseEnter={() => setLit({ row: index, place: line.place })}
                  onClick={(event) => {
                    if (!(event.target as Element).closest('a'))
                      go({ view: 'code', file: code.file, offset: line.begin });
                  }}
                >
                  <span class="code-number is-offset" role="rowheader">
                    {line.begin.toString(16)}
                  </span>
                  <Bytes code={code} line={line} />
                  <span class="code-text" role="gridcell">
                    {line.text}
                    {line.symbol !== undefined && <Target code={code} line={line} isHead={index === 0} />}
                    {line.rest}
                  </span>
                </div>
              )
            );
          })}
        </div>
      </div>
      {code.truncated && <p class="muted small">The first {lines.length.toLocaleString('en')} instructions.</p>}
    </div>
  );
}

/** A function leads to its own code, anything else to its symbol. */
function Target({ code, line, isHead }: { code: Code; line: CodeLine; isHead: boolean }) {
  const { symbol, at, display } = line;
  const isCall = !isHead && at !== undefined && /\bcall |ref\.func /.test(line.text);
  if (isCall)
    return (
      <a href={hrefOf({ view: 'code', file: code.file, offset: at })}>
        <Name text={display ?? symbol!} most={100} />
      </a>
    );
  return <SymbolLink file={code.file} name={symbol!} at={at} display={display ?? symbol!} most={100} />;
}

/** The bytes of an instruction. Those that the linker fills in are marked. */
function Bytes({ code, line }: { code: Code; line: CodeLine }) {
  const all = [...code.bytes.subarray(line.begin - code.begin, line.end - code.begin)];
  const cut = all.length > mostBytes ? all.slice(0, mostBytes - 1) : all;
  const isMarked = (i: number) => line.marks?.some(({ begin, end }) => line.begin + i >= begin && line.begin + i < end);
  const runs: { text: string; marked: boolean }[] = [];
  cut.forEach((byte, i) => {
    const [text, marked] = [byte.toString(16).padStart(2, '0'), isMarked(i) === true];
    const before = runs.at(-1);
    if (before?.marked === marked) before.text += ` ${text}`;
    else runs.push({ text, marked });
  });
  return (
    <span class="code-bytes" role="gridcell">
      {runs.map(({ text, marked }, i) => (
        <span key={i}>
          {i > 0 && ' '}
          <span class={marked ? 'is-relocation' : undefined}>{text}</span>
        </span>
      ))}
      {all.length > cut.length && <span class="muted"> … {all.length} bytes</span>}
    </span>
  );
}
