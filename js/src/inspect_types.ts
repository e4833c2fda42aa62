// The contract of `inspect`. The tables and their columns are those of core/inspect/tables.def, which is also what
// `weld inspect --json` writes; tests/support/inspect_types.test.mjs compares them.
import type { Diagnostic } from './types.js';

export interface InspectOptions {
  /** What diagnostics call the file. Default: a `File`'s own name. */
  name?: string;
}

/** What a file is. The last ones are named only: there is nothing in them that is looked at. */
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
  | 'undefined'
  | 'exported'
  | 'explicit-name'
  | 'no-strip'
  | 'tls'
  | 'absolute';

/** One row of a table is an object; what is absent has no property. */
export interface SectionRow {
  /** `custom`, `TYPE`, `CODE`, ... */
  kind: string;
  /** Where its contents begin in the file, behind the size; for custom sections, the name. */
  offset: number;
  /** Of the contents, in bytes. */
  size: number;
  /** Behind a custom section's name: what relocations count from. */
  payloadOffset: number;
  /** How many entries it has. */
  count?: number;
  /** Of a custom section. */
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
  /** In the index space of its kind. */
  index: number;
  offset: number;
  typeIndex?: number;
  /** `(i32) -> void`, `mutable i32`, `funcref 1..`, `2..16 pages` */
  type?: string;
  module: string;
  name: string;
  display: string;
}

/** Row N is function N: imported ones come first. */
export interface FunctionRow {
  /** In `imports`, of an imported function. */
  import?: number;
  /** Of the body in the file, behind its size. */
  offset?: number;
  /** Of the body, in bytes. */
  size?: number;
  /** How many locals it declares. */
  locals?: number;
  /** In `comdats`. */
  comdat?: number;
  typeIndex?: number;
  type?: string;
  /** From its symbol, the name section, an import or an export. */
  name?: string;
  display?: string;
}

export interface TableRow {
  import?: number;
  minimum: number;
  maximum?: number;
  shared: boolean;
  is64: boolean;
  /** Of its elements: `funcref` */
  type?: string;
  /** What its elements are at first, as text. */
  value?: string;
  name?: string;
}

export interface MemoryRow {
  import?: number;
  /** In pages. */
  minimum: number;
  maximum?: number;
  /** In bytes. */
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
  /** The instructions of its first value: `i32.const 65536` */
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
  /** How many elements: see `elementItems`. */
  count: number;
  /** The first slot, where it is a constant. */
  address?: number;
  /** The instructions that say the first slot. */
  position?: string;
  type?: string;
  name?: string;
}

export interface ElementItemRow {
  /** In `elements`. */
  element: number;
  function?: number;
  /** The instructions, where it is written as such. */
  value?: string;
  /** Of the function. */
  name?: string;
  display?: string;
}

export interface DataSegmentRow {
  mode: 'active' | 'passive';
  memory?: number;
  /** In memory, where it is a constant. */
  address?: number;
  /** Of its bytes in the file. */
  offset: number;
  size: number;
  /** The alignment is two to the power of this. */
  p2align?: number;
  flags: ('strings' | 'tls' | 'retain' | (string & {}))[];
  comdat?: number;
  /** The instructions that say the address. */
  position?: string;
  name?: string;
}

export interface SymbolRow {
  kind: 'function' | 'data' | 'global' | 'section' | 'tag' | 'table';
  flags: (SymbolFlag | (string & {}))[];
  /** Function, global, tag, table: in its index space. Section: in `sections`. */
  index?: number;
  /** In `imports`, of an undefined function, global, tag or table. */
  import?: number;
  /** Data: in `dataSegments`. */
  segment?: number;
  /** Data: in its segment, or the address of an absolute symbol. */
  offset?: number;
  /** Data. */
  size?: number;
  name?: string;
  display?: string;
}

export interface RelocationRow {
  /** The section that is changed: in `sections`. */
  section: number;
  /** Where, from the section's `payloadOffset`. */
  offset: number;
  /** `R_WASM_FUNCTION_INDEX_LEB` */
  type: string;
  /** What it refers to: in `symbols`, or for `R_WASM_TYPE_INDEX_LEB` in `types`. */
  symbol?: number;
  typeIndex?: number;
  addend: number;
  /** Of the symbol; the type's text. */
  name?: string;
  display?: string;
}

export interface InitFunctionRow {
  priority: number;
  /** In `symbols`. */
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
  /** In `comdats`. */
  comdat: number;
  kind: 'data' | 'function' | 'global' | 'tag' | 'table' | 'section';
  /** In `dataSegments`, `functions`, ... */
  index: number;
  name?: string;
  display?: string;
}

