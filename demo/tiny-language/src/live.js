// A program that keeps running while it is edited: `main` once, then `frame` again and again. Each edit is a patch of it, or a
// new program with the reason why.
import { ConsoleStdout, WASI } from '@bjorn3/browser_wasi_shim';
import { applyPatchSync } from 'wasm-weld';

/** @typedef {{instance: WebAssembly.Instance, imports: Record<string, Record<string, unknown>>}} Running */

const mostPrinted = 200_000;

/**
 * WASI for a program that only prints.
 * @param {(text: string) => number} take Says how long the text is that it has taken.
 */
export function printing(take) {
  const decoder = new TextDecoder();
  const print = (/** @type {Uint8Array} */ bytes) => {
    if (take(decoder.decode(bytes, { stream: true })) > mostPrinted) throw new Error('it printed too much');
  };
  return new WASI(['program'], [], [new ConsoleStdout(() => {}), new ConsoleStdout(print), new ConsoleStdout(print)]);
}

export class Live {
  /** @type {Running | undefined} */
  #running;
  #printed = '';
  #patches = 0;

  /** @param {import('./session.js').Session} session Its linker was made with `live`. */
  constructor(session) {
    this.session = session;
  }

  get isRunning() {
    return this.#running !== undefined;
  }

  /**
   * Compiles, links, and brings the edit into the program or starts it anew. `trap`: why it does not run.
   * @param {string} source
   */
  build(source) {
    const build = this.session.build(source, this.#running?.instance);
    const { output, restart, patch } = build;
    const begin = performance.now();
    /** @type {string[]} */
    let why = [];
    /** @type {{error: unknown} | undefined} */
    let trap;
    try {
      if (output) {
        why = restart?.map(({ text }) => text) ?? [];
        this.#start(output);
      } else if (patch && this.#running) {
        applyPatchSync(this.#running.instance, patch, this.#running.imports);
        this.#patches++;
      }
    } catch (error) {
      trap = { error };
      this.end();
    }
    return { ...build, applyMs: performance.now() - begin, why, patches: this.#patches, trap };
  }

  /** What one more frame prints. */
  frame() {
    this.#printed = '';
    const { frame, __stack_pointer: stack } =
      /** @type {{frame(): void, __stack_pointer: WebAssembly.Global<'i32'>}} */ (
        /** @type {unknown} */ (/** @type {Running} */ (this.#running).instance.exports)
      );
    const before = stack.value;
    try {
      frame();
    } finally {
      stack.value = before; // also after a trap
    }
    return this.#printed;
  }

  end() {
    this.#running = undefined;
  }

  /** @param {Uint8Array} output */
  #start(output) {
    const wasi = printing((text) => (this.#printed += text).length);
    const imports = { wasi_snapshot_preview1: wasi.wasiImport };
    const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (output));
    const instance = new WebAssembly.Instance(module, /** @type {WebAssembly.Imports} */ (imports));
    this.#running = { instance, imports };
    this.#patches = 0;
    wasi.start(
      /** @type {{exports: {memory: WebAssembly.Memory, _start: () => unknown}}} */ (/** @type {unknown} */ (instance)),
    );
  }
}
