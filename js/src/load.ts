// Gets a module compiled, wherever this runs: pages, workers, Node, Deno, Bun.
import type { InitializeOptions } from './types.js';

/** Compiles what `initialize` was given, or `wasm`, the file beside this one. */
export async function compile(options: InitializeOptions, wasm: () => URL): Promise<WebAssembly.Module> {
  if (options.wasmModule) return options.wasmModule;
  if (options.wasmBinary) return WebAssembly.compile(options.wasmBinary as BufferSource);
  const url = options.wasmURL === undefined ? wasm() : absolute(options.wasmURL);
  return url.protocol === 'file:' ? WebAssembly.compile(await readLocalFile(url)) : compileFetched(url);
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
export const nodeModule = (name: string) => import(/* @vite-ignore */ /* webpackIgnore: true */ name) as Promise<unknown>;

// fetch does not read file: URLs in Node.
async function readLocalFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const fs = (await nodeModule('node:fs/promises')) as typeof import('node:fs/promises');
  return (await fs.readFile(url)) as Uint8Array<ArrayBuffer>;
}

// Browsers keep compiled code only for a response that they compile while it arrives, and that only has the right type.
async function compileFetched(url: URL): Promise<WebAssembly.Module> {
  const response = await fetch(url, { credentials: 'same-origin' });
  if (!response.ok) throw new Error(`cannot load ${url.href}: ${response.status} ${response.statusText}`);
  const type = response.headers.get('content-type') ?? '';
  const streams = typeof WebAssembly.compileStreaming === 'function' && /^application\/wasm\s*(;|$)/i.test(type);
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}
