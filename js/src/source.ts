// Lines and variables of a unit's functions, as the core reads them.
import { array, checkKeys, integer, misfit, suggestion, text } from './check.js';
import type { CodeLine, LocalVariable, SourceEncoding } from './types.js';

const none = 0xffffffff;

// Numbers of core/unit/source.h.
// biome-ignore format: a table
const encodings: Record<SourceEncoding, number> = {
  address: 1, boolean: 2, float: 4, signed: 5, signedChar: 6, unsigned: 7, unsignedChar: 8, utf: 16,
};

export function sourceEncoding(encoding: SourceEncoding): number {
  const known = Object.keys(encodings);
  if (!known.includes(encoding))
    throw new TypeError(`\`encoding\` must be ${known.join(', ')}${suggestion(String(encoding), known)}`);
  return encodings[encoding];
}

const number = (of: string, what: string, value: unknown) => integer(of, `\`${what}\``, value, 0, none);

/** Where a function is declared. */
export function declaration(of: string, { line = 0, file = 0 }: { line?: number; file?: number }) {
  return { line: number(of, 'line', line), file: number(of, 'file', file) };
}

/** Rows of four numbers. */
export function lineRows(of: string, lines: Uint32Array | readonly CodeLine[]): Uint32Array {
  if (lines instanceof Uint32Array) {
    if (lines.length % 4) throw misfit(of, '`lines`', lines, 'four numbers for each place');
    return lines;
  }
  const rows = array(of, '`lines`', lines).map((row, i) => {
    checkKeys(row, 'a line', ['instruction', 'line', 'column', 'file']);
    const { instruction, line, column = 0, file = 0 } = row as CodeLine;
    const where = `${of}: line ${i}`;
    return [
      number(where, 'instruction', instruction),
      number(where, 'file', file),
      number(where, 'line', line),
      number(where, 'column', column),
    ];
  });
  return Uint32Array.from(rows.flat());
}

/** Five numbers for each variable, and all names. */
export function variableRows(of: string, variables: readonly LocalVariable[]) {
  const encoder = new TextEncoder();
  const names: number[] = [];
  const numbers = array(of, '`variables`', variables).map((variable, i) => {
    checkKeys(variable, 'a variable', ['name', 'local', 'type', 'begin', 'end']);
    const { name, local, type = none, begin = 0, end = none } = variable as LocalVariable;
    const where = `${of}: variable ${i}`;
    const bytes = encoder.encode(text(where, 'the name', name));
    names.push(...bytes);
    return [
      bytes.length,
      number(where, 'local', local),
      number(where, 'type', type),
      number(where, 'begin', begin),
      number(where, 'end', end),
    ];
  });
  return { numbers: Uint32Array.from(numbers.flat()), names: Uint8Array.from(names) };
}
