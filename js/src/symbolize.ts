// `symbolize`: the second module does the work, and is loaded on first use.
import type { Symbolization, SymbolizeOptions } from './symbolize_types.js';
import type { Content } from './types.js';

/**
 * Finds the sources of places in code. `content` is the module, a file with its debug information, or its source map.
 * `places` is a stack trace as V8, SpiderMonkey, JavaScriptCore or wasmtime writes it, or offsets in the module. If the
 * module has no debug information, the file that it names is used: see {@link SymbolizeOptions}. The first call loads
 * `inspect.wasm`.
 *
 * @throws TypeError if the content is neither a module nor a source map
 */
export async function symbolize(
  content: Content,
  places: string | readonly number[],
  options: SymbolizeOptions = {},
): Promise<Symbolization> {
  return (await import('./symbolization.js')).symbolization(content, places, options);
}
