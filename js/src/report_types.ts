// The contract of metafiles and reports.
import type { SymbolName } from './types.js';

/**
 * Describes what an output consists of, and why each part of it was kept. A table is an object of columns with equal
 * lengths. A reference to a row of another table is its number, or -1 for none. For more, see `core/report/README.md`
 * in weld's source.
 */
export interface Metafile {
  /** Says that it is a metafile. */
  format: 'weld-metafile';
  /** The version of the format. */
  version: 1;
  /** The output itself. */
  output: {
    /** The file name of the output. */
    name: string;
    /** What was linked. */
    kind: 'executable' | 'pie' | 'shared' | 'relocatable';
    /** The size of the output in bytes. */
    size: number;
    /** Whether garbage collection was on. */
    gc: boolean;
    /** `offset` and `size` describe the payload, without the id and the size field before it. */
    sections: { id: number[]; name: string[]; offset: number[]; size: number[] };
  };
  /** The objects in link order. For members of archives, `neededBy` and `symbol` give the reason for linking them. */
  inputs: { path: string[]; member: string[]; neededBy: string[]; symbol: string[] };
  /** What the output consists of, and what was removed from it. */
  items: {
    /** The number of items in the output. They come first; the other items were removed. */
    live: number;
    /** The meaning of the numbers in `kind`. */
    kinds: ReportKind[];
    /** What each item is: a number of `kinds`. */
    kind: number[];
    /** The name as the object has it. */
    name: string[];
    /** The row in `inputs`, or -1: the linker made it. */
    input: number[];
    /**
     * For functions, the size of the body with its size field. For data, the size in memory. For removed items, the
     * size in the input.
     */
    size: number[];
    /** For data: the row in `memory.segments`. */
    segment: number[];
    /** For data: the address. */
    address: number[];
    /** For functions: the first table slot. */
    slot: number[];
  };
  /** Names that are not the name of an item: further names of functions, and variables that share a segment. */
  symbols: { name: string[]; item: number[]; offset: number[]; size: number[] };
  /** The references of item 0 (`count[0]` items), then the references of item 1, ... */
  edges: { count: number[]; to: number[] };
  /** What was kept for a reason of its own. An item may have several reasons. */
  roots: { item: number[]; reason: string[]; symbol: string[] };
  /** The item that each byte of the output belongs to, from the first byte to the last. */
  layout: { item: number[]; size: number[] };
  /** The imports of the output, with the items that stand for them. */
  imports: { module: string[]; name: string[]; kind: string[]; type: string[]; item: number[] };
  /** The exports of the output, with the items that they name. -1: the memory. */
  exports: { name: string[]; kind: string[]; item: number[] };
  /** The memory that the output asks for, and what lies in it. */
  memory: {
    /** The size of a page in bytes. */
    pageSize: number;
    /** The initial number of pages. */
    pages: number;
    /** The maximum number of pages. 0 if there is no maximum. */
    maxPages: number;
    /** Whether threads share the memory. */
    shared: boolean;
    /** The data, in the order of addresses. */
    segments: { name: string[]; kind: string[]; address: number[]; size: number[] };
    /** The stack, if the linker placed it. */
    stack?: { address: number; size: number };
    /** Where the heap begins, and its initial size. */
    heap?: { address: number; size: number };
  };
}

/**
 * The kind of an item. `strings`: merged strings that several inputs share. `section`: the head and the counts of a
 * section. `object`: the constructors and retained data of an object, which are kept if any part of the object is kept.
 */
// biome-ignore format: a table
export type ReportKind =
  | 'function' | 'data' | 'custom' | 'global' | 'table' | 'tag' | 'import' | 'type' | 'strings' | 'section' | 'padding'
  | 'object';

/** A part of an output, with its name. If there is no `file`, the linker made it. */
export interface ReportItem extends SymbolName {
  /** What the item is. */
  kind: ReportKind;
  /** The object that it comes from, or an archive with a member: `libc.a(printf.o)`. */
  file?: string;
}

/**
 * What the rows of a table of sizes stand for.
 *
 * - `input`: files as they were given. `object` and `member` (two words for one thing): objects, of archives each
 *   member. `directory`: the folder of an object, or the archive of a member.
 * - `symbol`: symbols. `function`: functions, where all instances of a template or a generic function are one.
 *   `namespace`: namespaces of C++, modules of Rust. `crate`: crates of Rust. What has no such name is summed up by
 *   what it is, in parentheses: `(data)`, `(debug)`.
 * - `section`: sections of the output. `kind`: kinds of items.
 * - `source`, `line`: source files, and lines of them, that code comes from. Code that was inlined counts where it was
 *   written. Only of modules with debug information.
 */
