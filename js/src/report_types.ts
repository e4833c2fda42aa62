// What a metafile says, and what is told of it.
import type { SymbolName } from './types.js';

/**
 * What an output consists of and what kept it there. Tables are objects of columns that are equally long; a row of another
 * table is a number, -1 for none. More is in weld's source, `core/report/README.md`.
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
    /** `offset` and `size` are of the payload, without the id and the size before it. */
    sections: { id: number[]; name: string[]; offset: number[]; size: number[] };
  };
  /** The objects that were linked, in link order. `neededBy`, `symbol`: why an archive's member was; else empty. */
  inputs: { path: string[]; member: string[]; neededBy: string[]; symbol: string[] };
  items: {
    /** How many are in the output; the others were removed. */
    live: number;
    /** What the numbers of `kind` mean. */
    kinds: ReportKind[];
    kind: number[];
    name: string[];
    input: number[];
    /** Of a function's body with its size field, of data in memory; of what was removed, in its input. */
    size: number[];
    /** Data: the row of `memory.segments`. */
    segment: number[];
    address: number[];
    /** A function's first slot in the table. */
    slot: number[];
  };
  /** Names that are not simply their item's: other names of functions, variables in a segment of several. */
  symbols: { name: string[]; item: number[]; offset: number[]; size: number[] };
  /** What item 0 refers to, `count[0]` items, then what item 1 does, ... */
  edges: { count: number[]; to: number[] };
  roots: { item: number[]; reason: string[]; symbol: string[] };
  /** Whose each byte of the output is, from the first to the last. */
  layout: { item: number[]; size: number[] };
  imports: { module: string[]; name: string[]; kind: string[]; type: string[]; item: number[] };
  exports: { name: string[]; kind: string[]; item: number[] };
  memory: {
    pageSize: number;
    pages: number;
    /** 0: no maximum. */
    maxPages: number;
    shared: boolean;
    segments: { name: string[]; kind: string[]; address: number[]; size: number[] };
    stack?: { address: number; size: number };
    heap?: { address: number; size: number };
  };
}

/**
 * What an item is. `strings`: merged strings that several inputs have; `section`: the frame of a section, its head and
 * counts; `object`: an object's constructors and retained data, which are kept when anything of it is.
 */
// biome-ignore format: a table
export type ReportKind =
  | 'function' | 'data' | 'custom' | 'global' | 'table' | 'tag' | 'import' | 'type' | 'strings' | 'section' | 'padding'
  | 'object';

/** Something in an output: its name, and where it comes from; without a `file`, from the linker. */
export interface ReportItem extends SymbolName {
  kind: ReportKind;
  /** An object, or an archive with its member: `libc.a(printf.o)`. */
  file?: string;
}

export interface SizeOptions {
  /**
   * What is summed up: files as they were named (default), archive members, sections of the output, symbols, or kinds of
   * items.
   */
  by?: 'input' | 'member' | 'section' | 'symbol' | 'kind';
  /** The largest only. */
  limit?: number;
}

/** A row of {@link Report.size}. The sum of all rows' `bytes` is the output's size. */
export interface SizeRow extends SymbolName {
  bytes: number;
  /** By input, member and kind: how many items. */
  count?: number;
  /** By symbol. */
  kind?: ReportKind;
  file?: string;
}

/** A row of {@link Report.retained}. */
export interface RetainedRow extends ReportItem {
  bytes: number;
  /** What the output would lack without it: its own bytes, and those of all that only it keeps. */
  retained: number;
}

/** Why something is in the output, or is not. */
export interface Explanation extends ReportItem {
  /** Garbage collection removed it: `bytes` are those that its input has. */
  removed: boolean;
  bytes: number;
  retained?: number;
  /** What has this name, when the name is a part or another name of it. */
  item?: string;
  tableSlot?: number;
  address?: number;
  /** Why its archive's member was linked: `by`, a file or an option, needed `symbol`. */
  extracted?: { by: string; symbol: string };
  /** Why the first item of `path` is kept. */
  roots: { reason: RootReason; symbol?: string }[];
  /** A shortest way from something that is kept for its own sake to this: each refers to the next. */
  path: ReportItem[];
  /** All that refer to it. Of what was removed: who would have kept it, and was removed as well. */
  referrers: ReportItem[];
}

/**
 * `export`: by an option; `export-attribute`: the object asks for it; `no-strip`: marked to be kept (`used`, `retain`);
 * `input`: the object is linked as such, not as an archive's member; `linker`: the linker needs it.
 */
// biome-ignore format: a table
export type RootReason =
  | 'entry' | 'export' | 'export-attribute' | 'export-all' | 'export-dynamic' | 'no-strip' | 'destructors' | 'input'
  | 'linker' | 'custom-section' | 'format' | 'no-gc-sections';

export interface Why {
  /** Everything of that name: local symbols of several objects may share one. */
  matches: Explanation[];
  /** Names that may have been meant, when there is nothing of that name. */
  similar: string[];
}

export interface RemovedRow extends ReportItem {
  /** In its input. */
  bytes: number;
  /** Who would have kept it, and was removed as well. */
  referrers: ReportItem[];
}

export interface MemoryRegion {
  /** `zeros`: data that takes no bytes in the output; `tls`: the first thread's. */
  kind: 'stack' | 'data' | 'zeros' | 'tls' | 'heap' | 'unused';
  name?: string;
  address: number;
  size: number;
}

export interface MemoryMap {
  pageSize: number;
  /** At the start. */
  pages: number;
  maxPages?: number;
  shared: boolean;
  /** From address 0 on, without gaps. */
  regions: MemoryRegion[];
}

export interface ImportUse {
  module: string;
  name: string;
  kind: 'function' | 'table' | 'memory' | 'global' | 'tag';
  /** `(i32, i64) -> void`, `var i32`, ... */
  type: string;
  /** Who needs it. */
  users: ReportItem[];
}

export interface DiffRow extends ReportItem {
  change: 'added' | 'removed' | 'grown' | 'shrunk';
  /** Bytes of the output. */
  before: number;
  after: number;
}

export interface ReportDiff {
  /** Sizes of the two outputs. */
  before: number;
  after: number;
  /** Sections that differ. */
  sections: (Omit<DiffRow, 'kind'> & { kind: 'section' })[];
  /** Items that differ, the largest difference first. */
  items: DiffRow[];
}

/** What can be told of a metafile: see `openReport`. */
export interface Report {
  /** What the output consists of, the largest first. */
  size(options?: SizeOptions): SizeRow[];
  /** Items by what the output would lack without each of them, the largest first. */
  retained(options?: { limit?: number }): RetainedRow[];
  /** Why a symbol is in the output, or is not. `symbol`: as in the object or demangled, with or without parameters. */
  why(symbol: string): Why;
  /** What garbage collection removed, the largest first. */
  removed(options?: { limit?: number }): RemovedRow[];
  memoryMap(): MemoryMap;
  imports(): ImportUse[];
  /** An ES module with a function for each import, to be filled in; WASI's point at a shim. */
  importStub(): string;
  /** What differs in `newer`. */
  diff(newer: Report, options?: { limit?: number }): ReportDiff;
}
