// The symbols of an object as columns, and nothing else of it: looking into thousands of objects as `inspect` does takes seconds.
// Anything may come here. What is not as compilers write it is left to `inspect`.

/** What is absent, in a column. */
export const none = 0xffffffff;

const undefinedFlag = 0x10;
const absoluteFlag = 0x200;
const explicitName = 0x40;
const bindings = 3; // both bits: a common symbol

// As in the linking section.
const functionKind = 0;
const dataKind = 1;
const globalKind = 2;
const sectionKind = 3;
const tagKind = 4;
const tableKind = 5;

/** Rows of several columns, of which there are more with time. */
class Rows {
  length = 0;
  a = new Uint32Array(256);
  b = new Uint32Array(256);
  flag = new Uint8Array(256);

  add(a: number, b: number, flag = 0): void {
    const row = this.length++;
    if (row === this.a.length) {
      this.a = grown(this.a);
      this.b = grown(this.b);
      this.flag = grown(this.flag);
    }
    this.a[row] = a;
    this.b[row] = b;
    this.flag[row] = flag;
  }
}

function grown<Column extends Uint8Array | Uint32Array | Float64Array>(column: Column): Column {
  const larger = new (column.constructor as new (length: number) => Column)(2 * column.length);
  larger.set(column);
  return larger;
}

/** One object after the other is read into the same columns. */
export class SymbolScan {
  /** How many symbols there are. */
  length = 0;
  kind = new Uint8Array(256);
  flags = new Uint32Array(256);
  /** Where the name is in the file, and how many bytes it has. */
  nameAt = new Uint32Array(256);
  nameSize = new Uint32Array(256);
  /** Of definitions, where they have one; NaN: none. */
  size = new Float64Array(256);
  /** Where the bytes of a definition begin in the file; {@link none}: it has none. */
  begin = new Uint32Array(256);
  /** 1: it is in a comdat. */
  comdat = new Uint8Array(256);
  /** Of symbols of functions and data: which function that has a body, which segment. */
  #of = new Uint32Array(256);

  #bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;
  #isOdd = false;

  /** Where the payload is, behind the name, and where the section begins and ends. */
  readonly #sections = new Rows();
  readonly #sectionBegins = new Rows();
  /** The names of imports, by what they import: where, and how many bytes. */
  readonly #imports = Array.from({ length: 5 }, () => new Rows());
  /** Where they begin, and how many bytes they have; whether they are in a comdat. */
  readonly #bodies = new Rows();
  readonly #segments = new Rows();
  #declared = 0;

