import { useEffect, useRef, useState } from 'preact/hooks';
import type { Editor } from '../editor';
import { isCompiled, isSource, type Source } from '../playground';
import { whyNotRun } from '../output';
import { sampleSource } from '../sample';
import type { Session } from '../session';
import { sourceText } from '../source_texts';
import { msText, plural, shown, shownLines } from '../text';
import { Name } from './name';

const firstC = `#include <stdio.h>

int main(void) {
  puts("Hello");
}
`;
const firstWat = `(module
  (func $answer (export "answer") (result i32)
    (i32.const 42)))
`;
const firstCxx = `#include <cstdio>

int main() {
  std::puts("Hello");
}
`;
const firstText = (name: string) =>
  name.endsWith('.wat') ? firstWat : /\.h/.test(name) ? '#pragma once\n' : name.endsWith('.c') ? firstC : firstCxx;

/** The sources that are written here, or a place to begin one. */
export function Playground({ session }: { session: Session }) {
  const { playground } = session;
  const sources = playground.sources.value;
  const current = sources.find((s) => s.name === playground.current.value);
  const busy = playground.busy.value;
  const hasC = sources.some((s) => isCompiled(s.name) && !s.name.endsWith('.wat'));
  const needsCompiler = hasC && !playground.compiles.value;
  const isFresh = !playground.stale.value && playground.failed.value.length === 0;
  const run = () => void compileLinkRun(session);
  return (
    <section class="pane source-pane" id="source" aria-labelledby="playground-title">
      <h2 id="playground-title" class="unseen">
        Source
      </h2>
      <Files session={session} current={current} />
      {current ? <Text session={session} source={current} run={run} /> : <NothingWritten session={session} />}
      {sources.map(
        (source) =>
          source.messages && (
            <pre
              key={source.name}
              class={source.failed ? 'console compiler failed' : 'console compiler'}
              role="group"
              tabIndex={0}
              aria-label={`What the compiler says about ${shown(source.name, 80)}`}
            >
              {shownLines(source.messages, 20_000)}
            </pre>
          ),
      )}
      {playground.failure.value && <p class="refusal">{shownLines(playground.failure.value)}</p>}
      {playground.fetched.value !== undefined && (
        <label class="fetching">
          <progress value={playground.fetched.value} /> fetching the compiler (27 MB, only once):{' '}
          {Math.round(100 * playground.fetched.value)} %
        </label>
      )}
      {sources.length > 0 && (
        <div class="run">
          <button
            type="button"
            class={busy ? 'stop' : isFresh ? '' : 'primary'}
            title={
              needsCompiler
                ? 'clang compiles in this page. Its 27 MB are fetched from this page’s server the first time; then an edit compiles one file and links again'
                : 'Ctrl-Enter in the source'
            }
            onClick={() => (busy ? playground.stop() : run())}
          >
            {busy ? 'Stop' : 'Compile, link, run'}
          </button>
          {hasC && (
            <label class="field inline flags">
              <span class="label">Compiler flags</span>
              <input
                type="text"
                spellcheck={false}
                value={playground.flags.value}
                onInput={(event) => (playground.flags.value = event.currentTarget.value)}
              />
            </label>
          )}
          <Times session={session} />
          {needsCompiler && !busy && <span class="muted note-line">fetches clang (27 MB) the first time</span>}
        </div>
      )}
    </section>
  );
}

/** A sample in Rust was compiled elsewhere: its source can be read. */
function NothingWritten({ session }: { session: Session }) {
  const origin = session.inputs.value.find((input) => sampleSource(rustOf(input.origin)))?.origin;
  const name = rustOf(origin);
  const text = origin === undefined ? undefined : sourceText(session, name)?.text;
  if (text === undefined)
    return (
      <p class="muted empty">
        Write C, C++ or wat here: it is compiled, linked and run in this page. Or drop what your compiler made.
      </p>
    );
  return (
    <>
      <pre class="read-only" role="group" tabIndex={0} aria-label={`Source of ${name}, to be read`}>
        {text}
      </pre>
      <p class="muted small read-only-note">
        rustc compiled <code>{name}</code> when this page was built. The page itself compiles C, C++ and wat.
      </p>
    </>
  );
}

/** `samples/words.o` -> `words.rs` */
const rustOf = (origin: string | undefined) => (origin ?? '').replace(/^.*\/(\w+)\.o$/, '$1.rs');

async function compileLinkRun(session: Session): Promise<void> {
  const isLive = session.live.peek()?.isOn.peek() === true;
  if (!isLive) session.program.replace();
  if (!(await session.playground.compile())) {
    // On a small screen, what the compiler says is below the source.
    requestAnimationFrame(() => document.querySelector('.compiler.failed')?.scrollIntoView({ block: 'nearest' }));
    return;
  }
  if (isLive) {
    // It has been patched, unless it was stopped.
    if (session.program.state.peek().kind !== 'running') session.live.peek()?.start();
    return;
  }
  await session.settled();
  const output = session.outcome.value?.output;
  if (output && whyNotRun(output) === undefined) session.program.start(output);
}

/** What each step took; the link's own time apart. */
function Times({ session }: { session: Session }) {
  const { sources, busy } = session.playground;
  const compiled = sources.value.filter((s) => s.ms !== undefined);
  const failed = session.playground.failed.value;
  const stats = session.outcome.value?.result?.stats;
  const state = session.program.state.value;
  return (
    <span class="times" role="status">
      {busy.value ? (
        <span class="badge">{shown(busy.value, 100)}</span>
      ) : (
        <>
          {session.playground.stale.value && <span class="badge warn">not compiled yet</span>}
          {failed.length > 0 && (
            <span class="badge bad">{plural(failed.length, 'file does', 'files do')} not compile</span>
          )}
          {compiled.length > 0 && (
            <span>
              compiled <strong>{msText(compiled.reduce((sum, s) => sum + s.ms!, 0))}</strong>
            </span>
          )}
          {failed.length === 0 && stats && session.outcome.value?.result?.ok && (
            <span>
              linked <strong>{msText(stats.total)}</strong>
              {session.outcome.value?.isFirst && (
                <span class="muted" title="The first link compiles the linker itself">
                  {' '}
                  (first)
                </span>
              )}
            </span>
          )}
          {failed.length === 0 && state.kind === 'exited' && (
            <span>
              ran <strong>{msText(state.ms)}</strong>
            </span>
          )}
        </>
      )}
    </span>
  );
}

