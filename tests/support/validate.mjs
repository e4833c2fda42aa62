// @ts-check
// Is it a module? Two independent validators say so: the engine's and wabt's.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cachedValue, hash } from './content_cache.mjs';
import { newerNode } from './paths.mjs';
import { run } from './processes.mjs';
import { versionOf } from './toolchain.mjs';
import { inKnownTerms } from './wasm_module.mjs';

// wasm-validate knows these, but not by itself.
const features = ['threads', 'exceptions', 'tail-call', 'extended-const', 'relaxed-simd', 'memory64'];

const wabtFlags = features.map((feature) => `--enable-${feature}`);

// Node 20 knows neither 64-bit memories and tables nor extended constants, and wabt no such tables; neither knows
// `try_table` and types of references: a later Node says what it thinks.
const unknownToNode20 =
  /--experimental-wasm-(memory64|exnref|gc|typed|stringref)|limits flags|not allowed in constant|opcode 0x1f/;

/**
 * What is wrong with a module, or the empty string. The answer is remembered by the module's content.
 *
 * @param {Uint8Array} bytes
 * @returns {Promise<string>}
 */
export async function validate(bytes) {
  const key = hash(
    bytes,
    wabtFlags.join(' '),
    unknownToNode20.source,
    process.version,
    await versionOf('wasm-validate'),
  );
  return cachedValue('validated', key, () => validateNow(bytes));
}

/**
 * As `validate`, for a module that is not seen again.
 *
 * @type {typeof validate}
 */
export async function validateNow(bytes) {
  let complaint = '';
  try {
    new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    // Neither knows compact imports and pages of another size.
    if (/unknown import kind 0x7[ef]|memory limits flags 0x[89a-f]/.test(message)) return validateInKnownTerms(bytes);
    if (unknownToNode20.test(message)) return validateWithNewerNode(bytes);
    complaint += `the engine says: ${message}\n`;
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
}

/** @param {Uint8Array} bytes */
async function validateInKnownTerms(bytes) {
  try {
    return await validateNow(inKnownTerms(bytes));
  } catch (error) {
    return `${/** @type {Error} */ (error).message}\n`;
  }
}

/** @param {Uint8Array} bytes */
async function validateWithNewerNode(bytes) {
  const script = 'new WebAssembly.Module(require("fs").readFileSync(0))';
  const outcome = await run(newerNode, ['-e', script], { stdin: bytes });
  return outcome.code === 0 ? '' : `${newerNode} says: ${outcome.stderr}`;
}
