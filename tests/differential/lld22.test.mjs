// @ts-check
// weld with --compat=lld-22 is wasm-ld 22: the same bytes, exit code and words, for every program under every set of
// options, and under those that LLD 19 did not have.
//
// WELD_PROGRAMS and WELD_OPTION_SETS (comma-separated) restrict what is compared.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, isTestedThoroughly, wantedPrograms } from '../programs/programs.mjs';
import { cachedValue, hash, hashFiles } from '../support/content_cache.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { welds } from '../support/linkers.mjs';
import { wantedBy } from '../support/names.mjs';
import { lld22Files, runLld22 } from '../support/llvm22.mjs';
import { scratchDir } from '../support/paths.mjs';
import { builtins, crt1Command, wasiLib } from '../support/toolchain.mjs';
import { optionSets } from './option_sets.mjs';

/** @type {typeof optionSets} */
const laterSets = {
  'no-stack-first': () => ['--no-stack-first'],
  'page-size': () => ['--page-size=1'],
  'page-size-of-none': () => ['--page-size=4096'],
  'import-memory-name': () => ['--import-memory=heap'],
  'memory-unaligned': () => ['--initial-memory=20000001', '--max-memory=30000001', '--initial-heap=1'],
  'allow-multiple-definition': () => ['twice.o', '--allow-multiple-definition'],
  muldefs: () => ['twice.o', '-z', 'muldefs'],
  'noinhibit-exec': () => ['twice.o', '--noinhibit-exec'],
  'multiple-definition': () => ['twice.o', '--allow-multiple-definition', '--no-allow-multiple-definition'],
  rpath: () => ['--rpath=/lib'],
};

const output = 'out.wasm';

/**
 * Everything that a program is linked from, under names without folders: LLD 22 sees a file system of its own.
 *
 * @param {import('../programs/programs.mjs').BuiltProgram} built
 */
function inputsOf({ program, objects }) {
  const libraries = program.language === 'c++' ? ['c++', 'c++abi', 'c'] : ['c'];
  const files = new Map([['crt1.o', crt1Command]]);
  objects.forEach((object, i) => files.set(`${i}-${path.basename(object)}`, object));
  const args = ['-m', 'wasm32', '-L.', ...files.keys(), ...libraries.map((name) => `-l${name}`), 'libbuiltins.a'];
  for (const name of libraries) files.set(`lib${name}.a`, `${wasiLib}/lib${name}.a`);
  files.set('libbuiltins.a', builtins);
  files.set('twice.o', objects[0]);
  return { files, args };
}

/**
 * @param {string[]} args
 * @param {Map<string, string>} files
 */
async function runReference(args, files) {
  const contents = Object.fromEntries([...files].map(([name, from]) => [name, readFileSync(from)]));
  const { files: after, ...outcome } = await runLld22([...args, '-o', output], contents);
  return { outcome, bytes: after[output] && Buffer.from(after[output]) };
}

/** @param {Uint8Array | undefined} bytes */
const digest = (bytes) => (bytes ? hash(bytes) : 'none');

const allSets = { ...optionSets, ...laterSets };
const isWanted = wantedBy('WELD_OPTION_SETS', 'option set', Object.keys(allSets));
// Of the larger programs, when not everything is tested.
const fewSets = ['default', 'no-gc-sections', 'page-size'];

for (const program of wantedPrograms) {
  describe(`${program.name} by LLD 22`, () => {
    const building = buildProgram(program, 'O2').then(inputsOf);
    for (const [name, options] of Object.entries(allSets)) {
      if (!isWanted(name) || !(isTestedThoroughly(program) || fewSets.includes(name))) continue;
      test(name, async () => {
        const { files, args: inputs } = await building;
        const args = [...inputs, ...options(program)];
        const key = hash(
          hashFiles(lld22Files()),
          hashFiles([...files.values()]),
          JSON.stringify([args, [...files.keys()]]),
        );
        const expected = await cachedValue('lld22', key, async () => {
          const { outcome, bytes } = await runReference(args, files);
          return { ...outcome, output: digest(bytes) };
        });

        const folder = path.join(scratchDir, 'differences', `${program.name}-lld22`, name);
        for (const weld of welds) {
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder, { recursive: true });
          for (const [file, from] of files) copyFileSync(from, path.join(folder, file));
          const actual = await weld.link([...args, '--compat=lld-22', '-o', output], { cwd: folder });
          const file = path.join(folder, output);
          const bytes = existsSync(file) ? readFileSync(file) : undefined;
          if (digest(bytes) !== expected.output && bytes) {
            const again = (await runReference(args, files)).bytes;
            if (again) {
              writeFileSync(path.join(folder, 'lld22.wasm'), again);
              assert.fail(`${weld.name} differs from wasm-ld 22\n  in ${folder}\n${explainDifference(again, bytes)}`);
            }
          }
          assert.deepEqual({ ...actual, output: digest(bytes) }, expected);
        }
        rmSync(folder, { recursive: true, force: true });
      });
    }
  });
}
