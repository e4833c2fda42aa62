// Links in a worker: here in one of Node's. tests/package has them in pages.
import assert from 'node:assert/strict';
import { openAsBlob, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { initialize, inspect, link, linkSync } from '../dist/index.js';
import { run as runOnTree } from '../dist/run.js';
import { archive, assemble, callee, caller, distDir, folder, runModule, withMemoryLimit } from './support.mjs';

const main = assemble(caller);
const f = assemble(callee('f', 42));
const inputs = [
  { name: 'main.o', bytes: main },
  { name: 'f.o', bytes: f },
];
// A link that takes its time: names that are long, in great numbers.
const many = assemble(Array.from({ length: 60_000 }, (_, i) => callee(`${'n'.repeat(100)}${i}`, i)).join(''));
const long = { inputs: [{ name: 'many.o', bytes: many }], options: { entry: false, exportAll: true } };

await initialize({ worker: true });
const expected = linkSync({ inputs }).output;

test('the same bytes, and the thread is free meanwhile', async () => {
  const result = await link({ inputs });
  assert.deepEqual(result.output, expected);
  assert.ok(result.stats.total > 0 && Object.keys(result.stats.phases).length > 10);

  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await link(long);
  clearInterval(timer);
  assert.ok(turns > 5, `${turns} turns`); // none, if this thread linked
});

test('Blobs, and those that are files, which Node sends to no worker', async () => {
  const file = path.join(folder, 'blob.o');
  writeFileSync(file, f);
  for (const bytes of [new Blob([f]), await openAsBlob(file)]) {
    const { ok, output } = await link({
      inputs: [
        { name: 'main.o', bytes: main },
        { name: 'f.o', bytes },
      ],
    });
    assert.ok(ok);
    assert.deepEqual(output, expected);
  }
});

test('buffers stay unless they are given away', async () => {
  const forms = {
    whole: () => new Uint8Array(f),
    view: () => new Uint8Array([0, ...f]).subarray(1),
    buffer: () => new Uint8Array(f).buffer,
    blob: () => new Blob([f]),
  };
  for (const [form, make] of Object.entries(forms)) {
    const bytes = make();
    const size = bytes.byteLength;
    assert.deepEqual((await link({ inputs: [inputs[0], { name: 'f.o', bytes }] })).output, expected, form);
    assert.equal(bytes.byteLength, size, form);
    assert.deepEqual(
      (await link({ inputs: [inputs[0], { name: 'f.o', bytes }] }, { transfer: true })).output,
      expected,
      form,
    );
    assert.equal(bytes.byteLength, form === 'whole' || form === 'buffer' ? 0 : size, form);
  }
  assert.ok(main.length > 0); // Node's buffers are views of a pool
});

test('files are asked for across the boundary', async () => {
  const contents = { 'main.o': main, 'lib/libf.a': archive({ 'f.o': f }) };
  const request = { inputs: ['main.o', '-lf'], options: { libraryPath: ['nowhere', 'lib'] } };
  const { output } = linkSync({ ...request, files: contents });
  const asked = [];
  const find = (name) => (asked.push(name), contents[name]);
  for (const files of [
    contents,
    find,
    async (name) => contents[name],
    { 'main.o': new Blob([main]), 'lib/libf.a': contents['lib/libf.a'] },
  ]) {
    const result = await link({ ...request, files });
    assert.deepEqual(result.diagnostics, []);
    assert.deepEqual(result.output, output);
  }
  assert.equal(new Set(asked).size, asked.length);
  assert.ok(main.length > 0 && contents['lib/libf.a'].length > 0);

  const failing = await link({ inputs: ['a.o'], files: () => assert.fail('no network') });
  assert.deepEqual(failing.diagnostics[0].arguments, ['a.o', 'no network']);
  await assert.rejects(link({ inputs: ['a.o'], files: () => 'text' }), {
    name: 'TypeError',
    message: /`a\.o` must be a Uint8Array/,
  });
  const misspelt = await link({ inputs: ['missing.o'], files: {} });
  assert.deepEqual(misspelt.diagnostics[0].arguments, ['missing.o', 'No such file or directory']);
});

test('a failed link says what it says here, and looks through the libraries of -L', async () => {
  const files = { 'main.o': main, 'lib/libf.a': archive({ 'f.o': f }) };
  const request = { inputs: ['main.o'], options: { libraryPath: 'lib' }, files };
  const { diagnostics } = linkSync(request);
  assert.match(diagnostics[0].notes.map(({ text }) => text).join(), /-lf/);
  assert.deepEqual((await link(request)).diagnostics, diagnostics);
  const blobs = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, new Blob([bytes])]));
  assert.deepEqual((await link({ ...request, files: blobs })).diagnostics, diagnostics);
});

