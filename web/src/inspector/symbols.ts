// The symbols of files as one table: columns, filtered and sorted here, of which the page sees the rows that it shows.
import type { Metafile } from 'wasm-weld';
import { outputFile, type LookedFile } from './looked_files';
import { noRank, type NamePool } from './name_pool';
import { functionExtent, symbolExtent, type Extent } from './structure';
import { none, SymbolScan } from './symbol_scan';

export const symbolKinds = ['function', 'data', 'global', 'section', 'tag', 'table'] as const;
export type SymbolKind = (typeof symbolKinds)[number];
/** `removed`: garbage collection left it out; `lost`: another definition was taken; `unlinked`: its file is not linked. */
export const symbolStates = ['unknown', 'alive', 'removed', 'lost', 'unlinked', 'undefined'] as const;
export type SymbolState = (typeof symbolStates)[number];
export type Binding = 'global' | 'weak' | 'local';

// As in the linking section.
const weak = 1;
const local = 2;
const hidden = 4;
const undefinedFlag = 0x10;
const exported = 0x20;
const noStrip = 0x80;
const tls = 0x100;
const absolute = 0x200;

/** A name may have a megabyte, and there are many rows: so much of it is told. The detail of one symbol has the whole. */
const longestTold = 2000;

export interface SymbolFilter {
  text: string;
  kind: SymbolKind | '';
  binding: Binding | '';
  defined: 'defined' | 'undefined' | '';
  state: SymbolState | '';
  sort: 'name' | 'kind' | 'size' | 'file' | 'state' | 'binding' | '';
  descending: boolean;
  /** Names as they are in the object. */
  raw: boolean;
}

/** What tells a symbol from all others: one file may have several of one name, and rows are others after each link. */
export interface SymbolId {
  /** Undefined: it may be of any. */
  file?: string | undefined;
  name: string;
  /** {@link SymbolTable.at} */
  at?: number | undefined;
}

export interface SymbolLine {
  name: string;
  display: string;
  kind: SymbolKind;
  binding: Binding;
  flags: string[];
  defined: boolean;
  state: SymbolState;
  size?: number;
  /** An address in memory, where there is one. */
  address?: number;
  file: string;
}

export class SymbolTable {
  length = 0;
  readonly #pool: NamePool;
  #file = new Uint32Array();
  #symbol = new Uint32Array();
  #kind = new Uint8Array();
  #flags = new Uint32Array();
  #size = new Float64Array();
  /** Where its bytes begin in its file; {@link none}: it has none there. */
  #begin = new Uint32Array();
  #address = new Float64Array();
  #state = new Uint8Array();
  #comdat = new Uint8Array();
  /** Rows in the order that was asked for last. */
  #order: Uint32Array = new Uint32Array();
  /** The number of its name. */
  #id = new Uint32Array();
  /** By a name's number: the first of its rows that are not local, and by a row: the next one. -1: none. */
  #chains: { first: Int32Array; next: Int32Array } | undefined;
  /** What became of the symbols is known. */
  isTold = false;

  /** What became of the symbols is not known before {@link learn}. */
  constructor(
    readonly files: readonly LookedFile[],
    pool: NamePool,
  ) {
    this.#pool = pool;
    const scan = new SymbolScan();
    files.forEach((file, i) => {
      if (file.path !== outputFile && scan.read(file.bytes)) this.#addScanned(scan, file.bytes, i);
      else if (isObject(file)) this.#addObject(file, i);
      else this.#addModule(file, i);
    });
  }

  /** From the report of the link. */
  learn(metafile: Metafile | undefined): void {
    this.isTold = true;
    if (!metafile) return;
    this.files.forEach((file, i) => {
      if (file.path === outputFile && !isObject(file)) this.#addData(i, metafile);
    });
    this.#findStates(metafile);
  }

