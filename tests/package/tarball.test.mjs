// @ts-check
// What is in the package, and what those who know packages say of it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { folderOf } from '../others/load.mjs';
import { ofPull, testsPull } from '../support/tier.mjs';
import { findUndocumented } from './doc_comments.mjs';
import { checkTypes, compile, files, project, root, tarball, tool, write } from './packed.mjs';

const installed = path.join(project, 'node_modules/wasm-weld');
const manifest = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));

test('it has what it needs and nothing else', () => {
  for (const name of [
    'README.md',
    'LICENSE',
    'bin/weld.mjs',
    'bin/wasm-ld.mjs',
    'bin/wasm-component-ld.mjs',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/weld.wasm',
    'dist/weld-more.wasm',
    'dist/inspect.wasm',
    'dist/commands.wasm',
    'docs/guide.md',
  ])
    assert.ok(files.includes(name), `${name} is not packed`);
  const odd = files.filter(
    (name) =>
      !/^(package\.json|README\.md|LICENSE|bin\/(weld|wasm-ld|wasm-component-ld)\.mjs|dist\/[\w-]+\.(js|js\.map|jsx|d\.ts|wasm|wasm\.d\.ts)|dist\/size\.html|docs\/[\w/-]+\.md)$/.test(
        name,
      ),
  );
  assert.deepEqual(odd, []);
  assert.equal(readFileSync(path.join(root, 'LICENSE'), 'utf8'), readFileSync(path.join(installed, 'LICENSE'), 'utf8'));
});

test('it depends on nothing, and runs nothing when it is installed', () => {
  for (const name of ['dependencies', 'optionalDependencies', 'bundledDependencies'])
    assert.equal(manifest[name], undefined, name);
  for (const name of Object.keys(manifest.peerDependencies))
    assert.deepEqual(manifest.peerDependenciesMeta[name], { optional: true }, name);
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts[name], undefined, name);
  assert.deepEqual(
    readdirSync(path.join(project, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['wasm-weld'],
  );
});

test('publint finds nothing', async () => {
  const { messages } = await publint({ pkgDir: installed, strict: true, pack: false });
  assert.deepEqual(messages, []);
});

test('arethetypeswrong finds nothing', () => {
  const cli = path.join(tool('@arethetypeswrong/cli'), 'dist/index.js');
  // Who requires packages is told that this is a module.
  const args = [cli, tarball, '--profile', 'esm-only', '--format', 'json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  assert.deepEqual(Object.keys(JSON.parse(stdout).analysis.entrypoints).sort(), Object.keys(manifest.exports).sort());
});

/** What tsc says. @param {Record<string, unknown>} options @param {string} text @param {string} [compiler] */
function check(options, text, compiler) {
  write('check.ts', text);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    types: [],
    exactOptionalPropertyTypes: true,
    ...options,
  };
  return checkTypes({ compilerOptions, files: ['check.ts'] }, compiler);
}

const text = `
  import {
    createLinker, context, formatMessages, initialize, link, LinkError, linkOrThrow, linkSync, type LinkResult,
  } from 'wasm-weld';
  import weld from 'wasm-weld/weld.wasm';
  import { run } from 'wasm-weld/run';
  import { sysroot } from 'wasm-weld/wasi';
  await initialize({ wasmURL: 'x', worker: false });
  const result: LinkResult = await link({ inputs: ['a.o', { name: 'b.o', bytes: new Uint8Array() }], options: { entry: false } });
  if (result.ok) { const buffer: ArrayBuffer = result.output.buffer; buffer.byteLength; }
  else formatMessages(result.diagnostics).join();
  try { (await linkOrThrow({ inputs: ['a.o'] })).output.length; }
  catch (error) { if (error instanceof LinkError) formatMessages(error.result.diagnostics); }
  linkSync({ args: [], files: { a: new ArrayBuffer(0) } }).stats.phases['resolve_symbols']?.toFixed();
  await link({ files: async (path) => fetch(path) }, { signal: AbortSignal.timeout(1), onProgress: ({ phase }) => phase.length });
  await link({ files: new URL('https://example.org/') });
  { using linker = await createLinker(); linker.link(); }
  (await context()).dispose();
  await initialize({ wasmURL: weld }), await initialize({ wasmBinary: weld }), await initialize({ wasmModule: weld });
  await link({ inputs: [{ name: 'a.o', bytes: Promise.resolve(new SharedArrayBuffer(1)) }] });
  const wasi = await sysroot({ from: '/usr', language: 'c++' });
  await link(wasi.request({ inputs: ['a.o'] }));
  const tree = await run(['wasm-ld'], { 'a.c': '', dir: { 'a.o': new Uint8Array() } });
  Object.keys(tree);
`;

for (const [name, options] of Object.entries({
  'a page, bundled': {
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'dom.iterable'],
  },
  'a page, plain modules': {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2023', 'dom', 'dom.iterable'],
  },
  'a worker': { module: 'esnext', moduleResolution: 'bundler', lib: ['es2023', 'webworker'] },
  Node: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2023'],
    types: ['node'],
    skipLibCheck: !testsPull, // those of Node 20 have a fault in the newest TypeScript's eyes
    typeRoots: [path.join(root, 'tests/node_modules/@types')],
  },
}))
  test(`the types hold in ${name}`, () => {
    assert.equal(check(options, text), '');
  });

