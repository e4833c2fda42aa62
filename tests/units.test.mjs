// @ts-check
// Modules that the unit tests make of units (tests/unit/unit_test.cpp), and of random edits: validators take them, a disassembler sees the
// instructions that were meant, wasm-ld links the objects, and everything runs as it should.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildDir, newerNode } from './support/paths.mjs';
import { run } from './support/processes.mjs';
import { published } from './support/published.mjs';
import { missing22 } from './support/toolchain.mjs';
import { validate } from './support/validate.mjs';
import { Cursor, Module } from './support/wasm_module.mjs';

const folder = await published('*Unit*:Session.AnySequence*');
const weld = process.env.WELD ?? path.join(buildDir, 'native/weld');
const read = (/** @type {string} */ name) => readFileSync(path.join(folder, name));

for (const name of ['every_instruction', 'every_instruction_legacy'].flatMap((kind) => [`${kind}.wasm`, `${kind}.o`]))
  test(`${name} is valid`, async () => {
    const script = 'new WebAssembly.Module(require("fs").readFileSync(process.argv[1]))';
    const outcome = await run(newerNode, ['--experimental-wasm-fp16', '-e', script, path.join(folder, name)]);
    assert.equal(outcome.code, 0, outcome.stderr);
  });

test('half precision', async () => {
  const script = `
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
    const e = new WebAssembly.Instance(module).exports;
    e.store(0, 1.0009765625);
    console.log([e.load(0), e.sum(1.5, 2.25), e.sum(2048, 1)].join());`;
  const args = ['--experimental-wasm-fp16', '-e', script, path.join(folder, 'half.wasm')];
  const outcome = await run(newerNode, args);
  assert.equal(outcome.code, 0, outcome.stderr);
  // A number of 16 bits has 11 bits of precision.
  assert.equal(outcome.stdout, '1.0009765625,3.75,2048\n');
});

test('what random edits of units and sessions give is valid', () => {
  const names = readdirSync(folder).filter((name) => name.startsWith('random_'));
  for (const kind of ['unit_0', 'unit_1', 'session'])
    assert.ok(names.filter((name) => name.startsWith(`random_${kind}_`)).length > 20, `modules of ${kind}`);
  for (const name of names) new WebAssembly.Module(read(name));
});

