// What the bytes of an output belong to: in words, as a map, as tables; and what differs from an older output.
import { useEffect, useRef, useState } from 'preact/hooks';
import { download, pngOf, svgOf, type Picture } from './picture';
import { SizeMap } from './size_map';
import {
  parts,
  type Grouping,
  type Keeper,
  type Part,
  type SizeAnswer,
  type SizeNode,
  type SizeQuery,
  type SizeSource,
  type SizeSummary,
} from './size_source';
import { Name, Table, type Column } from './table';
import { bytesText, plural, share, shown, signed, signedBytes } from './text';

/** What is looked at: whoever keeps it can come back to it. */
export interface SizeState {
  by?: Grouping;
  colour?: Grouping;
  path?: readonly string[];
  text?: string;
}

export interface SizeProps {
  source: SizeSource | undefined;
  state: SizeState;
  setState(state: SizeState): void;
  /** The address of an item; undefined: it has none. */
  linkOf(item: { kind: string; name: string; file: string | undefined }): string | undefined;
  /** Without what keeps the most. */
  compact: boolean;
}

const mostKeepers = 200;

const groupingTitles: Record<Grouping, string> = {
  namespace: 'Namespace',
  crate: 'Crate',
  folder: 'File',
  kind: 'Kind',
};
const partTitles: Record<Part, string> = {
  code: 'Code',
  data: 'Data',
  names: 'Names',
  debug: 'Debug',
  rest: 'The rest',
};

/** Less debug information is not worth a sentence. */
const leastDebug = 0.1;

const toggled = (hidden: readonly Part[], part: Part): readonly Part[] =>
  hidden.includes(part) ? hidden.filter((other) => other !== part) : [...hidden, part];

/** What shares are told of: where most is debug information, shares of all would say nothing of the program. */
function restOf({ size, parts }: SizeSummary): number {
  return parts.debug.bytes > size / 2 ? size - parts.debug.bytes : size;
}

interface Asked<T> {
  answer: T | undefined;
  busy: boolean;
  error: string | undefined;
}

/** Asks again when the source or the question is another one. The answer to the one before stays until then. */
function useAsked<T>(source: SizeSource | undefined, key: string, ask: (source: SizeSource) => Promise<T>): Asked<T> {
  const [state, setState] = useState<Asked<T>>({ answer: undefined, busy: true, error: undefined });
  useEffect(() => {
    if (!source) return;
    let isNewest = true;
    setState((old) => ({ ...old, busy: true }));
    ask(source).then(
      (answer) => isNewest && setState({ answer, busy: false, error: undefined }),
      (error: Error) => isNewest && setState({ answer: undefined, busy: false, error: error.message }),
    );
    return () => {
      isNewest = false;
    };
  }, [source, key]);
  return state;
}

export function SizeView({ source, state, setState, linkOf, compact }: SizeProps) {
  const { answer: summary, error } = useAsked(source, '', (from) => from.summary());
  if (error !== undefined) return <p class="refusal">{shown(error, 400)}</p>;
  if (!source || !summary) return <div class="waiting" aria-busy="true" />;
  return (
    <Shown source={source} summary={summary} state={state} setState={setState} linkOf={linkOf} compact={compact} />
  );
}

