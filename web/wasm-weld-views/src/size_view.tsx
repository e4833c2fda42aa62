// What the bytes of an output belong to: in words, as a map, as tables; and what differs from an older output.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useAsked } from './asked';
import { download, pngOf, svgOf, type Picture } from './picture';
import { SizeMap } from './size_map';
import {
  parts,
  type Grouping,
  type Part,
  type SizeAnswer,
  type SizeNode,
  type SizeQuery,
  type SizeSource,
  type SizeSummary,
} from './size_source';
import { Keepers, linkOfNode, Rows } from './size_tables';
import { Changes, Headline, restOf, Totals, type LinkOf } from './size_words';
import { Name } from './table';
import { bytesText, plural, share, shown, signedBytes } from './text';

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
  linkOf: LinkOf;
  /** Without what keeps the most. */
  compact: boolean;
}

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
  // What else there is to ask does not come before the map.
  const { answer, from, busy, error } = useAsked(source, JSON.stringify(query), (from) => from.view(query));
  const compares = summary.before !== undefined;
  const linkOfArea = useCallback((node: SizeNode) => linkOfNode(node, linkOf), [linkOf]);

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
      <Totals summary={summary} source={source} answered={from} />
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
            linkOf={linkOfArea}
            open={(path) => open([...query.path, ...path], '.treemap [tabindex="0"]')}
            openAbove={() => query.path.length > 0 && open(query.path.slice(0, -1), '.treemap [tabindex="0"]')}
            ready={(paint) => {
              picture.current = paint && (() => pictureOf(root.current!, summary, answer, paint()));
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
      {!compact && summary.explains && !compares && <Keepers source={from} whole={summary.size} linkOf={linkOf} />}
    </div>
  );
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
    if (!picture) return setSaid('The map is not drawn yet');
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