/** Of the name section. */
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
  /** Of locals and labels the function, of fields the type. */
  index?: number;
  /** Of the local, the label or the field. */
  inner?: number;
  name: string;
  display: string;
}

export interface FeatureRow {
  /** `+`: used; `-`: not to be linked with what uses it. */
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

export interface MemberRow {
  /** By its first bytes: `wasm` may be an object, a library or a module. */
  kind: InspectedKind;
  headerOffset: number;
  /** Of its bytes in the archive. */
  offset: number;
  size: number;
  /** How many symbols the archive's index lists for it. */
  symbols: number;
  name: string;
}

export interface ArchiveSymbolRow {
  /** In `members`. */
  member: number;
  name: string;
  display: string;
}

export interface CompileUnitRow {
  /** In `sections`. */
  section: number;
  /** In that section. */
  offset: number;
  /** Of DWARF. */
  version: number;
  /** In `.debug_line`. */
  lineTable?: number;
  language?: string;
  name?: string;
  compDir?: string;
  producer?: string;
}

export interface UnitRangeRow {
  /** In `compileUnits`. */
  unit: number;
  /** From the file's `codeOffset`. */
  begin: number;
  end: number;
}

export interface LineRow {
  /** From the file's `codeOffset`. */
  address: number;
  /** In `lines.files`. */
  file?: number;
  line: number;
  column: number;
  flags: ('stmt' | 'basic-block' | 'prologue-end' | 'epilogue-begin' | 'end-sequence')[];
}

export interface SourceLine {
  /** Of the first byte that is said to come from here, from the file's `codeOffset`. */
  address: number;
  file?: string;
  line: number;
  column: number;
}

/**
 * A table as columns: for those that may have hundreds of thousands of rows. A column is a typed array, under the name
 * that the property of a row has; a text has two, `nameOffset` and `nameSize`. What is absent is 0xffffffff, or NaN.
 * Numbers of 64 bits are exact up to 2^53.
 */
export interface ColumnarTable<Row> extends Iterable<Row> {
  readonly length: number;
  readonly columns: Readonly<Record<string, Uint8Array | Uint32Array | Float64Array>>;
  /** The names of a column's numbers; of its bits, for flags. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** One row as an object. */
  get(row: number): Row;
  /** The row's name, without the rest of it. */
  name(row: number): string | undefined;
  /** The same as people read it: demangled. */
  display(row: number): string | undefined;
}

/** The line tables, in the order of addresses. Code that the linker left out is not in them. */
export interface Lines extends ColumnarTable<LineRow> {
  /** Paths of source files. */
  readonly files: readonly string[];
  /** What is wrong with the line tables. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where the code at `address` comes from, counted from the file's `codeOffset` as DWARF does. */
  find(address: number): SourceLine | undefined;
  /** The same, counted from the start of the file as engines' stack traces do. */
  findInFile(offset: number): SourceLine | undefined;
  /** The lines of a function, by its index. */
  ofFunction(index: number): SourceLine[];
}

/** Names are bytes, here as in {@link SymbolName}; `display` is the demangled form, or the name. */
export interface Inspection {
  readonly kind: InspectedKind;
  /** `a WebAssembly object`, `LLVM bitcode`, ... */
  readonly description: string;
  /** What to do about a file that cannot be linked; not for what can be, nor where `diagnostics` say what is wrong. */
  readonly remedy?: string;
  /** The file's bytes: a copy, but of archives and Blobs the ones that were given, which must not change. */
  readonly bytes: Uint8Array;
  /** Where the payload of the CODE section begins in the file. */
  readonly codeOffset?: number;
  /** What is malformed, and where. */
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
  /** Of the `dylink.0` section: one row, or none. */
  readonly dylink: readonly DylinkRow[];
  readonly needed: readonly { name: string }[];
  readonly runtimePaths: readonly { path: string }[];
  readonly exportInfos: readonly { flags: SymbolFlag[]; name: string; display: string }[];
  readonly importInfos: readonly { flags: SymbolFlag[]; module: string; name: string; display: string }[];
  /** Of an archive. */
  readonly members: readonly MemberRow[];
  readonly archiveSymbols: ColumnarTable<ArchiveSymbolRow>;
  readonly compileUnits: readonly CompileUnitRow[];
  readonly unitRanges: readonly UnitRangeRow[];

  /** Read when it is first asked for. */
  readonly lines: Lines;
  /** A member of an archive, by its number or its name, inspected. */
  member(which: number | string): Inspection;
}
