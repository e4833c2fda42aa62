// @ts-check
// What a unit refuses: operands and arguments that do not fit, and what belongs to another unit. Nothing changes then.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinker } from '../dist/index.js';

const linker = await createLinker({ options: { entry: false } });
const unit = linker.unit('a');
const other = linker.unit('b');
const f = unit.function('f', ['i32'], ['i32']);
const data = unit.data('d');
const g = unit.global('g', 'i32', { mutable: true });
const table = unit.table('t', 'funcref', 1);
const tag = unit.tag('e', ['i32']);
const bytes = unit.passiveData('bytes');
const elements = unit.passiveElements('elements');
const type = unit.type(['i32'], ['i32', 'i32']);
const theirs = other.function('h', [], []);

/** Why an instruction is refused; an empty text if it is taken. @param {any} name @param {...unknown} operands */
function refusal(name, ...operands) {
  const code = unit.code();
  try {
    /** @type {any} */ (code).op(name, ...operands);
  } catch (error) {
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${name}: ${error}`);
    assert.deepEqual([code.length, code.extra.length], [0, 0], 'the code is unchanged');
    assert.match(error.message, /^(`|there is no instruction)/);
    return `${error.name}: ${error.message}`;
  }
  assert.equal(code.length, 1);
  return '';
}

/** Sixteen numbers, one of which is another one. @param {number} at @param {number} value */
const changed = (at, value) => Array.from({ length: 16 }, (_, i) => (i === at ? value : i));
const i32 = 'an integer from -2147483648 to 4294967295';
const u32 = 'an integer from 0 to 4294967295';
const memory = "{ offset, align, data } or text such as 'offset=4 align=2'";
const typeNames =
  'i32, i64, f32, f64, v128, funcref, externref, anyref, eqref, i31ref, structref, arrayref, exnref, nullfuncref, ' +
  'nullexternref, nullref, nullexnref';
const valueTypes = `a value type (${typeNames}, or { ref: type })`;
const aFunction = "a function of the unit `a`, as the unit's methods return it";

