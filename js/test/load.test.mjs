// Where the linker's own module comes from, and what happens when it crashes.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as weld from '../dist/index.js';
import { distDir, folder, runModule, withMemoryLimit } from './support.mjs';

const wasm = path.join(distDir, 'weld.wasm');
const quoted = JSON.stringify(wasm);
const links = `
  const result = await weld.link({ args: ['--version'] });
  console.log(result.stdout.split(' ')[0]);`;

test('link loads the file beside the package', async () => {
  assert.equal(await runModule(links), 'weld');
});

test('initialize takes bytes', async () => {
  const text = `import fs from 'node:fs'; await weld.initialize({ wasmBinary: fs.readFileSync(${quoted}) });`;
  assert.equal(await runModule(text + links), 'weld');
});

test('initialize takes a compiled module, and linkSync follows', async () => {
  const text = `
    import fs from 'node:fs';
    await weld.initialize({ wasmModule: new WebAssembly.Module(fs.readFileSync(${quoted})) });
    console.log(weld.linkSync({ args: ['--version'] }).stdout.split(' ')[0]);`;
  assert.equal(await runModule(text), 'weld');
});

test('initialize takes a file URL', async () => {
  const text = `import url from 'node:url'; await weld.initialize({ wasmURL: url.pathToFileURL(${quoted}) });`;
  assert.equal(await runModule(text + links), 'weld');
});

