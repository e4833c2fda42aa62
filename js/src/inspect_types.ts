// The contract of `inspect`. The tables and their columns are those of core/inspect/tables.def, which is also what
// `weld inspect --json` writes; tests/support/inspect_types.test.mjs compares them.
import type { Diagnostic } from './types.js';

/** The options of `inspect`. */
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

/** The kind of something that is imported or exported. */
export type ExternalKindWord = 'function' | 'table' | 'memory' | 'global' | 'tag';
/** A flag of a symbol, by the names of the format. */
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

/** A type of the file. Row N is the type with index N. */
export interface TypeRow {
  /** What the type is made of. */
  kind: 'function' | 'struct' | 'array' | 'continuation';
  /** The offset of the type in the file. */
  offset: number;
  /** `(i32, i64) -> void` */
  text: string;
  /** The types of the parameters of a function. */
  params?: string[];
  /** The types of the results of a function. */
  results?: string[];
}

/** An import. */
export interface ImportRow {
  /** What is imported. */
  kind: ExternalKindWord;
  /** The index in the index space of this kind. */
  index: number;
  /** The offset of the import in the file. */
  offset: number;
  /** The index of the type of a function or tag. */
  typeIndex?: number;
  /** `(i32) -> void`, `mutable i32`, `funcref 1..`, `2..16 pages` */
  type?: string;
  /** The name of the module that it is imported from. */
  module: string;
  /** The name that it has in that module. */
  name: string;
  /** The name in its readable form: demangled, or as it is. */
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
  /** The index of its type. */
  typeIndex?: number;
  /** Its type as text: `(i32) -> void` */
  type?: string;
  /** The name from the symbol table, the name section, an import or an export. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A table. Row N is the table with index N; imported tables come first. */
export interface TableRow {
  /** The row in `imports`, if the table is imported. */
  import?: number;
  /** The initial number of elements. */
  minimum: number;
  /** The maximum number of elements, if there is one. */
  maximum?: number;
  /** Whether threads share the table. */
  shared: boolean;
  /** Whether indices have 64 bits. */
  is64: boolean;
  /** The type of the elements: `funcref` */
  type?: string;
  /** The initial value of the elements, as text. */
  value?: string;
  /** The name from the name section, the symbol table, an import or an export. */
  name?: string;
}

/** A memory. Row N is the memory with index N; imported memories come first. */
export interface MemoryRow {
  /** The row in `imports`, if the memory is imported. */
  import?: number;
  /** The minimum size in pages. */
  minimum: number;
  /** The maximum size in pages, if there is one. */
  maximum?: number;
  /** The size of a page in bytes. */
  pageSize: number;
  /** Whether threads share the memory. */
  shared: boolean;
  /** Whether addresses have 64 bits. */
  is64: boolean;
  /** The name from the name section, an import or an export. */
  name?: string;
}

/** A tag of exceptions. Row N is the tag with index N; imported tags come first. */
export interface TagRow {
  /** The row in `imports`, if the tag is imported. */
  import?: number;
  /** The index of its type. */
  typeIndex?: number;
  /** Its type as text: `(i32) -> void` */
  type?: string;
  /** The name from the symbol table, the name section, an import or an export. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A global. Row N is the global with index N; imported globals come first. */
export interface GlobalRow {
  /** The row in `imports`, if the global is imported. */
  import?: number;
  /** Whether the value can change. */
  mutable: boolean;
  /** The type of the value: `i32` */
  type: string;
  /** The instructions that give the initial value: `i32.const 65536` */
  value?: string;
  /** The name from the symbol table, the name section, an import or an export. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** An export. */
export interface ExportRow {
  /** What is exported. */
  kind: ExternalKindWord;
  /** The index in the index space of this kind. */
  index: number;
  /** The offset of the export in the file. */
  offset: number;
  /** The name that it is exported as. */
  name: string;
}

/** The start function. */
export interface StartRow {
  /** The row in `functions`. */
  function: number;
  /** The name of the function. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** An element segment. */
export interface ElementRow {
  /** When the elements are put into the table: `active` segments at the start, `passive` ones when code asks for it. */
  mode: 'active' | 'passive' | 'declarative';
  /** The row in `tables` of an active segment. */
  table?: number;
  /** The offset of the segment in the file. */
  offset: number;
  /** The number of elements: see `elementItems`. */
  count: number;
  /** The first table slot, if it is a constant. */
  address?: number;
  /** The instructions that give the first table slot. */
  position?: string;
  /** The type of the elements: `funcref` */
  type?: string;
  /** The name from the name section. */
  name?: string;
}

/** An element of an element segment. */
export interface ElementItemRow {
  /** The row in `elements`. */
  element: number;
  /** The row in `functions`. */
  function?: number;
  /** The instructions that give the element, if the segment has instructions. */
  value?: string;
  /** The name of the function. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A data segment. */
export interface DataSegmentRow {
  /**
   * When the bytes are put into memory: those of `active` segments at the start, of `passive` ones when code asks for
   * it.
   */
  mode: 'active' | 'passive';
  /** The row in `memories` of an active segment. */
  memory?: number;
  /** The address in memory, if it is a constant. */
  address?: number;
  /** The offset of the bytes in the file. */
  offset: number;
  /** The size in bytes. */
  size: number;
  /** The alignment as a power of two: 3 stands for 8 bytes. */
  p2align?: number;
  /** What the object says about the segment. Only in objects. */
  flags: ('strings' | 'tls' | 'retain' | (string & {}))[];
  /** The row in `comdats`. */
  comdat?: number;
  /** The instructions that give the address. */
  position?: string;
  /** The name of the segment. */
  name?: string;
}

/** A symbol of an object. */
export interface SymbolRow {
  /** What the symbol stands for. */
  kind: 'function' | 'data' | 'global' | 'section' | 'tag' | 'table';
  /** The flags of the symbol. A bit that weld does not know is its value. */
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
  /** The name. Symbols of sections have none. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A relocation of an object: a place that a linker fills. */
export interface RelocationRow {
  /** The row in `sections` of the section that is relocated. */
  section: number;
  /** The offset from the section's `payloadOffset`. */
  offset: number;
  /** `R_WASM_FUNCTION_INDEX_LEB` */
  type: string;
  /** The target: a row in `symbols`, or in `types` for `R_WASM_TYPE_INDEX_LEB`. */
  symbol?: number;
  /** The row in `types`, for `R_WASM_TYPE_INDEX_LEB`. */
  typeIndex?: number;
  /** What is added to the value. */
  addend: number;
  /** The name of the symbol, or the text of the type. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A constructor: a function that runs at the start. */
export interface InitFunctionRow {
  /** Functions with lower numbers run first. */
  priority: number;
  /** The row in `symbols`. */
  symbol: number;
  /** The name of the function. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** A comdat: a group of which a link keeps the first one with this name. */
export interface ComdatRow {
  /** The flags. The format has none yet. */
  flags: number;
  /** The name of the group. */
  name: string;
  /** The name in its readable form: demangled, or as it is. */
  display: string;
}

/** A part of a comdat. */
export interface ComdatEntryRow {
  /** The row in `comdats`. */
  comdat: number;
  /** What the part is. */
  kind: 'data' | 'function' | 'global' | 'tag' | 'table' | 'section';
  /** The row in `dataSegments`, `functions`, ... */
  index: number;
  /** The name of the part. */
  name?: string;
  /** The name in its readable form: demangled, or as it is. */
  display?: string;
}

/** An entry of the name section. */
export interface NameRow {
  /** What is named. */
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
  /** The name. */
  name: string;
  /** The name in its readable form: demangled, or as it is. */
  display: string;
}

/** A feature of engines that an object uses or refuses. */
export interface FeatureRow {
  /** `+`: the file uses the feature. `-`: the file must not be linked with files that use it. */
  prefix: string;
  /** The name that LLVM gives the feature: `simd128` */
  name: string;
}

/** A tool or language that the file was made with. */
export interface ProducerRow {
  /** `language`, `processed-by` or `sdk`. */
  field: string;
  /** The name of the tool or language. */
  name: string;
  /** Its version. */
  version: string;
}

/** What a shared library asks for when it is loaded. */
export interface DylinkRow {
  /** The size of its memory in bytes. */
  memorySize: number;
  /** The alignment of its memory as a power of two. */
  memoryP2align: number;
  /** The number of its table slots. */
  tableSize: number;
  /** The alignment of its table slots as a power of two. */
  tableP2align: number;
}

/** A part of `dylink.0`, `linking` or `name` that weld does not know: newer tools may write it. */
export interface UnknownSubsectionRow {
  /** The row in `sections`. */
  section: number;
  /** The number that says what it is. */
  type: number;
  /** The offset of its contents in the file. */
  offset: number;
  /** The size of its contents in bytes. */
  size: number;
}

/** A member of an archive. */
export interface MemberRow {
  /** The kind by the first bytes. `wasm` may be an object, a library or a module. */
  kind: InspectedKind;
  /** The offset of the header of the member in the archive. */
  headerOffset: number;
  /** The offset of the bytes in the archive. */
  offset: number;
  /** The size in bytes. */
  size: number;
  /** The number of symbols that the archive's index lists for this member. */
  symbols: number;
  /** The file name of the member. */
  name: string;
}

/** A symbol in the index of an archive. */
export interface ArchiveSymbolRow {
  /** The row in `members`. */
  member: number;
  /** The name of the symbol. */
  name: string;
  /** The name in its readable form: demangled, or as it is. */
  display: string;
}

/** A compile unit of the debug information. */
export interface CompileUnitRow {
  /** The row in `sections`. */
  section: number;
  /** The offset in that section. */
  offset: number;
  /** The version of DWARF. */
  version: number;
  /** The offset in `.debug_line`. */
  lineTable?: number;
  /** The language of the source. */
  language?: string;
  /** The path of the source. */
  name?: string;
  /** The directory in which it was compiled. */
  compDir?: string;
  /** The compiler. */
  producer?: string;
}

/** A range of code that comes from a compile unit. */
export interface UnitRangeRow {
  /** The row in `compileUnits`. */
  unit: number;
  /** The first address, counted from the file's `codeOffset`. */
  begin: number;
  /** The address behind the last byte. */
  end: number;
}

/** A row of a line table. */
export interface LineRow {
  /** The address, counted from the file's `codeOffset`. */
  address: number;
  /** The row in `lines.files`. */
  file?: number;
  /** The line, counted from 1. 0: the code comes from no line. */
  line: number;
  /** The column, counted from 1. 0: unknown. */
  column: number;
  /** What the line table says about the place. */
  flags: ('stmt' | 'basic-block' | 'prologue-end' | 'epilogue-begin' | 'end-sequence')[];
}

/** A line of source, and where its code begins. */
export interface SourceLine {
  /** The address of the first byte that comes from this line, counted from the file's `codeOffset`. */
  address: number;
  /** The path of the source. */
  file?: string;
  /** The line, counted from 1. 0: the code comes from no line. */
  line: number;
  /** The column, counted from 1. 0: unknown. */
  column: number;
}

/**
 * A table that is stored as columns, because it may have hundreds of thousands of rows. A column is a typed array with
 * the name of the row's property. A text has two columns, `nameOffset` and `nameSize`. An absent value is 0xffffffff,
 * or NaN in a `Float64Array`. Numbers of 64 bits are exact up to 2^53.
 */
export interface ColumnarTable<Row> extends Iterable<Row> {
  /** The number of rows. */
  readonly length: number;
  /** The columns, by the names of the properties. */
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
  /** What the file is. */
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