// biome-ignore format: a table
export type SizeBy =
  | 'input' | 'object' | 'member' | 'directory' | 'symbol' | 'function' | 'namespace' | 'crate' | 'section' | 'kind'
  | 'source' | 'line';

/** The options of {@link Report.size}. */
export interface SizeOptions {
  /** The default is `input`, and `function` for a module without its metafile. */
  by?: SizeBy;
  /** Return only this number of rows, the largest. */
  limit?: number;
}

/** A row of {@link Report.size}. The sum of all rows' `bytes` is the output's size. */
export interface SizeRow extends SymbolName {
  /** The bytes of the output that belong to it. */
  bytes: number;
  /** The number of items. Not by section, nor by symbol. */
  count?: number;
  /** By symbol: the kind of the item. */
  kind?: ReportKind;
  /** By symbol: the object that it comes from. */
  file?: string;
}

/** Bytes of items, by the sections that they are in. `rest` is all that is none of the others. */
export interface PartColumns {
  /** In the code section. */
  code: number[];
  /** In data segments. */
  data: number[];
  /** In the name section. */
  names: number[];
  /** In debug information. */
  debug: number[];
  /** In all other sections. */
  rest: number[];
}

/** Something that costs much: a row of {@link Report.costs}. */
export interface Cost extends ReportItem {
  /** The bytes of the output that belong to it. */
  bytes: number;
  /** The bytes that the output would lack without the item. */
  retained: number;
  /** A shortest path from a root to what refers to the item. */
  path: ReportItem[];
}

/**
 * All items of an output with their sizes and all that they can be grouped by, as columns of equal length: see
 * {@link Report.sizeModel}. The elements of `wasm-weld-views` show it.
 */
export interface SizeModel {
  /** The output's. */
  name: string;
  /** The size of the output in bytes. */
  size: number;
  /** The older output, if two were compared. */
  before?: { name: string; size: number };
  /** See {@link Report.explains}. */
  explains: boolean;
  /** See {@link Report.costs}. Empty if the report was made of a module. */
  costs: Cost[];
  /** The objects: the path of the file, and the member if the file is an archive. `leaves.file` numbers them. */
  files: { path: string[]; member: string[] };
  /** Texts that leaves refer to by number. The first is empty. */
  words: string[];
  /** The meaning of the numbers in `leaves.kind`. */
  kinds: ReportKind[];
  /** The items, or several small ones together. */
  leaves: PartColumns & {
    /** Empty for several small items that were summed up because of `limit`. */
    name: string[];
    /** Empty if it is the same as the name. */
    display: string[];
    /** The number of the kind in `kinds`. */
    kind: number[];
    /** -1: the linker made it, or the file is not known. */
    file: number[];
    /** Words: the name without its scope, template arguments and parameters. 0 if the item has no symbol. */
    base: number[];
    /** Words: the namespace. */
    namespace: number[];
    /** Words: the classes, types and functions within the namespace around the item, as in `A::B`. */
    class: number[];
    /** Words: the crate of Rust. */
    crate: number[];
    /** The number of items. 0 if they are only in the older output. */
    count: number[];
    /** The bytes that the output would lack without it. */
    retained?: number[];
    /** The same in the older output. */
    before?: PartColumns & { count: number[] };
  };
}

/** A row of {@link Report.retained}. */
export interface RetainedRow extends ReportItem {
  /** The bytes of the output that belong to it. */
  bytes: number;
  /**
   * The bytes that the output would lack without this item: its own bytes, and the bytes of all items that only it
   * keeps.
   */
  retained: number;
}

/** Explains why something is in the output, or why it is not. */
export interface Explanation extends ReportItem {
  /** Whether garbage collection removed the item. `bytes` is then its size in the input. */
  removed: boolean;
  /** The bytes of the output that belong to it. */
  bytes: number;
  /** The bytes that the output would lack without it. */
  retained?: number;
  /** The name of the item, if the symbol is a part of it or another name for it. */
  item?: string;
  /** The first table slot of a function. */
  tableSlot?: number;
  /** The address of data. */
  address?: number;
  /** Why the archive member was linked: `by` (a file or an option) needed `symbol`. */
  extracted?: { by: string; symbol: string };
  /** The reasons for which the first item of `path` is kept. */
  roots: { reason: RootReason; symbol?: string }[];
  /** A shortest path from a root to this item. Each item of the path refers to the next. */
  path: ReportItem[];
  /** The items that refer to this item. If it was removed, all of them were removed too. */
  referrers: ReportItem[];
}

/**
 * The reason for which a root is kept. `export`: an option exports it. `export-attribute`: the object asks for the
 * export. `no-strip`: the object marks it to be kept (`used`, `retain`). `input`: the object is an input itself, not a
 * member of an archive. `linker`: the linker needs it.
 */
