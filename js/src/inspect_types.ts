// The contract of `inspect`. The tables and their columns are those of core/inspect/tables.def, which is also what
// `weld inspect --json` writes; tests/support/inspect_types.test.mjs compares them.
import type { Diagnostic } from './types.js';

export interface InspectOptions {
  /** The name of the file in diagnostics. Default: the name of the `File`, if it is one. */
  name?: string;
}

/** The kind of a file. Files of the kinds after `wasm` are recognized, but not inspected. */
export type InspectedKind =
  | 'object'
  | 'shared-library'
  | 'module'
  | 'archive'
  | 'thin-archive'
  | 'wasm'
  | 'component'
  | 'bitcode'
  | 'stub-library'
  | 'elf'
  | 'mach-o'
  | 'coff'
  | 'gzip'
  | 'compressed'
  | 'zip'
  | 'tar'
  | 'wasm-text'
  | 'llvm-text'
  | 'linker-script'
  | 'web-page'
  | 'text'
  | 'empty'
  | 'unknown';

export type ExternalKindWord = 'function' | 'table' | 'memory' | 'global' | 'tag';
export type SymbolFlag =
  | 'weak'
  | 'local'
  | 'hidden'
  | 'common'
  | 'undefined'
  | 'exported'
  | 'explicit-name'
  | 'no-strip'
  | 'tls'
  | 'absolute';

/** A section of the file. Rows of tables are objects; a value that is absent has no property. */
export interface SectionRow {
  /** `custom`, `TYPE`, `CODE`, ... */
  kind: string;
  /** The offset of the contents in the file, after the size field. A custom section's contents begin with its name. */
  offset: number;
  /** The size of the contents in bytes. */
  size: number;
  /** The offset after the name of a custom section, otherwise `offset`. Offsets of relocations are relative to it. */
  payloadOffset: number;
  /** The number of entries. */
  count?: number;
  /** The name of a custom section. */
  name?: string;
}

export interface TypeRow {
  kind: 'function' | 'struct' | 'array' | 'continuation';
  offset: number;
  /** `(i32, i64) -> void` */
  text: string;
  params?: string[];
  results?: string[];
}

export interface ImportRow {
  kind: ExternalKindWord;
  /** The index in the index space of this kind. */
  index: number;
  offset: number;
  typeIndex?: number;
  /** `(i32) -> void`, `mutable i32`, `funcref 1..`, `2..16 pages` */
  type?: string;
  module: string;
  name: string;
  display: string;
}

/** A function. Row N is the function with index N; imported functions come first. */
export interface FunctionRow {
  /** The row in `imports`, if the function is imported. */
  import?: number;
  /** The offset of the body in the file, after the size field. */
  offset?: number;
  /** The size of the body in bytes. */
  size?: number;
  /** The number of declared locals. */
  locals?: number;
  /** The row in `comdats`. */
  comdat?: number;
  typeIndex?: number;
  type?: string;
  /** The name from the symbol table, the name section, an import or an export. */
  name?: string;
  display?: string;
}

export interface TableRow {
  import?: number;
  minimum: number;
  maximum?: number;
  shared: boolean;
  is64: boolean;
  /** The type of the elements: `funcref` */
  type?: string;
  /** The initial value of the elements, as text. */
  value?: string;
  name?: string;
}

export interface MemoryRow {
  import?: number;
  /** The minimum size in pages. */
  minimum: number;
  maximum?: number;
  /** The size of a page in bytes. */
  pageSize: number;
  shared: boolean;
  is64: boolean;
  name?: string;
}

export interface TagRow {
  import?: number;
  typeIndex?: number;
  type?: string;
  name?: string;
  display?: string;
}

export interface GlobalRow {
  import?: number;
  mutable: boolean;
  type: string;
  /** The instructions that give the initial value: `i32.const 65536` */
  value?: string;
  name?: string;
  display?: string;
}

export interface ExportRow {
  kind: ExternalKindWord;
  index: number;
  offset: number;
  name: string;
}

export interface StartRow {
  function: number;
  name?: string;
  display?: string;
}

export interface ElementRow {
  mode: 'active' | 'passive' | 'declarative';
  table?: number;
  offset: number;
  /** The number of elements: see `elementItems`. */
  count: number;
  /** The first table slot, if it is a constant. */
  address?: number;
  /** The instructions that give the first table slot. */
  position?: string;
  type?: string;
  name?: string;
}

export interface ElementItemRow {
  /** The row in `elements`. */
  element: number;
  function?: number;
  /** The instructions that give the element, if the segment has instructions. */
  value?: string;
  /** The name of the function. */
  name?: string;
  display?: string;
}

