// What the size view asks, and what it is answered. The answers are small however large the output is, so that whoever has
// the model may be in a worker.
import type { ReportItem, ReportKind, SizeModel } from 'wasm-weld';

/** What the areas of the map are put together by, and what their colours stand for. */
export type Grouping = 'namespace' | 'crate' | 'folder' | 'kind';
export const groupings: readonly Grouping[] = ['namespace', 'crate', 'folder', 'kind'];

/** What bytes are, by their section. */
export type Part = 'code' | 'data' | 'names' | 'debug' | 'rest';
export const parts: readonly Part[] = ['code', 'data', 'names', 'debug', 'rest'];

export interface SizeQuery {
  by: Grouping;
  colour: Grouping;
  /** The names of the nodes that were opened, from the outermost. */
  path: readonly string[];
  /** What is counted. */
  parts: readonly Part[];
  /** Only items with this text in their names or files; empty: all. */
  text: string;
  /** Whether the instances of a template are one node. */
  summed: boolean;
}

/** A node of the map, or a row. */
export interface SizeNode {
  /** The row of its parent among the nodes of the answer; -1: the node that is open. */
  parent: number;
  /** Unlike that of its siblings: a step of the path. */
  name: string;
  display: string;
  /** A short form, where it is seen what it is in. */
  label: string;
  /** Of an item: its kind. */
  kind: ReportKind | 'group' | 'others';
  bytes: number;
  before: number;
  /** Items in it. */
  count: number;
  /** Of an item, where it is known. */
  retained: number | undefined;
  /** Of an item: `libc.a(printf.o)`. */
  file: string | undefined;
  /** Of an item: the name as the object has it. */
  symbol: string | undefined;
  /** Of the colours; 0: of none that has one of its own. */
  hue: number;
  /** It can be opened. */
  opens: boolean;
}

export interface SizeAnswer {
  /** From the output to what is open. */
  above: { name: string; display: string; bytes: number; before: number }[];
  /** Parents before children. Small ones are put together as `others`. */
  nodes: SizeNode[];
  /** What is right in the open node, the largest first; with a text, the items that have it. */
  rows: SizeNode[];
  rowCount: number;
  /** The largest groups. */
  legend: { name: string; hue: number; bytes: number; before: number }[];
}

export interface SizeSummary {
  name: string;
  size: number;
  before?: { name: string; size: number };
  explains: boolean;
  costs: SizeModel['costs'];
  /** By `parts`. */
  parts: Record<Part, { bytes: number; before: number }>;
  /** Those that tell something of this output. The first is shown first. */
  groupings: Grouping[];
}

export interface Keeper extends ReportItem {
  bytes: number;
  retained: number;
}

export interface SizeSource {
  summary(): Promise<SizeSummary>;
  view(query: SizeQuery): Promise<SizeAnswer>;
  /** The items that keep most. */
  keepers(most: number): Promise<{ rows: Keeper[]; count: number }>;
  /** The output's size when it is compressed; undefined: this browser cannot, or the output is not here. */
  compressed?(): Promise<{ gzip: number | undefined; brotli: number | undefined }>;
  /** With brotli, where the browser cannot. It is only asked for when somebody wants to know, as it may take long. */
  brotli?(): Promise<number>;
}
