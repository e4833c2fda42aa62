// An inspection: tables that came out of the module in one buffer, read by the schema that it gives (see
// core/inspect/encode.h), and looked at when they are wanted.
import { instances } from './inspect_module.js';
import type {
  ColumnarTable,
  Inspection,
  InspectedKind,
  Lines,
  LineRow,
  MemberRow,
  SourceLine,
} from './inspect_types.js';
import type { Diagnostic } from './types.js';

export { instances };

type Column = Uint8Array | Uint32Array | Float64Array;

interface ColumnSchema {
  name: string;
  storage: 'u8' | 'u32' | 'f64' | 'text';
  show: 'number' | 'optional' | 'boolean' | 'word' | 'flags' | 'name' | 'symbol' | 'list';
  words?: readonly string[];
}

interface TableSchema {
  name: string;
  columns: readonly ColumnSchema[];
}

interface Summary {
  kind: InspectedKind;
  description: string;
  remedy?: string;
  /** Where the payload of CODE begins in the file. */
  codeOffset?: number;
  diagnostics: Diagnostic[];
}

let schema: readonly TableSchema[] | undefined;

/** What is absent, in a column of unsigned numbers. */
const none = 0xffffffff;

export function inspect(content: Uint8Array, name: string, member = ''): Inspection {
  // Names are read from the bytes when they are wanted, so they must stay as they are. Archives may be large; their
  // names are copied anyway.
  const isArchive = content[0] === 0x21; // !<arch>
  return new InspectedFile(isArchive ? content : content.slice(), name, member);
}

// --- Texts

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Names are bytes: those that are no UTF-8 become lone surrogates, as in js/native's JSON. */
export function decode(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const length = sequenceLength(bytes, at);
      text += length ? strict.decode(bytes.subarray(at, at + length)) : String.fromCharCode(0xdc00 + bytes[at]!);
      at += length || 1;
    }
    return text;
  }
}

/** How many bytes the character at `at` has; 0: it is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      strict.decode(bytes.subarray(at, at + length));
      return length;
    } catch {
      // perhaps with one byte more
    }
  }
  return 0;
}

/** Bytes of the file, and behind its end those that were made while it was read. */
class Texts {
  constructor(
    private readonly file: Uint8Array,
    private readonly made: Uint8Array,
  ) {}

  bytes(offset: number, size: number): Uint8Array {
    const [bytes, begin] = offset < this.file.length ? [this.file, offset] : [this.made, offset - this.file.length];
    return bytes.subarray(begin, begin + size);
  }
}

// --- Tables

class InspectedTable<Row> implements ColumnarTable<Row> {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Table';
  private made: Record<string, Column> | undefined;

  /** `begin`: of its columns in `buffer`. */
  constructor(
    private readonly schema: TableSchema,
    readonly length: number,
    private readonly buffer: ArrayBufferLike,
    private readonly begin: number,
    private readonly texts: Texts,
  ) {}

  // Most columns of most files are never looked at, and a typed array of few rows is larger than they are.
  get columns(): Record<string, Column> {
    return (this.made ??= columnsAt(this.schema, this.length, this.buffer, this.begin));
  }

  get words(): Record<string, readonly string[]> {
    return wordsOf(this.schema);
  }

  name(row: number): string | undefined {
    const bytes = this.text('name', row);
    return bytes && decode(bytes);
  }

  display(row: number): string | undefined {
    const bytes = this.text('name', row);
    return bytes && displayed(bytes);
  }

  get(row: number): Row {
    if (!(row >= 0 && row < this.length)) throw new RangeError(`row ${row} of ${this.length}`);
    const out: Record<string, unknown> = {};
    for (const column of this.schema.columns) {
      if (column.storage === 'text') this.addText(out, column, row);
      else {
        const value = numberOf(column, this.columns[column.name]![row]!);
        if (value !== undefined) out[column.name] = value;
      }
    }
    return out as Row;
  }

  private addText(out: Record<string, unknown>, { name, show }: ColumnSchema, row: number): void {
    const bytes = this.text(name, row);
    if (!bytes) return;
    const text = decode(bytes);
    out[name] = show === 'list' ? (text === '' ? [] : text.split(', ')) : text;
    if (show === 'symbol') out['display'] = displayed(bytes);
  }

