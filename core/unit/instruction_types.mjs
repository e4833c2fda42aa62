// @ts-check
// node core/unit/instruction_types.mjs: writes js/src/instruction_types.ts, the names of the instructions as types, from
// opcodes.def.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const typesPath = fileURLToPath(new URL('../../js/src/instruction_types.ts', import.meta.url));
const listPath = fileURLToPath(new URL('../include/weld/opcodes.def', import.meta.url));

/** The rows of opcodes.def, in their order. */
export function readInstructions() {
  const rows = [];
  for (const line of readFileSync(listPath, 'utf8').split('\n')) {
    if (!line.startsWith('WELD_OP(')) continue;
    const row = /^WELD_OP\(\w+, +"([^"]+)", +(0x[0-9a-f]+), (\w+), +(\d+), (\w+)\)$/.exec(line);
    if (!row) throw new Error(`opcodes.def: ${line}`);
    rows.push({ name: row[1], code: Number(row[2]), operand: row[3], number: Number(row[4]), feature: row[5] });
  }
  return rows;
}

const intro = `// Made from core/include/weld/opcodes.def by core/unit/instruction_types.mjs: do not edit.
// biome-ignore-all format: a table

/** The names of the instructions, by the operands that they take: see \`OperandsByKind\`. */
export interface InstructionsByKind {
`;

/** The text of js/src/instruction_types.ts. */
export function instructionTypes() {
  /** @type {Map<string, string[]>} */
  const kinds = new Map();
  for (const { name, operand } of readInstructions()) {
    const names = kinds.get(operand) ?? [];
    kinds.set(operand, names);
    names.push(`'${name}'`);
  }
  let text = intro;
  for (const [kind, names] of kinds) {
    let line = `  ${kind}:`;
    for (const name of names) {
      if (line.length + name.length > 116) {
        text += `${line}\n`;
        line = '   ';
      }
      line += ` | ${name}`;
    }
    text += `${line};\n`;
  }
  return `${text}}

/** The name of an instruction, in the text format. */
export type Instruction = InstructionsByKind[keyof InstructionsByKind];
`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(typesPath, instructionTypes());
