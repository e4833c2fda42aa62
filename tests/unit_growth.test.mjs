// @ts-check
// Links that leave room write other bytes than full links. Here both are run: tests/unit/unit_growth_test.cpp makes pairs of
// modules, of edits that were linked one after the other and of a full link, and every export of both gives the same.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { rootDir } from './support/paths.mjs';
import { run } from './support/processes.mjs';
import { Cursor, Module } from './support/wasm_module.mjs';

const program = process.env.WELD_UNIT_TESTS ?? path.join(rootDir, 'build/native/weld_tests');
const folder = mkdtempSync(path.join(tmpdir(), 'weld-growth-'));

before(async () => {
  const env = { ...process.env, WELD_TEST_OUTPUT: folder };
  const outcome = await run(program, ['--gtest_filter=UnitGrow*'], { env });
  assert.equal(outcome.code, 0, outcome.stdout);
});
after(() => rmSync(folder, { recursive: true }));

/**
 * The names that the section of names gives to exported functions.
 * @param {Uint8Array} bytes
 */
function functionNames(bytes) {
  const module = new Module(bytes);
  const section = module.open('name');
  /** @type {Map<number, string>} */
  const names = new Map();
  while (section && !section.done) {
    const kind = section.u8();
    const size = section.uleb();
    const part = new Cursor(section.bytes, section.at, section.at + size);
    section.at += size;
    if (kind !== 1) continue;
    let last = -1;
    part.list(() => {
      const index = part.uleb();
      assert.ok(index > last, 'names are in the order of indices');
      last = index;
      names.set(index, part.name());
    });
    assert.ok(part.done, 'names fill their section');
  }
  const exported = module.entries('EXPORT', (c) => [c.name(), c.u8(), c.uleb()]);
  return Object.fromEntries(exported.filter(([, kind]) => kind === 0).map(([name, , index]) => [name, names.get(Number(index))]).sort());
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
function behaviour(bytes) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const results = Object.entries(exports)
    .filter(([, value]) => typeof value === 'function')
    .map(([name, call]) => [name, [0, 1, 77].map((x) => /** @type {any} */ (call)(x))]);
  return Object.fromEntries(results.sort());
}

test('whatever was edited, the module does what that of a full link does', () => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.grown.wasm'));
  assert.ok(names.length > 500, `${names.length} pairs`);
  let calls = 0;
  for (const name of names) {
    const grown = readFileSync(path.join(folder, name));
    const full = readFileSync(path.join(folder, name.replace('.grown.', '.full.')));
    const wanted = behaviour(full);
    assert.deepEqual(behaviour(grown), wanted, name);
    assert.deepEqual(functionNames(grown), functionNames(full), name);
    calls += Object.keys(wanted).length;
  }
  assert.ok(calls > 1000, `${calls} exports`);
});
