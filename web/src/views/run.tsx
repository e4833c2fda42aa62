import { useEffect, useRef, useState } from 'preact/hooks';
import type { Interface } from '../facts.worker';
import { download, isAnimation, whyNotRun, type Output } from '../output';
import { whyNotCall, type Program, type RunState } from '../program';
import type { Session } from '../session';
import { bytesText, msText, shown, shownLines } from '../text';
import { lazily } from './lookers';
import { Name } from './name';

const Animation = lazily(async () => (await import('./animation')).Animation);
const Component = lazily(async () => (await import('./as_component')).AsComponent);
const Trap = lazily(async () => (await import('./trap')).Trap);

export function Run({ session, output }: { session: Session; output: Output }) {
  const { program } = session;
  const why = whyNotRun(output);
  const state = program.state.value;
  const printed = program.printed.value;
  const running = state.kind === 'running';
  const isLive = session.live.value?.isOn.value === true;
  const hasEnded = (state.kind === 'exited' || state.kind === 'failed') && !isAnimation(output);
  return (
    <>
      {why !== undefined ? (
        <>
          <p class="muted">{shownLines(why, 500)}</p>
          {whyNotCall(output) === undefined && <Exports session={session} output={output} />}
        </>
      ) : isAnimation(output) ? (
        <Animation session={session} output={output}>
          <State state={state} />
        </Animation>
      ) : (
        <form
          class="run"
          autocomplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            running ? program.stop() : program.start(output);
          }}
        >
          <button type="submit" class={running ? 'stop' : 'primary'}>
            {running ? 'Stop' : 'Run'}
          </button>
          <label class="field inline">
            <span class="label">Arguments</span>
            <input
              type="text"
              spellcheck={false}
              value={program.args}
              onInput={(event) => (program.args.value = event.currentTarget.value)}
            />
          </label>
          <State state={state} />
        </form>
      )}
      {(printed.length > 0 || hasEnded) && (
        <pre class="console" role="group" tabIndex={0} aria-label="What the program printed">
          {printed.length === 0 && !running && <span class="nothing">(it printed nothing)</span>}
          {printed.map(({ stream, text }, i) => (
            <span key={i} class={stream}>
              {text}
            </span>
          ))}
        </pre>
      )}
      {state.kind === 'failed' && state.stack && program.liveState.value === undefined && (
        <Trap session={session} stack={state.stack} />
      )}
      <Written program={program} />
      {why === undefined && <Surroundings program={program} />}
      {why === undefined && !isAnimation(output) && <AsComponent program={program} output={output} />}
      {output.refusal === undefined && !session.outcome.value?.looked && !isLive && (
        <Debugging session={session} output={output} />
      )}
    </>
  );
}

function State({ state }: { state: RunState }) {
  return (
    <span class="run-state" role="status">
      {state.kind === 'running' && <span class="badge">{state.doing ?? 'running…'}</span>}
      {state.kind === 'failed' && <span class="badge bad">{shown(state.why)}</span>}
      {state.kind === 'exited' && (
        <>
          <span class={state.code === 0 ? 'badge good' : 'badge warn'}>exit code {state.code}</span>{' '}
          <span class="muted">{msText(state.ms)}</span>
        </>
      )}
    </span>
  );
}

/** What the program reads: its standard input, and the files of its folder. */
function Surroundings({ program }: { program: Program }) {
  const picker = useRef<HTMLInputElement>(null);
  const files = program.files.value;
  return (
    <details class="surroundings">
      <summary>
        Standard input and files <span class="count">{files.length > 0 && files.length}</span>
      </summary>
      <label class="field">
        <span class="label">Standard input</span>
        <textarea
          rows={3}
          spellcheck={false}
          value={program.stdin.value}
          onInput={(event) => (program.stdin.value = event.currentTarget.value)}
        />
      </label>
      <p class="muted">
        The program sees one folder, /, with the files that you put there. The files stay in this page.
      </p>
      <ul class="names">
        {files.map(({ name, bytes }) => (
          <li key={name}>
            <span>
              <Name text={name} most={120} /> <span class="muted">{bytesText(bytes.length)}</span>
            </span>
            <button
              type="button"
              class="icon"
              aria-label={`Take ${shown(name, 80)} out of the folder`}
              onClick={() => (program.files.value = files.filter((file) => file.name !== name))}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
      <button type="button" onClick={() => picker.current?.click()}>
        Put files there…
      </button>
      <input
        ref={picker}
        id="program-files"
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget }) => {
          void program.addFiles(currentTarget.files ?? []).then(() => (currentTarget.value = ''));
        }}
      />
    </details>
  );
}