// biome-ignore format: a table
export type RootReason =
  | 'entry' | 'export' | 'export-attribute' | 'export-all' | 'export-dynamic' | 'no-strip' | 'destructors' | 'input'
  | 'linker' | 'custom-section' | 'format' | 'no-gc-sections';

/** The answer of {@link Report.why}. */
export interface Why {
  /** All items with this name. Local symbols of several objects may have the same name. */
  matches: Explanation[];
  /** Similar names, if there is no match. */
  similar: string[];
}

/** A row of {@link Report.removed}. */
export interface RemovedRow extends ReportItem {
  /** The size in the input. */
  bytes: number;
  /** The items that refer to this item. They were removed too. */
  referrers: ReportItem[];
}

/** A region of {@link MemoryMap}. */
export interface MemoryRegion {
  /** `zeros`: data that takes no bytes in the output. `tls`: the thread-local data of the first thread. */
  kind: 'stack' | 'data' | 'zeros' | 'tls' | 'heap' | 'unused';
  /** The name of the data segment. */
  name?: string;
  /** The first address. */
  address: number;
  /** The size in bytes. */
  size: number;
}

/** The answer of {@link Report.memoryMap}. */
export interface MemoryMap {
  /** The size of a page in bytes. */
  pageSize: number;
  /** The initial number of pages. */
  pages: number;
  /** The maximum number of pages, if there is one. */
  maxPages?: number;
  /** Whether threads share the memory. */
  shared: boolean;
  /** The regions from address 0, without gaps. */
  regions: MemoryRegion[];
}

/** An import of the output, and the items that use it. */
export interface ImportUse {
  /** The name of the module that it is imported from. */
  module: string;
  /** The name that it has in that module. */
  name: string;
  /** What is imported. */
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** `(i32, i64) -> void`, `var i32`, ... */
  type: string;
  /** The items that use the import. */
  users: ReportItem[];
}

/** A difference between two outputs. */
export interface DiffRow extends ReportItem {
  /** What happened to it in the newer output. */
  change: 'added' | 'removed' | 'grown' | 'shrunk';
  /** The sizes in the two outputs, in bytes. */
  before: number;
  /** The size in the newer output, in bytes. */
  after: number;
}

/** A difference between groups of items of two outputs. */
export interface GroupDiffRow extends SymbolName {
  /** What happened to it in the newer output. */
  change: 'added' | 'removed' | 'grown' | 'shrunk';
  /** The bytes of the older output that belong to it. */
  before: number;
  /** The bytes of the newer output that belong to it. */
  after: number;
}

/** The answer of {@link Report.diff}. */
export interface ReportDiff {
  /** The sizes of the two outputs in bytes. */
  before: number;
  /** The size of the newer output in bytes. */
  after: number;
  /** Sections that differ. */
  sections: (Omit<DiffRow, 'kind'> & { kind: 'section' })[];
  /** Items that differ, the largest difference first. */
  items: DiffRow[];
}

/** Answers questions about an output, from its metafile: see `openReport`. */
export interface Report {
  /**
   * False if the report was made of a module. A module does not say what keeps what, nor from which files it was
   * linked, so that `retained`, `why`, `removed` and `memoryMap` throw.
   */
  readonly explains: boolean;
  /** Lists what the output consists of, the largest parts first. */
  size(options?: SizeOptions): SizeRow[];
  /**
   * Returns all items with their sizes, for views and for programs that group them in their own way. `before` is an older
   * report to compare with. If there are more than `limit` items, the smaller ones are summed up by their groups.
   */
  sizeModel(options?: { before?: Report; limit?: number }): SizeModel;
  /**
   * Lists what costs most, and from where it is reached: at most three items, the largest first, each in a part of the
   * output of its own. What is nearly all of the output is left out, and so are small items.
   */
  costs(): Cost[];
  /** Lists the items with the bytes that the output would lack without each of them, the largest first. */
  retained(options?: { limit?: number }): RetainedRow[];
  /**
   * Explains why a symbol is in the output, or why it is not. The name may be mangled or demangled, with or without
   * parameters.
   */
  why(symbol: string): Why;
  /** Lists what garbage collection removed, the largest items first. */
  removed(options?: { limit?: number }): RemovedRow[];
  /** Describes the memory: stack, data, heap. */
  memoryMap(): MemoryMap;
  /** Lists the imports and their uses. */
  imports(): ImportUse[];
  /**
   * Returns the text of an ES module with a function to fill in for each import. For WASI's functions it names a shim.
   */
  importStub(): string;
  /** Compares this output with a newer one. */
  diff(newer: Report, options?: { limit?: number }): ReportDiff;
  /** The same for groups of items. Only those that differ are returned, the largest difference first. */
  diff(newer: Report, options: { by: SizeBy; limit?: number }): GroupDiffRow[];
}
