// A program that is edited: what changed is compiled and set in the unit, function by function and variable by variable.
import { FunctionCompiler } from './parser.js';
import { parseHeader } from './reader.js';
import { Lines, splitItems, Wrong } from './syntax.js';
import { VariableCompiler } from './variable.js';

/**
 * @typedef {import('./syntax.js').Item} Item
 * @typedef {import('./reader.js').Header} Header
 * @typedef {import('wasm-weld').Unit} Unit
 * @typedef {import('wasm-weld').UnitSymbol} UnitSymbol
 * @typedef {import('wasm-weld').ValueType} ValueType
 * @typedef {{symbol: UnitSymbol, strings: UnitSymbol, bytes: string}} Symbols
 * @typedef {{text: string, isData: boolean, at: number, line: number, column: number, uses: Map<string, string | undefined>, places: number[], error: Wrong | undefined}} Compiled
 * `at`: where the function is in the source now. Places and the error are relative to it, so that they stay right when it
 * moves. `line`, `column`: where it was when the unit got its lines.
 */

// Names of C's library that the compiler itself uses.
const own = new Set([
  '__stack_pointer',
  'printf',
  'fflush',
  '_start',
  'frame',
  '__wasm_call_ctors',
  '__wasm_call_dtors',
]);

export class Program {
  /** @type {Map<string, Compiled>} By key. */
  #compiled = new Map();
  /** @type {Map<string, import('./reader.js').Named>} By name: functions and variables of the program, and functions of C. */
  #names = new Map();
  /** @type {Map<string, {key: string, symbol: UnitSymbol}>} By name: what the unit declares of C's functions. */
  #externs = new Map();
  /**
   * By key: its symbols in the unit, and what its strings are.
   * @type {Map<string, Symbols>}
   */
  #symbols = new Map();
  #start = '';
  /** Of the program's `frame`; empty if it has none. */
  #frame = '';
  lines = new Lines('');

  /** @param {() => Unit} newUnit An empty unit, in the place of the last one. */
  constructor(newUnit) {
    this.newUnit = newUnit;
    this.unit = newUnit();
    this.code = this.unit.code();
    this.library = this.#declareLibrary();
    this.types = this.#declareTypes();
  }

