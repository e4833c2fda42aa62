// The contract of metafiles and reports.
import type { SymbolName } from './types.js';

/**
 * Describes what an output consists of, and why each part of it was kept. A table is an object of columns with equal
 * lengths. A reference to a row of another table is its number, or -1 for none. For more, see `core/report/README.md`
 * in weld's source.
 */
export interface Metafile {
  format: 'weld-metafile';
  version: 1;
  output: {
    name: string;
    kind: 'executable' | 'pie' | 'shared' | 'relocatable';
    size: number;
    /** Whether garbage collection was on. */
    gc: boolean;
    /** `offset` and `size` describe the payload, without the id and the size field before it. */
    sections: { id: number[]; name: string[]; offset: number[]; size: number[] };
  };
  /** The objects in link order. For members of archives, `neededBy` and `symbol` give the reason for linking them. */
  inputs: { path: string[]; member: string[]; neededBy: string[]; symbol: string[] };
  items: {
    /** The number of items in the output. They come first; the other items were removed. */
    live: number;
    /** The meaning of the numbers in `kind`. */
    kinds: ReportKind[];
    kind: number[];
    name: string[];
    input: number[];
    /**
     * For functions, the size of the body with its size field. For data, the size in memory. For removed items, the
     * size in the input.
     */
    size: number[];
    /** For data: the row in `memory.segments`. */
    segment: number[];
    address: number[];
    /** For functions: the first table slot. */
    slot: number[];
  };
  /** Names that are not the name of an item: further names of functions, and variables that share a segment. */
  symbols: { name: string[]; item: number[]; offset: number[]; size: number[] };
  /** The references of item 0 (`count[0]` items), then the references of item 1, ... */
  edges: { count: number[]; to: number[] };
  roots: { item: number[]; reason: string[]; symbol: string[] };
  /** The item that each byte of the output belongs to, from the first byte to the last. */
  layout: { item: number[]; size: number[] };
  imports: { module: string[]; name: string[]; kind: string[]; type: string[]; item: number[] };
  exports: { name: string[]; kind: string[]; item: number[] };
  memory: {
    pageSize: number;
    pages: number;
    /** The maximum number of pages. 0 if there is no maximum. */
    maxPages: number;
    shared: boolean;
    segments: { name: string[]; kind: string[]; address: number[]; size: number[] };
    stack?: { address: number; size: number };
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
  kind: ReportKind;
  /** The object that it comes from, or an archive with a member: `libc.a(printf.o)`. */
  file?: string;
}

export interface SizeOptions {
  /**
   * What the rows stand for: input files (default), archive members, sections of the output, symbols, or kinds of
   * items.
   */
  by?: 'input' | 'member' | 'section' | 'symbol' | 'kind';
  /** Return only this number of rows, the largest. */
  limit?: number;
}

/** A row of {@link Report.size}. The sum of all rows' `bytes` is the output's size. */
export interface SizeRow extends SymbolName {
  bytes: number;
  /** By input, member and kind: the number of items. */
  count?: number;
  /** By symbol: the kind of the item. */
  kind?: ReportKind;
  file?: string;
}

/** A row of {@link Report.retained}. */
export interface RetainedRow extends ReportItem {
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
  bytes: number;
  retained?: number;
  /** The name of the item, if the symbol is a part of it or another name for it. */
  item?: string;
  tableSlot?: number;
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
  name?: string;
  address: number;
  size: number;
}

/** The answer of {@link Report.memoryMap}. */
export interface MemoryMap {
  pageSize: number;
  /** The initial number of pages. */
  pages: number;
  maxPages?: number;
  shared: boolean;
  /** The regions from address 0, without gaps. */
  regions: MemoryRegion[];
}

/** An import of the output, and the items that use it. */
export interface ImportUse {
  module: string;
  name: string;
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** `(i32, i64) -> void`, `var i32`, ... */
  type: string;
  /** The items that use the import. */
  users: ReportItem[];
}

/** A difference between two outputs. */
export interface DiffRow extends ReportItem {
  change: 'added' | 'removed' | 'grown' | 'shrunk';
  /** The sizes in the two outputs, in bytes. */
  before: number;
  after: number;
}

/** The answer of {@link Report.diff}. */
export interface ReportDiff {
  /** The sizes of the two outputs in bytes. */
  before: number;
  after: number;
  /** Sections that differ. */
  sections: (Omit<DiffRow, 'kind'> & { kind: 'section' })[];
  /** Items that differ, the largest difference first. */
  items: DiffRow[];
}

/** Answers questions about an output, from its metafile: see `openReport`. */
export interface Report {
  /** Lists what the output consists of, the largest parts first. */
  size(options?: SizeOptions): SizeRow[];
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
}
