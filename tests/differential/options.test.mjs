// @ts-check
// weld, called as wasm-ld, is wasm-ld: for every program under every set of options the same bytes, the same exit code
// and the same words, from every form of weld.
//
// WELD_PROGRAMS and WELD_OPTION_SETS (comma-separated) restrict what is compared.
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, levels, linkArguments, programs, wanted } from '../programs/programs.mjs';
import { compareLinks } from '../support/compare_links.mjs';
import { optionSets } from './option_sets.mjs';

for (const program of programs.filter(({ name }) => wanted(process.env.WELD_PROGRAMS, name))) {
  for (const level of Object.keys(levels)) {
    describe(`${program.name} ${level}`, { concurrency: 2 }, () => {
      const building = buildProgram(program, level);
      for (const [name, options] of Object.entries(optionSets)) {
        if (!wanted(process.env.WELD_OPTION_SETS, name)) continue;
        test(name, async () => {
          const args = linkArguments(await building, options(program));
          await compareLinks(args, path.join('differences', `${program.name}-${level}`, name));
        });
      }
    });
  }
}
