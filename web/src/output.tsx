import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { bytesText } from './app';
import { readSections } from './module';
import type { RunMessage, RunRequest } from './run.worker';

interface Props {
  output: Uint8Array;
  name: string;
}

export function OutputView({ output, name }: Props) {
  const sections = useMemo(() => readSections(output), [output]);
  const [module, setModule] = useState<WebAssembly.Module | string>();
  useEffect(() => {
    WebAssembly.compile(output as BufferSource).then(setModule, (error: unknown) => setModule(String(error)));
  }, [output]);
  const imports = module instanceof WebAssembly.Module ? WebAssembly.Module.imports(module) : [];
  const exports = module instanceof WebAssembly.Module ? WebAssembly.Module.exports(module) : [];
  const isCommand = exports.some((e) => e.name === '_start') && imports.every((i) => i.module === 'wasi_snapshot_preview1');
  const largest = Math.max(...sections.map((s) => s.size), 1);

  function download(): void {
    const url = URL.createObjectURL(new Blob([output as BlobPart], { type: 'application/wasm' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  return (
    <section class="card" aria-labelledby="output-title">
      <div class="card-head">
        <h2 id="output-title">
          {name} <span class="muted">{bytesText(output.length)}</span>
        </h2>
        <button type="button" onClick={download}>
          Download
        </button>
      </div>
      {typeof module === 'string' && <p class="verdict bad">The engine refuses this module: {module}</p>}
      {isCommand && <Run output={output} name={name} />}
      <div class="tables">
        <div>
          <h3 id="sections-title">Sections</h3>
          <table aria-labelledby="sections-title">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col" class="number">
                  Offset
                </th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col">
                  <span class="visually-hidden">Share</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sections.map((s, i) => (
                <tr key={i}>
                  <td class="mono">
                    <bdi>{s.name}</bdi>
                  </td>
                  <td class="number">{s.offset}</td>
                  <td class="number">{s.size}</td>
                  <td>
                    <meter min={0} max={largest} value={s.size} aria-label={`${s.size} bytes`} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div>
          <Names title="Imports" rows={imports.map((i) => [`${i.module}.${i.name}`, i.kind])} />
          <Names title="Exports" rows={exports.map((e) => [e.name, e.kind])} />
        </div>
      </div>
    </section>
  );
}

function Names({ title, rows }: { title: string; rows: [string, string][] }) {
  const shown = rows.slice(0, 200);
  return (
    <>
      <h3>
        {title} <span class="muted">{rows.length}</span>
      </h3>
      {rows.length === 0 ? (
        <p class="muted">none</p>
      ) : (
        <ul class="names" tabIndex={0} aria-label={title}>
          {shown.map(([name, kind], i) => (
            <li key={i}>
              <bdi class="mono">{name}</bdi> <span class="kind">{kind}</span>
            </li>
          ))}
          {rows.length > shown.length && <li class="muted">and {rows.length - shown.length} more</li>}
        </ul>
      )}
    </>
  );
}

/** What a program may print before the page stops listening. */
const mostText = 200_000;

function Run({ output, name }: Props) {
  const [args, setArgs] = useState('');
  const [chunks, setChunks] = useState<{ stream: string; text: string }[]>([]);
  const [state, setState] = useState<'ready' | 'running' | string>('ready');
  const worker = useRef<Worker>();
  useEffect(() => () => worker.current?.terminate(), []);

  function start(): void {
    worker.current?.terminate();
    setChunks([]);
    setState('running');
    let length = 0;
    const runner = new Worker(new URL('./run.worker.ts', import.meta.url), { type: 'module' });
    worker.current = runner;
    runner.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      if (data.kind === 'text') {
        length += data.text.length;
        if (length > mostText) stop('stopped: it printed too much');
        else setChunks((old) => [...old, data]);
      } else {
        runner.terminate();
        setState(data.kind === 'exit' ? `exit code ${data.code}` : data.message);
      }
    };
    const request: RunRequest = { bytes: output, args: [name, ...args.split(/\s+/).filter(Boolean)] };
    runner.postMessage(request);
  }

  function stop(reason: string): void {
    worker.current?.terminate();
    setState(reason);
  }

  return (
    <div class="run">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <button type="submit">Run</button>
        <label class="field inline">
          <span>Arguments</span>
          <input type="text" spellcheck={false} value={args} onInput={(event) => setArgs(event.currentTarget.value)} />
        </label>
        {state === 'running' && (
          <button type="button" class="quiet" onClick={() => stop('stopped')}>
            Stop
          </button>
        )}
        <span class="muted" role="status">
          {state === 'ready' ? '' : state === 'running' ? 'running…' : state}
        </span>
      </form>
      {(chunks.length > 0 || state !== 'ready') && (
        <pre class="console" tabIndex={0} aria-label="What the program printed">
          {chunks.map((c, i) => (
            <span key={i} class={c.stream}>
              {c.text}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}
