// Programs that are edited while they run: `createLinker({ live })`, `linker.patch`, `applyPatch`.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  applyPatch,
  applyPatchSync,
  createLinker,
  linkSync,
  liveState,
  openReport,
  PatchError,
} from '../dist/index.js';
import { builtins, compile, distDir, folder, native, run, runModule, script, wasiLib } from './support.mjs';

const exported = (name) => `__attribute__((export_name("${name}"))) ${name}`;
let made = 0;
const object = (text, flags = ['-O1']) => compile(`live${made++}.c`, text, flags);

/** A linker of one C file, and the program that it links. */
async function start(text, { imports = {}, libraries = [], request = {} } = {}) {
  const linker = await createLinker({
    inputs: [{ name: 'main.o', bytes: object(text) }, ...libraries],
    options: { entry: false },
    live: true,
    ...request,
  });
  const { ok, output, diagnostics } = linker.link();
  assert.ok(ok, JSON.stringify(diagnostics));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(output), imports);
  return { linker, instance, edit: (next, flags) => linker.replace('main.o', object(next, flags)) };
}

/** What the program does not say: nothing in it may change when a patch is refused. */
function image(instance) {
  const { memory } = instance.exports;
  const table = instance.exports['__weld_live.table'];
  return {
    state: liveState(instance),
    bytes: Buffer.from(memory.buffer.slice(0)),
    functions: Array.from({ length: table.length }, (_, i) => table.get(i)),
  };
}

const counter = (step, more = '') => `
  ${more}
  static int count = 5;
  __attribute__((noinline)) static int step(int n) { return n ${step}; }
  int ${exported('next')}(void) { return count = step(count); }
  int ${exported('value')}(void) { return count; }`;

test('`validate` asks the engine about patches, too', async () => {
  for (const [request, ok, severity] of [
    [{}, true, undefined],
    [{ options: { entry: false, validate: true } }, false, 'error'],
    [{ args: ['--validate'] }, false, 'error'],
    [{ options: { entry: false, validate: true }, args: ['--no-validate'] }, true, undefined],
    [{ options: { entry: false, validate: true, logOverride: { 'invalid-module': 'warning' } } }, true, 'warning'],
    [{ args: ['--validate', '--log-override=invalid-module=silent'] }, true, undefined],
  ]) {
    const linker = await createLinker({ options: { entry: false }, live: true, ...request });
    const unit = linker.unit('jit');
    const f = unit.function('f', [], ['i32']);
    const set = (op, value) => unit.setFunction(f, unit.code().op(op, value).end());
    set('i32.const', 1);
    unit.export(f);
    const { instance } = await WebAssembly.instantiate(linker.link().output);
    set('f32.const', 2);
    const result = linker.patch(instance);
    assert.deepEqual([result.ok, 'patch' in result], [ok, ok], JSON.stringify(request));
    const [diagnostic, ...more] = result.diagnostics;
    assert.deepEqual([diagnostic?.severity, more], [severity, []]);
    if (diagnostic) {
      assert.match(diagnostic.text, /^the patch is invalid: .*i32.*f32/);
      assert.deepEqual([diagnostic.id, diagnostic.notes.length], ['invalid-module', 1]);
    }
    // The program is as it was, and can have the next patch.
    set('i32.const', 3);
    const next = linker.patch(instance);
    assert.deepEqual([next.ok, next.diagnostics], [true, []]);
    applyPatchSync(instance, next);
    assert.equal(instance.exports.f(), 3);
  }
});

test('ten edits in one instance, which keeps its state', async () => {
  const { linker, instance, edit } = await start(counter('+ 1'));
  const { next, value } = instance.exports; // which stay good
  let expected = 5;
  for (let i = 1; i <= 10; i++) {
    edit(counter(`* ${i + 1} + ${i * i}`));
    const result = linker.patch(instance);
    assert.ok(result.ok);
    assert.equal(result.restart, undefined);
    assert.deepEqual(result.kept, []);
    assert.deepEqual(
      result.changed.map(({ name }) => name),
      ['step'],
    );
    assert.ok(result.patch.length < 500, `${result.patch.length} bytes`);
    // Only the first link looked at all of the program.
    assert.equal(result.stats.full, undefined);
    assert.deepEqual(Object.keys(applyPatchSync(instance, result)), []);
    expected = (Math.imul(expected, i + 1) + i * i) | 0;
    assert.equal(next(), expected);
    assert.equal(value(), expected);
  }
  const result = linker.patch(instance);
  assert.deepEqual([result.ok, result.patch, result.restart, result.changed], [true, undefined, undefined, []]);
  assert.deepEqual(applyPatchSync(instance, result), {}); // nothing to do
});

