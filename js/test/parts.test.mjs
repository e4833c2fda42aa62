// The two parts of the linker's module: a plain link needs weld.wasm alone; what needs weld-more.wasm gets it, or says so.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as weld from '../dist/index.js';
import { sysroot } from '../dist/wasi.js';
import { archive, compile, distDir, folder, packageDir, run, runModule, script } from './support.mjs';

const main = compile('main.c', '#include <stdio.h>\nint twice(int);\nint main(void) { printf("%d\\n", twice(21)); }', [
  '-O1',
  '-g',
]);
const twice = compile('twice.c', 'int twice(int x) { return 2 * x; }', ['-O1', '-g']);
const streams = compile(
  'streams.cpp',
  '#include <iostream>\n#include <vector>\nint main() { std::vector<int> v{1, 2}; std::cout << v.size() << std::endl; }',
);
for (const [name, bytes] of Object.entries({ 'main.o': main, 'twice.o': twice, 'streams.o': streams }))
  writeFileSync(path.join(folder, name), bytes);
writeFileSync(path.join(folder, 'libtwice.a'), archive({ 'twice.o': twice }));

/** What a program begins with: requests, and what counts the modules that are compiled from files. */
const prelude = `
  import fs from 'node:fs';
  import { sysroot } from ${JSON.stringify(path.join(distDir, 'wasi.js'))};
  const input = (name) => ({ name, bytes: fs.readFileSync(name) });
  const c = await sysroot({ from: '/usr' });
  const cpp = await sysroot({ from: '/usr', language: 'c++' });
  const plain = c.request({ inputs: [input('main.o'), input('twice.o')] });
  const withMore = { ...plain, options: { ...plain.options, metafile: true } };
  const missing = new URL('file:///nowhere/weld-more.wasm');
  const { instantiate, compile } = WebAssembly;
  let instances = 0;
  let compiled = 0;
  WebAssembly.instantiate = (module, imports) => ((instances += Boolean(imports.host)), instantiate(module, imports));
  WebAssembly.compile = async (bytes) => {
    const module = await compile(bytes);
    compiled += WebAssembly.Module.customSections(module, 'weld.parts').length;
    return module;
  };
  const failure = async (action) => {
    try {
      await action();
      return 'none';
    } catch (error) {
      return error.message;
    }
  };
`;

test('plain links load one module', async () => {
  const text = `${prelude}
    const said = [];
    for (const strip of [{}, { stripAll: true }, { stripDebug: true }])
      for (const request of [
        plain,
        c.request({ inputs: [input('main.o'), input('libtwice.a')] }),
        cpp.request({ inputs: [input('streams.o')] }),
        c.request({ inputs: ['main.o', 'twice.o'], files: async (name) => fs.existsSync(name) ? fs.readFileSync(name) : undefined }),
      ])
        said.push((await weld.link({ ...request, options: { ...request.options, ...strip } })).ok);
    said.push((await weld.link({ inputs: [input('twice.o')], options: { entry: false, export: 'twice' } })).ok);
    said.push(weld.linkSync({ args: ['--version'] }).stdout !== '');
    console.log(said.every((ok) => ok), said.length, compiled);`;
  assert.equal(await runModule(text), 'true 14 1');
});

test('a link that needs the second module loads it, whatever is linked before and after', async () => {
  const text = `${prelude}
    const outputs = [];
    for (const request of [plain, withMore, plain, withMore]) outputs.push((await weld.link(request)).output);
    await weld.initialize();
    outputs.push(weld.linkSync(withMore).output, weld.linkSync(plain).output);
    console.log(outputs.every((output) => Buffer.compare(output, outputs[0]) === 0), compiled);`;
  assert.equal(await runModule(text), 'true 2');
});