  private text(name: string, row: number): Uint8Array | undefined {
    const offset = this.columns[`${name}Offset`]?.[row];
    if (offset === undefined || offset === none) return undefined;
    return this.texts.bytes(offset, this.columns[`${name}Size`]![row]!);
  }

  *[Symbol.iterator](): Iterator<Row> {
    for (let row = 0; row < this.length; row++) yield this.get(row);
  }

  toJSON(): Row[] {
    return [...this];
  }
}

function columnsAt({ columns }: TableSchema, length: number, buffer: ArrayBufferLike, at: number) {
  const made: Record<string, Column> = {};
  for (const { name, storage } of columns)
    for (const part of storage === 'text' ? [`${name}Offset`, `${name}Size`] : [name]) {
      made[part] = new columnTypes[storage](buffer, at, length);
      at += columnSize(storage, length);
    }
  return made;
}

interface ColumnType {
  new (buffer: ArrayBufferLike, offset: number, length: number): Column;
  BYTES_PER_ELEMENT: number;
}
const columnTypes: Record<ColumnSchema['storage'], ColumnType> = {
  u8: Uint8Array,
  u32: Uint32Array,
  f64: Float64Array,
  text: Uint32Array,
};

/** Bytes of one: each begins at a multiple of 8. */
const columnSize = (storage: ColumnSchema['storage'], length: number): number =>
  Math.ceil((length * columnTypes[storage].BYTES_PER_ELEMENT) / 8) * 8;

const knownWords = new WeakMap<TableSchema, Record<string, readonly string[]>>();

function wordsOf(schema: TableSchema): Record<string, readonly string[]> {
  let words = knownWords.get(schema);
  if (!words) {
    words = Object.fromEntries(schema.columns.flatMap(({ name, words }) => (words ? [[name, words]] : [])));
    knownWords.set(schema, words);
  }
  return words;
}

function numberOf({ storage, show, words = [] }: ColumnSchema, value: number): unknown {
  switch (show) {
    case 'boolean':
      return value !== 0;
    case 'word':
      return words[value] ?? String(value);
    case 'flags': {
      const names: string[] = [];
      for (let bit = 0; bit < 32; bit++) if ((value >>> bit) & 1) names.push(words[bit] || String(2 ** bit));
      return names;
    }
    case 'optional':
      return (storage === 'f64' ? Number.isNaN(value) : value === none) ? undefined : value;
    default:
      return value;
  }
}

function displayed(name: Uint8Array): string {
  // Most names are not mangled; all that are begin with "_", or with "." before it.
  if (name[0] !== 0x5f && name[0] !== 0x2e) return decode(name);
  return decode(instances.use((instance) => instance.display(name)) ?? name);
}

/**
 * Tables as they lie in the buffer, one behind the other. What is behind them is the texts that were made, and the
 * summary.
 */
function decodeTables(file: Uint8Array, encoded: Uint8Array) {
  const { buffer } = encoded;
  const numbers = new DataView(buffer);
  let at = 0;
  const count = () => numbers.getUint32((at += 8) - 8, true);
  const places = schema!.map(({ columns }) => {
    const length = count();
    const begin = at;
    for (const { storage } of columns) at += columnSize(storage, length) * (storage === 'text' ? 2 : 1);
    return { length, begin };
  });
  const madeSize = count();
  const texts = new Texts(file, encoded.subarray(at, at + madeSize));
  const summary = JSON.parse(new TextDecoder().decode(encoded.subarray(at + madeSize))) as Summary;
  const tables = new Map(
    places.map(({ length, begin }, i) => {
      const table = schema![i]!;
      return [table.name, new InspectedTable<unknown>(table, length, buffer, begin, texts)];
    }),
  );
  return { tables, summary };
}

function run(file: Uint8Array, name: string, member: string, withLines: boolean) {
  schema ??= JSON.parse(instances.use((instance) => instance.schema())) as TableSchema[];
  return decodeTables(
    file,
    instances.use((instance) => instance.inspect(file, name, member, withLines)),
  );
}

// --- The file

/** Tables that may have very many rows remain columns. The others become arrays. */
const columnar = ['functions', 'elementItems', 'symbols', 'relocations', 'names', 'archiveSymbols'];

class InspectedFile {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Inspection';
  readonly kind: InspectedKind;
  readonly description: string;
  readonly remedy?: string;
  readonly codeOffset?: number;
  readonly diagnostics: readonly Diagnostic[];
  private found: Lines | undefined;