for (const type of ['application/wasm', 'application/octet-stream'])
  test(`initialize fetches a URL served as ${type}`, async (t) => {
    const server = http.createServer((request, response) => {
      response.writeHead(request.url === '/weld.wasm' ? 200 : 404, { 'content-type': type });
      response.end(readFileSync(wasm));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const base = `http://127.0.0.1:${server.address().port}`;
    assert.equal(await runModule(`await weld.initialize({ wasmURL: '${base}/weld.wasm' });${links}`), 'weld');
    const missing = `await weld.initialize({ wasmURL: '${base}/x' }).catch((error) => console.log(error.message));`;
    assert.match(await runModule(missing), /cannot load .*\/x: 404/);
  });

test('what is no module is an error that says from where, and how to say another address', async (t) => {
  const server = http.createServer((request, response) => {
    const { type, body } = { '/page': { type: 'text/html', body: '<!doctype html>' }, '/wasm': { type: 'application/wasm', body: 'not so' } }[request.url];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  t.after(() => server.close());
  const tries = { [`${base}/page`]: /text\/html/, [`${base}/wasm`]: /./, 'http://127.0.0.1:1/weld.wasm': /fetch failed/, [pathToFileURL(path.join(folder, 'missing.wasm')).href]: /ENOENT/ };
  for (const [url, why] of Object.entries(tries))
    for (const setting of ['initialize', 'initializeInspect']) {
      const said = await runModule(`await weld.${setting}({ wasmURL: '${url}' }).catch((error) => console.log(error.message));`);
      assert.ok(said.startsWith(`cannot load ${url}: `) && said.endsWith(`\`${setting}({ wasmURL })\``), said);
      assert.match(said, why);
    }
});

test('a load that failed can be tried again', async () => {
  const text = `await weld.initialize({ wasmBinary: new Uint8Array(8) }).catch((error) => console.log(error.name));`;
  assert.equal(await runModule(text + links), 'CompileError\nweld');
});

test('a module that is not this version’s is refused, once it is loaded', async () => {
  const inspectWasm = readFileSync(path.join(distDir, 'inspect.wasm'));
  const older = Buffer.from(readFileSync(wasm).toString('latin1').replaceAll(weld.version, '0.0.9'), 'latin1');
  const others = { inspectWasm, older, empty: Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) };
  for (const [name, bytes] of Object.entries(others)) {
    const file = path.join(folder, `${name}.wasm`);
    writeFileSync(file, bytes);
    const read = `import fs from 'node:fs'; const wasmBinary = fs.readFileSync(${JSON.stringify(file)}); const say = (error) => console.log(error.message);`;
    const refused = `the module is not that of weld ${weld.version}: see `;
    // Another can be given then.
    assert.equal(await runModule(`${read} await weld.initialize({ wasmBinary }).catch(say); await weld.initialize({ wasmURL: '${pathToFileURL(wasm)}' });${links}`), `${refused}\`initialize\`\nweld`, name);
    const inWorker = `await weld.initialize({ wasmBinary, worker: true }); await weld.link({}).catch(say); try { weld.linkSync({}); } catch (error) { say(error); }`;
    assert.equal(await runModule(read + inWorker), Array(2).fill(`${refused}\`initialize\``).join('\n'), name);
  }
  const weldWasm = `await weld.initializeInspect({ wasmURL: '${pathToFileURL(wasm)}' }).catch((error) => console.log(error.message));`;
  assert.match(await runModule(weldWasm), /is not that of weld .*: see `initializeInspect`/);
});

test('many first calls at once make one instance', async () => {
  const text = `
    const { instantiate } = WebAssembly;
    let instances = 0;
    // Node makes one for itself, with imports of \`env\`.
    WebAssembly.instantiate = (module, imports) => ((instances += !imports.env), instantiate(module, imports));
    const object = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    await Promise.all(Array.from({ length: 300 }, () => weld.inspect(object)));
    console.log(instances);
    await Promise.all(Array.from({ length: 300 }, () => weld.link({ args: ['--version'] })));
    console.log(instances);`;
  assert.equal(await runModule(text), '1\n2');
});

test('no room for an instance is an error, and later there may be', async () => {
  const text = `
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = (module, imports) => (imports.env ? instantiate(module, imports) : Promise.reject(new RangeError('no room')));
    await weld.inspect(new Uint8Array(8)).catch((error) => console.log(error.message));
    WebAssembly.instantiate = instantiate;
    console.log((await weld.inspect(new Uint8Array(8))).kind);`;
  assert.equal(await runModule(text), 'no room\nunknown');
});

test('wrong uses of initialize are TypeErrors', async () => {
  const text = `
    await weld.initialize({ wasmUrl: 'x' }).catch((error) => console.log(error.message));
    await weld.initialize();
    await weld.initialize();
    await weld.initialize({ wasmURL: 'x' }).catch((error) => console.log(error.name, error.message));`;
  const [first, second] = (await runModule(text)).split('\n');
  assert.match(first, /has no option `wasmUrl`/);
  assert.match(second, /TypeError weld is initialized already/);
});

test('linkSync before initialize says what to do', async () => {
  const text = `try { weld.linkSync({ args: ['--version'] }); } catch (error) { console.log(error.message); }`;
  assert.match(await runModule(text), /await initialize\(\)/);
});

test('works where code from strings is forbidden', async () => {
  assert.equal(await runModule(links, ['--disallow-code-generation-from-strings']), 'weld');
});

test('works in a worker that got the compiled module', async () => {
  const text = `
    import fs from 'node:fs';
    import { Worker } from 'node:worker_threads';
    const source = \`
      import { workerData, parentPort } from 'node:worker_threads';
      const weld = await import(workerData.index);
      await weld.initialize({ wasmModule: workerData.module });
      parentPort.postMessage(weld.linkSync({ args: ['--version'] }).stdout.split(' ')[0]);\`;
    const module = new WebAssembly.Module(fs.readFileSync(${quoted}));
    const index = ${JSON.stringify(pathToFileURL(path.join(distDir, 'index.js')).href)};
    const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(source)), { workerData: { module, index } });
    worker.on('message', (message) => console.log(message));`;
  assert.equal(await runModule(text), 'weld');
});

test('after a crash the next link works, on a new instance', async () => {
  const small = path.join(folder, 'small.wasm');
  writeFileSync(small, withMemoryLimit(readFileSync(wasm), 128));
  const text = `
    import fs from 'node:fs';
    await weld.initialize({ wasmBinary: fs.readFileSync(${JSON.stringify(small)}) });
    for (let i = 0; i < 3; i++) {
      const result = weld.linkSync({ inputs: [{ name: 'big.o', bytes: new Uint8Array(16 << 20) }] });
      console.log(result.ok, result.diagnostics[0].id, result.diagnostics[0].text);
      console.log(weld.linkSync({ args: ['--version'] }).stdout.split(' ')[0]);
    }`;
  const lines = (await runModule(text)).split('\n');
  assert.equal(lines.length, 6);
  for (let i = 0; i < 6; i += 2) {
    assert.match(lines[i], /^false internal internal: out of memory/);
    assert.equal(lines[i + 1], 'weld');
  }
});
