// The instructions of a function's body: where each is, its name and its operands. The names are from instruction_table.json.
import table from './instruction_table.json';

/** What an operand's number counts. */
export type Space = 'function' | 'global' | 'table' | 'tag' | 'type';

export interface Instruction {
  /** Offsets in the bytes. */
  begin: number;
  end: number;
  name: string;
  /** The operands as text. Numbers of the spaces below are `\0`, each in its turn; `number` is `\x01`. */
  operands: string;
  /** Numbers of functions, globals, ... among the operands, in order. */
  references: { space: Space; index: number; at: number }[];
  /** Of a constant or of an access of memory: where its number is, which may be an address. An offset of 0 is not in the text. */
  number?: { at: number; text: string };
}

export interface Body {
  /** Groups of locals: how many of which type. */
  locals: { count: number; type: string }[];
  instructions: Instruction[];
  /** Where reading ended: at the end of the body, unless there is an instruction that is not known. */
  end: number;
}

interface Row {
  name: string;
  operand: string;
  align: number;
}

let rows: Map<number, Row> | undefined;

function rowOf(code: number): Row | undefined {
  if (!rows) {
    rows = new Map();
    for (const [operand, list] of Object.entries(table))
      for (const [code, name, align = 0] of list as [number, string, number?][])
        rows.set(code, { name, operand, align });
  }
  return rows.get(code);
}

const prefixed = (byte: number) => byte >= 0xfb && byte <= 0xfe;

// biome-ignore format: a table
const valueTypes: Record<number, string> = {
  0x7f: 'i32', 0x7e: 'i64', 0x7d: 'f32', 0x7c: 'f64', 0x7b: 'v128', 0x70: 'funcref', 0x6f: 'externref', 0x69: 'exnref',
  0x6e: 'anyref', 0x6d: 'eqref', 0x6c: 'i31ref', 0x6b: 'structref', 0x6a: 'arrayref', 0x71: 'nullref',
  0x72: 'nullexternref', 0x73: 'nullfuncref', 0x74: 'nullexnref',
};
const heapTypes = (byte: number) => valueTypes[byte]?.replace(/ref$/, '').replace(/^null/, 'no');

class End extends Error {}

/** Reads numbers of the format from bytes that a stranger wrote: what does not end there throws `End`. */
class Bytes {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  byte(): number {
    if (this.at >= this.bytes.length) throw new End();
    return this.bytes[this.at++]!;
  }

  get more(): boolean {
    return this.at < this.bytes.length;
  }

  /** A LEB128 number of at most `most` bytes. */
  leb(isSigned: boolean, most: number): bigint {
    let value = 0n;
    for (let i = 0; i < most; i++) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte & 0x80) continue;
      return isSigned && byte & 0x40 ? value - (1n << BigInt(7 * i + 7)) : value;
    }
    throw new End();
  }

  u32(): number {
    return Number(this.leb(false, 5));
  }

  float(size: 4 | 8): number {
    if (this.at + size > this.bytes.length) throw new End();
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, size);
    this.at += size;
    return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
  }

  heapType(): string {
    const name = this.more && heapTypes(this.bytes[this.at]!);
    if (name) {
      this.at++;
      return name;
    }
    return `(type ${this.leb(true, 5)})`;
  }

  valueType(): string {
    const byte = this.byte();
    if (byte === 0x63 || byte === 0x64) return `(ref ${byte === 0x63 ? 'null ' : ''}${this.heapType()})`;
    return valueTypes[byte] ?? `0x${byte.toString(16)}`;
  }

  blockType(): string {
    const byte = this.bytes[this.at];
    if (byte === 0x40) {
      this.at++;
      return '';
    }
    if (byte !== undefined && (valueTypes[byte] || byte === 0x63 || byte === 0x64))
      return `(result ${this.valueType()})`;
    return `(type ${this.leb(true, 5)})`;
  }

  list<T>(one: () => T): T[] {
    const count = this.u32();
    if (count > this.bytes.length - this.at) throw new End();
    return Array.from({ length: count }, one);
  }
}

/** Floats as the text format has them, with what tells NaNs apart. */
function floatText(value: number, bytes: Uint8Array): string {
  if (Number.isNaN(value)) return `nan (${[...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ')})`;
  return Object.is(value, -0) ? '-0' : value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value);
}

const hex = (bytes: Uint8Array) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join(' ');

