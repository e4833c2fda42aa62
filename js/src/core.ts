// The linker's module as an instance that is alive: made when it is needed, thrown away when it crashed.
import { compile } from './load.js';
import type { InitializeOptions } from './types.js';
import createWeld, { type WeldModule } from './weld.js';

/**
 * What the core asks of us while it links. A view on its memory is good only until we return; nothing may be thrown.
 * Where an answer is a string, it says what went wrong.
 */
export interface Host {
  exists(path: string): boolean;
  read(path: string): Uint8Array | string;
  /** The names of the files in a directory, sorted; none when that is not known. */
  list(directory: string): string[];
  write(path: string, bytes: Uint8Array, executable: boolean): string | undefined;
  /** Another number when the file is another one; 0 when that is not known. */
  stamp(path: string): number;
  canWrite(path: string): string | undefined;
  random(bytes: Uint8Array): string | undefined;
  absolutePath(path: string): string;
  out(bytes: Uint8Array): void;
  err(bytes: Uint8Array): void;
  report(json: string): void;
}

/** An exit code, or why the core could not come to one. */
export type Run = ({ exitCode: number } | { crash: Error }) & { memoryBytes: number };

// Wasm memory never shrinks. After a link that took more than this, a new instance is made for the next one.
const memoryToKeep = 512 << 20;

let compiling: Promise<WebAssembly.Module> | undefined;
let compiled: WebAssembly.Module | undefined;
let alive: WeldModule | undefined;

export async function initialize(options?: InitializeOptions): Promise<void> {
  if (options !== undefined) checkOptions(options);
  if (compiling && options && Object.keys(options).length > 0)
    throw new TypeError('weld is initialized already: call `initialize` before the first link, once');
  compiling ??= compile(options ?? {});
  try {
    compiled = await compiling;
  } catch (error) {
    compiling = undefined; // so that it can be tried again
    throw error;
  }
  alive ??= await instantiate(compiled);
}

/** Runs the tool on the instance that is alive. */
export function run(argv: readonly string[], host: Host, errHasColors: boolean): Run {
  const instance = (alive ??= instantiateNow());
  alive = undefined; // after a trap or an abort its memory is in any state
  try {
    const exitCode = instance.run(argv, host, errHasColors);
    const memoryBytes = instance.HEAPU8.length;
    if (memoryBytes <= memoryToKeep) alive ??= instance;
    return { exitCode, memoryBytes };
  } catch (error) {
    const crash = error instanceof Error ? error : new Error(String(error));
    return { crash, memoryBytes: instance.HEAPU8.length };
  }
}

/** An instance of its own, for a linker that stays. */
export function newInstance(): WeldModule {
  return instantiateNow();
}

const names = ['wasmURL', 'wasmBinary', 'wasmModule'];

function checkOptions(options: InitializeOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('`initialize` takes an object');
  for (const key of Object.keys(options))
    if (!names.includes(key)) throw new TypeError(`\`initialize\` has no option \`${key}\`: it has ${names.join(', ')}`);
}

// Browsers' main threads may refuse to instantiate a module at once, so it is done while we may wait.
async function instantiate(module: WebAssembly.Module): Promise<WeldModule> {
  return createWeld({
    ...streams,
    instantiateWasm(imports, receive) {
      WebAssembly.instantiate(module, imports).then(receive);
      return {};
    },
  });
}

// For linkSync, and the link after one that crashed.
function instantiateNow(): WeldModule {
  if (!compiled) throw new Error('weld is not initialized: `await initialize()` comes before `linkSync`');
  const module = compiled;
  const options = {
    ...streams,
    instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      receive(instance);
      return instance.exports;
    },
  };
  void createWeld(options);
  return options as unknown as WeldModule;
}

// Emscripten prints what an abort was about; we report it.
const streams = { print() {}, printErr() {} };
