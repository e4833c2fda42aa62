// The symbols of files as one table: columns, filtered and sorted here, of which the page sees the rows that it shows.
import type { Inspection } from 'wasm-weld';
import { functionExtent, symbolExtent, type Extent } from './structure';
import type { LinkReport, LookedFile } from './workspace';

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
  readonly #displays: (string | undefined)[] = [];
  readonly #file: Uint32Array;
  readonly #symbol: Uint32Array;
  readonly #kind: Uint8Array;
  readonly #flags: Uint32Array;
  readonly #size: Float64Array;
  readonly #address: Float64Array;
  readonly #state: Uint8Array;
  /** Rows in the order that was asked for last. */
  #order: Uint32Array = new Uint32Array();
  #byName: Map<string, number[]> | undefined;

  constructor(
    readonly files: readonly LookedFile[],
    report: LinkReport | undefined,
  ) {
    const most =
      files.reduce((sum, { inspection }) => sum + capacity(inspection), 0) +
      (report ? report.metafile.items.name.length + report.metafile.symbols.name.length : 0);
    this.#file = new Uint32Array(most);
    this.#symbol = new Uint32Array(most);
    this.#kind = new Uint8Array(most);
    this.#flags = new Uint32Array(most);
    this.#size = new Float64Array(most).fill(Number.NaN);
    this.#address = new Float64Array(most).fill(Number.NaN);
    this.#state = new Uint8Array(most);
    files.forEach((file, i) => {
      if (file.inspection.symbols.length > 0) this.#addObject(file, i);
      else this.#addModule(file, i, file.path === '(output)' ? report : undefined);
    });
    if (report) this.#findStates(report);
  }

  #add(file: number, symbol: number, name: string, kind: number, flags: number): number {
    const row = this.length++;
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
    for (let s = 0; s < symbols.length; s++) {
      const k = words[kind![s]!] ?? 0;
      const name = symbols.name(s) ?? inspection.sections[index![s]!]?.name ?? '';
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

  /** A module has no symbols: its functions and globals stand for them, and what a report says of its data. */
  #addModule({ inspection }: LookedFile, file: number, report: LinkReport | undefined): void {
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
    if (!report) return;
    const { items, symbols } = report.metafile;
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
    const { inputs, items, symbols } = metafile;
    const linked = new Set(inputs.path.map((path, i) => `${path}\0${inputs.member[i]}`));
    const keyOf = (item: number) => `${inputs.path[items.input[item]!]}\0${inputs.member[items.input[item]!]}`;
    const states = new Map<string, Map<string, number>>();
    const note = (item: number, name: string) => {
      if (items.input[item]! < 0) return;
      const key = keyOf(item);
      let names = states.get(key);
      if (!names) states.set(key, (names = new Map()));
      if (names.get(name) !== 1) names.set(name, item < items.live ? 1 : 2);
    };
    items.name.forEach((name, item) => note(item, name));
    symbols.item.forEach((item, s) => note(item, symbols.name[s]!));
    const { kinds } = items;
    const shared = new Set(
      items.name.filter((_, i) => i < items.live && ['global', 'table', 'tag'].includes(kinds[items.kind[i]!]!)),
    );
    const keys = this.files.map(({ path, member }) => `${path}\0${member}`);
    for (let row = 0; row < this.length; row++) {
      const { path } = this.files[this.#file[row]!]!;
      if (path === '(output)') {
        if (this.#flags[row]! & undefinedFlag) this.#state[row] = 5;
        continue;
      }
      const key = keys[this.#file[row]!]!;
      if (!linked.has(key)) this.#state[row] = 4;
      else if (this.#flags[row]! & undefinedFlag) this.#state[row] = 5;
      else if (this.#kind[row] === 3) this.#state[row] = 0;
      else
        this.#state[row] =
          states.get(key)?.get(this.names[row]!) ??
          (shared.has(this.names[row]!) ? 1 : this.#flags[row]! & local ? 0 : 3);
    }
    this.#findLosers();
  }

  /** Of several definitions that are linked one is taken: the one that is alive, else the first that is not weak. */
  #findLosers(): void {
    for (let row = 0; row < this.length; row++) {
      if (this.#state[row] !== 2 && this.#state[row] !== 3) continue;
      const linked =
        this.#flags[row]! & local
          ? [row]
          : this.named(this.names[row]!).filter((other) => this.#state[other]! >= 1 && this.#state[other]! <= 3);
      const taken =
        linked.find((other) => this.#state[other] === 1) ??
        linked.find((other) => (this.#flags[other]! & weak) === 0) ??
        linked[0];
      this.#state[row] = taken === row ? 2 : 3;
    }
  }

  display(row: number): string {
    const first = this.names[row]!.charCodeAt(0);
    if (first !== 0x5f && first !== 0x2e) return this.names[row]!;
    return (this.#displays[row] ??= this.#displayNow(row));
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
    if (!this.#byName) {
      this.#byName = new Map();
      for (let row = 0; row < this.length; row++) {
        if (this.#flags[row]! & local) continue;
        const rows = this.#byName.get(this.names[row]!);
        if (rows) rows.push(row);
        else this.#byName.set(this.names[row]!, [row]);
      }
    }
    return this.#byName.get(name) ?? [];
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

function capacity({ symbols, functions, globals, tags }: Inspection): number {
  return symbols.length || functions.length + globals.length + tags.length;
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