function Shown({
  source,
  summary,
  state,
  setState,
  linkOf,
  compact,
}: SizeProps & { source: SizeSource; summary: SizeSummary }) {
  const root = useRef<HTMLDivElement>(null);
  const [hidden, setHidden] = useState<readonly Part[]>([]);
  const [isSummed, setSummed] = useState(true);
  const { groupings } = summary;
  const by = state.by && groupings.includes(state.by) ? state.by : groupings[0]!;
  const colour = state.colour ?? by;
  const query: SizeQuery = {
    by,
    colour,
    path: state.path ?? [],
    parts: parts.filter((part) => !hidden.includes(part)),
    text: state.text ?? '',
    summed: isSummed,
  };
  const { answer, busy, error } = useAsked(source, JSON.stringify(query), (from) => from.view(query));
  const compares = summary.before !== undefined;

  // The keyboard goes on from what it opened.
  const focusNext = useRef<string>();
  const open = (path: readonly string[], next?: string) => {
    const inside = root.current?.getRootNode() as ShadowRoot | Document | undefined;
    if (next !== undefined && inside?.activeElement) focusNext.current = next;
    setState({ ...state, path });
  };
  useEffect(() => {
    const next = focusNext.current;
    if (next === undefined || busy || !answer) return;
    focusNext.current = undefined;
    const found = root.current?.querySelector<HTMLElement>(next) ?? root.current?.querySelector<HTMLElement>('.crumbs');
    found?.focus();
  }, [answer, busy]);

  const picture = useRef<() => Picture>();
  const debug = summary.parts.debug.bytes;
  const isMostlyDebug = !compares && restOf(summary) < summary.size;
  const ofDebug = !compares && debug > summary.size * leastDebug && (
    <p class={isMostlyDebug ? 'headline' : 'cost'}>
      Debug information is <strong title={plural(debug, 'byte')}>{bytesText(debug)}</strong> (
      {share(debug, summary.size)}){' '}
      <button type="button" class="in-row" onClick={() => setHidden(toggled(hidden, 'debug'))}>
        {hidden.includes('debug') ? 'Show it in the map' : 'Leave it out of the map'}
      </button>
    </p>
  );
  return (
    <div class="size" ref={root} aria-busy={busy}>
      {isMostlyDebug && ofDebug}
      <Headline summary={summary} linkOf={linkOf} />
      {!isMostlyDebug && ofDebug}
      <Totals summary={summary} source={source} />
      {compares && answer && query.path.length === 0 && query.text === '' && (
        <Changes summary={summary} rows={answer.rows} />
      )}
      <div class="tools">
        <label>
          Group by{' '}
          <select
            value={by}
            onChange={(event) => setState({ ...state, by: event.currentTarget.value as Grouping, path: [] })}
          >
            {groupings.map((grouping) => (
              <option key={grouping} value={grouping}>
                {groupingTitles[grouping]}
              </option>
            ))}
          </select>
        </label>
        {!compares && (
          <label>
            Colour by{' '}
            <select
              value={colour}
              onChange={(event) => setState({ ...state, colour: event.currentTarget.value as Grouping })}
            >
              {groupings.map((grouping) => (
                <option key={grouping} value={grouping}>
                  {groupingTitles[grouping]}
                </option>
              ))}
            </select>
          </label>
        )}
        <Search text={query.text} find={(text) => setState({ ...state, text, path: text === '' ? query.path : [] })} />
        <fieldset>
          <legend class="hidden">What is counted</legend>
          {parts
            .filter((part) => summary.parts[part].bytes > 0 || summary.parts[part].before > 0)
            .map((part) => (
              <label key={part} title={bytesText(summary.parts[part].bytes)}>
                <input
                  type="checkbox"
                  checked={!hidden.includes(part)}
                  onChange={() => setHidden(toggled(hidden, part))}
                />
                {partTitles[part]}
              </label>
            ))}
          <label title="All instances of a template or a generic function, and all overloads of a function, are one part">
            <input type="checkbox" checked={isSummed} onChange={(event) => setSummed(event.currentTarget.checked)} />
            Instances summed
          </label>
        </fieldset>
        <Pictures name={summary.name} make={() => picture.current?.()} />
      </div>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {answer && (
        <>
          <Crumbs answer={answer} open={(path) => open(path, '.crumbs')} />
          <SizeMap
            nodes={answer.nodes}
            compares={compares}
            linkOf={(node) => linkOfNode(node, linkOf)}
            open={(path) => open([...query.path, ...path], '.treemap [tabindex="0"]')}
            openAbove={() => query.path.length > 0 && open(query.path.slice(0, -1), '.treemap [tabindex="0"]')}
            ready={(paint) => {
              picture.current = () => pictureOf(root.current!, summary, answer, paint());
            }}
          />
          <Legend answer={answer} compares={compares} />
          <Rows
            answer={answer}
            compares={compares}
            isFound={query.text !== ''}
            linkOf={linkOf}
            open={(name) => open([...query.path, name], '.parts button, .parts a, .parts .scroll')}
          />
        </>
      )}
      {!compact && summary.explains && !compares && <Keepers source={source} whole={summary.size} linkOf={linkOf} />}
    </div>
  );
}

function linkOfNode(node: SizeNode, linkOf: SizeProps['linkOf']): string | undefined {
  return node.symbol === undefined ? undefined : linkOf({ kind: node.kind, name: node.symbol, file: node.file });
}

function pictureOf(
  root: HTMLElement,
  summary: SizeSummary,
  answer: SizeAnswer,
  painted: Pick<Picture, 'width' | 'height' | 'cells'>,
): Picture {
  const { color: ink } = getComputedStyle(root);
  const ground = getComputedStyle(root).getPropertyValue('--ground-colour').trim() || 'white';
  const open = answer.above.at(-1)!;
  const names = answer.above.map(({ display }) => shown(display, 60)).join(' › ');
  const change = summary.before ? `, ${signedBytes(open.bytes - open.before)}` : '';
  return { ...painted, ink, ground, title: `${names}: ${bytesText(open.bytes)}${change}` };
}

