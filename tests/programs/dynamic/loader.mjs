// @ts-check
// A dynamic linker as a page or Node could have one, after the tool conventions' DynamicLinking.md: modules that share
// a memory, a table and a stack find each other's functions and data by name. The modules may be of 64 bits.
import { Cursor, Module } from '../../support/wasm_module.mjs';

/**
 * @typedef {object} Dylink
 * @property {number} memorySize
 * @property {number} memoryAlignment in bytes
 * @property {number} tableSize
 * @property {number} tableAlignment
 * @property {string[]} needed
 * @property {Set<string>} weakImports
 */

/**
 * @param {Module} module
 * @returns {Dylink | undefined} nothing for a module that is not to be placed in memory
 */
export function readDylink(module) {
  const cursor = module.open('dylink.0');
  if (!cursor) return undefined;
  /** @type {Dylink} */
  const dylink = {
    memorySize: 0,
    memoryAlignment: 1,
    tableSize: 0,
    tableAlignment: 1,
    needed: [],
    weakImports: new Set(),
  };
  while (!cursor.done) {
    const kind = cursor.u8();
    const c = new Cursor(cursor.take(cursor.uleb()));
    if (kind === 1) {
      dylink.memorySize = c.uleb();
      dylink.memoryAlignment = 2 ** c.uleb();
      dylink.tableSize = c.uleb();
      dylink.tableAlignment = 2 ** c.uleb();
    } else if (kind === 2) {
      dylink.needed = c.list(() => c.name());
    } else if (kind === 4) {
      for (let count = c.uleb(); count > 0; count--) {
        c.name();
        const name = c.name();
        if (c.uleb() & 1) dylink.weakImports.add(name);
      }
    }
  }
  return dylink;
}

const pageSize = 65536;

export class Loader {
  /** @type {Map<string, Function | number>} what modules export: functions, and addresses of data */
  symbols = new Map();
  /** @type {Map<string, WebAssembly.Global>} by import module and name */
  got = new Map();
  /** @type {Set<string>} */
  weak = new Set();
  /** @type {number[]} where the data of modules is, in the order in which they were loaded */
  places = [];

  /**
   * @param {WebAssembly.Memory} memory
   * @param {WebAssembly.Table} table
   * @param {WebAssembly.Global} stackPointer
   */
  constructor(memory, table, stackPointer) {
    this.memory = memory;
    this.table = table;
    this.stackPointer = stackPointer;
  }

  /** A loader for modules that all are position-independent, with a stack of 64 KiB. */
  static empty(memory = new WebAssembly.Memory({ initial: 1 }), is64 = false) {
    const table = is64
      ? new WebAssembly.Table(/** @type {any} */ ({ initial: 1n, element: 'anyfunc', address: 'i64' }))
      : new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
    const value = is64 ? 'i64' : 'i32';
    return new Loader(memory, table, new WebAssembly.Global({ value, mutable: true }, is64 ? 65536n : pageSize));
  }

  /** As the modules have numbers of the memory and the table. @param {number} value @returns {any} */
  word(value) {
    return typeof this.stackPointer.value === 'bigint' ? BigInt(value) : value;
  }

  get slots() {
    return Number(this.table.length);
  }

  /** Returns the first of the new slots. @param {number} count */
  addSlots(count) {
    return Number(this.table.grow(this.word(count)));
  }

  /**
   * Fresh memory, in whole pages.
   *
   * @param {number} size
   * @param {number} alignment
   */
  allocate(size, alignment) {
    const end = Number(this.memory.grow(this.word(Math.ceil((size + alignment) / pageSize)))) * pageSize;
    this.places.push(Math.ceil(end / alignment) * alignment);
    return this.places[this.places.length - 1];
  }

  /** @param {Function} f */
  slotOf(f) {
    for (let slot = 1; slot < this.slots; slot++) if (this.table.get(this.word(slot)) === f) return slot;
    const slot = this.addSlots(1);
    this.table.set(this.word(slot), f);
    return slot;
  }

  /** @param {string} name */
  addressOf(name) {
    const symbol = this.symbols.get(name);
    if (symbol === undefined && !this.weak.has(name)) throw new Error(`nothing defines ${name}`);
    return typeof symbol === 'function' ? this.slotOf(symbol) : (symbol ?? 0);
  }

  /**
   * The first module that defines a name is right. Addresses in exports are relative to the module's place.
   *
   * @param {Record<string, any>} exports
   * @param {number} base
   */
  define(exports, base) {
    for (const [name, value] of Object.entries(exports)) {
      const isSymbol = typeof value === 'function' || value instanceof WebAssembly.Global;
      if (!isSymbol || name.startsWith('__wasm_') || this.symbols.has(name)) continue;
      this.symbols.set(name, typeof value === 'function' ? value : Number(value.value) + base);
    }
  }

  /**
   * @param {Module} module
   * @param {number} memoryBase
   * @param {number} tableBase
   */
  importsFor(module, memoryBase, tableBase) {
    /** @type {Record<string, any>} */
    const known = {
      memory: this.memory,
      __indirect_function_table: this.table,
      __stack_pointer: this.stackPointer,
      __memory_base: this.word(memoryBase),
      __table_base: this.word(tableBase),
    };
    /** @type {Record<string, Record<string, any>>} */
    const imports = {};
    for (const { module: from, name, kind } of module.imports) {
      let value = known[name];
      if (from.startsWith('GOT.')) {
        const key = `${from} ${name}`;
        const word = this.word(0);
        value = this.got.get(key);
        value ??= new WebAssembly.Global({ value: typeof word === 'bigint' ? 'i64' : 'i32', mutable: true }, word);
        this.got.set(key, value);
      } else if (kind === 'function') {
        // What is defined by a module that comes later is found when it is called.
        const call = (/** @type {any[]} */ ...args) => /** @type {Function} */ (this.symbols.get(name))(...args);
        value = this.symbols.get(name) ?? call;
      }
      (imports[from] ??= {})[name] = value;
    }
    return imports;
  }

  /**
   * Loads modules that need each other. Returns their exports.
   *
   * @param {Uint8Array[]} files
   */
  load(...files) {
    const loaded = this.instantiate(files);
    for (const exports of loaded) exports.__wasm_apply_data_relocs?.();
    for (const exports of loaded) exports.__wasm_call_ctors?.();
    return loaded;
  }

  /**
   * The first part of it: they have their places, and know those of the others.
   *
   * @param {Uint8Array[]} files
   */
  instantiate(files) {
    const loaded = files.map((bytes) => {
      const module = new Module(bytes);
      const dylink = readDylink(module);
      if (!dylink) throw new Error('there is no dylink.0 section');
      for (const name of dylink.weakImports) this.weak.add(name);
      const memoryBase = this.allocate(dylink.memorySize, dylink.memoryAlignment);
      const tableBase = Math.ceil(this.slots / dylink.tableAlignment) * dylink.tableAlignment;
      this.addSlots(tableBase - this.slots + dylink.tableSize);
      const imports = this.importsFor(module, memoryBase, tableBase);
      const compiled = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
      const exports = /** @type {Record<string, any>} */ (new WebAssembly.Instance(compiled, imports).exports);
      this.define(exports, memoryBase);
      return exports;
    });
    for (const [key, global] of this.got) global.value = this.word(this.addressOf(key.slice(key.indexOf(' ') + 1)));
    return loaded;
  }
}
