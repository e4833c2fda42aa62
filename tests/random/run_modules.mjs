// @ts-check
// Runs many small programs in one thread: a process for each takes much longer than the program. They find only what
// printing needs of WASI.
import v8 from 'node:v8';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { Runner } from './runner.mjs';

/** @typedef {import('./runner.mjs').Ran} Ran */

const here = fileURLToPath(import.meta.url);

/** A job is the bytes of a module. */
export const moduleRunner = () =>
  new Runner(() => {
    // Programs run for a moment only: nothing need be optimized.
    v8.setFlagsFromString('--liftoff-only');
    const worker = new Worker(here);
    return {
      send: (job) => worker.postMessage(job),
      onAnswer: (answer) => worker.on('message', answer),
      end: () => worker.terminate(),
    };
  });

class Exit extends Error {
  /** @param {number} code */
  constructor(code) {
    super();
    this.code = code;
  }
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Ran}
 */
function runModule(bytes) {
  let printed = '';
  /** @type {WebAssembly.Memory} */
  let memory;
  /** @type {Record<string, (...args: number[]) => number>} */
  const wasi = {
    fd_write(fd, vectors, count, written) {
      const view = new DataView(memory.buffer);
      let total = 0;
      for (let i = 0; i < count; i++) {
        const [at, size] = [view.getUint32(vectors + 8 * i, true), view.getUint32(vectors + 8 * i + 4, true)];
        printed += Buffer.from(memory.buffer, at, size).toString('latin1');
        total += size;
      }
      view.setUint32(written, total, true);
      return 0;
    },
    fd_fdstat_get(fd, at) {
      new Uint8Array(memory.buffer, at, 24).fill(0);
      return 0;
    },
    proc_exit(code) {
      throw new Exit(code);
    },
  };
  const badFile = 8;
  try {
    const module = new WebAssembly.Module(bytes);
    /** @type {Record<string, Record<string, (...args: number[]) => number>>} */
    const imports = {};
    for (const { module: from, name } of WebAssembly.Module.imports(module))
      (imports[from] ??= {})[name] = wasi[name] ?? (() => badFile);
    const exports = /** @type {any} */ (new WebAssembly.Instance(module, imports).exports);
    memory = exports.memory;
    exports._start();
    return { code: 0, printed };
  } catch (error) {
    if (error instanceof Exit) return { code: error.code, printed };
    return { code: 'trap', printed: `${printed}${error}` };
  }
}

if (!isMainThread) parentPort?.on('message', (bytes) => parentPort?.postMessage(runModule(bytes)));