/** @type {[unknown[], string][]} */
const refused = [
  [['local.get'], `TypeError: \`local.get\`: the number of the local is missing: it must be ${u32}`],
  [['local.get', 'x'], `TypeError: \`local.get\`: the number of the local must be ${u32}, not 'x'`],
  [['local.get', -1], `RangeError: \`local.get\`: the number of the local must be ${u32}, not -1`],
  [['local.get', 0.5], `TypeError: \`local.get\`: the number of the local must be ${u32}, not 0.5`],
  [['local.get', 2 ** 32], `RangeError: \`local.get\`: the number of the local must be ${u32}, not 4294967296`],
  [['local.get', 0, 1], 'TypeError: `local.get` takes one operand, not 2'],
  [['br', null], `TypeError: \`br\`: the label must be ${u32}, not null`],
  [['i32.add', 9, 9, 9], 'TypeError: `i32.add` takes no operands, not 3'],
  [['memory.size', 0, 0], 'TypeError: `memory.size` takes one operand, not 2'],
  [['end', 0], 'TypeError: `end` takes no operands, not 1'],

  [['i32.const'], `TypeError: \`i32.const\`: the value is missing: it must be ${i32}`],
  [['i32.const', NaN], `TypeError: \`i32.const\`: the value must be ${i32}, not NaN`],
  [['i32.const', Infinity], `TypeError: \`i32.const\`: the value must be ${i32}, not Infinity`],
  [['i32.const', 2 ** 33], `RangeError: \`i32.const\`: the value must be ${i32}, not 8589934592`],
  [['i32.const', -(2 ** 31) - 1], `RangeError: \`i32.const\`: the value must be ${i32}, not -2147483649`],
  [['i32.const', '1'], `TypeError: \`i32.const\`: the value must be ${i32}, not '1'`],
  [['i32.const', true], `TypeError: \`i32.const\`: the value must be ${i32}, not true`],
  [['i32.const', 1n], `TypeError: \`i32.const\`: the value must be ${i32}, not 1n`],
  ...[2n ** 64n, -(2n ** 63n) - 1n, 2 ** 53].map((value) => {
    const shown = typeof value === 'bigint' ? `${value}n` : value;
    const expected = 'a bigint from -2n ** 63n to 2n ** 64n - 1n or a safe integer';
    return /** @type {[unknown[], string]} */ ([
      ['i64.const', value],
      `RangeError: \`i64.const\`: the value must be ${expected}, not ${shown}`,
    ]);
  }),
  [
    ['i64.const', 0.5],
    'TypeError: `i64.const`: the value must be a bigint from -2n ** 63n to 2n ** 64n - 1n or a safe integer, not 0.5',
  ],
  [['f32.const', '1'], "TypeError: `f32.const`: the value must be a number, not '1'"],
  [['f32.const', 1e39], 'RangeError: `f32.const`: the value must be a number that 32 bits can hold, not 1e+39'],
  [['f64.const', 1n], 'TypeError: `f64.const`: the value must be a number, not 1n'],
  [['f64.const'], 'TypeError: `f64.const`: the value is missing: it must be a number'],

  [['v128.const', 5], 'TypeError: `v128.const`: the bytes must be 16 integers from 0 to 255, not 5'],
  [['v128.const', [1, 2]], 'TypeError: `v128.const`: the bytes must be 16 integers from 0 to 255, not 2 of them'],
  [
    ['v128.const', changed(3, 256)],
    'RangeError: `v128.const`: the bytes, number 3, must be an integer from 0 to 255, not 256',
  ],
  [
    ['v128.const', new BigInt64Array(16)],
    'TypeError: `v128.const`: the bytes, number 0, must be an integer from 0 to 255, not 0n',
  ],
  // biome-ignore lint/suspicious/noSparseArray: it is refused
  [
    ['i8x16.shuffle', Array(16)],
    'TypeError: `i8x16.shuffle`: the lanes, number 0, is missing: it must be an integer from 0 to 31',
  ],
  [
    ['i8x16.shuffle', changed(15, 32)],
    'RangeError: `i8x16.shuffle`: the lanes, number 15, must be an integer from 0 to 31, not 32',
  ],
  [['i32x4.extract_lane', 4], 'RangeError: `i32x4.extract_lane`: the lane must be an integer from 0 to 3, not 4'],

  [['br_table', 0, 1], 'TypeError: `br_table`: the list of labels must be an array, not 0'],
  [['br_table', [0]], `TypeError: \`br_table\`: the default label is missing: it must be ${u32}`],
  // biome-ignore lint/suspicious/noSparseArray: it is refused
  [['br_table', [0, , 1], 0], `TypeError: \`br_table\`: label 1 is missing: it must be ${u32}`],
  [
    ['block', 'i31'],
    `TypeError: \`block\`: the type must be ${valueTypes} or a type that \`unit.type\` returned, not 'i31'`,
  ],
  [['block', 1], `TypeError: \`block\`: the type must be ${valueTypes} or a type that \`unit.type\` returned, not 1`],
  [
    ['block', 'constructor'],
    `TypeError: \`block\`: the type must be ${valueTypes} or a type that \`unit.type\` returned, not 'constructor'`,
  ],
  [['try_table', 'i32', {}], 'TypeError: `try_table`: the list of clauses must be an array, not an object'],
  [['try_table', 'i32', [{}]], `TypeError: \`try_table\`: \`label\` of clause 0 is missing: it must be ${u32}`],
  [['try_table', 'i32', [{ labl: 0 }]], 'TypeError: `try_table`: clause 0 has no `labl`; did you mean `label`?'],
  [
    ['try_table', 'i32', [{ tag: f, label: 0 }]],
    'TypeError: `try_table`: `tag` of clause 0 must be a tag of the unit `a`; `f` is a function',
  ],
  [
    ['try_table', 'i32', [{ ref: 1, label: 0 }]],
    'TypeError: `try_table`: `ref` of clause 0 must be true or false, not 1',
  ],
  [['select_t', 'func'], `TypeError: \`select_t\`: the type must be ${valueTypes}, not 'func'`],
  [
    ['ref.null', 'i32'],
    "TypeError: `ref.null`: the type must be a heap type, a type of the unit or a reference type, not 'i32'",
  ],
  [
    ['ref.null'],
    'TypeError: `ref.null`: the type is missing: it must be a heap type, a type of the unit or a reference type',
  ],

  [['i32.load', 4], `TypeError: \`i32.load\`: the memory operand must be ${memory}, not 4`],
  [['i32.load', 2, 4], "TypeError: `i32.load`: only text follows text, as in 'offset=4', 'align=2'"],
  [['i32.load', data], `TypeError: \`i32.load\`: the memory operand must be ${memory}, not an object`],
  [['i32.load', [4]], `TypeError: \`i32.load\`: the memory operand must be ${memory}, not an array`],
  [['i32.load', ''], `TypeError: \`i32.load\`: the memory operand must be ${memory}, not ''`],
  [
    ['i32.load', 'align=2 offset=4'],
    `TypeError: \`i32.load\`: the memory operand must be ${memory}, not 'align=2 offset=4'`,
  ],
  [['i32.load', 'offset=x'], `TypeError: \`i32.load\`: the memory operand must be ${memory}, not 'offset=x'`],
  [
    ['i32.load', 'align=4', 'offset=4'],
    `TypeError: \`i32.load\`: the memory operand must be ${memory}, not 'align=4', 'offset=4'`,
  ],
  [['i32.load', { ofset: 4 }], 'TypeError: `i32.load`: the memory operand has no `ofset`; did you mean `offset`?'],
  [['i32.load', { offset: -1 }], `RangeError: \`i32.load\`: \`offset\` must be ${u32}, not -1`],
  [['i32.load', { offset: 2 ** 32 }], `RangeError: \`i32.load\`: \`offset\` must be ${u32}, not 4294967296`],
  [['i32.load', 'offset=0x1_0000_0000'], `RangeError: \`i32.load\`: \`offset\` must be ${u32}, not 4294967296n`],
  [['i32.load', { offset: '4' }], `TypeError: \`i32.load\`: \`offset\` must be ${u32}, not '4'`],
  [['i32.load', { align: 0 }], 'RangeError: `i32.load`: `align` must be a power of two from 1 to 4, not 0'],
  [['i32.load', { align: 3 }], 'RangeError: `i32.load`: `align` must be a power of two from 1 to 4, not 3'],
  [['i32.load', { align: 8 }], 'RangeError: `i32.load`: `align` must be a power of two from 1 to 4, not 8'],
  [['i32.load', { align: '4' }], "TypeError: `i32.load`: `align` must be a power of two from 1 to 4, not '4'"],
  [
    ['i32.atomic.load', { align: 2 }],
    'RangeError: `i32.atomic.load`: `align` of an atomic access must be 4, its size, not 2',
  ],
  [
    ['i32.load', { data, offset: 2 ** 31 }],
    'RangeError: `i32.load`: `offset` must be an integer from -2147483648 to 2147483647, not 2147483648',
  ],
  [['i32.load', { data: f }], 'TypeError: `i32.load`: `data` must be data of the unit `a`; `f` is a function'],
  [['v128.load8_lane', {}, 16], 'RangeError: `v128.load8_lane`: the lane must be an integer from 0 to 15, not 16'],
  [['v128.load8_lane'], 'TypeError: `v128.load8_lane`: the lane is missing: it must be an integer from 0 to 15'],
  [['v128.load8_lane', {}], 'TypeError: `v128.load8_lane`: the lane must be an integer from 0 to 15, not an object'],

  [['call', 'h'], `TypeError: \`call\`: the operand must be ${aFunction}, not 'h'`],
  [['call'], `TypeError: \`call\`: the operand is missing: it must be ${aFunction}`],
  [['call', { id: 0, name: 'f' }], `TypeError: \`call\`: the operand must be ${aFunction}, not an object`],
  [['call', Object.create(f)], `TypeError: \`call\`: the operand must be ${aFunction}, not an object`],
  [['call', data], 'TypeError: `call`: the operand must be a function of the unit `a`; `d` is data'],
  [
    ['global.get', tag],
    'TypeError: `global.get`: the operand must be a global or data or a function of the unit `a`; `e` is a tag',
  ],
  [['global.set', f], 'TypeError: `global.set`: the operand must be a global of the unit `a`; `f` is a function'],
  [['throw', g], 'TypeError: `throw`: the operand must be a tag of the unit `a`; `g` is a global'],
  [['table.get', bytes], 'TypeError: `table.get`: the table must be a table of the unit `a`; `bytes` is passive data'],
  [
    ['table.copy', table, f],
    'TypeError: `table.copy`: the second table must be a table of the unit `a`; `f` is a function',
  ],
  [
    ['table.init', table],
    'TypeError: `table.init`: operand 1 must be passive elements of the unit `a`; `t` is a table',
  ],
  [['memory.init', data], 'TypeError: `memory.init`: the operand must be passive data of the unit `a`; `d` is data'],
  [
    ['call_indirect', 0],
    'TypeError: `call_indirect`: the type must be a type of the unit `a`, as `unit.type` returns it, not 0',
  ],
  [
    ['call_indirect', type, f],
    'TypeError: `call_indirect`: the table must be a table of the unit `a`; `f` is a function',
  ],
  [
    ['i32.data', data, 2 ** 31],
    'RangeError: `i32.data`: the addend must be an integer from -2147483648 to 2147483647, not 2147483648',
  ],
  [
    ['i32.data', data, 0.5],
    'TypeError: `i32.data`: the addend must be an integer from -2147483648 to 2147483647, not 0.5',
  ],
  [['i32.data', g], 'TypeError: `i32.data`: the operand must be data of the unit `a`; `g` is a global'],

  [['i32.popcount'], 'TypeError: there is no instruction `i32.popcount`; did you mean `i32.popcnt`?'],
  [[undefined], 'TypeError: `op`: the name of the instruction is missing: it must be a string'],
];