test('every module of a unit test is valid', async () => {
  const script = `
    const [, folder] = process.argv;
    const { readdirSync, readFileSync } = require('node:fs');
    const names = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
    for (const name of names)
      try { new WebAssembly.Module(readFileSync(folder + '/' + name)); }
      catch (error) { console.log(name + ': ' + error.message); }
    console.log(names.length);`;
  const { stdout, code } = await run(newerNode, ['--experimental-wasm-fp16', '-e', script, folder]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.ok(Number(lines.pop()) > 100, stdout);
  assert.deepEqual(lines, []);
});

test('every instruction is what its name says', async () => {
  // wabt knows all but `throw_ref` and `try_table`, which are in the other module.
  const { stdout } = await run('wasm-objdump', ['-d', path.join(folder, 'every_instruction_legacy.wasm')]);
  const bodies = stdout.split(/ <op\./).slice(1);
  assert.ok(bodies.length > 500, 'functions of single instructions');
  for (const body of bodies) {
    const name = /^(.*)>:/.exec(body)?.[1] ?? '';
    const instructions = [...body.matchAll(/\| +([a-z][a-z0-9_.]*)/g)].map((match) => match[1]);
    assert.ok(instructions.includes(spellings[name] ?? name), `${name}: ${instructions.join(' ')}`);
  }
});

test('`weld inspect --source` knows every instruction', async () => {
  for (const name of ['every_instruction.wasm', 'every_instruction_legacy.wasm']) {
    const names = [...new Module(read(name)).names(1).values()].filter((word) => word.startsWith('op.'));
    assert.ok(names.length > 20, name);
    const args = ['inspect', '--json', ...names.map((word) => `--source=${word}`), path.join(folder, name)];
    const [{ lookUps }] = JSON.parse((await run(weld, args)).stdout);
    assert.equal(lookUps.length, names.length);
    for (const { name: word, instructions } of lookUps) {
      const found = instructions.map((/** @type {{ text: string }} */ { text }) => text.split(' ')[0]);
      assert.ok(found.includes(alias[word.slice(3)] ?? word.slice(3)), `${word}: ${found.join(' ')}`);
      assert.equal(found.at(-1), 'end');
    }
  }
});

/** Addresses become constants. @type {Record<string, string>} */
const alias = { 'i32.func': 'i32.const', 'i32.data': 'i32.const' };

// Addresses become constants; wabt has older names.
/** @type {Record<string, string>} */
const spellings = {
  select_t: 'select',
  'i32.func': 'i32.const',
  'i32.data': 'i32.const',
  'i16x8.relaxed_dot_i8x16_i7x16_s': 'i16x8.dot_i8x16_i7x16_s',
  'i32x4.relaxed_dot_i8x16_i7x16_add_s': 'i32x4.dot_i8x16_i7x16_add_s',
};

/** @param {Uint8Array} bytes */
async function instance(bytes) {
  assert.equal(await validate(bytes), '');
  const imports = {
    outside: { plus_ten: (/** @type {number} */ x) => x + 10 },
    env: { outside: 5, imported: () => 33 },
  };
  return /** @type {any} */ (
    new WebAssembly.Instance(new WebAssembly.Module(/** @type {any} */ (bytes)), imports).exports
  );
}

/** @param {Uint8Array} bytes */
async function checkProgram(bytes) {
  const e = await instance(bytes);
  const results = [e.counter_now(), e.apply(0, 5), e.apply(1, 5), e.letters(), e.answer(), e.zero()];
  assert.deepEqual(results, [42, 6, 10, 0x6565, 42n, 0]);
  assert.deepEqual([e.letter_of_text(), e.doubled(21), e.add_one(4), e.is_null(), e.ask(5)], [0x74, 42, 5, 0, 15]);
}

test('a program of a unit runs, however it was linked', async () => {
  for (const name of ['program.wasm', 'program_small.wasm', 'program_with_relocations.wasm'])
    await checkProgram(read(name));
});

test('what -r makes of a unit is linked by wasm-ld', async () => {
  const out = path.join(folder, 'by_wasm_ld.wasm');
  const outcome = await run('wasm-ld-19', ['--no-entry', path.join(folder, 'program.o'), '-o', out]);
  assert.equal(outcome.code, 0, outcome.stderr);
  await checkProgram(readFileSync(out));
});

/** @param {string} name of an object that -r made */
async function linkedByWasmLd(name) {
  const out = path.join(folder, `${name}.linked`);
  const outcome = await run('wasm-ld-19', ['--no-entry', path.join(folder, name), '-o', out]);
  assert.equal(outcome.code, 0, outcome.stderr);
  return instance(readFileSync(out));
}

test('constants that refer to data, functions and each other', async () => {
  for (const e of [await instance(read('constants.wasm')), await linkedByWasmLd('constants.o')])
    assert.deepEqual([e.number(), String.fromCharCode(e.letter()), e.call()], [42, 'e', 1]);
});

test('a trap that `ref.func` names is declared, and its address is null', async () => {
  for (const how of ['plain', 'smallest', 'live', 'ignored']) {
    const e = await instance(read(`trap_reference_${how}.wasm`));
    assert.deepEqual([e.reference_is_null(), e.address()], [0, 0], how);
    if (how === 'ignored') assert.equal(e.other_is_null(), 0);
  }
});

test('`ref.func` in an object of 64 bits', async (t) => {
  if (missing22) return t.skip(missing22);
  const linked = path.join(folder, 'wide_ref_func.wasm');
  const args = ['-mwasm64', '--no-entry', path.join(folder, 'wide_ref_func.o'), '-o', linked];
  const outcome = await run('wasm-ld-22', args);
  assert.equal(outcome.code, 0, outcome.stderr);
  const script = `
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
    console.log(new WebAssembly.Instance(module).exports.g());`;
  assert.equal((await run(newerNode, ['-e', script, linked])).stdout, '0\n');
});

test('of a group that two units have, one is linked', async () => {
  const e = await instance(read('comdats.wasm'));
  assert.deepEqual([e.from_a(), e.from_b()], [11, 11]);
  const both = path.join(folder, 'comdats_both.wasm');
  const files = ['comdats_a.o', 'comdats_b.o'].map((name) => path.join(folder, name));
  const outcome = await run('wasm-ld-19', ['--no-entry', ...files, '-o', both]);
  assert.equal(outcome.code, 0, outcome.stderr);
  const f = await instance(readFileSync(both));
  assert.deepEqual([f.from_a(), f.from_b()], [11, 11]);
});

test('a program walks over a collection', async () => {
  const e = await instance(read('collections.wasm'));
  assert.deepEqual([e.bytes(), e.first()], [20, 0x11111101]);
});

test('what random edits leave behind is valid', async () => {
  for (let round = 0; round < 150; round += 10) {
    const file = `edits${round}.wasm`;
    assert.equal(await validate(read(file)), '', file);
  }
});

// Extended constants need a newer engine than Node 18 has.
const checkGlobals = (/** @type {string} */ file, /** @type {number} */ memory, /** @type {number} */ table) => {
  const place = {
    memory: new WebAssembly.Memory({ initial: 1 }),
    __indirect_function_table: new WebAssembly.Table({ initial: 8, element: 'anyfunc' }),
    __memory_base: memory,
    __table_base: table,
  };
  const module = new WebAssembly.Module(process.getBuiltinModule('fs').readFileSync(file));
  const e = /** @type {any} */ (new WebAssembly.Instance(module, { env: { outside: 5, ...place } }).exports);
  const data = memory + e.data.value;
  const found = [
    e.address.value,
    e.copy.value,
    e.sum.value,
    Number(e.wide.value),
    e.reference.value(),
    e.nothing.value,
  ];
  found.push(e.lane0(), e.lane1(), e.lane2(), e.lane3(), e.letter(), e.call_slot());
  const wanted = [data + 4, 5, 15 + data, -12, 11, null, 1, 2, 3, -0x80000000, 'd'.charCodeAt(0), 11];
  if (table) found.push(e.slot.value);
  if (table) wanted.push(table);
  if (JSON.stringify(found) !== JSON.stringify(wanted)) throw new Error(`${found}, not ${wanted}`);
};

test('initial values of globals', async () => {
  for (const [name, memory, table] of /** @type {const} */ ([
    ['globals.wasm', 0, 0],
    ['globals_small.wasm', 0, 0],
    ['globals_library.wasm', 4096, 3],
  ])) {
    assert.equal(await validate(read(name)), '', name);
    const script = `(${checkGlobals})(${JSON.stringify(path.join(folder, name))}, ${memory}, ${table})`;
    const outcome = await run(newerNode, ['-e', script]);
    assert.equal(outcome.code, 0, `${name}: ${outcome.stderr}`);
  }
});

test('initial elements of tables', async () => {
  const e = await instance(read('elements.wasm'));
  const slots = Array.from({ length: 8 }, (_, i) => e.table.get(i)?.() ?? null);
  assert.deepEqual(slots, [null, 11, null, 22, 33, null, 11, null]);
  assert.deepEqual([e.call(1), e.call(3), e.call(4)], [11, 22, 33]);
  e.fill();
  assert.equal(e.call(0), 22);
});

test('exports under several names', async () => {
  assert.equal(await validate(read('exports.wasm')), '');
  const of = (/** @type {string} */ name) =>
    WebAssembly.Module.exports(new WebAssembly.Module(read(name))).map(({ name, kind }) => `${kind} ${name}`);
  const kinds = { f: 'function', data: 'global', global: 'global', table: 'table', tag: 'tag' };
  const all = Object.entries(kinds).flatMap(([name, kind]) =>
    [name, `y${name}`, `z${name}`].map((n) => `${kind} ${n}`),
  );
  assert.deepEqual(of('exports.wasm'), ['memory memory', ...all]);
  const e = await instance(read('exports_of_command.wasm'));
  assert.deepEqual([e.f(), e.x(), e.y(), e.z()], [1, 1, 1, 1]);
});

test('wasm-ld exports what -r makes of a unit under the name that the unit says', async () => {
  const { x, data } = await linkedByWasmLd('exports.o');
  assert.deepEqual([x(), typeof data.value], [1, 'number']);
});

for (const linker of ['wasm-ld-19', 'wasm-ld-22'])
  test(`an object with table slots is linked by ${linker}`, async (t) => {
    if (linker === 'wasm-ld-22' && missing22) return t.skip(missing22);
    const out = path.join(folder, 'slots_by_wasm_ld.wasm');
    const outcome = await run(linker, ['--no-entry', path.join(folder, 'slots.o'), '-o', out]);
    assert.equal(outcome.code, 0, outcome.stderr);
    const e = await instance(readFileSync(out));
    assert.deepEqual([e.seven(), e.is_null()], [7, 0]);
  });

/**
 * Runs a function on the exports of a module in an engine that knows garbage-collected types, several memories and tables
 * of 64 bits. What it returns is compared.
 *
 * @param {string} name
 * @param {(e: any, imports: any) => unknown} look
 * @param {unknown} wanted
 * @param {string} [makeImports]
 */
async function inNewerNode(name, look, wanted, makeImports = '{}') {
  const script = `
    const imports = ${makeImports};
    const module = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));
    const e = new WebAssembly.Instance(module, imports).exports;
    const shown = (_, value) => typeof value === 'bigint' ? value + 'n' : value;
    console.log(JSON.stringify((${look})(e, imports), shown));`;
  const outcome = await run(newerNode, ['-e', script, path.join(folder, name)]);
  assert.equal(outcome.code, 0, `${name}: ${outcome.stderr}`);
  assert.deepEqual(JSON.parse(outcome.stdout), wanted, name);
}

test('memories besides the memory of the linker', async () => {
  await inNewerNode(
    'memories.wasm',
    (e) => {
      e.put(5, 0x41);
      e.copy(10, 8);
      e.init(30);
      e.fill(40, 7, 2);
      const text = (/** @type {number} */ from, /** @type {number} */ size) =>
        String.fromCharCode(...new Uint8Array(e.a.buffer, from, size));
      const more = [text(10, 8), text(30, 7), text(40, 2), e.get(38), e.get(5)];
      const sizes = [e.size(), e.grow(2), e.size(), e.grow(9), e.a === e.other, e.memory !== e.a, e.linkers_size()];
      return [...more, ...sizes, e.wide()];
    },
    ['from the', 'passive', '\x07\x07', 7, 0x41, 1, 1, 3, -1, true, true, 2, '93n'],
  );
  await inNewerNode('memories_shared.wasm', (e) => (e.write(77), e.read()), 77);
  await inNewerNode(
    'memories_imported.wasm',
    (e, imports) => {
      new Uint8Array(imports.outside.bytes.buffer)[3] = 100;
      return e.read();
    },
    100 + 'f'.charCodeAt(0),
    `{ env: { memory: new WebAssembly.Memory({ initial: 2 }) }, outside: { bytes: new WebAssembly.Memory({ initial: 1 }) } }`,
  );
  const { stdout, code } = await run('wasm-validate', [
    '--enable-multi-memory',
    '--enable-memory64',
    path.join(folder, 'memories.wasm'),
  ]);
  assert.equal(code, 0, stdout);
});

test('tables with indices of 64 bits', async () => {
  await inNewerNode('table64.wasm', (e) => [e.call(2n), e.grow(), e.table.get(4n)()], [11, '5n', 11]);
});

test('references to functions of a type', async () => {
  for (const name of ['typed_functions.wasm', 'typed_functions_small.wasm'])
    await inNewerNode(
      name,
      (e) => {
        const trap = (/** @type {() => unknown} */ f) => {
          try {
            return f();
          } catch (error) {
            return /** @type {Error} */ (error).constructor.name;
          }
        };
        const applied = [e.apply(1, 0, 5, 3), e.apply(0, 1, 5, 3), e.apply(0, 0, 5, 3)];
        const sure = [e.apply_sure(1, 0, 5, 3), trap(() => e.apply_sure(0, 0, 5, 3))];
        const slots = [e.from_table(0, 9, 2), e.from_table(2, 9, 2), trap(() => e.from_table(1, 9, 2))];
        return [...applied, ...sure, e.is_there(1, 0), e.is_there(0, 0), ...slots, e.by_global(4, 3)];
      },
      [8, 2, -1, 8, 'RuntimeError', 1, 0, 7, 11, 'RuntimeError', 1],
    );
});

test('structs and arrays', async () => {
  for (const name of ['structs.wasm', 'structs_small.wasm'])
    await inNewerNode(
      name,
      (e) => {
        const letters = [0, 1, 2, 3, 4].map((i) => String.fromCharCode(e.letter(i) & 0xff)).join('');
        const outside = e.to_outside(7);
        return [
          e.sum_to(10),
          e.areas(),
          e.tests(),
          letters,
          e.letter(0) >> 8,
          e.call_element(),
          e.number_of(-5),
          outside,
          e.same(outside, 7),
        ];
      },
      [55, 6.5, 0b0011, 'xx4xx', 5, 4, -5, 7, 1],
    );
});

test('what edits of functions with types give is valid', async () => {
  const names = readdirSync(folder).filter((name) => name.startsWith('typed_edits_'));
  assert.ok(names.length >= 20);
  for (const name of names) await inNewerNode(name, (e) => [e.f0(), e.bytes.buffer.byteLength], [null, 65536]);
});

test('types of units are the same in other units, and in globals', async () => {
  await inNewerNode('types_of_units.wasm', (e) => e.read(), 5);
  await inNewerNode('types_collected.wasm', (e) => [e.is_null(), e.global.value], [1, null]);
  await inNewerNode('allocated_globals.wasm', (e) => [e.is_last(), e.mixed()], [1, 24]);
});
test('late data lists what is alive, in what wasm-ld makes of an object too', async () => {
  const names = (/** @type {any} */ e) => {
    const view = new DataView(e.memory.buffer);
    const at = e.run();
    return Array.from({ length: view.getUint32(at, true) }, (_, i) => {
      const name = view.getUint32(at + 4 + 4 * i, true);
      return new TextDecoder().decode(new Uint8Array(e.memory.buffer, name, 9));
    });
  };
  assert.deepEqual(names(await instance(read('late.wasm'))), ['error.one', 'error.thr']);
  // In an object everything is alive.
  assert.deepEqual(names(await linkedByWasmLd('late.o')), ['error.one', 'error.two', 'error.thr']);
});

/**
 * What the section `everything` of the unit tests says, against the rest of the module. wasm-ld writes 0 for types that only custom
 * sections name.
 *
 * @param {Uint8Array} bytes
 * @param {boolean} keepsTypes
 */
function checkSections(bytes, keepsTypes) {
  const module = new Module(bytes);
  const content = module.payload('everything') ?? new Uint8Array();
  assert.equal(content.length, 64);
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const word = (/** @type {number} */ at) => view.getUint32(at, true);
  const leb = (/** @type {number} */ at) => {
    assert.ok([0, 1, 2, 3].every((i) => (content[at + i] ?? 0) & 0x80) && !((content[at + 4] ?? 0) & 0x80));
    return new Cursor(content, at).uleb();
  };
  const indexOf = (/** @type {string} */ name) => module.exports.find((e) => e.name === name)?.index;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(/** @type {any} */ (bytes)), {
    env: { imported() {} },
  });
  const e = /** @type {any} */ (instance.exports);
  assert.deepEqual([word(0), leb(4)], [e.data.value + 4, e.data.value + 5]);
  assert.deepEqual(
    [word(9), leb(13)],
    [indexOf('f'), module.importsOf('function').findIndex((i) => i.name === 'imported')],
  );
  const body = module.bodies.find(({ index }) => index === indexOf('f'));
  assert.equal(word(18), (body?.start ?? 0) - (module.open('CODE')?.at ?? 0) + 3);
  assert.equal(word(22), 2);
  if (keepsTypes) assert.equal(module.types[leb(26)], '(i64, i64, i64) -> i32');
  assert.deepEqual([word(31), leb(35), leb(40), leb(45)], ['global', 'global', 'tag', 'table'].map(indexOf));
  assert.equal(e.__indirect_function_table.get(word(50)), e.first);
  assert.equal(e.f(), word(50));
  assert.equal(word(54), 0); // a function that nothing needs
  assert.deepEqual([...content.subarray(58)], Array(6).fill(0xee));
}

