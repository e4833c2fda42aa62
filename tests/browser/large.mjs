// @ts-check
// A program of 4,000 objects as the benchmarks stamp them out, with what it is linked with.
import { statSync } from 'node:fs';
import path from 'node:path';
import { expectedOutput, generate, objectNames } from '../bench/generate.mjs';
import { builtins, crt1Command, wasiLib } from '../support/toolchain.mjs';

export const count = 4000;
export const output = expectedOutput(count);

/**
 * Files in link order, and how many bytes they have: 43 MB, or as many as the benchmarks' set of 4,000 objects.
 *
 * @param {{parts: number[], variants: number}} [size]
 */
export async function fourThousand(size = { parts: [0], variants: 4 }) {
  const folder = await generate({ count, template: 'object', ...size, flags: ['-O2'] });
  const objects = ['main.o', ...objectNames(count)].map((name) => path.join(folder, name));
  const libraries = ['libc++.a', 'libc++abi.a', 'libc.a'].map((name) => path.join(wasiLib, name));
  const files = [crt1Command, ...objects, ...libraries, builtins];
  return { files, bytes: files.reduce((sum, file) => sum + statSync(file).size, 0) };
}

/** As in tests/bench/sets.mjs. */
export const asInBenchmarks = { parts: [0, 1, 1, 3], variants: 24 };
