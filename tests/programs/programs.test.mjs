// @ts-check
// Every program runs the same whoever linked it: the same output, exit code and files.
// WELD_PROGRAMS (comma-separated) restricts which.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, isTestedThoroughly, levelsOf, linkArguments, wantedPrograms } from './programs.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { testsPull } from '../support/tier.mjs';
import { validate } from '../support/validate.mjs';

// How large weld's output may be, where wasm-ld's is 1.
const share = { c: 1, 'c++': 0.95 };

/**
 * Where a program's output goes.
 *
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {import('./programs.mjs').BuiltProgram} built
 * @param {number} options how many
 */
function outputFolder(linker, built, options) {
  const kind = built.objects.length > 1 ? 'direct' : 'again';
  return path.join(scratchDir, 'programs', `${built.program.name}-${built.level}`, `${kind}${options}`, linker.name);
}

/** @type {(...where: Parameters<typeof outputFolder>) => number} */
const outputSize = (linker, built, options) =>
  statSync(path.join(outputFolder(linker, built, options), `${built.program.name}.wasm`)).size;

/**
 * Links a program with each linker, checks that the output is a module, and runs it.
 *
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {import('./programs.mjs').BuiltProgram} built
 * @param {string[]} [options]
 * @param {import('../support/linkers.mjs').CalledAs} [as]
 */
async function linkAndRun(linker, built, options = [], as = 'wasm-ld') {
  const folder = outputFolder(linker, built, options.length);
  mkdirSync(folder, { recursive: true });
  const linked = await linker.link(linkArguments(built, options), { cwd: folder, as });
  assert.equal(linked.code, 0, `${linker.name} failed:\n${linked.stderr}`);
  const module = path.join(folder, `${built.program.name}.wasm`);
  assert.equal(await validate(readFileSync(module)), '', `${linker.name} wrote an invalid module`);
  return Promise.all(built.program.runs.map((how) => runWasi(module, how)));
}

/**
 * The program with its objects linked to one.
 *
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {import('./programs.mjs').BuiltProgram} built
 */
async function linkObject(linker, built) {
  const folder = path.join(scratchDir, 'programs', `${built.program.name}-${built.level}`, 'object', linker.name);
  mkdirSync(folder, { recursive: true });
  const linked = await linker.link([...built.objects, '-r', '-o', 'all.o'], { cwd: folder, as: 'weld' });
  assert.equal(linked.code, 0, linked.stderr);
  return { ...built, objects: [path.join(folder, 'all.o')] };
}

for (const program of wantedPrograms) {
  describe(program.name, { concurrency: 2 }, () => {
    for (const level of levelsOf(program)) {
      test(level, async (t) => {
        const built = await buildProgram(program, level);
        const expected = await linkAndRun(reference, built);
        await linkAndRun(reference, built, ['--strip-all', '-O2', '--compress-relocations']);
        program.runs.forEach((how, i) => {
          assert.equal(expected[i].code, how.code, expected[i].stderr);
          assert.match(expected[i].stdout, how.prints);
        });
        for (const weld of welds) {
          await t.test(weld.name, async () => assert.deepEqual(await linkAndRun(weld, built), expected));
          for (const icf of testsPull || isTestedThoroughly(program) ? ['safe', 'all'] : ['all']) {
            await t.test(`${weld.name}, as small as can be, --icf=${icf}`, async () => {
              assert.deepEqual(await linkAndRun(weld, built, ['--strip-all', '-Oz', `--icf=${icf}`], 'weld'), expected);
              const size = outputSize(weld, built, 3);
              const largest = share[program.language] * outputSize(reference, built, 3);
              assert.ok(size <= largest, `${size} bytes; ${largest} would do`);
            });
          }
          await t.test(`${weld.name}, through one object`, async () => {
            const one = await linkObject(weld, built);
            for (const linker of [weld, reference])
              assert.deepEqual(await linkAndRun(linker, one), expected, linker.name);
          });
        }
      });
    }
  });
}
