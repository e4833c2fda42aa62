// createLinker: whatever was edited, a link is what `linkSync` gives for the same inputs and options.
import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import ts from 'typescript';
import { createLinker, linkSync } from '../dist/index.js';
import { run as runOnTree } from '../dist/run.js';
import { testsPull } from '../../tests/support/tier.mjs';
import { archive, assemble, callee, caller, compile, runModule } from './support.mjs';

/** Numbers that are the same in each run. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/**
 * One of several forms of input number `i`: functions, data, strings and references to other inputs. From 6 on only a
 * number is another.
 */
function source(i, variant) {
  const form = variant < 6 ? variant : 0;
  const next = (i + 1 + (form % 3)) % 6;
  return `
    int f${next}(int);
    ${form === 5 ? `int missing(void);` : ''}
    static int table[] = {${form}, 2, 3};
    const char *name${i}(void) { return "${form % 2 ? 'one' : 'another'} of ${i}"; }
    int f${i}(int n) { return n > 0 ? f${next}(n - ${form + 1}) + table[n & 1] ${form === 5 ? '+ missing()' : ''} : ${variant * 1000}; }
    ${i === 0 ? `__attribute__((export_name("start"))) int start(int n) { return f0(n) + *name0(); }` : ''}
    ${form === 3 ? `__attribute__((constructor)) static void begin(void) { table[0]++; }` : ''}
  `;
}

const forms = 10;
const objects = Array.from({ length: 6 }, (_, i) =>
  Array.from({ length: forms }, (_, form) =>
    compile(`o${i}_${form}.c`, source(i, form), form === 4 ? ['-O0'] : ['-O2', ...(form === 2 ? ['-g'] : [])]),
  ),
);
const optionSets = [
  { entry: false },
  { entry: false, stripAll: true },
  { entry: false, gcSections: false },
  { entry: false, buildId: 'sha1' },
  { entry: false, allowUndefined: true },
  { entry: false, exportAll: true, stackFirst: false },
  { entry: false, optimize: 'size' }, // which warns: debug information stays
];

test('random edits', async () => {
  let patched = 0;
  let restored = 0;
  const into = new Uint8Array(1 << 16);
  for (const seed of testsPull ? [1, 2, 3, 4] : [1, 2]) {
    const random = numbers(seed);
    let options = optionSets[0];
    const inputs = objects.map((all, i) => ({ name: `o${i}.o`, bytes: all[0] }));
    let linker = await createLinker({ inputs: [...inputs], options });
    const at = (name) => inputs.findIndex((input) => input.name === name);
    for (let step = 0; step < 120; ++step) {
      const i = random(inputs.length);
      const number = Number(inputs[i].name.slice(1, 2));
      const what = random(14);
      if (what === 0 && inputs.length > 3) {
        linker.remove(inputs[i].name);
        inputs.splice(i, 1);
      } else if (what === 1) {
        const missing = objects.findIndex((_, o) => at(`o${o}.o`) < 0 && at(`o${o}.a`) < 0);
        if (missing < 0) continue;
        const bytes = objects[missing][random(forms)];
        const input = random(2)
          ? { name: `o${missing}.o`, bytes, lazy: random(4) === 0 }
          : { name: `o${missing}.a`, bytes: archive({ 'm.o': bytes }) };
        linker.add(input, random(2) ? inputs[i].name : undefined);
        if (linker.inputs.at(-1) === input.name) inputs.push(input);
        else inputs.splice(i, 0, input);
      } else if (what === 2) {
        inputs.push(...inputs.splice(i, 1));
        linker.reorder(inputs.map((input) => input.name));
      } else if (what === 3) {
        options = optionSets[random(optionSets.length)];
        linker.setOptions(options);
      } else if (what === 4) {
        const bytes = objects[number][random(forms)].slice(0, -1);
        linker.replace(inputs[i].name, bytes);
        inputs[i] = { ...inputs[i], bytes };
      } else if (what === 5) {
        let snapshot;
        try {
          snapshot = linker.save();
        } catch {
          assert.ok(!linkSync({ inputs, options }).ok); // malformed
          continue;
        }
        linker.dispose();
        linker = await createLinker({ snapshot, options });
        restored++;
      } else {
        const object = objects[number][random(3) ? 6 + random(forms - 6) : random(forms)];
        const bytes = inputs[i].name.endsWith('.a') ? archive({ 'm.o': object }) : object;
        linker.replace(inputs[i].name, bytes);
        inputs[i] = { ...inputs[i], bytes };
      }
      assert.deepEqual(
        linker.inputs,
        inputs.map((input) => input.name),
      );
      const edited = linker.link(step % 2 ? { into } : {});
      const fresh = linkSync({ inputs, options });
      const where = `seed ${seed}, step ${step}`;
      assert.equal(edited.ok, fresh.ok, where);
      assert.deepEqual(edited.diagnostics, fresh.diagnostics, where);
      assert.deepEqual(edited.output, fresh.output, where);
      patched += Number(edited.stats.rewritten > 0);
    }
    linker.dispose();
    assert.throws(() => linker.link(), /disposed/);
  }
  assert.ok(patched > (testsPull ? 4 : 2), `${patched} links were made from the one before`);
  assert.ok(restored > 10, `${restored} linkers were restored`);
});

