import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LinkResult } from 'wasm-weld';
import { DiagnosticList } from './diagnostics';
import { InputList, kindOf, type Input } from './inputs';
import { Linker, type Outcome } from './linker';
import { argsOf, defaultOptions, outputName, type FormOptions } from './options';
import { OptionsForm } from './options_form';
import { OutputView } from './output';

let nextKey = 1;

export function App() {
  const linker = useMemo(() => new Linker(), []);
  const [inputs, setInputs] = useState<Input[]>([]);
  const [options, setOptions] = useState<FormOptions>(defaultOptions);
  const [outcome, setOutcome] = useState<Outcome>();
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState('');
  const [dragging, setDragging] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const args = argsOf(options);
  const commandLine = ['weld', ...args, ...inputs.flatMap((i) => (i.wholeArchive ? ['--whole-archive', i.name, '--no-whole-archive'] : [i.name]))];

  // A file that comes again under the same name is a new version of it and keeps its place.
  async function addFiles(files: Iterable<File>): Promise<void> {
    const added: Input[] = [];
    for (const file of files) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const key = nextKey++;
      added.push({ key, name: inputName(file.webkitRelativePath || file.name), size: bytes.length, kind: kindOf(bytes), wholeArchive: false });
      linker.add(key, bytes);
    }
    setInputs((old) => {
      const list = [...old];
      for (const input of added) {
        const at = list.findIndex((i) => i.name === input.name);
        if (at < 0) list.push(input);
        else {
          linker.remove(list[at]!.key);
          list[at] = { ...input, wholeArchive: list[at]!.wholeArchive };
        }
      }
      return list;
    });
    setMessage(added.length === 1 ? `Added ${added[0]!.name}` : `Added ${added.length} files`);
  }

  async function addSample(): Promise<void> {
    setMessage('Fetching the sample…');
    try {
      const names = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];
      const files = await Promise.all(
        names.map(async (name) => {
          const response = await fetch(`./samples/${name}`);
          if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
          return new File([await response.arrayBuffer()], name);
        }),
      );
      clear();
      await addFiles(files);
    } catch (error) {
      setMessage(`The sample cannot be had: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function clear(): void {
    for (const input of inputs) linker.remove(input.key);
    setInputs([]);
  }

  // Every change links.
  const request = JSON.stringify([inputs.map((i) => [i.key, i.name, i.wholeArchive]), args]);
  useEffect(() => {
    if (inputs.length === 0) {
      setOutcome(undefined);
      return;
    }
    let current = true;
    const timer = setTimeout(async () => {
      setBusy(true);
      const answer = await linker.link(inputs.map(({ key, name, wholeArchive }) => ({ key, name, wholeArchive })), args);
      if (!current) return;
      setBusy(false);
      setOutcome(answer);
    }, 60);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [request]);

  // Files may be dropped anywhere.
  useEffect(() => {
    const over = (event: DragEvent) => {
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setDragging(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      if (event.dataTransfer) void addFiles(event.dataTransfer.files);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  });

  const result = outcome?.result;
  return (
    <>
      <header class="top">
        <div class="brand">
          <img src="./icon.svg" alt="" width="32" height="32" />
          <div>
            <h1>weld</h1>
            <p>Links WebAssembly objects and archives, here in the page. Nothing is uploaded.</p>
          </div>
        </div>
        <div class="actions">
          <button type="button" onClick={() => picker.current?.click()}>
            Add files…
          </button>
          <button type="button" class="quiet" onClick={() => void addSample()}>
            Open a sample
          </button>
          <input
            ref={picker}
            id="files"
            class="visually-hidden"
            type="file"
            multiple
            aria-label="Files to link"
            tabIndex={-1}
            onChange={(event) => {
              void addFiles([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = '';
            }}
          />
        </div>
      </header>

      <p class="visually-hidden" role="status">
        {message}
      </p>

      <main class={dragging ? 'dragging' : ''}>
        <div class="column">
          <section class="card" aria-labelledby="inputs-title">
            <h2 id="inputs-title">Inputs</h2>
            {inputs.length === 0 ? (
              <div class="drop">
                <p>
                  <strong>Drop object files and archives</strong>
                </p>
                <p>
                  <code>.o</code> and <code>.a</code>, as clang, rustc or emcc write them. They are linked in this order, at once, and again
                  with every change.
                </p>
              </div>
            ) : (
              <InputList inputs={inputs} setInputs={setInputs} onRemove={(key) => linker.remove(key)} onClear={clear} />
            )}
          </section>
          <section class="card" aria-labelledby="options-title">
            <h2 id="options-title">Options</h2>
            <OptionsForm options={options} setOptions={setOptions} />
            <h3>The same on the command line</h3>
            <pre class="command" tabIndex={0} aria-label="Command line">
              {commandLine.map(quoted).join(' ')}
            </pre>
          </section>
        </div>

        <div class="column wide">
          <section class="card" aria-labelledby="result-title" aria-busy={busy}>
            <h2 id="result-title">Result</h2>
            <Summary inputs={inputs.length} busy={busy} outcome={outcome} />
            {result && <DiagnosticList diagnostics={result.diagnostics} />}
          </section>
          {result?.ok && <OutputView key={outputKey(result)} output={result.output} name={outputName} />}
        </div>
      </main>
    </>
  );
}

// A link's bytes are a new object each time: views of the old one start anew.
const keys = new WeakMap<LinkResult, number>();
function outputKey(result: LinkResult): number {
  if (!keys.has(result)) keys.set(result, nextKey++);
  return keys.get(result)!;
}

/** An argument that looks like an option is a path all the same. */
function inputName(name: string): string {
  return /^[-@]/.test(name) ? `./${name}` : name;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function Summary({ inputs, busy, outcome }: { inputs: number; busy: boolean; outcome: Outcome | undefined }) {
  if (inputs === 0) return <p class="muted">Nothing to link yet.</p>;
  if (!outcome) return <p class="muted">{busy ? 'Linking…' : ''}</p>;
  if (outcome.error !== undefined) return <p class="verdict bad">The linker failed: {outcome.error}</p>;
  const { ok, stats, diagnostics } = outcome.result!;
  const errors = diagnostics.filter((d) => d.severity === 'error').length;
  return (
    <div class="summary" role="status">
      <p class={ok ? 'verdict good' : 'verdict bad'}>{ok ? 'Linked' : `Not linked: ${errors} ${errors === 1 ? 'error' : 'errors'}`}</p>
      <dl class="figures">
        <div>
          <dt>Time</dt>
          <dd>{stats.total.toFixed(1)} ms</dd>
        </div>
        <div>
          <dt>Objects</dt>
          <dd>{stats.objects}</dd>
        </div>
        <div>
          <dt>In</dt>
          <dd>{bytesText(stats.inputBytes)}</dd>
        </div>
        <div>
          <dt>Out</dt>
          <dd>{ok ? bytesText(stats.outputBytes) : '–'}</dd>
        </div>
      </dl>
    </div>
  );
}

export function bytesText(n: number): string {
  return n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(2)} MB`;
}
