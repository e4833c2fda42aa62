// The memory in which arrays are handed to the core and back.
import type { LinkerModule } from './linker_module.js';

export type NumberArray = Uint8Array | Uint16Array | Uint32Array;

/** Lays arrays one after the other where the core reads them: those of words first, then those of halves, then bytes. */
export function put(core: LinkerModule, arrays: readonly NumberArray[]): void {
  let size = 0;
  for (const array of arrays) size += array.byteLength;
  let at = core.scratch(size);
  const { bytes, halves, words } = core.views;
  for (const array of arrays) {
    if (array.length === 0) continue;
    if (at % array.BYTES_PER_ELEMENT) throw new RangeError('an array is not where the core reads it');
    if (array instanceof Uint32Array) words.set(array, at >>> 2);
    else if (array instanceof Uint16Array) halves.set(array, at >>> 1);
    else bytes.set(array, at);
    at += array.byteLength;
  }
}

/** The arrays of a function. */
export interface FunctionArrays {
  operands: Uint32Array;
  extra: Uint32Array;
  rows: Uint32Array;
  numbers: Uint32Array;
  types: Uint32Array;
  opcodes: Uint16Array;
  names: Uint8Array;
}

/** As `put`, of a function: a compiler does this for each. */
export function putFunction(core: LinkerModule, arrays: FunctionArrays): void {
  const { operands, extra, rows, numbers, types, opcodes, names } = arrays;
  const wordCount = operands.length + extra.length + rows.length + numbers.length + types.length;
  const begin = core.scratch(4 * wordCount + 2 * opcodes.length + names.length);
  const { bytes, halves, words } = core.views;
  let at = begin >>> 2;
  at = copied(operands, words, at);
  at = copied(extra, words, at);
  at = copied(rows, words, at);
  at = copied(numbers, words, at);
  at = copied(types, words, at);
  at = copied(opcodes, halves, 2 * at);
  if (names.length > 0) bytes.set(names, 2 * at);
}

/** Where the next one goes. A few numbers are copied faster one by one. */
function copied<T extends Uint16Array | Uint32Array>(from: T, to: T, at: number): number {
  const { length } = from;
  if (length < 64) for (let i = 0; i < length; i++) to[at + i] = from[i]!;
  else to.set(from, at);
  return at + length;
}

/** A copy of what the core has laid there. */
export function take(core: LinkerModule, size: number): Uint8Array {
  const at = core.scratch(0);
  return core.HEAPU8.slice(at, at + size);
}
