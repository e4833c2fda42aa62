// @ts-check
// Where outputs go, by each form of the program: through links, into devices and pipes, and nowhere at all when the
// link is ended from outside. What LLD_REPRODUCE asks for.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { run } from '../support/processes.mjs';
import { compileText } from '../support/toolchain.mjs';

/** @type {string} */
let object;
before(async () => {
  object = await compileText('output.c', 'int run(void) { return 7; }', ['-O1']);
});

for (const weld of welds) {
  describe(weld.name, () => {
    const program = weld.program('weld');
    const args = (/** @type {string} */ output) => ['--no-entry', '--export=run', object, '-o', output];
    /** @param {string} name */
    function emptyFolder(name) {
      const folder = path.join(scratchDir, 'outputs', weld.name, name);
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder, { recursive: true });
      return folder;
    }
    const isModule = (/** @type {Buffer} */ bytes) =>
      WebAssembly.validate(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)) && bytes.length > 8;

    test('a link is written through, and stays one', async () => {
      const folder = emptyFolder('links');
      mkdirSync(path.join(folder, 'to'));
      symlinkSync('to/second', path.join(folder, 'first'));
      symlinkSync('target.wasm', path.join(folder, 'to/second')); // relative to its own folder
      for (const existing of [false, true]) {
        if (existing) writeFileSync(path.join(folder, 'to/target.wasm'), 'old');
        assert.deepEqual(await run(program, args('first'), { cwd: folder }), { code: 0, stdout: '', stderr: '' });
        assert.equal(readlinkSync(path.join(folder, 'first')), 'to/second');
        assert.ok(isModule(readFileSync(path.join(folder, 'to/target.wasm'))));
        assert.deepEqual(readdirSync(folder).sort(), ['first', 'to']);
        assert.deepEqual(readdirSync(path.join(folder, 'to')).sort(), ['second', 'target.wasm']);
      }
    });

    test('standard output as a file, a pipe and a device', async () => {
      const folder = emptyFolder('streams');
      const file = path.join(folder, 'out.wasm');
      const descriptor = openSync(file, 'w');
      execFileSync(program, args('/dev/stdout'), { cwd: folder, stdio: ['ignore', descriptor, 'inherit'] });
      closeSync(descriptor);
      assert.ok(isModule(readFileSync(file)));
      assert.ok(isModule(execFileSync(program, args('/dev/stdout'), { cwd: folder })), 'a pipe');
      assert.equal((await run(program, args('/dev/null'), { cwd: folder })).code, 0);
      assert.ok(lstatSync('/dev/null').isCharacterDevice());
      assert.deepEqual(readdirSync(folder), ['out.wasm']);
    });

    test('nothing is left behind by a link that is ended', { timeout: 120_000 }, async () => {
      // An output so large that it is being written for a while.
      const folder = emptyFolder('ended');
      const large = await compileText('large.c', 'char large[200000000] = {1};', ['-O1']);
      const ended = new Set();
      for (const delay of [5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 300]) {
        const child = spawn(program, ['--no-entry', '--export=large', large, '-o', 'out.wasm'], {
          cwd: folder,
          stdio: 'ignore',
        });
        const end = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)));
        setTimeout(() => child.kill('SIGINT'), delay);
        ended.add(await end);
        assert.deepEqual(
          readdirSync(folder).filter((name) => name !== 'out.wasm'),
          [],
          `after ${delay} ms`,
        );
      }
      assert.ok(ended.has('SIGINT') || ended.has(130), 'at least one of them was ended');
    });

    test('LLD_REPRODUCE asks for an archive, as with wasm-ld; an option is stronger', async () => {
      const folder = emptyFolder('reproduce');
      const env = { ...process.env, LLD_REPRODUCE: 'variable.tar' };
      for (const more of [[], ['--reproduce=option.tar']])
        assert.deepEqual(await run(program, [...args('out.wasm'), ...more], { cwd: folder, env }), {
          code: 0,
          stdout: '',
          stderr: '',
        });
      assert.deepEqual(readdirSync(folder).sort(), ['option.tar', 'out.wasm', 'variable.tar']);
      const listing = execFileSync('tar', ['-tf', 'variable.tar'], { cwd: folder, encoding: 'utf8' });
      assert.match(listing, /^variable\/response\.txt$/m);
    });
  });
}
