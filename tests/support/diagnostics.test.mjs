// @ts-check
// diagnostics.def, explanations.md and what is made of them agree; every id is explained, and each of weld's own is
// shown by a case or a malformed input.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  diagnosticsPage,
  diagnosticTypes,
  pagePath,
  readDiagnostics,
  readExplanations,
  typesPath,
} from '../../core/base/diagnostics_page.mjs';
import { testsDir } from './paths.mjs';

const remake = 'run node core/base/diagnostics_page.mjs';
const rows = readDiagnostics();

describe('the table of diagnostics', () => {
  test('docs/diagnostics.md is up to date', () => {
    assert.equal(readFileSync(pagePath, 'utf8'), diagnosticsPage(), remake);
  });
  test('diagnostic_ids.ts is up to date', () => {
    assert.equal(readFileSync(typesPath, 'utf8'), diagnosticTypes(), remake);
  });
  test('every row is read', () => {
    const text = readFileSync(new URL('../../core/base/diagnostics.def', import.meta.url), 'utf8');
    assert.equal(rows.length, text.match(/^WELD_(OWN_)?DIAGNOSTIC\(/gm)?.length);
  });
  test('every id is explained, in the order of the table', () => {
    assert.deepEqual([...readExplanations().keys()], [...new Set(rows.map(({ code }) => code))]);
  });
  test("a case shows each of weld's own", () => {
    const folder = path.join(testsDir, 'cases');
    const cases = readdirSync(folder)
      .map((name) => readFileSync(path.join(folder, name), 'utf8'))
      .join('');
    for (const { code, text, isOwn } of rows) {
      if (!isOwn) continue;
      // What stands between the arguments is in some expected text.
      const [, words] = text
        .split('\n')[0]
        .split(/`?\$\d`?/)
        .reduce(([n, best], part) => (part.length > n ? [part.length, part] : [n, best]), [0, '']);
      assert.ok(cases.includes(/** @type {string} */ (words).trim()), `no case shows ${code}`);
    }
  });
});
