// Types and limits that a unit is given, as the numbers that the core reads.
import { array, checkKeys, flag, integer, misfit } from './check.js';
import { fieldType, typeId, valueType } from './operands.js';
import type { Owner } from './unit_symbol.js';

const kinds = { params: 0, struct: 1, array: 2 } as const;
const none = 0xffffffff;
/** What engines take. */
const mostTypes = 1000;
const mostFields = 10_000;
/** As in core/wasm/format.h: the number of a type counts in the group that is being defined. */
export const inGroup = 0x20000000;

/** `most`: by default what engines take as parameters and as results. */
export function valueTypes(of: string, what: string, types: unknown, unit: Owner, most = mostTypes): Uint32Array {
  return Uint32Array.from(array(of, what, types, most), (type, i) =>
    valueType(of, `number ${i} of ${what}`, type, unit),
  );
}

/** A type of a group, as js/native/unit_module.cpp reads it. */
export function typeWords(of: string, definition: unknown, unit: Owner): number[] {
  const isObject = typeof definition === 'object' && definition !== null;
  const kind = isObject && (['struct', 'array', 'params'] as const).find((key) => key in definition);
  if (!kind) throw misfit(of, 'the definition', definition, '{ struct }, { array } or { params, results }');
  checkKeys(definition, of, [kind, ...(kind === 'params' ? ['results'] : []), 'super', 'final']);
  const { results, super: above, final = true, ...rest } = definition as Record<string, unknown>;
  const given = kind === 'array' ? [rest[kind]] : array(of, `\`${kind}\``, rest[kind], mostFields);
  const fields = given.flatMap((field, i) =>
    kind === 'params' ? [valueType(of, `parameter ${i}`, field, unit), 0] : fieldType(of, `field ${i}`, field, unit),
  );
  const values = kind === 'params' ? array(of, '`results`', results, mostTypes) : [];
  const number = above === undefined ? none : typeId(of, '`super`', above, unit);
  const head = [kinds[kind], flag(of, '`final`', final) ? 1 : 0, number, given.length, values.length];
  return [...head, ...fields, ...values.map((result, i) => valueType(of, `result ${i}`, result, unit))];
}

/** Of a table or memory. `most`: of both sizes. */
export interface Limits {
  is64: boolean;
  shared?: boolean;
  minimum: number;
  maximum: number | undefined;
  most: number;
}

/** The flags of the format, the minimum, the maximum or -1. */
export function limitNumbers(of: string, limits: Limits): [flags: number, minimum: number, maximum: number] {
  const { is64, shared = false, minimum, maximum, most } = limits;
  integer(of, 'the minimum', minimum, 0, most);
  if (maximum !== undefined) integer(of, 'the maximum', maximum, minimum, most);
  return [(is64 ? 4 : 0) | (shared ? 2 : 0), minimum, maximum ?? -1];
}

/** Of types that are names; their lists are checked when they are first used. */
export function typeKey(params: readonly unknown[], results: readonly unknown[]): string | undefined {
  if (!Array.isArray(params) || !Array.isArray(results)) return undefined;
  let key = `${params.length} ${results.length}`;
  for (const type of params) {
    if (typeof type !== 'string') return undefined;
    key += ` ${type}`;
  }
  key += ':';
  for (const type of results) {
    if (typeof type !== 'string') return undefined;
    key += ` ${type}`;
  }
  return key;
}
