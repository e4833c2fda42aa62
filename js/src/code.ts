// The instructions of a function, as a unit takes them.
import { checkKeys, integer, integer64, misfit, suggestion } from './check.js';
import type { Instruction } from './instruction_types.js';
import * as operand from './operands.js';
import type { OperandsOf } from './operands.js';
import type { CodeArrays } from './types.js';
import { loaded } from './unit_classes.js';
import { type Owner, type SymbolKind, UnitType } from './unit_symbol.js';

const none = 0xffffffff;

// In the order of OperandKind in core/unit/mir.h.
// biome-ignore format: a table
enum Kind {
  None, ZeroByte, MemoryIndex, TwoMemories, I32, I64, F32, F64, V128, Shuffle, Lane, Local, Label, BrTable, Block, TryTable, Memory,
  MemoryLane, SelectType, RefType, CastType, Function, Global, Tag, Table, TwoTables, CallIndirect, FunctionSlot, Address,
  MemoryInit, PassiveData, TableInit, PassiveElements, Type, TypeAndField, TypeAndCount, TwoTypes, TypeAndData,
  TypeAndElements, BranchOnCast,
}

/** How many operands an instruction takes at most; one unless it is here. */
const mostOperands = new Map([
  ...[Kind.None, Kind.ZeroByte].map((kind) => [kind, 0] as const),
  // biome-ignore format: a table
  ...[
    Kind.BrTable, Kind.TryTable, Kind.Memory, Kind.TwoMemories, Kind.TwoTables, Kind.CallIndirect, Kind.Address,
    Kind.MemoryInit, Kind.TableInit, Kind.TypeAndField, Kind.TypeAndCount, Kind.TwoTypes, Kind.TypeAndData,
    Kind.TypeAndElements,
  ].map((kind) => [kind, 2] as const),
  ...[Kind.MemoryLane, Kind.BranchOnCast].map((kind) => [kind, 3] as const),
]);

interface Row {
  code: number;
  kind: Kind;
  number: number;
  /** The name, as messages have it. */
  text: string;
  most: number;
}

/** @internal The instructions that there are, as the core lists them. */
export class Instructions {
  readonly rows = new Map<string, Row>();

  constructor(list: string) {
    for (const line of list.trimEnd().split('\n')) {
      const [name, code, kind, number] = line.split(' ');
      const most = mostOperands.get(Number(kind)) ?? 1;
      this.rows.set(name!, {
        code: Number(code),
        kind: Number(kind),
        number: Number(number),
        text: `\`${name}\``,
        most,
      });
    }
  }

  get(name: string): Row {
    const row = this.rows.get(name);
    if (row) return row;
    if (typeof name !== 'string') throw misfit('`op`', 'the name of the instruction', name, 'a string');
    throw new TypeError(`there is no instruction \`${name}\`${suggestion(name, [...this.rows.keys()])}`);
  }
}

const functions = ['function'] as const;
const globals = ['global'] as const;
const withAddress = ['global', 'data', 'function'] as const;
const tags = ['tag'] as const;
const tables = ['table'] as const;
const memories = ['memory'] as const;
const datas = ['data'] as const;
const passiveData = ['passive data'] as const;
const passiveElements = ['passive elements'] as const;

const scratchWords = new Uint32Array(4);
const scratchView = new DataView(scratchWords.buffer);

/**
 * Builds the instructions of a function: `code.op('local.get', 0).op('i32.const', 1).op('i32.add').end()`. The operands
 * are those of the text format, with the symbols and types of a unit: see `OperandsByKind`. Some instructions are weld's
 * own: `i32.data` takes data and an offset and gives the address, `i32.func` takes a function and gives its table slot.
 */
export class Code implements CodeArrays {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Code';
  #opcodes = new Uint16Array(64);
  #operands = new Uint32Array(64);
  #extra = new Uint32Array(64);
  #lines: Uint32Array = new Uint32Array(0);
  #count = 0;
  #extraCount = 0;
  #linesCount = 0;
  #isBound = false; // it may name symbols or types of the unit
  readonly #unit: Owner;
  readonly #instructions: Instructions;
  readonly #rows: ReadonlyMap<string, Row>;

  private constructor(unit: Owner, instructions: Instructions) {
    this.#unit = unit;
    this.#instructions = instructions;
    this.#rows = instructions.rows;
  }

