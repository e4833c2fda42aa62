// Gets a module compiled, wherever this runs: pages, workers, Node, Deno, Bun.
import type { InitializeOptions } from './types.js';

// Bundlers know this pattern and bring the files along.
export const weldWasm = () => new URL('./weld.wasm', import.meta.url);
export const moreWasm = () => new URL('./weld-more.wasm', import.meta.url);

/** A module of the package. */
export interface Place {
  /** Its file. */
  wasm: () => URL;
  /** The function that takes another place, for messages. */
  initialize: string;
  /** What the options of that function begin with. */
  prefix: 'wasm' | 'more';
}

/** Compiles what `initialize` was given, or the file of the package. */
export async function compile(options: InitializeOptions, place: Place): Promise<WebAssembly.Module> {
  const { wasm, initialize, prefix } = place;
  const [module, binary, given] =
    prefix === 'wasm'
      ? [options.wasmModule, options.wasmBinary, options.wasmURL]
      : [options.moreModule, options.moreBinary, options.moreURL];
  if (module) return module;
  if (binary) return WebAssembly.compile(binary as BufferSource);
  const url =
    given === undefined
      ? (prefix === 'more' && beside(options, 'weld-more.wasm')) || (await unmoved(wasm()))
      : absolute(given);
  try {
    return await (url.protocol === 'file:' ? WebAssembly.compile(await readLocalFile(url)) : compileFetched(url));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot load ${url.href}: ${why}; say where the file is with \`${initialize}({ ${prefix}URL })\``, {
      cause,
    });
  }
}

/** Another module, where the first one was said to be a file of the usual name. */
export function beside({ wasmURL }: InitializeOptions, name: string): URL | undefined {
  const url = wasmURL === undefined ? undefined : absolute(wasmURL);
  return url && /\/weld\.wasm$/.test(url.pathname) ? new URL(name + url.search, url) : undefined;
}

// Vite's development server bundles a package's code into a folder `deps`. Up to version 7 it leaves the other files
// behind.
const mayHaveMoved = /\/deps\/[^/]+\?v=/.test(import.meta.url);

async function unmoved(url: URL): Promise<URL> {
  return (await leftBehind(url.pathname.slice(url.pathname.lastIndexOf('/') + 1), url)) ?? url;
}

/** Where `name` of the package is, if `file`, which should be beside the code, has been left behind by a bundler. */
export function leftBehind(name: string, file = weldWasm()): Promise<URL> | undefined {
  if (!mayHaveMoved || !/\/deps\/[^/]+$/.test(file.pathname)) return undefined;
  // Vite's development server does not bundle files of this kind, if they have a query, so here.jsx has its true address.
  // It looks for the name without the query in package.json, all others with it: esbuild, which Vite uses for `deps`,
  // follows both branches of a condition, and so do Bun and Deno, which cannot bundle here.jsx, and get here.js. Other
  // bundlers follow none: they do not need the file.
  const here = import(
    /* @vite-ignore */ /* webpackIgnore: true */ mayHaveMoved ? '#here.jsx?here' : '#here.jsx?here'
  ) as Promise<{ default: string }>;
  return here.then((module) => new URL(name, module.default));
}

function absolute(url: string | URL): URL {
  if (typeof url !== 'string') return url;
  // In a page, relative to the page, as `fetch` has it.
  return new URL(url, typeof location === 'object' ? location.href : import.meta.url);
}

/** A file of the caller's; undefined when it is not there. */
export async function readURL(url: URL): Promise<Uint8Array | Response | undefined> {
  if (url.protocol !== 'file:') return fetch(url);
  try {
    return await readLocalFile(url);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR|EISDIR)$/.test((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** A module of Node's, whose name is kept from bundlers: they would want to bundle it. */
export const nodeModule = (name: string) =>
  import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<unknown>;

// fetch does not read file: URLs in Node.
async function readLocalFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const fs = (await nodeModule('node:fs/promises')) as typeof import('node:fs/promises');
  return (await fs.readFile(url)) as Uint8Array<ArrayBuffer>;
}

// Browsers keep compiled code only for a response that they compile while it arrives, and that only has the right type.
async function compileFetched(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`.trim());
  const type = response.headers.get('content-type') ?? '';
  const streams = typeof WebAssembly.compileStreaming === 'function' && /^application\/wasm\s*(;|$)/i.test(type);
  if (streams) return WebAssembly.compileStreaming(response);
  const bytes = await response.arrayBuffer();
  // Servers of pages answer with a page to every question.
  const [zero, a] = new Uint8Array(bytes);
  if (zero !== 0 || a !== 0x61) throw new Error(`the server sent ${type || 'bytes'}, which is not WebAssembly`);
  return WebAssembly.compile(bytes);
}
