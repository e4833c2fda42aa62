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

// fetch does not read file: URLs in Node. The module's name is kept from bundlers, which would want to bundle it.
async function readLocalFile(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const name = 'node:fs/promises';
  const fs = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as typeof import('node:fs/promises');
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
