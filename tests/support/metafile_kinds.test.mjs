// @ts-check
// The names that a metafile uses are written down twice: where the linker and its reports are made from
// (core/base/metafile_kinds.def), and in the types of the package. Here they are compared.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rootDir } from './paths.mjs';

const kinds = readFileSync(path.join(rootDir, 'core/base/metafile_kinds.def'), 'utf8');
const types = readFileSync(path.join(rootDir, 'js/src/report_types.ts'), 'utf8');

/** @param {string} macro */
function namesOf(macro) {
  return [...kinds.matchAll(new RegExp(`^${macro}\\(\\w+, "([^"]+)"\\)`, 'gm'))].map(([, name]) => name);
}

/** @param {string} type */
function membersOf(type) {
  const body = new RegExp(`export type ${type} =([^;]*);`).exec(types)?.[1] ?? '';
  return [...body.matchAll(/'([^']+)'/g)].map(([, name]) => name);
}

test('kinds of items', () => {
  assert.ok(namesOf('WELD_ITEM_KIND').length > 5);
  assert.deepEqual(membersOf('ReportKind'), namesOf('WELD_ITEM_KIND'));
});

test('reasons for roots', () => {
  // Reports have some more, for what nothing keeps alive.
  const ofReports = ['custom-section', 'format', 'no-gc-sections'];
  assert.deepEqual(membersOf('RootReason'), [...namesOf('WELD_ROOT_REASON'), ...ofReports]);
});
