// A program and the linker that has C's library: each edit is compiled and linked.
import { createLinker, inspect } from 'wasm-weld';
import { Module } from './module.js';
import { Program } from './program.js';

/**
 * @typedef {import('wasm-weld').Input} Input
 * @typedef {{message: string, from: number | undefined, to: number | undefined, warning: boolean}} Problem
 * @typedef {{at: number, bytes: Uint8Array, text: string, call: boolean, place: number | undefined}} Row
 * @typedef {{key: string, from: number, to: number, rows: Row[]}} Listing
 * @typedef {{problems: Problem[], changed: string[], compileMs: number, linkMs: number | undefined, output: Uint8Array | undefined,
 *   patch?: Uint8Array | undefined, restart?: import('wasm-weld').PatchReason[] | undefined}} Build
 * `patch`, `restart`: of a program that runs. It can have the edit, or only a new one, which is `output`.
 */

// The C library's debug information is most of its bytes. A mistake in the compiler is found before the program runs.
const options = { stripDebug: true, validate: true, exportIfDefined: ['frame'] };

export class Session {
  /** @type {Module | undefined} Of the last output, read when somebody asks. */
  #module;
  /** @type {Promise<import('wasm-weld').Lines> | undefined} Likewise. */
  #lines;

  /** @param {import('wasm-weld').Linker} linker */
  constructor(linker) {
    this.linker = linker;
    let made = 0;
    // Code before the libraries: that is how members of an archive are found without a second look.
    const [library] = linker.inputs;
    this.program = new Program(() => {
      if (made > 0) linker.remove(`program${made}`);
      return linker.unit(`program${++made}`, { before: library });
    });
  }

  /** @param {{inputs: Input[]} | {snapshot: Uint8Array | ArrayBuffer}} library */
  static async open(library) {
    return new Session(await createLinker({ ...library, options }));
  }

  /** Of programs that are edited while they run. @param {{inputs: Input[]} | {snapshot: Uint8Array | ArrayBuffer}} library */
  static async openLive(library) {
    const exportIfDefined = [...options.exportIfDefined, '__stack_pointer'];
    // Engines that run this can export a global that changes, whatever the objects of the library say.
    const liveOptions = { ...options, exportIfDefined, checkFeatures: false };
    return new Session(await createLinker({ ...library, options: liveOptions, live: true }));
  }

  /** @param {string} source @param {WebAssembly.Instance} [running] the program that is edited @returns {Build} */
  build(source, running) {
    const begin = performance.now();
    const { errors, changed } = this.program.edit(source);
    const compiled = performance.now();
    const compileMs = compiled - begin;
    if (errors.length > 0) {
      const problems = errors.map(({ message, from, to }) => ({ message, from, to, warning: false }));
      return { problems, changed, compileMs, linkMs: undefined, output: undefined };
    }
    const result = running ? this.linker.patch(running) : this.linker.link();
    const { output, diagnostics } = result;
    const linkMs = performance.now() - compiled;
    this.#module = this.#lines = undefined;
    this.output = output;
    const problems = diagnostics.map((diagnostic) => this.#problem(diagnostic));
    const { patch, restart } = /** @type {Partial<import('wasm-weld').PatchResult>} */ (result);
    return { problems, changed, compileMs, linkMs, output, patch, restart };
  }

  /** What the linker says, at its place in the source. @param {import('wasm-weld').Diagnostic} diagnostic @returns {Problem} */
  #problem({ text, severity, location, arguments: values }) {
    const { program } = this;
    let from =
      location?.symbol && location.instruction !== undefined
        ? program.placeOf(location.symbol.name, location.instruction)
        : undefined;
    for (const value of values) if (typeof value === 'object') from ??= program.placeOfExtern(value.name);
    return { message: text, from, to: from === undefined ? undefined : from + 1, warning: severity !== 'error' };
  }

  get module() {
    if (this.output) this.#module ??= new Module(this.output);
    return this.#module;
  }

  /** The program's functions as they are in the module. @returns {Listing[]} */
  listings() {
    const { module, program } = this;
    if (!module) return [];
    const indexOf = new Map([...module.functionNames].map(([index, name]) => [name, index]));
    return program.functions.map(({ key, from, to }) => {
      const index = indexOf.get(key); // none: nothing calls it, so it is left out
      const rows = index === undefined ? [] : module.disassemble(index);
      return { key, from, to, rows: rows.map((row, i) => ({ ...row, place: program.placeOf(key, i) })) };
    });
  }

  /** Where the code comes from. Linked with its debug information, the module has the same code at the same place. */
  get lines() {
    const link = async () => {
      this.linker.setOptions({ ...options, stripDebug: false });
      const { output } = this.linker.link();
      this.linker.setOptions(options);
      return (await inspect(/** @type {Uint8Array} */ (output))).lines;
    };
    return (this.#lines ??= link());
  }

  /** Why a run ended: a trap has its place, of the innermost function that is of the program. @param {unknown} error @returns {Promise<Problem>} */
  async explain(error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const frames = [...(stack ?? '').matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)];
    for (const [i, [, offset]] of frames.entries()) {
      const found = (await this.lines).findInFile(parseInt(offset, 16));
      if (found?.file !== this.program.unit.name) continue; // of C's library
      const from = this.program.lines.place(found.line, found.column);
      // The compiler has this instruction for nothing else that can be reached.
      const isIndex = i === 0 && /unreachable/i.test(message);
      return { message: isIndex ? 'there is no such element' : message, from, to: from + 1, warning: false };
    }
    return { message, from: undefined, to: undefined, warning: false };
  }
}
