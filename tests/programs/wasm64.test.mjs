// @ts-check
// Programs for wasm64, linked by weld, run in a Node that knows memories and tables of 64 bits.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { newerNode, rootDir, scratchDir } from '../support/paths.mjs';
import { run } from '../support/processes.mjs';
import { compile } from '../support/toolchain.mjs';

const script = `
const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
const imports = {};
for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) throw new Error(kind + ' ' + from + '.' + name);
const e = new WebAssembly.Instance(module, imports).exports;
e.__wasm_call_ctors?.();
console.log(e.pointer_size(), e.list(), e.operate(0, 3n, 4n), e.operate(1, 3n, 1n << 33n), e.recurse(100n), e.thread_local(), e.thread_local(), e.constructed(), e.null());
`;
const printed = '16 1099511627777n 7n 25769803776n 100n 8n 9n 40n 1\n';

describe('wasm64', () => {
  for (const level of ['-O0', '-O2'])
    for (const linker of welds)
      for (const [name, options] of Object.entries({
        'an executable': [],
        'without garbage collection': ['--no-gc-sections'],
        compressed: ['--compress-relocations', '--strip-all'],
        'through an object': ['-r'],
      })) {
        test(`${name}, ${level}, ${linker.name}`, async () => {
          const flags = [level, '--target=wasm64-unknown-unknown', '-mbulk-memory', '-matomics'];
          const objects = [];
          for (const file of ['main.c', 'data.c'])
            objects.push(await compile(path.join(rootDir, 'tests/programs/wasm64', file), flags));
          const folder = path.join(scratchDir, 'wasm64', `${name}${level}${linker.name}`.replaceAll(/\W+/g, '_'));
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder, { recursive: true });
          /** @param {string[]} args */
          const link = async (args) => {
            const outcome = await linker.link(args, { cwd: folder, as: 'weld' });
            assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
          };
          let inputs = objects;
          if (options[0] === '-r') {
            await link([...objects, '-r', '-o', 'both.o']);
            inputs = ['both.o'];
          }
          const rest = options[0] === '-r' ? [] : options;
          // The mode is what the first object is; the constructors are the host's to call.
          await link([...inputs, '--no-entry', '--export=__wasm_call_ctors', ...rest, '-o', 'out.wasm']);
          const outcome = await run(newerNode, ['-e', script, path.join(folder, 'out.wasm')]);
          assert.deepEqual(outcome, { code: 0, stdout: printed, stderr: '' });
        });
      }
});
