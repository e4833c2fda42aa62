// @ts-check
// The types of instructions, and the page's table of them, are those of opcodes.def.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { instructionTypes, readInstructions, typesPath } from '../../core/unit/instruction_types.mjs';
import { instructionTable, tablePath } from '../../web/instruction_table.mjs';

test('instruction_types.ts is up to date', () => {
  assert.ok(readInstructions().length > 500);
  assert.equal(readFileSync(typesPath, 'utf8'), instructionTypes(), 'run node core/unit/instruction_types.mjs');
});

test('instruction_table.json of the page is up to date', () => {
  assert.equal(readFileSync(tablePath, 'utf8'), instructionTable(), 'run node web/instruction_table.mjs');
  const names = new Set(
    Object.values(JSON.parse(instructionTable())).flatMap((rows) =>
      rows.map((/** @type {[number, string]} */ [, name]) => name),
    ),
  );
  for (const { name, code } of readInstructions())
    if (code >> 8 !== 1) assert.ok(names.has(name ?? '') || name === 'select_t', name);
});
