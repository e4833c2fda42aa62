// The linker as a command on a tree of files: paths are what they are to wasm-ld in a folder.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { initialize } from '../dist/index.js';
import { commands, Exit, run } from '../dist/run.js';
import { assemble, callee, caller, folder, native } from './support.mjs';

const tree = () => ({
  'main.o': assemble(caller),
  sub: { 'f.o': assemble(callee('f', 42)), 'a.c': 'int a;\n' },
  build: {},
});

function toDisk(files, dir) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(dir, name);
    if (typeof content === 'string' || ArrayBuffer.isView(content)) writeFileSync(file, content);
    else mkdirSync(file), toDisk(content, file);
  }
}
/** Files as text of hexadecimal digits, and folders, by name. */
function fromDisk(dir) {
  const entries = readdirSync(dir).map((name) => path.join(dir, name));
  return Object.fromEntries(
    entries.map((file) => [
      path.basename(file),
      statSync(file).isDirectory() ? fromDisk(file) : readFileSync(file, 'hex'),
    ]),
  );
}
const shown = (files) =>
  Object.fromEntries(
    Object.entries(files).map(([name, content]) => [
      name,
      typeof content === 'string' || ArrayBuffer.isView(content)
        ? Buffer.from(content).toString('hex')
        : shown(content),
    ]),
  );

async function outcome(args, files = tree()) {
  const said = { stdout: '', stderr: '' };
  const hear = (stream) => (bytes) => bytes && (said[stream] += Buffer.from(bytes).toString());
  const done = { code: 0 };
  try {
    done.files = await run(args, files, { stdout: hear('stdout'), stderr: hear('stderr') });
  } catch (error) {
    assert.ok(error instanceof Exit, error);
    Object.assign(done, { code: error.code, files: error.files });
  }
  return { ...said, code: done.code, files: done.files };
}

/** What the program itself does. */
function theirs(program, args) {
  const dir = mkdtempSync(path.join(folder, 'tree-'));
  toDisk(tree(), dir);
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: dir, encoding: 'utf8' });
  return { stdout, stderr, code: status, files: fromDisk(dir) };
}

for (const args of [
  ['main.o', 'sub/f.o', '-o', 'build/o.wasm'],
  ['./main.o', 'sub//f.o', '-o', 'build/./o.wasm'],
  ['sub/../main.o', 'build/../sub/f.o', '-o', 'o.wasm'],
  ['main.o', 'sub/f.o', '-o', 'sub/../o.wasm'],
  ['main.o', 'sub/f.o', '-o', 'build/../sub/o.wasm'],
  ['main.o', 'sub/f.o', '-o', 'main.o'],
  ['main.o', 'sub/f.o', '-o', 'sub'],
  ['main.o', 'sub/f.o', '-o', 'build'],
  ['main.o', 'sub/f.o', '-o', '.'],
  ['main.o', 'sub/f.o', '-o', 'sub/'],
  ['main.o', 'sub/f.o', '-o', 'sub/..'],
  ['main.o', 'sub/f.o', '-o', 'main.o/x'],
  ['main.o', 'sub/f.o', '-o', 'o.wasm', '--Map=sub'],
  ['main.o', 'sub/f.o', '-o', '__proto__'],
  ['main.o', 'sub/f.o', '-o', 'constructor'],
  ['sub', '-o', 'o.wasm'],
  ['main.o/x', '-o', 'o.wasm'],
  ['sub/missing.o', '-o', 'o.wasm'],
  ['missing/x.o', '-o', 'o.wasm'],
])
  test(`as wasm-ld: ${args.join(' ')}`, async () => {
    const ours = await outcome(['wasm-ld-19', ...args]);
    assert.deepEqual({ ...ours, files: shown(ours.files) }, theirs('wasm-ld-19', args));
  });

test('the top is the root, above which is nothing', async () => {
  for (const to of ['/o.wasm', '../o.wasm', '/sub/../../o.wasm']) {
    const { code, files } = await outcome(['weld', '/main.o', '../sub/f.o', '-o', to]);
    assert.equal(code, 0);
    assert.ok(WebAssembly.validate(files['o.wasm']), to);
    assert.deepEqual(Object.keys(files), [...Object.keys(tree()), 'o.wasm']);
  }
  const { files } = await outcome(['weld', 'main.o', 'sub/f.o', '-o', '__proto__/made/o.wasm']);
  assert.ok(WebAssembly.validate(Object.entries(files).find(([name]) => name === '__proto__')[1].made['o.wasm']));
});

test('the caller’s tree stays as it was', async () => {
  const files = tree();
  await outcome(['weld', 'main.o', 'sub/f.o', '-o', 'sub/o.wasm'], files);
  assert.deepEqual(files, tree());
});

test('what is no tree of files is refused before anything is done', () => {
  const nothing = { stdout: () => assert.fail('it ran'), stderr: () => assert.fail('it ran') };
  for (const [files, message] of [
    [null, /`files` must be an object/],
    [[], /`files` must be an object/],
    [new Map([['a.o', '']]), /`files` must be an object/],
    [{ 'a.o': null }, /`a\.o` must be a string, a Uint8Array or an object/],
    [{ 'a.o': undefined }, /`a\.o` must be/],
    [{ sub: { 'a.o': 5 } }, /`sub\/a\.o` must be/],
    [{ sub: { 'a.o': new Blob([]) } }, /`sub\/a\.o` must be/],
    [{ 'sub/a.o': '' }, /`sub\/a\.o`: a folder is an object of its own/],
  ])
    assert.throws(() => run(['weld', '--version'], files, nothing), { name: 'TypeError', message });
});

test('misspelt options', () => {
  assert.throws(() => run(['weld', '--version'], {}, { syncronously: true }), {
    name: 'TypeError',
    message: /no `syncronously`; did you mean `synchronously`\?/,
  });
  assert.throws(() => commands.weld(['--version'], {}, { stdotu: null }), { message: /did you mean `stdout`\?/ });
});

test('subcommands, as the program has them', { skip: !native && 'the native program is not built' }, async () => {
  const link = ['main.o', 'sub/f.o', '-o', 'sub/o.wasm', '--metafile=m.json'];
  const { files } = await outcome(['weld', ...link]);
  const dir = mkdtempSync(path.join(folder, 'tree-'));
  toDisk(files, dir);
  for (const args of [
    ['inspect', '--symbols', 'sub/f.o'],
    ['inspect', 'missing.o'],
    ['size', 'm.json', '--by=member'],
    ['why', 'm.json', 'f', '--json'],
    ['help'],
  ]) {
    const { stdout, stderr, status } = spawnSync(native, args, { cwd: dir, encoding: 'utf8' });
    const ours = await outcome(['weld', ...args], files);
    assert.deepEqual(
      { ...ours, files: Object.keys(ours.files) },
      { stdout, stderr, code: status, files: Object.keys(files) },
      args.join(' '),
    );
  }
  // A file with such a name is linked.
  const named = await outcome(['wasm-ld', 'size', 'sub/f.o', '-o', 'o.wasm'], { ...tree(), size: assemble(caller) });
  assert.equal(named.code, 0);
  await initialize();
  assert.throws(() => run(['weld', 'size', 'm.json'], files, { synchronously: true }), {
    message: /`weld size` takes time/,
  });
});
