// Units: functions as instructions, data, imports and exports, which are edited one by one. An edit that is refused
// throws an EditError and changes nothing.
import { array, checkKeys, flag, integer, misfit, powerOfTwo, suggestion, text } from './check.js';
import { Code, type Instructions } from './code.js';
import { bytesOf } from './files.js';
import type { Instruction } from './instruction_types.js';
import { addend, constantBits, symbolId, valueType } from './operands.js';
import type { Binding, CodeArrays, ConstantOptions, DataOptions, Diagnostic, Fixup, ValueType } from './types.js';
import { type Owner, type SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';
import type { WeldModule } from './weld.js';

// Numbers of core/unit/unit.h.
const kinds = { function: 0, data: 1, global: 2, tag: 4, table: 5 } as const;
const flags = { weak: 1, local: 2, hidden: 4, keep: 0x80 } as const;
const none = 0xffffffff;
const dataFlags = { strings: 1, threadLocal: 2, keep: 4, readOnly: 8 } as const;
const bindings = { global: 0, weak: flags.weak, local: flags.local };
const bindingNames = ['binding', 'hidden', 'keep'];
const dataNames = ['align', 'fixups', 'readOnly', 'strings', 'threadLocal', 'section', ...bindingNames];

function bindingFlags(of: string, options: Binding, names = bindingNames): number {
  checkKeys(options, 'a definition', names);
  const { binding = 'global', hidden, keep } = options;
  const known = Object.keys(bindings);
  if (!known.includes(binding))
    throw new TypeError(`\`binding\` must be ${known.join(', ')}${suggestion(String(binding), known)}`);
  const isHidden = flag(of, '`hidden`', hidden);
  return bindings[binding] | (isHidden ? flags.hidden : 0) | (flag(of, '`keep`', keep) ? flags.keep : 0);
}

/** Checks what a declaration is given first; returns its flags. */
function declaration(of: string, name: string, options: { weak?: boolean } = {}, known = ['weak']): number {
  if (text(of, 'the name', name) === '') throw new TypeError(`${of}: the name is empty`);
  checkKeys(options, 'a symbol', known);
  return flag(of, '`weak`', options.weak) ? flags.weak : 0;
}

/** What engines take as parameters, as results and as locals. */
const mostTypes = 1000;
const mostLocals = 50_000;

function valueTypes(of: string, what: string, types: unknown, most: number): Uint8Array {
  return Uint8Array.from(array(of, what, types, most), (type, i) => valueType(of, `number ${i} of ${what}`, type));
}

const mostAlign = 2 ** 31;
const alignment = (of: string, align: unknown) => powerOfTwo(of, '`align`', align ?? 1, mostAlign);

function contentOf(of: string, content: unknown, expected: string): Uint8Array {
  const bytes = bytesOf(content, 'content');
  if (!bytes) throw misfit(of, 'the content', content, expected);
  if (bytes.length >= none) throw new RangeError(`${of}: the content has 4 GiB or more`);
  return bytes;
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
export class Unit implements Owner {
  #alive: UnitCore | undefined;
  readonly #id: number;
  readonly #instructions: Instructions;
  readonly #types = new Map<string, number>(); // by what they are made of
  readonly #constants = new Map<number, UnitSymbol>(); // by number

  /** @internal */
  constructor(
    id: number,
    readonly name: string,
    /** Whether addresses have 64 bits. */
    readonly memory64: boolean,
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

  /** Returns a function type, for blocks and `call_indirect`. Equal types have one number. */
  type(params: readonly ValueType[], results: readonly ValueType[]): UnitType {
    return new UnitType(this, this.#type('`type`', params, results));
  }

  /** Returns empty code. Fill it and pass it to `setFunction`. It can be cleared and used again. */
  code(): Code {
    return new Code(this, this.#instructions);
  }

  /** Returns the opcode of an instruction, for code that is given as arrays. */
  opcode(name: Instruction): number {
    return this.#instructions.get(name).code;
  }

  // Symbols. If the unit does not define a symbol, another input must. With `weak` it may stay undefined.

  /** Declares a function. */
  function(
    name: string,
    params: readonly ValueType[],
    results: readonly ValueType[],
    options: { weak?: boolean } = {},
  ): UnitSymbol {
    const weak = declaration('`function`', name, options);
    return this.#declare('function', name, weak, this.#type('`function`', params, results));
  }
  /** Declares data. */
  data(name: string, options: { weak?: boolean } = {}): UnitSymbol {
    return this.#declare('data', name, declaration('`data`', name, options));
  }
  /**
   * Declares passive data, which has no address, for `memory.init` and `data.drop`. It is only visible in this unit.
   */
  passiveData(name: string): UnitSymbol {
    declaration('`passiveData`', name);
    return this.#segment('passive data', name, 1);
  }
  /** Declares a list of functions for `table.init` and `elem.drop`. It is only visible in this unit. */
  passiveElements(name: string): UnitSymbol {
    declaration('`passiveElements`', name);
    return this.#segment('passive elements', name, 2);
  }
  /** Declares a global. */
  global(name: string, type: ValueType, options: { mutable?: boolean; weak?: boolean } = {}): UnitSymbol {
    const weak = declaration('`global`', name, options, ['mutable', 'weak']);
    const isMutable = flag('`global`', '`mutable`', options.mutable);
    return this.#declare('global', name, weak, valueType('`global`', 'the type', type), isMutable ? 1 : 0);
  }
  /** Declares a table. Without `maximum` it may grow as far as the engine lets it. */
  table(name: string, element: ValueType, minimum = 0, maximum?: number): UnitSymbol {
    const weak = declaration('`table`', name);
    const type = valueType('`table`', 'the type of its elements', element);
    integer('`table`', 'the minimum', minimum, 0, none);
    if (maximum !== undefined) integer('`table`', 'the maximum', maximum, minimum, none);
    return this.#declare('table', name, weak, type, minimum, maximum ?? -1);
  }
  /** Declares an exception tag. */
  tag(name: string, params: readonly ValueType[]): UnitSymbol {
    const weak = declaration('`tag`', name);
    return this.#declare('tag', name, weak, this.#type('`tag`', params, []));
  }

  // Definitions. Setting a definition again replaces it.

  /** Defines a function. */
  setFunction(symbol: UnitSymbol, code: CodeArrays, locals: readonly ValueType[] = [], binding: Binding = {}): void {
    const of = '`setFunction`';
    const id = this.#symbol(of, symbol, ['function']);
    const { opcodes, operands, extra } = this.#codeOf(code);
    const types = locals.length === 0 ? noBytes : valueTypes(of, 'the list of locals', locals, mostLocals);
    const bits = bindingFlags(of, binding);
    this.#put(operands, extra, opcodes, types);
    this.#check(this.#core.unitFunction(this.#id, id, -1, opcodes.length, extra.length, types.length, bits));
  }

  /** Defines data. If `content` is a number, the data consists of that many zeros. */
  setData(symbol: UnitSymbol, content: Uint8Array | number, options: DataOptions = {}): void {
    const of = '`setData`';
    const id = this.#symbol(of, symbol, ['data']);
    const binding = bindingFlags(of, options, dataNames);
    const { readOnly, strings, threadLocal, keep, section = '' } = options;
    let bits = (flag(of, '`readOnly`', readOnly) ? dataFlags.readOnly : 0) | (keep ? dataFlags.keep : 0);
    bits |= flag(of, '`strings`', strings) ? dataFlags.strings : 0;
    bits |= flag(of, '`threadLocal`', threadLocal) ? dataFlags.threadLocal : 0;
    const p2align = alignment(of, options.align);
    text(of, '`section`', section);
    const fixups = array(of, '`fixups`', options.fixups ?? []);
    if (typeof content === 'number') {
      integer(of, 'the number of zeros', content, 0, none);
      if (fixups.length > 0) throw new TypeError(`${of}: zeros have no fixups: pass the bytes that they are in`);
      this.#check(this.#core.unitZeros(this.#id, id, content, p2align, bits, binding, section));
      return;
    }
    const bytes = contentOf(of, content, 'a Uint8Array or a number of zeros');
    this.#put(this.#fixups(of, fixups, bytes.length), bytes);
    this.#check(this.#core.unitData(this.#id, id, bytes.length, fixups.length, p2align, bits, binding, section));
  }

  /** Defines passive data. */
  setPassiveData(symbol: UnitSymbol, bytes: Uint8Array): void {
    const id = this.#symbol('`setPassiveData`', symbol, ['passive data']);
    const content = contentOf('`setPassiveData`', bytes, 'a Uint8Array');
    this.#put(content);
    this.#check(this.#core.unitSegment(this.#id, id, false, content.length));
  }
  /** Defines a list of functions. */
  setPassiveElements(symbol: UnitSymbol, functions: readonly UnitSymbol[]): void {
    const of = '`setPassiveElements`';
    const id = this.#symbol(of, symbol, ['passive elements']);
    const list = array(of, 'the list of functions', functions);
    const ids = Uint32Array.from(list, (element, i) => symbolId(of, `element ${i}`, element, this, ['function']));
    this.#put(ids);
    this.#check(this.#core.unitSegment(this.#id, id, true, ids.length));
  }

  /**
   * Adds data without a name. Equal contents are stored once, with the largest alignment that was asked for. Contents are
   * equal if their bytes and their fixups are equal. Text gets a zero at its end. A number instead of options is the
   * alignment.
   */
  constant(content: Uint8Array | string, options: ConstantOptions | number = {}): UnitSymbol {
    const of = '`constant`';
    if (typeof options !== 'number') checkKeys(options, 'a constant', ['align', 'fixups']);
    const { align, fixups: given = [] } = typeof options === 'number' ? { align: options } : options;
    const bytes =
      typeof content === 'string'
        ? new TextEncoder().encode(`${text(of, 'the content', content)}\0`)
        : contentOf(of, content, 'a Uint8Array or a string');
    const p2align = alignment(of, align);
    const fixups = array(of, '`fixups`', given);
    this.#put(this.#fixups(of, fixups, bytes.length), bytes);
    const id = this.#core.unitConstant(this.#id, bytes.length, fixups.length, p2align);
    if (id === -1) this.#refused();
    const known = this.#constants.get(id);
    if (known) return known;
    const symbol = new UnitSymbol(this, 'data', id, '');
    this.#constants.set(id, symbol);
    return symbol;
  }

  /** Defines a global with its initial value. References are initially null. */
  setGlobal(symbol: UnitSymbol, type: ValueType, value: number | bigint = 0, binding: Binding = {}): void {
    const id = this.#symbol('`setGlobal`', symbol, ['global']);
    const bits = constantBits('`setGlobal`', type, value);
    const flagBits = bindingFlags('`setGlobal`', binding);
    this.#put(bits);
    this.#check(this.#core.unitDefine(this.#id, id, flagBits));
  }
  /** Defines a table. */
  setTable(symbol: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setTable`', symbol, ['table']);
    this.#check(this.#core.unitDefine(this.#id, id, bindingFlags('`setTable`', binding)));
  }
  /** Defines an exception tag. */
  setTag(symbol: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setTag`', symbol, ['tag']);
    this.#check(this.#core.unitDefine(this.#id, id, bindingFlags('`setTag`', binding)));
  }
  /** Defines another name for a function or for data of this unit. */
  setAlias(symbol: UnitSymbol, target: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setAlias`', symbol, ['function', 'data']);
    const targetId = symbolId('`setAlias`', 'the target', target, this, ['function', 'data']);
    this.#check(this.#core.unitAlias(this.#id, id, targetId, bindingFlags('`setAlias`', binding)));
  }

  /** Imports an undefined symbol from `module` under `name`. Default: the name of the symbol. */
  import(symbol: UnitSymbol, module = 'env', name = ''): void {
    const id = this.#symbol('`import`', symbol);
    text('`import`', 'the module', module);
    text('`import`', 'the name', name);
    this.#check(this.#core.unitImport(this.#id, id, module, name));
  }
  /**
   * Exports a symbol under one more name. Default: its own name. A symbol can have any number of export names. If it is
   * exported under other names only, options such as `exports` and `exportDynamic` do not add its own.
   */
  export(symbol: UnitSymbol, name = ''): void {
    const id = this.#symbol('`export`', symbol);
    this.#check(this.#core.unitExport(this.#id, id, text('`export`', 'the name', name)));
  }
  /** Runs a function at the start of the program. Functions with smaller priorities run first. */
  runAtStart(symbol: UnitSymbol, priority = 65535): void {
    const id = this.#symbol('`runAtStart`', symbol, ['function']);
    integer('`runAtStart`', 'the priority', priority, 0, none - 1);
    this.#check(this.#core.unitStart(this.#id, id, priority));
  }

  /**
   * Removes a symbol: its definition, its import, its exports and its run at start. While something in the unit refers
   * to the symbol, it stays declared, and declaring or defining it keeps it. Otherwise its name and its number are freed.
   * Using the number after that throws an `EditError`. Numbers are not used again: to have the name back, declare it.
   */
  remove(symbol: UnitSymbol): void {
    const id = this.#symbol('`remove`', symbol);
    this.#check(this.#core.unitRemove(this.#id, id, 0));
    if (!this.#constants.delete(id)) return;
    symbol.removed(); // a constant is not declared again
  }
  /** Removes the import of a symbol. */
  unimport(symbol: UnitSymbol): void {
    this.#check(this.#core.unitRemove(this.#id, this.#symbol('`unimport`', symbol), 1));
  }
  /** Removes one export name of a symbol. Default: all of them. */
  unexport(symbol: UnitSymbol, name?: string): void {
    const id = this.#symbol('`unexport`', symbol);
    if (name === undefined) this.#check(this.#core.unitRemove(this.#id, id, 2));
    else this.#check(this.#core.unitUnexport(this.#id, id, text('`unexport`', 'the name', name)));
  }
  /** Stops running a function at the start. */
  runNoMore(symbol: UnitSymbol): void {
    this.#check(this.#core.unitRemove(this.#id, this.#symbol('`runNoMore`', symbol, ['function']), 3));
  }

  #type(of: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    const core = this.#core;
    const bytes = valueTypes(of, 'the list of parameters', params, mostTypes);
    const more = valueTypes(of, 'the list of results', results, mostTypes);
    const key = `${bytes}:${more}`;
    const known = this.#types.get(key);
    if (known !== undefined) return known;
    this.#put(bytes, more);
    const id = core.unitType(this.#id, bytes.length, more.length);
    this.#types.set(key, id);
    return id;
  }

  /** The number of a symbol of this unit. */
  #symbol(of: string, symbol: UnitSymbol, kinds?: readonly SymbolKind[]): number {
    return symbolId(of, 'the symbol', symbol, this, kinds);
  }

  #codeOf(code: CodeArrays): CodeArrays {
    if (code instanceof Code) {
      const { boundTo } = code;
      if (boundTo && boundTo !== this)
        throw new TypeError(
          `\`setFunction\`: the code names symbols or types of the unit \`${boundTo.name}\`; the function is one of \`${this.name}\``,
        );
      return code;
    }
    checkKeys(code, '`setFunction`: the code', ['opcodes', 'operands', 'extra']);
    const { opcodes, operands, extra } = code;
    if (!(opcodes instanceof Uint16Array)) throw misfit('`setFunction`', '`opcodes`', opcodes, 'a Uint16Array');
    if (!(operands instanceof Uint32Array)) throw misfit('`setFunction`', '`operands`', operands, 'a Uint32Array');
    if (!(extra instanceof Uint32Array)) throw misfit('`setFunction`', '`extra`', extra, 'a Uint32Array');
    if (operands.length !== opcodes.length) throw new TypeError('`opcodes` and `operands` differ in length');
    return code;
  }

  /** Of data of this size, as js/native/unit_embind.cpp reads them. */
  #fixups(of: string, fixups: readonly unknown[], size: number): Uint32Array {
    return Uint32Array.from(fixups.flatMap((fixup, i) => this.#fixup(`${of}: fixup ${i}`, fixup, size)));
  }

  #fixup(of: string, fixup: unknown, size: number): number[] {
    checkKeys(fixup, 'a fixup', ['offset', 'width', 'data', 'addend', 'function']);
    const { offset, width = 4, ...rest } = fixup as Fixup;
    const { data, function: target, addend: added } = rest as { data?: unknown; function?: unknown; addend?: unknown };
    if (width !== 4 && width !== 8) throw misfit(of, '`width`', width, '4 or 8');
    if (size < width) throw new RangeError(`${of}: there is no room for ${width} bytes in ${size}`);
    integer(of, '`offset`', offset, 0, size - width);
    if ((data === undefined) === (target === undefined))
      throw new TypeError(`${of} must have \`data\` or \`function\``);
    if (target === undefined)
      return [
        width * 256,
        offset,
        symbolId(of, '`data`', data, this, ['data']),
        ...addend(of, '`addend`', added, this),
      ];
    if (added !== undefined) throw new TypeError(`${of}: only \`data\` has an \`addend\``);
    return [width * 256 + 1, offset, symbolId(of, '`function`', target, this, ['function']), 0, 0];
  }

  #declare(kind: keyof typeof kinds, name: string, weak: number, a = 0, b = 0, c = 0): UnitSymbol {
    const id = this.#core.unitDeclare(this.#id, kinds[kind], name, a, b, c, weak);
    if (id === -1) this.#refused();
    return new UnitSymbol(this, kind, id, name);
  }

  #segment(kind: SymbolKind, name: string, number: number): UnitSymbol {
    const id = this.#core.unitDeclareSegment(this.#id, name, number);
    if (id === -1) this.#refused();
    return new UnitSymbol(this, kind, id, name);
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
