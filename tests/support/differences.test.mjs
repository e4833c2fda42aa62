// @ts-check
// Where weld differs from wasm-ld, the documentation says so, and a case asks both.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { isStep, readCase } from './case_file.mjs';
import { rootDir, testsDir } from './paths.mjs';

/** @type {Map<string, import('./case_file.mjs').Case>} */
const cases = new Map();
for (const folder of ['cases', 'strangers'])
  for (const file of readdirSync(path.join(testsDir, folder)).filter((name) => name.endsWith('.test')))
    cases.set(path.basename(file, '.test'), readCase(path.join(testsDir, folder, file)));

/** Whether a case says of wasm-ld 19 that it does something else than weld. */
function asksWasmLd(/** @type {string} */ name) {
  return cases
    .get(name)
    ?.actions.filter(isStep)
    .some(
      ({ differs, asked }) => differs.has('wasm-ld-19') || asked.some((block) => /^wasm-ld-19 /.test(block.header)),
    );
}

/**
 * The part of a document under a heading.
 *
 * @param {string} file
 * @param {string} heading
 */
function part(file, heading) {
  const [, text] = readFileSync(path.join(rootDir, file), 'utf8').split(`\n## ${heading}\n`);
  assert.ok(text, `${file} has no part "${heading}"`);
  return text.split('\n## ')[0];
}

const rows = part('core/link/README.md', 'Where weld differs from wasm-ld 19')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));
// What the command line does has a list of its own. Not all of it can be asked in a case.
const list = part('core/tool/README.md', 'Where it differs from wasm-ld 19');

/** @param {string} text */
const namesIn = (text) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);

describe('the differences from wasm-ld', () => {
  test('the table is read', () => assert.ok(rows.length > 30 && rows.every((row) => row.length === 5)));
  for (const [, theirs, , named] of rows)
    test(theirs, () => {
      const names = namesIn(named);
      assert.ok(names.length, 'the row names no case');
      for (const name of names) assert.ok(asksWasmLd(name), `no case ${name} asks wasm-ld 19`);
    });
  test('every case that asks wasm-ld is named', () => {
    const named = new Set([...rows.flatMap((row) => namesIn(row[3])), ...namesIn(list)]);
    for (const name of cases.keys()) if (asksWasmLd(name)) assert.ok(named.has(name), `no document names ${name}`);
  });
});