export interface DataSegmentRow {
  mode: 'active' | 'passive';
  memory?: number;
  /** The address in memory, if it is a constant. */
  address?: number;
  /** The offset of the bytes in the file. */
  offset: number;
  size: number;
  /** The alignment as a power of two: 3 stands for 8 bytes. */
  p2align?: number;
  flags: ('strings' | 'tls' | 'retain' | (string & {}))[];
  comdat?: number;
  /** The instructions that give the address. */
  position?: string;
  name?: string;
}

export interface SymbolRow {
  kind: 'function' | 'data' | 'global' | 'section' | 'tag' | 'table';
  flags: (SymbolFlag | (string & {}))[];
  /** Functions, globals, tags, tables: the index in their index space. Sections: the row in `sections`. */
  index?: number;
  /** The row in `imports` of an undefined function, global, tag or table. */
  import?: number;
  /** Data: the row in `dataSegments`. */
  segment?: number;
  /** Data: the offset in the segment, or the address of an absolute symbol. */
  offset?: number;
  /** Data: the size in bytes. */
  size?: number;
  /** Common data: the alignment, as a power of two. */
  p2align?: number;
  name?: string;
  display?: string;
}

export interface RelocationRow {
  /** The row in `sections` of the section that is relocated. */
  section: number;
  /** The offset from the section's `payloadOffset`. */
  offset: number;
  /** `R_WASM_FUNCTION_INDEX_LEB` */
  type: string;
  /** The target: a row in `symbols`, or in `types` for `R_WASM_TYPE_INDEX_LEB`. */
  symbol?: number;
  typeIndex?: number;
  addend: number;
  /** The name of the symbol, or the text of the type. */
  name?: string;
  display?: string;
}

export interface InitFunctionRow {
  priority: number;
  /** The row in `symbols`. */
  symbol: number;
  name?: string;
  display?: string;
}

export interface ComdatRow {
  flags: number;
  name: string;
  display: string;
}

export interface ComdatEntryRow {
  /** The row in `comdats`. */
  comdat: number;
  kind: 'data' | 'function' | 'global' | 'tag' | 'table' | 'section';
  /** The row in `dataSegments`, `functions`, ... */
  index: number;
  name?: string;
  display?: string;
}

/** An entry of the name section. */
export interface NameRow {
  space:
    | 'module'
    | 'function'
    | 'local'
    | 'label'
    | 'type'
    | 'table'
    | 'memory'
    | 'global'
    | 'element'
    | 'data'
    | 'field'
    | 'tag';
  /** The index that is named. For locals and labels, the function; for fields, the type. */
  index?: number;
  /** The index of the local, the label or the field. */
  inner?: number;
  name: string;
  display: string;
}

export interface FeatureRow {
  /** `+`: the file uses the feature. `-`: the file must not be linked with files that use it. */
  prefix: string;
  name: string;
}

export interface ProducerRow {
  field: string;
  name: string;
  version: string;
}

export interface DylinkRow {
  memorySize: number;
  memoryP2align: number;
  tableSize: number;
  tableP2align: number;
}

/** A part of `dylink.0`, `linking` or `name` that weld does not know: newer tools may write it. */
export interface UnknownSubsectionRow {
  /** The row in `sections`. */
  section: number;
  type: number;
  /** The offset of its contents in the file. */
  offset: number;
  size: number;
}

export interface MemberRow {
  /** The kind by the first bytes. `wasm` may be an object, a library or a module. */
  kind: InspectedKind;
  headerOffset: number;
  /** The offset of the bytes in the archive. */
  offset: number;
  size: number;
  /** The number of symbols that the archive's index lists for this member. */
  symbols: number;
  name: string;
}

export interface ArchiveSymbolRow {
  /** The row in `members`. */
  member: number;
  name: string;
  display: string;
}

export interface CompileUnitRow {
  /** The row in `sections`. */
  section: number;
  /** The offset in that section. */
  offset: number;
  /** The version of DWARF. */
  version: number;
  /** The offset in `.debug_line`. */
  lineTable?: number;
  language?: string;
  name?: string;
  compDir?: string;
  producer?: string;
}

export interface UnitRangeRow {
  /** The row in `compileUnits`. */
  unit: number;
  /** The first address, counted from the file's `codeOffset`. */
  begin: number;
  end: number;
}

export interface LineRow {
  /** The address, counted from the file's `codeOffset`. */
  address: number;
  /** The row in `lines.files`. */
  file?: number;
  line: number;
  column: number;
  flags: ('stmt' | 'basic-block' | 'prologue-end' | 'epilogue-begin' | 'end-sequence')[];
}

