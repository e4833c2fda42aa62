// Where the linker's own module comes from, and what happens when it crashes.
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import * as weld from '../dist/index.js';
import { distDir, folder, packageDir, run, runModule, withMemoryLimit } from './support.mjs';

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
    const { type, body } = {
      '/page': { type: 'text/html', body: '<!doctype html>' },
      '/wasm': { type: 'application/wasm', body: 'not so' },
    }[request.url];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${server.address().port}`;
  t.after(() => server.close());
  const tries = {
    [`${base}/page`]: /text\/html/,
    [`${base}/wasm`]: /./,
    'http://127.0.0.1:1/weld.wasm': /fetch failed/,
    [pathToFileURL(path.join(folder, 'missing.wasm')).href]: /ENOENT/,
  };
  for (const [url, why] of Object.entries(tries))
    for (const setting of ['initialize', 'initializeInspect']) {
      const said = await runModule(
        `await weld.${setting}({ wasmURL: '${url}' }).catch((error) => console.log(error.message));`,
      );
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
    assert.equal(
      await runModule(
        `${read} await weld.initialize({ wasmBinary }).catch(say); await weld.initialize({ wasmURL: '${pathToFileURL(wasm)}' });${links}`,
      ),
      `${refused}\`initialize\`\nweld`,
      name,
    );
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
  assert.match(first, /the argument of `initialize` has no `wasmUrl`; did you mean `wasmURL`\?/);
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

/** Text that leaves memory of the module, which is loaded next, in a state that no link survives: from where its data begins. */
const spoiling = `
  let memory;
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (module, imports) => {
    const instance = await instantiate(module, imports);
    memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory) ?? memory;
    return instance;
  };
  const spoil = () => new Uint8Array(memory.buffer).fill(0xff, 840_000);
  const bytes = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0, 9, 7, ...Buffer.from('linking'), 2]);
  const inputs = [{ name: 'a.o', bytes }];
  const options = { entry: false };
`;
const mistake =
  /this is a mistake in weld: please report it, with the inputs if you can, and this: .*(memory|table|unreachable|Aborted).*, at wasm-function\[\d+\]:0x[\da-f]+( of weld-more\.wasm)?( < wasm-function\[\d+\]:0x[\da-f]+( of weld-more\.wasm)?)*, version \d/i;

test('a wild access is a mistake in weld, and what to report is said', async () => {
  const uses = {
    linkSync: `await weld.initialize(); spoil(); const { diagnostics } = weld.linkSync({ inputs, options }); console.log(diagnostics[0].id, diagnostics[0].notes.map(({ text }) => text).join());`,
    inspect: `await weld.inspect(bytes); spoil(); await weld.inspect(bytes).catch(({ message }) => console.log(message));`,
    run: `
      const { run } = await import(${JSON.stringify(pathToFileURL(path.join(distDir, 'run.js')).href)});
      await weld.initialize(); spoil();
      await run(['weld', 'a.o'], { 'a.o': bytes }, { stderr: (text) => text && console.log(new TextDecoder().decode(text)) }).catch(() => {});`,
  };
  for (const [use, text] of Object.entries(uses)) {
    const said = await runModule(spoiling + text);
    assert.match(said, mistake, use);
    assert.doesNotMatch(said, /out of memory/, use);
  }
});

// Instances of linkers are made at once.
const spoilingLinkers = `${spoiling}
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function (module, imports) {
      const instance = new Instance(module, imports);
      memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory) ?? memory;
      return instance;
    };
`;

test('a wild access in a linker that stays, in its units and in snapshots', async () => {
  const text = `${spoilingLinkers}
    const said = (action) => { try { return action()?.diagnostics?.[0].notes.map(({ text }) => text).join(); } catch (error) { return error.message; } };
    const linker = await weld.createLinker({ inputs, options });
    const { output } = linker.link();
    const isWell = () => { const next = linker.link(); return next.ok && Buffer.compare(next.output, output) === 0; };
    linker.replace('a.o', bytes);
    spoil();
    console.log(said(() => linker.link()), isWell());
    spoil();
    console.log(said(() => linker.save()), isWell());
    const unit = linker.unit('jit');
    spoil();
    console.log(said(() => unit.function('f', ['i32'], [])), isWell());
    console.log(said(() => unit.function('f', ['i32'], [])));
    const snapshot = linker.save();
    const restored = await weld.createLinker({ snapshot, options });
    spoil();
    console.log(said(() => restored.link()), Buffer.compare(restored.link().output, output));
    restored.replace('a.o', bytes);
    spoil();
    console.log(said(() => restored.link()), Buffer.compare(restored.link().output, output));`;
  const lines = (await runModule(text)).split('\n');
  for (const i of [0, 1, 4, 5]) assert.match(lines[i], mistake, lines.join('\n'));
  assert.match(lines[2], /this is a mistake in weld: please report it/);
  for (const i of [0, 1, 2]) assert.match(lines[i], / true$/);
  assert.match(lines[3], /the unit `jit` was removed, or lost with its linker/);
  for (const i of [4, 5]) assert.match(lines[i], / 0$/);
});