  /** @internal */
  static make(unit: Owner, instructions: Instructions): Code {
    return new Code(unit, instructions);
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
  get lines(): Uint32Array {
    return this.#lines.subarray(0, this.#linesCount);
  }
  /** The number of instructions. */
  get length(): number {
    return this.#count;
  }

  /** @internal The unit whose symbols and types it may name. */
  get boundTo(): Owner | undefined {
    return this.#isBound ? this.#unit : undefined;
  }

  /** Removes all instructions, so that the object can be used for another function. */
  clear(): this {
    this.#count = this.#extraCount = this.#linesCount = 0;
    this.#isBound = false;
    return this;
  }

  /**
   * Says where in the source the instructions that follow come from: a line and a column, counted from 1, and a number
   * that `Unit.sourceFile` returned. Line 0 stands for no line, column 0 for an unknown one.
   */
  at(line: number, column = 0, file = 0): this {
    if (line >>> 0 !== line || column >>> 0 !== column || file >>> 0 !== file)
      throw new TypeError(`\`at\`: there is no place ${file}:${line}:${column}`);
    if (this.#linesCount && this.#lines[this.#linesCount - 4] === this.#count) this.#linesCount -= 4;
    if (this.#linesCount === this.#lines.length) this.#lines = grown(this.#lines);
    this.#lines[this.#linesCount++] = this.#count;
    this.#lines[this.#linesCount++] = file;
    this.#lines[this.#linesCount++] = line;
    this.#lines[this.#linesCount++] = column;
    return this;
  }

  /** Adds the instruction `end`. */
  end(): this {
    return this.#add(0x0b, 0);
  }

  /**
   * Adds an instruction with an opcode and an operand as core/unit/mir.h describes them. Symbols and types are numbers
   * there, which nothing protects from being those of another unit.
   */
  raw(opcode: number, operand: number): this {
    integer('`raw`', 'the opcode', opcode, 0, 2 ** 16 - 1);
    integer('`raw`', 'the operand', operand, -(2 ** 31), 2 ** 32 - 1);
    this.#isBound = true;
    return this.#add(opcode, operand);
  }

  /**
   * Adds an instruction by its name in the text format. Operands that do not fit are a `TypeError`, or a `RangeError` for
   * an integer out of its range; the code is then unchanged.
   */
  op<Name extends Instruction>(name: Name, ...operands: OperandsOf<Name>): this;
  // A compiler calls this for each instruction: no arrays are made of the operands.
  op(name: string, a?: unknown, b?: unknown, c?: unknown): this {
    const row = this.#rows.get(name) ?? this.#instructions.get(name);
    // biome-ignore lint/complexity/noArguments: rest parameters are an array
    if (arguments.length > row.most + 1) checkSurplus(row, arguments);
    return this.#add(row.code, row.kind === Kind.None ? 0 : this.#operand(row, a, b, c));
  }

  #add(opcode: number, operand: number): this {
    const at = this.#count;
    if (at === this.#opcodes.length) {
      this.#opcodes = grown(this.#opcodes);
      this.#operands = grown(this.#operands);
    }
    this.#opcodes[at] = opcode;
    this.#operands[at] = operand;
    this.#count = at + 1;
    return this;
  }

  #operand({ kind, number, text }: Row, a: unknown, b: unknown, c: unknown): number {
    switch (kind) {
      case Kind.None:
      case Kind.ZeroByte:
        return 0;
      case Kind.MemoryIndex:
        return a === undefined ? 0 : operand.ownMemory + this.#symbol(text, 'the memory', a, memories);
      case Kind.TwoMemories: {
        if (a === undefined && b === undefined) return 0;
        const [to, from] = [this.#memoryNumber(text, 'the first', a), this.#memoryNumber(text, 'the second', b)];
        return operand.ownMemory + this.#words(to, from);
      }
      case Kind.I32:
        return integer(text, 'the value', a, -(2 ** 31), 2 ** 32 - 1);
      case Kind.Lane:
        return integer(text, 'the lane', a, 0, 2 ** number - 1);
      case Kind.Local:
        return integer(text, 'the number of the local', a, 0, 2 ** 32 - 1);
      case Kind.Label:
        return integer(text, 'the label', a, 0, 2 ** 32 - 1);
      case Kind.F32:
        scratchView.setFloat32(0, operand.float(text, a, true), true);
        return scratchWords[0]!;
      case Kind.I64:
        scratchView.setBigInt64(0, integer64(text, 'the value', a), true);
        return this.#two(scratchWords[0]!, scratchWords[1]!);
      case Kind.F64:
        scratchView.setFloat64(0, operand.float(text, a, false), true);
        return this.#two(scratchWords[0]!, scratchWords[1]!);
      case Kind.V128:
      case Kind.Shuffle: {
        const [what, most] = kind === Kind.V128 ? ['the bytes', 255] : ['the lanes', 31];
        new Uint8Array(scratchWords.buffer).set(operand.sixteen(text, what as string, a, most as number));
        return this.#list(scratchWords);
      }
      case Kind.BrTable:
        return this.#list(operand.branchTable(text, a, b));
      case Kind.Block:
        return this.#blockType(text, a);
      case Kind.TryTable: {
        const clauses = operand.catchClauses(text, b, this.#unit);
        const type = this.#blockType(text, a);
        this.#isBound ||= clauses.length > 1;
        return this.#list([type, ...clauses]);
      }
      case Kind.Memory:
        if (a === undefined && b === undefined) return this.#four(number, 0, 0, none);
        return this.#list(this.#memory(text, a, b, number));
      case Kind.MemoryLane:
        return this.#list(this.#memoryLane(text, number, [a, b, c]));
      case Kind.SelectType:
        return this.#type(operand.valueType(text, 'the type', a, this.#unit));
      case Kind.RefType:
        return this.#type(operand.heapType(text, a, this.#unit));
      case Kind.CastType:
        return this.#type(operand.referenceType(text, 'the type', a, this.#unit));
      case Kind.BranchOnCast: {
        const label = integer(text, 'the label', a, 0, 2 ** 32 - 1);
        const from = operand.referenceType(text, 'the first type', b, this.#unit);
        const to = operand.referenceType(text, 'the second type', c, this.#unit);
        return this.#words(label, this.#type(from), this.#type(to));
      }
      case Kind.Type:
        return this.#typeId(text, 'the type', a);
      case Kind.TypeAndField:
      case Kind.TypeAndCount: {
        const what = kind === Kind.TypeAndField ? 'the number of the field' : 'the number of elements';
        return this.#words(this.#typeId(text, 'the type', a), integer(text, what, b, 0, 2 ** 32 - 1));
      }
      case Kind.TwoTypes:
        return this.#words(this.#typeId(text, 'the first type', a), this.#typeId(text, 'the second type', b));
      case Kind.TypeAndData:
        return this.#words(this.#typeId(text, 'the type', a), this.#symbol(text, 'operand 2', b, passiveData));
      case Kind.TypeAndElements:
        return this.#words(this.#typeId(text, 'the type', a), this.#symbol(text, 'operand 2', b, passiveElements));
      case Kind.Function:
      case Kind.FunctionSlot:
        return this.#symbol(text, 'the operand', a, functions);
      case Kind.Global:
        return this.#symbol(text, 'the operand', a, text === '`global.get`' ? withAddress : globals);
      case Kind.Tag:
        return this.#symbol(text, 'the operand', a, tags);
      case Kind.MemoryInit: {
        if (b === undefined) return this.#symbol(text, 'the operand', a, passiveData);
        const data = this.#symbol(text, 'operand 1', a, passiveData);
        return operand.ownMemory + this.#words(data, this.#symbol(text, 'the memory', b, memories));
      }
      case Kind.PassiveData:
        return this.#symbol(text, 'the operand', a, passiveData);
      case Kind.PassiveElements:
        return this.#symbol(text, 'the operand', a, passiveElements);
      case Kind.Table:
        return this.#table(text, 'the table', a);
      case Kind.TableInit:
        return this.#two(this.#symbol(text, 'operand 1', a, passiveElements), this.#table(text, 'the table', b));
      case Kind.TwoTables:
        return this.#two(this.#table(text, 'the first table', a), this.#table(text, 'the second table', b));
      case Kind.CallIndirect: {
        const type = operand.typeId(text, 'the type', a, this.#unit);
        const table = this.#table(text, 'the table', b);
        this.#isBound = true;
        return this.#two(type, table);
      }
      case Kind.Address: {
        const added = operand.addend(text, 'the addend', b, this.#unit);
        return this.#list([this.#symbol(text, 'the operand', a, datas), ...added]);
      }
    }
  }

  #symbol(of: string, what: string, value: unknown, kinds: readonly SymbolKind[]): number {
    const id = operand.symbolId(of, what, value, this.#unit, kinds);
    this.#isBound = true;
    return id;
  }

  #table(of: string, what: string, value: unknown): number {
    return value === undefined ? none : this.#symbol(of, what, value, tables);
  }

  #memoryNumber(of: string, which: string, value: unknown): number {
    return value === undefined ? none : this.#symbol(of, `${which} memory`, value, memories);
  }

  #typeId(of: string, what: string, value: unknown): number {
    const id = operand.typeId(of, what, value, this.#unit);
    this.#isBound = true;
    return id;
  }

  /** A value type. */
  #type(number: number): number {
    this.#isBound ||= operand.isBound(number);
    return number;
  }

  #blockType(of: string, type: unknown): number {
    const number = operand.blockType(of, type, this.#unit);
    this.#isBound ||= type instanceof UnitType;
    return this.#type(number);
  }

  #memory(of: string, a: unknown, b: unknown, natural: number): readonly number[] {
    const words = operand.memoryOperand(of, a, b, natural, this.#unit);
    this.#isBound ||= words[3] !== none;
    return words;
  }

  /** The lane is the last operand. */
  #memoryLane(of: string, natural: number, operands: unknown[]): readonly number[] {
    while (operands.length > 1 && operands.at(-1) === undefined) operands.pop();
    const lane = integer(of, 'the lane', operands.pop(), 0, 16 / 2 ** natural - 1);
    return [...this.#memory(of, operands[0], operands[1], natural), lane];
  }

  #words(...words: number[]): number {
    return this.#list(words);
  }

  // The same words as the last ones are kept once.
  #list(words: ArrayLike<number>): number {
    const { length } = words;
    let same = 0;
    const last = this.#extraCount - length;
    while (same < length && this.#extra[last + same] === words[same]! >>> 0) same++;
    if (same === length) return last;
    const at = this.#room(length);
    this.#extra.set(words, at);
    return at;
  }

  // The same, without an array.
  #two(a: number, b: number): number {
    const last = this.#extraCount - 2;
    const extra = this.#extra;
    if (extra[last] === a >>> 0 && extra[last + 1] === b >>> 0) return last;
    const at = this.#room(2);
    this.#extra[at] = a;
    this.#extra[at + 1] = b;
    return at;
  }
  #four(a: number, b: number, c: number, d: number): number {
    const last = this.#extraCount - 4;
    const extra = this.#extra;
    if (extra[last] === a && extra[last + 1] === b && extra[last + 2] === c && extra[last + 3] === d) return last;
    const at = this.#room(4);
    this.#extra[at] = a;
    this.#extra[at + 1] = b;
    this.#extra[at + 2] = c;
    this.#extra[at + 3] = d;
    return at;
  }

  /** Where `count` more words are. */
  #room(count: number): number {
    const at = this.#extraCount;
    while (at + count > this.#extra.length) this.#extra = grown(this.#extra);
    this.#extraCount = at + count;
    return at;
  }
}

loaded.Code = Code;

/** Checks code that `unit` is given for a function or global. `more`: what arrays may have besides code. */
export function codeOf(
  of: string,
  what: SymbolKind,
  code: CodeArrays,
  unit: Owner,
  more: readonly string[],
): CodeArrays {
  if (code instanceof Code) {
    const { boundTo } = code;
    if (boundTo && boundTo !== unit)
      throw new TypeError(
        `${of}: the code names symbols or types of the unit \`${boundTo.name}\`; the ${what} is one of \`${unit.name}\``,
      );
    return code;
  }
  checkKeys(code, `${of}: the code`, ['opcodes', 'operands', 'extra', 'lines', ...more]);
  const { opcodes, operands, extra } = code;
  if (!(opcodes instanceof Uint16Array)) throw misfit(of, '`opcodes`', opcodes, 'a Uint16Array');
  if (!(operands instanceof Uint32Array)) throw misfit(of, '`operands`', operands, 'a Uint32Array');
  if (!(extra instanceof Uint32Array)) throw misfit(of, '`extra`', extra, 'a Uint32Array');
  if (operands.length !== opcodes.length) throw new TypeError('`opcodes` and `operands` differ in length');
  return code;
}

function checkSurplus(row: Row, given: ArrayLike<unknown>): void {
  if (!Array.from(given, (value) => value !== undefined).includes(true, row.most + 1)) return;
  const takes = ['no operands', 'one operand', 'at most two operands', 'at most three operands'][row.most];
  throw new TypeError(`${row.text} takes ${takes}, not ${given.length - 1}`);
}

function grown<T extends Uint16Array | Uint32Array>(array: T): T {
  const larger = new (array.constructor as new (size: number) => T)(array.length * 2 || 64);
  larger.set(array);
  return larger;
}
