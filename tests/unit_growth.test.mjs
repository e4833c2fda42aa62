// @ts-check
// Links that leave room write other bytes than full links. Here both are run: tests/unit/unit_growth_test.cpp makes pairs of
// modules, of edits that were linked one after the other and of a full link, and every export of both gives the same.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { published } from './support/published.mjs';
import { Cursor, Module } from './support/wasm_module.mjs';

const folder = await published('UnitGrow*');

/**
 * The names of functions by their numbers, and those of parameters and locals by the names of the functions.
 * @param {Module} module
 */
function namesOf(module) {
  const section = module.open('name');
  /** @type {Map<number, string>} */
  const functions = new Map();
  /** @type {Record<string, string[]>} */
  const locals = {};
  while (section && !section.done) {
    const kind = section.u8();
    const size = section.uleb();
    const part = new Cursor(section.bytes, section.at, section.at + size);
    section.at += size;
    if (kind !== 1 && kind !== 2) continue;
    let last = -1;
    part.list(() => {
      const index = part.uleb();
      assert.ok(index > last, 'names are in the order of indices');
      last = index;
      if (kind === 1) functions.set(index, part.name());
      else locals[`${functions.get(index)}`] = part.list(() => `${part.uleb()} ${part.name()}`);
    });
    assert.ok(part.done, 'names fill their section');
  }
  return { functions, locals };
}

/**
 * What a module does and says that does not depend on where things are.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
function behaviour(bytes) {
  const module = new Module(bytes);
  const { functions, locals } = namesOf(module);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { host: (/** @type {number} */ x) => x * 3 },
  });
  const call = (/** @type {any} */ f) =>
    [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 77].map((x) => {
      try {
        return f(x);
      } catch (error) {
        return String(error); // of another signature, or a trap
      }
    });
  /** @type {Record<string, unknown>} */
  const results = {};
  const exported = module.entries(
    'EXPORT',
    (c) => /** @type {[string, number, number]} */ ([c.name(), c.u8(), c.uleb()]),
  );
  for (const [name, kind, index] of exported.sort()) {
    if (kind !== 0) continue;
    results[name] = { name: functions.get(index), results: call(exports[name]) };
  }
  /** @type {string[]} */
  const slots = [];
  const table = /** @type {WebAssembly.Table | undefined} */ (exports.__indirect_function_table);
  for (let i = 0; table && i < table.length; i++) if (table.get(i)) slots.push(JSON.stringify(call(table.get(i))));
  const probe = module.open('probe');
  const number = (/** @type {Cursor} */ from) => from.take(4).reduceRight((value, byte) => value * 256 + byte, 0);
  const constructors = [...functions.values()].filter((name) => name.startsWith('ctor_')).sort();
  return {
    results,
    locals,
    slots,
    constructors,
    // The number of a function, and an address.
    probe: probe && [
      functions.get(number(probe)),
      new Uint8Array(/** @type {any} */ (exports.memory).buffer)[number(probe)],
    ],
    // Debug information of the same functions is as long, wherever they are.
    debug: module.sections
      .filter(({ name }) => name.startsWith('.debug_'))
      .map(({ name, start, end }) => [name, end - start]),
  };
}

test('whatever was edited, the module does what that of a full link does', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.grown.wasm'));
  assert.ok(names.length > 400, `${names.length} pairs`);
  let calls = 0;
  let inTables = 0;
  let different = 0;
  for (const name of names) {
    const grown = readFileSync(path.join(folder, name));
    const full = readFileSync(path.join(folder, name.replace('.grown.', '.full.')));
    different += Number(!grown.equals(full));
    const { locals, slots, ...rest } = behaviour(grown);
    const wanted = behaviour(full);
    calls += Object.keys(wanted.results).length;
    inTables += wanted.slots.length;
    // What nothing refers to any more may still be there.
    for (const f of Object.keys(wanted.locals))
      assert.deepEqual(locals[f], wanted.locals[f], `${name}: locals of ${f}`);
    for (const slot of wanted.slots) {
      const at = slots.indexOf(slot);
      assert.ok(at >= 0, `${name}: a function that is not in the table`);
      slots.splice(at, 1);
    }
    const { locals: _, slots: __, ...others } = wanted;
    assert.deepEqual(rest, others, name);
  }
  assert.ok(calls > 5000 && inTables > names.length / 2, `${calls} exports, ${inTables} slots`);
  assert.ok(different > names.length / 2, `${different} of ${names.length} grew`);
});
