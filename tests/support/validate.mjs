// @ts-check
// Is it a module? Two independent validators say so: the engine's and wabt's.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cachedValue, hash } from './content_cache.mjs';
import { run } from './processes.mjs';
import { versionOf } from './toolchain.mjs';

/**
 * What is wrong with a module, or the empty string. The answer is remembered by the module's content.
 *
 * @param {Uint8Array} bytes
 * @param {string[]} [wabtFlags] features that wasm-validate needs to be told of
 * @returns {Promise<string>}
 */
export async function validate(bytes, wabtFlags = []) {
  const key = hash(bytes, wabtFlags.join(' '), process.version, await versionOf('wasm-validate'));
  return cachedValue('validated', key, async () => {
    let complaint = '';
    try {
      new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
    } catch (error) {
      complaint += `the engine says: ${/** @type {Error} */ (error).message}\n`;
    }
    const folder = mkdtempSync(path.join(tmpdir(), 'weld-validate-'));
    try {
      writeFileSync(path.join(folder, 'module.wasm'), bytes);
      const outcome = await run('wasm-validate', [...wabtFlags, 'module.wasm'], { cwd: folder });
      if (outcome.code !== 0) complaint += `wasm-validate says: ${outcome.stderr}`;
    } finally {
      rmSync(folder, { recursive: true });
    }
    return complaint;
  });
}
