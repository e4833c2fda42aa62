// What a report says, put together as the views show it: what is where in memory, and who was chosen over whom.
import type { ImportUse, MemoryRegion, RemovedRow } from 'wasm-weld';
import type { SymbolTable } from './symbols';
import type { LinkReport } from './workspace';

/** For a file: what no input has, the linker made. */
export const linkerName = '(linker)';

/** Kinds of items that have symbols; types, sections and padding have names, and none. */
export const symbolItems: readonly string[] = ['function', 'data', 'global', 'table', 'tag', 'import'];

export interface MemoryPart {
  name: string;
  display: string;
  file: string;
  address: number;
  size: number;
}
export interface MemoryStory {
  pageSize: number;
  pages: number;
  maxPages?: number;
  shared: boolean;
  regions: (MemoryRegion & { parts: number })[];
}

/** What is in memory, by address. */
export function memoryParts({ metafile }: LinkReport): MemoryPart[] {
  const { items, symbols, inputs } = metafile;
  const parts: MemoryPart[] = [];
  const fileOf = (item: number) => {
    const input = items.input[item]!;
    return input < 0
      ? linkerName
      : inputs.member[input]
        ? `${inputs.path[input]}(${inputs.member[input]})`
        : inputs.path[input]!;
  };
  const add = (name: string, item: number, address: number, size: number) =>
    parts.push({ name: name.slice(0, 2000), display: name.slice(0, 2000), file: fileOf(item), address, size });
  const split = new Set<number>();
  symbols.item.forEach((item, s) => {
    if (item >= items.live || !(items.address[item]! >= 0) || !(symbols.size[s]! > 0)) return;
    split.add(item);
    add(symbols.name[s]!, item, items.address[item]! + symbols.offset[s]!, symbols.size[s]!);
  });
  for (let i = 0; i < items.live; i++)
    if (items.address[i]! >= 0 && !split.has(i)) add(items.name[i]!, i, items.address[i]!, items.size[i]!);
  return parts.sort((a, b) => a.address - b.address);
}

export function memoryStory(found: LinkReport): MemoryStory {
  const map = found.report.memoryMap();
  const parts = memoryParts(found);
  const regions = map.regions.map((region) => ({
    ...region,
    parts: parts.filter(({ address }) => address >= region.address && address < region.address + region.size).length,
  }));
  return { ...map, regions };
}

export interface Extraction {
  file: string;
  neededBy: string;
  symbol: string;
  display: string;
  /** Bytes of the output. */
  bytes: number;
}
/** A definition that was not taken, of a name that several linked files define. */
export interface Lost {
  name: string;
  display: string;
  winner: string;
  winnerAt: number | undefined;
  file: string;
  at: number | undefined;
  why: string;
}
interface Removed {
  name: string;
  display: string;
  kind: string;
  file: string;
  bytes: number;
  referrers: string[];
}
interface Imported {
  module: string;
  name: string;
  kind: string;
  type: string;
  users: { display: string; name: string; kind: string; file: string }[];
}
/** Of those that were searched for, the first ones, and how many there are. */
export interface Listed<Row> {
  count: number;
  rows: Row[];
}
export interface Resolution {
  extracted: Listed<Extraction>;
  lost: Listed<Lost>;
  removed: Listed<Removed>;
  imports: Listed<Imported>;
  /** Whatever was searched for. */
  removedInAll: { count: number; bytes: number };
}

/** More rows than that of a list nobody reads: who wants another one searches for it. */
const mostListed = 2000;

/** What the linker decided. All of it stays here, and the page gets what it shows. */
export class Decisions {
  readonly #extracted: Extraction[];
  readonly #removed: Removed[];
  readonly #imports: ImportUse[];

  constructor(
    { metafile, report }: LinkReport,
    private readonly table: SymbolTable,
  ) {
    const { inputs } = metafile;
    const sizes = new Map(report.size({ by: 'member' }).map(({ name, bytes }) => [name, bytes]));
    this.#extracted = inputs.path.flatMap((path, i) => {
      if (inputs.neededBy[i] === '') return [];
      const file = inputs.member[i] ? `${path}(${inputs.member[i]})` : path;
      const symbol = inputs.symbol[i]!;
      const [row] = table.named(symbol);
      const display = row === undefined ? symbol : table.display(row);
      return {
        file,
        neededBy: inputs.neededBy[i]!,
        symbol: symbol.slice(0, 2000),
        display: display.slice(0, 2000),
        bytes: sizes.get(file) ?? 0,
      };
    });
    this.#removed = report.removed().map(shortened);
    this.#imports = report.imports();
  }

  /** Rows with `text` in a name, without regard to the case. */
  choose(text: string): Resolution {
    const wanted = text.toLowerCase();
    const has = (...texts: string[]) => wanted === '' || texts.some((one) => one.toLowerCase().includes(wanted));
    const extracted = this.#extracted.filter((row) => has(row.file, row.neededBy, row.symbol, row.display));
    const removed = this.#removed.filter((row) => has(row.name, row.display, row.file));
    const imports = this.#imports.filter((row) => has(row.module, row.name, ...row.users.map((user) => user.display)));
    return {
      extracted: listed(extracted, (row) => row),
      lost: this.#lost(has),
      removed: listed(removed, (row) => row),
      imports: listed(imports, ({ module, name, kind, type, users }) => ({
        module: module.slice(0, 2000),
        name: name.slice(0, 2000),
        kind,
        type,
        users: users.slice(0, 20).map((u) => ({
          name: u.name.slice(0, 2000),
          display: u.display.slice(0, 2000),
          kind: u.kind,
          file: u.file ?? linkerName,
        })),
      })),
      removedInAll: {
        count: this.#removed.length,
        bytes: this.#removed.reduce((sum, { bytes }) => sum + bytes, 0),
      },
    };
  }

  #lost(has: (...texts: string[]) => boolean): Listed<Lost> {
    const { table } = this;
    const rows: Lost[] = [];
    let count = 0;
    for (const { winner, losers } of table.contests()) {
      const named = has(table.name(winner), table.display(winner), table.file(winner).name);
      for (const loser of losers) {
        if (!named && !has(table.file(loser).name)) continue;
        if (count++ < mostListed) rows.push(lostOf(table, winner, loser));
      }
    }
    return { count, rows };
  }
}

function listed<Row, Shown>(rows: readonly Row[], show: (row: Row) => Shown): Listed<Shown> {
  return { count: rows.length, rows: rows.slice(0, mostListed).map(show) };
}

/** There may be many thousands, and as many referrers of each. */
function shortened({ name, display, kind, file, bytes, referrers }: RemovedRow): Removed {
  return {
    name: name.slice(0, 2000),
    display: display.slice(0, 2000),
    kind,
    file: file ?? linkerName,
    bytes,
    referrers: referrers.slice(0, 5).map((r) => r.display.slice(0, 500)),
  };
}

export function lostOf(table: SymbolTable, winner: number, loser: number): Lost {
  const { name, display, file } = table.line(winner);
  return {
    name,
    display,
    winner: file,
    winnerAt: table.at(winner),
    file: table.file(loser).name,
    at: table.at(loser),
    why: whyLost(table, loser),
  };
}

function whyLost(table: SymbolTable, row: number): string {
  if (table.isInComdat(row)) return 'the same comdat was linked before';
  return table.line(row).binding === 'weak' ? 'it is weak' : 'the first was taken';
}