/** What makes components is fetched when one is run or downloaded. */
function AsComponent({ program, output }: { program: Program; output: Output }) {
  const isOn = program.asComponent.value;
  return (
    <div class="debugging">
      <label class="check" title="Makes a component for WASI 0.2 of the module, and runs that">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => (program.asComponent.value = currentTarget.checked)}
        />
        As a component
      </label>
      {isOn && <Component output={output} />}
    </div>
  );
}

/** Runs the module with a source map, and says what to do then. Without it, nothing is made or loaded for this. */
function Debugging({ session, output }: { session: Session; output: Output }) {
  const { program } = session;
  const { debugged } = program;
  const isOn = debugged.value !== undefined;
  const [hint, setHint] = useState('');
  useEffect(() => {
    let gone = false;
    setHint(isOn ? 'Making a source map…' : '');
    if (isOn)
      void import('../debugging')
        .then(({ prepare }) => prepare(session, output))
        .then(
          (text) => !gone && setHint(text),
          (error: unknown) => !gone && setHint(shown(String(error), 500)),
        );
    return () => void (gone = true);
  }, [session, output, isOn]);
  return (
    <div class="debugging">
      <label class="check" title="Runs the module with a source map, which the browser’s debugger reads">
        <input
          type="checkbox"
          checked={isOn}
          onChange={({ currentTarget }) => {
            const module = async (of: Output) => (await import('../debugging')).debuggedModule(session, of);
            debugged.value = currentTarget.checked ? module : undefined;
            if (program.state.peek().kind === 'open') program.replace(); // the next call starts the other module
          }}
        />
        Debug in DevTools
      </label>
      <span class="muted" role="status">
        {hint}
      </span>
    </div>
  );
}