test('an output goes where there is room for it', async () => {
  const linker = await createLinker({
    inputs: [
      { name: 'main.o', bytes: assemble(caller) },
      { name: 'f.o', bytes: assemble(callee('f', 1)) },
    ],
    args: ['-Map=out.map'],
  });
  const { output, files } = linker.link();
  assert.ok(output);
  const into = new Uint8Array(output.length + 9).fill(7);
  const there = linker.link({ into });
  assert.equal(there.output?.buffer, into.buffer);
  assert.deepEqual(there.output, output);
  assert.deepEqual(there.files, files);
  assert.deepEqual(into.subarray(output.length), new Uint8Array(9).fill(7));
  const small = linker.link({ into: into.subarray(0, output.length - 1) });
  assert.notEqual(small.output?.buffer, into.buffer);
  assert.deepEqual(small.output, output);
  // @ts-expect-error
  assert.throws(() => linker.link({ into: [] }), TypeError);
  // @ts-expect-error
  assert.throws(() => linker.link({ intoo: into }), /did you mean `into`/);
  linker.dispose();
});

test('one edited function is all that is parsed and written', async () => {
  const inputs = [
    { name: 'main.o', bytes: assemble(caller) },
    { name: 'f.o', bytes: assemble(callee('f', 1)) },
  ];
  const linker = await createLinker({ inputs });
  assert.equal(linker.link().stats.parsed, 2);
  linker.replace('f.o', assemble(callee('f', 1_000_000)));
  const { ok, stats, output } = linker.link();
  assert.ok(ok);
  assert.equal(stats.parsed, 1);
  assert.equal(stats.rewritten, 1);
  assert.equal(stats.full, undefined);
  assert.ok(WebAssembly.validate(output));
});

test('an edited function of a unit is all that is written, and a full link says why it is one', async () => {
  const linker = await createLinker({ options: { entry: false } });
  const unit = linker.unit('jit');
  const f = unit.function('f', [], ['i32']);
  const set = (number) => unit.setFunction(f, unit.code().op('i32.const', number).end());
  const link = async () => {
    const { ok, stats, output } = linker.link();
    assert.ok(ok);
    return { stats, value: (await WebAssembly.instantiate(output)).instance.exports.f() };
  };
  set(1);
  unit.export(f);
  assert.equal((await link()).stats.full, 'nothing was linked before');
  set(2_000_000);
  let { stats, value } = await link();
  assert.deepEqual([stats.full, stats.rewritten, value], [undefined, 1, 2_000_000]);
  set(2_000_000);
  unit.export(f);
  ({ stats, value } = await link());
  assert.deepEqual([stats.full, stats.rewritten, value], [undefined, 0, 2_000_000]);
  unit.export(f, 'g');
  assert.equal((await link()).stats.full, 'a new export');
  linker.dispose();
});

