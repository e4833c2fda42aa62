// @ts-check
// Exceptions of WebAssembly, in both forms: the legacy instructions, and those with exception references.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { newerNode, rootDir, scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { compile, compileText, missing22 } from '../support/toolchain.mjs';

const script = `
const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
const e = new WebAssembly.Instance(module, {}).exports;
console.log(e.catches(3, 5), e.catches(3, -5), e.catches(0, -1), e.step_count(), e.rethrows(-2), e.rethrows(7));
`;
const printed = '8 -1 -1 3 103 9\n';

// clang 22 writes both; clang 19 only the first.
const forms = { legacy: true, 'exception references': false };
const instruction = { true: /\n +[^\n]*\tcatch_all/, false: /\n +[^\n]*\ttry_table/ };

/**
 * @param {string} name
 * @param {boolean} legacy
 */
function compile22(name, legacy) {
  const source = path.join(rootDir, 'tests/programs/exceptions', `${name}.cpp`);
  const flags = ['-O1', '-fexceptions', '-fwasm-exceptions', '-mllvm', `-wasm-use-legacy-eh=${legacy}`];
  return compile(source, ['--target=wasm32-unknown-unknown', ...flags], [], 22);
}

describe('exceptions', () => {
  for (const [name, legacy] of Object.entries(forms))
    for (const linker of welds)
      for (const options of [[], ['--compress-relocations', '--strip-all']])
        test(`${name}, ${linker.name} ${options.join(' ')}`, { skip: missing22 }, async () => {
          const tag = '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n';
          const objects = [await compileText('tag.s', tag, ['-mattr=+exception-handling'])];
          for (const file of ['main', 'thrower', 'runtime']) objects.push(await compile22(file, legacy));
          const listing = await runOrThrow('llvm-objdump-22', ['-d', objects[1]]);
          assert.match(listing.stdout, instruction[`${legacy}`]);

          const folder = path.join(scratchDir, 'exceptions', `${name}${linker.name}${options.length}`);
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder, { recursive: true });
          const outcome = await linker.link([...objects, '--no-entry', ...options, '-o', 'out.wasm'], { cwd: folder });
          assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
          const ran = await run(newerNode, ['-e', script, path.join(folder, 'out.wasm')]);
          assert.deepEqual(ran, { code: 0, stdout: printed, stderr: '' });
        });
});
