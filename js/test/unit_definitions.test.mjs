// Units from JavaScript: export names, constants with fixups, initial values, elements, groups, and reading it all back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinker, EditError } from '../dist/index.js';
import { compile } from './support.mjs';

const plain = { entry: false };

async function exportsOf(result, imports = {}) {
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  return (await WebAssembly.instantiate(result.output, imports)).instance.exports;
}

async function newUnit(options = plain) {
  const linker = await createLinker({ options });
  return { linker, unit: linker.unit('u') };
}

/** A function without parameters that gives an i32. */
function define(unit, name, code) {
  const symbol = unit.function(name, [], ['i32']);
  unit.setFunction(symbol, code.end());
  return symbol;
}

test('several export names, of an alias too', async () => {
  const { linker, unit } = await newUnit();
  const f = define(unit, 'f', unit.code().op('i32.const', 1));
  const a = unit.function('a', [], ['i32']);
  unit.setAlias(a, f);
  unit.export(a, 'x');
  unit.export(f, 'z');
  unit.export(f, 'y');
  const data = unit.data('data');
  unit.setData(data, 4);
  unit.export(data, 'table of numbers');
  const { x, y, z, ...others } = await exportsOf(linker.link());
  assert.deepEqual([x(), y(), z()], [1, 1, 1]);
  assert.deepEqual(Object.keys(others), ['memory', 'table of numbers']);
  unit.unexport(f, 'z');
  assert.deepEqual(Object.keys(await exportsOf(linker.link())), ['memory', 'y', 'x', 'table of numbers']);
  assert.throws(() => unit.unexport(f, 'z'), EditError);
  unit.export(data, 'y');
  const { diagnostics } = linker.link();
  assert.deepEqual([diagnostics.length, diagnostics[0].id], [1, 'duplicate-export']);
  assert.match(diagnostics[0].text, /function `f` of u.*data `data` of u/);
  linker.dispose();
});

test('constants with fixups', async () => {
  const { linker, unit } = await newUnit();
  const text = unit.constant('hello');
  const f = define(unit, 'f', unit.code().op('i32.const', 7));
  const make = (align) =>
    unit.constant(new Uint8Array(8), {
      align,
      fixups: [
        { offset: 0, data: text, addend: 1 },
        { offset: 4, function: f },
      ],
    });
  const record = make(4);
  assert.equal(make(8), record);
  assert.equal(unit.dataContent(record).align, 8);
  assert.notEqual(unit.constant(new Uint8Array(8), 4), record);
  const letter = unit.code().op('i32.const', 0).op('i32.load', { data: record }).op('i32.load8_u');
  unit.export(define(unit, 'letter', letter));
  const call = unit.code().op('i32.const', 0).op('i32.load', { data: record, offset: 4 });
  unit.export(define(unit, 'call', call.op('call_indirect', unit.type([], ['i32']))));
  const e = await exportsOf(linker.link());
  assert.deepEqual([String.fromCharCode(e.letter()), e.call()], ['e', 7]);
  assert.throws(() => unit.setData(record, 8), EditError);
  linker.dispose();
});

test('initial values and elements', async () => {
  const { linker, unit } = await newUnit();
  const data = unit.data('data');
  unit.setData(data, Uint8Array.of(1, 2, 3, 4));
  const f = define(unit, 'f', unit.code().op('i32.const', 5));
  const global = (name, type, value) => {
    const symbol = unit.global(name, type);
    unit.setGlobal(symbol, type, value);
    unit.export(symbol);
    return symbol;
  };
  global('address', 'i32', unit.code().op('i32.data', data, 2).end());
  global('function', 'funcref', unit.code().op('ref.func', f).end());
  const outside = unit.global('outside', 'i32');
  unit.import(outside);
  global('copy', 'i32', unit.code().op('global.get', outside).end());
  const vector = global('vector', 'v128', (1n << 127n) + 5n);
  unit.setGlobal(
    vector,
    'v128',
    Uint8Array.from({ length: 16 }, (_, i) => i),
  );
  unit.unexport(vector);
  unit.export(define(unit, 'lane', unit.code().op('global.get', vector).op('i8x16.extract_lane_s', 15)));
  unit.export(define(unit, 'byte', unit.code().op('global.get', unit.find('address')).op('i32.load8_u')));
  const table = unit.table('table', 'funcref', 3);
  unit.setTable(table, { elements: [f, undefined, f] });
  unit.export(table);
  unit.export(data);
  const e = await exportsOf(linker.link(), { env: { outside: 9 } });
  assert.deepEqual(
    [e.address.value, e.byte(), e.function.value(), e.copy.value, e.lane()],
    [e.data.value + 2, 3, 5, 9, 15],
  );
  assert.deepEqual([e.table.get(0)(), e.table.get(1), e.table.get(2)()], [5, null, 5]);

  assert.throws(() => unit.setTable(table, { elements: [f], first: 3 }), /has 3 slots at first/);
  assert.throws(() => unit.setGlobal(vector, 'v128', 1n << 128n), RangeError);
  assert.throws(() => unit.setGlobal(vector, 'v128', new Uint8Array(15)), TypeError);
  assert.throws(() => unit.setGlobal(vector, 'v128', unit.code().op('i32.const', 1).end()), /value is i32, not v128/);
  linker.setOptions({ relocatable: true });
  const { ok, diagnostics } = linker.link();
  assert.deepEqual([ok, [...new Set(diagnostics.map(({ id }) => id))]], [false, ['not-in-objects']]);
  linker.dispose();
});

