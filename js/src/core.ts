// The linker's module: `weld.wasm` has what most links need, `weld-more.wasm` everything else.
import type { Bridge, Host } from './bridge.js';
import { areParts, MoreNeeded } from './bridge.js';
import { Crash } from './crash.js';
import { Instances } from './instance.js';
import { beside, moreWasm, weldWasm } from './load.js';
import type { InitializeOptions } from './types.js';
import { version } from './version.js';
import { WasmFile } from './wasm_file.js';
import { Weld } from './weld_module.js';

export { MoreNeeded };

/** An exit code, or why the core could not come to one. */
export type Run = ({ exitCode: number } | { crash: Crash }) & { memoryBytes: number };

const more = new WasmFile({ wasm: moreWasm, initialize: 'initialize', prefix: 'more' });
const instances = new Instances(
  (bridge) => new Weld(bridge),
  weldWasm,
  'initialize',
  'link',
  (weld) => weld.version() === version,
  ['worker', 'workers', 'moreURL', 'moreBinary', 'moreModule'],
  more,
);

let settings: InitializeOptions = {};

/** Sets where the linker's modules come from, and whether links use a worker. */
export function configure(options: InitializeOptions): void {
  if (options.workers !== undefined) checkWorkers(options);
  instances.configure(options);
  if (Object.keys(options).length === 0) return;
  const { worker } = settings;
  settings = worker === undefined ? options : { worker, ...options };
  more.forget(); // what was got for another first module
}

function checkWorkers({ worker, workers }: InitializeOptions): void {
  if (!Number.isInteger(workers) || workers! < 1) throw new TypeError('`workers` must be a whole number, 1 or more');
  if (worker === false)
    throw new TypeError('`workers` says how many there are, but `worker: false` that there is none');
}

/** Where a module is that `initialize` was not told of: beside the one that it was told of, if that has its usual name. */
export const besideWeld = (name: string): URL | undefined => beside(settings, name);

/** The compiled module. */
export const load = (): Promise<WebAssembly.Module> => instances.compile();

/** The compiled second module, which belongs to the first one. */
export async function loadMore(): Promise<WebAssembly.Module> {
  more.set(settings);
  const [module, second] = await Promise.all([load(), more.get()]);
  if (areParts(module, second)) return second;
  const error = new Error('it is not of the same build as `weld.wasm`: see `initialize({ moreURL })`');
  more.forget(error);
  throw error;
}

/** How this thread gets the second module: `from` when it may wait, `read` when it may not. */
export function setMore({ from, read }: Partial<Pick<WasmFile, 'from' | 'read'>>): void {
  if (from) more.from = from;
  if (read) more.read = read;
}

/** Before the first `run` in this thread. */
export const instantiateHere = (): Promise<void> => instances.load();

/** The setting, if links are to be done in a worker. */
export function usesWorker(): InitializeOptions['worker'] {
  if (settings.worker === undefined && settings.workers !== undefined) return true;
  return settings.worker ?? (typeof document === 'object' && typeof Worker === 'function');
}

/** How many links are done at the same time. */
export const workerCount = (): number => settings.workers ?? 1;

/**
 * Runs the tool on the instance that is alive.
 *
 * @throws MoreNeeded
 */
export function run(argv: readonly string[], host: Host, terminals: number): Run {
  let memory: Weld | undefined;
  try {
    const exitCode = instances.use((instance) => (memory = instance).run(argv, host, terminals));
    return { exitCode, memoryBytes: memory!.HEAPU8.length };
  } catch (error) {
    if (!(error instanceof Crash)) throw error; // there is no instance
    return { crash: error, memoryBytes: memory!.HEAPU8.length };
  }
}

/** A new instance, for a persistent linker. */
export function newInstance(): Bridge {
  return instances.instantiateNow().bridge;
}
