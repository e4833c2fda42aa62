// @ts-check
// weld, called as wasm-ld, is wasm-ld: for every program under every set of options the same bytes, the same exit code
// and the same words, from every form of weld.
//
// WELD_PROGRAMS and WELD_OPTION_SETS (comma-separated) restrict what is compared.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, levels, linkArguments, programs, wanted } from '../programs/programs.mjs';
import { cachedValue, hash } from '../support/content_cache.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { validate } from '../support/validate.mjs';
import { optionSets } from './option_sets.mjs';

/**
 * What a link came to. The output's bytes are remembered by their hash alone.
 *
 * @typedef {{code: number | string, stdout: string, stderr: string, output: string}} Result
 */

/**
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {string[]} args
 * @param {string} folder
 * @returns {Promise<Result>}
 */
async function link(linker, args, folder) {
  if (!linker.identity) return linkNow(linker, args, folder);
  const key = hash(await linker.identity(), JSON.stringify(args));
  return cachedValue('linked', key, () => linkNow(linker, args, folder));
}

/** @type {typeof link} */
async function linkNow(linker, args, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outcome = await linker.link(args, { cwd: folder });
  const file = outputOf(args, folder);
  const output = existsSync(file) ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'none';
  return { ...outcome, output };
}

/**
 * @param {string[]} args
 * @param {string} folder
 */
function outputOf(args, folder) {
  return path.join(folder, args[args.length - 1]);
}

/**
 * Fails with a report when two results differ; the files that differ stay in `build/differences`.
 *
 * @param {string} title
 * @param {Result} expected
 * @param {Result} actual
 * @param {() => Promise<[string, string]>} files makes the two outputs available, and says where
 */
async function assertSame(title, expected, actual, files) {
  assert.deepEqual(
    { code: actual.code, stdout: actual.stdout, stderr: actual.stderr },
    { code: expected.code, stdout: expected.stdout, stderr: expected.stderr },
  );
  if (actual.output === expected.output) return;
  assert.notEqual(actual.output, 'none', `${title}: there is no output`);
  assert.notEqual(expected.output, 'none', `${title}: there is an output, none was expected`);
  const [one, two] = await files();
  assert.fail(`${title}\n  - ${one}\n  + ${two}\n${explainDifference(readFileSync(one), readFileSync(two))}`);
}

for (const program of programs.filter(({ name }) => wanted(process.env.WELD_PROGRAMS, name))) {
  for (const level of Object.keys(levels)) {
    describe(`${program.name} ${level}`, { concurrency: 2 }, () => {
      const building = buildProgram(program, level);
      for (const [name, options] of Object.entries(optionSets)) {
        if (!wanted(process.env.WELD_OPTION_SETS, name)) continue;
        test(name, async () => {
          const built = await building;
          const args = linkArguments(built, options(program));
          const folder = path.join(scratchDir, 'differences', `${program.name}-${level}`, name);
          /** @param {string} linker */
          const folderOf = (linker) => path.join(folder, linker);

          const expected = await link(reference, args, folderOf(reference.name));
          for (const weld of welds) {
            const actual = await link(weld, args, folderOf(weld.name));
            await assertSame(`${weld.name} differs from ${reference.name}`, expected, actual, async () => {
              for (const linker of [reference, weld]) await linkNow(linker, args, folderOf(linker.name));
              return [outputOf(args, folderOf(reference.name)), outputOf(args, folderOf(weld.name))];
            });
            const file = outputOf(args, folderOf(weld.name));
            if (existsSync(file)) assert.equal(await validate(readFileSync(file)), '');
          }
          rmSync(folder, { recursive: true, force: true });
        });
      }
    });
  }
}