function Files({ session, current }: { session: Session; current: Source | undefined }) {
  const { playground } = session;
  const [name, setName] = useState('');
  const sources = playground.sources.value;
  const [isNaming, setNaming] = useState(false);
  const wrong = name !== '' && !isSource(name);
  // Beside open files there is room for a sign only.
  const isSign = sources.length > 0 && name === '' && !isNaming;
  const add = () => {
    if (name === '' || wrong) return;
    if (!sources.some((s) => s.name === name)) playground.take(name, firstText(name));
    playground.current.value = name;
    setName('');
  };
  return (
    <div class="files">
      <ul class="file-tabs" aria-label="Sources">
        {sources.map((source) => (
          <li key={source.name} class={source === current ? 'current' : ''}>
            <button
              type="button"
              aria-pressed={source === current}
              onClick={() => (playground.current.value = source.name)}
            >
              <Name text={source.name} most={60} />
              {source.failed && <span class="bad"> ✕</span>}
            </button>
            <button
              type="button"
              class="icon"
              aria-label={`Close ${shown(source.name, 80)}`}
              onClick={() => playground.remove(source.name)}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <form
        class="new-file"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        {sources.length === 0 &&
          ['main.c', 'main.cpp', 'answer.wat'].map((first) => (
            <button key={first} type="button" onClick={() => playground.take(first, firstText(first))}>
              {first}
            </button>
          ))}
        <input
          type="text"
          class={isSign ? 'sign' : ''}
          title="A new source file"
          aria-label="Name of a new file"
          placeholder={isSign ? '+' : 'new file: more.c'}
          onFocus={() => setNaming(true)}
          onBlur={() => setNaming(false)}
          spellcheck={false}
          autocapitalize="off"
          aria-invalid={wrong}
          value={name}
          onInput={(event) => setName(event.currentTarget.value.trim().replaceAll('/', ''))}
        />
        {!isSign && (
          <button type="submit" aria-disabled={name === '' || wrong} title="Names end in .c, .cpp, .h, .hpp or .wat">
            Add
          </button>
        )}
      </form>
    </div>
  );
}

/** The editor waits for so long after the first result, which is not to wait for it. */
const pauseMs = 1200;

/** Whether the browser is to load little. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}

/**
 * A plain box at first, which can be typed in at once. The editor is fetched when somebody comes near or the first result has been
 * shown, and takes over what was typed, the selection and the focus.
 */
function Text({ session, source, run }: { session: Session; source: Source; run(): void }) {
  const host = useRef<HTMLDivElement>(null);
  const plain = useRef<HTMLTextAreaElement>(null);
  const editor = useRef<Editor>();
  const newest = useRef(source);
  newest.current = source;
  // Only of the text as it is now: it may be newer than what is drawn.
  const mark = () => {
    const messages = session.playground.messagesOf(newest.current.name);
    if (messages) editor.current?.mark(messages);
  };
  const [state, setState] = useState<'plain' | 'wanted' | 'here' | 'failed'>('plain');
  const isWanted = state === 'plain' ? () => setState('wanted') : undefined;
  // When nothing else is to be done, the source gets its colours.
  const isShown = session.outcome.value !== undefined;
  useEffect(() => {
    if (!isShown || savesData()) return;
    const timer = setTimeout(() => setState((now) => (now === 'plain' ? 'wanted' : now)), pauseMs);
    return () => clearTimeout(timer);
  }, [isShown]);
  useEffect(() => {
    if (state !== 'wanted') return;
    let gone = false;
    void import('../editor').then(
      ({ createEditor }) => {
        if (gone) return;
        const { selectionStart, selectionEnd } = plain.current!;
        const hadFocus = document.activeElement === plain.current;
        host.current!.hidden = false;
        editor.current = createEditor(
          host.current!,
          ({ name, text, given }) => session.playground.edit(name, text, given),
          run,
        );
        editor.current.open(newest.current);
        editor.current.select(selectionStart, selectionEnd);
        if (hadFocus) editor.current.focus();
        mark();
        setState('here');
      },
      () => setState('failed'),
    );
    return () => void (gone = true);
  }, [state === 'wanted']);
  useEffect(() => () => editor.current?.destroy(), []);
  useEffect(() => editor.current?.open(source), [source.name, source.given]);
  useEffect(mark, [source.name, source.given, JSON.stringify(session.playground.messagesOf(source.name))]);
  return (
    <div class="editor" onPointerEnter={isWanted}>
      {state === 'failed' && (
        <p class="refusal">
          The editor could not be loaded. Check the network connection. Until then, edit plain text:
        </p>
      )}
      {state !== 'here' && (
        <textarea
          ref={plain}
          class="plain-source"
          spellcheck={false}
          autocapitalize="off"
          wrap="off"
          aria-label={`Source of ${shown(source.name, 80)}`}
          value={source.text}
          onFocus={isWanted}
          onInput={(event) => session.playground.edit(source.name, event.currentTarget.value, source.given)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            run();
          }}
        />
      )}
      <div class="code-editor" ref={host} hidden={state !== 'here'} />
    </div>
  );
}