// --- what there is to say in words

function Item({
  item,
  linkOf,
  most = 60,
}: {
  item: { kind: string; name: string; display: string; file?: string | undefined };
  linkOf: SizeProps['linkOf'];
  most?: number;
}) {
  const href = linkOf({ kind: item.kind, name: item.name, file: item.file });
  const name = <Name text={item.display} most={most} />;
  return href === undefined ? name : <a href={href}>{name}</a>;
}

function Headline({ summary, linkOf }: { summary: SizeSummary; linkOf: SizeProps['linkOf'] }) {
  if (summary.before) {
    const { size, before } = summary;
    const change = size - before.size;
    return (
      <p class="headline">
        {change === 0 ? (
          'Nothing differs in size.'
        ) : (
          <>
            <strong class={change > 0 ? 'more' : 'less'}>{bytesText(Math.abs(change))}</strong>{' '}
            {change > 0 ? 'larger' : 'smaller'} than before ({signed(change)} bytes, {change > 0 ? '+' : '−'}
            {share(Math.abs(change), before.size)})
          </>
        )}
      </p>
    );
  }
  const [first, ...others] = summary.costs;
  if (!first) return null;
  return (
    <div class="costs">
      <Cost cost={first} summary={summary} linkOf={linkOf} isFirst={restOf(summary) === summary.size} />
      {others.map((cost) => (
        <Cost key={`${cost.file} ${cost.name}`} cost={cost} summary={summary} linkOf={linkOf} isFirst={false} />
      ))}
    </div>
  );
}

const mostSteps = 5;

/** `printf costs 12.3 kB (38 %): main.o → main → printf` */
function Cost({
  cost,
  summary,
  linkOf,
  isFirst,
}: {
  cost: SizeSummary['costs'][number];
  summary: SizeSummary;
  linkOf: SizeProps['linkOf'];
  isFirst: boolean;
}) {
  const steps =
    cost.path.length <= mostSteps
      ? cost.path
      : [...cost.path.slice(0, 2), undefined, ...cost.path.slice(2 - mostSteps)];
  return (
    <p class={isFirst ? 'headline' : 'cost'}>
      <strong>
        <Item item={cost} linkOf={linkOf} />
      </strong>{' '}
      costs <strong title={plural(cost.retained, 'byte')}>{bytesText(cost.retained)}</strong> (
      {share(cost.retained, restOf(summary))}
      {restOf(summary) < summary.size && ' of the rest'})
      {steps.length > 0 && (
        <span class="way">
          :{' '}
          {steps[0]?.file !== undefined && (
            <>
              <Name text={steps[0].file} most={40} /> →{' '}
            </>
          )}
          {steps.map((step, at) => (
            <span key={at}>{step ? <Item item={step} linkOf={linkOf} most={40} /> : '…'} → </span>
          ))}
          <Name text={cost.display} most={40} />
        </span>
      )}
    </p>
  );
}

function Changes({ summary, rows }: { summary: SizeSummary; rows: SizeNode[] }) {
  const grown = rows.filter(({ bytes, before }) => bytes > before).slice(0, 3);
  const shrunk = rows.filter(({ bytes, before }) => bytes < before).slice(0, 3);
  const listed = (some: SizeNode[]) =>
    some.map((node, at) => (
      <span key={at}>
        {at > 0 && ', '}
        <Name text={node.display} most={50} /> ({signedBytes(node.bytes - node.before)})
      </span>
    ));
  return (
    <p class="cost">
      {bytesText(summary.before!.size)} before, {bytesText(summary.size)} now.
      {grown.length > 0 && <> Larger: {listed(grown)}.</>}
      {shrunk.length > 0 && <> Smaller: {listed(shrunk)}.</>}
    </p>
  );
}

/** The sizes of the whole: also compressed, as the network sends it. */
function Totals({ summary, source }: { summary: SizeSummary; source: SizeSource }) {
  const { answer } = useAsked(source, '', async (from) => from.compressed?.());
  return (
    <p class="totals">
      <strong title={plural(summary.size, 'byte')}>{bytesText(summary.size)}</strong>{' '}
      <span class="muted">
        (<span>{plural(summary.size, 'byte')}</span>)
      </span>
      {answer?.gzip !== undefined && (
        <>
          {' · '}
          <span title={plural(answer.gzip, 'byte')}>{bytesText(answer.gzip)} with gzip</span>
        </>
      )}
      {answer?.brotli !== undefined && (
        <>
          {' · '}
          <span title={plural(answer.brotli, 'byte')}>{bytesText(answer.brotli)} with brotli</span>
        </>
      )}
      {answer && answer.brotli === undefined && source.brotli && (
        <>
          {' · '}
          <Brotli source={source} />
        </>
      )}
      {answer && answer.gzip !== undefined && answer.brotli === undefined && !source.brotli && (
        <span class="muted"> · this browser cannot compress with brotli</span>
      )}
      {!summary.explains && (
        <span class="muted"> · a module does not say from which files it was linked, nor what keeps what</span>
      )}
    </p>
  );
}