test('new functions, data, strings and imports; exports that are new', async () => {
  const log = [];
  const said = (instance, at) => {
    const bytes = new Uint8Array(instance.exports.memory.buffer, at);
    return Buffer.from(bytes.subarray(0, bytes.indexOf(0))).toString();
  };
  const { linker, instance, edit } = await start(`int ${exported('run')}(void) { return 1; }`);
  edit(
    `__attribute__((import_module("page"), import_name("say"))) void say(const char *);
     static int table[100] = {1, 2, 3};
     static int total;
     __attribute__((noinline)) static int sum(int n) { int r = 0; for (int i = 0; i < n; i++) r += table[i]; return r; }
     int ${exported('run')}(void) { say("so it is"); return total += sum(3); }
     int ${exported('more')}(int x) { return x * 2; }`,
  );
  const result = linker.patch(instance);
  assert.ok(result.patch, JSON.stringify(result.restart));
  // An import that is not there is the engine's error, and changes nothing.
  const before = image(instance);
  assert.throws(() => applyPatchSync(instance, result), TypeError);
  await assert.rejects(applyPatch(instance, result, { page: {} }), WebAssembly.LinkError);
  assert.deepEqual(image(instance), before);
  assert.equal(instance.exports.run(), 1);
  // The linker makes it once more.
  const again = linker.patch(instance);
  assert.deepEqual(again.patch, result.patch);
  const page = { say: (at) => log.push(said(instance, at)) };
  const exports = applyPatchSync(
    instance,
    again,
    new Proxy({}, { get: (_, name) => (name === 'page' ? page : undefined) }),
  );
  assert.deepEqual(Object.keys(exports), ['more']);
  assert.equal(exports.more(21), 42);
  assert.equal(instance.exports.run(), 6);
  assert.equal(instance.exports.run(), 12);
  assert.deepEqual(log, ['so it is', 'so it is']);
});

test('a callback applies the patch while old code is on the stack', async () => {
  let edits = 0;
  let apply = () => {};
  const source = (first, second) => `
    __attribute__((import_module("page"), import_name("edit"))) void edit(void);
    static int calls;
    __attribute__((noinline)) static int part(void) { return calls > 1000 ? 0 : ${second}; }
    int ${exported('run')}(void) { calls++; int before = part(); edit(); return ${first} + before * 10 + part(); }
    int ${exported('calls_now')}(void) { return calls; }`;
  const imports = { page: { edit: () => apply() } };
  const { linker, instance, edit } = await start(source('1000', '1'), { imports });
  assert.equal(instance.exports.run(), 1011);
  edit(source('2000', '2'));
  apply = () => {
    edits += Number(Boolean(applyPatchSync(instance, linker.patch(instance), imports)));
    apply = () => {};
  };
  // The old `run` goes on: its second call of `part` reaches the new one.
  assert.equal(instance.exports.run(), 1012);
  assert.equal(edits, 1);
  assert.equal(instance.exports.run(), 2022);
  assert.equal(instance.exports.calls_now(), 3);
});

test('refused: another build, twice, out of order', async () => {
  const first = await start(counter('+ 1'));
  const other = await start(counter('+ 1', 'int unused; void *more(void) { return &unused; }'), {
    request: { options: { entry: false, export: ['more'] } },
  });
  const patch = ({ linker, instance, edit }, step) => {
    edit(counter(step));
    return linker.patch(instance);
  };
  const refuses = async (instance, result, message) => {
    const before = image(instance);
    for (const given of [result, result.patch, new Uint8Array(result.patch).buffer]) {
      const refused = (error) => error instanceof PatchError && message.test(error.message);
      assert.throws(() => applyPatchSync(instance, given), refused);
      await assert.rejects(applyPatch(instance, given), refused);
    }
    // The module itself refuses, too.
    const module = new WebAssembly.Module(result.patch);
    const imports = { __weld_live: instance.exports };
    assert.throws(() => new WebAssembly.Instance(module, imports), WebAssembly.RuntimeError);
    assert.deepEqual(image(instance), before);
  };
  const one = patch(first, '+ 10');
  await refuses(other.instance, one, /another build/);
  applyPatchSync(first.instance, one);
  await refuses(first.instance, one, /already/);
  const two = patch(first, '+ 100');
  await applyPatch(first.instance, two);
  await refuses(first.instance, one, /same patches/);
  const three = patch(first, '+ 1000');
  const fresh = new WebAssembly.Instance(new WebAssembly.Module(first.linker.link().output), {});
  await refuses(fresh, three, /another build|same patches/);
  assert.equal(first.instance.exports.next(), 105);
  // The linker is not confused by any of it.
  applyPatchSync(first.instance, first.linker.patch(first.instance));
  assert.equal(first.instance.exports.next(), 1105);
  assert.throws(
    () =>
      liveState(
        new WebAssembly.Instance(
          new WebAssembly.Module(
            linkSync({
              inputs: [{ name: 'a.o', bytes: object(counter('+ 1')) }],
              options: { entry: false },
            }).output,
          ),
          {},
        ),
      ),
    /not linked with `live`/,
  );
});

