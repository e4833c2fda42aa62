// The symbols of files as one table: columns, filtered and sorted here, of which the page sees the rows that it shows.
import type { Inspection, Metafile } from 'wasm-weld';
import { functionExtent, symbolExtent, type Extent } from './structure';
import { outputFile, type LinkReport, type LookedFile } from './workspace';

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
const none = 0xffffffff;

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
  readonly names: string[] = [];
  /** By a name's number. */
  readonly #displays: (string | undefined)[] = [];
  #file = new Uint32Array();
  #symbol = new Uint32Array();
  #kind = new Uint8Array();
  #flags = new Uint32Array();
  #size = new Float64Array();
  #address = new Float64Array();
  #state = new Uint8Array();
  /** Rows in the order that was asked for last. */
  #order: Uint32Array = new Uint32Array();
  /** A number for each name, so that names are compared once. */
  readonly #ids = new Map<string, number>();
  #id = new Uint32Array();
  /** By a name's number: the first of its rows that are not local, and by a row: the next one. -1: none. */
  #chains: { first: Int32Array; next: Int32Array } | undefined;

  /** What became of the symbols is not known before {@link learn}. */
  constructor(readonly files: readonly LookedFile[]) {
    this.#reserve(files.reduce((sum, { inspection }) => sum + capacity(inspection), 0));
    files.forEach((file, i) => {
      if (isObject(file)) this.#addObject(file, i);
      else this.#addModule(file, i);
    });
  }

  /** From the report of the link. */
  learn(report: LinkReport | undefined): void {
    if (!report) return;
    this.files.forEach((file, i) => {
      if (file.path === outputFile && !isObject(file)) this.#addData(i, report);
    });
    this.#findStates(report);
  }

  /** Room for so many rows more. */
  #reserve(count: number): void {
    const most = this.length + count;
    const grown = <Column extends Uint8Array | Uint32Array | Float64Array>(column: Column, made: Column) => {
      made.set(column.subarray(0, this.length));
      return made;
    };
    this.#id = grown(this.#id, new Uint32Array(most));
    this.#file = grown(this.#file, new Uint32Array(most));
    this.#symbol = grown(this.#symbol, new Uint32Array(most));
    this.#kind = grown(this.#kind, new Uint8Array(most));
    this.#flags = grown(this.#flags, new Uint32Array(most));
    this.#size = grown(this.#size, new Float64Array(most).fill(Number.NaN));
    this.#address = grown(this.#address, new Float64Array(most).fill(Number.NaN));
    this.#state = grown(this.#state, new Uint8Array(most));
  }

  #add(file: number, symbol: number, name: string, kind: number, flags: number): number {
    const row = this.length++;
    let id = this.#ids.get(name);
    if (id === undefined) this.#ids.set(name, (id = this.#ids.size));
    this.#id[row] = id;
    this.names[row] = name;
    this.#file[row] = file;
    this.#symbol[row] = symbol;
    this.#kind[row] = kind;
    this.#flags[row] = flags;
    return row;
  }

  #addObject({ inspection }: LookedFile, file: number): void {
    const { symbols, functions } = inspection;
    const { kind, flags, index, size } = symbols.columns as Record<string, Uint32Array>;
    const words = symbols.words['kind']!.map((word) => symbolKinds.indexOf(word as SymbolKind));
    const functionSizes = functions.columns['size']!;
    const nameOf = namesOf(inspection);
    for (let s = 0; s < symbols.length; s++) {
      const k = words[kind![s]!] ?? 0;
      const name = nameOf(s) ?? inspection.sections[index![s]!]?.name ?? '';
      const row = this.#add(file, s, name, k, flags![s]!);
      if (flags![s]! & undefinedFlag) continue;
      const bytes =
        k === 0
          ? functionSizes[index![s]!]
          : k === 1
            ? size![s]
            : k === 3
              ? inspection.sections[index![s]!]?.size
              : undefined;
      if (bytes !== undefined && bytes !== none && !Number.isNaN(bytes)) this.#size[row] = bytes;
    }
  }

  /** A module has no symbols: its functions and globals stand for them. */
  #addModule({ inspection }: LookedFile, file: number): void {
    const { functions, globals, tags, exports } = inspection;
    const exportedFunctions = new Set(exports.flatMap(({ kind, index }) => (kind === 'function' ? index : [])));
    const { import: imported, size } = functions.columns as Record<string, Uint32Array>;
    for (let f = 0; f < functions.length; f++) {
      const isImported = imported![f] !== none;
      const flags = (isImported ? undefinedFlag : 0) | (exportedFunctions.has(f) ? exported : 0);
      const row = this.#add(file, f, functions.name(f) ?? `function ${f}`, 0, flags);
      if (!isImported) {
        this.#size[row] = size![f]!;
        this.#state[row] = 1;
      }
    }
    globals.forEach(({ name, ...global }, g) => {
      const row = this.#add(file, g, name ?? `global ${g}`, 2, global.import === undefined ? 0 : undefinedFlag);
      if (global.import === undefined) this.#state[row] = 1;
    });
    tags.forEach(({ name, ...tag }, t) =>
      this.#add(file, t, name ?? `tag ${t}`, 4, tag.import === undefined ? 0 : undefinedFlag),
    );
  }

  /** What a report says of the output's data. */
  #addData(file: number, report: LinkReport): void {
    const { items, symbols } = report.metafile;
    this.#reserve(items.name.length + symbols.name.length);
    const isData = (item: number) => items.kinds[items.kind[item]!] === 'data' && items.address[item]! >= 0;
    const parts = new Set(symbols.item);
    for (let i = 0; i < items.live; i++) {
      if (!isData(i) || parts.has(i)) continue;
      const row = this.#add(file, none, items.name[i]!, 1, 0);
      this.#size[row] = items.size[i]!;
      this.#address[row] = items.address[i]!;
      this.#state[row] = 1;
    }
    symbols.item.forEach((item, s) => {
      if (item >= items.live || !isData(item)) return;
      const row = this.#add(file, none, symbols.name[s]!, 1, 0);
      this.#size[row] = symbols.size[s]!;
      this.#address[row] = items.address[item]! + symbols.offset[s]!;
      this.#state[row] = 1;
    });
  }

  #findStates({ metafile }: LinkReport): void {
    const { inputs, items } = metafile;
    const ids = this.#ids;
    const inputOf = new Map<string, number>();
    /** Members of one name count as one. */
    const same = inputs.path.map((path, i) => {
      const key = `${path}\0${inputs.member[i]}`;
      if (!inputOf.has(key)) inputOf.set(key, i);
      return inputOf.get(key)!;
    });
    const { kinds } = items;
    /** By a name's number: of a global, a table or a tag that is alive, whichever file it is from. */
    const shared = new Uint8Array(ids.size);
    for (let item = 0; item < items.live; item++) {
      if (!['global', 'table', 'tag'].includes(kinds[items.kind[item]!]!)) continue;
      const id = ids.get(items.name[item]!);
      if (id !== undefined) shared[id] = 1;
    }
    const named = namesByInput(metafile, same, ids);
    // Of the file whose rows are next, by a name's number: the file, and what became of the name there.
    const noted = new Int32Array(ids.size).fill(-1);
    const states = new Uint8Array(ids.size);
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
    const alive = new Int32Array(this.#ids.size).fill(-1);
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

  display(row: number): string {
    const first = this.names[row]!.charCodeAt(0);
    if (first !== 0x5f && first !== 0x2e) return this.names[row]!;
    return (this.#displays[this.#id[row]!] ??= this.#displayNow(row));
  }

  #displayNow(row: number): string {
    const { inspection } = this.files[this.#file[row]!]!;
    const s = this.#symbol[row]!;
    const shown =
      inspection.symbols.length > 0
        ? inspection.symbols.display(s)
        : this.#kind[row] === 0
          ? inspection.functions.display(s)
          : undefined;
    return shown ?? this.names[row]!;
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
    const id = this.#ids.get(name);
    const rows: number[] = [];
    if (id === undefined) return rows;
    const { first, next } = (this.#chains ??= this.#chainsOfNames());
    for (let row = first[id]!; row >= 0; row = next[row]!) rows.push(row);
    return rows;
  }

  #chainsOfNames() {
    const first = new Int32Array(this.#ids.size).fill(-1);
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
    const isSeen = new Uint8Array(this.#ids.size);
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
    return this.address(row) ?? this.extent(row)?.begin;
  }

  /** Of several that it may be, a defined one that is linked rather than others. */
  find({ file, name, at }: SymbolId): number | undefined {
    const named: number[] = [];
    for (let row = 0; row < this.length; row++)
      if (name.length < longestTold ? this.names[row] === name : this.names[row]!.startsWith(name)) named.push(row);
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
    const rankOf = rankBy(text);
    const ranks = new Uint8Array(text === '' ? 0 : this.length);
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
      if (text !== '') {
        const rank = rankOf(this.names[row]!, this.display(row));
        if (rank === noRank) continue;
        ranks[row] = rank;
      }
      order[count++] = row;
      bytes += this.#size[row]! || 0;
    }
    this.#order = text === '' ? order.subarray(0, count) : ranked(order.subarray(0, count), ranks);
    if (sort !== '') this.#sort(sort, descending, raw);
    return { count, bytes };
  }

  /** The best hits, in the order of {@link ranked}; what was chosen stays. */
  best(text: string, most: number): (SymbolLine & SymbolId)[] {
    const rankOf = rankBy(text);
    const found: number[][] = [];
    for (let row = 0; row < this.length; row++) {
      if (!this.isDefined(row) || this.#kind[row] === 3) continue;
      const rank = rankOf(this.names[row]!, this.display(row));
      if (rank === noRank) continue;
      const rows = (found[rank] ??= []);
      if (rows.length < most) rows.push(row);
      else if (rank === 0) break;
    }
    return found
      .flat()
      .slice(0, most)
      .map((row) => ({ ...this.line(row), at: this.at(row) }));
  }

  #sort(by: Exclude<SymbolFilter['sort'], ''>, descending: boolean, raw: boolean): void {
    const sign = descending ? -1 : 1;
    if (by === 'name') {
      const texts = Array.from(this.#order, (row) => (raw ? this.names[row]! : this.display(row)));
      const places = Uint32Array.from(this.#order.keys()).sort(
        (a, b) => sign * (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b),
      );
      this.#order = places.map((place) => this.#order[place]!);
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
    this.#order.sort((a, b) => sign * (key(a) - key(b)) || a - b);
  }

  /** Of those that were chosen, in order. */
  lines(from: number, to: number): (SymbolLine & SymbolId)[] {
    return Array.from(this.#order.subarray(from, to), (row) => ({ ...this.line(row), at: this.at(row) }));
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
      name: this.names[row]!.slice(0, longestTold),
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
 * The names of items and of symbols that have a number in `ids`, by the input that they are from: those of input i are from
 * begin[i] to begin[i + 1]. `same`: by an input, the one that it counts as.
 */
function namesByInput({ items, symbols }: Metafile, same: readonly number[], ids: ReadonlyMap<string, number>) {
  const count = items.name.length + symbols.item.length;
  const itemAt = (n: number) => (n < items.name.length ? n : symbols.item[n - items.name.length]!);
  const nameAt = (n: number) => (n < items.name.length ? items.name[n]! : symbols.name[n - items.name.length]!);
  const inputAt = (n: number) => same[items.input[itemAt(n)]!]!;
  const begin = new Uint32Array(same.length + 1);
  const known = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    known[n] = items.input[itemAt(n)]! < 0 ? -1 : (ids.get(nameAt(n)) ?? -1);
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

/** Of a name that is not what was searched for. */
const noRank = 4;

/**
 * How well names fit what was searched for: 0 for the name itself, without regard to the case and to the parameters of a
 * function; 1 for the last part of a qualified name; 2 for the beginning of a name; 3 for a name that has it somewhere.
 */
export function rankBy(text: string): (name: string, display: string) => number {
  const escaped = text.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&');
  const anywhere = new RegExp(escaped, 'i');
  const exact = new RegExp(`^${escaped}(?:$|\\()`, 'i');
  const last = new RegExp(`(?:::|\\s|\\*|&)${escaped}(?:$|\\()`, 'i');
  const beginning = new RegExp(`^${escaped}`, 'i');
  const rank = (name: string) =>
    !anywhere.test(name) ? noRank : exact.test(name) ? 0 : last.test(name) ? 1 : beginning.test(name) ? 2 : 3;
  return (name, display) => (name === display ? rank(name) : Math.min(rank(name), rank(display)));
}

/** Better hits first, each rank in the order that it has. */
function ranked(rows: Uint32Array, ranks: Uint8Array): Uint32Array {
  const sorted = new Uint32Array(rows.length);
  let at = 0;
  for (let rank = 0; rank < noRank; rank++) for (const row of rows) if (ranks[row] === rank) sorted[at++] = row;
  return sorted;
}

const isObject = ({ inspection }: LookedFile): boolean => inspection.symbols.length > 0;

function capacity({ symbols, functions, globals, tags }: Inspection): number {
  return symbols.length || functions.length + globals.length + tags.length;
}

const latin1 = new TextDecoder('latin1');

/**
 * Of an object's symbols. Those of its own lie close together, and are decoded at once. Names of imports are elsewhere, and
 * names that are no ASCII are decoded for themselves.
 */
function namesOf({ symbols, bytes }: Inspection): (symbol: number) => string | undefined {
  const { nameOffset, nameSize, flags } = symbols.columns as Record<string, Uint32Array>;
  let [begin, end] = [bytes.length, 0];
  for (let s = 0; s < symbols.length; s++) {
    const from = nameOffset![s]!;
    const to = from + nameSize![s]!;
    // It has none, or it was made while the file was read.
    if (flags![s]! & undefinedFlag || from === none || to > bytes.length) continue;
    if (from < begin) begin = from;
    if (to > end) end = to;
  }
  const text = begin < end ? latin1.decode(bytes.subarray(begin, end)) : '';
  return (symbol) => {
    const from = nameOffset![symbol]!;
    const to = from + nameSize![symbol]!;
    if (from < begin || to > end) return symbols.name(symbol);
    const name = text.slice(from - begin, to - begin);
    return isAscii.test(name) ? name : symbols.name(symbol);
  };
}

const isAscii = /^[\0-\x7f]*$/;

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