function Brotli({ source }: { source: SizeSource }) {
  const [of, setOf] = useState<SizeSource>();
  if (of !== source)
    return (
      <button type="button" class="in-row" onClick={() => setOf(source)}>
        Size with brotli
      </button>
    );
  return <BrotliSize source={source} />;
}

function BrotliSize({ source }: { source: SizeSource }) {
  const { answer, error } = useAsked(source, 'brotli', async (from) => from.brotli?.());
  if (error !== undefined) return <span class="refusal">no size with brotli: {shown(error, 400)}</span>;
  if (answer === undefined) return <span class="muted">compressing with brotli…</span>;
  return <span title={plural(answer, 'byte')}>{bytesText(answer)} with brotli</span>;
}

// --- tools

function Search({ text, find }: { text: string; find(text: string): void }) {
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const [typed, setTyped] = useState(text);
  // What was searched for here comes back late, when more may be typed.
  const searched = useRef(text);
  useEffect(() => {
    if (text === searched.current) return;
    clearTimeout(timer.current);
    searched.current = text;
    setTyped(text);
  }, [text]);
  return (
    <label class="search">
      <span class="hidden">Find a name or a file</span>
      <input
        type="search"
        placeholder="Find a name or a file"
        value={typed}
        spellcheck={false}
        autocapitalize="off"
        onInput={(event) => {
          const { value } = event.currentTarget;
          setTyped(value);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => find((searched.current = value.trim())), 150);
        }}
      />
    </label>
  );
}