test('who applies what: patches that were never applied, and two at a time', async () => {
  const { linker, instance, edit } = await start(counter('+ 1'));
  edit(counter('+ 2'));
  linker.patch(instance); // lost
  edit(counter('+ 3'));
  const slow = linker.patch(instance);
  edit(counter('+ 4'));
  const fast = linker.patch(instance);
  // Both are for the program as it is: the first one that comes is applied.
  const outcomes = await Promise.allSettled([applyPatch(instance, slow), applyPatch(instance, fast)]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = outcomes.find(({ status }) => status === 'rejected').reason;
  assert.ok(refused instanceof PatchError, String(refused));
  applyPatchSync(instance, linker.patch(instance));
  assert.equal(instance.exports.next(), 9);
});

test('a restart, with reasons; the program can go on without it', async () => {
  const source = (type, value, body) => `
    ${type} v = ${value};
    int ${exported('run')}(void) { return ${body}; }
    void ${exported('set')}(int x) { *(int *)&v = x; }`;
  const { linker, instance, edit } = await start(source('int', '1', 'v'));
  instance.exports.set(7);
  edit(source('long long', '8', 'v + 1'));
  const restart = linker.patch(instance);
  assert.ok(restart.ok);
  assert.deepEqual(restart.restart, [
    { symbol: { name: 'v', display: 'v' }, text: '`v` has another size: 8 bytes and not 4' },
  ]);
  assert.throws(() => applyPatchSync(instance, restart), /only a new program .* `v` has another size/);
  const started = new WebAssembly.Instance(new WebAssembly.Module(restart.output), {});
  assert.equal(started.exports.run(), 9);
  // The edit is undone: the old program is patched.
  edit(source('int', '3', 'v + 100'));
  const { patch, kept } = linker.patch(instance);
  assert.deepEqual(kept, [
    {
      symbol: { name: 'v', display: 'v' },
      text: '`v` has another initial value, and keeps the value that it has',
    },
  ]);
  applyPatchSync(instance, patch);
  assert.equal(instance.exports.run(), 107);
  // And the new program, from the next restart on.
  edit(source('long long', '8', 'v + 2'));
  const second = new WebAssembly.Instance(new WebAssembly.Module(linker.patch(instance).output), {});
  edit(source('long long', '8', 'v + 3'));
  applyPatchSync(second, linker.patch(second));
  assert.equal(second.exports.run(), 11);
});

test('edits that cannot be linked change nothing', async () => {
  const { linker, instance, edit } = await start(counter('+ 1'));
  edit('int missing(void); int __attribute__((export_name("next"))) next(void) { return missing(); }');
  const failed = linker.patch(instance);
  assert.equal(failed.ok, false);
  assert.equal(failed.diagnostics[0].id, 'undefined-symbol');
  assert.throws(() => applyPatchSync(instance, failed), TypeError);
  linker.replace('main.o', new Uint8Array([1, 2, 3]));
  assert.equal(linker.patch(instance).ok, false);
  edit(counter('+ 2'));
  applyPatchSync(instance, linker.patch(instance));
  assert.equal(instance.exports.next(), 7);
});

test('a linker that is not live, and wrong arguments', async () => {
  const { instance } = await start(counter('+ 1'));
  const plain = await createLinker({ inputs: [{ name: 'a.o', bytes: object(counter('+ 1')) }] });
  assert.throws(() => plain.patch(instance), /create it with `live: true`/);
  await assert.rejects(createLinker({ live: 'yes' }), /`live` must be a boolean or 'all'/);
  await assert.rejects(createLinker({ liveRoom: -1 }), /`liveRoom` must be a whole number/);
  assert.throws(() => applyPatchSync(instance, new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), /is not a patch/);
  assert.throws(() => applyPatchSync(instance, {}), /must be the result of/);
  const live = await createLinker({ inputs: [{ name: 'a.o', bytes: object(counter('+ 1')) }], live: true });
  assert.throws(() => live.patch({}), /not linked with `live`/);
  assert.equal(live.patch(5n).ok, false); // without `_start` it cannot be linked
  live.setOptions({ entry: false });
  const { restart, output } = live.patch(5n);
  assert.deepEqual(restart, [{ text: 'no program was linked with `live` before' }]);
  assert.ok(output);
});

test('functions of archives', async () => {
  const text = (call) => `
    #include <stdlib.h>
    #include <string.h>
    char *kept;
    int ${exported('run')}(void) { if (!kept) kept = strdup("12"); ${call} }`;
  const { linker, instance, edit } = await start(text('return atoi(kept);'), {
    libraries: [
      { name: 'libc.a', bytes: readFileSync(path.join(wasiLib, 'libc.a')) },
      { name: 'builtins.a', bytes: readFileSync(builtins) },
    ],
    request: { live: 'all' },
  });
  assert.equal(instance.exports.run(), 12);
  edit(text('kept[0]++; return (int)strtol(kept, 0, 16) + (int)strlen(kept);'));
  const result = linker.patch(instance);
  assert.ok(result.patch, JSON.stringify(result.restart));
  applyPatchSync(instance, result);
  assert.equal(instance.exports.run(), 0x22 + 2);
});

test('units', async () => {
  const linker = await createLinker({ options: { entry: false }, live: true });
  const unit = linker.unit('program');
  const count = unit.data('count');
  unit.setData(count, new Uint8Array(4));
  const step = unit.function('step', [], ['i32']);
  const next = unit.function('next', [], ['i32']);
  const setStep = (value) => unit.setFunction(step, unit.code().op('i32.const', value).end());
  setStep(1);
  unit.setFunction(
    next,
    unit
      .code()
      .op('i32.data', count)
      .op('i32.data', count)
      .op('i32.load')
      .op('call', step)
      .op('i32.add')
      .op('i32.store')
      .op('i32.data', count)
      .op('i32.load')
      .end(),
  );
  unit.export(next);
  const linked = linker.link();
  assert.ok(linked.ok, JSON.stringify(linked.diagnostics));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(linked.output), {});
  let expected = 0;
  for (let i = 1; i <= 10; i++) {
    setStep(i * 3);
    const result = linker.patch(instance);
    assert.deepEqual(
      result.changed.map(({ name }) => name),
      ['step'],
    );
    assert.equal(result.stats.full, undefined);
    applyPatchSync(instance, result);
    assert.equal(instance.exports.next(), (expected += i * 3));
  }
  const twice = unit.function('twice', [], ['i32']);
  unit.setFunction(twice, unit.code().op('call', next).op('i32.const', 2).op('i32.mul').end());
  unit.export(twice);
  const exports = applyPatchSync(instance, linker.patch(instance));
  assert.equal(exports.twice(), (expected + 30) * 2);
});

