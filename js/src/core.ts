// The linker's module.
import { Crash } from './crash.js';
import { Instances, type Host } from './instance.js';
import { weldWasm } from './load.js';
import type { InitializeOptions } from './types.js';
import { version } from './version.js';
import createWeld, { type WeldModule } from './weld.js';

/** An exit code, or why the core could not come to one. */
export type Run = ({ exitCode: number } | { crash: Crash }) & { memoryBytes: number };

const instances = new Instances<WeldModule>(
  createWeld,
  weldWasm,
  'initialize',
  'link',
  (weld) => weld.version?.() === version,
  ['worker'],
);

let workerOption: InitializeOptions['worker'];

/** Sets where the linker's module comes from, and whether links use a worker. */
export function configure(options: InitializeOptions): void {
  instances.configure(options);
  workerOption ??= options.worker;
}

/** The compiled module. */
export const load = (): Promise<WebAssembly.Module> => instances.compile();

/** Before the first `run` in this thread. */
export const instantiateHere = (): Promise<void> => instances.load();

/** The setting, if links are to be done in a worker. */
export function usesWorker(): InitializeOptions['worker'] {
  return workerOption ?? (typeof document === 'object' && typeof Worker === 'function');
}

/** Runs the tool on the instance that is alive. */
export function run(argv: readonly string[], host: Host, terminals: number): Run {
  let memory: WeldModule | undefined;
  try {
    const exitCode = instances.use((instance) => (memory = instance).run(argv, host, terminals));
    return { exitCode, memoryBytes: memory!.HEAPU8.length };
  } catch (error) {
    if (!(error instanceof Crash)) throw error; // there is no instance
    return { crash: error, memoryBytes: memory!.HEAPU8.length };
  }
}

/** A new instance, for a persistent linker. */
export function newInstance(): WeldModule {
  return instances.instantiateNow();
}