  /** Room for so many rows more. */
  #reserve(count: number): void {
    const least = this.length + count;
    if (least <= this.#id.length) return;
    const most = Math.max(least, Math.ceil(this.length * 1.5));
    const grown = <Column extends Uint8Array | Uint32Array | Float64Array>(column: Column, made: Column) => {
      made.set(column.subarray(0, this.length));
      return made;
    };
    this.#id = grown(this.#id, new Uint32Array(most));
    this.#file = grown(this.#file, new Uint32Array(most));
    this.#symbol = grown(this.#symbol, new Uint32Array(most));
    this.#kind = grown(this.#kind, new Uint8Array(most));
    this.#flags = grown(this.#flags, new Uint32Array(most));
    this.#size = grown(this.#size, new Float64Array(most));
    this.#begin = grown(this.#begin, new Uint32Array(most));
    this.#address = grown(this.#address, new Float64Array(most));
    this.#state = grown(this.#state, new Uint8Array(most));
    this.#comdat = grown(this.#comdat, new Uint8Array(most));
  }

  /** There must be room for it. */
  #add(file: number, symbol: number, id: number, kind: number, flags: number): number {
    const row = this.length++;
    this.#id[row] = id;
    this.#file[row] = file;
    this.#symbol[row] = symbol;
    this.#kind[row] = kind;
    this.#flags[row] = flags;
    this.#size[row] = this.#address[row] = Number.NaN;
    this.#begin[row] = none;
    return row;
  }

  #addScanned(scan: SymbolScan, bytes: Uint8Array, file: number): void {
    this.#reserve(scan.length);
    for (let s = 0; s < scan.length; s++) {
      const id = this.#pool.add(bytes, scan.nameAt[s]!, scan.nameSize[s]!);
      const row = this.#add(file, s, id, scan.kind[s]!, scan.flags[s]!);
      this.#size[row] = scan.size[s]!;
      this.#begin[row] = scan.begin[s]!;
      this.#comdat[row] = scan.comdat[s]!;
    }
  }

  #addObject({ inspection }: LookedFile, file: number): void {
    const { symbols, functions, dataSegments, sections } = inspection;
    this.#reserve(symbols.length);
    for (let s = 0; s < symbols.length; s++) {
      const { kind, name, index = none, segment = none, size } = symbols.get(s);
      const flags = symbols.columns['flags']![s]!;
      const id = this.#pool.addText(name ?? sections[index]?.name ?? '');
      const row = this.#add(file, s, id, Math.max(0, symbolKinds.indexOf(kind as SymbolKind)), flags);
      if (flags & undefinedFlag) continue;
      const of = kind === 'function' && index < functions.length ? functions.get(index) : undefined;
      const bytes = kind === 'function' ? of?.size : kind === 'data' ? size : sections[index]?.size;
      if (bytes !== undefined && kind !== 'global' && kind !== 'tag' && kind !== 'table') this.#size[row] = bytes;
      this.#begin[row] = symbolExtent(inspection, s)?.begin ?? none;
      if ((of ?? dataSegments[segment])?.comdat !== undefined) this.#comdat[row] = 1;
    }
  }

  /** A module has no symbols: its functions and globals stand for them. */
  #addModule({ inspection }: LookedFile, file: number): void {
    const { functions, globals, tags, exports } = inspection;
    this.#reserve(functions.length + globals.length + tags.length);
    const exportedFunctions = new Set(exports.flatMap(({ kind, index }) => (kind === 'function' ? index : [])));
    const { import: imported, size, offset } = functions.columns as Record<string, Uint32Array>;
    for (let f = 0; f < functions.length; f++) {
      const isImported = imported![f] !== none;
      const flags = (isImported ? undefinedFlag : 0) | (exportedFunctions.has(f) ? exported : 0);
      const row = this.#add(file, f, this.#pool.addText(functions.name(f) ?? `function ${f}`), 0, flags);
      if (!isImported) {
        this.#size[row] = size![f]!;
        this.#begin[row] = offset![f]!;
        this.#state[row] = 1;
      }
    }
    globals.forEach(({ name, ...global }, g) => {
      const id = this.#pool.addText(name ?? `global ${g}`);
      const row = this.#add(file, g, id, 2, global.import === undefined ? 0 : undefinedFlag);
      if (global.import === undefined) this.#state[row] = 1;
    });
    tags.forEach(({ name, ...tag }, t) =>
      this.#add(file, t, this.#pool.addText(name ?? `tag ${t}`), 4, tag.import === undefined ? 0 : undefinedFlag),
    );
  }

  /** What a report says of the output's data. */
  #addData(file: number, { items, symbols }: Metafile): void {
    this.#reserve(items.name.length + symbols.name.length);
    const isData = (item: number) => items.kinds[items.kind[item]!] === 'data' && items.address[item]! >= 0;
    const parts = new Set(symbols.item);
    for (let i = 0; i < items.live; i++) {
      if (!isData(i) || parts.has(i)) continue;
      const row = this.#add(file, none, this.#pool.addText(items.name[i]!), 1, 0);
      this.#size[row] = items.size[i]!;
      this.#address[row] = items.address[i]!;
      this.#state[row] = 1;
    }
    symbols.item.forEach((item, s) => {
      if (item >= items.live || !isData(item)) return;
      const row = this.#add(file, none, this.#pool.addText(symbols.name[s]!), 1, 0);
      this.#size[row] = symbols.size[s]!;
      this.#address[row] = items.address[item]! + symbols.offset[s]!;
      this.#state[row] = 1;
    });
  }

  #findStates(metafile: Metafile): void {
    const { inputs, items } = metafile;
    const pool = this.#pool;
    const inputOf = new Map<string, number>();
    /** Members of one name count as one. */
    const same = inputs.path.map((path, i) => {
      const key = `${path}\0${inputs.member[i]}`;
      if (!inputOf.has(key)) inputOf.set(key, i);
      return inputOf.get(key)!;
    });
    const { kinds } = items;
    /** By a name's number: of a global, a table or a tag that is alive, whichever file it is from. */
    const shared = new Uint8Array(pool.size);
    for (let item = 0; item < items.live; item++) {
      if (!['global', 'table', 'tag'].includes(kinds[items.kind[item]!]!)) continue;
      const id = pool.find(items.name[item]!);
      if (id !== undefined) shared[id] = 1;
    }
    const named = namesByInput(metafile, same, pool);
    // Of the file whose rows are next, by a name's number: the file, and what became of the name there.
    const noted = new Int32Array(pool.size).fill(-1);
    const states = new Uint8Array(pool.size);
    for (let row = 0; row < this.length; ) {
      const file = this.#file[row]!;
      const { path, member } = this.files[file]!;
      const isOutput = path === outputFile;
      const input = inputOf.get(`${path}\0${member}`);
      if (input !== undefined)
        for (let n = named.begin[input]!; n < named.begin[input + 1]!; n++) {
          const id = named.id[n]!;
          // One that is alive counts, else one that was removed.
          if (noted[id] === file && states[id] === 1) continue;
          noted[id] = file;
          states[id] = named.item[n]! < items.live ? 1 : 2;
        }
      for (; row < this.length && this.#file[row] === file; row++) {
        const flags = this.#flags[row]!;
        const id = this.#id[row]!;
        if (isOutput) {
          if (flags & undefinedFlag) this.#state[row] = 5;
        } else if (input === undefined) this.#state[row] = 4;
        else if (flags & undefinedFlag) this.#state[row] = 5;
        else if (this.#kind[row] === 3) this.#state[row] = 0;
        else this.#state[row] = noted[id] === file ? states[id]! : shared[id] ? 1 : flags & local ? 0 : 3;
      }
    }
    this.#findLosers();
  }

  /** Of several definitions that are linked one is taken: the one that is alive, else the first that is not weak. */
  #findLosers(): void {
    const isLinked = (row: number) => this.#state[row]! >= 1 && this.#state[row]! <= 3;
    const alive = new Int32Array(this.#pool.size).fill(-1);
    const strong = alive.slice();
    const first = alive.slice();
    for (let row = 0; row < this.length; row++) {
      if (this.#flags[row]! & local || !isLinked(row)) continue;
      const id = this.#id[row]!;
      if (first[id]! < 0) first[id] = row;
      if (strong[id]! < 0 && !(this.#flags[row]! & weak)) strong[id] = row;
      if (alive[id]! < 0 && this.#state[row] === 1) alive[id] = row;
    }
    for (let row = 0; row < this.length; row++) {
      if (this.#state[row] !== 2 && this.#state[row] !== 3) continue;
      const id = this.#id[row]!;
      const taken = alive[id]! >= 0 ? alive[id] : strong[id]! >= 0 ? strong[id] : first[id];
      this.#state[row] = this.#flags[row]! & local || taken === row ? 2 : 3;
    }
  }

  name(row: number): string {
    return this.#pool.text(this.#id[row]!);
  }
  display(row: number): string {
    return this.#pool.display(this.#id[row]!);
  }
  /** Makes them ready: one after the other takes longer. */
  prepareDisplays(rows: ArrayLike<number>): void {
    this.#pool.demangle(Array.from(rows, (row) => this.#id[row]!));
  }

  file(row: number): LookedFile {
    return this.files[this.#file[row]!]!;
  }
  /** In its file's symbols; in a module, in the index space of its kind. */
  symbol(row: number): number {
    return this.#symbol[row]!;
  }
  isDefined(row: number): boolean {
    return (this.#flags[row]! & undefinedFlag) === 0;
  }
  isLocal(row: number): boolean {
    return (this.#flags[row]! & local) !== 0;
  }
  address(row: number): number | undefined {
    return Number.isNaN(this.#address[row]!) ? undefined : this.#address[row]!;
  }

  /** Rows of that name that are not local. */
  named(name: string): readonly number[] {
    const id = this.#pool.find(name);
    const rows: number[] = [];
    if (id === undefined) return rows;
    const { first, next } = (this.#chains ??= this.#chainsOfNames());
    for (let row = first[id]!; row >= 0; row = next[row]!) rows.push(row);
    return rows;
  }

  #chainsOfNames() {
    const first = new Int32Array(this.#pool.size).fill(-1);
    const next = new Int32Array(this.length).fill(-1);
    for (let row = this.length - 1; row >= 0; row--) {
      if (this.#flags[row]! & local) continue;
      next[row] = first[this.#id[row]!]!;
      first[this.#id[row]!] = row;
    }
    return { first, next };
  }

  /** Of each name that several linked files define, the row that was taken and those that lost. */
  contests(): { winner: number; losers: number[] }[] {
    const { first, next } = (this.#chains ??= this.#chainsOfNames());
    const found: { winner: number; losers: number[] }[] = [];
    const isSeen = new Uint8Array(this.#pool.size);
    for (let row = 0; row < this.length; row++) {
      const id = this.#id[row]!;
      if (isSeen[id] || this.#flags[row]! & (local | undefinedFlag)) continue;
      isSeen[id] = 1;
      let winner = -1;
      let other = -1;
      const losers: number[] = [];
      for (let one = first[id]!; one >= 0; one = next[one]!) {
        if (this.#flags[one]! & undefinedFlag) continue;
        const state = this.#state[one]!;
        if (state === 3) losers.push(one);
        else if ((state === 1 || state === 2) && winner < 0) winner = one;
        if (other < 0 && state >= 1 && state <= 3) other = one;
      }
      if (winner < 0) winner = other;
      const lost = losers.filter((one) => one !== winner);
      if (lost.length > 0) found.push({ winner, losers: lost });
    }
    return found;
  }

  /** Its bytes in its file. */
  extent(row: number): Extent | undefined {
    const { inspection } = this.file(row);
    if (inspection.symbols.length > 0) return symbolExtent(inspection, this.symbol(row));
    return this.#kind[row] === 0 ? functionExtent(inspection, this.symbol(row)) : undefined;
  }
  /** Its address in memory; without one, where it begins in its file. */
  at(row: number): number | undefined {
    const begin = this.#begin[row]!;
    return this.address(row) ?? (begin === none ? undefined : begin);
  }
  isInComdat(row: number): boolean {
    return this.#comdat[row] === 1;
  }

  /** Of several that it may be, a defined one that is linked rather than others. */
  find({ file, name, at }: SymbolId): number | undefined {
    const ids = name.length < longestTold ? [this.#pool.find(name)] : this.#pool.beginningWith(name);
    const named: number[] = [];
    for (let row = 0; row < this.length; row++) if (ids.includes(this.#id[row]!)) named.push(row);
    let rows = named;
    if (file !== undefined) {
      rows = named.filter((row) => this.file(row).name === file);
      if (rows.length === 0) rows = named.filter((row) => this.file(row).reported === file);
    }
    if (at !== undefined) {
      const there = rows.find((row) => this.at(row) === at);
      if (there !== undefined) return there;
      // Its file was made anew, and it moved: which one it is can be told while there is only one.
      if (rows.length > 1) return undefined;
    }
    return rows.find((row) => this.isDefined(row) && this.#state[row] !== 3 && this.#state[row] !== 4) ?? rows[0];
  }

  /** How many rows are left, and how many bytes they have. */
  choose({ text, kind, binding, defined, state, sort, descending, raw }: SymbolFilter): {
    count: number;
    bytes: number;
  } {
    const rankOf = text === '' ? undefined : this.#pool.search(text);
    const ranks = new Uint8Array(rankOf ? this.length : 0);
    const wantedKind = kind === '' ? -1 : symbolKinds.indexOf(kind);
    const wantedState = state === '' ? -1 : symbolStates.indexOf(state);
    const order = new Uint32Array(this.length);
    let [count, bytes] = [0, 0];
    for (let row = 0; row < this.length; row++) {
      const flags = this.#flags[row]!;
      if (wantedKind >= 0 && this.#kind[row] !== wantedKind) continue;
      if (wantedState >= 0 && this.#state[row] !== wantedState) continue;
      if (binding !== '' && bindingOf(flags) !== binding) continue;
      if (defined !== '' && ((flags & undefinedFlag) === 0) !== (defined === 'defined')) continue;
      if (rankOf) {
        const rank = rankOf[this.#id[row]!]!;
        if (rank === noRank) continue;
        ranks[row] = rank;
      }
      order[count++] = row;
      bytes += this.#size[row]! || 0;
    }
    this.#order = !rankOf ? order.subarray(0, count) : ranked(order.subarray(0, count), ranks);
    if (sort !== '') this.#sort(sort, descending, raw);
    return { count, bytes };
  }

  /** The best hits, in the order of {@link ranked}; what was chosen stays. */
  best(text: string, most: number): (SymbolLine & SymbolId)[] {
    const rankOf = this.#pool.search(text);
    const found: number[][] = [];
    for (let row = 0; row < this.length; row++) {
      if (!this.isDefined(row) || this.#kind[row] === 3) continue;
      const rank = rankOf[this.#id[row]!]!;
      if (rank === noRank) continue;
      const rows = (found[rank] ??= []);
      if (rows.length < most) rows.push(row);
      else if (rank === 0) break;
    }
    return this.#told(found.flat().slice(0, most));
  }

  #sort(by: Exclude<SymbolFilter['sort'], ''>, descending: boolean, raw: boolean): void {
    const rows = this.#order;
    if (by === 'name') {
      const rankOf = this.#ranksByName(rows, raw);
      this.#order = sorted(rows.length, (place) => rankOf[this.#id[rows[place]!]!]!, false).map(
        (place) => rows[place]!,
      );
      if (descending) this.#order.reverse();
      return;
    }
    const bindings = ['global', 'weak', 'local'];
    const key: (row: number) => number =
      by === 'size'
        ? (row) => this.#size[row]! || 0
        : by === 'kind'
          ? (row) => this.#kind[row]!
          : by === 'file'
            ? (row) => this.#file[row]!
            : by === 'state'
              ? (row) => this.#state[row]!
              : (row) => bindings.indexOf(bindingOf(this.#flags[row]!));
    rows.sort(); // equal ones are in the order of the files, however well they fit what was searched for
    this.#order = sorted(rows.length, (place) => key(rows[place]!), descending).map((place) => rows[place]!);
  }

  /** By a name's number: its place among the names of these rows, which equal texts share. */
  #ranksByName(rows: Uint32Array, raw: boolean): Uint32Array {
    const ids = [...new Set(Array.from(rows, (row) => this.#id[row]!))];
    if (!raw) this.#pool.demangle(ids);
    const texts = new Map(ids.map((id) => [id, raw ? this.#pool.text(id) : this.#pool.display(id)]));
    ids.sort((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : texts.get(a)! > texts.get(b)! ? 1 : 0));
    const ranks = new Uint32Array(this.#pool.size);
    let rank = 0;
    ids.forEach((id, at) => {
      if (at > 0 && texts.get(id) !== texts.get(ids[at - 1]!)) rank++;
      ranks[id] = rank;
    });
    return ranks;
  }

  /** Of those that were chosen, in order. */
  lines(from: number, to: number): (SymbolLine & SymbolId)[] {
    return this.#told(this.#order.subarray(from, to));
  }
  #told(rows: ArrayLike<number>): (SymbolLine & SymbolId)[] {
    this.prepareDisplays(rows);
    return Array.from(rows, (row) => ({ ...this.line(row), at: this.at(row) }));
  }
  /** Where a row is among those that were chosen. */
  placeOf(row: number): number {
    return this.#order.indexOf(row);
  }

  line(row: number): SymbolLine {
    const flags = this.#flags[row]!;
    const size = this.#size[row]!;
    const address = this.address(row);
    return {
      name: this.name(row).slice(0, longestTold),
      display: this.display(row).slice(0, longestTold),
      kind: symbolKinds[this.#kind[row]!]!,
      binding: bindingOf(flags),
      flags: flagWords(flags),
      defined: (flags & undefinedFlag) === 0,
      state: symbolStates[this.#state[row]!]!,
      file: this.file(row).name,
      ...(Number.isNaN(size) ? {} : { size }),
      ...(address === undefined ? {} : { address }),
    };
  }
}

/**
 * The names of items and of symbols that are in the pool, by the input that they are from: those of input i are from
 * begin[i] to begin[i + 1]. `same`: by an input, the one that it counts as.
 */
function namesByInput({ items, symbols }: Metafile, same: readonly number[], pool: NamePool) {
  const count = items.name.length + symbols.item.length;
  const itemAt = (n: number) => (n < items.name.length ? n : symbols.item[n - items.name.length]!);
  const nameAt = (n: number) => (n < items.name.length ? items.name[n]! : symbols.name[n - items.name.length]!);
  const inputAt = (n: number) => same[items.input[itemAt(n)]!]!;
  const begin = new Uint32Array(same.length + 1);
  const known = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    known[n] = items.input[itemAt(n)]! < 0 ? -1 : (pool.find(nameAt(n)) ?? -1);
    if (known[n]! >= 0) begin[inputAt(n) + 1]!++;
  }
  for (let i = 1; i < begin.length; i++) begin[i]! += begin[i - 1]!;
  const next = begin.slice();
  const id = new Uint32Array(begin.at(-1)!);
  const item = new Uint32Array(begin.at(-1)!);
  for (let n = 0; n < count; n++) {
    if (known[n]! < 0) continue;
    const place = next[inputAt(n)]!++;
    id[place] = known[n]!;
    item[place] = itemAt(n);
  }
  return { begin, id, item };
}

/** Better hits first, each rank in the order that it has. */
function ranked(rows: Uint32Array, ranks: Uint8Array): Uint32Array {
  const sorted = new Uint32Array(rows.length);
  let at = 0;
  for (let rank = 0; rank < noRank; rank++) for (const row of rows) if (ranks[row] === rank) sorted[at++] = row;
  return sorted;
}

const isObject = ({ inspection }: LookedFile): boolean => inspection.symbols.length > 0;

/** The numbers below `length` by what `key` says of them; equal ones in their order. */
function sorted(length: number, key: (place: number) => number, descending: boolean): Uint32Array {
  const keys = Float64Array.from({ length }, (_, place) => key(place));
  const most = keys.reduce((most, one) => Math.max(most, one), 0);
  if ((most + 1) * length > Number.MAX_SAFE_INTEGER) {
    const sign = descending ? -1 : 1;
    return Uint32Array.from(keys.keys()).sort((a, b) => sign * (keys[a]! - keys[b]!) || a - b);
  }
  // Numbers are sorted several times as fast without a function that compares them.
  for (let place = 0; place < length; place++)
    keys[place] = (descending ? most - keys[place]! : keys[place]!) * length + place;
  return Uint32Array.from(keys.sort(), (one) => one % length);
}

function bindingOf(flags: number): Binding {
  return flags & local ? 'local' : flags & weak ? 'weak' : 'global';
}

function flagWords(flags: number): string[] {
  const words: [number, string][] = [
    [hidden, 'hidden'],
    [exported, 'exported'],
    [noStrip, 'no-strip'],
    [tls, 'tls'],
    [absolute, 'absolute'],
  ];
  return words.flatMap(([bit, word]) => (flags & bit ? word : []));
}
