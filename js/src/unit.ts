// Units: functions as instructions, data, imports and exports, which are edited one by one. An edit that is refused
// throws an EditError and changes nothing.
import { checkKeys, suggestion } from './check.js';
import type {
  Binding,
  CodeArrays,
  ConstantOptions,
  DataOptions,
  Diagnostic,
  Fixup,
  UnitSymbol,
  ValueType,
} from './types.js';
import type { WeldModule } from './weld.js';

// Numbers of core/wasm/format.h and core/unit/unit.h.
// biome-ignore format: a table
const valueTypes: Record<ValueType, number> = {
  i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, funcref: 0x70, externref: 0x6f, exnref: 0x69,
};
const kinds = { function: 0, data: 1, global: 2, tag: 4, table: 5 } as const;
const flags = { weak: 1, local: 2, hidden: 4, keep: 0x80 } as const;
const dataFlags = { strings: 1, threadLocal: 2, keep: 4, readOnly: 8 } as const;
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

function valueType(type: unknown): number {
  const number = valueTypes[type as ValueType];
  if (number === undefined) throw new TypeError(`there is no type \`${String(type)}\``);
  return number;
}

/** Nothing, a value type, or the number of a function type. */
function blockType(type: unknown): number {
  if (type === undefined) return 0x40;
  return typeof type === 'number' ? 0x100 + type : valueType(type);
}

const bindings = { global: 0, weak: flags.weak, local: flags.local };
const bindingNames = ['binding', 'hidden', 'keep'];
const dataNames = ['align', 'fixups', 'readOnly', 'strings', 'threadLocal', 'section', ...bindingNames];

function bindingFlags(options: Binding, names = bindingNames): number {
  checkKeys(options, 'a definition', names);
  const { binding = 'global', hidden, keep } = options;
  const known = Object.keys(bindings);
  if (!known.includes(binding))
    throw new TypeError(`\`binding\` must be ${known.join(', ')}${suggestion(String(binding), known)}`);
  return bindings[binding] | (hidden ? flags.hidden : 0) | (keep ? flags.keep : 0);
}

/** Fixups as js/native/unit_embind.cpp reads them. */
function fixupWords(fixups: readonly Fixup[]): Uint32Array {
  const words = fixups.flatMap((fixup) => {
    checkKeys(fixup, 'a fixup', ['offset', 'width', 'data', 'addend', 'function']);
    const head = (fixup.width ?? 4) * 256;
    if ('function' in fixup) return [head + 1, fixup.offset, fixup.function.id, 0, 0];
    const addend = fixup.addend ?? 0;
    return [head, fixup.offset, fixup.data.id, addend, Math.floor(addend / 2 ** 32)];
  });
  return Uint32Array.from(words);
}

type NumberArray = Uint8Array | Uint16Array | Uint32Array;

/** The core as a unit has it: its linker watches over what is called. */
export interface UnitCore extends WeldModule {
  put(arrays: readonly NumberArray[]): void;
}

/** Lays arrays one after the other where the core reads them. */
export function put(core: WeldModule, arrays: readonly NumberArray[]): void {
  let size = 0;
  for (const array of arrays) size += array.byteLength;
  let at = core.scratch(size);
  for (const array of arrays) {
    core.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
}

/** Thrown if an edit was refused. The unit is as it was before the edit. */
export class EditError extends Error {
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.text).join('\n'));
    this.name = 'EditError';
  }
}

/** An input whose functions and data are edited one by one. `Linker.unit` makes it. */
export class Unit {
  #alive: UnitCore | undefined;
  readonly #id: number;
  readonly #instructions: Instructions;

  /** @internal */
  constructor(
    id: number,
    readonly name: string,
    core: UnitCore,
    instructions: Instructions,
  ) {
    this.#id = id;
    this.#alive = core;
    this.#instructions = instructions;
  }

  /** @internal Its linker has removed it. */
  detach(): void {
    this.#alive = undefined;
  }

  get #core(): UnitCore {
    if (!this.#alive) throw new TypeError(`the unit \`${this.name}\` was removed, or lost with its linker`);
    return this.#alive;
  }

  /** Returns the number of a function type, for blocks and `call_indirect`. */
  type(params: readonly ValueType[], results: readonly ValueType[]): number {
    this.#put(Uint8Array.from([...params, ...results], valueType));
    return this.#core.unitType(this.#id, params.length, results.length);
  }