test('an incremental linker has room for functions, data and exports, and says when there is none', async () => {
  const linker = await createLinker({ options: { entry: false }, incremental: true });
  const unit = linker.unit('jit');
  const last = unit.function('last', [], ['i32']);
  unit.setFunction(last, unit.code().op('i32.const', 1).end());
  unit.export(last);
  /** The results of all exports, in order of their names. */
  const results = async (result) => {
    assert.ok(result.ok, JSON.stringify(result.diagnostics));
    const { exports } = (await WebAssembly.instantiate(result.output)).instance;
    const functions = Object.entries(exports).filter(([, value]) => typeof value === 'function');
    return functions.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, f]) => [name, f()]);
  };
  assert.equal(linker.link().stats.full, 'nothing was linked before');
  const random = numbers(7);
  /** @type {Map<string, any>} */
  const there = new Map();
  let full = 0;
  for (let round = 0; round < 150; round++) {
    const name = `f${random(30)}`;
    const f = unit.function(name, [], ['i32']);
    if (there.has(name) && random(2)) {
      unit.setFunction(last, unit.code().op('i32.const', round).end());
      unit.remove(f);
      there.delete(name);
    } else {
      const text = unit.constant(new TextEncoder().encode(`${name} of round ${round}`.repeat(1 + random(3))));
      const code = unit.code().op('i32.const', 0).op('i32.load8_u', { data: text, offset: 12 });
      unit.setFunction(f, code.op('i32.const', round).op('i32.add').end());
      unit.export(f);
      there.set(name, f);
      unit.setFunction(last, unit.code().op('call', f).end());
    }
    const result = linker.link();
    full += Number(result.stats.full !== undefined);
    const fresh = await createLinker({ snapshot: linker.save(), options: { entry: false }, incremental: false });
    assert.deepEqual(await results(result), await results(fresh.link()), `round ${round}`);
    fresh.dispose();
  }
  assert.ok(full > 0 && full < 20, `${full} full links`);

  // What is restored leaves room as well. The last link is in the snapshot when it was a full one.
  linker.setOptions({ entry: false, stackSize: 131072 });
  assert.equal(linker.link().stats.full, 'other options');
  const options = { entry: false, stackSize: 131072 };
  const restored = await createLinker({ snapshot: linker.save(), options });
  const again = restored.unit('jit');
  const more = again.function('more', [], ['i32']);
  again.setFunction(more, again.code().op('i32.const', 5).end());
  again.export(more);
  const grown = restored.link();
  assert.equal(grown.stats.full, undefined);
  assert.ok((await results(grown)).some(([name, value]) => name === 'more' && value === 5));
  restored.dispose();
  linker.dispose();
  // @ts-expect-error
  await assert.rejects(createLinker({ incremental: 1 }), /`incremental` must be true or false/);
});

test('memory does not grow with the number of edits', async () => {
  const bytes = [1, 2].map((value) => assemble(callee('f', value)));
  const big = new Uint8Array(1 << 20);
  const linker = await createLinker({
    inputs: [
      { name: 'main.o', bytes: assemble(caller) },
      { name: 'f.o', bytes: bytes[0] },
    ],
  });
  const memory = [];
  for (let i = 0; i < (testsPull ? 3000 : 800); ++i) {
    // A custom section of a megabyte, now and then: its room is used again.
    const section = i % 100 === 0 ? [0, 0x85, 0x80, 0x40, 4, 0x78, 0x78, 0x78, 0x78, ...big] : [];
    linker.replace('f.o', i % 100 === 0 ? Uint8Array.from([...bytes[i % 2], ...section]) : bytes[i % 2]);
    const result = linker.link();
    assert.ok(result.ok, JSON.stringify(result.diagnostics));
    memory.push(result.stats.memoryBytes);
  }
  assert.ok(memory.at(-1) <= memory[300] * 1.1, `${memory[300]} became ${memory.at(-1)}`);
});