  /** The sections, in the order of the file. */
  readonly sections: readonly SectionRow[];
  /** The types, by their indices. */
  readonly types: readonly TypeRow[];
  /** The imports, in the order of the file. */
  readonly imports: readonly ImportRow[];
  /** The functions, by their indices. */
  readonly functions: ColumnarTable<FunctionRow>;
  /** The tables, by their indices. */
  readonly tables: readonly TableRow[];
  /** The memories, by their indices. */
  readonly memories: readonly MemoryRow[];
  /** The tags, by their indices. */
  readonly tags: readonly TagRow[];
  /** The globals, by their indices. */
  readonly globals: readonly GlobalRow[];
  /** The exports, in the order of the file. */
  readonly exports: readonly ExportRow[];
  /** The start function: one row, or none. */
  readonly start: readonly StartRow[];
  /** The element segments. */
  readonly elements: readonly ElementRow[];
  /** The elements of all element segments. */
  readonly elementItems: ColumnarTable<ElementItemRow>;
  /** The data segments. */
  readonly dataSegments: readonly DataSegmentRow[];
  /** The symbol table of an object. */
  readonly symbols: ColumnarTable<SymbolRow>;
  /** The relocations of an object, in the order of the file. */
  readonly relocations: ColumnarTable<RelocationRow>;
  /** The constructors of an object, in the order of the file. */
  readonly initFunctions: readonly InitFunctionRow[];
  /** The comdats of an object. */
  readonly comdats: readonly ComdatRow[];
  /** The parts of all comdats. */
  readonly comdatEntries: readonly ComdatEntryRow[];
  /** The entries of the name section. */
  readonly names: ColumnarTable<NameRow>;
  /** The features that an object uses or refuses. */
  readonly features: readonly FeatureRow[];
  /** What the file was made with. */
  readonly producers: readonly ProducerRow[];
  /** From the `dylink.0` section: one row, or none. */
  readonly dylink: readonly DylinkRow[];
  /** The shared libraries that a shared library needs. */
  readonly needed: readonly { name: string }[];
  /** Where a loader looks for them. */
  readonly runtimePaths: readonly { path: string }[];
  /** The flags of exports of a shared library. */
  readonly exportInfos: readonly { flags: SymbolFlag[]; name: string; display: string }[];
  /** The flags of imports of a shared library. */
  readonly importInfos: readonly { flags: SymbolFlag[]; module: string; name: string; display: string }[];
  /** Parts of known sections that weld does not know. */
  readonly unknownSubsections: readonly UnknownSubsectionRow[];
  /** The members of an archive. */
  readonly members: readonly MemberRow[];
  /** The index of an archive. */
  readonly archiveSymbols: ColumnarTable<ArchiveSymbolRow>;
  /** The compile units of the debug information. */
  readonly compileUnits: readonly CompileUnitRow[];
  /** The code of the compile units. */
  readonly unitRanges: readonly UnitRangeRow[];

  /** The line tables. They are read on first use. */
  readonly lines: Lines;
  /** Inspects a member of an archive, given its number or its name. */
  member(which: number | string): Inspection;
}
