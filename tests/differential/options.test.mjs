// @ts-check
// weld, called as wasm-ld, is wasm-ld: for every program under every set of options the same bytes, the same exit code
// and the same words, from every form of weld.
//
// WELD_PROGRAMS and WELD_OPTION_SETS (comma-separated) restrict what is compared.
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, isTestedThoroughly, levelsOf, linkArguments, wantedPrograms } from '../programs/programs.mjs';
import { compareLinks } from '../support/compare_links.mjs';
import { wantedBy } from '../support/names.mjs';
import { optionSets } from './option_sets.mjs';

const isWanted = wantedBy('WELD_OPTION_SETS', 'option set', Object.keys(optionSets));
// Of the larger programs, when not everything is tested.
const fewSets = ['default', 'no-gc-sections', 'export-all', 'print-map'];

for (const program of wantedPrograms) {
  for (const level of levelsOf(program)) {
    describe(`${program.name} ${level}`, { concurrency: 2 }, () => {
      const building = buildProgram(program, level);
      for (const [name, options] of Object.entries(optionSets)) {
        if (!isWanted(name) || !(isTestedThoroughly(program) || fewSets.includes(name))) continue;
        test(name, async () => {
          const args = linkArguments(await building, options(program));
          await compareLinks(args, path.join('differences', `${program.name}-${level}`, name));
        });
      }
    });
  }
}