test('what is worth a warning is said by each link', async () => {
  const inputs = [{ name: 'a.o', bytes: compile('warned.c', 'int f(void) { return 1; }') }];
  const linker = await createLinker({ inputs, options: { entry: false } });
  const fresh = linkSync({ inputs, options: { entry: false } }).diagnostics;
  assert.deepEqual(
    fresh.map(({ id }) => id),
    ['nothing-exported'],
  );
  for (const text of ['int f(void) { return 1; }', 'int f(void) { return 2; }']) {
    linker.replace('a.o', compile('warned.c', text));
    assert.deepEqual(linker.link().diagnostics, fresh);
    assert.deepEqual(linker.link().diagnostics, fresh);
  }
  linker.setOptions({ entry: false, logOverride: { 'nothing-exported': 'silent' } });
  assert.deepEqual(linker.link().diagnostics, []);
});

test('what is printed of it has names that people know', async () => {
  const linker = await createLinker();
  const unit = linker.unit('jit');
  const symbol = unit.function('f', [], []);
  const values = { Linker: linker, Unit: unit, Code: unit.code(), UnitSymbol: symbol, UnitType: unit.type([], []) };
  for (const [name, value] of Object.entries(values))
    assert.match(inspect(value, { depth: 0 }), new RegExp(`^${name} \\{`));
});

test('misuse is a TypeError', async () => {
  const linker = await createLinker({ inputs: [{ name: 'main.o', bytes: assemble(caller) }] });
  assert.throws(() => linker.replace('f.o', new Uint8Array()), /no input named `f.o`/);
  assert.throws(() => linker.remove('f.o'), /no input named/);
  assert.throws(() => linker.add({ name: 'main.o', bytes: new Uint8Array() }), /already/);
  assert.throws(() => linker.reorder([]), /each once/);
  assert.throws(() => linker.setOptions({ strip: true }), TypeError);
  await assert.rejects(createLinker({ input: [] }), TypeError);
});

test('a linker that is disposed of takes nothing more', async () => {
  const bytes = assemble(caller);
  const linker = await createLinker({
    inputs: [
      { name: 'main.o', bytes },
      { name: 'f.o', bytes: assemble(callee('f', 1)) },
    ],
  });
  assert.ok(linker.link().ok);
  linker[Symbol.dispose]();
  linker.dispose();
  assert.deepEqual(linker.inputs, []);
  for (const use of [
    () => linker.add({ name: 'other.o', bytes }),
    () => linker.replace('main.o', bytes),
    () => linker.remove('main.o'),
    () => linker.reorder(['f.o', 'main.o']),
    () => linker.setOptions({ entry: false }),
    () => linker.unit('jit'),
    () => linker.link(),
    () => linker.save(),
  ])
    assert.throws(use, { name: 'TypeError', message: 'this linker is disposed' });
});

test('a linker that is disposed of gives back what it had, at the end of its block too', async () => {
  const text = `
    let contents: Uint8Array[] = [${JSON.stringify([...assemble(caller)])}, ${JSON.stringify([...assemble(callee('f', 1))])}].map((all) => Uint8Array.from(all));
    let files = (name: string) => (name === 'f.o' ? contents[1] : undefined);
    const kept = [...contents, contents[0].slice()].map((bytes) => new WeakRef(bytes));
    const left = async () => {
      for (let i = 0; i < 5; i++) gc(), await new Promise((resolve) => setTimeout(resolve, 5));
      return kept.filter((ref) => ref.deref()).length;
    };
    let outer;
    {
      using linker = await weld.createLinker({ inputs: [{ name: 'main.o', bytes: contents[0] }, 'f.o'], files });
      linker.replace('main.o', kept[2].deref());
      console.log(linker.link().ok);
      linker.replace('f.o', contents[1]); // and no link after it
      contents = files = undefined;
      console.log(await left() > 0);
      outer = linker;
    }
    console.log(await left());
    try { outer.link(); } catch ({ message }) { console.log(message); }`;
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  });
  assert.match(outputText, /Symbol\.dispose/);
  assert.equal(await runModule(outputText, ['--expose-gc']), 'true\ntrue\n0\nthis linker is disposed');
});

