// The instructions of a function, as a unit takes them.
import type { CodeArrays, UnitSymbol, ValueType } from './types.js';

// Numbers of core/wasm/format.h.
// biome-ignore format: a table
const valueTypes: Record<ValueType, number> = {
  i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f, exnref: 0x69,
};
const none = 0xffffffff;

// In the order of OperandKind in core/unit/mir.h.
// biome-ignore format: a table
enum Kind {
  None, ZeroByte, ZeroBytes, I32, I64, F32, F64, V128, Shuffle, Lane, Local, Label, BrTable, Block, TryTable, Memory,
  MemoryLane, SelectType, RefType, Function, Global, Tag, Table, TwoTables, CallIndirect, FunctionSlot, Address, MemoryInit,
  PassiveData, TableInit, PassiveElements,
}

/** The instructions that there are, as the core lists them. */
export class Instructions {
  readonly rows = new Map<string, { code: number; kind: Kind; number: number }>();

  constructor(list: string) {
    for (const line of list.trimEnd().split('\n')) {
      const [name, code, kind, number] = line.split(' ');
      this.rows.set(name!, { code: Number(code), kind: Number(kind) as Kind, number: Number(number) });
    }
  }
}

/** The place of a memory access: `offset`, counted from the address of `data` if it is given. */
export interface MemoryOperand {
  offset?: number;
  data?: UnitSymbol;
  /** The alignment in bytes. Default: the natural alignment of the instruction. */
  align?: number;
}

/**
 * A clause of `try_table`. Without a tag it catches everything. With `ref` it also passes on a reference to the
 * exception.
 */
export interface CatchClause {
  tag?: UnitSymbol;
  ref?: boolean;
  label: number;
}

const scratchWords = new Uint32Array(4);
const scratchView = new DataView(scratchWords.buffer);

/**
 * Builds the instructions of a function: `code.op('local.get', 0).op('i32.const', 1).op('i32.add').end()`. The operands
 * are those of the text format, with the symbols and types of a unit. Two instructions are weld's own: `i32.data` takes
 * data and an offset and gives the address, `i32.func` takes a function and gives its table slot.
 */
export class Code implements CodeArrays {
  #opcodes = new Uint16Array(64);
  #operands = new Uint32Array(64);
  #extra = new Uint32Array(64);
  #count = 0;
  #extraCount = 0;
  readonly #rows: Instructions['rows'];

  /** @internal */
  constructor(instructions: Instructions) {
    this.#rows = instructions.rows;
  }

  get opcodes(): Uint16Array {
    return this.#opcodes.subarray(0, this.#count);
  }
  get operands(): Uint32Array {
    return this.#operands.subarray(0, this.#count);
  }
  get extra(): Uint32Array {
    return this.#extra.subarray(0, this.#extraCount);
  }
  /** The number of instructions. */
  get length(): number {
    return this.#count;
  }

  /** Removes all instructions, so that the object can be used for another function. */
  clear(): this {
    this.#count = this.#extraCount = 0;
    return this;
  }

  /** Adds the instruction `end`. */
  end(): this {
    return this.raw(0x0b, 0);
  }

  /** Adds an instruction with an opcode and an operand as core/unit/mir.h describes them. */
  raw(opcode: number, operand: number): this {
    if (this.#count === this.#opcodes.length) {
      this.#opcodes = grown(this.#opcodes);
      this.#operands = grown(this.#operands);
    }
    this.#opcodes[this.#count] = opcode;
    this.#operands[this.#count++] = operand;
    return this;
  }

