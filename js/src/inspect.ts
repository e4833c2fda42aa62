// `inspect`, as far as everybody loads it: the rest comes when it is first called.
import { checkKeys } from './check.js';
import { bytesFor, bytesOf } from './files.js';
import type { Inspection, InspectOptions } from './inspect_types.js';
import type { Content, InitializeOptions } from './types.js';

let loaded: typeof import('./inspection.js') | undefined;

/** As `initialize`, for the module that inspects: `inspect.wasm`. Needed before `inspectSync` only. */
export async function initializeInspect(options?: InitializeOptions): Promise<void> {
  const inspection = await import('./inspection.js');
  await inspection.instances.load(options);
  loaded = inspection;
}

/**
 * What is in an object file, an archive, a shared library or a module. Malformed bytes give what could be read, and
 * `diagnostics`. Where the module that inspects is not loaded yet, it is loaded first.
 */
export async function inspect(content: Content, options: InspectOptions = {}): Promise<Inspection> {
  checkOptions(options);
  const name = options.name ?? (content as Partial<File> | undefined)?.name;
  const bytes = await bytesFor('inspect', content);
  await initializeInspect();
  return loaded!.inspect(bytes, name ?? 'input');
}

/** As `inspect`, after `await initializeInspect()`. */
export function inspectSync(content: Uint8Array | ArrayBuffer, options: InspectOptions = {}): Inspection {
  checkOptions(options);
  const bytes = bytesOf(content);
  if (!bytes) throw new TypeError('`inspectSync` takes a Uint8Array or an ArrayBuffer');
  if (!loaded) throw new Error('weld is not initialized: `await initializeInspect()` comes before `inspectSync`');
  return loaded.inspect(bytes, options.name ?? 'input');
}

const checkOptions = (options: InspectOptions) => checkKeys(options, 'the second argument of `inspect`', ['name']);
