// The names of symbols, each once, as bytes: hundreds of thousands of symbols have tens of thousands of names. What a name is
// demangled is found out when somebody wants to see it, or to search for what it may be.
import { inspectSync } from 'wasm-weld';
import { uleb } from './leb';
import { mayBeMangled, shownBy } from './mangled';

export class NamePool {
  /** How many there are: they have the numbers below. */
  size = 0;
  #bytes = new Uint8Array(1 << 16);
  /** Where each begins; behind the last one, where that ends. */
  #begin = new Uint32Array(1 << 12);
  #slots = new Int32Array(1 << 13).fill(-1);
  /** Of those that are mangled and were wanted. */
  readonly #displays: (string | undefined)[] = [];
  /** Of those that are no ASCII and were wanted. */
  readonly #texts = new Map<number, string>();
  #found: { text: string; size: number; ranks: Uint8Array } | undefined;
  #sizeAtFirst = 0;

  /** For the next link: this one, unless it has got too many names of earlier links. */
  renewed(): NamePool {
    this.#sizeAtFirst ||= this.size;
    return this.size > 2 * this.#sizeAtFirst + mostOld ? new NamePool() : this;
  }

  /** The number of the name that has `size` bytes at `at`. */
  add(bytes: Uint8Array, at: number, size: number): number {
    const slot = this.#slotOf(bytes, at, size);
    const known = this.#slots[slot]!;
    if (known >= 0) return known;
    const name = this.size++;
    const begin = this.#begin[name]!;
    if (begin + size > this.#bytes.length) this.#bytes = grown(this.#bytes, begin + size);
    if (name + 2 > this.#begin.length) this.#begin = grown(this.#begin, name + 2);
    this.#bytes.set(bytes.subarray(at, at + size), begin);
    this.#begin[name + 1] = begin + size;
    this.#slots[slot] = name;
    if (this.size * 2 > this.#slots.length) this.#addSlots();
    return name;
  }

  addText(text: string): number {
    const bytes = bytesOf(text);
    return this.add(bytes, 0, bytes.length);
  }

  /** Undefined: it is none of them. */
  find(text: string): number | undefined {
    const bytes = bytesOf(text);
    const name = this.#slots[this.#slotOf(bytes, 0, bytes.length)]!;
    return name < 0 ? undefined : name;
  }

  #slotOf(bytes: Uint8Array, at: number, size: number): number {
    let hash = size;
    for (let i = at; i < at + size; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const name = this.#slots[slot]!;
      if (name < 0 || this.#is(name, bytes, at, size)) return slot;
    }
  }

  #is(name: number, bytes: Uint8Array, at: number, size: number): boolean {
    const begin = this.#begin[name]!;
    if (this.#begin[name + 1]! - begin !== size) return false;
    for (let i = 0; i < size; i++) if (this.#bytes[begin + i] !== bytes[at + i]) return false;
    return true;
  }

  #addSlots(): void {
    this.#slots = new Int32Array(2 * this.#slots.length).fill(-1);
    for (let name = 0; name < this.size; name++) {
      const begin = this.#begin[name]!;
      this.#slots[this.#slotOf(this.#bytes, begin, this.#begin[name + 1]! - begin)] = name;
    }
  }

  bytes(name: number): Uint8Array {
    return this.#bytes.subarray(this.#begin[name], this.#begin[name + 1]);
  }

  text(name: number): string {
    const bytes = this.bytes(name);
    if (isAscii(bytes)) return latin1.decode(bytes);
    this.#readTexts([name]);
    return this.#texts.get(name)!;
  }

  #readTexts(names: number[]): void {
    const wanted = names.filter((name) => !this.#texts.has(name));
    this.#inspected(wanted, (row) => row.name).forEach((text, i) => this.#texts.set(wanted[i]!, text));
  }

  /** As people read it. Several are had at once with {@link demangle}. */
  display(name: number): string {
    if (!mayBeMangled(this.bytes(name))) return this.text(name);
    this.demangle([name]);
    return this.#displays[name]!;
  }

  /** So that they are at hand. */
  demangle(names: Iterable<number>): void {
    const wanted = [...new Set(names)].filter(
      (name) => this.#displays[name] === undefined && mayBeMangled(this.bytes(name)),
    );
    this.#inspected(wanted, (row) => row.display).forEach((display, i) => (this.#displays[wanted[i]!] = display));
  }

  /** The package demangles the names in a file that it inspects, so they are put into one: as names of imports. */
  #inspected(names: number[], show: (row: { name: string; display: string }) => string): string[] {
    if (names.length === 0) return [];
    if (names.length > mostAtOnce)
      return [...this.#inspected(names.slice(0, mostAtOnce), show), ...this.#inspected(names.slice(mostAtOnce), show)];
    const entries = names.map((name) => {
      const bytes = this.bytes(name);
      return { head: [0, ...uleb(bytes.length)], bytes };
    });
    const count = uleb(names.length);
    const size = entries.reduce((sum, { head, bytes }) => sum + head.length + bytes.length + 2, count.length);
    const head = [...oneType, 2, ...uleb(size), ...count];
    const file = new Uint8Array(head.length - count.length + size);
    file.set(head);
    let at = head.length;
    for (const { head, bytes } of entries) {
      file.set(head, at);
      file.set(bytes, at + head.length);
      at += head.length + bytes.length + 2; // a function, of type 0
    }
    const { functions } = inspectSync(file);
    return names.map((_, row) => {
      const name = functions.name(row) ?? '';
      return show({ name, display: functions.display(row) ?? name });
    });
  }

  /** Those with such a beginning. */
  beginningWith(text: string): number[] {
    const found: number[] = [];
    for (let name = 0; name < this.size; name++)
      if (this.bytes(name).length >= text.length && this.text(name).startsWith(text)) found.push(name);
    return found;
  }

  /** How well each name fits what is searched for, as {@link rankBy} has it. */
  search(text: string): Uint8Array {
    if (this.#found?.text === text && this.#found.size === this.size) return this.#found.ranks;
    // All at once: the texts are parts of one.
    const all = latin1.decode(this.#bytes.subarray(0, this.#begin[this.size]));
    const texts = Array.from({ length: this.size }, (_, name) => all.slice(this.#begin[name], this.#begin[name + 1]));
    const mayShow = shownBy(text);
    const candidates: number[] = [];
    const odd: number[] = [];
    for (let name = 0; name < this.size; name++) {
      if (!isPlain.test(texts[name]!)) odd.push(name);
      if (this.#displays[name] === undefined && mayShow(texts[name]!)) candidates.push(name);
    }
    this.demangle(candidates);
    this.#readTexts(odd);
    for (const name of odd) texts[name] = this.#texts.get(name)!;
    const rankOf = rankBy(text);
    const ranks = new Uint8Array(this.size);
    for (let name = 0; name < this.size; name++) {
      const raw = texts[name]!;
      ranks[name] = rankOf(raw, this.#displays[name] ?? raw);
    }
    this.#found = { text, size: this.size, ranks };
    return ranks;
  }
}

const mostOld = 10_000;
/** So many are put into one file. */
const mostAtOnce = 1 << 14;

/** A module, up to its type of functions without parameters. */
const oneType = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0];

const latin1 = new TextDecoder('latin1');
const encoder = new TextEncoder();
const isPlain = /^[\0-\x7f]*$/;

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! >= 0x80) return false;
  return true;
}

/** Names are bytes: those that are no UTF-8 are lone surrogates in the package's texts. */
function bytesOf(text: string): Uint8Array {
  if (isPlain.test(text)) {
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }
  return Uint8Array.from(
    [...text].flatMap((letter) => {
      const code = letter.codePointAt(0)!;
      return code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : [...encoder.encode(letter)];
    }),
  );
}

function grown<Column extends Uint8Array | Uint32Array>(column: Column, least: number): Column {
  const made = new (column.constructor as new (length: number) => Column)(Math.max(2 * column.length, least));
  made.set(column);
  return made;
}

/** Of a name that is not what was searched for. */
export const noRank = 4;

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
