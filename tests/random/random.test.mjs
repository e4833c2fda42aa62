// @ts-check
// Random programs do the same whoever linked them and however: each is linked by wasm-ld 19 and run, then linked by weld
// in every mode that changes code or data, validated, and run.
//
//   WELD_SEEDS=17, WELD_SEEDS=1000-1999   other programs than the first 25, or with WELD_TIER=pull the first 50, =all the first 1,000
//   WELD_RANDOM_MODES                     some of the modes, with commas
import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, references, welds } from '../support/linkers.mjs';
import { wantedBy } from '../support/names.mjs';
import { builtins, crt1Command, wasiLib } from '../support/toolchain.mjs';
import { validateNow } from '../support/validate.mjs';
import { csmithFiles, csmithFlags, hasCsmith } from './csmith.mjs';
import { generate } from './generate.mjs';
import { compileAll, emptyFolder, flagsOf, isThorough, link, seeds } from './programs.mjs';
import { moduleRunner } from './run_modules.mjs';

/**
 * @typedef {object} Program
 * @property {string} folder with everything that is made of it
 * @property {string[]} objects names there
 *
 * @typedef {object} Mode
 * @property {string[]} options
 * @property {import('../support/linkers.mjs').Reference} [like] called as this wasm-ld, and with the same bytes
 * @property {boolean} [isTwoLinks] the objects become one object first
 */

const shared = ['--shared-memory', '--max-memory=33554432', '--no-check-features'];
/** @type {Record<string, Mode>} */
const modes = Object.fromEntries(references.map((like) => [`as ${like.name}`, { options: [], like }]));
// biome-ignore format: a table
Object.assign(modes, {
  default: { options: [] },
  O0: { options: ['-O0', '--no-merge-data-segments', '--no-stack-first'] },
  O2: { options: ['-O2', '--export-table'] },
  'compress-relocations': { options: ['--compress-relocations'] },
  'icf safe': { options: ['--icf=safe', '--table-base=5'] },
  'icf all': { options: ['--icf=all', '-O2'] },
  'no-gc-sections': { options: ['--no-gc-sections', '--icf=all', '--compress-relocations', '--strip-all'] },
  'emit-relocs': { options: ['--emit-relocs', '--no-gc-sections'] },
  'one object': { options: [], isTwoLinks: true },
  'as wasm-ld-23': { options: ['--compat=lld-23'] },
  live: { options: ['--live'] },
  'live all': { options: ['--live=all', '--no-gc-sections'] },
  // Nothing was compiled for threads: one runs. Data is in passive segments, which the start function copies.
  'shared memory': { options: [...shared] },
  'shared Oz': { options: [...shared, '-Oz', '--strip-all', '--icf=all'] },
  'shared one object': { options: [...shared, '--compress-relocations'], isTwoLinks: true },
  Oz: { options: ['-Oz', '--strip-debug'] },
  'Oz strip-all': { options: ['-Oz', '--strip-all', '--no-merge-data-segments'] },
  'Oz icf all': { options: ['-Oz', '--strip-all', '--icf=all'] },
  'Oz no-gc-sections': { options: ['-Oz', '--strip-debug', '--no-gc-sections', '--stack-first'] },
  'Oz one object': { options: ['-Oz', '--strip-all', '--icf=all', '--global-base=2000'], isTwoLinks: true },
});
const isWanted = wantedBy('WELD_RANDOM_MODES', 'mode', Object.keys(modes));

/**
 * Writes and compiles a program.
 *
 * @param {number} seed
 * @returns {Promise<Program>}
 */
async function build(seed) {
  const folder = emptyFolder('random', seed);
  const files = generate(seed);
  if (hasCsmith && seed % 2) Object.assign(files, await csmithFiles(seed, 2 + (seed % 3), folder));
  const flags = (/** @type {string} */ name) => [...flagsOf(seed), ...(name.startsWith('csmith') ? csmithFlags : [])];
  return { folder, objects: await compileAll(folder, files, flags) };
}

/** @param {string[]} objects @param {string[]} options @param {string} output */
const linkArguments = (objects, options, output) => [
  '-m',
  'wasm32',
  `-L${wasiLib}`,
  crt1Command,
  ...objects,
  '-lc',
  builtins,
  ...options,
  '-o',
  output,
];

/**
 * Links a program with weld in one mode.
 *
 * @param {Program} program
 * @param {string} name
 */
async function linkInMode({ folder, objects }, name) {
  const { options, like, isTwoLinks } = modes[name];
  const as = like?.as ?? 'weld';
  const output = `${name.replaceAll(' ', '-')}.wasm`;
  let inputs = objects;
  if (isTwoLinks) {
    inputs = [output.replace('.wasm', '.o')];
    await link(welds[0], ['-r', ...objects, '-o', inputs[0]], folder, as);
  }
  const args = linkArguments(inputs, options, output);
  // The name of the output is in the output.
  const expected = like ? await link(like, args, folder, as) : undefined;
  if (like) renameSync(path.join(folder, output), path.join(folder, `by-${like.name}.wasm`));
  const bytes = await link(welds[0], args, folder, as);
  if (expected) assert.equal(explainDifference(expected, bytes), '', `differs from ${like?.name}`);
  return bytes;
}

/** @param {number} seed @param {import('./runner.mjs').Runner} runner */
async function checkProgram(seed, runner) {
  const program = await build(seed);
  const { folder } = program;
  /** @param {string[]} objects @param {number} milliseconds */
  const run = async (objects, milliseconds) =>
    runner.run(await link(reference, linkArguments(objects, [], 'wasm-ld.wasm'), folder, 'wasm-ld'), milliseconds);
  let expected = await run(program.objects, 2000);
  if (typeof expected.code === 'string') {
    // A program of csmith may run forever, or into what compilers make of that.
    program.objects = program.objects.filter((name) => !name.startsWith('csmith'));
    expected = await run(program.objects, 20_000);
  }
  assert.match(expected.printed, /state [0-9a-f]{16}\n/, `program ${seed} does not work: ${folder}`);

  const faults = [];
  const wanted = Object.keys(modes).filter(isWanted);
  // In the quick tier each program is linked in every other mode.
  const names = isThorough ? wanted : wanted.filter((_, i) => (i + (seed >> 1)) % 2 === 0);
  for (const name of names) {
    try {
      const bytes = await linkInMode(program, name);
      // The engine, which runs them, validates all of them; wabt, which is a process each time, one of each program.
      if (name === names[seed % names.length]) assert.equal(await validateNow(bytes), '');
      assert.deepEqual(await runner.run(bytes, 20_000), expected);
    } catch (error) {
      faults.push(`program ${seed}, mode ${name}: ${/** @type {Error} */ (error).message}`);
    }
  }
  if (faults.length) assert.fail(`${faults.join('\n')}\nThe files are in ${folder}`);
  rmSync(folder, { recursive: true });
}

const runners = [moduleRunner(), moduleRunner()];
describe('random programs', { concurrency: runners.length }, () => {
  after(() => runners.forEach((runner) => runner.end()));
  for (const seed of seeds({ quick: 25, pull: 50, all: 1000 }))
    test(`program ${seed}`, () => checkProgram(seed, runners[seed % runners.length]));
});
