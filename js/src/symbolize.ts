// `symbolize`: the second module does the work, and is loaded on first use.
import { bytesFor } from './files.js';
import type { Symbolization } from './symbolize_types.js';
import type { Content } from './types.js';

/**
 * Finds the sources of places in code. `content` is the module, a file with its debug information, or its source map.
 * `places` is a stack trace as V8, SpiderMonkey, JavaScriptCore or wasmtime writes it, or offsets in the module. The first
 * call loads `inspect.wasm`.
 *
 * @throws TypeError if the content is neither a module nor a source map
 */
export async function symbolize(content: Content, places: string | readonly number[]): Promise<Symbolization> {
  const isTrace = typeof places === 'string';
  if (!isTrace && !(Array.isArray(places) && places.every((offset) => Number.isSafeInteger(offset) && offset >= 0)))
    throw new TypeError('`symbolize` takes the text of a stack trace, or an array of offsets');
  const bytes = await bytesFor('symbolize', content);
  const { instances } = await import('./inspect_module.js');
  await instances.load();
  const name = (content as Partial<File> | undefined)?.name ?? 'input';
  const trace = isTrace ? places : places.map((offset) => `${offset}\n`).join('');
  const answer = instances.use((instance) => instance.symbolize(bytes, name, trace));
  if (!answer.startsWith('{')) throw new TypeError(answer);
  return JSON.parse(answer) as Symbolization;
}
