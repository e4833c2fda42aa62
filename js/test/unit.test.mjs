// Units from JavaScript: code and data that are edited, linked with objects, run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinker, EditError, inspect, openReport } from '../dist/index.js';
import { testsPull } from '../../tests/support/tier.mjs';
import { archive, assemble, callee, compile } from './support.mjs';

const plain = { entry: false };

async function exportsOf(result, imports = {}) {
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  return (await WebAssembly.instantiate(result.output, imports)).instance.exports;
}

test('passive segments', async () => {
  const linker = await createLinker({ options: { entry: false } });
  const unit = linker.unit('u');
  const bytes = unit.passiveData('bytes');
  unit.setPassiveData(bytes, new TextEncoder().encode('passive'));
  const room = unit.data('room');
  unit.setData(room, 16);
  const nine = unit.function('nine', [], ['i32']);
  unit.setFunction(nine, unit.code().op('i32.const', 9).end());
  const elements = unit.passiveElements('elements');
  unit.setPassiveElements(elements, [nine]);
  const table = unit.table('table', 'funcref', 1);
  unit.setTable(table);
  const run = unit.function('run', [], ['i32']);
  const code = unit
    .code()
    .op('i32.data', room)
    .op('i32.const', 1)
    .op('i32.const', 4)
    .op('memory.init', bytes)
    .op('data.drop', bytes);
  code
    .op('i32.const', 0)
    .op('i32.const', 0)
    .op('i32.const', 1)
    .op('table.init', elements, table)
    .op('elem.drop', elements);
  code.op('i32.const', 0).op('call_indirect', unit.type([], ['i32']), table);
  unit.setFunction(run, code.op('i32.const', 0).op('i32.load', { data: room }).op('i32.add').end());
  unit.export(run);
  const { output, diagnostics } = linker.link();
  assert.deepEqual(diagnostics, []);
  const { instance } = await WebAssembly.instantiate(output);
  assert.equal(instance.exports.run(), 0x69737361 + 9);
  assert.throws(() => unit.setData(bytes, 4), /passive data/);
  linker.dispose();
});

test('a function is set, called, set again', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const add = unit.function('add', ['i32', 'i32'], ['i32']);
  unit.setFunction(add, unit.code().op('local.get', 0).op('local.get', 1).op('i32.add').end());
  unit.export(add);
  assert.equal((await exportsOf(linker.link())).add(2, 3), 5);
  unit.setFunction(add, unit.code().op('local.get', 0).op('local.get', 1).op('i32.mul').end());
  assert.equal((await exportsOf(linker.link())).add(2, 3), 6);
  unit.unexport(add);
  assert.deepEqual(Object.keys(await exportsOf(linker.link())), ['memory']);
  linker.dispose();
  assert.throws(() => unit.function('more', [], []), /removed, or lost/);
});

test('units and objects refer to each other', async () => {
  const library = archive({
    'twice.o': compile('twice.c', 'int offset(void); int twice(int x) { return 2 * x + offset(); }'),
  });
  const linker = await createLinker({ inputs: [{ name: 'lib.a', bytes: library }], options: plain });
  const unit = linker.unit('jit', { before: 'lib.a' });
  assert.deepEqual(linker.inputs, ['jit', 'lib.a']);
  const twice = unit.function('twice', ['i32'], ['i32']);
  const offset = unit.function('offset', [], ['i32']);
  const run = unit.function('run', ['i32'], ['i32']);
  unit.setFunction(offset, unit.code().op('i32.const', 100).end());
  unit.setFunction(run, unit.code().op('local.get', 0).op('call', twice).end());
  unit.export(run, 'go');
  assert.equal((await exportsOf(linker.link())).go(4), 108);
});

