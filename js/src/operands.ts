// The operands of instructions, as they are given in JavaScript, and their checks.
import { array, checkKeys, flag, integer, integer64, misfit, powerOfTwo, shown } from './check.js';
import { bytesOf } from './files.js';
import type { Instruction, InstructionsByKind } from './instruction_types.js';
import type { HeapType, ReferenceType, ValueType } from './types.js';
import { type Owner, type SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';

/**
 * The place of a memory access: `offset`, counted from the address of `data` if it is given. As in the text format,
 * strings such as `'offset=4'`, `'align=2'` and `'offset=4 align=2'` are taken too.
 */
export interface MemoryOperand {
  /** Default: 0. With `data` it may be negative. */
  offset?: number | bigint;
  /** The data that the access is to. */
  data?: UnitSymbol;
  /** A memory of the unit, instead of the memory of the linker. Then there is no `data`. */
  memory?: UnitSymbol;
  /** The alignment in bytes: a power of two, at most the size of the access. Default: the size of the access. */
  align?: number;
}

/**
 * A clause of `try_table`. Without a tag it catches everything. With `ref` it also passes on a reference to the
 * exception.
 */
export interface CatchClause {
  /** The tag of the exceptions that are caught. Without one, all are. */
  tag?: UnitSymbol;
  /** Whether a reference to the exception is passed on. */
  ref?: boolean;
  /** The block that is left, counted outwards. */
  label: number;
}

/** The type of a block: one result, or a type of the unit. `undefined`: no parameters and no results. */
export type BlockType = ValueType | UnitType | undefined;

/**
 * The operands of `Code.op`, by the kind of an instruction. Tables are those of functions if they are not given. Labels
 * count blocks outwards. Numbers of 64 bits are bigints or safe integers.
 */
export interface OperandsByKind {
  /** There are none. */
  None: [];
  /** There are none. */
  ZeroByte: [];
  /** A memory of the unit. Default: the memory of the linker. */
  MemoryIndex: [memory?: UnitSymbol];
  /** Memories of the unit. Default: the memory of the linker. */
  TwoMemories: [to?: UnitSymbol, from?: UnitSymbol];
  /** The value. */
  I32: [value: number];
  /** The value: a bigint or a safe integer. */
  I64: [value: number | bigint];
  /** The value. */
  F32: [value: number];
  /** The value. */
  F64: [value: number];
  /** The 16 bytes. */
  V128: [bytes: ArrayLike<number>];
  /** The 16 lanes, from 0 to 31. */
  Shuffle: [lanes: ArrayLike<number>];
  /** The number of the lane. */
  Lane: [lane: number];
  /** The number of a parameter or local. */
  Local: [local: number];
  /** The block that is left, counted outwards. */
  Label: [label: number];
  /** The blocks for 0, 1, ..., and the one for all other numbers. */
  BrTable: [labels: readonly number[], otherwise: number];
  /** The type of the block. */
  Block: [type?: BlockType];
  /** The type of the block, and what it catches. */
  TryTable: [type?: BlockType, clauses?: readonly CatchClause[]];
  /**
   * The place that is accessed. Default: the address that the code gives. In place of an object, texts like
   * `'offset=4'`, `'align=2'`.
   */
  Memory: [at?: MemoryOperand | string, align?: string];
  /** The place that is accessed, and the number of the lane. */
  MemoryLane:
    | [lane: number]
    | [at: MemoryOperand | string | undefined, lane: number]
    | [offset: string, align: string, lane: number];
  /** The type of both values. */
  SelectType: [type: ValueType];
  /** A heap type, by its name or by that of the references to it that may be null. */
  RefType: [type: HeapType | UnitType | ValueType];
  /** The type of the reference that is asked for. */
  CastType: [type: ValueType];
  /** The function that is called or referred to. */
  Function: [function_: UnitSymbol];
  /** Data or a function stands for a global that has its address (`global.get`). */
  Global: [global: UnitSymbol];
  /** The tag of the exception. */
  Tag: [tag: UnitSymbol];
  /** The table. */
  Table: [table?: UnitSymbol];
  /** The tables. */
  TwoTables: [to?: UnitSymbol, from?: UnitSymbol];
  /** The type of the function that is called, and the table that it is in. */
  CallIndirect: [type: UnitType, table?: UnitSymbol];
  /** The function whose table slot is the value. */
  FunctionSlot: [function_: UnitSymbol];
  /** Data, and what is added to its address. */
  Address: [data: UnitSymbol, addend?: number | bigint];
  /** Passive data, and a memory of the unit. Default: the memory of the linker. */
  MemoryInit: [data: UnitSymbol, memory?: UnitSymbol];
  /** Passive data. */
  PassiveData: [data: UnitSymbol];
  /** Passive elements, and the table. */
  TableInit: [elements: UnitSymbol, table?: UnitSymbol];
  /** Passive elements. */
  PassiveElements: [elements: UnitSymbol];
  /** The type. */
  Type: [type: UnitType];
  /** A struct, and the number of a field. */
  TypeAndField: [type: UnitType, field: number];
  /** An array, and the number of its elements. */
  TypeAndCount: [type: UnitType, count: number];
  /** Arrays. */
  TwoTypes: [to: UnitType, from: UnitType];
  /** An array, and passive data. */
  TypeAndData: [type: UnitType, data: UnitSymbol];
  /** An array, and passive elements. */
  TypeAndElements: [type: UnitType, elements: UnitSymbol];
  /** The types of the reference that there is, and of the one that is asked for. */
  BranchOnCast: [label: number, from: ValueType, to: ValueType];
}

/** The operands of an instruction. */
export type OperandsOf<Name extends Instruction> = {
  [Kind in keyof InstructionsByKind]: Name extends InstructionsByKind[Kind] ? OperandsByKind[Kind] : never;
}[keyof InstructionsByKind];

// Numbers of core/wasm/format.h.
// biome-ignore format: a table
const valueTypes: Record<Exclude<ValueType, ReferenceType>, number> = {
  i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f, anyref: 0x6e, eqref: 0x6d,
  i31ref: 0x6c, structref: 0x6b, arrayref: 0x6a, exnref: 0x69, nullfuncref: 0x73, nullexternref: 0x72, nullref: 0x71,
  nullexnref: 0x74,
};
// biome-ignore format: a table
const heapTypes: Record<HeapType, number> = {
  func: 0x70, extern: 0x6f, any: 0x6e, eq: 0x6d, i31: 0x6c, struct: 0x6b, array: 0x6a, exn: 0x69, nofunc: 0x73,
  noextern: 0x72, none: 0x71, noexn: 0x74,
};
const packedTypes = { i8: 0x78, i16: 0x77 };
const heapNumbers = new Map(Object.entries(heapTypes));
const heapNames = new Map(Object.entries(heapTypes).map(([name, number]) => [number, name as HeapType]));
const typeNumbers = new Map(Object.entries(valueTypes));
const aValueType = `a value type (${[...typeNumbers.keys()].join(', ')}, or { ref: type })`;
const none = 0xffffffff;
const mostWords = 2 ** 32 - 1;
// Bits of ref_type in format.h.
const definedBit = 0x80000000;
const nonNullBit = 0x40000000;
const numberBits = 0x1fffffff;

/** The number of a value type, with the unit's numbers of types. */
export function valueType(of: string, what: string, type: unknown, unit: Owner): number {
  const number = typeNumbers.get(type as string);
  if (number !== undefined) return number;
  if (typeof type === 'object' && type !== null && 'ref' in type && !UnitType.unitOf(type)) {
    checkKeys(type, `${of}: ${what}`, ['ref', 'null']);
    const { ref, null: isNull } = type as ReferenceType;
    const bits = flag(of, `\`null\` of ${what}`, isNull) ? 0 : nonNullBit;
    return (heapNumber(of, `\`ref\` of ${what}`, ref, unit) | bits) >>> 0;
  }
  throw misfit(of, what, type, aValueType);
}

/** Likewise of a field, which may be packed. */
export function fieldType(of: string, what: string, field: unknown, unit: Owner): [type: number, mutable: number] {
  const storage = (type: unknown): number =>
    packedTypes[type as keyof typeof packedTypes] ?? valueType(of, what, type, unit);
  if (typeof field !== 'object' || field === null || !('type' in field)) return [storage(field), 0];
  checkKeys(field, `${of}: ${what}`, ['type', 'mutable']);
  const { type, mutable } = field as { type: unknown; mutable?: unknown };
  return [storage(type), flag(of, `\`mutable\` of ${what}`, mutable) ? 1 : 0];
}

/** What a reference refers to, as the number of the reference that may be null. */
function heapNumber(of: string, what: string, type: unknown, unit: Owner): number {
  const number = heapNumbers.get(type as string);
  if (number !== undefined) return number;
  if (UnitType.unitOf(type)) return (typeId(of, what, type, unit) | definedBit) >>> 0;
  throw misfit(of, what, type, `a type of the unit or a heap type (${[...heapNumbers.keys()].join(', ')})`);
}

/** The type of a number that the core gave. */
export function valueTypeOf(number: number, typeOf: (id: number) => UnitType): ValueType {
  const isNull = (number & nonNullBit) === 0;
  if (number & definedBit) {
    const type = typeOf(number & numberBits);
    return isNull ? type.refNull : type.ref;
  }
  if (!isNull) return { ref: heapNames.get(number & 0xff)! };
  return [...typeNumbers].find((entry) => entry[1] === number)![0] as ValueType;
}
/** Likewise of a field. */
export function fieldTypeOf(number: number, typeOf: (id: number) => UnitType): ValueType | 'i8' | 'i16' {
  if (number === packedTypes.i8) return 'i8';
  return number === packedTypes.i16 ? 'i16' : valueTypeOf(number, typeOf);
}

/** The number of a heap type, by its name or by that of the references to it. */
export function heapType(of: string, type: unknown, unit: Owner): number {
  if (heapNumbers.has(type as string) || UnitType.unitOf(type)) return heapNumber(of, 'the type', type, unit);
  const isType = typeNumbers.has(type as string) || (typeof type === 'object' && type !== null);
  const number = isType ? valueType(of, 'the type', type, unit) : 0;
  if (isReference(number)) return (number & ~nonNullBit) >>> 0;
  throw misfit(of, 'the type', type, 'a heap type, a type of the unit or a reference type');
}

function isReference(number: number): boolean {
  return number >= nonNullBit || (number >= 0x69 && number <= 0x74);
}

/** The number of a reference type. */
export function referenceType(of: string, what: string, type: unknown, unit: Owner): number {
  const number = valueType(of, what, type, unit);
  if (isReference(number)) return number;
  throw misfit(of, what, type, 'a reference type');
}

/** Whether the number names a type of a unit. */
export function isBound(number: number): boolean {
  return number >= definedBit;
}

const articles: Record<SymbolKind, string> = {
  function: 'a function',
  data: 'data',
  global: 'a global',
  table: 'a table',
  memory: 'a memory',
  tag: 'a tag',
  section: 'a section',
  'passive data': 'passive data',
  'passive elements': 'passive elements',
};

/** A symbol in a message: function `f`. */
function symbolText({ kind, name }: UnitSymbol): string {
  return name === '' ? 'a constant' : `${kind === 'data' ? 'data' : `the ${kind}`} \`${name}\``;
}

/** The number of a symbol of the unit, which is one of `kinds`. */
export function symbolId(of: string, what: string, value: unknown, unit: Owner, kinds?: readonly SymbolKind[]): number {
  const owner = UnitSymbol.unitOf(value);
  const symbol = value as UnitSymbol;
  if (owner === unit && (!kinds || kinds.includes(symbol.kind))) return symbol.id;
  const wanted = kinds ? kinds.map((kind) => articles[kind]).join(' or ') : 'a symbol';
  const expected = `${wanted} of the unit \`${unit.name}\``;
  if (owner === undefined) {
    const made = `${expected}, as the unit's methods return it`;
    throw misfit(of, what, value, made);
  }
  if (owner === null) throw new TypeError(`${of}: ${what} is ${symbolText(symbol)}, which was removed`);
  if (owner !== unit)
    throw new TypeError(
      `${of}: ${what} must be ${expected}, not ${symbolText(symbol)} of the unit \`${owner.name}\`: units share names, not symbols; declare the name in \`${unit.name}\` too`,
    );
  throw new TypeError(`${of}: ${what} must be ${expected}; \`${symbol.name}\` is ${articles[symbol.kind]}`);
}

/** The number of a type of the unit. */
export function typeId(of: string, what: string, value: unknown, unit: Owner): number {
  const owner = UnitType.unitOf(value);
  if (owner === unit) return (value as UnitType).id;
  const expected = `a type of the unit \`${unit.name}\`, as \`unit.type\` returns it`;
  if (!owner) throw misfit(of, what, value, expected);
  throw new TypeError(`${of}: ${what} must be ${expected}, not one of the unit \`${owner.name}\``);
}

/** Nothing, a value type, or a function type. */
export function blockType(of: string, type: unknown, unit: Owner): number {
  if (type === undefined) return 0x40;
  if (UnitType.unitOf(type)) return 0x100 + typeId(of, 'the type', type, unit);
  if (typeof type === 'object' && type !== null && 'ref' in type) return valueType(of, 'the type', type, unit);
  const number = typeNumbers.get(type as string);
  if (number !== undefined) return number;
  throw misfit(of, 'the type', type, `${aValueType} or a type that \`unit.type\` returned`);
}

const label = (of: string, what: string, value: unknown) => integer(of, what, value, 0, mostWords);

/** The words of `br_table`. */
export function branchTable(of: string, labels: unknown, otherwise: unknown): number[] {
  const words = Array.from(array(of, 'the list of labels', labels, 2 ** 24), (value, i) =>
    label(of, `label ${i}`, value),
  );
  return [words.length, ...words, label(of, 'the default label', otherwise)];
}

/** The words of the clauses of `try_table`, with their number. */
export function catchClauses(of: string, clauses: unknown, unit: Owner): number[] {
  const list = array(of, 'the list of clauses', clauses ?? [], 2 ** 24);
  const words = [list.length];
  for (const [i, clause] of list.entries()) {
    checkKeys(clause, `${of}: clause ${i}`, ['tag', 'ref', 'label']);
    const { tag, ref, label: to } = clause as CatchClause;
    const kind = (tag === undefined ? 2 : 0) + (flag(of, `\`ref\` of clause ${i}`, ref) ? 1 : 0);
    const id = tag === undefined ? 0 : symbolId(of, `\`tag\` of clause ${i}`, tag, unit, ['tag']);
    words.push(kind, id, label(of, `\`label\` of clause ${i}`, to));
  }
  return words;
}

/** As in core/unit/mir.h: an access, and another operand, that names a memory of the unit. */
const inOwnMemory = 0x40;
export const ownMemory = 0x80000000;

const memoryWords = /^(?:offset=(\w+))?(?:(?:^|\s+)align=(\w+))?$/;
const numberWord = /^(?:\d+(?:_\d+)*|0x[0-9a-f]+(?:_[0-9a-f]+)*)$/i;
const memoryForms = "{ offset, align, data } or text such as 'offset=4 align=2'";

/** A memory operand of the text format: `offset=4`, `align=2`, both, or the two apart. */
function memoryOfText(of: string, first: string, second: unknown): MemoryOperand {
  const fail = () => {
    const given = second === undefined ? shown(first) : `${shown(first)}, ${shown(second)}`;
    return new TypeError(`${of}: the memory operand must be ${memoryForms}, not ${given}`);
  };
  const isApart = typeof second === 'string' && /^offset=\w+$/.test(first);
  const match = memoryWords.exec(isApart ? `${first} ${second}` : first);
  if (!match || first === '' || (second !== undefined && !isApart)) throw fail();
  const number = (word: string): bigint => {
    if (!numberWord.test(word)) throw fail();
    return BigInt(word.replaceAll('_', ''));
  };
  const [, offset, align] = match;
  return {
    ...(offset === undefined ? {} : { offset: number(offset) }),
    ...(align === undefined ? {} : { align: Number(number(align)) }),
  };
}

/** The four words of a memory operand. `natural`: the size of the access, as a power of two. */
export function memoryOperand(
  of: string,
  first: unknown,
  second: unknown,
  natural: number,
  unit: Owner,
): [number, number, number, number] {
  let operand = first;
  if (typeof first === 'string') operand = memoryOfText(of, first, second);
  else if (second !== undefined) throw new TypeError(`${of}: only text follows text, as in 'offset=4', 'align=2'`);
  if (operand === undefined) return [natural, 0, 0, none];
  if (
    typeof operand !== 'object' ||
    operand === null ||
    Array.isArray(operand) ||
    UnitSymbol.unitOf(operand) !== undefined
  )
    throw misfit(of, 'the memory operand', operand, memoryForms);
  checkKeys(operand, `${of}: the memory operand`, ['offset', 'data', 'memory', 'align']);
  const { offset, data, memory, align } = operand as MemoryOperand;
  let p2align = natural;
  if (align !== undefined) p2align = powerOfTwo(of, '`align`', align, 2 ** natural);
  if (/\batomic\b/.test(of) && p2align !== natural)
    throw new RangeError(`${of}: \`align\` of an atomic access must be ${2 ** natural}, its size, not ${align}`);
  if (memory !== undefined) {
    if (data !== undefined) throw new TypeError(`${of}: data is in the memory of the linker: leave out \`memory\``);
    const id = symbolId(of, '`memory`', memory, unit, ['memory']);
    return [p2align | inOwnMemory, ...memoryOffset(of, offset, { memory64: true }), id];
  }
  if (data === undefined) return [p2align, ...memoryOffset(of, offset, unit), none];
  const id = symbolId(of, '`data`', data, unit, ['data']);
  return [p2align, ...addend(of, '`offset`', offset, unit), id];
}

/** An offset on its own: it has as many bits as an address. */
function memoryOffset(of: string, offset: unknown, unit: Pick<Owner, 'memory64'>): [number, number] {
  if (offset === undefined) return [0, 0];
  if (typeof offset === 'number' && offset >= 0 && offset <= mostWords && Number.isInteger(offset)) return [offset, 0];
  const most = unit.memory64 ? 2n ** 64n - 1n : BigInt(mostWords);
  const value = typeof offset === 'bigint' || Number.isSafeInteger(offset) ? BigInt(offset as number | bigint) : -1n;
  if (value >= 0n && value <= most) return [Number(value & 0xffffffffn), Number(value >> 32n)];
  const isRange = typeof offset === 'bigint' || Number.isInteger(offset);
  throw misfit(
    of,
    '`offset`',
    offset,
    `an integer from 0 to ${most}${unit.memory64 ? 'n (a bigint beyond the safe integers)' : ''}`,
    isRange,
  );
}

/** What is added to an address: 32 bits with a sign, or 64 bits in a unit of 64-bit memory. */
export function addend(of: string, what: string, value: unknown, unit: Owner): [number, number] {
  if (value === undefined) return [0, 0];
  if (!unit.memory64) {
    const small = typeof value === 'bigint' && value === BigInt.asIntN(32, value) ? Number(value) : value;
    const number = integer(of, what, small, -(2 ** 31), 2 ** 31 - 1);
    return [number, number < 0 ? -1 : 0];
  }
  const wide = integer64(of, what, value);
  if (wide !== BigInt.asIntN(64, wide))
    throw misfit(of, what, value, 'an integer from -2n ** 63n to 2n ** 63n - 1n', true);
  return [Number(wide & 0xffffffffn), Number(BigInt.asUintN(32, wide >> 32n))];
}

/** The bytes of a vector constant or the lanes of a shuffle. */
export function sixteen(of: string, what: string, values: unknown, most: number): ArrayLike<number> {
  const list = values as ArrayLike<unknown>;
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && 'length' in values);
  const expected = `16 integers from 0 to ${most}`;
  if (!isList) throw misfit(of, what, values, expected);
  if (list.length !== 16) throw new TypeError(`${of}: ${what} must be ${expected}, not ${list.length} of them`);
  for (let i = 0; i < 16; i++) integer(of, `${what}, number ${i},`, list[i], 0, most);
  return list as ArrayLike<number>;
}

