// A program that is edited: what changed is compiled and set in the unit, function by function.
import { FunctionCompiler, parseHeader } from './parser.js';
import { splitItems, Wrong } from './syntax.js';

/**
 * @typedef {import('./syntax.js').Item} Item
 * @typedef {import('./parser.js').Header} Header
 * @typedef {import('wasm-weld').Unit} Unit
 * @typedef {import('wasm-weld').UnitSymbol} UnitSymbol
 * @typedef {import('wasm-weld').ValueType} ValueType
 * @typedef {{text: string, at: number, uses: Map<string, string | undefined>, places: number[], error: Wrong | undefined}} Compiled
 * `at`: where the function is in the source now. Places and the error are relative to it, so that they stay right when it
 * moves.
 */

// Names of C's library that the compiler itself uses.
const own = new Set(['__stack_pointer', 'printf', '_start', '__wasm_call_ctors', '__wasm_call_dtors']);

export class Program {
  /** @type {Map<string, Compiled>} By key. */
  #compiled = new Map();
  /** @type {Map<string, {header: Header, symbol: UnitSymbol}>} By name: what can be called. */
  #functions = new Map();
  /** @type {Map<string, {key: string, symbol: UnitSymbol}>} By name: what the unit declares of C's functions. */
  #externs = new Map();
  /**
   * By key: its symbols in the unit, and what its strings are.
   * @type {Map<string, {symbol: UnitSymbol, strings: UnitSymbol, bytes: string}>}
   */
  #symbols = new Map();
  #start = '';

  /** @param {() => Unit} newUnit An empty unit, in the place of the last one. */
  constructor(newUnit) {
    this.newUnit = newUnit;
    this.unit = newUnit();
    this.code = this.unit.code();
    this.library = this.#declareLibrary();
  }

  #declareLibrary() {
    const { unit } = this;
    return {
      stack: unit.global('__stack_pointer', 'i32', { mutable: true }),
      printf: unit.function('printf', ['i32', 'i32'], ['i32']),
      start: unit.function('_start', [], []),
      begin: unit.function('__wasm_call_ctors', [], []),
      end: unit.function('__wasm_call_dtors', [], []),
    };
  }

  /**
   * Compiles what is new in the source. The unit is the program when there are no errors.
   * @param {string} source
   */
  edit(source) {
    /** @type {Wrong[]} */
    const errors = [];
    const items = this.#readHeads(source, errors);
    // A name has one type in a unit: declared with another one, it needs another unit.
    if (
      items.some(({ header }) => header.isExtern && (this.#externs.get(header.name)?.key ?? header.key) !== header.key)
    )
      this.#restart();

    this.#functions.clear();
    for (const { header } of items) this.#functions.set(header.name, { header, symbol: this.#declare(header) });
    /** @type {string[]} */
    const changed = [];
    const kept = new Map();
    for (const { item, header, body } of items) {
      if (header.isExtern) continue;
      let compiled = this.#compiled.get(header.key);
      if (!compiled || compiled.text !== item.text || this.#usesChanged(compiled)) {
        compiled = this.#compile(item, header, body);
        changed.push(header.key);
      }
      compiled.at = item.at;
      kept.set(header.key, compiled);
      const { error } = compiled;
      if (error) errors.push(new Wrong(error.message, error.from + item.at, error.to + item.at));
    }
    for (const key of this.#compiled.keys()) if (!kept.has(key)) this.#remove(key);
    this.#compiled = kept;

    const main = this.#functions.get('main')?.header;
    if (main && !main.isExtern && main.params.length === 0) this.#setStart(main);
    else errors.push(new Wrong('a program begins at `fn main()`', main?.at ?? 0));
    errors.sort((a, b) => a.from - b.from);
    return { errors, changed };
  }

  /** The functions of the source, in its order. */
  get functions() {
    return [...this.#compiled].map(([key, { at, text }]) => ({ key, from: at, to: at + text.length }));
  }

  /** Where in the source an instruction of a function comes from. @param {string} key @param {number} instruction */
  placeOf(key, instruction) {
    const compiled = this.#compiled.get(key);
    const place = compiled?.places[instruction];
    return compiled && place !== undefined ? compiled.at + place : undefined;
  }

  /** Where a function of C is declared. @param {string} name */
  placeOfExtern(name) {
    const header = this.#functions.get(name)?.header;
    return header?.isExtern ? header.at : undefined;
  }

  /** @param {string} source @param {Wrong[]} errors */
  #readHeads(source, errors) {
    /** @type {{item: Item, header: Header, body: number}[]} */
    const items = [];
    const names = new Set();
    for (const item of splitItems(source, errors)) {
      try {
        const { header, body } = parseHeader(item);
        const end = header.at + header.name.length;
        if (names.has(header.name)) throw new Wrong(`there is a function \`${header.name}\` already`, header.at, end);
        if (header.isExtern && own.has(header.name))
          throw new Wrong(`\`${header.name}\` is for the compiler's use`, header.at, end);
        names.add(header.name);
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
    this.library = this.#declareLibrary();
    this.#compiled.clear();
    this.#externs.clear();
    this.#symbols.clear();
    this.#start = '';
  }

  /** @param {Header} header */
  #declare({ name, key, isExtern, params, result }) {
    const known = isExtern ? this.#externs.get(name) : this.#symbols.get(key);
    if (known) return known.symbol;
    /** @type {ValueType[]} */
    const types = params.map(() => 'i32');
    // A function of the program is named with its types, so that none of C's is in its way.
    const symbol = this.unit.function(isExtern ? name : key, types, result === 'none' ? [] : ['i32']);
    if (isExtern) this.#externs.set(name, { key, symbol });
    else this.#symbols.set(key, { symbol, strings: this.unit.data(`strings of ${key}`), bytes: '' });
    return symbol;
  }

  /** @param {Compiled} compiled */
  #usesChanged({ uses }) {
    for (const [name, key] of uses) if (this.#functions.get(name)?.header.key !== key) return true;
    return false;
  }

  /** @param {Item} item @param {Header} header @param {number} body @returns {Compiled} */
  #compile(item, header, body) {
    const { unit, library } = this;
    const symbols = /** @type {{symbol: UnitSymbol, strings: UnitSymbol, bytes: string}} */ (
      this.#symbols.get(header.key)
    );
    const { symbol, strings } = symbols;
    const find = (/** @type {string} */ name) => this.#functions.get(name);
    const compiler = new FunctionCompiler(item, header, body, { ...library, code: this.code.clear(), strings, find });
    /** @type {Compiled} */
    const compiled = { text: item.text, at: item.at, uses: compiler.uses, places: [], error: undefined };
    try {
      compiler.compile();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      compiled.error = new Wrong(error.message, error.from - item.at, error.to - item.at);
      return compiled;
    }
    const bytes = compiler.strings.join();
    if (bytes !== symbols.bytes) {
      if (bytes) unit.setData(strings, Uint8Array.from(compiler.strings), { readOnly: true, binding: 'local' });
      symbols.bytes = bytes;
    }
    unit.setFunction(symbol, this.code, Array(compiler.localCount).fill('i32'), { binding: 'local' });
    compiled.places = compiler.places.map((place) => place - item.at);
    return compiled;
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
    const { symbol } = /** @type {{symbol: UnitSymbol}} */ (this.#functions.get('main'));
    // What wasi-libc's crt1 does.
    const code = this.code.clear().op('call', begin).op('call', symbol);
    if (main.result !== 'none') code.op('drop');
    this.unit.setFunction(start, code.op('call', end).end());
    this.#start = main.key;
  }
}