test('custom sections name what is in the module', () => {
  for (const name of ['sections', 'sections_with_relocations', 'sections_of_object'])
    checkSections(read(`${name}.wasm`), true);
});

for (const linker of ['wasm-ld-19', 'wasm-ld-22'])
  test(`custom sections of an object are linked by ${linker}`, async (t) => {
    if (linker === 'wasm-ld-22' && missing22) return t.skip(missing22);
    const out = path.join(folder, 'sections_by_wasm_ld.wasm');
    // wasm-ld 19 takes every global that is exported for a mutable one.
    const args = ['--no-entry', '--export-table', '--no-check-features', path.join(folder, 'sections.o'), '-o', out];
    const outcome = await run(linker, args);
    assert.equal(outcome.code, 0, outcome.stderr);
    checkSections(readFileSync(out), false);
  });

test('what the public face in C++ makes', async () => {
  const look = (/** @type {any} */ e) => [e.sum(), e.letters(1), e.slots()];
  await inNewerNode('face.wasm', look, [21, ('d'.charCodeAt(0) << 8) | 'c'.charCodeAt(0) | 0x10000, 3]);
});

test('functions that call each other', async () => {
  const e = await instance(read('calls.wasm'));
  assert.deepEqual([e.even(10), e.even(7), e.odd(7)], [1, 0, 1]);
});

test('code copies from passive segments', async () => {
  for (const name of ['passive.wasm', 'passive_small.wasm', 'passive_shared.wasm']) {
    const e = await instance(read(name));
    assert.equal(e.load(2, 4), 0x66656463, name);
    assert.equal(e.load_more(0, 4), 0x44434241, name);
    assert.equal(e.read_word(), 0x64726f77, name);
    assert.throws(() => e.load(6, 4), WebAssembly.RuntimeError);
    e.drop();
    assert.throws(() => e.load(0, 1), WebAssembly.RuntimeError);
    assert.equal(e.load_more(4, 4), 0x48474645, name);
    assert.deepEqual([e.call_element(1), e.call_element(2)], [4, 3]);
    e.drop_elements();
    assert.throws(() => e.call_element(1), WebAssembly.RuntimeError);
  }
});