// The guide says that this is the oldest. Without the types of any host, nobody has a Blob or a URL.
for (const lib of [['es2022'], ['es2022', 'dom'], ['es2022', 'webworker']])
  test(`the types hold in TypeScript 5.2 with ${lib.join(', ')}`, ofPull, () => {
    const withoutHost = `
      import { createLinker, initialize, inspect, link, linkOrThrow, openReport, symbolize } from 'wasm-weld';
      import { makeComponent } from 'wasm-weld/component';
      import { commands, run } from 'wasm-weld/run';
      import { sysroot } from 'wasm-weld/wasi';
      import weld from 'wasm-weld/weld.wasm';
      export async function main(bytes: Uint8Array) {
        await initialize({ wasmModule: weld, worker: false });
        const result = await link({ inputs: ['a.o', { name: 'b.o', bytes }], files: { 'a.o': bytes } });
        if (!result.ok) return result.diagnostics[0]?.notes[0]?.text;
        using linker = await createLinker({ inputs: [{ name: 'b.o', bytes }] });
        const unit = linker.unit('jit');
        const f = unit.function('f', ['i32'], ['i32']);
        unit.setFunction(f, unit.code().op('local.get', 0).op('call', f).end());
        await linkOrThrow((await sysroot({ from: '/usr' })).request({ inputs: ['a.o'] }));
        await makeComponent((await run(['weld'], { a: bytes }))['a'] as Uint8Array);
        return [await inspect(bytes), await openReport(bytes), await symbolize(bytes, 'text'), commands];
      }
    `;
    const withHost = `
      import { applyPatch } from 'wasm-weld';
      const signal = AbortSignal.timeout(1);
      await link({ inputs: [{ name: 'a', bytes: new Blob([]) }], files: new URL('file:///') }, { signal });
      await link({ files: async (path) => fetch(path) });
      await sysroot({ from: [new URL('file:///'), new Blob([]), { a: new Blob([]) }] });
      const module = await WebAssembly.compile(new Uint8Array());
      await initialize({ wasmModule: module, wasmURL: new URL('file:///') });
      await applyPatch(await WebAssembly.instantiate(module), new Uint8Array());
      // @ts-expect-error
      await link({ inputs: [{ name: 'a', bytes: 5 }] });
      // @ts-expect-error
      await link({}, { signal: {} });
    `;
    const options = { module: 'esnext', moduleResolution: 'bundler', lib };
    const compiler = path.join(folderOf('typescript-5.2'), 'bin/tsc');
    assert.equal(check(options, lib.length === 1 ? withoutHost : withoutHost + withHost, compiler), '');
  });

test('types find mistakes', () => {
  const options = {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2023', 'dom'],
    skipLibCheck: true,
  };
  const wrong = [
    'await link({ input: [] });',
    'await link({ options: { stripAl: true } });',
    "await link({ options: { stackSize: '64k' } });",
    '(await link({})).output.length;',
    'linkSync({ inputs: [{ bytes: new Uint8Array() }] });',
    "await initialize({ wasmUrl: '' });",
  ];
  const said = check(options, [`import { initialize, link, linkSync } from 'wasm-weld';`, ...wrong].join('\n'));
  for (let i = 0; i < wrong.length; i++) assert.match(said, new RegExp(`check\\.ts\\(${i + 2},`), wrong[i]);
});