test('after a crash, a restored linker has its edits and not what the snapshot had', async () => {
  const text = `${spoilingLinkers}
    const add = (linker, name, exported) => {
      const unit = linker.unit(name);
      const f = unit.function(exported, [], []);
      unit.setFunction(f, unit.code().end());
      unit.export(f);
    };
    const objectOf = async (exported) => {
      const linker = await weld.createLinker({ options: { ...options, relocatable: true } });
      add(linker, 'source', exported);
      return linker.link().output;
    };
    const [old, edited, other] = [await objectOf('old'), await objectOf('edited'), await objectOf('other')];
    const first = await weld.createLinker({ inputs: [{ name: 'a.o', bytes: old }, { name: 'b.o', bytes: old }], options });
    first.remove('b.o');
    first.add({ name: 'b.o', bytes: other });
    for (const name of ['u', 'v', 'w']) add(first, name, name + 'Old');
    const snapshot = first.save();
    const files = { 'b.o': await objectOf('file') };
    const linker = await weld.createLinker({ snapshot, options, files });
    linker.unit('u');
    linker.remove('v');
    linker.replace('a.o', edited);
    const exportsOf = () => {
      const { ok, output, diagnostics } = linker.link();
      return ok ? WebAssembly.Module.exports(new WebAssembly.Module(output)).map(({ name }) => name).join() : diagnostics[0].id;
    };
    console.log(exportsOf());
    linker.setOptions(options);
    spoil();
    console.log(exportsOf(), linker.inputs.join());
    add(linker, 'u', 'uNew'); // which is not the one of the snapshot
    linker.add({ name: 'v', bytes: old });
    console.log(exportsOf(), linker.inputs.join());`;
  assert.deepEqual((await runModule(text)).split('\n'), [
    'memory,edited,other,uOld,wOld',
    'internal a.o,b.o,w',
    'memory,edited,other,wOld,uNew,old a.o,b.o,w,u,v',
  ]);
});

test('exhaustion is told from a crash wherever memory is wanted', async () => {
  const small = { weld: path.join(folder, 'small-weld.wasm'), inspect: path.join(folder, 'small-inspect.wasm') };
  for (const [name, file] of Object.entries(small))
    writeFileSync(file, withMemoryLimit(readFileSync(path.join(distDir, `${name}.wasm`)), 96));
  const text = `
    import fs from 'node:fs';
    await weld.initialize({ wasmBinary: fs.readFileSync(${JSON.stringify(small.weld)}) });
    await weld.initializeInspect({ wasmBinary: fs.readFileSync(${JSON.stringify(small.inspect)}) });
    const big = new Uint8Array(16 << 20);
    const options = { entry: false };
    const caught = (error) => console.log(error.message);
    await weld.inspect(big).catch(caught);
    await weld.openReport(big).catch(caught);
    await weld.createLinker({ snapshot: big, options }).catch(caught);
    const linker = await weld.createLinker({ inputs: [{ name: 'big.o', bytes: big }], options });
    console.log(linker.link().diagnostics[0].text);
    try { linker.save(); } catch (error) { caught(error); }
    const unit = linker.unit('jit');
    try { unit.setData(unit.data('d'), big); } catch (error) { caught(error); }
    linker.remove('big.o');
    const next = linker.unit('jit');
    next.setData(next.data('d'), new Uint8Array(8));
    console.log(linker.link().ok, linker.inputs.join());`;
  const lines = (await runModule(text)).split('\n');
  assert.equal(lines.length, 7, lines.join('\n'));
  for (const line of lines.slice(0, 6))
    assert.match(line, /^internal: out of memory: the linker has \d MB, and \d+ MB more cannot be had/);
  assert.equal(lines[6], 'true jit');
});

test('the command says so, too', async () => {
  const copy = path.join(folder, 'copy');
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(path.join(packageDir, name), path.join(copy, name), { recursive: true });
  writeFileSync(path.join(copy, 'dist/weld.wasm'), withMemoryLimit(readFileSync(wasm), 96));
  writeFileSync(path.join(folder, 'big.o'), new Uint8Array(16 << 20));
  const { code, stderr } = await run(process.execPath, [path.join(copy, 'bin/weld.mjs'), 'big.o', '-o', 'big.wasm']);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^weld: error: internal: out of memory: the linker has 4 MB, and 16 MB more cannot be had\n {2}note: files of 16 MB were read/,
  );
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
    assert.equal(lines[i], 'false internal internal: out of memory: the linker has 4 MB, and 16 MB more cannot be had');
    assert.equal(lines[i + 1], 'weld');
  }
});