test('wrong uses are TypeErrors before anything is sent', async () => {
  await assert.rejects(link({ input: [] }), { name: 'TypeError', message: /did you mean `inputs`/ });
  await assert.rejects(link({ inputs, options: { stripAlll: true } }), {
    name: 'TypeError',
    message: /did you mean `stripAll`/,
  });
});

test('links in one go are done one after the other', async () => {
  const results = await Promise.all(Array.from({ length: 5 }, () => link({ inputs })));
  for (const { output } of results) assert.deepEqual(output, expected);
});

test('an aborted link ends at once; those before and after it are done', async (t) => {
  const terminate = t.mock.method(Worker.prototype, 'terminate');
  const controller = new AbortController();
  const first = link({ inputs });
  const phases = [];
  const stopped = link(long, {
    signal: controller.signal,
    onProgress: ({ phase }) => {
      phases.push(phase);
      if (phase === 'resolve_symbols') controller.abort();
    },
  });
  const next = link({ inputs });
  const waiting = new AbortController();
  const neverBegun = link({ inputs: ['a.o'], files: () => assert.fail('it began') }, { signal: waiting.signal });
  waiting.abort(new Error('not wanted any more'));
  await assert.rejects(neverBegun, { message: 'not wanted any more' });
  await assert.rejects(stopped, { name: 'AbortError' });
  assert.ok(!phases.includes('write_module'), phases.join());
  assert.deepEqual((await first).output, expected);
  assert.equal(terminate.mock.callCount(), 1, 'the next link does not wait for the aborted one');
  assert.deepEqual((await next).output, expected);
});

test('a signal that is aborted after the link changes nothing', async () => {
  const controller = new AbortController();
  for (let i = 0; i < 3; i++) await link({ inputs }, { signal: controller.signal });
  controller.abort();
  assert.deepEqual((await link({ inputs })).output, expected);
});

test('run goes to the worker too', async () => {
  const files = await runOnTree(['wasm-ld', 'main.o', 'dir/f.o', '-o', 'out/a.wasm', '--no-entry', '--export=f'], {
    'main.o': main,
    dir: { 'f.o': f },
  });
  assert.ok(WebAssembly.validate(files.out['a.wasm']));
  const onFolder = runOnTree(
    ['wasm-ld', 'main.o', 'dir/f.o', '-o', 'dir'],
    { 'main.o': main, dir: { 'f.o': f } },
    { stderr: null },
  );
  await assert.rejects(onFolder, (error) => error.name === 'Exit' && f.equals(error.files.dir['f.o']));
});

test('what was given away cannot be given again', async () => {
  const request = () => ({ inputs: [inputs[0], { name: 'f.o', bytes }] });
  const message = /`f\.o` was given away/;
  let bytes = new Uint8Array(f);
  assert.ok((await link(request(), { transfer: true })).ok);
  assert.throws(() => linkSync(request()), { name: 'TypeError', message });
  await assert.rejects(inspect(bytes), { name: 'TypeError', message: /was given away/ });
  assert.throws(() => runOnTree(['weld', '--version'], { 'f.o': bytes }), { name: 'TypeError', message });
  bytes = new Uint8Array(f);
  const both = [link(request(), { transfer: true }), link(request(), { transfer: true })];
  assert.deepEqual((await both[0]).output, expected);
  await assert.rejects(both[1], { name: 'TypeError', message });
});

test('a name without `files`, asked for by the worker', async () => {
  const { diagnostics } = await link({ inputs: ['a.o'] });
  assert.deepEqual(diagnostics[0].arguments, ['a.o', 'names are looked up in `files`, which was not given']);
});