test('the second module is there before a link whose arguments say that it needs it', async () => {
  const text = `${prelude}
    const said = [];
    for (const options of ${JSON.stringify([
      { metafile: true },
      { relocatable: true },
      { emitRelocs: true },
      { shared: true },
      { pie: true },
      { icf: 'all' },
      { optimize: 'size' },
      { compressRelocations: true, stripDebug: true },
      { sourceMap: true },
      { separateDwarf: true },
      { validate: true },
      { map: 'out.map' },
      { reproduce: 'r.tar' },
      { buildId: true },
    ])}) {
      const before = instances;
      const { ok } = await weld.link({ inputs: [input('twice.o')], options: { entry: false, ...options } });
      said.push(ok, instances - before);
    }
    console.log(said.join());`;
  // One instance for all: none of them was begun in vain and thrown away.
  assert.equal(await runModule(text), `true,1,${Array(13).fill('true,0').join()}`);
});

test('what arguments do not tell is found out by linking', async () => {
  const text = `${prelude}
    await weld.link(plain);
    const before = instances;
    const files = { 'more.rsp': new TextEncoder().encode('--reproduce=r.tar') };
    const made = await weld.link({ args: ['@more.rsp'], files, inputs: [input('twice.o')], options: { entry: false } });
    console.log(made.ok, Object.keys(made.files).join(), instances - before, compiled);`;
  assert.equal(await runModule(text), 'true r.tar 1 2');
});

test('a link that fails loads what its messages need', async () => {
  const text = `${prelude}
    const { ok, diagnostics } = await weld.link(c.request({ inputs: [input('main.o')] }));
    console.log(ok, diagnostics.map(({ id }) => id).join());`;
  assert.equal(await runModule(text), 'false undefined-symbol');
});

for (const worker of [false, true])
  test(`a second module that is not there, ${worker ? 'in a worker' : 'in the thread'}: what needs it says so, and nothing else fails`, async () => {
    const text = `${prelude}
      await weld.initialize({ moreURL: missing, worker: ${worker} });
      console.log((await weld.link(plain)).ok);
      console.log(await failure(() => weld.link(withMore)));
      console.log(await failure(() => weld.createLinker(plain)));
      console.log(await failure(() => weld.linkSync(withMore)));
      console.log((await weld.link(plain)).ok, weld.linkSync(plain).ok);`;
    const lines = (await runModule(text)).split('\n');
    assert.deepEqual([lines[0], lines[4]], ['true', 'true true'], lines.join('\n'));
    for (const line of lines.slice(1, 4))
      assert.match(line, /cannot load file:\/\/\/nowhere\/weld-more\.wasm: .*ENOENT.*`initialize\(\{ moreURL \}\)`$/);
  });

test('in a worker the second module is sent when a link needs it', async () => {
  const text = `${prelude}
    await weld.initialize({ worker: true, moreBinary: fs.readFileSync(${JSON.stringify(path.join(distDir, 'weld-more.wasm'))}) });
    const outputs = [];
    for (const request of [plain, withMore, plain]) outputs.push((await weld.link(request)).output);
    const { files } = await weld.link({ args: ['@more.rsp'], files: { 'more.rsp': new TextEncoder().encode('--reproduce=r.tar') }, inputs: [input('twice.o')], options: { entry: false } });
    console.log(outputs.every((output) => Buffer.compare(output, outputs[0]) === 0), Object.keys(files).join());`;
  assert.equal(await runModule(text), 'true r.tar');
});

test('linkSync without the second module says what to do', async () => {
  const text = `${prelude}
    await weld.link(plain);
    console.log(await failure(() => weld.linkSync(withMore)));
    await weld.initialize();
    console.log(weld.linkSync(withMore).ok);`;
  assert.equal(await runModule(text), 'this needs `weld-more.wasm`: call `await initialize()` first\ntrue');
});

test('the other modules are looked for beside a file `weld.wasm` that was named', async () => {
  const there = path.join(folder, 'there');
  mkdirSync(there, { recursive: true });
  for (const name of ['weld.wasm', 'weld-more.wasm', 'inspect.wasm', 'commands.wasm'])
    cpSync(path.join(distDir, name), path.join(there, name));
  cpSync(path.join(distDir, 'weld.wasm'), path.join(there, 'alone', 'weld.wasm'));
  const from = (name) => JSON.stringify(pathToFileURL(path.join(there, name)).href);
  const text = (name) => `${prelude}
    await weld.initialize({ wasmURL: ${from(name)} });
    console.log(await failure(() => weld.linkSync(withMore)));`;
  assert.equal(await runModule(text('weld.wasm')), 'none');
  assert.match(await runModule(text('alone/weld.wasm')), /cannot load file:.*\/there\/alone\/weld-more\.wasm: /);
  // The one that inspects, too.
  const inspecting = (name) => `
    await weld.initialize({ wasmURL: ${from(name)} });
    console.log(await weld.inspect(new Uint8Array(8)).then(({ kind }) => kind, ({ message }) => message));`;
  assert.equal(await runModule(inspecting('weld.wasm')), 'unknown');
  assert.match(await runModule(inspecting('alone/weld.wasm')), /cannot load file:.*\/there\/alone\/inspect\.wasm: /);
});

