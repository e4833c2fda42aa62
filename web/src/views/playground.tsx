import { useEffect, useRef, useState } from 'preact/hooks';
import type { Editor } from '../editor';
import { isCompiled, isSource, type Source } from '../playground';
import { whyNotRun } from '../output';
import type { Session } from '../session';
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

export function Playground({ session }: { session: Session }) {
  const { playground } = session;
  const sources = playground.sources.value;
  return (
    <section class="card playground" aria-labelledby="playground-title">
      <details open={playground.shown.value} onToggle={(event) => (playground.shown.value = event.currentTarget.open)}>
        <summary>
          <h2 id="playground-title">Playground</h2>{' '}
          <span class="muted">
            {sources.length > 0
              ? `${shown(sources.map((s) => s.name).join(', '), 80)}: edit, compile, link, run`
              : 'write C, C++ or wat here'}
          </span>
        </summary>
        {playground.shown.value && <Body session={session} />}
      </details>
    </section>
  );
}

function Body({ session }: { session: Session }) {
  const { playground } = session;
  const sources = playground.sources.value;
  const current = sources.find((s) => s.name === playground.current.value);
  const busy = playground.busy.value;
  const hasC = sources.some((s) => isCompiled(s.name) && !s.name.endsWith('.wat'));
  const run = () => void compileLinkRun(session);
  return (
    <>
      <Files session={session} current={current} />
      {current && <Text session={session} source={current} run={run} />}
      {sources.length > 0 && (
        <div class="run">
          <button type="button" class={busy ? 'stop' : 'primary'} onClick={() => (busy ? playground.stop() : run())}>
            {busy ? 'Stop' : 'Compile, link, run'}
          </button>
          {hasC && (
            <label class="field inline">
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
        </div>
      )}
      {playground.fetched.value !== undefined && (
        <label class="fetching">
          <progress value={playground.fetched.value} /> fetching the compiler (27 MB, only once):{' '}
          {Math.round(100 * playground.fetched.value)} %
        </label>
      )}
      {playground.failure.value && <p class="refusal">{shownLines(playground.failure.value)}</p>}
      {sources.map(
        (source) =>
          source.messages && (
            <pre
              key={source.name}
              class={source.failed ? 'console compiler failed' : 'console compiler'}
              tabIndex={0}
              aria-label={`What the compiler says about ${shown(source.name, 80)}`}
            >
              {shownLines(source.messages, 20_000)}
            </pre>
          ),
      )}
      {hasC && !playground.compiles.value && !busy && (
        <p class="muted note-line">
          clang compiles C and C++ in this page. Its 27 MB are fetched from this page’s server when you compile for the
          first time. After that, an edit compiles one file and links again.
        </p>
      )}
    </>
  );
}

async function compileLinkRun(session: Session): Promise<void> {
  session.program.replace();
  if (!(await session.playground.compile())) return;
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
              compiled <b>{msText(compiled.reduce((sum, s) => sum + s.ms!, 0))}</b>
            </span>
          )}
          {failed.length === 0 && stats && session.outcome.value?.result?.ok && (
            <span>
              linked <b>{msText(stats.total)}</b>
            </span>
          )}
          {failed.length === 0 && state.kind === 'exited' && (
            <span>
              ran <b>{msText(state.ms)}</b>
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
  const wrong = name !== '' && !isSource(name);
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
          aria-label="Name of a new file"
          placeholder="new file: more.c"
          spellcheck={false}
          autocapitalize="off"
          aria-invalid={wrong}
          value={name}
          onInput={(event) => setName(event.currentTarget.value.trim().replaceAll('/', ''))}
        />
        <button type="submit" aria-disabled={name === '' || wrong} title="Names end in .c, .cpp, .h, .hpp or .wat">
          Add
        </button>
      </form>
    </div>
  );
}

function Text({ session, source, run }: { session: Session; source: Source; run(): void }) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor>();
  const newest = useRef(source);
  newest.current = source;
  // Only of the text as it is now: it may be newer than what is drawn.
  const mark = () => {
    const messages = session.playground.messagesOf(newest.current.name);
    if (messages) editor.current?.mark(messages);
  };
  const [failed, setFailed] = useState('');
  useEffect(() => {
    let gone = false;
    void import('../editor').then(
      ({ createEditor }) => {
        if (gone) return;
        editor.current = createEditor(
          host.current!,
          ({ name, text, given }) => session.playground.edit(name, text, given),
          run,
        );
        editor.current.open(newest.current);
        mark();
      },
      () => setFailed('The editor could not be loaded. Check the network connection. Until then, edit plain text:'),
    );
    return () => {
      gone = true;
      editor.current?.destroy();
    };
  }, []);
  useEffect(() => editor.current?.open(source), [source.name, source.given]);
  useEffect(mark, [source.name, source.given, JSON.stringify(session.playground.messagesOf(source.name))]);
  return (
    <>
      {failed && (
        <>
          <p class="refusal">{failed}</p>
          <textarea
            rows={16}
            spellcheck={false}
            aria-label={`Source of ${shown(source.name, 80)}`}
            value={source.text}
            onInput={(event) => session.playground.edit(source.name, event.currentTarget.value, source.given)}
          />
        </>
      )}
      <div class="editor" ref={host} hidden={failed !== ''} />
    </>
  );
}
