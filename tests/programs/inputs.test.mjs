// @ts-check
// Inputs that another process changes while they are linked: the output is made of the bytes as they were when they were
// read, or there is an error; never a crash. The second input is a pipe, so the test knows when the first was read, and decides when the link goes on.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { compileText } from '../support/toolchain.mjs';

// Large enough that nobody would read it by the way, with relocations from its first to its last byte.
const tables = `
extern int helper(int);
int (*const functions[20000])(int) = { [0 ... 19999] = helper };
int run(int i) { return functions[i](i) + helper(1); }`;

/** @type {string} */
let large;
/** @type {string} */
let small;
before(async () => {
  large = await compileText('tables.c', tables, ['-O1']);
  small = await compileText('helper.c', 'int helper(int a) { return a + 1; }', ['-O1']);
  assert.ok(statSync(large).size > 100_000);
});

/** @type {[string, (file: string) => void][]} */
const changes = [
  ['is cut off', (file) => truncateSync(file, 0)],
  ['is half of it', (file) => truncateSync(file, statSync(file).size >> 1)],
  ['is overwritten', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size, 0xff), { flag: 'r+' })],
];

for (const weld of welds) {
  describe(weld.name, () => {
    const program = weld.program('weld');
    for (const kind of ['object', 'archive'])
      for (const [what, change] of changes)
        test(`an ${kind} that ${what} while it is linked`, { timeout: 60_000 }, async () => {
          const folder = path.join(scratchDir, 'inputs', weld.name, `${kind} ${what}`);
          rmSync(folder, { recursive: true, force: true });
          mkdirSync(folder, { recursive: true });
          const input = kind === 'object' ? 'large.o' : 'large.a';
          copyFileSync(large, path.join(folder, 'large.o'));
          if (kind === 'archive') await runOrThrow('llvm-ar-19', ['rcs', 'large.a', 'large.o'], { cwd: folder });
          copyFileSync(small, path.join(folder, 'small.o'));
          const args = (/** @type {string} */ second) => [
            ...['--no-entry', '--export=run', input, second, '-o', 'out.wasm'],
          ];
          const output = path.join(folder, 'out.wasm');
          assert.deepEqual(await run(program, args('small.o'), { cwd: folder }), { code: 0, stdout: '', stderr: '' });
          const wanted = readFileSync(output);
          rmSync(output);

          execFileSync('mkfifo', ['pipe.o'], { cwd: folder });
          const child = spawn(program, args('pipe.o'), { cwd: folder, stdio: ['ignore', 'inherit', 'pipe'] });
          let stderr = '';
          child.stderr.on('data', (text) => (stderr += text));
          const end = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
          const pipe = await open(path.join(folder, 'pipe.o'), 'w'); // when weld has opened it as well
          change(path.join(folder, input));
          await pipe.writeFile(readFileSync(small));
          await pipe.close();
          // Members of an archive may be read when they are needed: then it is an error.
          const code = await end;
          if (code === 0) assert.ok(wanted.equals(readFileSync(output)));
          else assert.equal(kind, 'archive', stderr);
          assert.match(stderr, code === 0 ? /^$/ : /^weld: error: /);
          assert.ok(code === 0 || code === 1, `ended with ${code}`);
          assert.deepEqual(
            readdirSync(folder).filter((name) => name.includes('.tmp')),
            [],
          );
        });
  });
}
