// Units: functions as instructions, data, imports and exports, which are edited one by one. An edit that is refused
// throws an EditError and changes nothing.
import { array, checkKeys, flag, integer, misfit, powerOfTwo, suggestion, text } from './check.js';
import { Code, type Instructions } from './code.js';
import { bytesOf } from './files.js';
import type { Instruction } from './instruction_types.js';
import { addend, constantBits, symbolId, valueType } from './operands.js';
import { declaration as declarationOf, lineRows, sourceEncoding, variableRows } from './source.js';
import type {
  Binding,
  CodeArrays,
  CodeLine,
  ConstantOptions,
  DataOptions,
  Diagnostic,
  Fixup,
  FunctionOptions,
  LocalVariable,
  SourceEncoding,
  SymbolInfo,
  TableOptions,
  UnitFeatures,
  UnitProducers,
  ValueType,
} from './types.js';
import { type DataContent, dataContent, type FunctionContent, functionContent, symbolInfo } from './unit_content.js';
import { type Owner, type SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';
import type { LinkerModule } from './linker_module.js';

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
export interface UnitCore extends LinkerModule {
  put(arrays: readonly NumberArray[]): void;
  take(size: number): Uint8Array;
}

/** Lays arrays one after the other where the core reads them. */
export function put(core: LinkerModule, arrays: readonly NumberArray[]): void {
  let size = 0;
  for (const array of arrays) size += array.byteLength;
  let at = core.scratch(size);
  for (const array of arrays) {
    core.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
}

/** A copy of what the core has laid there. */
export function take(core: LinkerModule, size: number): Uint8Array {
  const at = core.scratch(0);
  return core.HEAPU8.slice(at, at + size);
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
  readonly #globalTypes = new Map<number, ValueType>(); // by number
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
    const symbol = this.#declare('global', name, weak, valueType('`global`', 'the type', type), isMutable ? 1 : 0);
    this.#globalTypes.set(symbol.id, type);
    return symbol;
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

  /** Defines a function. Its lines and variables are those of this call alone. */
  setFunction(
    symbol: UnitSymbol,
    code: CodeArrays,
    locals: readonly ValueType[] = [],
    options: FunctionOptions = {},
  ): void {
    const of = '`setFunction`';
    const id = this.#symbol(of, symbol, ['function']);
    const { opcodes, operands, extra, lines = noLines } = this.#codeOf(of, 'function', code);
    const types = locals.length === 0 ? noBytes : valueTypes(of, 'the list of locals', locals, mostLocals);
    const bits = bindingFlags(of, options, ['source', ...bindingNames]);
    const { source = {} } = options;
    checkKeys(source, '`source`', ['line', 'file', 'variables']);
    const { line, file } = declarationOf(of, source);
    const { numbers, names } = source.variables ? variableRows(of, source.variables) : noVariables;
    this.#put(operands, extra, lineRows(of, lines), numbers, opcodes, types, names);
    const counts = [opcodes.length, extra.length, types.length, bits, lines.length / 4, numbers.length / 5] as const;
    this.#check(this.#core.unitFunction(this.#id, id, -1, ...counts, line, file));
  }

  // Sources, for debug information and messages.

  /** Returns the number of a source file. 0 is the file that has the name of the unit. */
  sourceFile(path: string): number {
    const file = this.#core.unitSourceFile(this.#id, text('`sourceFile`', 'the path', path));
    if (file === -1) this.#refused();
    return file;
  }
  /** Returns the number of a type of the source language, whose values have 1 to 16 bytes. */
  sourceType(name: string, encoding: SourceEncoding, bytes: number): number {
    const of = '`sourceType`';
    text(of, 'the name', name);
    integer(of, 'the number of bytes', bytes, 1, 16);
    const type = this.#core.unitSourceType(this.#id, name, sourceEncoding(encoding), bytes);
    if (type === -1) this.#refused();
    return type;
  }
  /**
   * Replaces the lines of a function that is defined, for example because text in front of it has changed. Its code and
   * its variables stay.
   */
  setLines(
    symbol: UnitSymbol,
    lines: Uint32Array | readonly CodeLine[],
    declared: { line?: number; file?: number } = {},
  ): void {
    const of = '`setLines`';
    const id = this.#symbol(of, symbol, ['function']);
    checkKeys(declared, 'a declaration', ['line', 'file']);
    const { line, file } = declarationOf(of, declared);
    const rows = lineRows(of, lines);
    this.#put(rows);
    this.#check(this.#core.unitLines(this.#id, id, rows.length / 4, line, file));
  }
  /** Replaces the variables of a function that is defined. Its code and its lines stay. */
  setVariables(symbol: UnitSymbol, variables: readonly LocalVariable[]): void {
    const id = this.#symbol('`setVariables`', symbol, ['function']);
    const { numbers, names } = variableRows('`setVariables`', variables);
    this.#put(numbers, names);
    this.#check(this.#core.unitVariables(this.#id, id, variables.length));
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
    return this.#known('data', id, '');
  }

  /**
   * Defines a global with its initial value. References are initially null. A `v128` takes 16 bytes or a bigint of 128 bits.
   *
   * The value can be code that ends with `end`: constants, `i32.data` and `i32.func` (in a unit of 64 bits `i64.data` and
   * `i64.func`), `ref.func`, `global.get` of a global that is not mutable, and `add`, `sub` and `mul` of integers. Object
   * files can only have constants, so other values cannot be linked with `relocatable`.
   */
  setGlobal(
    symbol: UnitSymbol,
    type: ValueType,
    value: number | bigint | Uint8Array | CodeArrays = 0,
    binding: Binding = {},
  ): void {
    const of = '`setGlobal`';
    const id = this.#symbol(of, symbol, ['global']);
    const flagBits = bindingFlags(of, binding);
    const declared = this.#globalTypes.get(id);
    if (declared && declared !== type) throw misfit(of, 'the type', type, `${declared}, as the global is declared`);
    if (value instanceof Code || (typeof value === 'object' && value !== null && 'opcodes' in value)) {
      valueType(of, 'the type', type);
      const { opcodes, operands, extra } = this.#codeOf(of, 'global', value);
      this.#put(operands, extra, opcodes);
      this.#check(this.#core.unitGlobalCode(this.#id, id, opcodes.length, extra.length, flagBits));
      return;
    }
    this.#put(constantBits(of, type, value));
    this.#check(this.#core.unitGlobal(this.#id, id, flagBits));
  }
  /** Defines a table. Its slots are initially null, except for `elements`. */
  setTable(symbol: UnitSymbol, options: TableOptions = {}): void {
    const of = '`setTable`';
    const id = this.#symbol(of, symbol, ['table']);
    const flagBits = bindingFlags(of, options, ['elements', 'first', ...bindingNames]);
    const { elements = [], first = 0 } = options;
    integer(of, '`first`', first, 0, none);
    const list = array(of, '`elements`', elements);
    const ids = Uint32Array.from(list, (element, i) =>
      element === undefined ? none : symbolId(of, `element ${i}`, element, this, ['function']),
    );
    this.#put(ids);
    this.#check(this.#core.unitTable(this.#id, id, ids.length, first, flagBits));
  }
  /** Defines an exception tag. */
  setTag(symbol: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setTag`', symbol, ['tag']);
    this.#check(this.#core.unitTag(this.#id, id, bindingFlags('`setTag`', binding)));
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
   * States features that the unit uses or forbids, in place of those that were stated before. What its instructions and
   * types need is added without this. Inputs that use what another forbids do not link.
   */
  setFeatures(features: UnitFeatures): void {
    const rows = entriesOf('`setFeatures`', 'the features', features, (name, policy) => {
      if (policy !== '+' && policy !== '-') throw misfit('`setFeatures`', `\`${name}\``, policy, "'+' or '-'");
      return `${policy}${name}\0`;
    });
    this.#check(this.#core.unitFeatures(this.#id, rows.join('')));
  }
  /**
   * States what made the unit, in place of what was stated before. The section `producers` of the output lists it, merged
   * with what other inputs state.
   */
  setProducers(producers: UnitProducers): void {
    const fields = ['language', 'processed-by', 'sdk'] as const;
    checkKeys(producers, '`setProducers`', fields);
    const rows = fields.flatMap((field, i) =>
      entriesOf('`setProducers`', `\`${field}\``, producers[field] ?? {}, (name, version) => {
        return `${i}\0${name}\0${plainText('`setProducers`', `the version of \`${name}\``, version)}\0`;
      }),
    );
    this.#check(this.#core.unitProducers(this.#id, rows.join('')));
  }

  /**
   * Puts a function or data into a group (a comdat), or with an empty name into none. If several inputs have the group, a
   * link takes all of it from the first one. C++ compilers do so with inline functions and instances of templates.
   */
  setComdat(symbol: UnitSymbol, group: string): void {
    const id = this.#symbol('`setComdat`', symbol, ['function', 'data']);
    this.#check(this.#core.unitComdat(this.#id, id, text('`setComdat`', 'the group', group)));
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

  // Reading back, after a snapshot is restored too.

  /** Returns the symbol with a name. Returns `undefined` if the unit does not declare one. */
  find(name: string): UnitSymbol | undefined {
    const id = this.#core.unitFind(this.#id, text('`find`', 'the name', name));
    return id === -1 ? undefined : this.#symbolOf(id);
  }
  /** Returns all symbols, in the order in which they were declared, with what was said about them. */
  symbols(): SymbolInfo[] {
    const all = JSON.parse(this.#core.unitSymbols(this.#id)) as Parameters<typeof symbolInfo>[0][];
    return all.map((written) => this.#info(written));
  }
  /** Returns what was said about a symbol. */
  info(symbol: UnitSymbol): SymbolInfo {
    return this.#infoOf(this.#symbol('`info`', symbol));
  }
  /** Returns the code and the locals of a function. Returns `undefined` if the unit does not define it. */
  functionContent(symbol: UnitSymbol): FunctionContent | undefined {
    const written = this.#core.unitContent(this.#id, this.#symbol('`functionContent`', symbol, ['function']));
    return written ? functionContent(written, this.#core.take) : undefined;
  }
  /** Returns the bytes of data, and where the linker fills them in. Returns `undefined` if the unit does not define it. */
  dataContent(symbol: UnitSymbol): DataContent | undefined {
    const id = this.#symbol('`dataContent`', symbol, ['data', 'passive data']);
    const written = this.#core.unitContent(this.#id, id);
    return written ? dataContent(written, this.#core.take, (target) => this.#symbolOf(target)) : undefined;
  }

  #infoOf(id: number): SymbolInfo {
    const written = this.#core.unitInfo(this.#id, id);
    if (!written) throw new TypeError(`the symbol was removed from the unit \`${this.name}\``);
    return this.#info(JSON.parse(written) as Parameters<typeof symbolInfo>[0]);
  }
  #info(written: Parameters<typeof symbolInfo>[0]): SymbolInfo {
    return symbolInfo(
      written,
      (kind, id, name) => this.#known(kind, id, name),
      (id) => this.#symbolOf(id),
    );
  }
  #symbolOf(id: number): UnitSymbol {
    return this.#infoOf(id).symbol;
  }
  /** A constant is one object, so that it stands for nothing once it is removed. */
  #known(kind: SymbolKind, id: number, name: string): UnitSymbol {
    if (name !== '') return new UnitSymbol(this, kind, id, name);
    const known = this.#constants.get(id) ?? new UnitSymbol(this, kind, id, '');
    this.#constants.set(id, known);
    return known;
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

  #codeOf(of: string, what: SymbolKind, code: CodeArrays): CodeArrays {
    if (code instanceof Code) {
      const { boundTo } = code;
      if (boundTo && boundTo !== this)
        throw new TypeError(
          `${of}: the code names symbols or types of the unit \`${boundTo.name}\`; the ${what} is one of \`${this.name}\``,
        );
      return code;
    }
    checkKeys(code, `${of}: the code`, ['opcodes', 'operands', 'extra', 'lines']);
    const { opcodes, operands, extra } = code;
    if (!(opcodes instanceof Uint16Array)) throw misfit(of, '`opcodes`', opcodes, 'a Uint16Array');
    if (!(operands instanceof Uint32Array)) throw misfit(of, '`operands`', operands, 'a Uint32Array');
    if (!(extra instanceof Uint32Array)) throw misfit(of, '`extra`', extra, 'a Uint32Array');
    if (operands.length !== opcodes.length) throw new TypeError('`opcodes` and `operands` differ in length');
    return code;
  }

  /** Of data of this size, as js/native/unit_module.cpp reads them. */
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

/** What each property of an object becomes. Names are not empty. */
function entriesOf(of: string, what: string, value: unknown, row: (name: string, value: unknown) => string): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit(of, what, value, 'an object');
  return Object.entries(value).map(([name, entry]) => {
    if (plainText(of, `a name of ${what}`, name) === '') throw new TypeError(`${of}: a name of ${what} is empty`);
    return row(name, entry);
  });
}

function plainText(of: string, what: string, value: unknown): string {
  const plain = text(of, what, value);
  if (plain.includes('\0')) throw new TypeError(`${of}: ${what} has a zero character`);
  return plain;
}

const noBytes = new Uint8Array(0);
const noLines = new Uint32Array(0);
const noVariables = variableRows('', []);
