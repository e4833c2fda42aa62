// Units: functions as instructions, data, imports and exports, which are edited one by one. An edit that is refused
// throws an EditError and changes nothing.
import { array, checkKeys, flag, integer, misfit, text } from './check.js';
import { Code, codeOf, type Instructions } from './code.js';
import {
  alignment,
  bindingFlags,
  bindingNames,
  contentOf,
  dataNames,
  dataTraits,
  declaration,
  functionKeys,
  functionTraits,
  globalKeys,
  lateNames,
  lateRows,
  localsOf,
  noOptions,
  withBinding,
} from './definitions.js';
import { fixupRows } from './fixups.js';
import type { Instruction } from './instruction_types.js';
import { constantBits, symbolId, typeId, valueType, valueTypeOf } from './operands.js';
import type { FunctionArrays, NumberArray } from './scratch.js';
import { declaration as declarationOf, lineRows, sourceEncoding, variableRows } from './source.js';
import { inGroup, type Limits, limitNumbers, typeKey, typeWords, valueTypes } from './type_numbers.js';
import type {
  Binding,
  CodeArrays,
  CodeLine,
  ConstantOptions,
  DataOptions,
  Diagnostic,
  FunctionOptions,
  LateContent,
  LocalVariable,
  SectionFixup,
  SourceEncoding,
  SymbolInfo,
  TableOptions,
  TypeDefinition,
  UnitFeatures,
  UnitProducers,
  ValueType,
} from './types.js';
import {
  type DataContent,
  dataContent,
  elementsContent,
  type FunctionContent,
  functionContent,
  type GlobalContent,
  type SectionContent,
  sectionContent,
  symbolInfo,
  type TableContent,
  tableContent,
  typeDefinition,
  type WrittenSymbol,
} from './unit_content.js';
import { EditError, loaded } from './unit_classes.js';
import { type Owner, type SymbolKind, UnitSymbol, UnitType } from './unit_symbol.js';
import { entriesOf, plainText } from './unit_metadata.js';
import type { LinkerModule } from './linker_module.js';

// Numbers of core/unit/unit.h.
const kinds = { function: 0, data: 1, global: 2, section: 3, tag: 4 } as const;
const none = 0xffffffff;
const mostLocals = 50_000;

/** @internal The core as a unit has it: its linker watches over what is called. */
export interface UnitCore extends LinkerModule {
  put(arrays: readonly NumberArray[]): void;
  /** `putFunction` and `unitFunction`, as one call. */
  setFunction(arrays: FunctionArrays, ...numbers: Parameters<LinkerModule['unitFunction']>): boolean;
  /** A function of the caller's that the core calls has thrown: the link throws it when the core is done. */
  fail(error: unknown): void;
  take(size: number): Uint8Array;
}

/** An input whose functions and data are edited one by one. `Linker.unit` makes it. */
export class Unit implements Owner {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Unit';
  #alive: UnitCore | undefined;
  readonly #id: number;
  readonly #instructions: Instructions;
  readonly #types = new Map<string, number>(); // by what they are made of
  readonly #unitTypes = new Map<number, UnitType>(); // by number
  readonly #globalTypes = new Map<number, number>(); // by symbol, as far as they were declared here
  readonly #constants = new Map<number, UnitSymbol>(); // by number