test('a group is linked once, from a unit or an object', async () => {
  const object = compile('inline.cpp', 'inline int shared() { return 1; } int (*address())() { return shared; }');
  const { linker, unit } = await newUnit();
  linker.add({ name: 'inline.o', bytes: object });
  const shared = define(unit, '_Z6sharedv', unit.code().op('i32.const', 2));
  unit.setComdat(shared, '_Z6sharedv');
  unit.export(define(unit, 'run', unit.code().op('call', shared)));
  assert.equal((await exportsOf(linker.link())).run(), 2);
  linker.reorder(['inline.o', 'u']);
  assert.equal((await exportsOf(linker.link())).run(), 1);
  linker.dispose();
});

function fillForReading(unit) {
  const f = unit.function('f', ['i32', 'f64'], ['i64']);
  const text = unit.constant('text');
  const code = unit
    .code()
    .op('i32.data', text, -1)
    .op('drop')
    .op('i64.const', 2n ** 40n)
    .end();
  unit.setFunction(f, code, ['i32', 'i32', 'v128'], { binding: 'weak', hidden: true });
  unit.export(f, 'g');
  unit.export(f);
  unit.setComdat(f, 'group');
  const alias = unit.function('alias', ['i32', 'f64'], ['i64']);
  unit.setAlias(alias, f);
  const imported = unit.function('imported', [], [], { weak: true });
  unit.import(imported, 'host', 'log');
  const data = unit.data('data');
  unit.setData(data, Uint8Array.of(0, 0, 0, 0, 5, 6, 7, 8), {
    align: 4,
    readOnly: true,
    fixups: [
      { offset: 4, function: f },
      { offset: 0, data, addend: -2 },
    ],
  });
  unit.table('table', 'externref', 1, 2);
  unit.global('global', 'f32', { mutable: true });
  unit.tag('tag', ['i32']);
  unit.passiveData('passive');
  return { code: { opcodes: code.opcodes, operands: code.operands, extra: code.extra } };
}

function checkReading(unit, code) {
  const byName = Object.fromEntries(unit.symbols().map((info) => [info.symbol.name, info]));
  const f = unit.find('f');
  const { symbol, ...info } = unit.info(f);
  assert.equal(symbol.id, f.id);
  assert.deepEqual(info, {
    kind: 'function',
    state: 'defined',
    params: ['i32', 'f64'],
    results: ['i64'],
    binding: 'weak',
    hidden: true,
    keep: false,
    exports: ['f', 'g'],
    comdat: 'group',
  });
  const locals = ['i32', 'i32', 'v128'];
  assert.deepEqual(unit.functionContent(f), { ...code, locals, binding: 'weak', hidden: true, keep: false });
  assert.equal(byName.alias.state, 'alias');
  assert.equal(byName.alias.target.id, f.id);
  assert.deepEqual([byName.imported.weak, byName.imported.import], [true, { module: 'host', name: 'log' }]);
  assert.equal(unit.functionContent(unit.find('imported')), undefined);
  const data = unit.dataContent(unit.find('data'));
  assert.deepEqual([...data.bytes], [0, 0, 0, 0, 5, 6, 7, 8]);
  assert.deepEqual([data.align, data.readOnly, data.section], [4, true, '.rodata.data']);
  assert.deepEqual([data.fixups[0].data.name, data.fixups[0].addend, data.fixups[1].function.name], ['data', -2, 'f']);
  const { type, minimum, maximum } = byName.table;
  assert.deepEqual([type, minimum, maximum], ['externref', 1, 2]);
  assert.deepEqual([byName.global.type, byName.global.mutable, byName.tag.params], ['f32', true, ['i32']]);
  assert.equal(byName.passive.kind, 'passive data');
  assert.deepEqual([...unit.dataContent(byName[''].symbol).bytes], [...new TextEncoder().encode('text\0')]);
  assert.equal(unit.find('nowhere'), undefined);
}

