import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inFolder, named } from '../dropped_files';
import type { MemberFacts, SymbolFacts } from '../facts.worker';
import type { Input } from '../input';
import { hrefOf, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { mostAtOnce, useAnswer } from './answer';
import { Name } from './name';

export function Inputs({ session }: { session: Session }) {
  const inputs = session.inputs.value;
  const empty = inputs.length === 0;
  const add = useRef<HTMLButtonElement>(null);
  usePaste(session);
  // Focus goes on where the next step is, when the button that had it is gone.
  const keepFocus = () => requestAnimationFrame(() => document.activeElement === document.body && add.current?.focus());
  const total = inputs.reduce((sum, input) => sum + input.size, 0);
  return (
    <section class="inputs-part" aria-labelledby="inputs-title">
      <div class="card-head">
        <h2 id="inputs-title">Files</h2>
        {!empty && (
          <span class="muted">
            {plural(inputs.length, 'file')}, {bytesText(total)}{' '}
            <button type="button" class="plain" onClick={() => (session.clear(), keepFocus())}>
              Remove all
            </button>
          </span>
        )}
      </div>
      <div class={empty ? 'drop' : 'drop filled'}>
        {empty ? (
          <>
            <p class="drop-title">Drop objects and archives</p>
            <p>
              <code>.o</code>, <code>.a</code> and <code>.rlib</code> from clang, rustc or emcc, also in folders, zips
              and tars; C, C++ and wat sources. Or a finished <code>.wasm</code>, a component or a metafile, to see what
              is in it
            </p>
          </>
        ) : (
          <InputList session={session} inputs={inputs} keepFocus={keepFocus} />
        )}
        <Add session={session} button={add} />
      </div>
      <p class="news muted" role="status">
        {session.news}{' '}
        {session.canBringBack.value && (
          <button type="button" class="plain" onClick={() => void session.bringBack()}>
            Undo
          </button>
        )}
      </p>
      <Saving session={session} />
    </section>
  );
}

/** How far saving has come, when there is much to save; why it cannot be done. */
function Saving({ session: { state } }: { session: Session }) {
  const saving = state.saving.value;
  return (
    <>
      {saving && (
        <p class="saving muted">
          <progress aria-label="Saving the inputs in this browser" value={saving.bytes} max={saving.total} /> Saving:{' '}
          {bytesText(saving.bytes)} of {bytesText(saving.total)}
        </p>
      )}
      {state.problem.value !== '' && (
        <p class="unsaved" role="alert">
          {state.problem}
        </p>
      )}
    </>
  );
}

/** Files that are pasted are inputs. Text is a source, when it looks like one. */
function usePaste(session: Session): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const target = event.composedPath()[0];
      if (
        !event.clipboardData ||
        (target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA)$/.test(target.tagName)))
      )
        return;
      const files = [...event.clipboardData.files];
      const text = event.clipboardData.getData('text/plain');
      if (files.length > 0) void session.add(files.map(named));
      else if (text.trim() === '') return;
      else if (/^https?:\/\/\S+$/.test(text.trim())) void session.openAddress(text);
      else {
        const kind = /^\s*(;;.*\s*)*\(\s*module\b/.test(text)
          ? 'wat'
          : /#\s*include\s*<\w+>|\bstd::|\bclass\s+\w+\s*[:{]|\btemplate\s*</.test(text)
            ? 'cpp'
            : 'c';
        if (kind !== 'wat' && !/[;{}]/.test(text)) {
          session.news.value = 'The pasted text is not C, C++ or wat, and it is not a file';
          return;
        }
        const taken = new Set(session.playground.sources.value.map((s) => s.name));
        let name = `pasted.${kind}`;
        for (let n = 2; taken.has(name); n++) name = `pasted${n}.${kind}`;
        session.playground.take(name, text);
        session.news.value = `Pasted as ${name}. Compile it in the playground`;
      }
      event.preventDefault();
    };
    addEventListener('paste', paste);
    return () => removeEventListener('paste', paste);
  }, [session]);
}

interface AddProps {
  session: Session;
  /** The first button. */
  button: RefObject<HTMLButtonElement>;
}

