// @ts-check
// Runs random programs without a C library: of one module, or of several that a loader puts together, with a memory of
// their own or a shared one, of 32 bits or 64. The host is a process of a Node that knows memories and tables of 64 bits.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Loader, readDylink } from '../programs/dynamic/loader.mjs';
import { newerNode } from '../support/paths.mjs';
import { Module } from '../support/wasm_module.mjs';
import { Runner } from './runner.mjs';

/** @typedef {import('./runner.mjs').Ran} Ran */
/** @typedef {Record<string, any>} Exports */

const here = fileURLToPath(import.meta.url);
const pageSize = 65536;

/** A job is the names of the files; a program that does not begin with a fixed module has a loader. */
export const targetRunner = () =>
  new Runner(() => {
    // Programs run for a moment only: nothing need be optimized.
    const child = fork(here, ['--serve'], { execPath: newerNode, execArgv: ['--liftoff-only'] });
    return {
      send: (job) => child.send(job),
      onAnswer: (answer) => child.on('message', answer),
      end: () => child.kill('SIGKILL'),
    };
  });

/** What stands between what the first instance prints and what the second one does. */
export const secondInstance = '--- the second instance\n';

class Program {
  printed = '';
  /** @type {WebAssembly.Memory | undefined} */
  memory;

  /** @param {Uint8Array<ArrayBuffer>[]} files */
  constructor(files) {
    this.files = files;
    this.main = new Module(files[0]);
    const limits = this.main.importsOf('memory').map(({ type }) => type)[0] ?? '';
    this.is64 = limits.includes('64-bit');
    this.isShared = limits.includes('shared');
    if (limits) this.memory = this.newMemory(limits);
  }

  /** @param {string} limits as `16 pages, at most 64, shared` */
  newMemory(limits) {
    const [, initial = '1', maximum] = /^(\d+) pages(?:, at most (\d+))?/.exec(limits) ?? [];
    const word = (/** @type {string} */ text) => (this.is64 ? BigInt(text) : Number(text));
    const shape = { initial: word(initial), address: this.is64 ? 'i64' : 'i32', shared: this.isShared };
    return new WebAssembly.Memory(/** @type {any} */ (maximum ? { ...shape, maximum: word(maximum) } : shape));
  }

  /** Prints text. @param {number | bigint} at @param {number | bigint} length */
  put = (at, length) => {
    const { buffer } = /** @type {WebAssembly.Memory} */ (this.memory);
    this.printed += Buffer.from(buffer, Number(at), Number(length)).toString('latin1');
  };

  instantiate() {
    const imports = { host: { put: this.put }, env: { memory: this.memory } };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(this.files[0]), /** @type {any} */ (imports));
    this.memory ??= /** @type {Exports} */ (exports).memory;
    return /** @type {Exports} */ (exports);
  }

  /** @returns {void} */
  run() {
    const loader = readDylink(this.main) ? Loader.empty(this.memory, this.is64) : undefined;
    loader?.symbols.set('put', this.put);
    const modules = loader
      ? loader.load(...this.files)
      : this.files.length > 1
        ? this.besideProgram()
        : [this.instantiate()];
    if (!loader) modules[0].__wasm_call_ctors?.();
    const call = (/** @type {string} */ name) => modules.find((exports) => exports[name])?.[name]();
    call('run');
    call('finish');
    if (this.isShared) this.runAgain(modules[0], loader);
  }

  /** A program of fixed addresses, which says where its memory, table and stack are, and a library. */
  besideProgram() {
    /** @type {Loader} */
    let loader;
    // The library is loaded later: until then, what the program imports from it only has a name.
    const later = this.main
      .importsOf('function')
      .map(({ name }) => [
        name,
        (/** @type {any[]} */ ...args) => /** @type {Function} */ (loader.symbols.get(name))(...args),
      ]);
    const imports = { host: { put: this.put }, env: Object.fromEntries(later) };
    const main = new WebAssembly.Instance(new WebAssembly.Module(this.files[0]), imports);
    const exports = /** @type {Exports} */ (main.exports);
    this.memory = exports.memory;
    loader = new Loader(exports.memory, exports.__indirect_function_table, exports.__stack_pointer);
    loader.define(exports, 0);
    exports.__wasm_call_ctors?.();
    return [exports, ...loader.load(...this.files.slice(1))];
  }

  /**
   * As another thread: the data is there already, and stays; what is thread-local is new.
   *
   * @param {Exports} first
   * @param {Loader} [loader]
   */
  runAgain(first, loader) {
    const memory = /** @type {WebAssembly.Memory} */ (this.memory);
    const before = Buffer.from(memory.buffer.slice(0));
    const thread = loader && new ThreadLoader(loader);
    const exports = thread ? thread.instantiate(this.files)[0] : this.instantiate();
    this.printed += secondInstance;
    if (!before.equals(Buffer.from(memory.buffer))) this.printed += 'the second instance has changed the memory\n';
    const word = (/** @type {number} */ value) => (this.is64 ? BigInt(value) : value);
    // Two pages: the stack, and behind it the thread-local data.
    const align = Number(first.__tls_align.value) || 1;
    const size = Math.ceil((Number(first.__tls_size.value) + align) / pageSize) + 1;
    const start = Number(memory.grow(/** @type {any} */ (word(size)))) * pageSize;
    const block = Math.ceil((start + pageSize) / align) * align;
    (thread?.stackPointer ?? exports.__stack_pointer).value = word(start + pageSize);
    exports.__wasm_init_tls(word(block));
    exports.run();
  }
}

/** Loads the modules of a program for another thread, with a table and a stack of its own: their data is where it is. */
class ThreadLoader extends Loader {
  /** @param {Loader} first */
  constructor(first) {
    const { memory, table, stackPointer } = Loader.empty(first.memory, typeof first.stackPointer.value === 'bigint');
    super(memory, table, stackPointer);
    this.placed = [...first.places];
    this.symbols.set('put', /** @type {Function} */ (first.symbols.get('put')));
  }

  allocate() {
    return /** @type {number} */ (this.placed.shift());
  }
}

/** @param {string[]} names @returns {Ran} */
function runFiles(names) {
  const program = new Program(names.map((name) => new Uint8Array(readFileSync(name))));
  try {
    program.run();
    return { code: 0, printed: program.printed };
  } catch (error) {
    return { code: 'trap', printed: `${program.printed}${error}` };
  }
}

if (process.argv[2] === '--serve') process.on('message', (/** @type {any} */ names) => process.send?.(runFiles(names)));