test('an empty linker is saved and restored empty', async () => {
  const options = { entry: false };
  const fresh = await createLinker({ options });
  const emptied = await createLinker({
    inputs: [{ name: 'gone.o', bytes: objects[0][0] }],
    options: { ...options, allowUndefined: true },
  });
  assert.ok(emptied.link().ok);
  emptied.remove('gone.o');
  const inputs = objects.map((all, i) => ({ name: `o${i}.o`, bytes: all[0] }));
  for (const linker of [fresh, emptied]) {
    const restored = await createLinker({ snapshot: linker.save(), options });
    assert.deepEqual(restored.inputs, []);
    assert.deepEqual(
      restored.link().diagnostics.map(({ id }) => id),
      ['no-input-files'],
    );
    for (const input of inputs) restored.add(input);
    const { ok, output } = restored.link();
    assert.ok(ok);
    assert.deepEqual(output, linkSync({ inputs, options }).output);
    // What was saved goes on, too.
    assert.deepEqual(
      linker.link().diagnostics.map(({ id }) => id),
      ['no-input-files'],
    );
  }
});

test('a snapshot goes on where it was saved', async () => {
  const inputs = objects.map((all, i) => ({ name: `o${i}.o`, bytes: all[0] }));
  inputs[2] = {
    name: 'lib.a',
    bytes: archive({ 'm.o': objects[2][0], 'n.o': compile('unused.c', 'int unused(void) { return 1; }') }),
  };
  const options = { entry: false };
  const linker = await createLinker({ inputs: inputs.slice(0, 5), options: { entry: false, allowUndefined: true } });
  assert.ok(linker.link().ok);
  const snapshot = linker.save();
  linker.dispose();

  const restored = await createLinker({ snapshot, inputs: inputs.slice(5), options });
  assert.deepEqual(
    restored.inputs,
    inputs.map(({ name }) => name),
  );
  const result = restored.link();
  assert.deepEqual(result.diagnostics, []);
  assert.equal(result.stats.parsed, 1);
  assert.deepEqual(result.output, linkSync({ inputs, options }).output);
  restored.replace('o1.o', objects[1][6]);
  inputs[1].bytes = objects[1][6];
  assert.deepEqual(restored.link().output, linkSync({ inputs, options }).output);
  restored.remove('lib.a');
  assert.deepEqual(
    restored.link().diagnostics.map(({ id }) => id),
    ['undefined-symbol'],
  );

  for (const [spoil, message] of [
    [(bytes) => bytes.subarray(0, bytes.length >> 1), /truncated/],
    [(bytes) => ((bytes[200] ^= 1), bytes), /altered/],
    [(bytes) => ((bytes[8] = 99), bytes), /newer version/],
    [() => objects[0][0], /no snapshot of weld/],
  ])
    await assert.rejects(createLinker({ snapshot: spoil(snapshot.slice()) }), message);

  // An object is looked at when it is linked.
  const altered = snapshot.slice();
  altered[altered.length - 40] ^= 1;
  const late = await createLinker({ snapshot: altered, options: { entry: false, allowUndefined: true } });
  const { ok, diagnostics } = late.link();
  assert.equal(ok, false);
  assert.deepEqual([diagnostics[0].id, diagnostics[0].location], ['bad-snapshot', { input: 'o4.o' }]);
  late.remove('o4.o');
  assert.ok(late.link().ok);
});