function Add({ session, button }: AddProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const empty = session.inputs.value.length === 0;
  return (
    <div class="add">
      <button ref={button} type="button" class={empty ? 'primary' : ''} onClick={() => files.current?.click()}>
        Add files…
      </button>
      <button type="button" onClick={() => folder.current?.click()}>
        Add a folder…
      </button>
      <Address session={session} />
      <input
        ref={files}
        id="files"
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget: picker }) => {
          void session.add([...(picker.files ?? [])].map(named));
          picker.value = '';
        }}
      />
      <input
        ref={(element) => {
          folder.current = element;
          if (element) element.webkitdirectory = true;
        }}
        id="folder"
        class="unseen"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget: picker }) => {
          void session.add([...(picker.files ?? [])].map(inFolder));
          picker.value = '';
        }}
      />
    </div>
  );
}

/** A file from elsewhere: asked for with a button, as it is rarely wanted. */
function Address({ session }: { session: Session }) {
  const [text, setText] = useState<string>();
  const box = useRef<HTMLInputElement>(null);
  const open = text !== undefined;
  useEffect(() => void (open && box.current?.focus()), [open]);
  if (text === undefined)
    return (
      <button type="button" id="open-address" onClick={() => setText('')}>
        Open an address…
      </button>
    );
  return (
    <form
      class="address"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() === '') return;
        void session.openAddress(text);
        setText(undefined);
      }}
    >
      <input
        ref={box}
        type="text"
        inputMode="url"
        aria-label="Address of a file"
        placeholder="https://…/app.wasm"
        spellcheck={false}
        autocapitalize="off"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && setText(undefined)}
      />
      <button type="submit">Open</button>
    </form>
  );
}

interface ListProps {
  session: Session;
  inputs: Input[];
  /** When the last row is gone. */
  keepFocus(): void;
}

function InputList({ session, inputs, keepFocus }: ListProps) {
  const [dragged, setDragged] = useState<number>();
  const [over, setOver] = useState<number>();
  const [most, setMost] = useState(rowsAtFirst);
  /** Keys of the inputs whose facts are shown. */
  const [opened, setOpened] = useState<number[]>([]);
  const list = useRef<HTMLOListElement>(null);
  const output = session.outcome.value?.output;
  const isCounted = output !== undefined && output.size <= mostAtOnce && inputs.some(({ kind }) => kind.archive);
  const { answer } = useAnswer(session, 'linkedMembers', undefined, isCounted);
  const linked = isCounted && !session.outcome.value?.looked ? answer : undefined;

  // Focus stays where work goes on: with the row that moves, or with the one that takes the place of one removed.
  const wanted = useRef<{ row: number; button: string }>();
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const { row, button } = wanted.current;
    wanted.current = undefined;
    list.current?.children[Math.min(row, inputs.length - 1)]?.querySelector<HTMLElement>(button)?.focus();
  }, [inputs]);
  const move = (input: Input, row: number, button: string) => {
    wanted.current = { row, button };
    session.move(input.key, row);
  };

  return (
    <>
      <ol class="inputs" ref={list} aria-label="Inputs, in link order">
        {inputs.slice(0, most).map((input, row) => {
          const name = shown(input.name, 80);
          return (
            <li
              key={input.key}
              class={over === row && dragged !== row ? (dragged! < row ? 'over below' : 'over above') : undefined}
              draggable
              onDragStart={(event) => {
                setDragged(row);
                event.dataTransfer?.setData('text/plain', name);
              }}
              onDragEnd={() => {
                setDragged(undefined);
                setOver(undefined);
              }}
              onDragOver={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                setOver(row);
              }}
              onDrop={(event) => {
                if (dragged === undefined) return;
                event.preventDefault();
                session.move(inputs[dragged]!.key, row);
              }}
            >
              <span class="grip" aria-hidden="true">
                ⠿
              </span>
              {input.kind.aside ? (
                <a
                  class="input-name"
                  aria-label={`Look into ${name}`}
                  aria-current={input.name === place.value.of}
                  href={hrefOf({ view: input.kind.name === 'component' ? 'result' : 'size', of: input.name })}
                >
                  <Name text={input.name} />
                </a>
              ) : (
                <button
                  type="button"
                  class="input-name"
                  aria-label={`About ${name}`}
                  aria-expanded={opened.includes(input.key)}
                  onClick={() =>
                    setOpened(
                      opened.includes(input.key) ? opened.filter((k) => k !== input.key) : [...opened, input.key],
                    )
                  }
                >
                  {!input.kind.linkable && (
                    <span class="bad" title="It cannot be linked">
                      ●{' '}
                    </span>
                  )}
                  <Name text={input.name} />
                </button>
              )}
              <span class="input-size" title={`${input.size.toLocaleString('en')} bytes`}>
                {input.kind.archive ? (
                  <Kind input={input} linked={linked && (linked[input.name] ?? 0)} />
                ) : input.kind.name === 'object' ? (
                  ''
                ) : (
                  `${input.kind.name} `
                )}
                {bytesText(input.size)}
                {input.wholeArchive && <strong title="Every member is linked"> all</strong>}
              </span>
              <span class="row-buttons">
                <button
                  type="button"
                  class="icon up"
                  aria-disabled={row === 0}
                  aria-label={`Move ${name} up`}
                  onClick={() => move(input, row - 1, '.up')}
                >
                  ↑
                </button>
                <button
                  type="button"
                  class="icon down"
                  aria-disabled={row === inputs.length - 1}
                  aria-label={`Move ${name} down`}
                  onClick={() => move(input, row + 1, '.down')}
                >
                  ↓
                </button>
                <button
                  type="button"
                  class="icon remove"
                  aria-label={`Remove ${name}`}
                  onClick={() => {
                    wanted.current = { row, button: '.remove' };
                    session.remove(input.key);
                    keepFocus();
                  }}
                >
                  ✕
                </button>
              </span>
              {!input.kind.linkable && !input.kind.aside && <Remedy session={session} input={input} />}
              {opened.includes(input.key) && <About session={session} input={input} />}
            </li>
          );
        })}
      </ol>
      {inputs.length > most && (
        <button type="button" class="plain" onClick={() => setMost(most + 1000)}>
          Show more of the {plural(inputs.length - most, 'other')}
        </button>
      )}
    </>
  );
}