test('operands of every kind', async () => {
  const linker = await createLinker({ options: { ...plain, exportTable: true } });
  const unit = linker.unit('jit');
  const hello = unit.constant('hello');
  assert.equal(unit.constant('hello').id, hello.id);
  const table = unit.data('jumps');
  const total = unit.global('total', 'i64', { mutable: true });
  unit.setGlobal(total, 'i64', 40n);
  const half = unit.global('half', 'f64');
  unit.setGlobal(half, 'f64', 0.5);
  const inc = unit.function('inc', ['i32'], ['i32']);
  unit.setFunction(inc, unit.code().op('local.get', 0).op('i32.const', 1).op('i32.add').end());
  unit.setData(table, new Uint8Array(8), {
    align: 4,
    fixups: [
      { offset: 0, function: inc },
      { offset: 4, data: hello, addend: 1 },
    ],
  });
  const host = unit.function('host', ['f64'], []);
  unit.import(host, 'outside', 'log');
  const type = unit.type(['i32'], ['i32']);
  const pair = unit.type([], ['i32', 'i32']);
  const define = (name, params, results, code, locals) => {
    const symbol = unit.function(name, params, results);
    unit.setFunction(symbol, code, locals);
    unit.export(symbol);
  };
  define(
    'through',
    ['i32'],
    ['i32'],
    unit.code().op('local.get', 0).op('i32.const', 0).op('i32.load', { data: table }).op('call_indirect', type).end(),
  );
  define(
    'letter',
    [],
    ['i32'],
    unit
      .code()
      .op('i32.const', 4)
      .op('i32.load', { data: table })
      .op('i32.load8_u')
      .op('i32.data', hello, 4)
      .op('i32.load8_u')
      .op('i32.const', 8)
      .op('i32.shl')
      .op('i32.or')
      .end(),
  );
  define('answer', [], ['i64'], unit.code().op('global.get', total).op('i64.const', 2n).op('i64.add').end());
  define(
    'report',
    [],
    [],
    unit.code().op('global.get', half).op('f64.const', 1.25).op('f64.add').op('call', host).end(),
  );
  define(
    'choose',
    ['i32'],
    ['i32'],
    unit
      .code()
      .op('block')
      .op('block')
      .op('local.get', 0)
      .op('br_table', [0], 1)
      .end()
      .op('i32.const', 10)
      .op('return')
      .end()
      .op('i32.const', 20)
      .end(),
  );
  define(
    'two',
    [],
    ['i32'],
    unit.code().op('block', pair).op('i32.const', 3).op('i32.const', 4).end().op('i32.mul').end(),
  );
  define(
    'lanes',
    [],
    ['i32'],
    unit
      .code()
      .op('v128.const', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
      .op('i8x16.extract_lane_u', 15)
      .end(),
  );
  define('local', [], ['f32'], unit.code().op('f32.const', 2.5).op('local.tee', 0).end(), ['f32']);
  const logged = [];
  const e = await exportsOf(linker.link(), { outside: { log: (x) => logged.push(x) } });
  e.report();
  assert.deepEqual([e.through(6), e.letter(), e.answer(), e.choose(0), e.choose(1)], [7, 0x6f65, 42n, 10, 20]);
  assert.deepEqual([e.two(), e.lanes(), e.local(), logged], [12, 16, 2.5, [1.75]]);
});

test('what is refused is an error, and changes nothing', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const f = unit.function('f', [], ['i32']);
  unit.setFunction(f, unit.code().op('i32.const', 1).end());
  unit.export(f);
  const wrong = unit.code().op('nop').op('local.get', 7).end();
  assert.throws(
    () => unit.setFunction(f, wrong),
    (error) => {
      assert.ok(error instanceof EditError);
      assert.equal(error.message, 'function `f`, instruction 1: unknown local 7');
      assert.equal(error.diagnostics[0].id, 'malformed-function');
      return true;
    },
  );
  assert.throws(() => unit.code().op('i32.plus'), /there is no instruction `i32.plus`/);
  assert.throws(() => unit.data('f'), /it is a function already/);
  assert.equal((await exportsOf(linker.link())).f(), 1);
  unit.setFunction(
    f,
    unit
      .code()
      .op('call', unit.function('nowhere', [], ['i32']))
      .end(),
  );
  const failed = linker.link();
  assert.equal(failed.ok, false);
  assert.equal(failed.diagnostics[0].id, 'undefined-symbol');
  assert.deepEqual(failed.diagnostics[0].location, {
    input: 'jit',
    instruction: 0,
    symbol: { name: 'f', display: 'f' },
  });
});