test('a program in another thread', async () => {
  const { linker, edit } = await start(counter('+ 1'));
  const { output } = linker.link();
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads');
     import(${JSON.stringify(pathToFileURL(path.join(distDir, 'index.js')).href)}).then(({ applyPatchSync, liveState }) => {
       let instance;
       parentPort.on('message', ({ program, patch }) => {
         if (program) instance = new WebAssembly.Instance(new WebAssembly.Module(program), {});
         if (patch) applyPatchSync(instance, patch);
         parentPort.postMessage({ state: liveState(instance), next: instance.exports.next() });
       });
       parentPort.postMessage('ready');
     });`,
    { eval: true },
  );
  const answer = () => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  try {
    await answer();
    worker.postMessage({ program: output });
    let { state, next } = await answer();
    assert.equal(next, 6);
    for (const step of ['+ 10', '* 2']) {
      edit(counter(step));
      worker.postMessage({ patch: linker.patch(state).patch });
      ({ state, next } = await answer());
      assert.equal(next, step === '+ 10' ? 16 : 32);
    }
  } finally {
    await worker.terminate();
  }
});

for (const [what, command] of [
  ['the package', [process.execPath, script]],
  ...(native ? [['the native program', [native]]] : []),
])
  test(`weld patch: ${what}`, async () => {
    const [program, ...first] = command;
    const name = path.basename(program);
    const place = (file) => path.join(folder, `${name}-${file}`);
    let env = process.env;
    const weld = (...args) => run(program, [...first, ...args], { cwd: folder, env });
    const options = ['--live', '--no-entry', place('main.o')];
    const patch = () => weld('patch', place('app.wasm'), '-o', place('patch.wasm'), ...options);
    const edit = (text) => writeFileSync(place('main.o'), object(text));
    edit(counter('+ 1'));
    assert.equal((await weld(...options, '-o', place('app.wasm'))).code, 0);
    // What the program has is not known.
    const unknown = await patch();
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /app\.wasm\.live[^]*link it with --live and --live-state/);
    assert.equal((await weld(...options, '--live-state', '-o', place('app.wasm'))).code, 0);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(place('app.wasm'))), {});
    let expected = 5;
    for (let i = 1; i <= 3; i++) {
      edit(counter(`* ${i + 1} + 3`, i === 3 ? 'int more; int *where(void) { return &more; }' : ''));
      const { code, stdout, stderr } = await patch();
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^changed: `step`\n.*patch\.wasm is the patch: \d+ bytes\n$/);
      applyPatchSync(instance, readFileSync(place('patch.wasm')));
      expected = expected * (i + 1) + 3;
      assert.equal(instance.exports.next(), expected);
    }
    env = { ...env, LLD_REPRODUCE: place('reproduce.tar') }; // which is about programs
    const same = await patch();
    assert.deepEqual([same.code, same.stdout], [0, `${place('app.wasm')} has everything\n`]);
    env = process.env;
    // A restart, from which patches go on.
    edit(counter('+ 1').replace('static int count = 5', 'static long long count = 7'));
    const restart = await patch();
    assert.equal(restart.code, 2, restart.stderr);
    assert.match(
      restart.stdout,
      /^restart: `count` has another size: 8 bytes and not 4\n.*app\.wasm was linked anew\n$/,
    );
    const next = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(place('app.wasm'))), {});
    assert.equal(next.exports.next(), 8);
    edit(counter('+ 2').replace('static int count = 5', 'static long long count = 7'));
    assert.equal((await patch()).code, 0);
    applyPatchSync(next, readFileSync(place('patch.wasm')));
    assert.equal(next.exports.next(), 10);
    // Errors, and what is no state.
    assert.equal((await weld('patch', place('app.wasm'), ...options, '-o', place('app.wasm'))).code, 1);
    assert.match((await weld('patch')).stderr, /^Usage: weld patch PROGRAM\.wasm/);
    writeFileSync(place('app.wasm.live'), readFileSync(place('app.wasm.live')).subarray(8));
    const damaged = await patch();
    assert.equal(damaged.code, 1);
    assert.match(damaged.stderr, /does not say what a program has/);
  });

test('a thousand edits: neither the program nor the linker grows', async () => {
  const outcome = await runModule(
    `const [main, ...edits] = ${JSON.stringify([0, 1, 2].map((i) => object(counter(`+ ${i}`)).toString('base64')))}
       .map((text) => Buffer.from(text, 'base64'));
     const linker = await weld.createLinker({ inputs: [{ name: 'main.o', bytes: main }], options: { entry: false }, live: true });
     const instance = new WebAssembly.Instance(new WebAssembly.Module(linker.link().output), {});
     const table = instance.exports['__weld_live.table'];
     const room = () => [table.length, instance.exports.memory.buffer.byteLength].join();
     const before = room();
     let memoryBytes = 0, rss = 0;
     for (let i = 0; i < 1000; i++) {
       linker.replace('main.o', edits[i % 2]);
       const result = linker.patch(instance);
       weld.applyPatchSync(instance, result);
       if (i === 100) {
         gc();
         memoryBytes = result.stats.memoryBytes;
         rss = process.memoryUsage().rss;
       }
       if (i === 999 && result.stats.memoryBytes !== memoryBytes) console.log('the linker has grown');
     }
     gc();
     if (room() !== before) console.log('the program has grown:', before, room());
     // Engines may keep the modules of patches as long as the table that they import.
     const kept = (process.memoryUsage().rss - rss) / 900;
     if (kept > 150_000) console.log('the engine keeps', kept, 'bytes of each patch');
     console.log(instance.exports.next());`,
    ['--expose-gc'],
  );
  assert.equal(outcome, '7');
});

test('options of a linker that is live', async () => {
  const { linker, instance, edit } = await start(counter('+ 1'), { request: { liveRoom: 64 } });
  // Other options are for a new program.
  linker.setOptions({ entry: false, stripAll: true, metafile: true });
  const { restart, output } = linker.patch(instance);
  assert.deepEqual(restart, [{ text: 'the options are not those of the running program' }]);
  const { metafile } = linker.link();
  const report = await openReport(metafile);
  assert.equal(
    report.size({ by: 'kind' }).reduce((sum, row) => sum + row.bytes, 0),
    output.length,
  );
  const started = new WebAssembly.Instance(new WebAssembly.Module(output), {});
  edit(counter('+ data[n & 63]', `static const char data[65] = "${'ab'.repeat(32)}";`));
  assert.match(linker.patch(started).restart[0].text, /^the room for new data is used up: 64 bytes/);
});
