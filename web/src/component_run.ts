// Runs a component that is a command for WASI 0.2, in the program's worker.
import * as cli from '@bytecodealliance/preview2-shim/cli';
import * as clocks from '@bytecodealliance/preview2-shim/clocks';
import * as filesystem from '@bytecodealliance/preview2-shim/filesystem';
import * as io from '@bytecodealliance/preview2-shim/io';
import * as random from '@bytecodealliance/preview2-shim/random';
import * as sockets from '@bytecodealliance/preview2-shim/sockets';

/** A component that is ready to run, as the page sends it. */
export interface RunnableComponent {
  script: string;
  /** Of the module that was linked. */
  main: string;
  cores: Record<string, WebAssembly.Module>;
  /** The name that all of the others have. */
  added: string;
}
interface NamedFile {
  name: string;
  bytes: Uint8Array;
}
export interface Surroundings {
  args: string[];
  stdin: string;
  files: NamedFile[];
  /** Where it prints. */
  out(bytes: Uint8Array): void;
  err(bytes: Uint8Array): void;
}
export interface Ended {
  code: number;
  ms: number;
  /** All files that there are. */
  files: NamedFile[];
}

type Instance = { exports: WebAssembly.Exports };
interface Script {
  instantiate(
    coreModule: (name: string) => WebAssembly.Module,
    imports: Record<string, unknown>,
    instantiateCore: (module: WebAssembly.Module, imports: WebAssembly.Imports) => Promise<Instance>,
  ): Promise<{ run: { run(): void } }>;
}

export async function runComponent(component: RunnableComponent, surroundings: Surroundings): Promise<Ended> {
  const root = folderOf(surroundings.files);
  const main = component.cores[component.main];
  let code: number | undefined;
  const { instantiate } = await load(component.script);
  const { run } = await instantiate(
    (name) => component.cores[name]!,
    importsFor(surroundings, root),
    (module, imports) => {
      const wasi = imports?.wasi_snapshot_preview1;
      const exit = wasi?.proc_exit as ((code: number) => void) | undefined;
      if (module !== main || !exit) return WebAssembly.instantiate(module, imports);
      // A component says only whether it failed. The code is what the module gave to the adapter.
      const proc_exit = (given: number) => exit((code = given >>> 0));
      return WebAssembly.instantiate(module, { ...imports, wasi_snapshot_preview1: { ...wasi, proc_exit } });
    },
  );
  const begin = performance.now();
  try {
    run.run();
    code = 0;
  } catch (error) {
    const { exitError, code: failed } = error as { exitError?: boolean; code?: number };
    if (exitError !== true) throw asThrown(error);
    code ??= failed!;
  }
  return { code, ms: performance.now() - begin, files: filesIn(root) };
}

/** A trap in the engine's words. The script puts others in their place, but not in the stack. */
function asThrown(error: unknown): unknown {
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  const [, own] = /^RuntimeError: (.*)/.exec(error.stack ?? '') ?? [];
  error.message = own ?? error.message.replace(/^wasm trap: /, '');
  return error;
}

