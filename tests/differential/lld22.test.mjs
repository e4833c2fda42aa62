// @ts-check
// weld, called as wasm-ld-22, is wasm-ld 22: the same bytes, exit code and words, for every program under every set of
// options, under those that LLD 19 did not have, and for objects of clang 22.
//
// WELD_PROGRAMS and WELD_OPTION_SETS (comma-separated) restrict what is compared.
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  buildProgram,
  isTestedThoroughly,
  lastLevelOf,
  levelsOf,
  linkArguments,
  wantedPrograms,
} from '../programs/programs.mjs';
import { compareLinks } from '../support/compare_links.mjs';
import { reference22 } from '../support/linkers.mjs';
import { wantedBy } from '../support/names.mjs';
import { testsAll } from '../support/tier.mjs';
import { missing22 } from '../support/toolchain.mjs';
import { optionSets } from './option_sets.mjs';

/** @typedef {import('../programs/programs.mjs').BuiltProgram} BuiltProgram */

// An object that is given twice defines all that it has twice.
/** @type {Record<string, (built: BuiltProgram) => string[]>} */
const laterSets = {
  'no-stack-first': () => ['--no-stack-first'],
  'page-size': () => ['--page-size=1'],
  'page-size-of-none': () => ['--page-size=4096'],
  'import-memory-name': () => ['--import-memory=heap'],
  'memory-unaligned': () => ['--initial-memory=20000001', '--max-memory=30000001', '--initial-heap=1'],
  'allow-multiple-definition': ({ objects }) => [objects[0], '--allow-multiple-definition'],
  muldefs: ({ objects }) => [objects[0], '-z', 'muldefs'],
  'noinhibit-exec': ({ objects }) => [objects[0], '--noinhibit-exec'],
  'multiple-definition': ({ objects }) => [objects[0], '--allow-multiple-definition', '--no-allow-multiple-definition'],
  rpath: () => ['--rpath=/lib'],
};
/** @type {Record<string, (built: BuiltProgram) => string[]>} */
const allSets = { ...laterSets };
for (const [name, options] of Object.entries(optionSets)) allSets[name] = ({ program }) => options(program);

const isWanted = wantedBy('WELD_OPTION_SETS', 'option set', Object.keys(allSets));
// No validator here knows memories whose pages have one byte.
const notValidated = ['page-size', 'page-size-of-none'];
// Of the larger programs when not everything is tested, and of objects of clang 22.
const fewSets = ['default', 'no-gc-sections', 'page-size'];

/**
 * @param {string} title
 * @param {string[]} sets
 * @param {() => Promise<BuiltProgram>} build
 */
function compare(title, sets, build) {
  describe(title, { skip: missing22, concurrency: 2 }, () => {
    const building = missing22 ? undefined : build();
    for (const name of sets.filter(isWanted))
      test(name, async () => {
        const built = /** @type {BuiltProgram} */ (await building);
        const args = linkArguments(built, allSets[name](built));
        const folder = path.join('differences', title.replaceAll(' ', '-'), name);
        await compareLinks(args, folder, reference22, !notValidated.includes(name));
      });
  });
}

for (const program of wantedPrograms) {
  const sets = isTestedThoroughly(program) ? Object.keys(allSets) : fewSets;
  const last = lastLevelOf(program);
  compare(`${program.name} by LLD 22`, sets, () => buildProgram(program, last));
  if (!testsAll && !['c_program', 'cpp_program'].includes(program.name)) continue;
  for (const level of levelsOf(program))
    compare(`${program.name} ${level} by clang and LLD 22`, fewSets, () => buildProgram(program, level, [], 22));
}