  /** Adds an instruction by its name in the text format. */
  op(name: string, ...operands: readonly unknown[]): this {
    const row = this.#rows.get(name);
    if (!row) throw new TypeError(`there is no instruction \`${name}\``);
    return this.raw(row.code, this.#operand(row.kind, row.number, operands));
  }

  #operand(kind: Kind, number: number, [a, b]: readonly unknown[]): number {
    switch (kind) {
      case Kind.None:
      case Kind.ZeroByte:
      case Kind.ZeroBytes:
        return 0;
      case Kind.I32:
      case Kind.Lane:
      case Kind.Local:
      case Kind.Label:
        return Number(a ?? 0);
      case Kind.F32:
        scratchView.setFloat32(0, Number(a), true);
        return scratchWords[0]!;
      case Kind.I64:
        scratchView.setBigInt64(0, BigInt(a as bigint | number), true);
        return this.#words(scratchWords[0]!, scratchWords[1]!);
      case Kind.F64:
        scratchView.setFloat64(0, Number(a), true);
        return this.#words(scratchWords[0]!, scratchWords[1]!);
      case Kind.V128:
      case Kind.Shuffle:
        new Uint8Array(scratchWords.buffer).set(a as ArrayLike<number>);
        return this.#words(...scratchWords);
      case Kind.BrTable: {
        const labels = a as readonly number[];
        return this.#list([labels.length, ...labels, Number(b)]);
      }
      case Kind.Block:
        return blockType(a);
      case Kind.TryTable: {
        const clauses = (b ?? []) as readonly CatchClause[];
        const words = clauses.flatMap(({ tag, ref, label }) => [(tag ? 0 : 2) + (ref ? 1 : 0), tag?.id ?? 0, label]);
        return this.#list([blockType(a), clauses.length, ...words]);
      }
      case Kind.Memory:
      case Kind.MemoryLane: {
        const { offset = 0, data, align = 2 ** number } = (a ?? {}) as MemoryOperand;
        const words = [31 - Math.clz32(align), offset, Math.floor(offset / 2 ** 32), data?.id ?? none];
        return kind === Kind.Memory ? this.#words(...words) : this.#words(...words, Number(b));
      }
      case Kind.SelectType:
      case Kind.RefType:
        return valueType(a);
      case Kind.Function:
      case Kind.FunctionSlot:
      case Kind.Global:
      case Kind.Tag:
      case Kind.MemoryInit:
      case Kind.PassiveData:
      case Kind.PassiveElements:
        return (a as UnitSymbol).id;
      case Kind.Table:
        return (a as UnitSymbol | undefined)?.id ?? none;
      case Kind.TableInit:
        return this.#words((a as UnitSymbol).id, (b as UnitSymbol | undefined)?.id ?? none);
      case Kind.TwoTables:
        return this.#words((a as UnitSymbol | undefined)?.id ?? none, (b as UnitSymbol | undefined)?.id ?? none);
      case Kind.CallIndirect:
        return this.#words(Number(a), (b as UnitSymbol | undefined)?.id ?? none);
      case Kind.Address: {
        const addend = Number(b ?? 0);
        return this.#words((a as UnitSymbol).id, addend, Math.floor(addend / 2 ** 32));
      }
    }
  }

  #words(...words: number[]): number {
    return this.#list(words);
  }

  // The same words as the last ones are kept once.
  #list(words: readonly number[]): number {
    const last = this.#extraCount - words.length;
    if (last >= 0 && words.every((word, i) => this.#extra[last + i] === word >>> 0)) return last;
    while (this.#extraCount + words.length > this.#extra.length) this.#extra = grown(this.#extra);
    this.#extra.set(words, this.#extraCount);
    this.#extraCount += words.length;
    return this.#extraCount - words.length;
  }
}

function grown<T extends Uint16Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (size: number) => T)(array.length * 2);
  larger.set(array);
  return larger;
}

export function valueType(type: unknown): number {
  const number = valueTypes[type as ValueType];
  if (number === undefined) throw new TypeError(`there is no type \`${String(type)}\``);
  return number;
}

/** Nothing, a value type, or the number of a function type. */
function blockType(type: unknown): number {
  if (type === undefined) return 0x40;
  return typeof type === 'number' ? 0x100 + type : valueType(type);
}