function Pictures({ name, make }: { name: string; make(): Picture | undefined }) {
  const [said, setSaid] = useState('');
  const perform = async (action: (picture: Picture) => Promise<string>) => {
    const picture = make();
    if (!picture) return;
    try {
      setSaid(await action(picture));
    } catch (error) {
      setSaid(`The picture was not made: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const file = name.replace(/^.*\//, '').replace(/\.wasm$/, '') || 'output';
  const copy = (picture: Picture) =>
    // The promise is handed over at once: some browsers take it only while the click is handled.
    navigator.clipboard.write([new ClipboardItem({ 'image/png': pngOf(picture) })]).then(() => 'Copied');
  return (
    <div class="pictures" role="group" aria-label="Picture of the map">
      {typeof ClipboardItem !== 'undefined' && (
        <button type="button" onClick={() => perform(copy)} title="Copy the map as a picture">
          Copy
        </button>
      )}
      <button
        type="button"
        onClick={() =>
          perform(async (picture) => {
            download(await pngOf(picture), `${file}-size.png`);
            return '';
          })
        }
      >
        PNG
      </button>
      <button
        type="button"
        onClick={() =>
          perform(async (picture) => {
            download(new Blob([svgOf(picture)], { type: 'image/svg+xml' }), `${file}-size.svg`);
            return '';
          })
        }
      >
        SVG
      </button>
      <span role="status" class="muted small">
        {said}
      </span>
    </div>
  );
}

function Crumbs({ answer, open }: { answer: SizeAnswer; open(path: string[]): void }) {
  const names = answer.above.slice(1).map(({ name }) => name);
  return (
    <nav class="crumbs" aria-label="What is shown" tabIndex={-1}>
      {answer.above.map((node, at) => (
        <span key={at}>
          {at > 0 && <span aria-hidden="true"> › </span>}
          {at === answer.above.length - 1 ? (
            <span aria-current="true">
              <Name text={node.display} most={60} />
            </span>
          ) : (
            <button type="button" class="in-row" onClick={() => open(names.slice(0, at))}>
              <Name text={node.display} most={60} />
            </button>
          )}{' '}
          <span class="muted">{bytesText(node.bytes)}</span>
        </span>
      ))}
    </nav>
  );
}

function Legend({ answer, compares }: { answer: SizeAnswer; compares: boolean }) {
  return (
    <ul class="legend" aria-label="Colours">
      {compares
        ? [
            ['shrunk-3', 'smaller'],
            ['same', 'as before'],
            ['grown-3', 'larger'],
          ].map(([colour, text]) => (
            <li key={colour}>
              <span class={`swatch ${colour}`} aria-hidden="true" /> {text}
            </li>
          ))
        : answer.legend.map(({ name, hue, bytes }) => (
            <li key={name}>
              <span class={`swatch hue-${hue}`} aria-hidden="true" /> <Name text={name} most={30} />{' '}
              <span class="muted">{bytesText(bytes)}</span>
            </li>
          ))}
    </ul>
  );
}

// --- tables

const number = (title: string, more = ''): Column => ({ title, class: `number ${more}`.trim() });

function Rows({
  answer,
  compares,
  isFound,
  linkOf,
  open,
}: {
  answer: SizeAnswer;
  compares: boolean;
  isFound: boolean;
  linkOf: SizeProps['linkOf'];
  open(name: string): void;
}) {
  const whole = answer.above[0]!.bytes;
  const hasRetained = !compares && answer.rows.some(({ retained }) => retained !== undefined);
  const columns: Column[] = compares
    ? [
        { title: 'Part' },
        { title: 'What', class: 'muted' },
        { title: 'Change', class: 'muted' },
        number('Before'),
        number('Now'),
        number('By'),
      ]
    : [
        { title: 'Part' },
        { title: 'What', class: 'muted' },
        number('Bytes'),
        number('Share', 'muted'),
        ...(hasRetained ? [number('Retained')] : []),
      ];
  const rows = compares ? answer.rows.filter(({ bytes, before }) => bytes !== before) : answer.rows;
  const head = (node: SizeNode) => {
    const href = linkOfNode(node, linkOf);
    const name = <Name text={node.display} />;
    return (
      <>
        {!compares && <span class={`swatch hue-${node.hue}`} aria-hidden="true" />}
        {node.opens ? (
          <button type="button" class="in-row" onClick={() => open(node.name)}>
            {name}
          </button>
        ) : href !== undefined ? (
          <a href={href}>{name}</a>
        ) : (
          name
        )}
        {(isFound || compares) && node.file !== undefined && node.file !== node.display && (
          <>
            {' '}
            <span class="muted">
              <Name text={node.file} most={40} />
            </span>
          </>
        )}
      </>
    );
  };
  const what = (node: SizeNode) => (node.kind === 'group' ? plural(node.count, 'item') : node.kind);
  return (
    <div class="parts">
      {isFound && <p class="muted small">{plural(answer.rowCount, 'item')} found</p>}
      {compares && rows.length === 0 && <p class="muted small">Nothing differs here.</p>}
      <Table
        key={answer.above.map(({ name }) => name).join('\0')}
        label={compares ? 'What differs' : 'Parts by size'}
        columns={columns}
        rows={rows}
        count={compares ? rows.length : answer.rowCount}
        cells={(node) =>
          compares
            ? [
                head(node),
                what(node),
                changeWord(node),
                node.before.toLocaleString('en'),
                node.bytes.toLocaleString('en'),
                <span class={node.bytes > node.before ? 'more' : 'less'}>{signed(node.bytes - node.before)}</span>,
              ]
            : [
                head(node),
                what(node),
                node.bytes.toLocaleString('en'),
                share(node.bytes, whole),
                ...(hasRetained ? [node.retained?.toLocaleString('en') ?? ''] : []),
              ]
        }
      />
    </div>
  );
}

function changeWord({ bytes, before }: SizeNode): string {
  return before === 0 ? 'added' : bytes === 0 ? 'removed' : bytes > before ? 'grown' : 'shrunk';
}

/** The symbols that keep most: what is saved by doing without one. */
function Keepers({ source, whole, linkOf }: { source: SizeSource; whole: number; linkOf: SizeProps['linkOf'] }) {
  const { answer, error } = useAsked(source, '', (from) => from.keepers(mostKeepers));
  return (
    <section aria-labelledby="keepers">
      <h2 id="keepers">What keeps the most bytes</h2>
      <p class="muted small">
        The bytes that the output would lack without the symbol: its own bytes, and the bytes that only it keeps.
      </p>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {answer && (
        <Table<Keeper>
          label="Symbols by retained size"
          columns={[
            { title: 'Symbol' },
            { title: 'What', class: 'muted' },
            { title: 'From' },
            number('Bytes'),
            number('Retained'),
            number('Share', 'muted'),
          ]}
          rows={answer.rows}
          count={answer.count}
          cells={(row) => [
            <Item item={row} linkOf={linkOf} most={80} />,
            row.kind,
            <Name text={row.file ?? '(linker)'} most={40} />,
            row.bytes.toLocaleString('en'),
            row.retained.toLocaleString('en'),
            share(row.retained, whole),
          ]}
        />
      )}
    </section>
  );
}