test('a unit is in the metafile, and comes back from a snapshot', async () => {
  const linker = await createLinker({
    inputs: [{ name: 'f.o', bytes: assemble(callee('g', 7)) }],
    options: { ...plain, metafile: true },
  });
  const unit = linker.unit('jit');
  const g = unit.function('g', [], ['i32']);
  const f = unit.function('f', [], ['i32']);
  unit.setFunction(f, unit.code().op('call', g).op('i32.const', 1).op('i32.add').end());
  unit.export(f);
  const { metafile, output } = linker.link();
  const report = await openReport(metafile);
  const rows = report.size({ by: 'symbol' });
  assert.equal(
    rows.reduce((sum, { bytes }) => sum + bytes, 0),
    output.length,
  );
  assert.equal(rows.find(({ name }) => name === 'f')?.file, 'jit');
  assert.deepEqual(
    report.why('g').matches[0].path.map(({ name }) => name),
    ['f', 'g'],
  );

  const restored = await createLinker({ snapshot: linker.save(), options: plain });
  assert.deepEqual(restored.inputs, linker.inputs);
  assert.equal((await exportsOf(restored.link())).f(), 8);
  const again = restored.unit('jit');
  again.setFunction(
    again.function('f', [], ['i32']),
    again
      .code()
      .op('call', again.function('g', [], ['i32']))
      .op('i32.const', 2)
      .op('i32.mul')
      .end(),
  );
  restored.replace('f.o', assemble(callee('g', 21)));
  assert.equal((await exportsOf(restored.link())).f(), 42);
  again.setFunction(again.function('g', [], ['i32']), again.code().op('i32.const', 5).end());
  assert.deepEqual(
    restored.link().diagnostics.map(({ id }) => id),
    ['duplicate-symbol'],
  );
  restored.remove('f.o');
  assert.equal((await exportsOf(restored.link())).f(), 10);
});

test('an error of an edit has its own diagnostics alone', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const f = unit.function('f', [], []);
  const nowhere = unit.function('nowhere', [], []);
  unit.setFunction(f, unit.code().op('call', nowhere).end());
  unit.export(f);
  const refused = () =>
    assert.throws(
      () => unit.setFunction(f, unit.code().op('local.get', 7).end()),
      ({ message, diagnostics }) => {
        assert.deepEqual([message, diagnostics.length], ['function `f`, instruction 0: unknown local 7', 1]);
        return true;
      },
    );
  const said = () => linker.link().diagnostics.map(({ id }) => id);
  const before = said();
  assert.deepEqual(before, ['undefined-symbol']);
  refused();
  refused();
  assert.deepEqual(said(), before);
  unit.function('more', [], []);
  refused();
  linker.add({ name: 'bad.o', bytes: new Uint8Array(8) });
  assert.throws(() => linker.save());
  refused();
  linker.remove('bad.o');
  // Warnings of a link that succeeds are repeated by the next one, edits or not.
  linker.setOptions({ ...plain, logOverride: { 'undefined-symbol': 'warning' }, importUndefined: false });
  const warned = said();
  refused();
  assert.deepEqual(said(), warned);
  linker.dispose();
});

test('ten thousand functions', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const code = unit.code();
  let last;
  for (let i = 0; i < 10_000; i++) {
    const f = unit.function(`f${i}`, ['i32'], ['i32']);
    code.clear().op('local.get', 0).op('i32.const', 1).op('i32.add');
    if (last) code.op('call', last);
    unit.setFunction(f, code.end());
    last = f;
  }
  unit.export(last, 'run');
  const e = await exportsOf(linker.link());
  assert.equal(e.run(0), 10_000);
});

