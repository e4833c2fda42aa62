// The two parts of the linker's module: a plain link needs weld.wasm alone; what needs weld-more.wasm gets it, or says so.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as weld from '../dist/index.js';
import { sysroot } from '../dist/wasi.js';
import { archive, compile, distDir, folder, run, runModule, script } from './support.mjs';

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

/** What a module begins with: the objects, and requests that count what is loaded. */
const prelude = `
  import { readFileSync } from 'node:fs';
  import { sysroot } from ${JSON.stringify(path.join(distDir, 'wasi.js'))};
  const input = (name) => ({ name, bytes: readFileSync(name) });
  const c = await sysroot({ from: '/usr' });
  const cpp = await sysroot({ from: '/usr', language: 'c++' });
  const plain = c.request({ inputs: [input('main.o'), input('twice.o')] });
  const withMore = { ...plain, options: { ...plain.options, metafile: true } };
  const missing = new URL('file:///nowhere/weld-more.wasm');
`;

test('plain links do not need the second module', async () => {
  const text = `${prelude}
    await weld.initialize({ moreURL: missing });
    const said = [];
    for (const strip of [{}, { stripAll: true }, { stripDebug: true }])
      for (const request of [plain, c.request({ inputs: [input('main.o'), input('libtwice.a')] }), cpp.request({ inputs: [input('streams.o')] })])
        said.push((await weld.link({ ...request, options: { ...request.options, ...strip } })).ok);
    said.push((await weld.link({ inputs: [input('twice.o')], options: { entry: false, export: 'twice' } })).ok);
    said.push(weld.linkSync({ args: ['--version'] }).stdout !== '');
    console.log(said.join());`;
  assert.equal(await runModule(text), Array(11).fill('true').join());
});

test('a link that needs the second module loads it, whatever is linked before and after', async () => {
  const text = `${prelude}
    const outputs = [];
    for (const request of [plain, withMore, plain, withMore]) outputs.push((await weld.link(request)).output);
    await weld.initialize();
    outputs.push(weld.linkSync(withMore).output, weld.linkSync(plain).output);
    console.log(outputs.every((output) => Buffer.compare(output, outputs[0]) === 0));`;
  assert.equal(await runModule(text), 'true');
});

test('what options do not tell is found out by linking', async () => {
  // An instance runs into the missing function, is thrown away, and the link is done again.
  const text = `${prelude}
    const { Instance, instantiate } = WebAssembly;
    let instances = 0;
    WebAssembly.instantiate = (module, imports) => ((instances += !imports.env), instantiate(module, imports));
    const args = ['--reproduce=r.tar'];
    await weld.link(plain);
    const before = instances;
    const { ok, files } = await weld.link({ ...plain, args: ['@more.rsp'], files: { 'more.rsp': new TextEncoder().encode(args[0]) }, inputs: [input('twice.o')], options: { entry: false } });
    console.log(ok, Object.keys(files).join(), instances > before);`;
  assert.equal(await runModule(text), 'true r.tar true');
});

for (const worker of [false, true])
  test(`a second module that is not there, ${worker ? 'in a worker' : 'in the thread'}: what needs it says so, and nothing else fails`, async () => {
    const text = `${prelude}
      const failure = async (action) => { try { await action(); return 'none'; } catch (error) { return error.message; } };
      await weld.initialize({ moreURL: missing, worker: ${worker} });
      console.log((await weld.link(plain)).ok);
      console.log(await failure(() => weld.link(withMore)));
      console.log(await failure(() => weld.createLinker(plain)));
      console.log(await failure(() => weld.linkSync(withMore)));
      console.log((await weld.link(plain)).ok, weld.linkSync(plain).ok);`;
    const lines = (await runModule(text)).split('\n');
    assert.deepEqual([lines[0], lines[4]], ['true', 'true true'], lines.join('\n'));
    for (const line of lines.slice(1, 4))
      assert.match(line, /cannot load file:\/\/\/nowhere\/weld-more\.wasm: .*`initialize\(\{ moreURL \}\)`/);
  });

test('linkSync without the second module says what to do', async () => {
  const text = `${prelude}
    await weld.link(plain);
    try { weld.linkSync(withMore); } catch (error) { console.log(error.message); }`;
  assert.match(await runModule(text), /weld-more\.wasm is needed: call `await initialize\(\)` first/);
});

test('a second module of another build is refused', async () => {
  const file = path.join(folder, 'other-more.wasm');
  const bytes = readFileSync(path.join(distDir, 'weld-more.wasm'));
  bytes[bytes.length - 1] ^= 1; // of the mark that both parts have
  writeFileSync(file, bytes);
  const text = `${prelude}
    await weld.initialize({ moreURL: ${JSON.stringify(pathToFileURL(file).href)} });
    console.log((await weld.link(plain)).ok);
    try { weld.linkSync(withMore); } catch (error) { console.log(error.message); }`;
  assert.match(await runModule(text), /^true\nweld-more\.wasm is needed: .*the second module is not that of this `weld\.wasm`/);
});

test('the command loads the second module when it needs it', async () => {
  const args = ['main.o', 'twice.o', '--no-entry', '--export=twice', '--allow-undefined', '-o', 'out.wasm', '--Map=out.map'];
  const { code, stderr } = await run(process.execPath, [script, ...args]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(readFileSync(path.join(folder, 'out.map'), 'utf8'), /twice/);
});

test('all that is in the second module gives what it gave in one', async () => {
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