test('operands that do not fit', () => {
  for (const [[name, ...operands], message] of refused) assert.equal(refusal(name, ...operands), message);
});

test('operands at the ends of their ranges, and operands as the text format has them', () => {
  for (const [name, ...operands] of [
    ['i32.const', -(2 ** 31)],
    ['i32.const', 2 ** 32 - 1],
    ['i64.const', 2n ** 64n - 1n],
    ['i64.const', -(2n ** 63n)],
    ['i64.const', Number.MIN_SAFE_INTEGER],
    ['f32.const', NaN],
    ['f32.const', -Infinity],
    ['v128.const', new Uint8Array(16)],
    ['i32.add', undefined],
    ['block', undefined],
    ['block', type],
    ['try_table', undefined, [{ tag, ref: true, label: 0 }, { label: 0 }]],
    ['i32.load', undefined],
    ['i32.load', { data, offset: -4 }],
    ['i32.load', { offset: 2 ** 32 - 1, align: 1 }],
    ['i32.load', { offset: 7n }],
    ['v128.load8_lane', 15],
    ['v128.load8_lane', undefined, 15],
    ['v128.load8_lane', 'offset=1', 15],
    ['table.init', elements, table],
    ['ref.null', 'func'],
    ['call_indirect', type, table],
  ])
    assert.equal(refusal(name, ...operands), '', `${String(name)} ${operands.map(String).join(' ')}`);
  const words = (/** @type {any[]} */ ...operands) => [
    .../** @type {any} */ (unit.code()).op('i32.load', ...operands).extra,
  ];
  const wanted = words({ offset: 260, align: 2 });
  assert.deepEqual(wanted.slice(0, 3), [1, 260, 0]);
  for (const operands of [
    ['offset=260 align=2'],
    ['offset=260', 'align=2'],
    ['offset=0x1_04 align=0x2'],
    [{ offset: 260n, align: 2 }],
  ])
    assert.deepEqual(words(...operands), wanted);
  assert.deepEqual(words('align=2'), words({ align: 2 }));
  assert.deepEqual(words('offset=4'), words({ offset: 4 }));
});