test('misspelt options are TypeErrors', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('u');
  const [f, d, g] = [unit.function('f', [], []), unit.data('d'), unit.global('g', 'i32')];
  const code = unit.code().end();
  for (const [action, message] of [
    [() => linker.unit('v', { befor: 'u' }), /no `befor`; did you mean `before`\?/],
    [() => unit.function('h', [], [], { waek: true }), /no `waek`; did you mean `weak`\?/],
    [() => unit.data('e', { waek: true }), /no `waek`/],
    [() => unit.global('h', 'i32', { mutabel: true }), /no `mutabel`; did you mean `mutable`\?/],
    [() => unit.setFunction(f, code, [], { bindng: 'weak' }), /no `bindng`; did you mean `binding`\?/],
    [
      () => unit.setFunction(f, code, [], { binding: 'waek' }),
      /`binding` must be global, weak, local; did you mean `weak`\?/,
    ],
    [() => unit.setFunction(f, code, [], { align: 4 }), /no `align`/],
    [() => unit.setData(d, new Uint8Array(4), { aling: 16 }), /no `aling`; did you mean `align`\?/],
    [() => unit.setData(d, 4, { binding: 'toString' }), /`binding` must be/],
    [
      () => unit.setData(d, new Uint8Array(4), { fixups: [{ ofset: 0, function: f }] }),
      /no `ofset`; did you mean `offset`\?/,
    ],
    [() => unit.setGlobal(g, 'i32', 1, { hiden: true }), /no `hiden`; did you mean `hidden`\?/],
    [() => unit.setAlias(unit.function('a', [], []), f, { keeep: true }), /no `keeep`; did you mean `keep`\?/],
  ])
    assert.throws(action, { name: 'TypeError', message });
  assert.deepEqual(linker.inputs, ['u']);
  linker.dispose();
});

test('names that come and go leave nothing', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const main = unit.function('main', [], []);
  unit.setFunction(main, unit.code().end());
  unit.export(main);
  const before = new Uint8Array(linker.link().output);
  const code = unit.code().op('call', main).end();
  const comeAndGo = (first, count) => {
    for (let i = first; i < first + count; i++) {
      const f = unit.function(`a function with a name ${i}`, [], []);
      unit.setFunction(f, code);
      unit.remove(f);
    }
  };
  comeAndGo(0, 20_000);
  const { memoryBytes } = linker.link().stats;
  comeAndGo(20_000, testsPull ? 300_000 : 80_000);
  const after = linker.link();
  assert.deepEqual(new Uint8Array(after.output), before);
  assert.equal(after.stats.memoryBytes, memoryBytes);
  linker.dispose();
});

test('a symbol that is gone is refused', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('jit');
  const main = unit.function('main', [], []);
  const helper = unit.function('helper', [], []);
  unit.setFunction(main, unit.code().op('call', helper).end());
  unit.setFunction(helper, unit.code().end());
  unit.export(main);
  unit.remove(helper);
  // Something refers to it, so it can be set again.
  unit.setFunction(helper, unit.code().end());
  await exportsOf(linker.link());
  unit.setFunction(main, unit.code().end());
  unit.remove(helper);
  assert.throws(() => unit.setFunction(helper, unit.code().end()), EditError);
  assert.throws(() => unit.setFunction(main, unit.code().op('call', helper).end()), /was removed, and nothing uses it/);
  const again = unit.function('helper', [], []);
  assert.notEqual(again.id, helper.id);
  assert.throws(() => unit.export(helper), /declare its name again/);
  unit.setFunction(again, unit.code().end());
  unit.setFunction(main, unit.code().op('call', again).end());
  await exportsOf(linker.link());
  linker.dispose();
});

/** A function of two lines that divides by its parameter. */
function divides(unit, options = {}) {
  const divide = unit.function('divide', ['i32'], ['i32']);
  const code = unit.code().at(3, 5).op('i32.const', 1).op('local.get', 0).at(4, 7).op('i32.div_s').end();
  unit.setFunction(divide, code, ['f64'], options);
  unit.export(divide);
  return divide;
}

/** The line of the innermost function when the module traps. */
async function lineOfTrap(output) {
  const { instance } = await WebAssembly.instantiate(output);
  try {
    instance.exports.divide(0);
  } catch ({ stack }) {
    const { file, line, column } =
      (await inspect(output)).lines.findInFile(parseInt(/wasm-function\[\d+\]:(0x[0-9a-f]+)/.exec(stack)[1], 16)) ?? {};
    return `${file}:${line}:${column}`;
  }
}

