// @ts-check
// The types of instructions are those of opcodes.def.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { instructionTypes, readInstructions, typesPath } from '../../core/unit/instruction_types.mjs';

test('instruction_types.ts is up to date', () => {
  assert.ok(readInstructions().length > 500);
  assert.equal(readFileSync(typesPath, 'utf8'), instructionTypes(), 'run node core/unit/instruction_types.mjs');
});