export function float(of: string, value: unknown, is32: boolean): number {
  if (typeof value !== 'number') throw misfit(of, 'the value', value, 'a number');
  if (is32 && Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
    throw misfit(of, 'the value', value, 'a number that 32 bits can hold', true);
  return value;
}

/** Of a vector: 16 bytes, or a number of 128 bits. */
function vectorBits(of: string, value: unknown): Uint8Array {
  const bytes = bytesOf(value, 'value');
  if (bytes?.length === 16) return bytes;
  const expected = '16 bytes or a bigint from -2n ** 127n to 2n ** 128n - 1n';
  if (typeof value !== 'bigint' && value !== 0) throw misfit(of, 'the value', value, expected);
  const bits = BigInt(value);
  if (bits < -(2n ** 127n) || bits >= 2n ** 128n) throw misfit(of, 'the value', value, expected, true);
  const view = new DataView(new ArrayBuffer(16));
  view.setBigUint64(0, BigInt.asUintN(64, bits), true);
  view.setBigUint64(8, BigInt.asUintN(64, bits >> 64n), true);
  return new Uint8Array(view.buffer);
}

/** The 16 bytes of a constant: a number of its type, or null for a reference. */
export function constantBits(of: string, type: ValueType, value: unknown, unit: Owner): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  const number = valueType(of, 'the type', type, unit);
  if (type === 'v128') return vectorBits(of, value);
  if (type === 'i32') view.setInt32(0, integer(of, 'the value', value, -(2 ** 31), 2 ** 32 - 1), true);
  else if (type === 'f32') view.setFloat32(0, float(of, value, true), true);
  else if (type === 'f64') view.setFloat64(0, float(of, value, false), true);
  else if (!isReference(number)) view.setBigInt64(0, integer64(of, 'the value', value), true);
  else if (value !== 0) throw misfit(of, 'the value of a reference', value, 'left out: it is null');
  return new Uint8Array(view.buffer);
}