/** Only what is in sight is looked into. */
const rowsAtFirst = 200;
const mostMembers = 200;
const mostSymbols = 200;

/** `archive of 977` in fewer words, and how many of them were linked, where that is known. */
function Kind({ input, linked }: { input: Input; linked: number | undefined }) {
  const count = /[\d,]+$/.exec(input.kind.name)?.[0];
  if (count === undefined) return <>{input.kind.name} </>;
  if (linked === undefined) return <span title={`${count} members`}>{count} in </span>;
  return (
    <span title={`${plural(linked, 'member')} of ${count} were needed and linked`}>
      {linked.toLocaleString('en')} of {count} in{' '}
    </span>
  );
}

/** What to do about a file that cannot be linked. */
function Remedy({ session, input }: { session: Session; input: Input }) {
  const facts = session.facts.of(input).value;
  return facts?.remedy ? <span class="remedy">{shown(facts.remedy)}</span> : null;
}

/** All about one input. */
function About({ session, input }: { session: Session; input: Input }) {
  return (
    <div class="about">
      <FactsLine session={session} input={input} />
      {input.kind.archive && (
        <label class="check" title="Link every member, needed or not (--whole-archive)">
          <input
            type="checkbox"
            checked={input.wholeArchive}
            aria-label={`Link the whole of ${shown(input.name, 80)}`}
            onChange={(event) => session.change(input.key, { wholeArchive: event.currentTarget.checked })}
          />
          link every member
        </label>
      )}
      {(input.kind.archive || input.kind.name === 'object') && <Inside session={session} input={input} />}
    </div>
  );
}

/** Kind, size, symbols, features. */
function FactsLine({ session, input }: { session: Session; input: Input }) {
  const facts = session.facts.of(input).value;
  const features = facts?.features.map((f) => f.replace(/^\+/, '')) ?? [];
  const words = [
    input.kind.name,
    bytesText(input.size),
    facts?.members !== undefined && facts.defined !== undefined && plural(facts.defined, 'symbol'),
    facts?.undefined !== undefined && `defines ${facts.defined}, needs ${facts.undefined}`,
    facts?.problems && plural(facts.problems, 'problem'),
  ].filter(Boolean);
  return (
    <p class="input-facts">
      {words.join(' · ')}
      {features.length > 0 && <span title={shown(features.join(', '), 400)}> · {shown(features.join(', '), 200)}</span>}
    </p>
  );
}