test('initial values and elements are read back, after restore too', async () => {
  const { linker, unit } = await newUnit();
  const data = unit.data('data');
  unit.setData(data, 8);
  const f = unit.function('f', [], []);
  unit.setFunction(f, unit.code().end());
  const address = unit.global('address', 'i32');
  unit.setGlobal(address, 'i32', unit.code().op('i32.data', data, 4).op('i32.const', 3).op('i32.add').end());
  const wide = unit.global('wide', 'i64');
  unit.setGlobal(wide, 'i64', -(2n ** 40n));
  const table = unit.table('table', 'funcref', 8);
  unit.setTable(table, { elements: [undefined, f, undefined, f], first: 2 });
  for (const symbol of [address, wide, table]) unit.export(symbol);
  const { output } = linker.link();
  const restored = await createLinker({ options: plain, snapshot: linker.save() });
  for (const [of, unitOf] of [
    [linker, unit],
    [restored, restored.unit('u')],
  ]) {
    const find = (name) => unitOf.find(name);
    const [value, number] = [unitOf.globalContent(find('address')), unitOf.globalContent(find('wide'))];
    assert.equal(value.opcodes.length, 4);
    const { elements, first } = unitOf.tableContent(find('table'));
    assert.deepEqual([first, ...elements.map((element) => element?.name)], [3, 'f', undefined, 'f']);
    // What is read can be set again.
    unitOf.setGlobal(find('address'), 'i32', 1);
    unitOf.setGlobal(find('wide'), 'i64', 1n);
    unitOf.setTable(find('table'));
    assert.notDeepEqual(of.link().output, output);
    unitOf.setGlobal(find('address'), 'i32', value);
    unitOf.setGlobal(find('wide'), 'i64', number);
    unitOf.setTable(find('table'), { elements, first });
    assert.deepEqual(of.link().output, output);
    assert.throws(() => unitOf.tableContent(find('wide')), TypeError);
  }
  assert.equal(unit.globalContent(unit.global('elsewhere', 'i32')), undefined);
  assert.equal(unit.tableContent(unit.table('elsewhere table', 'funcref')), undefined);
  linker.dispose();
  restored.dispose();
});

test('what was said is read back, after restore too', async () => {
  const { linker, unit } = await newUnit();
  const { code } = fillForReading(unit);
  checkReading(unit, code);
  const restored = await createLinker({ options: plain, snapshot: linker.save() });
  checkReading(restored.unit('u'), code);
  // What is read can be set again.
  const f = unit.find('f');
  const { locals, ...again } = unit.functionContent(f);
  unit.setFunction(f, again, locals);
  checkReading(unit, code);
  assert.throws(() => restored.unit('u2').info(f), TypeError);
  linker.dispose();
  restored.dispose();
});

/** What a unit defines and can be read back. */
function contentsOf(unit) {
  const read = {
    function: (symbol) => unit.functionContent(symbol),
    data: (symbol) => unit.dataContent(symbol),
    'passive data': (symbol) => unit.dataContent(symbol),
    'passive elements': (symbol) => unit.elementsContent(symbol),
    global: (symbol) => unit.globalContent(symbol),
    table: (symbol) => unit.tableContent(symbol),
    section: (symbol) => unit.sectionContent(symbol),
  };
  const defined = unit.symbols().filter(({ symbol, state }) => symbol.name !== '' && state === 'defined');
  return new Map(defined.map(({ symbol, kind }) => [symbol, read[kind](symbol)]));
}