  /** Returns empty code. Fill it and pass it to `setFunction`. It can be cleared and used again. */
  code(): Code {
    return new Code(this.#instructions);
  }

  /** Returns the opcode of an instruction, for code that is given as arrays. */
  opcode(name: string): number {
    const row = this.#instructions.rows.get(name);
    if (!row) throw new TypeError(`there is no instruction \`${name}\``);
    return row.code;
  }

  // Symbols. If the unit does not define a symbol, another input must. With `weak` it may stay undefined.

  /** Declares a function. */
  function(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    options: { weak?: boolean } = {},
  ): UnitSymbol {
    return this.#declare(kinds.function, name, this.type(params, results), 0, 0, options);
  }
  /** Declares data. */
  data(name: string, options: { weak?: boolean } = {}): UnitSymbol {
    return this.#declare(kinds.data, name, 0, 0, 0, options);
  }
  /**
   * Declares passive data, which has no address, for `memory.init` and `data.drop`. It is only visible in this unit.
   */
  passiveData(name: string): UnitSymbol {
    return this.#segment(name, 1);
  }
  /** Declares a list of functions for `table.init` and `elem.drop`. It is only visible in this unit. */
  passiveElements(name: string): UnitSymbol {
    return this.#segment(name, 2);
  }
  /** Declares a global. */
  global(name: string, type: ValueType, options: { mutable?: boolean; weak?: boolean } = {}): UnitSymbol {
    return this.#declare(kinds.global, name, valueType(type), options.mutable ? 1 : 0, 0, options, ['mutable', 'weak']);
  }
  /** Declares a table. */
  table(name: string, element: ValueType, minimum = 0, maximum = -1): UnitSymbol {
    return this.#declare(kinds.table, name, valueType(element), minimum, maximum);
  }
  /** Declares an exception tag. */
  tag(name: string, params: readonly ValueType[]): UnitSymbol {
    return this.#declare(kinds.tag, name, this.type(params, []), 0, 0);
  }

  // Definitions. Setting a definition again replaces it.

  /** Defines a function. */
  setFunction(symbol: UnitSymbol, code: CodeArrays, locals: readonly ValueType[] = [], binding: Binding = {}): void {
    const { opcodes, operands, extra } = code;
    this.#put(operands, extra, opcodes, locals.length > 0 ? Uint8Array.from(locals, valueType) : noBytes);
    const { length } = opcodes;
    if (operands.length !== length) throw new TypeError('`opcodes` and `operands` differ in length');
    this.#check(
      this.#core.unitFunction(this.#id, symbol.id, -1, length, extra.length, locals.length, bindingFlags(binding)),
    );
  }

