// The contract of units: types of values, what definitions are told, and what is read back.
import type { SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';

export type { SymbolKind, UnitSymbol, UnitType };

/** The abstract types of what references refer to, by their names in the text format. */
export type HeapType =
  | 'func'
  | 'extern'
  | 'any'
  | 'eq'
  | 'i31'
  | 'struct'
  | 'array'
  | 'exn'
  | 'nofunc'
  | 'noextern'
  | 'none'
  | 'noexn';

/** A reference type: `(ref null? ...)` of the text format. Types of a unit have it as `type.ref` and `type.refNull`. */
export interface ReferenceType {
  /** What the reference refers to. */
  ref: UnitType | HeapType;
  /** Whether the reference may be null. Default: false. */
  null?: boolean;
}

/** The type of a value, by its name in the text format, or a reference to a type of a unit. */
export type ValueType =
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'funcref'
  | 'externref'
  | 'anyref'
  | 'eqref'
  | 'i31ref'
  | 'structref'
  | 'arrayref'
  | 'exnref'
  | 'nullfuncref'
  | 'nullexternref'
  | 'nullref'
  | 'nullexnref'
  | ReferenceType;

/** A field of a struct, or the elements of an array. `i8` and `i16` are packed. A type stands for an immutable field. */
export type FieldType = ValueType | 'i8' | 'i16' | { type: ValueType | 'i8' | 'i16'; mutable?: boolean };

/** What a type of a unit is made of. */
export type TypeDefinition = (
  | { struct: readonly FieldType[] }
  | { array: FieldType }
  | { params: readonly ValueType[]; results: readonly ValueType[] }
) & {
  /** The supertype: a type of the unit, or one that comes before in the same group. */
  super?: UnitType;
  /** Whether no other type may have it as its supertype. Default: true. */
  final?: boolean;
};

/**
 * Features of engines, by the names that LLVM gives them (`simd128`, `bulk-memory`): `+` if a unit uses a feature, `-` if
 * no input may use it.
 */
export type UnitFeatures = Readonly<Record<string, '+' | '-'>>;

/** What made a unit: names with their versions. */
export interface UnitProducers {
  /** The languages that it was written in. */
  language?: Readonly<Record<string, string>>;
  /** The tools that have worked on it. */
  'processed-by'?: Readonly<Record<string, string>>;
  /** Larger products that the tools belong to. */
  sdk?: Readonly<Record<string, string>>;
}

/** How other inputs see a definition. */
export interface Binding {
  /**
   * A `weak` definition gives way to another definition. A `local` definition is only visible in its unit. Default:
   * `global`.
   */
  binding?: 'global' | 'weak' | 'local';
  /** The option `exportDynamic` does not export the symbol. */
  hidden?: boolean;
  /** Keep the definition even if nothing refers to it. */
  keep?: boolean;
}

/**
 * A place in data that the linker fills with the address of `data` plus `addend`, or with the table slot of `function`.
 */
export type Fixup = { offset: number; width?: 4 | 8 } & (
  | { data: UnitSymbol; addend?: number | bigint }
  | { function: UnitSymbol }
);

/**
 * A place in a custom section that the linker fills, in one of the forms that object files have. A `width` of 5 or 10 is a LEB128
 * number that is padded to this size. In a unit of 64 bits, addresses, table slots and offsets can have 8 bytes, and addresses 10.
 *
 * - `data`: the address, plus `addend`; `function`: the table slot
 * - `functionIndex`, `global`, `tag`, `table`, `type`: the number in the module
 * - `functionOffset`: where a function begins in the code section, behind its size, plus `addend`
 * - `section`: where other bytes of this unit begin in their custom section, plus `addend`
 */
export type SectionFixup = { offset: number } & (
  | { data: UnitSymbol; addend?: number | bigint; width?: 4 | 5 | 8 | 10 }
  | { function: UnitSymbol; width?: 4 | 8 }
  | { functionIndex: UnitSymbol; width?: 4 | 5 }
  | { functionOffset: UnitSymbol; addend?: number | bigint; width?: 4 | 8 }
  | { section: UnitSymbol; addend?: number | bigint; width?: 4 }
  | { global: UnitSymbol; width?: 4 | 5 }
  | { tag: UnitSymbol; width?: 5 }
  | { table: UnitSymbol; width?: 5 }
  | { type: UnitType; width?: 5 }
);

/** How data is placed, and how other inputs see it. */
export interface DataOptions extends Binding {
  /** The alignment in bytes, a power of two. Default: 1. */
  align?: number;
  /** Places in the data that the linker fills. */
  fixups?: readonly Fixup[];
  /** The program does not write to the data. Its default segment is `.rodata`. */
  readOnly?: boolean;
  /** The data consists of strings that end in zeros. Equal strings are merged. */
  strings?: boolean;
  /** Each thread has its own copy of the data. */
  threadLocal?: boolean;
  /** The name of the output segment. Default: `.data`, `.rodata` or `.bss`. */
  section?: string;
}

/** The content of late data. What its fixups name must be in the output for other reasons. */
export interface LateContent {
  /** The bytes. */
  bytes: Uint8Array;
  /** Places in the bytes that the linker fills. */
  fixups?: readonly Fixup[];
}

/** A symbol of a unit, and all that was said about it. */
export interface SymbolInfo {
  /** The symbol. */
  symbol: UnitSymbol;
  /** What the symbol stands for. */
  kind: UnitSymbol['kind'];
  /** An `alias` is another name of `target`. What is `declared` and used must be defined by another input. */
  state: 'declared' | 'defined' | 'alias';
  /** What an alias is another name of. */
  target?: UnitSymbol;
  /** The types of the parameters of a function or tag. */
  params?: readonly ValueType[];
  /** The types of the results of a function. */
  results?: readonly ValueType[];
  /** The type of a global, or of the elements of a table. */
  type?: ValueType;
  /** Whether a global is mutable. */
  mutable?: boolean;
  /** The limits of a table, or of a memory in pages. */
  minimum?: number;
  /** The upper limit, if there is one. */
  maximum?: number;
  /** Whether indices of a table, or addresses of a memory, have 64 bits. */
  is64?: boolean;
  /** Whether threads share a memory. */
  shared?: boolean;
  /** Whether a declared symbol may stay undefined. */
  weak?: boolean;
  /** How other inputs see a definition. */
  binding?: 'global' | 'weak' | 'local';
  /** The option `exportDynamic` does not export the symbol. */
  hidden?: boolean;
  /** The definition is kept even if nothing refers to it. */
  keep?: boolean;
  /** The names under which the symbol is exported, in alphabetical order. */
  exports: readonly string[];
  /** What the symbol is imported as. */
  import?: { module: string; name: string };
  /** The function runs at the start with this priority. */
  priority?: number;
  /** The group that the symbol is in. */
  comdat?: string;
}

/** What a table holds, and how other inputs see it. */
export interface TableOptions extends Binding {
  /** Functions that the table holds initially; `undefined` stands for null. Object files cannot have them. */
  elements?: readonly (UnitSymbol | undefined)[];
  /** The slot of the first element. Default: 0. */
  first?: number;
}

/** How a constant is placed. */
export interface ConstantOptions {
  /** The alignment in bytes, a power of two. Default: 1. */
  align?: number;
  /** Places in the constant that the linker fills. */
  fixups?: readonly Fixup[];
}

/**
 * The instructions of a function as arrays. The file `core/unit/mir.h` of weld's source describes the layout. Symbols and
 * types are plain numbers, their `id`: a number of another unit is not noticed.
 */
export interface CodeArrays {
  /** The opcodes, one for each instruction. */
  opcodes: Uint16Array;
  /** The operand of each instruction, or where it begins in `extra`. */
  operands: Uint32Array;
  /** The operands that do not fit in one number. */
  extra: Uint32Array;
  /**
   * The places in the source, in the order of instructions. Four numbers each: the instruction, the file, the line and
   * the column, as in `CodeLine`.
   */
  lines?: Uint32Array;
}

/** The place in the source of the instructions from `instruction` on, up to those of the next place. */
export interface CodeLine {
  /** The number of the instruction in its function, counted from 0. */
  instruction: number;
  /** Counted from 1. If it is 0, the compiler made these instructions for no line. */
  line: number;
  /** Counted from 1. Default: 0, which means unknown. */
  column?: number;
  /** A number that `sourceFile` returned. Default: 0, the file that has the name of the unit. */
  file?: number;
}

/** The name of a parameter or local in the source. */
export interface LocalVariable {
  /** The name in the source. */
  name: string;
  /** The number of the local. Parameters come first. */
  local: number;
  /** A number that `sourceType` returned. Default: a type with the name of the local's type, such as `i32`. */
  type?: number;
  /**
   * The first instruction of the variable's scope, and the first one behind it. Scopes nest like blocks. Default: all
   * instructions.
   */
  begin?: number;
  /** The first instruction behind the scope. */
  end?: number;
}

/** How a debugger shows the values of a type. */
export type SourceEncoding =
  | 'address'
  | 'boolean'
  | 'float'
  | 'signed'
  | 'signedChar'
  | 'unsigned'
  | 'unsignedChar'
  | 'utf';

/** What the source says about a function. The places of its instructions are in the code. */
export interface FunctionSource {
  /** The line of the declaration. Default: the line of the first instruction that has one. */
  line?: number;
  /** The file of the declaration. Default: 0. */
  file?: number;
  /** The names of the parameters and locals. */
  variables?: readonly LocalVariable[];
}

/** How other inputs see a function, and where it comes from. */
export interface FunctionOptions extends Binding {
  /** Where the function comes from. */
  source?: FunctionSource;
}
