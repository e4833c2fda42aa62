// What a unit is made of, as js/native/unit_module.cpp and core/unit/read_unit.cpp write it.
import { fixupOf, type WrittenFixup } from './fixups.js';
import { fieldTypeOf, valueTypeOf } from './operands.js';
import type {
  Binding,
  CodeArrays,
  DataOptions,
  Fixup,
  SectionFixup,
  SymbolInfo,
  TypeDefinition,
  ValueType,
} from './types.js';
import type { SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';

/** Makes a symbol of a number. */
type MakeSymbol = (kind: SymbolKind, id: number, name: string) => UnitSymbol;

/** Makes a type of a number. */
type TypeOf = (id: number) => UnitType;

export interface WrittenSymbol
  extends Omit<SymbolInfo, 'symbol' | 'target' | 'import' | 'params' | 'results' | 'type'> {
  id: number;
  name: string;
  params?: number[];
  results?: number[];
  type?: number;
  target?: number;
  import?: [string, string];
}

/** `symbolOf`: of a number that another symbol names. */
export function symbolInfo(
  written: WrittenSymbol,
  make: MakeSymbol,
  symbolOf: (id: number) => UnitSymbol,
  typeOf: TypeOf,
): SymbolInfo {
  const { id, name, target, import: imported, params, results, type, ...info } = written;
  const typesOf = (numbers: number[]) => numbers.map((number) => valueTypeOf(number, typeOf));
  return {
    symbol: make(info.kind, id, name),
    ...info,
    ...(params ? { params: typesOf(params) } : {}),
    ...(results ? { results: typesOf(results) } : {}),
    ...(type !== undefined ? { type: valueTypeOf(type, typeOf) } : {}),
    ...(target !== undefined ? { target: symbolOf(target) } : {}),
    ...(imported ? { import: { module: imported[0], name: imported[1] } } : {}),
  };
}

/** The code of a function, the types of its locals, and how other inputs see it. It has no lines. */
export interface FunctionContent extends CodeArrays, Binding {
  /** The types of the locals, without the parameters. */
  locals: ValueType[];
}

/** The initial value of a global as code, and how other inputs see the global. */
export interface GlobalContent extends CodeArrays, Binding {}

/** What data of a unit consists of, and how other inputs see it. */
export interface DataContent extends Pick<DataOptions, 'readOnly' | 'strings' | 'threadLocal'>, Binding {
  /** The bytes, with zeros where the linker fills them. */
  bytes: Uint8Array;
  /** The alignment in bytes. */
  align: number;
  /** The places that the linker fills. */
  fixups: Fixup[];
  /** The name of the segment. */
  section: string;
}

/** What bytes of a custom section of a unit consist of. */
export interface SectionContent {
  /** The bytes, with zeros where the linker fills them. */
  bytes: Uint8Array;
  /** The name of the custom section. */
  section: string;
  /** The places that the linker fills. */
  fixups: SectionFixup[];
}

/** What a table of a unit holds, and how other inputs see it. */
export interface TableContent extends Binding {
  /** The functions that the table holds initially. `undefined` stands for null. */
  elements: (UnitSymbol | undefined)[];
  /** The slot of the first element. */
  first: number;
}

export function tableContent(text: string, symbolOf: (id: number) => UnitSymbol): TableContent {
  const { first, elements } = JSON.parse(text) as { first: number; elements: number[] };
  return { first, elements: elements.map((id) => (id === -1 ? undefined : symbolOf(id))) };
}

/** `take` copies what the core has put into its scratch memory. */
export function functionContent(text: string, take: (size: number) => Uint8Array, typeOf: TypeOf): FunctionContent {
  const { instructions, extra, locals } = JSON.parse(text) as { instructions: number; extra: number; locals: number };
  const bytes = take(6 * instructions + 4 * extra + 4 * locals);
  let at = 0;
  const next = (size: number) => bytes.slice(at, (at += size)).buffer;
  return {
    operands: new Uint32Array(next(4 * instructions)),
    extra: new Uint32Array(next(4 * extra)),
    locals: Array.from(new Uint32Array(next(4 * locals)), (number) => valueTypeOf(number, typeOf)),
    opcodes: new Uint16Array(next(2 * instructions)),
  };
}

interface WrittenType {
  kind: 'function' | 'struct' | 'array';
  final: boolean;
  super?: number;
  fields: { type: number; mutable: boolean }[];
  results: number[];
}

/** What a type is made of. */
export function typeDefinition(text: string, typeOf: TypeOf): TypeDefinition {
  const { kind, final, super: above, fields, results } = JSON.parse(text) as WrittenType;
  const more = { final, ...(above === undefined ? {} : { super: typeOf(above) }) };
  const typesOf = (numbers: number[]) => numbers.map((number) => valueTypeOf(number, typeOf));
  if (kind === 'function')
    return { params: typesOf(fields.map((field) => field.type)), results: typesOf(results), ...more };
  const made = fields.map(({ type, mutable }) => ({ type: fieldTypeOf(type, typeOf), mutable }));
  return kind === 'struct' ? { struct: made, ...more } : { array: made[0]!, ...more };
}

interface WrittenData {
  size: number;
  p2align: number;
  flags: number;
  section: string;
  fixups: WrittenFixup[];
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
    readOnly: (flags & 8) !== 0,
    fixups: fixups.map((fixup) => fixupOf(fixup, symbolOf, noTypes) as Fixup),
  };
}

/** Passive elements are written as data, in which each function has four bytes. */
export function elementsContent(text: string, symbolOf: (id: number) => UnitSymbol): UnitSymbol[] {
  const { fixups } = JSON.parse(text) as WrittenData;
  return fixups.map((fixup) => symbolOf(fixup['function'] as number));
}

const noTypes = (): never => {
  throw new Error('data has no fixups that name types');
};

export function sectionContent(
  text: string,
  take: (size: number) => Uint8Array,
  symbolOf: (id: number) => UnitSymbol,
  typeOf: (id: number) => UnitType,
): SectionContent {
  const { size, section, fixups } = JSON.parse(text) as WrittenData;
  return {
    bytes: take(size),
    section,
    fixups: fixups.map((fixup) => fixupOf(fixup, symbolOf, typeOf) as SectionFixup),
  };
}