test('a function that gives a linker files cannot use it meanwhile', async () => {
  const contents = { 'main.o': assemble(caller), 'f.o': assemble(callee('f', 1)) };
  const uses = {
    link: (linker) => linker.link(),
    save: (linker) => linker.save(),
    add: (linker) => linker.add({ name: 'g.o', bytes: contents['f.o'] }),
    replace: (linker) => linker.replace('main.o', contents['main.o']),
    remove: (linker) => linker.remove('main.o'),
    reorder: (linker) => linker.reorder(['late.o', 'main.o']),
    setOptions: (linker) => linker.setOptions({}),
    unit: (linker) => linker.unit('jit'),
    dispose: (linker) => linker.dispose(),
    'of a unit': (linker, unit) => unit.constant('text'),
  };
  const message = 'this linker is linking: a function that it calls cannot use it';
  for (const [name, use] of Object.entries(uses))
    for (const isCaught of [false, true])
      for (const enter of ['link', 'save']) {
        let unit;
        let error;
        const files = (path) => {
          if (path !== 'late.o' || error) return contents[path] ?? contents['f.o'];
          try {
            use(linker, unit);
          } catch (thrown) {
            error = thrown;
            if (!isCaught) throw thrown;
          }
          return contents['f.o'];
        };
        const linker = await createLinker({ inputs: [{ name: 'main.o', bytes: contents['main.o'] }], files });
        if (name === 'of a unit') unit = linker.unit('jit');
        linker.add({ name: 'late.o' });
        assert.throws(() => linker[enter](), { name: 'TypeError', message }, name);
        assert.equal(error?.message, message, name);
        // Nothing has happened to it.
        const inputs = ['main.o', ...(unit ? ['jit'] : []), 'late.o'];
        assert.deepEqual(linker.inputs, inputs, name);
        linker.remove('late.o');
        linker.add({ name: 'f.o', bytes: contents['f.o'] });
        if (unit) linker.remove('jit');
        const { output } = linkSync({
          inputs: [
            { name: 'main.o', bytes: contents['main.o'] },
            { name: 'f.o', bytes: contents['f.o'] },
          ],
        });
        assert.deepEqual(linker.link().output, output, name);
      }
});

test('what was given away since is a TypeError that says what', async () => {
  const inputs = () => [
    { name: 'main.o', bytes: new Uint8Array(assemble(caller)) },
    { name: 'f.o', bytes: new Uint8Array(assemble(callee('f', 1))) },
  ];
  const given = inputs();
  const linker = await createLinker({ inputs: given });
  structuredClone(given[1].bytes, { transfer: [given[1].bytes.buffer] });
  for (let i = 0; i < 2; i++)
    assert.throws(() => linker.link(), { name: 'TypeError', message: /`f\.o` was given away/ });
  const bytes = inputs()[1].bytes;
  linker.replace('f.o', bytes);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  for (let i = 0; i < 2; i++)
    assert.throws(() => linker.link(), { name: 'TypeError', message: /`f\.o` was given away/ });
  linker.replace('f.o', inputs()[1].bytes);
  const { output } = linkSync({ inputs: inputs() });
  assert.deepEqual(linker.link().output, output);
});

test('a snapshot that is given away: what was read of it is enough, or the linker says that it is not', async () => {
  const main = { name: 'main.o', bytes: assemble(caller) };
  const library = {
    name: 'libf.a',
    bytes: archive({ 'f.o': assemble(callee('f', 1)), 'g.o': assemble(callee('g', 2)) }),
  };
  const saved = await createLinker({ inputs: [library], options: { entry: false } });
  saved.link();
  const snapshot = saved.save();
  const { output } = linkSync({ inputs: [library, main] });

  const early = snapshot.slice();
  const restored = await createLinker({ snapshot: early, inputs: [main] });
  assert.deepEqual(restored.link().output, output);
  structuredClone(early, { transfer: [early.buffer] });
  restored.replace('main.o', main.bytes);
  assert.deepEqual(restored.link().output, output);

  const late = snapshot.slice();
  const without = await createLinker({ snapshot: late, inputs: [main] });
  structuredClone(late, { transfer: [late.buffer] });
  const message = /the `snapshot` of this linker was given away before all of it was read/;
  for (let i = 0; i < 2; i++) assert.throws(() => without.link(), { name: 'TypeError', message });
  assert.throws(() => without.add(main), { name: 'TypeError', message });
  without.dispose();
});