  #declareLibrary() {
    const { unit } = this;
    return {
      stack: unit.global('__stack_pointer', 'i32', { mutable: true }),
      printf: unit.function('printf', ['i32', 'i32'], ['i32']),
      start: unit.function('_start', [], []),
      begin: unit.function('__wasm_call_ctors', [], []),
      end: unit.function('__wasm_call_dtors', [], []),
      frame: unit.function('frame', [], []),
      flush: unit.function('fflush', ['i32'], ['i32']),
    };
  }

  /** What a debugger shows of the types. */
  #declareTypes() {
    const { unit } = this;
    const address = (/** @type {string} */ name) => unit.sourceType(name, 'address', 4);
    return {
      int: unit.sourceType('int', 'signed', 4),
      str: address('str'),
      '[int]': address('[int]'),
      '[str]': address('[str]'),
      none: undefined,
    };
  }

  /**
   * Compiles what is new in the source. The unit is the program when there are no errors.
   * @param {string} source
   */
  edit(source) {
    /** @type {Wrong[]} */
    const errors = [];
    this.lines = new Lines(source);
    const items = this.#readHeads(source, errors);
    // A name has one type in a unit: declared with another one, it needs another unit.
    if (
      items.some(({ header }) => header.isExtern && (this.#externs.get(header.name)?.key ?? header.key) !== header.key)
    )
      this.#restart();

    this.#names.clear();
    for (const { header } of items) this.#names.set(header.name, { header, symbol: this.#declare(header) });
    /** @type {string[]} */
    const changed = [];
    const kept = new Map();
    for (const { item, header, body } of items) {
      if (header.isExtern) continue;
      let compiled = this.#compiled.get(header.key);
      if (!compiled || compiled.text !== item.text || this.#usesChanged(compiled)) {
        compiled = header.isData ? this.#compileVariable(item, header, body) : this.#compile(item, header, body);
        changed.push(header.key);
      }
      compiled.at = item.at;
      this.#moveLines(header.key, compiled);
      kept.set(header.key, compiled);
      const { error } = compiled;
      if (error) errors.push(new Wrong(error.message, error.from + item.at, error.to + item.at));
    }
    for (const key of this.#compiled.keys()) if (!kept.has(key)) this.#remove(key);
    this.#compiled = kept;

    const main = this.#names.get('main')?.header;
    if (main && !main.isExtern && !main.isData && main.params.length === 0) this.#setStart(main);
    else errors.push(new Wrong('a program begins at `fn main()`', main?.at ?? 0));
    this.#setFrame(this.#names.get('frame')?.header);
    errors.sort((a, b) => a.from - b.from);
    return { errors, changed };
  }

  /** After `main`, it keeps running: `frame` is called again and again. */
  get hasFrame() {
    return this.#frame !== '';
  }

  /** The functions of the source, in its order. */
  get functions() {
    return [...this.#compiled]
      .filter(([, { isData }]) => !isData)
      .map(([key, { at, text }]) => ({ key, from: at, to: at + text.length }));
  }

  /** Where in the source an instruction of a function comes from. @param {string} key @param {number} instruction */
  placeOf(key, instruction) {
    const compiled = this.#compiled.get(key);
    const place = compiled?.places[instruction];
    return compiled && place !== undefined ? compiled.at + place : undefined;
  }

  /** Where a function of C is declared. @param {string} name */
  placeOfExtern(name) {
    const header = this.#names.get(name)?.header;
    return header?.isExtern ? header.at : undefined;
  }

  /** @param {string} source @param {Wrong[]} errors */
  #readHeads(source, errors) {
    /** @type {{item: Item, header: Header, body: number}[]} */
    const items = [];
    /** @type {Map<string, Header>} */
    const names = new Map();
    for (const item of splitItems(source, errors)) {
      try {
        const { header, body } = parseHeader(item);
        const end = header.at + header.name.length;
        const other = names.get(header.name);
        if (other)
          throw new Wrong(
            `there is a ${other.isData ? 'variable' : 'function'} \`${header.name}\` already`,
            header.at,
            end,
          );
        if (header.isExtern && own.has(header.name))
          throw new Wrong(`\`${header.name}\` is for the compiler's use`, header.at, end);
        names.set(header.name, header);
        items.push({ item, header, body });
      } catch (error) {
        if (!(error instanceof Wrong)) throw error;
        errors.push(error);
      }
    }
    return items;
  }

  #restart() {
    this.unit = this.newUnit();
    this.code = this.unit.code();
    this.library = this.#declareLibrary();
    this.types = this.#declareTypes();
    this.#compiled.clear();
    this.#externs.clear();
    this.#symbols.clear();
    this.#start = this.#frame = '';
  }

  /** @param {Header} header */
  #declare({ name, key, isExtern, isData, params, result }) {
    const known = isExtern ? this.#externs.get(name) : this.#symbols.get(key);
    if (known) return known.symbol;
    /** @type {ValueType[]} */
    const types = params.map(() => 'i32');
    // What is of the program is named with its types, so that none of C's is in its way.
    const symbol = isData
      ? this.unit.data(key)
      : this.unit.function(isExtern ? name : key, types, result === 'none' ? [] : ['i32']);
    if (isExtern) this.#externs.set(name, { key, symbol });
    else this.#symbols.set(key, { symbol, strings: this.unit.data(`strings of ${key}`), bytes: '' });
    return symbol;
  }

  /** @param {Compiled} compiled */
  #usesChanged({ uses }) {
    for (const [name, key] of uses) if (this.#names.get(name)?.header.key !== key) return true;
    return false;
  }

  /** @param {Item} item @param {Header} header @param {number} body @returns {Compiled} */
  #compile(item, header, body) {
    const { unit, library, lines, types } = this;
    const symbols = /** @type {Symbols} */ (this.#symbols.get(header.key));
    const { symbol, strings } = symbols;
    const find = (/** @type {string} */ name) => this.#names.get(name);
    const compiler = new FunctionCompiler(item, header, body, {
      ...library,
      code: this.code.clear(),
      lines,
      types,
      strings,
      find,
    });
    const { line, column } = lines.find(item.at);
    const compiled = this.#tried(item, compiler, compiler.uses);
    if (compiled.error) return compiled;
    this.#setStrings(symbols, compiler.strings.bytes);
    const source = { line, variables: compiler.variables };
    unit.setFunction(symbol, this.code, Array(compiler.localCount).fill('i32'), { binding: 'local', source });
    compiled.places = compiler.places.map((place) => place - item.at);
    return compiled;
  }

  /** A variable: its first value. @param {Item} item @param {Header} header @param {number} body @returns {Compiled} */
  #compileVariable(item, header, body) {
    const symbols = /** @type {Symbols} */ (this.#symbols.get(header.key));
    const { symbol, strings } = symbols;
    const compiler = new VariableCompiler(item, header, body, strings);
    const compiled = this.#tried(item, compiler);
    if (compiled.error) return compiled;
    this.#setStrings(symbols, compiler.strings.bytes);
    const { bytes, fixups } = compiler;
    this.unit.setData(symbol, bytes, { align: 4, fixups, binding: 'local' });
    return compiled;
  }

  /** What comes of it before it is in the unit. @param {Item} item @param {FunctionCompiler | VariableCompiler} compiler */
  #tried(item, compiler, uses = new Map()) {
    const { text, at } = item;
    /** @type {Compiled} */
    const compiled = {
      text,
      isData: compiler.header.isData,
      at,
      ...this.lines.find(at),
      uses,
      places: [],
      error: undefined,
    };
    try {
      compiler.compile();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      compiled.error = new Wrong(error.message, error.from - at, error.to - at);
    }
    return compiled;
  }

  /** @param {Symbols} symbols @param {number[]} strings */
  #setStrings(symbols, strings) {
    const bytes = strings.join();
    if (bytes === symbols.bytes) return;
    if (bytes) this.unit.setData(symbols.strings, Uint8Array.from(strings), { readOnly: true, binding: 'local' });
    symbols.bytes = bytes;
  }

  /** A function that stands elsewhere now has other lines and the same code. @param {string} key @param {Compiled} compiled */
  #moveLines(key, compiled) {
    const { line, column } = this.lines.find(compiled.at);
    const symbol = this.#symbols.get(key)?.symbol;
    if (!symbol || compiled.isData || compiled.error || (line === compiled.line && column === compiled.column)) return;
    const places = compiled.places.map((place, instruction) => ({
      instruction,
      ...this.lines.find(compiled.at + place),
    }));
    this.unit.setLines(symbol, places, { line });
    compiled.line = line;
    compiled.column = column;
  }

  /** @param {string} key */
  #remove(key) {
    const symbols = this.#symbols.get(key);
    if (!symbols) return;
    this.unit.remove(symbols.symbol);
    this.unit.remove(symbols.strings);
    this.#symbols.delete(key);
  }

  /** @param {Header} main */
  #setStart(main) {
    if (this.#start === main.key) return;
    const { start, begin, end } = this.library;
    const { symbol } = /** @type {{symbol: UnitSymbol}} */ (this.#names.get('main'));
    // What wasi-libc's crt1 does.
    const code = this.code.clear().op('call', begin).op('call', symbol);
    if (main.result !== 'none') code.op('drop');
    this.unit.setFunction(start, code.op('call', end).end());
    this.#start = main.key;
  }

  /** @param {Header | undefined} frame */
  #setFrame(frame) {
    const isFrame = frame && !frame.isExtern && !frame.isData && frame.params.length === 0;
    const key = isFrame ? frame.key : '';
    if (this.#frame === key) return;
    const { frame: exported, flush } = this.library;
    if (this.#frame) this.unit.remove(exported);
    this.#frame = key;
    if (!isFrame) return;
    const { symbol } = /** @type {{symbol: UnitSymbol}} */ (this.#names.get('frame'));
    const code = this.code.clear().op('call', symbol);
    if (frame.result !== 'none') code.op('drop');
    // What it printed is seen with it.
    this.unit.setFunction(exported, code.op('i32.const', 0).op('call', flush).op('drop').end());
  }
}