function Written({ program }: { program: Program }) {
  const written = program.written.value;
  if (written.length === 0) return null;
  return (
    <>
      <h3 id="written-title">Files that it wrote</h3>
      <ul class="names" aria-labelledby="written-title">
        {written.map(({ name, bytes }) => (
          <li key={name}>
            <span>
              <Name text={name} most={160} /> <span class="muted">{bytesText(bytes.length)}</span>
            </span>
            <button
              type="button"
              class="plain"
              aria-label={`Download ${shown(name, 80)}`}
              onClick={() => download(name.split('/').at(-1)!, bytes)}
            >
              Download
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

const numeric = ['i32', 'i64', 'f32', 'f64'];
/** More functions than this are found by their name. */
const mostFunctions = 50;

/** The exports of a reactor or of a plain module, to be called. */
function Exports({ session, output }: { session: Session; output: Output }) {
  const { program } = session;
  const [known, setKnown] = useState<Interface>();
  const [search, setSearch] = useState('');
  useEffect(() => {
    let gone = false;
    setKnown(undefined);
    program.interfaceOf(output).then(
      (value) => !gone && setKnown(value),
      () => {},
    );
    return () => void (gone = true);
  }, [program, output]);
  if (!known) return null;
  const functions = known.functions.filter(({ name }) => name !== '_initialize' && name.includes(search));
  const state = program.state.value;
  if (known.functions.length === 0) return <p class="muted">It exports no function that can be called.</p>;
  const missing = known.imports.filter((i) => i.module !== 'wasi_snapshot_preview1' && i.kind === 'function');
  return (
    <div class="exports">
      <p class="muted">You can call its exports. The module keeps its state between calls.</p>
      {missing.length > 0 && (
        <p class="muted">
          This page does not provide the functions that it imports. If one of them is called, the call ends in an error.
        </p>
      )}
      {known.functions.length > mostFunctions && (
        <input
          type="text"
          aria-label="Search the exports"
          placeholder="Search"
          spellcheck={false}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <ul class="callables" aria-label="Exported functions">
        {functions.slice(0, mostFunctions).map((f) => (
          <Callable key={f.name} {...f} call={(args) => program.call(output, f.name, args)} />
        ))}
      </ul>
      {functions.length > mostFunctions && <p class="muted">and {functions.length - mostFunctions} more</p>}
      <div class="run">
        {(state.kind === 'running' || state.kind === 'open') && (
          <button
            type="button"
            class={state.kind === 'running' ? 'stop' : ''}
            onClick={() => (state.kind === 'running' ? program.stop() : program.replace())}
          >
            {state.kind === 'running' ? 'Stop' : 'Start over'}
          </button>
        )}
        <State state={state} />
      </div>
      <ol class="calls" aria-label="Calls" aria-live="polite">
        {program.calls.value.map((call, i) => (
          <li key={program.calls.value.length - i}>
            <code>
              <Name text={call.name} most={80} />({call.args})
            </code>{' '}
            {call.values && (
              <code class="result">{call.values.length === 0 ? 'returned' : `= ${shown(call.values.join(', '))}`}</code>
            )}
            {call.ms !== undefined && <span class="muted"> {msText(call.ms)}</span>}
            {call.why !== undefined && <span class="bad">{shown(call.why)}</span>}
            {call.stack && <Trap session={session} stack={call.stack} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

interface CallableProps {
  name: string;
  params: string[];
  results: string[];
  call(args: (number | bigint)[]): void;
}

function Callable({ name, params, results, call }: CallableProps) {
  const [texts, setTexts] = useState<string[]>(params.map(() => '0'));
  const values = texts.map((text, i) => valueOf(text, params[i]!));
  const odd = params.find((type) => !numeric.includes(type)) ?? results.find((type) => type === 'v128');
  const title = shown(name, 80);
  return (
    <li>
      <form
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (values.every((value) => value !== undefined)) call(values);
        }}
      >
        <Name text={name} most={80} />
        <span class="muted signature">
          ({params.join(', ')}) → {results.join(', ') || 'nothing'}
        </span>
        {odd !== undefined ? (
          <span class="muted">cannot be called here, because of the type {odd}</span>
        ) : (
          <>
            {params.map((type, i) => (
              <input
                key={i}
                type="text"
                class="argument"
                inputMode={type.startsWith('i') ? 'numeric' : 'decimal'}
                aria-label={`${title}: argument ${i + 1}, ${type}`}
                aria-invalid={values[i] === undefined}
                spellcheck={false}
                value={texts[i]}
                onInput={(event) => setTexts(texts.with(i, event.currentTarget.value))}
              />
            ))}
            <button type="submit" aria-label={`Call ${title}`} aria-disabled={values.includes(undefined)}>
              Call
            </button>
          </>
        )}
      </form>
    </li>
  );
}

/** What was typed, as the engine takes it; undefined when it is no such number. */
function valueOf(text: string, type: string): number | bigint | undefined {
  const trimmed = text.trim();
  if (type.startsWith('i')) {
    if (!/^-?(\d+|0x[\da-f]+)$/i.test(trimmed)) return undefined;
    const value = trimmed.startsWith('-') ? -BigInt(trimmed.slice(1)) : BigInt(trimmed);
    const bits = type === 'i64' ? 64n : 32n;
    if (value < -(1n << (bits - 1n)) || value >= 1n << bits) return undefined;
    return type === 'i64' ? value : Number(value);
  }
  if (/^[+-]?(nan|inf(inity)?)$/i.test(trimmed))
    return /nan/i.test(trimmed) ? Number.NaN : trimmed.startsWith('-') ? -Infinity : Infinity;
  return trimmed === '' || Number.isNaN(Number(trimmed)) ? undefined : Number(trimmed);
}
