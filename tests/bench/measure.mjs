// @ts-check
// Runs native programs and says what they took.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFile, hash } from '../support/content_cache.mjs';
import { testsDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';

/**
 * @typedef {object} Sample
 * @property {number} ms
 * @property {number} [cpu] milliseconds of CPU time
 * @property {number} [peak] the most memory that the process had, in bytes
 * @property {number} [wasm] the module's memory, where the linker is one, in bytes
 */

/**
 * A program of the folder `native`, compiled.
 *
 * @param {'measure' | 'floor'} name
 */
export function nativeTool(name) {
  const source = path.join(testsDir, 'bench/native', `${name}.c`);
  return cachedFile('bench-tools', hash(readFileSync(source)), name, (output) =>
    runOrThrow('gcc', ['-std=gnu17', '-O2', '-Wall', source, '-o', output]),
  );
}

/**
 * Runs a program that has to succeed.
 *
 * @param {{name: string, program: string, args: string[], cwd: string}} command
 * @returns {Promise<Sample & {cpu: number, stdout: string}>}
 */
export async function measure({ name, program, args, cwd }) {
  const tool = await nativeTool('measure');
  const { stdout, stderr } = await run(tool, [name, program, ...args], { cwd, timeout: 600_000 });
  const [, ns, kib, status, us] = /^measured (\d+) (\d+) (\d+) (\d+)$/m.exec(stderr) ?? [];
  if (status !== '0') throw new Error((stderr + stdout).trim().slice(0, 600) || `${program} did not start`);
  return { ms: Number(ns) / 1e6, cpu: Number(us) / 1e3, peak: Number(kib) * 1024, stdout };
}
