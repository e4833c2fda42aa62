// `wasm-weld/component`: makes components of linked modules, with the tools of `@bytecodealliance/jco-transpile`.
import { checkKeys, misfit, shown } from './check.js';
import { bytesOf } from './files.js';

/** How the strings of a component are encoded. */
export type StringEncoding = 'utf8' | 'utf16' | 'compact-utf16';

/** What {@link makeComponent} makes of a module. */
export interface ComponentOptions {
  /**
   * The component's type, as WIT: a package with the world that the module implements. It is not needed if the objects
   * of wit-bindgen, which bring the type, were among the inputs of the link.
   */
  wit?: string;
  /** Which world of `wit` it is. Default: its only world. */
  world?: string;
  /** How strings are encoded, for `wit`. Default: `utf8`. */
  stringEncoding?: StringEncoding;
  /**
   * The adapters, by the module from whose imports they make imports of the component. A program for WASI 0.1 needs one
   * for `wasi_snapshot_preview1`: the file `wasi_snapshot_preview1.command.wasm` if it exports `_start`, else
   * `wasi_snapshot_preview1.reactor.wasm`. Releases of Wasmtime have these files, and npm's `@bytecodealliance/jco`.
   */
  adapters?: Record<string, Uint8Array | ArrayBuffer>;
}

/** Thrown by {@link makeComponent} if the module does not fit into a component. The message has the tool's reason. */
export class ComponentError extends Error {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static override readonly name = 'ComponentError';
  /** `ComponentError`. */
  override readonly name = 'ComponentError';
}

/** What we call of `@bytecodealliance/jco-transpile/wasm-tools`. */
interface Tools {
  componentNew(module: Uint8Array, adapters?: [string, Uint8Array][]): Promise<Uint8Array>;
  componentEmbed(options: {
    binary: Uint8Array;
    witSource?: string;
    witPath?: string;
    world?: string;
    stringEncoding?: StringEncoding;
  }): Promise<Uint8Array>;
}

const optionNames = ['wit', 'world', 'stringEncoding', 'adapters'];
const encodings: readonly unknown[] = ['utf8', 'utf16', 'compact-utf16'];
const wasi = 'wasi_snapshot_preview1';

/**
 * Makes a component of a module that was linked: of the `output` of a {@link link}. It needs the package
 * `@bytecodealliance/jco-transpile`, which is to be installed beside this one.
 *
 * The component has the module inside, as it is: source maps, debug information and reports of the link are about the
 * module. What the component exports the module must export, under the names of the canonical ABI: `greet` for a function
 * of the world, `wasi:cli/run@0.2.0#run` for one of an interface, and `cabi_realloc` if strings or lists are handed over.
 * Objects of wit-bindgen say so themselves; for others, there is the option `export`.
 *
 * @throws ComponentError if the module does not fit
 */
export async function makeComponent(
  module: Uint8Array | ArrayBuffer,
  options: ComponentOptions = {},
): Promise<Uint8Array> {
  const of = 'makeComponent';
  const binary = bytesOf(module, 'module');
  if (!binary) throw misfit(of, '`module`', module, 'a Uint8Array or an ArrayBuffer');
  checkKeys(options, 'options', optionNames);
  const { wit, world, stringEncoding, adapters = {} } = options;
  for (const [name, value] of Object.entries({ wit, world }))
    if (value !== undefined && typeof value !== 'string') throw misfit(of, `\`${name}\``, value, 'a string');
  if (stringEncoding !== undefined && !encodings.includes(stringEncoding))
    throw misfit(of, '`stringEncoding`', stringEncoding, "'utf8', 'utf16' or 'compact-utf16'");
  if (wit === undefined && (world ?? stringEncoding) !== undefined)
    throw new TypeError(`${of}: \`world\` and \`stringEncoding\` say something about \`wit\`, which is missing`);
  if (typeof adapters !== 'object' || adapters === null)
    throw misfit(of, '`adapters`', adapters, 'an object of modules by name');
  const standIns = Object.entries(adapters).map(([name, content]): [string, Uint8Array] => {
    const bytes = bytesOf(content, name);
    if (!bytes) throw new TypeError(`${of}: the adapter \`${name}\` must be bytes, not ${shown(content)}`);
    return [name, bytes];
  });
  const type =
    wit === undefined
      ? undefined
      : { witSource: wit, ...(world !== undefined && { world }), ...(stringEncoding && { stringEncoding }) };
  try {
    return await encode(binary, type ? [type] : [], standIns);
  } catch (error) {
    const lacksAdapter = error instanceof ComponentError && error.message.includes(wasi) && !(wasi in adapters);
    if (!lacksAdapter) throw error;
    const advice = `this is WASI 0.1, which needs an adapter: pass \`adapters: { ${wasi}: ... }\``;
    throw new ComponentError(`${error.message}: ${advice}`, { cause: error.cause });
  }
}

/** @internal A type of a component: WIT, or the path of a file or folder with it. */
export interface WitType {
  witSource?: string;
  witPath?: string;
  world?: string;
  stringEncoding?: StringEncoding;
}

/** @internal @throws ComponentError */
export async function encode(
  module: Uint8Array,
  types: readonly WitType[],
  adapters: [string, Uint8Array][],
): Promise<Uint8Array> {
  const typed = await embed(module, types);
  return attempt((tools) => tools.componentNew(typed, adapters));
}

/** @internal The module with its types inside. @throws ComponentError */
export async function embed(module: Uint8Array, types: readonly WitType[]): Promise<Uint8Array> {
  let binary = module;
  for (const type of types) binary = await attempt((tools) => tools.componentEmbed({ binary, ...type }));
  return binary;
}

async function attempt(work: (tools: Tools) => Promise<Uint8Array>): Promise<Uint8Array> {
  const tools = await load();
  try {
    return await work(tools);
  } catch (error) {
    throw new ComponentError(reasonOf(error), { cause: error });
  }
}

/** The tool's errors have a line for each cause of a cause. */
function reasonOf(error: unknown): string {
  const lines = (error instanceof Error ? error.message : String(error))
    .split('\n')
    .map((line) => line.trim().replace(/^(\$|error: |\d+: )/, ''))
    .filter((line) => line && line !== 'Caused by:');
  return lines.join(': ');
}

async function load(): Promise<Tools> {
  try {
    // @ts-ignore: this package does not depend on it.
    return (await import('@bytecodealliance/jco-transpile/wasm-tools')) as Tools;
  } catch (error) {
    throw new Error('components are made by `@bytecodealliance/jco-transpile`: install it with npm', { cause: error });
  }
}