/** An archive's members, a member's or an object's symbols: read when they are opened. */
function Inside({ session, input }: { session: Session; input: Input }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="inside" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`${input.kind.archive ? 'Members' : 'Symbols'} of ${shown(input.name, 80)}`}>
        {input.kind.archive ? 'members' : 'symbols'}
      </summary>
      {open &&
        (input.kind.archive ? (
          <Members session={session} input={input} />
        ) : (
          <Symbols session={session} input={input} />
        ))}
    </details>
  );
}

function Members({ session, input }: { session: Session; input: Input }) {
  const [members, setMembers] = useState<MemberFacts[] | string>();
  const [search, setSearch] = useState('');
  const [opened, setOpened] = useState<number>();
  const { key, name, file } = input;
  useFacts(() => session.facts.ask<'members'>({ kind: 'members', key, name, file }), setMembers, [key]);
  if (!Array.isArray(members)) return <p class="muted">{members === undefined ? 'Reading…' : shown(members)}</p>;
  const found = members
    .map((member, number) => ({ ...member, number }))
    .filter((member) => member.name.includes(search));
  return (
    <>
      {members.length > 10 && (
        <input
          type="text"
          aria-label={`Search the members of ${shown(name, 80)}`}
          placeholder={`Search ${plural(members.length, 'member')}`}
          spellcheck={false}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul class="members" aria-label={`Members of ${shown(name, 80)}`}>
        {found.slice(0, mostMembers).map((member) => (
          <li key={member.number}>
            <button
              type="button"
              aria-expanded={opened === member.number}
              onClick={() => setOpened(opened === member.number ? undefined : member.number)}
            >
              <Name text={member.name} most={80} />
              <span class="muted">
                {bytesText(member.size)} · {plural(member.symbols, 'symbol')}
              </span>
            </button>
            {opened === member.number && <Symbols session={session} input={input} member={member.number} />}
          </li>
        ))}
      </ul>
      {found.length > mostMembers && (
        <p class="muted">and {plural(found.length - mostMembers, 'other')}. Search to find them</p>
      )}
    </>
  );
}

function Symbols({ session, input, member }: { session: Session; input: Input; member?: number }) {
  const [symbols, setSymbols] = useState<{ total: number; rows: SymbolFacts[] } | string>();
  const { key, name, file } = input;
  useFacts(
    () => session.facts.ask<'symbols'>({ kind: 'symbols', key, name, file, member, most: mostSymbols }),
    setSymbols,
    [key, member],
  );
  if (typeof symbols !== 'object') return <p class="muted">{symbols === undefined ? 'Reading…' : shown(symbols)}</p>;
  return (
    <>
      <ul class="symbols" aria-label="Symbols">
        {symbols.rows.map((symbol, i) => (
          <li key={i} class={symbol.flags.includes('undefined') ? 'needed' : ''}>
            <Name text={symbol.name} most={120} />
            <span class="muted">
              {[symbol.kind, ...symbol.flags.filter((flag) => /^(undefined|weak|local|hidden|tls)$/.test(flag))].join(
                ', ',
              )}
              {symbol.size !== undefined && ` · ${symbol.size} B`}
            </span>
          </li>
        ))}
      </ul>
      {symbols.total === 0 && <p class="muted">no symbols</p>}
      {symbols.total > symbols.rows.length && (
        <p class="muted">and {plural(symbols.total - symbols.rows.length, 'other')}</p>
      )}
    </>
  );
}

/** What the worker answers, or why it does not. */
function useFacts<T>(ask: () => Promise<T>, set: (value: T | string | undefined) => void, inputs: unknown[]): void {
  useEffect(() => {
    let gone = false;
    set(undefined);
    ask().then(
      (value) => !gone && set(value),
      (error: unknown) => !gone && set(error instanceof Error ? error.message : String(error)),
    );
    return () => void (gone = true);
  }, inputs);
}