/** What a command of the package says. @param {string} command @param {string[]} args */
function say(command, args, input = '') {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', input });
  return { status, stdout, stderr };
}
const bin = path.join(project, 'node_modules/.bin');

test('npm makes the commands, which go by their names', () => {
  assert.match(say(path.join(bin, 'weld'), ['--version']).stdout, /^weld /);
  assert.match(say(path.join(bin, 'wasm-weld'), ['--version']).stdout, /^weld /);
  // wasm-ld has no subcommands, and its own messages.
  assert.equal(
    say(path.join(bin, 'wasm-ld'), ['help']).stderr,
    'wasm-ld: error: cannot open help: No such file or directory\n',
  );
  assert.equal(say(path.join(bin, 'weld'), ['help']).status, 0);
  // As on systems without symbolic links, where npm calls the file.
  assert.match(say(process.execPath, [path.join(installed, 'bin/wasm-ld.mjs'), '-y']).stderr, /^wasm-ld: error: /);
});

test('npx runs them', () => {
  const npx = (/** @type {string[]} */ ...args) => say('npx', ['--offline', '--no-install', ...args]);
  const overview = npx('wasm-weld');
  assert.equal(overview.status, 1);
  assert.equal(overview.stdout, '');
  assert.match(overview.stderr, /^weld links .*\n( {2}weld .*\n){4}$/);
  assert.match(npx('--package', 'wasm-weld', 'wasm-ld', '--version').stdout, /^weld .*compatible with LLD 19/);
});

test('the command reads its standard input', () => {
  const module = compile('stdin', 'int f(void) { return 1; }');
  const object = readFileSync(path.join(project, module));
  const weld = path.join(bin, 'weld');
  const link = ['--no-entry', '--export=f', '-o', 'stdin.wasm'];
  const piped = spawnSync(weld, ['-', ...link], { cwd: project, input: object });
  assert.equal(piped.status, 0, String(piped.stderr));
  const bytes = readFileSync(path.join(project, 'stdin.wasm'));
  assert.equal(say(weld, [module, ...link]).status, 0);
  assert.ok(bytes.equals(readFileSync(path.join(project, 'stdin.wasm'))));
  const size = spawnSync(weld, ['size', '-', '--json'], { cwd: project, input: bytes, encoding: 'utf8' });
  assert.equal(size.status, 0, size.stderr);
  const rows = JSON.parse(size.stdout);
  assert.equal(
    rows.reduce((/** @type {number} */ sum, /** @type {{bytes: number}} */ row) => sum + row.bytes, 0),
    bytes.length,
  );
});

test('types that are not public are not packed', () => {
  const types = files.filter((name) => name.endsWith('.d.ts') && !name.endsWith('.wasm.d.ts'));
  const entries = ['index', 'run', 'wasi', 'worker', 'component'].map((name) => `dist/${name}.d.ts`);
  for (const name of entries)
    for (const [, other] of readFileSync(path.join(installed, name), 'utf8').matchAll(/from '\.\/(\w+)\.js'/g))
      if (!entries.includes(`dist/${other}.d.ts`)) entries.push(`dist/${other}.d.ts`);
  assert.deepEqual(types.sort(), entries.sort());
  // Neither the host of the core nor what makes units is anybody's business.
  const text = types.map((name) => readFileSync(path.join(installed, name), 'utf8')).join('');
  assert.doesNotMatch(text, /@internal|\bBridge\b|declare global/);
});

test('every public member has a doc comment', () => {
  const entries = ['index', 'run', 'wasi', 'worker', 'component'].map((name) =>
    path.join(installed, `dist/${name}.d.ts`),
  );
  // The names of instructions are explained by the members of `OperandsByKind` that are called the same.
  const found = findUndocumented(entries).filter((name) => !name.startsWith('InstructionsByKind.'));
  assert.deepEqual(found, []);
  const own = write(
    'own.d.ts',
    '/** A. */\nexport interface A {\n  /** B. */\n  b: {\n    c: 1;\n  };\n  d: 1;\n}\nexport type E = 1;\n',
  );
  assert.deepEqual(findUndocumented([own]), ['A.d', 'E']);
});