test('a trap has a line', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('divide.tiny');
  const divide = divides(unit);
  assert.equal(await lineOfTrap(linker.link().output), 'divide.tiny:4:7');
  const file = unit.sourceFile('included.tiny');
  assert.equal(unit.sourceFile('included.tiny'), file);
  unit.setLines(divide, [{ instruction: 2, line: 70, file }], { line: 69, file });
  const { output } = linker.link();
  assert.equal(await lineOfTrap(output), 'included.tiny:70:0');
  // As arrays.
  unit.setLines(divide, Uint32Array.of(0, 0, 3, 5, 2, 0, 9, 7));
  assert.equal(await lineOfTrap(linker.link().output), 'divide.tiny:9:7');
  unit.setLines(divide, []);
  assert.equal(await lineOfTrap(linker.link().output), 'undefined:undefined:undefined');
  linker.dispose();
});

test('names of locals', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('divide.tiny');
  const real = unit.sourceType('réel', 'float', 8);
  const variables = [
    { name: 'divisor', local: 0 },
    { name: 'ünused', local: 1, type: real, begin: 1, end: 3 },
  ];
  const divide = divides(unit, { source: { line: 2, variables } });
  const names = async () =>
    [...(await inspect(linker.link().output)).names]
      .filter(({ space }) => space === 'local')
      .map(({ name, index, inner }) => [name, index, inner]);
  const both = await names();
  assert.deepEqual(
    both.map(([name]) => name),
    ['divisor', 'ünused'],
  );
  unit.setVariables(divide, variables.slice(1));
  assert.deepEqual(
    (await names()).map(([name]) => name),
    ['ünused'],
  );
  unit.setVariables(divide, []);
  assert.deepEqual(await names(), []);
  linker.dispose();
});

test('lines are checked', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('divide.tiny');
  const divide = divides(unit);
  const refused = (edit, message) => assert.throws(edit, (error) => error instanceof EditError && message.test(error));
  refused(() => unit.setLines(divide, [{ instruction: 4, line: 1 }]), /line 0: the function has no such instruction/);
  refused(() => unit.setLines(divide, [], { file: 3 }), /there is no source file 3/);
  refused(() => unit.setVariables(divide, [{ name: 'x', local: 2 }]), /variable 0: there is no local 2/);
  refused(() => unit.setVariables(divide, [{ name: '', local: 1 }]), /variable 0: it needs a name/);
  refused(() => unit.sourceFile('a\0b'), /a source file has a name without zeros/);
  assert.throws(() => unit.sourceType('int', 'singed', 4), /`encoding` must be .*; did you mean `signed`\?/);
  assert.throws(() => unit.code().at(-1), /there is no place 0:-1:0/);
  assert.throws(() => unit.code().at(1.5), /there is no place/);
  assert.throws(
    () => unit.setLines(divide, [{ instruction: 0, line: -1 }]),
    /line 0: `line` must be an integer from 0/,
  );
  assert.throws(
    () => unit.setLines(divide, [{ instruction: 0, lines: 1 }]),
    /a line has no `lines`; did you mean `line`/,
  );
  assert.throws(() => unit.setLines(divide, Uint32Array.of(0, 0, 3)), /four numbers/);
  // What is wrong with code has its line.
  assert.throws(
    () => unit.setFunction(divide, unit.code().at(8, 9).op('local.get', 7).end()),
    ({ diagnostics }) =>
      assert.deepEqual(diagnostics[0].location.source, { file: 'divide.tiny', line: 8, column: 9 }) ?? true,
  );
  // And so has an undefined symbol.
  const code = unit
    .code()
    .op('local.get', 0)
    .at(11)
    .op('call', unit.function('nowhere', ['i32'], ['i32']))
    .end();
  unit.setFunction(divide, code);
  const { diagnostics } = linker.link();
  assert.deepEqual(diagnostics[0].location.source, { file: 'divide.tiny', line: 11 });
  linker.dispose();
});