  private constructor(
    id: number,
    /** The name of the input. */
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

  /** @internal */
  static make(id: number, name: string, memory64: boolean, core: UnitCore, instructions: Instructions): Unit {
    return new Unit(id, name, memory64, core, instructions);
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
    return this.#typeOf(this.#type('`type`', params, results));
  }
  /**
   * Defines types that may refer to each other: a recursive group. `define` gets as many types as there are, and returns
   * what each is made of. Equal groups are one, in all units, so values of their types can go from unit to unit.
   */
  types(count: number, define: (...types: UnitType[]) => readonly TypeDefinition[]): UnitType[] {
    const of = '`types`';
    integer(of, 'the number of types', count, 1, 1_000_000);
    const made = Array.from({ length: count }, (_, i) => new UnitType(this, inGroup + i));
    const definitions = array(of, 'the list of definitions', define(...made), count);
    if (definitions.length !== count)
      throw new TypeError(`${of}: there must be ${count} definitions, not ${definitions.length}`);
    const words = definitions.flatMap((definition, i) => typeWords(`${of}: type ${i}`, definition, this));
    this.#put(Uint32Array.from(words));
    this.#check(this.#core.unitDefineTypes(this.#id, count));
    const numbers = new Uint32Array(this.#core.take(4 * count).buffer);
    return made.map((type, i) => {
      const number = numbers[i]!;
      type.defined(number);
      const known = this.#unitTypes.get(number);
      if (!known) this.#unitTypes.set(number, type);
      return known ?? type;
    });
  }
  /** Defines one type: a struct, an array or a function type. */
  defineType(definition: TypeDefinition): UnitType {
    return this.types(1, () => [definition])[0]!;
  }
  /** Returns what a type is made of. */
  typeDefinition(type: UnitType): TypeDefinition {
    const id = typeId('`typeDefinition`', 'the type', type, this);
    return typeDefinition(this.#core.unitTypeDefinition(this.#id, id), (number) => this.#typeOf(number));
  }

  /** Returns empty code. Fill it and pass it to `setFunction`. It can be cleared and used again. */
  code(): Code {
    return Code.make(this, this.#instructions);
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
    const number = valueType('`global`', 'the type', type, this);
    const symbol = this.#declare('global', name, weak, number, isMutable ? 1 : 0);
    this.#globalTypes.set(symbol.id, number);
    return symbol;
  }
  /**
   * Declares a table. Without `maximum` it may grow as far as the engine lets it. With `is64` its indices have 64 bits.
   */
  table(name: string, element: ValueType, minimum = 0, maximum?: number, options: { is64?: boolean } = {}): UnitSymbol {
    const of = '`table`';
    declaration(of, name);
    checkKeys(options, of, ['is64']);
    const type = valueType(of, 'the type of its elements', element, this);
    const is64 = flag(of, '`is64`', options.is64);
    return this.#declareTable(of, 'table', name, type, {
      is64,
      minimum,
      maximum,
      most: is64 ? Number.MAX_SAFE_INTEGER : none,
    });
  }
  /**
   * Declares a memory besides that of the linker, in which data and objects have no part. Sizes are in pages of 64 KiB.
   * Object files cannot have such a memory.
   */
  memory(name: string, minimum = 0, maximum?: number, options: { is64?: boolean; shared?: boolean } = {}): UnitSymbol {
    const of = '`memory`';
    declaration(of, name);
    checkKeys(options, of, ['is64', 'shared']);
    const is64 = flag(of, '`is64`', options.is64);
    const shared = flag(of, '`shared`', options.shared);
    return this.#declareTable(of, 'memory', name, 0, { is64, shared, minimum, maximum, most: 2 ** (is64 ? 48 : 16) });
  }
  /** Declares an exception tag. */
  tag(name: string, params: readonly ValueType[]): UnitSymbol {
    const weak = declaration('`tag`', name);
    return this.#declare('tag', name, weak, this.#type('`tag`', params, []));
  }

  /** Declares bytes of a custom section. They are only visible in this unit. */
  section(name: string): UnitSymbol {
    return this.#declare('section', name, declaration('`section`', name));
  }

  // Definitions. Setting a definition again replaces it.

  /**
   * Defines a function. Its lines and variables are those of this call alone. What `functionContent` returned brings its locals
   * and its binding along.
   */
  setFunction(
    symbol: UnitSymbol,
    code: CodeArrays | FunctionContent,
    locals: readonly ValueType[] = localsOf(code),
    options: FunctionOptions = noOptions,
  ): void {
    const of = '`setFunction`';
    const id = this.#symbol(of, symbol, ['function']);
    const { opcodes, operands, extra, lines = noLines } = codeOf(of, 'function', code, this, functionKeys);
    const types = locals.length === 0 ? noWords : valueTypes(of, 'the list of locals', locals, this, mostLocals);
    const given = withBinding(code, options);
    const { bits, line, file, numbers, names } = given === noOptions ? noTraits : functionTraits(of, given);
    const rows = lineRows(of, lines);
    const arrays = { operands, extra, rows, numbers, types, opcodes, names };
    const [lineCount, variables] = [rows.length / 4, numbers.length / 5];
    const core = this.#core;
    this.#check(
      // biome-ignore format: numbers
      core.setFunction(arrays, this.#id, id, -1, opcodes.length, extra.length, types.length, bits, lineCount, variables, line, file),
    );
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
    const { traits, section, fixups } = dataTraits(of, options, dataNames);
    if (typeof content === 'number') {
      integer(of, 'the number of zeros', content, 0, none);
      if (fixups.length > 0) throw new TypeError(`${of}: zeros have no fixups: pass the bytes that they are in`);
      this.#check(this.#core.unitZeros(this.#id, id, content, ...traits, section));
      return;
    }
    const bytes = contentOf(of, content, 'a Uint8Array or a number of zeros');
    this.#put(fixupRows(of, fixups, bytes.length, this), bytes);
    this.#check(this.#core.unitData(this.#id, id, bytes.length, fixups.length, ...traits, section));
  }

  /**
   * Defines data whose content depends on what is in the output, such as a table of all names that the program uses. Each link
   * that has the data in its output calls `ask` as soon as it knows which symbols are `alive`: those of this unit that are in
   * the output, in the order of their declaration. (A link that is made from the last one does not ask: the same is alive.) The
   * content keeps nothing alive: its fixups can only name what is alive. `ask` must answer at once, and cannot use the linker.
   * What it throws, `link` throws. A snapshot does not keep `ask`: call `setLateData` again after restoring.
   */
  setLateData(
    symbol: UnitSymbol,
    ask: (alive: readonly UnitSymbol[]) => Uint8Array | LateContent,
    options: Omit<DataOptions, 'fixups' | 'strings'> = {},
  ): void {
    const of = '`setLateData`';
    const id = this.#symbol(of, symbol, ['data']);
    if (typeof ask !== 'function') throw misfit(of, '`ask`', ask, 'a function');
    const { traits, section } = dataTraits(of, options, lateNames);
    const core = this.#core;
    const asked = (text: string) => {
      try {
        const written = JSON.parse(text) as { id: number; name: string; kind: SymbolKind }[];
        return lateRows(ask(written.map(({ kind, id, name }) => this.#known(kind, id, name))), this);
      } catch (error) {
        core.fail(error);
        return undefined;
      }
    };
    this.#check(core.unitLateData(this.#id, id, ...traits, section, asked));
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
    this.#put(fixupRows(of, fixups, bytes.length, this), bytes);
    const id = this.#core.unitConstant(this.#id, bytes.length, fixups.length, p2align);
    if (id === -1) this.#refused();
    return this.#known('data', id, '');
  }

  /**
   * Defines a global with its initial value. References are initially null. A `v128` takes 16 bytes or a bigint of 128 bits.
   *
   * The value can be code that ends with `end`: constants, `i32.data` and `i32.func` (in a unit of 64 bits `i64.data` and
   * `i64.func`), `ref.func`, `global.get` of a global that is not mutable, and `add`, `sub` and `mul` of integers. Object
   * files can only have constants, so other values cannot be linked with `relocatable`. What `globalContent` returned brings its
   * binding along.
   */
  setGlobal(
    symbol: UnitSymbol,
    type: ValueType,
    value: number | bigint | Uint8Array | CodeArrays | GlobalContent = 0,
    binding: Binding = noOptions,
  ): void {
    const of = '`setGlobal`';
    const id = this.#symbol(of, symbol, ['global']);
    const flagBits = bindingFlags(of, withBinding(value, binding));
    const number = valueType(of, 'the type', type, this);
    const declared = this.#globalTypes.get(id) ?? this.#written(id)?.type;
    if (declared !== undefined && declared !== number)
      throw misfit(of, 'the type', type, `${this.#typeText(declared)}, as the global is declared`);
    if (value instanceof Code || (typeof value === 'object' && value !== null && 'opcodes' in value)) {
      const { opcodes, operands, extra } = codeOf(of, 'global', value, this, globalKeys);
      this.#put(operands, extra, opcodes);
      this.#check(this.#core.unitGlobalCode(this.#id, id, opcodes.length, extra.length, flagBits));
      return;
    }
    this.#put(constantBits(of, type, value, this));
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
  /** Defines a memory. Its bytes are initially zero: `memory.init` copies passive data into it. */
  setMemory(symbol: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setMemory`', symbol, ['memory']);
    this.#check(this.#core.unitMemory(this.#id, id, bindingFlags('`setMemory`', binding)));
  }
  /** Defines an exception tag. */
  setTag(symbol: UnitSymbol, binding: Binding = {}): void {
    const id = this.#symbol('`setTag`', symbol, ['tag']);
    this.#check(this.#core.unitTag(this.#id, id, bindingFlags('`setTag`', binding)));
  }
  /**
   * Defines bytes of a custom section. Its name is that of the symbol, or `section`. Bytes for sections of the same name
   * become one section, from other units and object files too. Custom sections keep nothing alive: a fixup that names what is
   * not in the output becomes 0.
   */
  setSection(
    symbol: UnitSymbol,
    content: Uint8Array,
    options: { fixups?: readonly SectionFixup[]; section?: string } = {},
  ): void {
    const of = '`setSection`';
    const id = this.#symbol(of, symbol, ['section']);
    checkKeys(options, 'a section', ['fixups', 'section']);
    const name = text(of, '`section`', options.section ?? '');
    const fixups = array(of, '`fixups`', options.fixups ?? []);
    const bytes = contentOf(of, content, 'a Uint8Array');
    this.#put(fixupRows(of, fixups, bytes.length, this, true), bytes);
    this.#check(this.#core.unitSection(this.#id, id, bytes.length, fixups.length, name));
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
    this.#globalTypes.delete(id);
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
    const all = JSON.parse(this.#core.unitSymbols(this.#id)) as WrittenSymbol[];
    return all.map((written) => this.#info(written));
  }
  /** Returns what was said about a symbol. */
  info(symbol: UnitSymbol): SymbolInfo {
    return this.#infoOf(this.#symbol('`info`', symbol));
  }
  /**
   * Returns the code, the locals and the binding of a function, without its lines and variables. Returns `undefined` if the
   * unit does not define it.
   */
  functionContent(symbol: UnitSymbol): FunctionContent | undefined {
    const id = this.#symbol('`functionContent`', symbol, ['function']);
    const written = this.#core.unitContent(this.#id, id);
    if (!written) return undefined;
    return { ...functionContent(written, this.#core.take, this.#typeOf), ...this.#bindingOf(id) };
  }
  /**
   * Returns the bytes of data, where the linker fills them in, and how it is placed. Of late data these are the bytes of the
   * last link. Returns `undefined` if the unit does not define it.
   */
  dataContent(symbol: UnitSymbol): DataContent | undefined {
    const id = this.#symbol('`dataContent`', symbol, ['data', 'passive data']);
    const written = this.#core.unitContent(this.#id, id);
    return written ? { ...dataContent(written, this.#core.take, this.#symbolOf), ...this.#bindingOf(id) } : undefined;
  }
  /** Returns the functions of passive elements. Returns `undefined` if the unit does not define them. */
  elementsContent(symbol: UnitSymbol): UnitSymbol[] | undefined {
    const id = this.#symbol('`elementsContent`', symbol, ['passive elements']);
    const written = this.#core.unitContent(this.#id, id);
    return written ? elementsContent(written, this.#symbolOf) : undefined;
  }
  /** Returns the bytes of a custom section and their fixups. Returns `undefined` if the unit does not define it. */
  sectionContent(symbol: UnitSymbol): SectionContent | undefined {
    const written = this.#core.unitContent(this.#id, this.#symbol('`sectionContent`', symbol, ['section']));
    if (!written) return undefined;
    return sectionContent(written, this.#core.take, this.#symbolOf, this.#typeOf);
  }

  /** Returns the initial value of a global as code, and its binding. Returns `undefined` if the unit does not define it. */
  globalContent(symbol: UnitSymbol): GlobalContent | undefined {
    const id = this.#symbol('`globalContent`', symbol, ['global']);
    const written = this.#core.unitContent(this.#id, id);
    if (!written) return undefined;
    const { opcodes, operands, extra } = functionContent(written, this.#core.take, this.#typeOf);
    return { opcodes, operands, extra, ...this.#bindingOf(id) };
  }
  /**
   * Returns the initial elements of a table, from the first slot that is not null on, and its binding. Returns `undefined` if
   * the unit does not define it.
   */
  tableContent(symbol: UnitSymbol): TableContent | undefined {
    const id = this.#symbol('`tableContent`', symbol, ['table']);
    const written = this.#core.unitContent(this.#id, id);
    return written ? { ...tableContent(written, this.#symbolOf), ...this.#bindingOf(id) } : undefined;
  }

  /** What the core knows of a symbol; `undefined`: it was removed. */
  #written(id: number): WrittenSymbol | undefined {
    const written = this.#core.unitInfo(this.#id, id);
    return written ? (JSON.parse(written) as WrittenSymbol) : undefined;
  }
  /** Of a definition. */
  #bindingOf(id: number): Required<Binding> {
    const { binding = 'global', hidden = false, keep = false } = this.#written(id) ?? {};
    return { binding, hidden, keep };
  }
  #infoOf(id: number): SymbolInfo {
    const written = this.#written(id);
    if (!written) throw new TypeError(`the symbol was removed from the unit \`${this.name}\``);
    return this.#info(written);
  }
  #info(written: WrittenSymbol): SymbolInfo {
    return symbolInfo(written, (kind, id, name) => this.#known(kind, id, name), this.#symbolOf, this.#typeOf);
  }
  /** A type is one object. */
  readonly #typeOf = (id: number): UnitType => {
    const type = this.#unitTypes.get(id) ?? new UnitType(this, id);
    this.#unitTypes.set(id, type);
    return type;
  };
  #typeText(number: number): string {
    const type = valueTypeOf(number, this.#typeOf);
    return typeof type === 'string' ? type : 'another reference type';
  }
  readonly #symbolOf = (id: number): UnitSymbol => this.#infoOf(id).symbol;
  /** A constant is one object, so that it stands for nothing once it is removed. */
  #known(kind: SymbolKind, id: number, name: string): UnitSymbol {
    if (name !== '') return new UnitSymbol(this, kind, id, name);
    const known = this.#constants.get(id) ?? new UnitSymbol(this, kind, id, '');
    this.#constants.set(id, known);
    return known;
  }

  #type(of: string, params: readonly ValueType[], results: readonly ValueType[]): number {
    const core = this.#core;
    const key = typeKey(params, results);
    const known = key === undefined ? undefined : this.#types.get(key);
    if (known !== undefined) return known;
    const words = valueTypes(of, 'the list of parameters', params, this);
    const more = valueTypes(of, 'the list of results', results, this);
    this.#put(words, more);
    const id = core.unitType(this.#id, words.length, more.length);
    if (id === -1) this.#refused();
    if (key !== undefined) this.#types.set(key, id);
    return id;
  }

  /** The number of a symbol of this unit. */
  #symbol(of: string, symbol: UnitSymbol, kinds?: readonly SymbolKind[]): number {
    return symbolId(of, 'the symbol', symbol, this, kinds);
  }

  #declareTable(of: string, kind: SymbolKind, name: string, element: number, limits: Limits): UnitSymbol {
    const id = this.#core.unitDeclareTable(this.#id, name, element, ...limitNumbers(of, limits));
    if (id === -1) this.#refused();
    return new UnitSymbol(this, kind, id, name);
  }

  #declare(kind: keyof typeof kinds, name: string, weak: number, a = 0, b = 0): UnitSymbol {
    const id = this.#core.unitDeclare(this.#id, kinds[kind], name, a, b, weak);
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

const noWords = new Uint32Array(0);
const noLines = new Uint32Array(0);
const noTraits = functionTraits('', noOptions);

loaded.Unit = Unit;
