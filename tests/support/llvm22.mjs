// @ts-check
// Clang and LLD 22, which run in Node: npm's @yowasp/clang is LLVM 22 as a WebAssembly module.

import { createRequire } from 'node:module';
import path from 'node:path';

const bundle = createRequire(import.meta.url).resolve('@yowasp/clang');

/** The module with all of LLVM's tools. */
export const lld22Module = path.join(path.dirname(bundle), 'llvm.core.wasm');

/** What decides what LLD 22 does. */
export const lld22Files = () => [bundle, lld22Module];

/**
 * Runs wasm-ld 22.
 *
 * @param {string[]} args
 * @param {Record<string, Uint8Array>} [files] what it finds, by name
 */
export const runLld22 = (args, files) => runLlvm22(['wasm-ld', ...args], files);

/**
 * Runs one of LLVM's tools: clang, clang++, wasm-ld.
 *
 * @param {string[]} args the tool's name first
 * @param {Record<string, Uint8Array>} [files] what it finds, by name
 * @returns {Promise<{code: number, stdout: string, stderr: string, files: Record<string, Uint8Array>}>} also all files after it
 */
export async function runLlvm22(args, files = {}) {
  const { Exit, runLLVM } = await import('@yowasp/clang'); // 100 MB: only where it is needed
  const said = { stdout: '', stderr: '' };
  /** @param {'stdout' | 'stderr'} stream */
  const hear = (stream) => {
    const text = new TextDecoder();
    return (/** @type {Uint8Array | null} */ bytes) => {
      if (bytes) said[stream] += text.decode(bytes, { stream: true });
    };
  };
  const options = { stdout: hear('stdout'), stderr: hear('stderr'), decodeASCII: false, fetchProgress: () => {} };
  let code = 0;
  /** @type {any} */
  let after;
  try {
    after = await runLLVM(args, { ...files }, options);
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    code = error.code;
    after = error.files;
  }
  return { code, ...said, files: after ?? {} };
}