/** A function's body, behind its size. */
export function readBody(bytes: Uint8Array): Body {
  const body: Body = { locals: [], instructions: [], end: 0 };
  const from = new Bytes(bytes, 0);
  try {
    body.locals = from.list(() => ({ count: from.u32(), type: from.valueType() }));
    body.end = from.at;
    while (from.more) {
      const instruction = readInstruction(bytes, from);
      if (!instruction) break;
      body.instructions.push(instruction);
      body.end = from.at;
    }
  } catch (error) {
    if (!(error instanceof End)) throw error;
  }
  return body;
}

function readInstruction(bytes: Uint8Array, from: Bytes): Instruction | undefined {
  const begin = from.at;
  const first = from.byte();
  const row = rowOf(prefixed(first) ? first * 65536 + from.u32() : first);
  if (!row) return undefined;
  const made: Instruction = { begin, end: begin, name: row.name, operands: '', references: [] };
  const reference = (space: Space) => {
    const at = from.at;
    made.references.push({ space, index: from.u32(), at });
    return '\0';
  };
  const number = (read: () => { toString(): string }) => {
    const at = from.at;
    const text = read().toString();
    made.number = { at, text };
    return '\x01';
  };
  const label = () => String(from.u32());
  made.operands = operandsOf(row);
  made.end = from.at;
  return made;

  function memory(align: number): string {
    const flags = from.u32();
    const at = flags & 64 ? `(memory ${from.u32()}) ` : '';
    number(() => from.leb(false, 10));
    const natural = (flags & 63) === align ? '' : `align=${2 ** (flags & 31)}`;
    return [`${at}${made.number!.text === '0' ? '' : 'offset=\x01'}`, natural].filter(Boolean).join(' ');
  }

  function operandsOf({ operand, align }: Row): string {
    switch (operand) {
      case 'None':
        return '';
      case 'ZeroByte':
      case 'ZeroBytes': {
        const numbers = operand === 'ZeroByte' ? [from.u32()] : [from.u32(), from.u32()];
        return numbers.some((n) => n !== 0) ? numbers.join(' ') : '';
      }
      case 'I32':
        return number(() => from.leb(true, 5));
      case 'I64':
        return number(() => from.leb(true, 10));
      case 'F32':
      case 'F64': {
        const value = from.float(operand === 'F32' ? 4 : 8);
        return floatText(value, bytes.subarray(begin + 1, from.at));
      }
      case 'V128':
      case 'Shuffle': {
        const all = Array.from({ length: 16 }, () => from.byte());
        return operand === 'V128' ? `i8x16 ${hex(Uint8Array.from(all))}` : all.join(' ');
      }
      case 'Lane':
        return String(from.byte());
      case 'Local':
        return label();
      case 'Label':
        return label();
      case 'BrTable': {
        const labels = from.list(label);
        return [...labels, label()].join(' ');
      }
      case 'Block':
        return from.blockType();
      case 'TryTable': {
        const type = from.blockType();
        const clauses = from.list(() => {
          const kind = from.byte();
          const tag = kind < 2 ? ` ${reference('tag')}` : '';
          return `(${['catch', 'catch_ref', 'catch_all', 'catch_all_ref'][kind] ?? kind}${tag} ${label()})`;
        });
        return [type, ...clauses].filter(Boolean).join(' ');
      }
      case 'Memory':
        return memory(align);
      case 'MemoryLane':
        return [memory(align), from.byte()].filter((part) => part !== '').join(' ');
      case 'SelectType':
        return from.list(() => `(result ${from.valueType()})`).join(' ');
      case 'RefType':
      case 'HeapType':
        return from.heapType();
      case 'HeapTypeOrNull':
        return `null ${from.heapType()}`;
      case 'Function':
        return reference('function');
      case 'Global':
        return reference('global');
      case 'Tag':
        return reference('tag');
      case 'Table':
        return reference('table');
      case 'Type':
        return reference('type');
      case 'TypeAndNumber':
        return `${reference('type')} ${from.u32()}`;
      case 'TwoTables':
        return `${reference('table')} ${reference('table')}`;
      case 'CallIndirect':
        return `(type ${reference('type')}) ${reference('table')}`;
      case 'MemoryInit': {
        const data = from.u32();
        const memory = from.u32();
        return memory === 0 ? String(data) : `${memory} ${data}`;
      }
      case 'TableInit': {
        const elements = from.u32();
        return `${reference('table')} ${elements}`;
      }
      case 'PassiveData':
      case 'PassiveElements':
        return label();
      case 'BrOnCast': {
        const flags = from.byte();
        const to = label();
        const types = [1, 2].map((bit) => `(ref ${flags & bit ? 'null ' : ''}${from.heapType()})`);
        return `${to} ${types.join(' ')}`;
      }
      default:
        throw new Error(`no operands of the kind ${operand}`);
    }
  }
}
