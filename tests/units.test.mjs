// @ts-check
// Modules that the unit tests make of units (tests/unit/unit_test.cpp): validators take them, a disassembler sees the
// instructions that were meant, wasm-ld links the objects, and everything runs as it should.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { newerNode, rootDir } from './support/paths.mjs';
import { run } from './support/processes.mjs';
import { validate } from './support/validate.mjs';

const program = process.env.WELD_UNIT_TESTS ?? path.join(rootDir, 'build/native/weld_tests');
const folder = mkdtempSync(path.join(tmpdir(), 'weld-units-'));
const read = (/** @type {string} */ name) => readFileSync(path.join(folder, name));

before(async () => {
  const env = { ...process.env, WELD_TEST_OUTPUT: folder };
  const outcome = await run(program, ['--gtest_filter=*Unit*'], { env });
  assert.equal(outcome.code, 0, outcome.stdout);
});
after(() => rmSync(folder, { recursive: true }));

for (const name of ['every_instruction', 'every_instruction_legacy'].flatMap((kind) => [`${kind}.wasm`, `${kind}.o`]))
  test(`${name} is valid`, async () => {
    const script = 'new WebAssembly.Module(require("fs").readFileSync(process.argv[1]))';
    const outcome = await run(newerNode, ['-e', script, path.join(folder, name)]);
    assert.equal(outcome.code, 0, outcome.stderr);
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
  const imports = { outside: { plus_ten: (/** @type {number} */ x) => x + 10 } };
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