  /** Defines data. If `content` is a number, the data consists of that many zeros. */
  setData(symbol: UnitSymbol, content: Uint8Array | number, options: DataOptions = {}): void {
    const { align = 1, fixups = [], readOnly, strings, threadLocal, keep, section = '' } = options;
    let bits = (readOnly ? dataFlags.readOnly : 0) | (strings ? dataFlags.strings : 0);
    bits |= (threadLocal ? dataFlags.threadLocal : 0) | (keep ? dataFlags.keep : 0);
    const p2align = 31 - Math.clz32(align);
    const binding = bindingFlags(options, dataNames);
    if (typeof content === 'number') {
      this.#check(this.#core.unitZeros(this.#id, symbol.id, content, p2align, bits, binding, section));
      return;
    }
    this.#put(fixupWords(fixups), content);
    this.#check(
      this.#core.unitData(this.#id, symbol.id, content.length, fixups.length, p2align, bits, binding, section),
    );
  }

  /** Defines passive data. */
  setPassiveData(symbol: UnitSymbol, bytes: Uint8Array): void {
    this.#put(bytes);
    this.#check(this.#core.unitSegment(this.#id, symbol.id, false, bytes.length));
  }
  /** Defines a list of functions. */
  setPassiveElements(symbol: UnitSymbol, functions: readonly UnitSymbol[]): void {
    this.#put(Uint32Array.from(functions, ({ id }) => id));
    this.#check(this.#core.unitSegment(this.#id, symbol.id, true, functions.length));
  }

  /**
   * Adds data without a name. Equal contents are stored once, with the largest alignment that was asked for. Contents are
   * equal if their bytes and their fixups are equal. A number instead of options is the alignment.
   */
  constant(content: Uint8Array | string, options: ConstantOptions | number = {}): UnitSymbol {
    const { align = 1, fixups = [] } = typeof options === 'number' ? { align: options } : options;
    if (typeof options !== 'number') checkKeys(options, 'a constant', ['align', 'fixups']);
    const bytes = typeof content === 'string' ? new TextEncoder().encode(`${content}\0`) : content;
    this.#put(fixupWords(fixups), bytes);
    const id = this.#core.unitConstant(this.#id, bytes.length, fixups.length, 31 - Math.clz32(align));
    if (id === -1) this.#refused();
    return { id, name: '' };
  }

  /** Defines a global with its initial value. References are initially null. */
  setGlobal(symbol: UnitSymbol, type: ValueType, value: number | bigint = 0, binding: Binding = {}): void {
    const view = new DataView(new ArrayBuffer(16));
    if (type === 'f32') view.setFloat32(0, Number(value), true);
    else if (type === 'f64') view.setFloat64(0, Number(value), true);
    else view.setBigInt64(0, BigInt(value), true);
    this.#put(new Uint8Array(view.buffer));
    this.#check(this.#core.unitDefine(this.#id, symbol.id, bindingFlags(binding)));
  }
  /** Defines a table. */
  setTable(symbol: UnitSymbol, binding: Binding = {}): void {
    this.#check(this.#core.unitDefine(this.#id, symbol.id, bindingFlags(binding)));
  }
  /** Defines an exception tag. */
  setTag(symbol: UnitSymbol, binding: Binding = {}): void {
    this.#check(this.#core.unitDefine(this.#id, symbol.id, bindingFlags(binding)));
  }
  /** Defines another name for a function or for data of this unit. */
  setAlias(symbol: UnitSymbol, target: UnitSymbol, binding: Binding = {}): void {
    this.#check(this.#core.unitAlias(this.#id, symbol.id, target.id, bindingFlags(binding)));
  }

  /** Imports an undefined symbol from `module` under `name`. Default: the name of the symbol. */
  import(symbol: UnitSymbol, module = 'env', name = ''): void {
    this.#check(this.#core.unitImport(this.#id, symbol.id, module, name));
  }
  /**
   * Exports a symbol under one more name. Default: its own name. A symbol can have any number of export names. If it is
   * exported under other names only, options such as `exports` and `exportDynamic` do not add its own.
   */
  export(symbol: UnitSymbol, name = ''): void {
    this.#check(this.#core.unitExport(this.#id, symbol.id, name));
  }
  /** Runs a function at the start of the program. Functions with smaller priorities run first. */
  runAtStart(symbol: UnitSymbol, priority = 65535): void {
    this.#check(this.#core.unitStart(this.#id, symbol.id, priority));
  }

  /** Removes the definition of a symbol, its import, its exports and its run at start. */
  remove(symbol: UnitSymbol): void {
    this.#check(this.#core.unitRemove(this.#id, symbol.id, 0));
  }
  /** Removes the import of a symbol. */
  unimport(symbol: UnitSymbol): void {
    this.#check(this.#core.unitRemove(this.#id, symbol.id, 1));
  }
  /** Removes one export name of a symbol. Default: all of them. */
  unexport(symbol: UnitSymbol, name?: string): void {
    if (name === undefined) this.#check(this.#core.unitRemove(this.#id, symbol.id, 2));
    else this.#check(this.#core.unitUnexport(this.#id, symbol.id, name));
  }
  /** Stops running a function at the start. */
  runNoMore(symbol: UnitSymbol): void {
    this.#check(this.#core.unitRemove(this.#id, symbol.id, 3));
  }

  #declare(
    kind: number,
    name: string,
    a: number,
    b: number,
    c: number,
    options: { weak?: boolean } = {},
    known = ['weak'],
  ): UnitSymbol {
    checkKeys(options, 'a symbol', known);
    const id = this.#core.unitDeclare(this.#id, kind, name, a, b, c, options.weak ? flags.weak : 0);
    if (id === -1) this.#refused();
    return { id, name };
  }

  #segment(name: string, kind: number): UnitSymbol {
    const id = this.#core.unitDeclareSegment(this.#id, name, kind);
    if (id === -1) this.#refused();
    return { id, name };
  }

  #put(...arrays: NumberArray[]): void {
    this.#core.put(arrays);
  }

  #refused(): never {
    throw new EditError((JSON.parse(this.#core.takeDiagnostics()) as { diagnostics: Diagnostic[] }).diagnostics);
  }

  #check(done: boolean): void {
    if (!done) this.#refused();
  }
}

const noBytes = new Uint8Array(0);