test('many names in options, arguments and code', async () => {
  const names = Array.from({ length: 200_000 }, (_, i) => `n${i}`);
  const inputs = [{ name: 'f.o', bytes: assemble(callee('f', 1)) }];
  const { output } = linkSync({ inputs, options: { entry: false, export: 'f' } });
  assert.deepEqual(linkSync({ inputs, options: { entry: false, exportIfDefined: [...names, 'f'] } }).output, output);
  assert.deepEqual(
    linkSync({ inputs, args: ['--no-entry', '--export=f', ...names.map((name) => `--undefined=${name}`)] }).output,
    output,
  );
  const linker = await createLinker({ inputs, options: { entry: false, export: 'f' } });
  const unit = linker.unit('jit');
  const g = unit.function('g', [], []);
  unit.setFunction(
    g,
    unit
      .code()
      .op('i32.const', 0)
      .op(
        'br_table',
        names.map(() => 0),
        0,
      )
      .op('end'),
  );
  unit.export(g);
  assert.ok(linker.link().output.length > output.length + names.length);
});

test('sparse lists are TypeErrors', async () => {
  const inputs = [{ name: 'f.o', bytes: assemble(callee('f', 1)) }];
  const sparse = ['--no-entry', , '--export=f'];
  assert.throws(() => linkSync({ inputs, args: sparse }), {
    name: 'TypeError',
    message: /`args` must be an array of strings/,
  });
  assert.throws(() => linkSync({ inputs, options: { entry: false, export: sparse } }), {
    name: 'TypeError',
    message: /`export` must be/,
  });
  assert.throws(() => linkSync({ inputs: [, ...inputs] }), {
    name: 'TypeError',
    message: /an input must be an object/,
  });
  const linker = await createLinker({ inputs: [...inputs, { name: 'g.o', bytes: inputs[0].bytes }] });
  assert.throws(() => linker.reorder(['f.o', ,]), { name: 'TypeError' });
  assert.throws(() => runOnTree(['weld', , 'f.o'], {}), { name: 'TypeError', message: /takes an array of strings/ });
});

test('libraries that are named several times are put in another order', async () => {
  const files = { 'main.o': assemble(caller), 'libf.a': archive({ 'f.o': assemble(callee('f', 1)) }) };
  const linker = await createLinker({ inputs: ['-lf', 'main.o', '-lf'], files });
  assert.ok(linker.link().ok);
  linker.reorder(['-lf', '-lf', 'main.o']);
  assert.deepEqual(linker.inputs, ['-lf', '-lf', 'main.o']);
  assert.throws(() => linker.reorder(['-lf', 'main.o', 'main.o']), /each once/);
  linker.remove('-lf');
  assert.deepEqual(linker.inputs, ['-lf', 'main.o']);
  assert.ok(linker.link().ok);
});

test('edits take as long as there are inputs, and not their square', async () => {
  const bytes = assemble(callee('f', 1));
  const named = (count) => Array.from({ length: count }, (_, i) => ({ name: `dir/n${i}.o`, bytes, lazy: true }));
  const edit = async (count) => {
    const inputs = named(count);
    const begin = performance.now();
    const linker = await createLinker({ inputs: inputs.slice(0, count / 2), options: { entry: false } });
    for (const input of inputs.slice(count / 2, (count * 3) / 4)) linker.add(input);
    for (const input of inputs.slice((count * 3) / 4)) linker.add(input, 'dir/n7.o');
    linker.reorder(inputs.map(({ name }) => name).reverse());
    for (const { name } of inputs) linker.replace(name, bytes);
    const between = performance.now() - begin;
    assert.deepEqual(linker.inputs, inputs.map(({ name }) => name).reverse());
    const removal = performance.now();
    for (const { name } of inputs) linker.remove(name);
    assert.deepEqual(linker.inputs, []);
    return between + performance.now() - removal;
  };
  await edit(1000); // warm
  const few = Math.min(await edit(4000), await edit(4000), await edit(4000));
  const many = Math.min(await edit(16_000), await edit(16_000));
  // Four times as many: 4 when it is linear, 16 when it is not.
  assert.ok(many < 9 * few, `${few} ms became ${many} ms`);
});

test('a file of the request that was removed can be added again', async () => {
  const files = { 'a.o': objects[0][0] };
  const options = { entry: false, allowUndefined: true };
  const linker = await createLinker({ inputs: ['a.o'], files, options });
  const { output } = linker.link();
  linker.remove('a.o');
  linker.add({ name: 'a.o' });
  assert.deepEqual(linker.link().output, output);
});
