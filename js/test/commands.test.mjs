// The program as people type it, natively and in Node: help, suggestions, the standard input, and its names.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { testsPull } from '../../tests/support/tier.mjs';
import { compile, folder, native, packageDir, script } from './support.mjs';

compile('main.c', 'int f(void) { return 1; }');
const linkMain = ['--no-entry', '--export=f', '-o', 'main.wasm', '--metafile=main.json'];

for (const [form, file] of Object.entries({ script, native })) {
  if (!file) continue;
  const bin = mkdtempSync(path.join(folder, 'bin-'));
  for (const name of ['weld', 'wasm-ld', 'wasm-weld', 'wasm-component-ld']) symlinkSync(file, path.join(bin, name));
  const say = (args, { input = '', name = 'weld', PATH = process.env.PATH } = {}) => {
    const [command = '', ...all] = [...(form === 'script' ? [process.execPath] : []), path.join(bin, name), ...args];
    const { status, stdout, stderr } = spawnSync(command, all, { cwd: folder, input, env: { ...process.env, PATH } });
    return { status, out: stdout.toString(), err: stderr.toString() };
  };
  const fails = (args, err, options) => assert.deepEqual(say(args, options), { status: 1, out: '', err });

  test(`${form}: each command explains itself, and help names each`, () => {
    const list = say(['help']);
    assert.equal(list.status, 0);
    const commands = [...list.out.matchAll(/^ {2}weld (\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(
      commands,
      ['help', 'inspect', 'symbolize', 'size', 'why', 'removed', 'memory', 'imports', 'diff', 'patch'],
      list.out,
    );
    for (const name of commands.filter((name) => name !== 'help')) {
      const { status, out, err } = say([name, '--help']);
      assert.deepEqual([status, err], [0, ''], name);
      assert.match(out, new RegExp(`^Usage: weld ${name} [A-Z]`));
      assert.match(out, new RegExp(`\nExamples:\n(  .*\n)*  weld ${name} .*\n`), name);
      // Lines fit a terminal of 120 columns.
      assert.deepEqual(
        out.split('\n').filter((line) => line.length > 120),
        [],
      );
      // Of one of them that it is so in Node as well is enough for the quick tier.
      if (form === 'script' && !testsPull && name !== 'size') continue;
      for (const args of [
        ['help', name],
        [name, '-h'],
        // Nothing else is looked at.
        [name, '--limit=x', '--address=x', '--nothing', 'none.o', '--help'],
      ])
        assert.deepEqual(say(args), { status: 0, out, err: '' }, args.join(' '));
    }
    assert.deepEqual(say(['-h']), list);
  });

  test(`${form}: what is misspelt is suggested`, () => {
    fails(
      ['size', 'main.json', '--limt=3'],
      'weld: error: unknown option `--limt=3`\n' +
        '  note: did you mean `--limit`? `weld size --help` explains the options\n',
    );
    fails(
      ['inspect', '--zzzzzz', 'main.o'],
      'weld: error: unknown option `--zzzzzz`\n  note: `weld inspect --help` explains the options\n',
    );
    fails(['help', 'diffs'], 'weld: error: there is no command `diffs`\n  note: did you mean `diff`?\n');
    fails(
      ['simbolize', 'none.wasm'],
      'weld: error: cannot open `simbolize`: No such file or directory\n  note: did you mean `weld symbolize`?\n' +
        'weld: error: cannot open `none.wasm`: No such file or directory\n',
    );
  });

  test(`${form}: without arguments it says what there is, and wasm-ld says what it always says`, () => {
    const { status, out, err } = say([]);
    assert.deepEqual([status, out], [1, '']);
    assert.match(err, /^weld links .*\n( {2}weld .*\n){4}$/);
    assert.deepEqual(say([], { name: 'wasm-weld' }), { status, out, err });
    fails([], 'wasm-ld: error: no input files\n', { name: 'wasm-ld' });
  });

  test(`${form}: a dash is the standard input`, () => {
    const object = readFileSync(path.join(folder, 'main.o'));
    assert.deepEqual(say(['main.o', ...linkMain]), { status: 0, out: '', err: '' });
    const output = readFileSync(path.join(folder, 'main.wasm'));
    writeFileSync(path.join(folder, 'main.wasm'), '');
    assert.deepEqual(say(['-', ...linkMain], { input: object }), { status: 0, out: '', err: '' });
    assert.deepEqual(readFileSync(path.join(folder, 'main.wasm')), output);
    const metafile = readFileSync(path.join(folder, 'main.json'));
    for (const [input, ...args] of [
      [output, 'size', '-', '--by=section', '--json'],
      [metafile, 'why', '-', 'f'],
      [metafile, 'removed', '-'],
      [metafile, 'memory', '-'],
      [metafile, 'imports', '-'],
      [metafile, 'diff', '-', 'main.json'],
      [output, 'symbolize', '-', '0x1'],
    ]) {
      const file = input === output ? 'main.wasm' : 'main.json';
      const named = say(args.map((arg) => (arg === '-' ? file : arg)));
      assert.deepEqual([named.status, named.err], [0, ''], args.join(' '));
      assert.deepEqual(say(args, { input }), named, args.join(' '));
    }
    const inspected = say(['inspect', '--symbols', '-'], { input: object });
    assert.equal(inspected.status, 0);
    assert.match(inspected.out, /\bf\b/);
    fails(
      ['diff', '-', '-'],
      'weld: error: both files are `-`, and there is only one standard input\n' +
        '  note: `weld diff --help` explains what it takes, and has examples\n',
    );
    fails(['-', '-o', 'x'], 'wasm-ld: error: cannot open -: No such file or directory\n', {
      name: 'wasm-ld',
      input: object,
    });
  });

  test(`${form}: components are made by another program`, () => {
    // It stands in for wasm-tools: what it writes is what it read, and its arguments.
    const tools = mkdtempSync(path.join(folder, 'tools-'));
    const tool = path.join(tools, 'wasm-tools');
    const useTool = (text) => writeFileSync(tool, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const PATH = `${tools}:/usr/bin:/bin`;
    const args = ['--no-entry', '--export=f', 'main.o', '-o', 'made.wasm'];
    const made = () => readFileSync(path.join(folder, 'made.wasm'));
    const silent = { status: 0, out: '', err: '' };
    assert.deepEqual(say(args), silent);
    const module = made();

    writeFileSync(path.join(folder, 'a b.wasm'), '');
    useTool('cat; printf %s " $*"');
    for (const [name, options] of [
      ['weld', ['--component']],
      ['wasm-component-ld', []],
    ]) {
      assert.deepEqual(say([...args, ...options, '--adapt=env=a b.wasm'], { name, PATH }), silent);
      assert.equal(made().toString('latin1'), `${module.toString('latin1')} component new - --adapt=env=a b.wasm`);
    }
    // npm has a package with the adapters for WASI 0.1.
    if (form === 'script') {
      const adapter = path.join(folder, 'node_modules/@bytecodealliance/jco/lib/wasi_snapshot_preview1.reactor.wasm');
      mkdirSync(path.dirname(adapter), { recursive: true });
      writeFileSync(adapter, '');
      assert.deepEqual(say([...args, '--component'], { PATH }), silent);
      const [, asked] = /component new - (.*)$/.exec(made().toString('latin1')) ?? [];
      assert.equal(asked, `--adapt=wasi_snapshot_preview1=${adapter}`);
    }
    // Megabytes go through it, and it need not read what it is given.
    useTool('head -c 3000000 /dev/zero');
    assert.deepEqual(say([...args, '--component'], { PATH }), silent);
    assert.equal(made().length, 3_000_000);

    useTool('echo "error: it does not fit" >&2; exit 7');
    const options = { PATH };
    fails([...args, '--component'], 'weld: error: no component can be made of the module: it does not fit\n', options);
    assert.equal(made().length, 3_000_000);
    useTool('kill -KILL $$');
    assert.match(say([...args, '--component'], options).err, /^weld: error: no component.*: ended by the signal \w/);
    rmSync(tool);
    assert.match(
      say([...args, '--component'], options).err,
      /^weld: error: `wasm-tools`, which makes components, cannot be run: No such file or directory\n {2}note: install/,
    );
  });
}

test('the package has the names that are tested here', () => {
  const { bin } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'));
  assert.deepEqual(Object.keys(bin).sort(), ['wasm-component-ld', 'wasm-ld', 'wasm-weld', 'weld']);
});