test('contents that are read back are set again as they are, with their binding', async () => {
  const { linker, unit } = await newUnit();
  const bindings = [{}, { binding: 'weak' }, { binding: 'local' }, { hidden: true }, { keep: true }];
  const text = unit.constant('text');
  const elements = unit.passiveElements('elements');
  const functions = bindings.map((binding, i) => {
    const symbol = unit.function(`f${i}`, ['i32'], ['i32']);
    unit.setFunction(symbol, unit.code().op('local.get', 1).end(), ['i32'], binding);
    return symbol;
  });
  for (const [i, binding] of bindings.entries()) {
    const options = {
      align: 8,
      fixups: [
        { offset: 4, data: text, addend: -1 },
        { offset: 0, function: functions[i] },
      ],
      readOnly: i === 1,
      ...binding,
    };
    unit.setData(unit.data(`d${i}`), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 9), options);
    unit.setData(unit.data(`zeros${i}`), 16, { align: 4, threadLocal: i === 2, ...binding });
    unit.setData(unit.data(`s${i}`), new TextEncoder().encode('a\0b\0'), { strings: true, section: 's', ...binding });
    unit.setGlobal(unit.global(`g${i}`, 'i32'), 'i32', i, binding);
    unit.setTable(unit.table(`t${i}`, 'funcref', 4), { elements: [functions[i], undefined, functions[0]], ...binding });
  }
  unit.setPassiveData(unit.passiveData('bytes'), Uint8Array.of(1, 2, 3));
  unit.setPassiveElements(elements, functions);
  unit.setSection(unit.section('note'), new Uint8Array(4), { fixups: [{ offset: 0, functionIndex: functions[1] }] });
  const restored = await createLinker({ options: plain, snapshot: linker.save() });
  for (const u of [unit, restored.unit('u')]) {
    const [contents, symbols] = [contentsOf(u), u.symbols()];
    assert.deepEqual(
      u.elementsContent(u.find('elements')).map(({ name }) => name),
      functions.map(({ name }) => name),
    );
    for (const [symbol, content] of contents) {
      if (symbol.kind === 'function') u.setFunction(symbol, content, content.locals);
      else if (symbol.kind === 'global') u.setGlobal(symbol, u.info(symbol).type, content);
      else if (symbol.kind === 'table') u.setTable(symbol, content);
      else if (symbol.kind === 'passive data') u.setPassiveData(symbol, content.bytes);
      else if (symbol.kind === 'passive elements') u.setPassiveElements(symbol, content);
      else {
        const { bytes, ...rest } = content;
        if (symbol.kind === 'data') u.setData(symbol, bytes, rest);
        else u.setSection(symbol, bytes, rest);
      }
    }
    assert.deepEqual([contentsOf(u), u.symbols()], [contents, symbols]);
  }
  linker.dispose();
  restored.dispose();
});

test('arguments count more than what a content brings along', async () => {
  const { linker, unit } = await newUnit();
  const f = unit.function('f', [], []);
  unit.setFunction(f, unit.code().op('i32.const', 1).op('local.set', 0).end(), ['i32'], { hidden: true, keep: true });
  const content = unit.functionContent(f);
  const stateOf = ({ binding, hidden, keep }) => [binding, hidden, keep];
  unit.setFunction(f, content);
  assert.deepEqual(unit.functionContent(f), content);
  unit.setFunction(f, content, content.locals, { source: { line: 3 } });
  assert.deepEqual(stateOf(unit.info(f)), ['global', true, true]);
  unit.setFunction(f, content, ['i32', 'f64'], { hidden: false, binding: 'weak' });
  assert.deepEqual(stateOf(unit.info(f)), ['weak', false, true]);
  assert.deepEqual(unit.functionContent(f).locals, ['i32', 'f64']);
  assert.throws(() => unit.setFunction(f, { ...content, hidden: 1 }), /`hidden` must be true or false/);
  assert.throws(() => unit.setFunction(f, { ...content, locals: 'i32' }), /the list of locals must be an array/);
  const g = unit.global('g', 'i32');
  unit.setGlobal(g, 'i32', 5, { binding: 'weak', keep: true });
  unit.setGlobal(g, 'i32', unit.globalContent(g), { keep: false });
  assert.deepEqual(stateOf(unit.info(g)), ['weak', false, false]);
  assert.throws(() => unit.setGlobal(g, 'i32', content), /the code has no `locals`/);
  linker.dispose();
});

test('addends of 64 bits are read back as they are', async () => {
  const linker = await createLinker({ options: plain });
  const unit = linker.unit('u', { memory64: true });
  const data = unit.data('data');
  const addends = [2n ** 60n + 1n, -(2n ** 63n), Number.MAX_SAFE_INTEGER, -1];
  const fixups = addends.map((addend, i) => ({ offset: 8 * i, width: 8, data, addend }));
  unit.setData(data, new Uint8Array(32), { fixups });
  const { bytes, ...rest } = unit.dataContent(data);
  assert.deepEqual(
    rest.fixups.map(({ addend }) => addend),
    addends,
  );
  unit.setData(data, bytes, rest);
  assert.deepEqual(unit.dataContent(data).fixups, rest.fixups);
  linker.dispose();
});
