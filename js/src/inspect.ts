// The part of `inspect` that is always loaded. The rest is loaded on first use.
import { checkKeys } from './check.js';
import { bytesFor, bytesOf } from './files.js';
import type { Inspection, InspectOptions } from './inspect_types.js';
import type { Content, InitializeOptions } from './types.js';

let loaded: typeof import('./inspection.js') | undefined;

/**
 * Same as `initialize`, for the module `inspect.wasm`. Calling it is only required before `inspectSync`, and if the file is
 * neither beside the package's code nor beside the `weld.wasm` that `initialize({ wasmURL })` named.
 */
export async function initializeInspect(options?: InitializeOptions): Promise<void> {
  const inspection = await import('./inspection.js');
  await inspection.instances.load(options);
  loaded = inspection;
}

/**
 * Shows what is in an object file, an archive, a shared library or a module. If the bytes are malformed, the result has
 * the parts that could be read, and `diagnostics`. The first call loads `inspect.wasm`.
 */
export async function inspect(content: Content, options: InspectOptions = {}): Promise<Inspection> {
  checkOptions(options);
  const name = options.name ?? (content as Partial<File> | undefined)?.name;
  const bytes = await bytesFor('inspect', content);
  await initializeInspect();
  return loaded!.inspect(bytes, name ?? 'input');
}

/** Same as {@link inspect}, but synchronous. Call `await initializeInspect()` first. */
export function inspectSync(content: Uint8Array | ArrayBuffer, options: InspectOptions = {}): Inspection {
  checkOptions(options);
  const bytes = bytesOf(content);
  if (!bytes) throw new TypeError('`inspectSync` takes a Uint8Array or an ArrayBuffer');
  if (!loaded) throw new Error('weld is not initialized: `await initializeInspect()` comes before `inspectSync`');
  return loaded.inspect(bytes, options.name ?? 'input');
}

const checkOptions = (options: InspectOptions) => checkKeys(options, 'the second argument of `inspect`', ['name']);