export interface SourceLine {
  /** The address of the first byte that comes from this line, counted from the file's `codeOffset`. */
  address: number;
  file?: string;
  line: number;
  column: number;
}

/**
 * A table that is stored as columns, because it may have hundreds of thousands of rows. A column is a typed array with
 * the name of the row's property. A text has two columns, `nameOffset` and `nameSize`. An absent value is 0xffffffff,
 * or NaN in a `Float64Array`. Numbers of 64 bits are exact up to 2^53.
 */
export interface ColumnarTable<Row> extends Iterable<Row> {
  readonly length: number;
  readonly columns: Readonly<Record<string, Uint8Array | Uint32Array | Float64Array>>;
  /** The words of columns that have words: the words of the column's values, or of its bits for flags. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** Returns a row as an object. */
  get(row: number): Row;
  /** Returns the name of a row. This is faster than `get`. */
  name(row: number): string | undefined;
  /** Returns the demangled name of a row. */
  display(row: number): string | undefined;
}

/** The line tables, in the order of addresses. They do not contain code that a linker removed. */
export interface Lines extends ColumnarTable<LineRow> {
  /** The paths of the source files. */
  readonly files: readonly string[];
  /** Problems in the line tables. */
  readonly diagnostics: readonly Diagnostic[];
  /** Finds the line of the code at `address`, which is counted from the file's `codeOffset` as in DWARF. */
  find(address: number): SourceLine | undefined;
  /** Finds the line of the code at an offset from the start of the file, as in the stack traces of engines. */
  findInFile(offset: number): SourceLine | undefined;
  /** Returns the lines of a function, given its index. */
  ofFunction(index: number): SourceLine[];
}

/** The contents of a file. Names are as in `SymbolName`: `display` is the demangled name, or the name itself. */
export interface Inspection {
  readonly kind: InspectedKind;
  /** `a WebAssembly object`, `LLVM bitcode`, ... */
  readonly description: string;
  /**
   * Advice about a file that cannot be linked. Absent if it can be linked, or if `diagnostics` describe the problem.
   */
  readonly remedy?: string;
  /** The bytes of the file. They are a copy, except for archives and Blobs, whose bytes must not be changed. */
  readonly bytes: Uint8Array;
  /** The offset of the payload of the CODE section in the file. */
  readonly codeOffset?: number;
  /** Reports each malformed part of the file and its location. */
  readonly diagnostics: readonly Diagnostic[];

  readonly sections: readonly SectionRow[];
  readonly types: readonly TypeRow[];
  readonly imports: readonly ImportRow[];
  readonly functions: ColumnarTable<FunctionRow>;
  readonly tables: readonly TableRow[];
  readonly memories: readonly MemoryRow[];
  readonly tags: readonly TagRow[];
  readonly globals: readonly GlobalRow[];
  readonly exports: readonly ExportRow[];
  /** The start function: one row, or none. */
  readonly start: readonly StartRow[];
  readonly elements: readonly ElementRow[];
  readonly elementItems: ColumnarTable<ElementItemRow>;
  readonly dataSegments: readonly DataSegmentRow[];
  readonly symbols: ColumnarTable<SymbolRow>;
  readonly relocations: ColumnarTable<RelocationRow>;
  readonly initFunctions: readonly InitFunctionRow[];
  readonly comdats: readonly ComdatRow[];
  readonly comdatEntries: readonly ComdatEntryRow[];
  readonly names: ColumnarTable<NameRow>;
  readonly features: readonly FeatureRow[];
  readonly producers: readonly ProducerRow[];
  /** From the `dylink.0` section: one row, or none. */
  readonly dylink: readonly DylinkRow[];
  readonly needed: readonly { name: string }[];
  readonly runtimePaths: readonly { path: string }[];
  readonly exportInfos: readonly { flags: SymbolFlag[]; name: string; display: string }[];
  readonly importInfos: readonly { flags: SymbolFlag[]; module: string; name: string; display: string }[];
  readonly unknownSubsections: readonly UnknownSubsectionRow[];
  /** The members of an archive. */
  readonly members: readonly MemberRow[];
  readonly archiveSymbols: ColumnarTable<ArchiveSymbolRow>;
  readonly compileUnits: readonly CompileUnitRow[];
  readonly unitRanges: readonly UnitRangeRow[];

  /** The line tables. They are read on first use. */
  readonly lines: Lines;
  /** Inspects a member of an archive, given its number or its name. */
  member(which: number | string): Inspection;
}
