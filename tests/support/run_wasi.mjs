// @ts-check
// Runs a WASI program in a Node process of its own, with a folder of its own as `/data`.
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cachedValue, hash } from './content_cache.mjs';
import { testsDir } from './paths.mjs';
import { run } from './processes.mjs';

/**
 * @typedef {object} WasiRun
 * @property {string[]} [args] without the program's own name
 * @property {Record<string, string>} [env]
 * @property {string} [stdin]
 * @property {string} [files] a folder whose content the program finds in `/data`
 *
 * @typedef {import('./processes.mjs').Outcome & {files: Record<string, string>}} WasiOutcome `files`: the hash of
 *   each file that is in `/data` at the end
 */

const child = path.join(testsDir, 'support', 'wasi_child.mjs');
// Programs run for a moment only: code that is never reached need not be compiled, and nothing need be optimised.
const engineFlags = ['--no-warnings', '--liftoff-only', '--wasm-lazy-compilation'];

/**
 * Runs a program. What it does is remembered by its content: linkers that make the same bytes need one run.
 *
 * @param {string} module
 * @param {WasiRun} how
 * @returns {Promise<WasiOutcome>}
 */
export async function runWasi(module, how) {
  const { files, ...settings } = how;
  if (files) return runNow(module, how);
  const key = hash(process.version, path.basename(module), JSON.stringify(settings), readFileSync(module));
  return cachedValue('runs', key, () => runNow(module, how));
}

/** @type {typeof runWasi} */
async function runNow(module, how) {
  const data = mkdtempSync(path.join(tmpdir(), 'weld-run-'));
  try {
    if (how.files) cpSync(how.files, data, { recursive: true });
    const outcome = await run(process.execPath, [...engineFlags, child, module, data, ...(how.args ?? [])], {
      env: how.env ?? {},
      stdin: how.stdin,
      timeout: 60_000,
    });
    /** @type {Record<string, string>} */
    const files = {};
    for (const name of /** @type {string[]} */ (readdirSync(data, { recursive: true })).sort()) {
      try {
        files[name] = createHash('sha256')
          .update(readFileSync(path.join(data, name)))
          .digest('hex');
      } catch {
        files[name] = 'a folder';
      }
    }
    return { ...outcome, files };
  } finally {
    rmSync(data, { recursive: true });
  }
}
