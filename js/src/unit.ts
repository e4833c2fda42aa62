// Units: functions as instructions, data, imports and exports, which are edited one by one. An edit that is refused
// throws an EditError and changes nothing.
import { checkKeys, suggestion } from './check.js';
import { Code, type Instructions, valueType } from './code.js';
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

// Numbers of core/unit/unit.h.
const kinds = { function: 0, data: 1, global: 2, tag: 4, table: 5 } as const;
const flags = { weak: 1, local: 2, hidden: 4, keep: 0x80 } as const;
const dataFlags = { strings: 1, threadLocal: 2, keep: 4, readOnly: 8 } as const;
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

  /**
   * Removes a symbol: its definition, its import, its exports and its run at start. While something in the unit refers
   * to the symbol, it stays declared, and declaring or defining it keeps it. Otherwise its name and its number are freed.
   * Using the number after that throws an `EditError`. Numbers are not used again: to have the name back, declare it.
   */
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
