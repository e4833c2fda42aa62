import { useState } from 'preact/hooks';
import type { Diagnostic, Location } from 'wasm-weld';
import { actionsOf, type Action } from '../actions';
import { hrefOf } from '../place';
import type { Session } from '../session';
import { plural, shown, shownLines, shownMessage } from '../text';
import { BytesLink } from './link_to';
import { Name } from './name';

/** Of a kind, so many are shown before one asks for more. */
const atFirst = 50;
/** With as few as these, headings only stand in the way. */
const ungrouped = 4;
/** Of a message, when its whole is asked for. */
const mostLetters = 1_000_000;

const order = { error: 0, warning: 1, message: 2 };

/** What the linker said, errors first, each kind together. */
export function Diagnostics({ session, diagnostics }: { session: Session; diagnostics: Diagnostic[] }) {
  if (diagnostics.length === 0) return null;
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const key = diagnostic.severity === 'message' ? 'message' : `${diagnostic.severity} ${diagnostic.id}`;
    const group = groups.get(key);
    if (group) group.push(diagnostic);
    else groups.set(key, [diagnostic]);
  }
  const sorted = [...groups.values()].sort((a, b) => order[a[0]!.severity] - order[b[0]!.severity]);
  if (diagnostics.length <= ungrouped || sorted.length === 1)
    return <List session={session} diagnostics={sorted.flat()} />;
  return (
    <>
      {sorted.map((group) => {
        const { severity, id } = group[0]!;
        return (
          <details key={`${severity} ${id}`} class={`diagnostic-group ${severity}`} open={severity === 'error'}>
            <summary>
              <span class="severity">{severity}</span>{' '}
              {severity === 'message' ? 'asked for by options' : <code>{id}</code>}{' '}
              <span class="count">{group.length.toLocaleString('en')}</span>
            </summary>
            <List
              session={session}
              diagnostics={group}
              label={severity === 'message' ? 'Messages' : `Diagnostics: ${id}`}
            />
          </details>
        );
      })}
    </>
  );
}

function List({
  session,
  diagnostics,
  label = 'Diagnostics',
}: {
  session: Session;
  diagnostics: Diagnostic[];
  label?: string;
}) {
  const [most, setMost] = useState(atFirst);
  const left = diagnostics.length - most;
  return (
    <>
      <ul class="diagnostics" aria-label={label} tabIndex={0}>
        {diagnostics.slice(0, most).map((d, i) => (
          <li key={i} class={d.severity}>
            <p>
              <span class="severity">{d.severity}</span> <Message text={d.text} /> <code class="id">{d.id}</code>
            </p>
            {d.location && !saysWhere(d) && <Place location={d.location} />}
            {d.notes.map((note, n) => (
              <div key={n} class="note">
                <p>
                  <span class="note-mark">note</span> <Message text={note.text} />
                </p>
                {note.location && <Place location={note.location} />}
              </div>
            ))}
            <Actions session={session} diagnostic={d} />
          </li>
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="plain" onClick={() => setMost(most * 10)}>
          Show more of the {plural(left, 'other')}
        </button>
      )}
    </>
  );
}

/** Names in it are clipped, until one asks for the whole. */
function Message({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const short = shownMessage(text);
  const long = shownLines(text, mostLetters);
  return (
    <>
      <bdi class="text">{whole ? long : short}</bdi>
      {short !== long && (
        <button type="button" class="plain small" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? 'Shorten the names' : 'Show whole names'}
        </button>
      )}
    </>
  );
}

/** What can be done about it with one click. */
function Actions({ session, diagnostic }: { session: Session; diagnostic: Diagnostic }) {
  const [acting, setActing] = useState<string>();
  const actions = actionsOf(session, diagnostic);
  if (actions.length === 0) return null;
  const run = async ({ label, act }: Action) => {
    if (acting !== undefined) return;
    setActing(label);
    try {
      await act();
    } catch (error) {
      session.news.value = error instanceof Error ? shown(error.message) : String(error);
    }
    setActing(undefined);
  };
  return (
    <p class="actions">
      {actions.map((action) => (
        <button key={action.label} type="button" aria-busy={acting === action.label} onClick={() => void run(action)}>
          {shown(action.label, 80)}
        </button>
      ))}
    </p>
  );
}

/** `--trace` prints nothing but places. */
function saysWhere({ severity, text, location }: Diagnostic): boolean {
  return severity === 'message' && text.startsWith(location!.input);
}

function Place({ location: { input, member, section, offset, symbol, source } }: { location: Location }) {
  const file = member === undefined ? input : `${input}(${member})`;
  return (
    <p class="place">
      <a href={hrefOf({ view: 'sections', file })}>
        <Name text={input} />
        {member !== undefined && (
          <>
            (<Name text={member} />)
          </>
        )}
      </a>
      {symbol && (
        <>
          <span class="muted">, in </span>
          <a href={hrefOf({ view: 'symbols', file, symbol: symbol.name })}>
            <Name text={symbol.display} />
          </a>
        </>
      )}
      {section !== undefined && (
        <>
          <span class="muted">, section </span>
          <Name text={section} />
        </>
      )}
      {offset !== undefined && (
        <>
          <span class="muted">, offset </span>
          <BytesLink file={file} offset={offset} />
        </>
      )}
      {source && (
        <>
          <span class="muted">, at </span>
          <Name text={`${source.file}:${source.line}${source.column === undefined ? '' : `:${source.column}`}`} />
        </>
      )}
    </p>
  );
}
