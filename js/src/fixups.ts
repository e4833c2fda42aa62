// Places in data and in custom sections that the linker fills.
import { checkKeys, integer, misfit } from './check.js';
import { addend, symbolId, typeId } from './operands.js';
import type { Fixup, SectionFixup } from './types.js';
import { type Owner, type SymbolKind, type UnitSymbol, UnitType } from './unit_symbol.js';

/** A kind of fixup: its number in core/unit/unit.h, what it names, how many bytes it can have, the usual number first. */
interface FixupKind {
  number: number;
  symbol?: SymbolKind;
  hasAddend?: boolean;
  widths: readonly number[];
  widths64?: readonly number[];
}
const kinds: Record<string, FixupKind> = {
  data: { number: 0, symbol: 'data', hasAddend: true, widths: [4, 5], widths64: [4, 8, 5, 10] },
  function: { number: 1, symbol: 'function', widths: [4], widths64: [4, 8] },
  functionIndex: { number: 2, symbol: 'function', widths: [4, 5] },
  functionOffset: { number: 3, symbol: 'function', hasAddend: true, widths: [4], widths64: [4, 8] },
  section: { number: 4, symbol: 'section', hasAddend: true, widths: [4] },
  type: { number: 5, widths: [5] },
  global: { number: 6, symbol: 'global', widths: [4, 5] },
  tag: { number: 7, symbol: 'tag', widths: [5] },
  table: { number: 8, symbol: 'table', widths: [5] },
};
const ofSections = Object.keys(kinds);
const ofData = ['data', 'function'];

const listOf = (names: readonly string[], between: string) => names.map((name) => `\`${name}\``).join(between);

/** Five words for each fixup of content of this size, as js/native/unit_module.cpp reads them. */
export function fixupRows(
  of: string,
  fixups: readonly unknown[],
  size: number,
  unit: Owner,
  inSection = false,
): Uint32Array {
  return Uint32Array.from(fixups.flatMap((fixup, i) => fixupRow(`${of}: fixup ${i}`, fixup, size, unit, inSection)));
}

function fixupRow(of: string, fixup: unknown, size: number, unit: Owner, inSection: boolean): number[] {
  const known = inSection ? ofSections : ofData;
  checkKeys(fixup, 'a fixup', ['offset', 'width', 'addend', ...known]);
  const given = fixup as Record<string, unknown>;
  const [name, ...others] = known.filter((key) => given[key] !== undefined);
  const kind = name === undefined ? undefined : kinds[name];
  if (!name || !kind || others.length > 0)
    throw new TypeError(`${of} must have ${inSection ? 'one of ' : ''}${listOf(known, inSection ? ', ' : ' or ')}`);
  const widths = inSection ? (unit.memory64 && kind.widths64) || kind.widths : [4, 8];
  const { offset, width = widths[0], addend: added } = given;
  if (!widths.includes(width as number)) throw misfit(of, '`width`', width, widths.join(' or '));
  const bytes = width as number;
  if (size < bytes) throw new RangeError(`${of}: there is no room for ${bytes} bytes in ${size}`);
  const at = integer(of, '`offset`', offset, 0, size - bytes);
  if (added !== undefined && !kind.hasAddend)
    throw new TypeError(`${of}: ${inSection ? `\`${name}\` has no` : 'only `data` has an'} \`addend\``);
  const what = `\`${name}\``;
  const id = kind.symbol ? symbolId(of, what, given[name], unit, [kind.symbol]) : typeId(of, what, given[name], unit);
  return [bytes * 256 + kind.number, at, id, ...(kind.hasAddend ? addend(of, '`addend`', added, unit) : [0, 0])];
}

/** A fixup as core/unit/read_unit.cpp writes it. */
export type WrittenFixup = { offset: number; width: number; addend: string } & Record<string, number | string>;

/** A fixup as `fixupRows` takes it. */
export function fixupOf(
  { offset, width, addend: added, ...target }: WrittenFixup,
  symbolOf: (id: number) => UnitSymbol,
  typeOf: (id: number) => UnitType,
): Fixup | SectionFixup {
  const [[name, id] = ['', 0]] = Object.entries(target) as [string, number][];
  const named = name === 'type' ? typeOf(id) : symbolOf(id);
  return {
    offset,
    width,
    [name]: named,
    ...(kinds[name]?.hasAddend ? { addend: Number.isSafeInteger(Number(added)) ? Number(added) : BigInt(added) } : {}),
  } as unknown as SectionFixup;
}
