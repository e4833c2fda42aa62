// @ts-check
// node web/instruction_table.mjs: writes src/inspector/instruction_table.json, the names of the instructions by their
// operands and codes, from the core's list.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const tablePath = fileURLToPath(new URL('src/inspector/instruction_table.json', import.meta.url));
const listPath = fileURLToPath(new URL('../core/include/weld/opcodes.def', import.meta.url));

/**
 * What src/inspector/instructions.ts calls the operands of the core's list that it reads alike.
 *
 * @type {Record<string, string>}
 */
const operands = {
  MemoryIndex: 'ZeroByte',
  TwoMemories: 'ZeroBytes',
  TypeAndField: 'TypeAndNumber',
  TypeAndCount: 'TypeAndNumber',
  TwoTypes: 'TypeAndNumber',
  TypeAndData: 'TypeAndNumber',
  TypeAndElements: 'TypeAndNumber',
  CastType: 'HeapType',
  BranchOnCast: 'BrOnCast',
};

/**
 * The text of instruction_table.json: for each operand, rows of a code (`prefix * 65536 + number` after a prefix), a name, and
 * for accesses of memory the natural alignment as a power of two.
 */
export function instructionTable() {
  /** @type {Record<string, [number, string, number?][]>} */
  const table = {};
  const add = (/** @type {number} */ code, /** @type {string} */ operand, /** @type {string} */ name, align = 0) => {
    // The core numbers relaxed SIMD instructions by a page of their own.
    const [page, number] = [code >> 8, code & 0xff];
    const full = page === 0xff ? 0xfd * 65536 + 0x100 + number : page * 65536 + number;
    (table[operand] ??= []).push(align > 0 && operand.startsWith('Memory') ? [full, name, align] : [full, name]);
  };
  for (const line of readFileSync(listPath, 'utf8').split('\n')) {
    const row = /^WELD_OP\(\w+, +"([^"]+)", +(0x[0-9a-f]+), (\w+), +(\d+),/.exec(line);
    // Page 1 has instructions that only units have.
    if (!row?.[1] || !row[2] || !row[3] || Number(row[2]) >> 8 === 1) continue;
    const [code, operand, name] = [Number(row[2]), operands[row[3]] ?? row[3], row[1].replace(/^select_t$/, 'select')];
    add(code, operand, name, Number(row[4]));
    // A cast whose reference may be null is the next code.
    if (operand === 'HeapType') add(code + 1, 'HeapTypeOrNull', name);
  }
  return `{\n${Object.entries(table)
    .map(([operand, rows]) => `"${operand}": ${JSON.stringify(rows)}`)
    .join(',\n')}\n}\n`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(tablePath, instructionTable());