test('a second module of another build is refused', async () => {
  const file = path.join(folder, 'other-more.wasm');
  const bytes = readFileSync(path.join(distDir, 'weld-more.wasm'));
  bytes[bytes.length - 1] ^= 1; // of the mark that both parts have
  writeFileSync(file, bytes);
  const text = `${prelude}
    await weld.initialize({ moreURL: ${JSON.stringify(pathToFileURL(file).href)} });
    console.log((await weld.link(plain)).ok);
    for (const action of [() => weld.linkSync(withMore), () => weld.link(withMore), () => weld.createLinker()])
      console.log(await failure(action));`;
  const [plain, ...others] = (await runModule(text)).split('\n');
  assert.equal(plain, 'true');
  assert.equal(others.length, 3);
  for (const said of others) assert.match(said, /is not of the same build as `weld\.wasm`: see `initialize/);
});

test('a crash says in which module each function is', async () => {
  const text = `${prelude}
    const { Instance } = WebAssembly;
    let memory;
    WebAssembly.Instance = function (module, imports) {
      const instance = new Instance(module, imports);
      memory = instance.exports.memory ?? memory;
      return instance;
    };
    const linker = await weld.createLinker({ inputs: [input('twice.o')], options: { entry: false } });
    linker.link();
    new Uint8Array(memory.buffer).fill(0xff, 840_000);
    console.log(linker.link().diagnostics[0].notes.map(({ text }) => text).join());`;
  const said = await runModule(text);
  const place = String.raw`wasm-function\[\d+\]:0x[\da-f]+( of weld-more\.wasm)?`;
  assert.match(said, new RegExp(`, at ${place}( < ${place})*, version`));
  assert.match(said, / of weld-more\.wasm/);
});

test('`instanceof` knows what classes make that are loaded later', async () => {
  const text = `${prelude}
    const before = [{} instanceof weld.Unit, {} instanceof weld.Code, undefined instanceof weld.Unit];
    const unit = (await weld.createLinker()).unit('jit');
    const code = unit.code();
    console.log(...before, unit instanceof weld.Unit, code instanceof weld.Code, code instanceof weld.Unit);`;
  assert.equal(await runModule(text), 'false false false true true false');
});

test('the command loads the second module when it needs it', async () => {
  const args = [
    'main.o',
    'twice.o',
    '--no-entry',
    '--export=twice',
    '--allow-undefined',
    '-o',
    'out.wasm',
    '--Map=out.map',
  ];
  const { code, stderr } = await run(process.execPath, [script, ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(readFileSync(path.join(folder, 'out.map'), 'utf8'), /twice/);
});

test('what is in the second module gives what it gave in one', async () => {
  const c = await sysroot({ from: '/usr' });
  const request = c.request({
    inputs: [
      { name: 'main.o', bytes: main },
      { name: 'twice.o', bytes: twice },
    ],
  });
  for (const options of [{ optimize: 'size' }, { icf: 'all' }, { compressRelocations: true, stripDebug: true }]) {
    const { ok, output } = await weld.link({ ...request, options: { ...request.options, ...options } });
    assert.ok(ok && WebAssembly.validate(output), JSON.stringify(options));
  }
});

test('the package says where both parts are', () => {
  const { exports } = JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8'));
  for (const name of ['weld.wasm', 'weld-more.wasm', 'inspect.wasm', 'commands.wasm'])
    assert.deepEqual(exports[`./${name}`], { types: `./dist/${name}.d.ts`, default: `./dist/${name}` });
});