test('a crash in the worker is a result, and the next link works', async () => {
  const small = path.join(folder, 'small.wasm');
  writeFileSync(small, withMemoryLimit(readFileSync(path.join(distDir, 'weld.wasm')), 128));
  const text = `
    import fs from 'node:fs';
    await weld.initialize({ worker: true, wasmBinary: fs.readFileSync(${JSON.stringify(small)}) });
    for (let i = 0; i < 2; i++) {
      const { ok, diagnostics } = await weld.link({ inputs: [{ name: 'big.o', bytes: new Uint8Array(16 << 20) }] });
      console.log(ok, diagnostics[0].text, (await weld.link({ args: ['--version'] })).stdout.split(' ')[0]);
    }`;
  const said = 'false internal: out of memory: the linker has 4 MB, and 16 MB more cannot be had weld';
  assert.equal(await runModule(text), `${said}\n${said}`);
});

test('a worker that ends, ends its link with an error, and the next link has another', async () => {
  const worker = JSON.stringify(pathToFileURL(path.join(distDir, 'worker.js')).href);
  const request = "{ inputs: ['a.o'], files: () => new Promise(() => {}) }"; // which would take for ever
  const ends = {
    'is terminated': {
      inWorker: '',
      here: "made[0].on('message', ({ kind }) => kind === 'ask' && made[0].terminate());",
    },
    exits: { inWorker: "parentPort.on('message', ({ names }) => names?.[0] === 'a.o' && process.exit(0));", here: '' },
    throws: {
      inWorker: "parentPort.on('message', ({ names }) => { if (names?.[0] === 'a.o') throw new Error('it broke'); });",
      here: '',
    },
  };
  for (const [how, { inWorker, here }] of Object.entries(ends)) {
    const file = path.join(folder, 'ending.mjs');
    writeFileSync(file, `import { parentPort } from 'node:worker_threads'; import ${worker}; ${inWorker}`);
    const text = `
      import { Worker } from 'node:worker_threads';
      const made = [];
      const worker = () => (made.push(new Worker(${JSON.stringify(file)})), made.at(-1));
      await weld.initialize({ worker });
      ${here}
      const waiting = weld.link({ args: ['--version'] }); // asked for before it is known
      const ended = weld.link(${request}).catch((error) => error.message);
      const next = weld.link({ args: ['--version'] });
      console.log((await waiting).stdout.split(' ')[0], await ended, (await next).stdout.split(' ')[0], made.length);
      // One that ends while nobody links.
      await made.at(-1).terminate();
      console.log((await weld.link({ args: ['--version'] })).stdout.split(' ')[0], made.length);`;
    assert.equal(
      await runModule(text),
      `weld ${how === 'throws' ? 'it broke' : 'the worker of weld ended before its link did'} weld 2\nweld 3`,
      how,
    );
  }
});

test('a program ends although there is a worker', async () => {
  const text = `await weld.initialize({ worker: true }); console.log((await weld.link({ args: ['--version'] })).stdout.split(' ')[0]);`;
  assert.equal(await runModule(text), 'weld');
});

test('where there is no worker to be had, links are done here', async () => {
  const missing = pathToFileURL(path.join(folder, 'missing.js')).href;
  const text = `
    await weld.initialize({ worker: new URL(${JSON.stringify(missing)}) });
    for (let i = 0; i < 2; i++) console.log((await weld.link({ args: ['--version'] })).stdout.split(' ')[0]);
    await weld.initialize();`;
  assert.equal(await runModule(text), 'weld\nweld');
  const throwing = `
    await weld.initialize({ worker: () => { throw new Error('a policy'); } });
    console.log((await weld.link({ args: ['--version'] })).stdout.split(' ')[0]);`;
  assert.equal(await runModule(throwing), 'weld');
});

test('what onProgress throws, link throws, and the next link works', async () => {
  const inputs = [
    { name: 'main.o', bytes: main },
    { name: 'f.o', bytes: f },
  ];
  for (const phase of ['load', 'read_inputs', 'write_module']) {
    const onProgress = (progress) => assert.notEqual(progress.phase, phase);
    await assert.rejects(link({ inputs }, { onProgress }), { name: 'AssertionError' });
    assert.ok((await link({ inputs })).ok);
  }
});

test('a worker that is there before the next promise has its turn is heard', async () => {
  // As Deno's may be. Without its "ready", the program would end while it waits.
  const text = `
    import { EventEmitter } from 'node:events';
    class Fast extends EventEmitter {
      constructor() { super(); queueMicrotask(() => this.emit('message', { kind: 'ready' })); }
      unref() {}
    }
    await weld.initialize({ worker: () => new Fast() });
    console.log('initialized');`;
  assert.equal(await runModule(text), 'initialized');
});