  constructor(
    readonly bytes: Uint8Array,
    private readonly fileName: string,
    private readonly memberName: string,
  ) {
    const { tables, summary } = run(bytes, fileName, memberName, false);
    this.kind = summary.kind;
    this.description = summary.description;
    if (summary.remedy !== undefined) this.remedy = summary.remedy;
    if (summary.codeOffset !== undefined) this.codeOffset = summary.codeOffset;
    this.diagnostics = summary.diagnostics;
    for (const [name, table] of tables) {
      if (name === 'lines' || name === 'sourceFiles') continue;
      if (columnar.includes(name)) Object.defineProperty(this, name, { value: table, enumerable: true });
      else defineRows(this, name, table);
    }
  }

  get lines(): Lines {
    if (this.found) return this.found;
    const { tables, summary } = run(this.bytes, this.fileName, this.memberName, true);
    const files = [...(tables.get('sourceFiles') as InspectedTable<{ path: string }>)].map(({ path }) => path);
    const rows = tables.get('lines') as InspectedTable<LineRow>;
    const functions = (this as unknown as Inspection).functions;
    this.found = makeLines(rows, files, functions, this.codeOffset, summary.diagnostics.slice(this.diagnostics.length));
    return this.found;
  }

  member(which: number | string): Inspection {
    const { members } = this as unknown as Inspection;
    const member: MemberRow | undefined =
      typeof which === 'number' ? members[which] : members.find(({ name }) => name === which);
    if (!member) throw new RangeError(`there is no member ${which}`);
    if (this.kind === 'thin-archive')
      throw new TypeError(`the members of a thin archive are files of their own: inspect \`${member.name}\``);
    const bytes = this.bytes.subarray(member.offset, member.offset + member.size);
    return inspect(bytes, this.fileName, member.name);
  }

  toJSON(): Record<string, unknown> {
    const { kind, description, diagnostics, bytes } = this;
    const rest = this as unknown as Record<string, { length: number }>;
    const tables = schema!.map(({ name }) => name).filter((name) => name !== 'lines' && name !== 'sourceFiles');
    return {
      kind,
      description,
      size: bytes.length,
      ...Object.fromEntries(tables.map((name) => [name, rest[name]])),
      diagnostics,
    };
  }
}
// What its constructor defines is declared in inspect_types.ts alone.
interface InspectedFile extends Inspection {}

/** A property that is an array of rows, made when it is first asked for. */
function defineRows(file: object, name: string, table: InspectedTable<unknown>): void {
  let rows: unknown[] | undefined;
  Object.defineProperty(file, name, { get: () => (rows ??= [...table]), enumerable: true });
}

// --- Lines

/** A flag of lines: the first byte behind the code of those before it. */
const endSequence = 16;

function makeLines(
  table: InspectedTable<LineRow>,
  files: readonly string[],
  functions: Inspection['functions'],
  codeOffset: number | undefined,
  diagnostics: readonly Diagnostic[],
): Lines {
  const { address, file, line, column, flags } = table.columns as Record<string, Uint32Array>;
  const place = (row: number): SourceLine => {
    const path = files[file![row]!];
    return {
      address: address![row]!,
      line: line![row]!,
      column: column![row]!,
      ...(path === undefined ? {} : { file: path }),
    };
  };
  /** The first row behind `at`. */
  const upperBound = (at: number): number => {
    let [low, high] = [0, table.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (address![middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const find = (at: number): SourceLine | undefined => {
    const row = upperBound(at) - 1;
    return row < 0 || flags![row]! & endSequence ? undefined : place(row);
  };
  return Object.assign(table, {
    files,
    diagnostics,
    find,
    findInFile: (at: number) => (codeOffset === undefined || at < codeOffset ? undefined : find(at - codeOffset)),
    ofFunction(index: number): SourceLine[] {
      const { offset, size } = functions.get(index);
      if (offset === undefined || size === undefined || codeOffset === undefined) return [];
      const begin = offset - codeOffset;
      const lines: SourceLine[] = [];
      for (let row = upperBound(begin - 1); row < table.length && address![row]! < begin + size; row++)
        if (!(flags![row]! & endSequence)) lines.push(place(row));
      return lines;
    },
  }) as unknown as Lines;
}