test('offsets in a unit of 64-bit memory', () => {
  const wide = linker.unit('wide', { memory64: true });
  const there = wide.data('there');
  const words = (/** @type {any} */ operand) => [...wide.code().op('i64.load', operand).extra].slice(1, 3);
  assert.deepEqual(words({ offset: 2 ** 40 + 5 }), [5, 2 ** 8]);
  assert.deepEqual(words({ offset: 2n ** 64n - 1n }), [2 ** 32 - 1, 2 ** 32 - 1]);
  assert.deepEqual(words({ data: there, offset: -8 }), [2 ** 32 - 8, 2 ** 32 - 1]);
  assert.throws(() => words({ offset: 2n ** 64n }), {
    name: 'RangeError',
    message: /`offset` must be an integer from 0 to/,
  });
  assert.throws(() => words({ data: there, offset: 2 ** 60 }), { name: 'RangeError', message: /safe integer/ });
  assert.throws(() => words({ data: there, offset: 2n ** 63n }), { name: 'RangeError', message: /from -2n \*\* 63n/ });
});

test('symbols, types and code of another unit', () => {
  const theirData = other.data('d');
  const theirTag = other.tag('e', []);
  const theirTable = other.table('t', 'funcref', 1);
  const theirGlobal = other.global('g', 'i32');
  const theirType = other.type([], []);
  const theirBytes = other.passiveData('bytes');
  const theirElements = other.passiveElements('elements');
  const code = () => unit.code();
  const used = other.code().op('call', theirs).end();
  /** @type {[() => unknown, string][]} */
  const cases = [
    [() => code().op('call', theirs), 'the function `h` of the unit `b`'],
    [() => code().op('i32.func', theirs), 'the function `h` of the unit `b`'],
    [() => code().op('ref.func', theirs), 'the function `h` of the unit `b`'],
    [() => code().op('global.get', theirGlobal), 'the global `g` of the unit `b`'],
    [() => code().op('i32.data', theirData), 'data `d` of the unit `b`'],
    [() => code().op('i32.load', { data: theirData }), 'data `d` of the unit `b`'],
    [() => code().op('i32.data', other.constant('text')), 'a constant of the unit `b`'],
    [() => code().op('throw', theirTag), 'the tag `e` of the unit `b`'],
    [() => code().op('try_table', 'i32', [{ tag: theirTag, label: 0 }]), 'the tag `e` of the unit `b`'],
    [() => code().op('table.get', theirTable), 'the table `t` of the unit `b`'],
    [() => code().op('table.copy', table, theirTable), 'the table `t` of the unit `b`'],
    [() => code().op('call_indirect', type, theirTable), 'the table `t` of the unit `b`'],
    [() => code().op('call_indirect', theirType), 'one of the unit `b`'],
    [() => code().op('block', theirType), 'one of the unit `b`'],
    [() => code().op('memory.init', theirBytes), 'the passive data `bytes` of the unit `b`'],
    [() => code().op('elem.drop', theirElements), 'the passive elements `elements` of the unit `b`'],
    [() => unit.setFunction(theirs, code().end()), 'the function `h` of the unit `b`'],
    [
      () => unit.setFunction(f, used),
      '`setFunction`: the code names symbols or types of the unit `b`; the function is one of `a`',
    ],
    [() => unit.setData(theirData, 4), 'data `d` of the unit `b`'],
    [
      () => unit.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, function: theirs }] }),
      'the function `h` of the unit `b`',
    ],
    [
      () => unit.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, data: theirData }] }),
      'data `d` of the unit `b`',
    ],
    [() => unit.setPassiveData(theirBytes, new Uint8Array(4)), 'the passive data `bytes` of the unit `b`'],
    [() => unit.setPassiveElements(theirElements, []), 'the passive elements `elements` of the unit `b`'],
    [() => unit.setPassiveElements(elements, [f, theirs]), 'the function `h` of the unit `b`'],
    [() => unit.setGlobal(theirGlobal, 'i32', 1), 'the global `g` of the unit `b`'],
    [() => unit.setTable(theirTable), 'the table `t` of the unit `b`'],
    [() => unit.setTag(theirTag), 'the tag `e` of the unit `b`'],
    [() => unit.setAlias(theirs, f), 'the function `h` of the unit `b`'],
    [() => unit.setAlias(f, theirs), 'the function `h` of the unit `b`'],
    ...[unit.import, unit.export, unit.runAtStart, unit.remove, unit.unimport, unit.unexport, unit.runNoMore].map(
      (method) =>
        /** @type {[() => unknown, string]} */ ([() => method.call(unit, theirs), 'the function `h` of the unit `b`']),
    ),
  ];
  for (const [action, named] of cases)
    assert.throws(action, (error) => {
      assert.ok(error instanceof TypeError && error.message.includes(named), `${error} ${named}`);
      assert.ok(error.message.includes('`a`'), error.message);
      return true;
    });
  assert.throws(() => unit.export(/** @type {any} */ ({ id: f.id, name: 'f' })), {
    name: 'TypeError',
    message: "`export`: the symbol must be a symbol of the unit `a`, as the unit's methods return it, not an object",
  });
  // Code without names is nobody's, and what was cleared names nothing.
  unit.setFunction(f, other.code().op('local.get', 0).end());
  unit.setFunction(f, used.clear().op('local.get', 0).end());
  unit.setFunction(f, { opcodes: used.opcodes, operands: used.operands, extra: used.extra });
  unit.remove(f);
});

