// What a unit is made of, as js/native/unit_module.cpp and core/unit/read_unit.cpp write it.
import type { CodeArrays, DataOptions, Fixup, SymbolInfo, ValueType } from './types.js';
import type { SymbolKind, UnitSymbol } from './unit_symbol.js';
import { valueTypeOf } from './operands.js';

/** Makes a symbol of a number. */
type MakeSymbol = (kind: SymbolKind, id: number, name: string) => UnitSymbol;

interface WrittenSymbol extends Omit<SymbolInfo, 'symbol' | 'target' | 'import'> {
  id: number;
  name: string;
  target?: number;
  import?: [string, string];
}

/** `symbolOf`: of a number that another symbol names. */
export function symbolInfo(written: WrittenSymbol, make: MakeSymbol, symbolOf: (id: number) => UnitSymbol): SymbolInfo {
  const { id, name, target, import: imported, ...info } = written;
  return {
    symbol: make(info.kind, id, name),
    ...info,
    ...(target !== undefined ? { target: symbolOf(target) } : {}),
    ...(imported ? { import: { module: imported[0], name: imported[1] } } : {}),
  };
}

/** The code of a function, and the types of its locals. */
export interface FunctionContent extends CodeArrays {
  locals: ValueType[];
}

export interface DataContent extends Pick<DataOptions, 'readOnly' | 'strings' | 'threadLocal' | 'keep'> {
  bytes: Uint8Array;
  align: number;
  fixups: Fixup[];
  /** The name of the segment. */
  section: string;
}

/** `take` copies what the core has put into its scratch memory. */
export function functionContent(text: string, take: (size: number) => Uint8Array): FunctionContent {
  const { instructions, extra, locals } = JSON.parse(text) as { instructions: number; extra: number; locals: number };
  const bytes = take(6 * instructions + 4 * extra + locals);
  let at = 0;
  const next = (size: number) => bytes.slice(at, (at += size)).buffer;
  return {
    operands: new Uint32Array(next(4 * instructions)),
    extra: new Uint32Array(next(4 * extra)),
    opcodes: new Uint16Array(next(2 * instructions)),
    locals: Array.from(new Uint8Array(next(locals)), valueTypeOf),
  };
}

interface WrittenData {
  size: number;
  p2align: number;
  flags: number;
  section: string;
  fixups: { offset: number; width: 4 | 8; data?: number; function?: number; addend: string }[];
}

export function dataContent(
  text: string,
  take: (size: number) => Uint8Array,
  symbolOf: (id: number) => UnitSymbol,
): DataContent {
  const { size, p2align, flags, section, fixups } = JSON.parse(text) as WrittenData;
  return {
    bytes: take(size),
    align: 2 ** p2align,
    section,
    strings: (flags & 1) !== 0,
    threadLocal: (flags & 2) !== 0,
    keep: (flags & 4) !== 0,
    readOnly: (flags & 8) !== 0,
    fixups: fixups.map(({ offset, width, data, function: target, addend }) =>
      data === undefined
        ? { offset, width, function: symbolOf(target!) }
        : { offset, width, data: symbolOf(data), addend: Number(addend) },
    ),
  };
}