  /** False: this is no object, or an odd one. */
  read(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#at = 8;
    this.#end = bytes.length;
    this.#isOdd = bytes.length < 8 || magic.some((byte, i) => bytes[i] !== byte);
    this.length = this.#declared = 0;
    for (const rows of [this.#sections, this.#sectionBegins, this.#bodies, this.#segments, ...this.#imports])
      rows.length = 0;
    let seen = 0;
    let hasLinking = false;
    while (this.#at < bytes.length && !this.#isOdd) {
      this.#end = bytes.length;
      const id = bytes[this.#at++]!;
      const size = this.#leb();
      const begin = this.#at;
      const end = begin + size;
      if (end > bytes.length || id > 13 || (id > 0 && (seen >> id) & 1)) return false;
      // What symbols refer to comes before them.
      if (id > 0 && hasLinking) return false;
      this.#end = end;
      seen |= 1 << id;
      let nameAt = 0;
      let nameSize = 0;
      if (id === 0) {
        nameSize = this.#leb();
        nameAt = this.#at;
        this.#skip(nameSize);
      }
      this.#sectionBegins.add(begin, size);
      this.#sections.add(nameAt, nameSize, id);
      if (id === 0) {
        if (this.#isLinking(nameAt, nameSize)) {
          if (hasLinking) return false;
          hasLinking = true;
          this.#readLinking();
        }
      } else if (id === 2) this.#readImports();
      else if (id === 3) this.#readFunctions();
      else if (id === 10) this.#readCode();
      else if (id === 11) this.#readData();
      if (isRead(id) && this.#at !== end) return false;
      this.#at = end;
    }
    if (this.#isOdd || this.#bodies.length !== this.#declared) return false;
    this.#place();
    return this.length > 0;
  }

  #leb(): number {
    const bytes = this.#bytes;
    let value = 0;
    for (let shift = 1; this.#at < this.#end; shift *= 128) {
      const byte = bytes[this.#at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        if (value > 0xffffffff) break;
        return value;
      }
      if (shift > 2 ** 28) break;
    }
    this.#isOdd = true;
    return 0;
  }

  /** Of 64 bits, or signed. */
  #longLeb(): number {
    let value = 0;
    for (let shift = 1; this.#at < this.#end && shift < 2 ** 63; shift *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    this.#isOdd = true;
    return 0;
  }

  #byte(): number {
    if (this.#at < this.#end) return this.#bytes[this.#at++]!;
    this.#isOdd = true;
    return 0;
  }

  #skip(size: number): void {
    this.#at += size;
    if (this.#at > this.#end) this.#isOdd = true;
  }

  #isLinking(at: number, size: number): boolean {
    return size === linking.length && linking.every((byte, i) => this.#bytes[at + i] === byte);
  }

  #readImports(): void {
    for (let count = this.#leb(); count > 0 && !this.#isOdd; count--) {
      this.#skip(this.#leb());
      const size = this.#leb();
      const at = this.#at;
      this.#skip(size);
      const kind = this.#byte();
      if (kind === 0) this.#leb();
      else if (kind === 1) {
        this.#valueType();
        this.#limits();
      } else if (kind === 2) this.#limits();
      else if (kind === 3) {
        this.#valueType();
        this.#byte();
      } else if (kind === 4) {
        this.#byte();
        this.#leb();
      } else {
        this.#isOdd = true;
        return;
      }
      this.#imports[kind]!.add(at, size);
    }
  }

  #valueType(): void {
    if (!valueTypes.includes(this.#byte())) this.#isOdd = true;
  }

  #limits(): void {
    const flags = this.#byte();
    this.#longLeb();
    if (flags & 1) this.#longLeb();
    if (flags > 7) this.#isOdd = true;
  }

  #readFunctions(): void {
    this.#declared = this.#leb();
    for (let i = 0; i < this.#declared && !this.#isOdd; i++) this.#leb();
  }

  #readCode(): void {
    const count = this.#leb();
    for (let i = 0; i < count && !this.#isOdd; i++) {
      const size = this.#leb();
      this.#bodies.add(this.#at, size);
      this.#skip(size);
    }
  }

  #readData(): void {
    const count = this.#leb();
    for (let i = 0; i < count && !this.#isOdd; i++) {
      const flags = this.#leb();
      if (flags > 2) this.#isOdd = true;
      if (flags === 2) this.#leb();
      if (flags !== 1) this.#constant();
      const size = this.#leb();
      this.#segments.add(this.#at, size);
      this.#skip(size);
    }
  }

  /** An initial value, up to its end. */
  #constant(): void {
    while (!this.#isOdd) {
      const opcode = this.#byte();
      if (opcode === 0x0b) return;
      if (opcode === 0x41 || opcode === 0x42) this.#longLeb();
      else if (opcode === 0x23) this.#leb();
      else this.#isOdd = true;
    }
  }

  #readLinking(): void {
    const end = this.#end;
    if (this.#leb() !== 2) this.#isOdd = true;
    while (this.#at < end && !this.#isOdd) {
      const type = this.#byte();
      const size = this.#leb();
      const behind = this.#at + size;
      if (behind > end) this.#isOdd = true;
      this.#end = Math.min(behind, end);
      if (type === 7) this.#readComdats();
      if (type === 8) this.#readSymbols();
      if ((type === 7 || type === 8) && this.#at !== behind) this.#isOdd = true;
      this.#at = behind;
      this.#end = end;
    }
  }

  #readComdats(): void {
    for (let count = this.#leb(); count > 0 && !this.#isOdd; count--) {
      this.#skip(this.#leb());
      this.#leb();
      for (let entries = this.#leb(); entries > 0 && !this.#isOdd; entries--) {
        const kind = this.#leb();
        const index = this.#leb();
        if (kind === 0) this.#mark(this.#segments, index);
        else if (kind === 1) this.#mark(this.#bodies, index - this.#imports[0]!.length);
      }
    }
  }