test('a constant that was removed is not the next one', () => {
  const gone = unit.constant('gone');
  assert.equal(unit.constant('gone'), gone);
  unit.remove(gone);
  const next = unit.constant('next');
  assert.notEqual(next.id, gone.id);
  const message = '`i32.data`: the operand is a constant, which was removed';
  assert.throws(() => unit.code().op('i32.data', gone), { name: 'TypeError', message });
  assert.throws(() => unit.remove(gone), /the symbol is a constant, which was removed/);
  unit.remove(next);
});

test('arguments that do not fit', () => {
  const u = /** @type {any} */ (unit);
  const text = "'x'";
  const lone = 'a\ud800';
  const gone = new Uint8Array(8);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const end = unit.code().end();
  // biome-ignore lint/suspicious/noSparseArray: it is refused
  const holes = ['i32', , 'i32'];
  /** @type {[() => unknown, string][]} */
  const cases = [
    [() => u.function(5, [], []), 'TypeError: `function`: the name must be a string, not 5'],
    [() => u.function(lone, [], []), 'TypeError: `function`: the name has half of a surrogate pair'],
    [() => u.data(''), 'TypeError: `data`: the name is empty'],
    [() => u.passiveData(Symbol('x')), 'TypeError: `passiveData`: the name must be a string, not Symbol(x)'],
    [() => u.function('x', 5, []), 'TypeError: `function`: the list of parameters must be an array, not 5'],
    [() => u.function('x', 'i32', []), "TypeError: `function`: the list of parameters must be an array, not 'i32'"],
    [
      () => u.function('x', [], holes),
      `TypeError: \`function\`: number 1 of the list of results is missing: it must be ${valueTypes}`,
    ],
    [
      () => u.function('x', ['i31'], []),
      `TypeError: \`function\`: number 0 of the list of parameters must be ${valueTypes}, not 'i31'`,
    ],
    [
      () => u.function('x', Array(1001).fill('i32'), []),
      'RangeError: `function`: the list of parameters must have at most 1000 entries, not 1001',
    ],
    [() => u.function('x', [], [], { weak: 'no' }), "TypeError: `function`: `weak` must be true or false, not 'no'"],
    [
      () => u.type([], ['toString']),
      `TypeError: \`type\`: number 0 of the list of results must be ${valueTypes}, not 'toString'`,
    ],
    [() => u.global('x', 'i31'), `TypeError: \`global\`: the type must be ${valueTypes}, not 'i31'`],
    [() => u.global('x', 'i32', { mutable: 1 }), 'TypeError: `global`: `mutable` must be true or false, not 1'],
    [() => u.table('x', 'i31'), `TypeError: \`table\`: the type of its elements must be ${valueTypes}, not 'i31'`],
    [() => u.table('x', 'funcref', -1), `RangeError: \`table\`: the minimum must be ${u32}, not -1`],
    [
      () => u.table('x', 'funcref', 5, 4),
      'RangeError: `table`: the maximum must be an integer from 5 to 4294967295, not 4',
    ],
    [
      () => u.setFunction(f),
      'TypeError: `setFunction`: the code must be an object, which may have `opcodes`, `operands`, `extra`, `lines`, ' +
        '`locals`, `binding`, `hidden`, `keep`',
    ],
    [() => u.setFunction(f, end, 5), 'TypeError: `setFunction`: the list of locals must be an array, not 5'],
    [
      () => u.setFunction(f, end, holes),
      `TypeError: \`setFunction\`: number 1 of the list of locals is missing: it must be ${valueTypes}`,
    ],
    [
      () => u.setFunction(f, end, Array(50_001).fill('i32')),
      'RangeError: `setFunction`: the list of locals must have at most 50000 entries, not 50001',
    ],
    [
      () => u.setFunction(f, { opcodes: [], operands: [], extra: [] }),
      'TypeError: `setFunction`: `opcodes` must be a Uint16Array, not an array',
    ],
    [() => u.setFunction(f, end, [], { keep: 1 }), 'TypeError: `setFunction`: `keep` must be true or false, not 1'],
    [
      () => u.setFunction(data, end),
      'TypeError: `setFunction`: the symbol must be a function of the unit `a`; `d` is data',
    ],
    [
      () => u.setData(data, 'text'),
      "TypeError: `setData`: the content must be a Uint8Array or a number of zeros, not 'text'",
    ],
    [
      () => u.setData(data, [1, 2]),
      'TypeError: `setData`: the content must be a Uint8Array or a number of zeros, not an array',
    ],
    [
      () => u.setData(data),
      'TypeError: `setData`: the content is missing: it must be a Uint8Array or a number of zeros',
    ],
    [() => u.setData(data, gone), 'TypeError: `content` was given away: its buffer was transferred'],
    [() => u.setData(data, -1), `RangeError: \`setData\`: the number of zeros must be ${u32}, not -1`],
    [() => u.setData(data, 1.5), `TypeError: \`setData\`: the number of zeros must be ${u32}, not 1.5`],
    [
      () => u.setData(data, 4, { fixups: [{ offset: 0, function: f }] }),
      'TypeError: `setData`: zeros have no fixups: pass the bytes that they are in',
    ],
    [
      () => u.setData(data, 4, { align: 0 }),
      'RangeError: `setData`: `align` must be a power of two from 1 to 2147483648, not 0',
    ],
    [
      () => u.setData(data, 4, { align: 3 }),
      'RangeError: `setData`: `align` must be a power of two from 1 to 2147483648, not 3',
    ],
    [
      () => u.setData(data, 4, { align: 2 ** 32 }),
      'RangeError: `setData`: `align` must be a power of two from 1 to 2147483648, not 4294967296',
    ],
    [() => u.setData(data, 4, { section: 5 }), 'TypeError: `setData`: `section` must be a string, not 5'],
    [
      () => u.setData(data, 4, { readOnly: 'x' }),
      `TypeError: \`setData\`: \`readOnly\` must be true or false, not ${text}`,
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: {} }),
      'TypeError: `setData`: `fixups` must be an array, not an object',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 1, function: f }] }),
      'RangeError: `setData`: fixup 0: `offset` must be an integer from 0 to 0, not 1',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, width: 8, function: f }] }),
      'RangeError: `setData`: fixup 0: there is no room for 8 bytes in 4',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, width: 2, function: f }] }),
      'TypeError: `setData`: fixup 0: `width` must be 4 or 8, not 2',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0 }] }),
      'TypeError: `setData`: fixup 0 must have `data` or `function`',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, data, function: f }] }),
      'TypeError: `setData`: fixup 0 must have `data` or `function`',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, data, addend: 2 ** 40 }] }),
      'RangeError: `setData`: fixup 0: `addend` must be an integer from -2147483648 to 2147483647, not 1099511627776',
    ],
    [
      () => u.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, function: f, addend: 4 }] }),
      'TypeError: `setData`: fixup 0: only `data` has an `addend`',
    ],
    [() => u.setPassiveData(bytes, 4), 'TypeError: `setPassiveData`: the content must be a Uint8Array, not 4'],
    [
      () => u.setPassiveElements(elements, f),
      'TypeError: `setPassiveElements`: the list of functions must be an array, not an object',
    ],
    [
      () => u.setPassiveElements(elements, [data]),
      'TypeError: `setPassiveElements`: element 0 must be a function of the unit `a`; `d` is data',
    ],
    [() => u.constant(lone), 'TypeError: `constant`: the content has half of a surrogate pair'],
    [() => u.constant([1]), 'TypeError: `constant`: the content must be a Uint8Array or a string, not an array'],
    [() => u.constant('x', 3), 'RangeError: `constant`: `align` must be a power of two from 1 to 2147483648, not 3'],
    [() => u.setGlobal(g, 'i32', 2 ** 40), `RangeError: \`setGlobal\`: the value must be ${i32}, not 1099511627776`],
    [
      () => u.setGlobal(g, 'i64', 1n),
      "TypeError: `setGlobal`: the type must be i32, as the global is declared, not 'i64'",
    ],
    [() => u.setFeatures([]), 'TypeError: `setFeatures`: the features must be an object, not an array'],
    [() => u.setFeatures({ simd128: true }), "TypeError: `setFeatures`: `simd128` must be '+' or '-', not true"],
    [() => u.setFeatures({ '': '+' }), 'TypeError: `setFeatures`: a name of the features is empty'],
    [() => u.setProducers({ languages: {} }), 'TypeError: `setProducers` has no `languages`; did you mean `language`?'],
    [
      () => u.setProducers({ sdk: { kit: 5 } }),
      'TypeError: `setProducers`: the version of `kit` must be a string, not 5',
    ],
    [() => u.setProducers({ sdk: { 'a\0b': '' } }), 'TypeError: `setProducers`: a name of `sdk` has a zero character'],
    [() => u.setGlobal(g, 'i32', '1'), `TypeError: \`setGlobal\`: the value must be ${i32}, not '1'`],
    [() => u.import(f, 5), 'TypeError: `import`: the module must be a string, not 5'],
    [() => u.import(f, 'env', lone), 'TypeError: `import`: the name has half of a surrogate pair'],
    [() => u.export(f, 5), 'TypeError: `export`: the name must be a string, not 5'],
    [() => u.export(f, null), 'TypeError: `export`: the name must be a string, not null'],
    [
      () => u.runAtStart(f, -1),
      'RangeError: `runAtStart`: the priority must be an integer from 0 to 4294967294, not -1',
    ],
    [
      () => u.runAtStart(f, 1.5),
      'TypeError: `runAtStart`: the priority must be an integer from 0 to 4294967294, not 1.5',
    ],
    [() => u.code().raw(-1, 0), 'RangeError: `raw`: the opcode must be an integer from 0 to 65535, not -1'],
    [
      () => u.code().raw(0, 2 ** 33),
      'RangeError: `raw`: the operand must be an integer from -2147483648 to 4294967295, not 8589934592',
    ],
    [() => u.opcode('i32.popcount'), 'TypeError: there is no instruction `i32.popcount`; did you mean `i32.popcnt`?'],
  ];
  const before = linker.save();
  for (const [action, message] of cases)
    assert.throws(action, (error) => {
      assert.equal(`${/** @type {Error} */ (error).name}: ${/** @type {Error} */ (error).message}`, message);
      return true;
    });
  assert.deepEqual(linker.save(), before, 'the units are unchanged');
});

test('the types say what an instruction takes', () => {
  const code = unit.code();
  for (const action of [
    // @ts-expect-error
    () => code.op('local.get'),
    // @ts-expect-error
    () => code.op('i32.add', 1),
    // @ts-expect-error
    () => code.op('i32.plus'),
    // @ts-expect-error
    () => code.op('call', 'f'),
    // @ts-expect-error
    () => code.op('i32.load', 4),
  ])
    assert.throws(action, TypeError);
  for (const width of /** @type {const} */ (['i32', 'i64'])) code.op(`${width}.add`).op(`${width}.load`, 'offset=4');
});
