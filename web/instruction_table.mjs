// @ts-check
// node web/instruction_table.mjs: writes src/inspector/instruction_table.json, the names of the instructions by their
// operands and codes, from the core's list and from the proposals that only inspected modules may use.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const tablePath = fileURLToPath(new URL('src/inspector/instruction_table.json', import.meta.url));
const listPath = fileURLToPath(new URL('../core/include/weld/opcodes.def', import.meta.url));

/**
 * Instructions of garbage collection and typed references, which no object that weld links has. Operands are described in
 * src/inspector/instructions.ts.
 *
 * @type {[code: number, operand: string, names: string][]}
 */
const others = [
  [0x14, 'Type', 'call_ref return_call_ref'],
  [0xd3, 'None', 'ref.eq ref.as_non_null'],
  [0xd5, 'Label', 'br_on_null br_on_non_null'],
  [0xfb00, 'Type', 'struct.new struct.new_default'],
  [0xfb02, 'TypeAndNumber', 'struct.get struct.get_s struct.get_u struct.set'],
  [0xfb06, 'Type', 'array.new array.new_default'],
  [0xfb08, 'TypeAndNumber', 'array.new_fixed array.new_data array.new_elem'],
  [0xfb0b, 'Type', 'array.get array.get_s array.get_u array.set'],
  [0xfb0f, 'None', 'array.len'],
  [0xfb10, 'Type', 'array.fill'],
  [0xfb11, 'TypeAndNumber', 'array.copy array.init_data array.init_elem'],
  [0xfb14, 'HeapType', 'ref.test'],
  [0xfb15, 'HeapTypeOrNull', 'ref.test'],
  [0xfb16, 'HeapType', 'ref.cast'],
  [0xfb17, 'HeapTypeOrNull', 'ref.cast'],
  [0xfb18, 'BrOnCast', 'br_on_cast br_on_cast_fail'],
  [0xfb1a, 'None', 'any.convert_extern extern.convert_any ref.i31 i31.get_s i31.get_u'],
];

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
    if (row?.[1] && row[2] && row[3] && Number(row[2]) >> 8 !== 1)
      add(Number(row[2]), row[3], row[1].replace(/^select_t$/, 'select'), Number(row[4]));
  }
  for (const [code, operand, names] of others)
    for (const [i, name] of names.split(' ').entries()) add(code + i, operand, name);
  return `{\n${Object.entries(table)
    .map(([operand, rows]) => `"${operand}": ${JSON.stringify(rows)}`)
    .join(',\n')}\n}\n`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(tablePath, instructionTable());