  #mark(rows: Rows, row: number): void {
    if (row >= 0 && row < rows.length) rows.flag[row] = 1;
    else this.#isOdd = true;
  }

  #readSymbols(): void {
    const count = this.#leb();
    if (this.length > 0 || count > this.#end - this.#at) this.#isOdd = true; // each has three bytes
    if (this.#isOdd) return;
    this.#reserve(count);
    for (let s = 0; s < count && !this.#isOdd; s++) {
      const kind = this.#byte();
      const flags = this.#leb();
      const isDefined = (flags & undefinedFlag) === 0;
      this.kind[s] = kind;
      this.flags[s] = flags;
      this.size[s] = Number.NaN;
      this.begin[s] = this.#of[s] = none;
      if (kind === dataKind) {
        this.#readName(s);
        if ((flags & bindings) === bindings) this.#isOdd = true;
        if (!isDefined) continue;
        const segment = this.#leb();
        const offset = this.#longLeb();
        this.size[s] = this.#longLeb();
        if (flags & absoluteFlag) continue;
        if (segment >= this.#segments.length) return void (this.#isOdd = true);
        this.#of[s] = segment;
        this.begin[s] = this.#segments.a[segment]! + offset;
      } else if (kind === sectionKind) {
        const section = this.#leb();
        if (section >= this.#sections.length) return void (this.#isOdd = true);
        this.nameAt[s] = this.#sections.a[section]!;
        this.nameSize[s] = this.#sections.b[section]!;
        if (!isDefined) continue;
        const begin = this.#sectionBegins.a[section]!;
        this.size[s] = this.#sectionBegins.b[section]!;
        this.begin[s] = this.#sections.flag[section] === 0 ? this.nameAt[s]! + this.nameSize[s]! : begin;
      } else if (kind <= tableKind) {
        const index = this.#leb();
        const imports = this.#imports[importsOf[kind]!]!;
        const isImport = index < imports.length;
        if (isDefined === isImport) return void (this.#isOdd = true);
        if (isDefined || flags & explicitName) this.#readName(s);
        else {
          this.nameAt[s] = imports.a[index]!;
          this.nameSize[s] = imports.b[index]!;
        }
        if (!isDefined || kind !== functionKind) continue;
        // What lies in them is known when all sections are read.
        if ((this.#of[s] = index - imports.length) >= this.#bodies.length) return void (this.#isOdd = true);
      } else this.#isOdd = true;
      if (this.nameSize[s] === 0 && kind !== sectionKind) this.#isOdd = true;
    }
    this.length = count;
  }

  #readName(s: number): void {
    const size = this.#leb();
    this.nameAt[s] = this.#at;
    this.nameSize[s] = size;
    this.#skip(size);
  }

  #reserve(count: number): void {
    while (this.kind.length < count) {
      this.kind = grown(this.kind);
      this.flags = grown(this.flags);
      this.nameAt = grown(this.nameAt);
      this.nameSize = grown(this.nameSize);
      this.size = grown(this.size);
      this.begin = grown(this.begin);
      this.comdat = grown(this.comdat);
      this.#of = grown(this.#of);
    }
  }

  /** What symbols are, by what they are of: comdats may be told behind them. */
  #place(): void {
    for (let s = 0; s < this.length; s++) {
      const of = this.#of[s]!;
      this.comdat[s] = 0;
      if (of === none) continue;
      const rows = this.kind[s] === functionKind ? this.#bodies : this.#segments;
      this.comdat[s] = rows.flag[of]!;
      if (this.kind[s] !== functionKind) continue;
      this.begin[s] = rows.a[of]!;
      this.size[s] = rows.b[of]!;
    }
  }
}

const isRead = (id: number) => id === 2 || id === 3 || id === 10 || id === 11;
/** Of numbers, vectors, functions, hosts' values and exceptions. */
const valueTypes = [0x7f, 0x7e, 0x7d, 0x7c, 0x7b, 0x70, 0x6f, 0x69];
const magic = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const linking = [...'linking'].map((letter) => letter.charCodeAt(0));
/** Of symbols' kinds, what an import of that is. */
const importsOf: Record<number, number> = { [functionKind]: 0, [globalKind]: 3, [tagKind]: 4, [tableKind]: 1 };