/** The script is made for this component: no file of the page can have it. */
async function load(script: string): Promise<Script> {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    return (await import(/* @vite-ignore */ url)) as Script;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `this page’s host or the browser does not allow the script that joins the modules of a component (${why})`,
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

function importsFor({ args, stdin, out, err }: Surroundings, root: filesystem.FileData): Record<string, unknown> {
  const input = new TextEncoder().encode(stdin);
  let at = 0;
  const terminal = (write: (bytes: Uint8Array) => void) => ({ write, flush() {}, blockingFlush() {} });
  const { environment, exit, ...streams } = cli.createCli({
    arguments: args,
    stdin: {
      blockingRead(most: bigint) {
        if (at === input.length) throw { tag: 'closed' };
        const begin = at;
        at = Math.min(input.length, at + Number(most));
        return input.slice(begin, at);
      },
    },
    stdout: terminal(out),
    stderr: terminal(err),
  });
  const { types, preopens } = filesystem.createFilesystem({
    adapter: new filesystem.InMemoryFilesystemAdapter(),
    preopens: { '/': root },
  });
  // C libraries then write line by line, as they do for the module.
  const { TerminalOutput } = streams.terminalOutput as unknown as { TerminalOutput: new () => unknown };
  return {
    'wasi:cli/environment': environment,
    'wasi:cli/exit': exit,
    'wasi:cli/stdin': streams.stdin,
    'wasi:cli/stdout': streams.stdout,
    'wasi:cli/stderr': streams.stderr,
    'wasi:cli/terminal-input': streams.terminalInput,
    'wasi:cli/terminal-output': streams.terminalOutput,
    'wasi:cli/terminal-stdin': streams.terminalStdin,
    'wasi:cli/terminal-stdout': { getTerminalStdout: () => new TerminalOutput() },
    'wasi:cli/terminal-stderr': { getTerminalStderr: () => new TerminalOutput() },
    'wasi:clocks/monotonic-clock': monotonicClock,
    'wasi:clocks/wall-clock': clocks.wallClock,
    'wasi:filesystem/preopens': preopens,
    'wasi:filesystem/types': types,
    'wasi:io/error': io.error,
    'wasi:io/poll': { ...io.poll, poll },
    'wasi:io/streams': io.streams,
    'wasi:random/random': random.random,
    'wasi:random/insecure': random.insecure,
    'wasi:random/insecure-seed': random.insecureSeed,
    'wasi:sockets/instance-network': sockets.instanceNetwork,
    'wasi:sockets/ip-name-lookup': sockets.ipNameLookup,
    'wasi:sockets/network': sockets.network,
    'wasi:sockets/tcp': sockets.tcp,
    'wasi:sockets/tcp-create-socket': sockets.tcpCreateSocket,
    'wasi:sockets/udp': sockets.udp,
    'wasi:sockets/udp-create-socket': sockets.udpCreateSocket,
  };
}

// The shim waits for promises, for which a component would have to be suspended. This worker has nothing else to do: it waits
// on the spot, as it does for the module.
const due = (at: bigint) =>
  io.pollableCreate({ ready: () => clocks.monotonicClock.now() >= at, wait: () => Promise.resolve() });
const monotonicClock = {
  ...clocks.monotonicClock,
  subscribeInstant: due,
  subscribeDuration: (duration: bigint) => due(clocks.monotonicClock.now() + duration),
};

function poll(pollables: { ready(): boolean }[]): Uint32Array {
  for (;;) {
    const ready = [...pollables.keys()].filter((i) => pollables[i]!.ready());
    if (ready.length > 0) return new Uint32Array(ready);
    rest();
  }
}

let bell: Int32Array | undefined;

/** A millisecond in which the processor has nothing to do. */
function rest(): void {
  bell ??= new Int32Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer);
  Atomics.wait(bell, 0, 0, 1);
}

/** Without a prototype: a file may have any name. */
const emptyFolder = () => ({ dir: Object.create(null) as Record<string, filesystem.FileData> });

function folderOf(files: NamedFile[]): filesystem.FileData {
  const root = emptyFolder();
  for (const { name, bytes } of files) root.dir[name] = { source: bytes.slice() }; // the program writes into it
  return root;
}

function filesIn(root: filesystem.FileData): NamedFile[] {
  const files: NamedFile[] = [];
  const waiting: [string, filesystem.FileData][] = [['', root]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [path, { dir, source }] = next;
    for (const [name, entry] of Object.entries(dir ?? {}))
      waiting.push([path === '' ? name : `${path}/${name}`, entry]);
    if (source !== undefined)
      files.push({ name: path, bytes: typeof source === 'string' ? new TextEncoder().encode(source) : source });
  }
  return files;
}
