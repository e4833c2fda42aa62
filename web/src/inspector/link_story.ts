// What a report says, put together as the views show it: what is where in memory, and who was chosen over whom.
import type { MemoryRegion } from 'wasm-weld';
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
export interface Contest {
  name: string;
  display: string;
  winner: string;
  winnerAt: number | undefined;
  losers: { file: string; at: number | undefined; why: string }[];
}
export interface Resolution {
  extracted: Extraction[];
  contests: Contest[];
  contestCount: number;
  removed: { name: string; display: string; kind: string; file: string; bytes: number; referrers: string[] }[];
  removedCount: number;
  removedBytes: number;
  imports: {
    module: string;
    name: string;
    kind: string;
    type: string;
    users: { display: string; name: string; kind: string; file: string }[];
  }[];
}

const mostShown = 2000;

export function resolution({ metafile, report }: LinkReport, table: SymbolTable): Resolution {
  const { inputs } = metafile;
  const sizes = new Map(report.size({ by: 'member' }).map(({ name, bytes }) => [name, bytes]));
  const extracted = inputs.path.flatMap((path, i) => {
    if (inputs.neededBy[i] === '') return [];
    const file = inputs.member[i] ? `${path}(${inputs.member[i]})` : path;
    const symbol = inputs.symbol[i]!;
    const [row] = table.named(symbol);
    const display = row === undefined ? symbol : table.line(row).display;
    return {
      file,
      neededBy: inputs.neededBy[i]!,
      symbol: symbol.slice(0, 2000),
      display: display.slice(0, 2000),
      bytes: sizes.get(file) ?? 0,
    };
  });
  const removed = report.removed();
  const contests = contestsOf(table);
  return {
    extracted,
    contests: contests.slice(0, mostShown),
    contestCount: contests.length,
    removed: removed.slice(0, mostShown).map(({ name, display, kind, file, bytes, referrers }) => ({
      name: name.slice(0, 2000),
      display: display.slice(0, 2000),
      kind,
      file: file ?? linkerName,
      bytes,
      referrers: referrers.slice(0, 5).map((r) => r.display.slice(0, 500)),
    })),
    removedCount: removed.length,
    removedBytes: removed.reduce((sum, { bytes }) => sum + bytes, 0),
    imports: report.imports().map(({ module, name, kind, type, users }) => ({
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
  };
}

/** Names that several linked files define. */
function contestsOf(table: SymbolTable): Contest[] {
  const contests: Contest[] = [];
  const seen = new Set<string>();
  for (let row = 0; row < table.length; row++) {
    const line = table.names[row]!;
    if (seen.has(line) || table.isLocal(row) || !table.isDefined(row)) continue;
    const rows = table.named(line);
    if (rows.length < 2) continue;
    seen.add(line);
    const defined = rows.filter((r) => table.isDefined(r)).map((r) => ({ row: r, ...table.line(r) }));
    const linked = defined.filter(({ state }) => state === 'alive' || state === 'removed' || state === 'lost');
    const winner = linked.find(({ state }) => state !== 'lost') ?? linked[0];
    const losers = linked.filter((other) => other !== winner && other.state === 'lost');
    if (!winner || losers.length === 0) continue;
    contests.push({
      name: winner.name,
      display: winner.display,
      winner: winner.file,
      winnerAt: table.at(winner.row),
      losers: losers.map((loser) => ({
        file: loser.file,
        at: table.at(loser.row),
        why: whyLost(table, loser.row, loser.binding),
      })),
    });
  }
  return contests;
}

function whyLost(table: SymbolTable, row: number, binding: string): string {
  const { inspection } = table.file(row);
  const symbol = inspection.symbols.get(table.symbol(row));
  const inComdat =
    symbol.kind === 'function' && symbol.index !== undefined && symbol.index < inspection.functions.length
      ? inspection.functions.get(symbol.index).comdat !== undefined
      : symbol.segment !== undefined && inspection.dataSegments[symbol.segment]?.comdat !== undefined;
  if (inComdat) return 'the same comdat was linked before';
  return binding === 'weak' ? 'it is weak' : 'the first was taken';
}
