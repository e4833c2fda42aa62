// @ts-check
// Runs the lines of an `--- expect run` block on one instance of a module, in a thread that can be stopped.
//
//   f(1, 2)        calls an export; arguments and results are numbers, i64 ones end in n
//   *x             the 32-bit integer at the address that the global `x` exports
//   text f(1)      the text, up to a zero byte, at the address that f returns
//   x              the value of an exported global
//
// Each line comes back with its result, followed by the calls of imported functions that it led to.
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { Module, inKnownTerms } from './wasm_module.mjs';

const timeout = 10_000;

/**
 * @param {Uint8Array} bytes
 * @param {string[]} lines
 * @returns {Promise<string[]>}
 */
export function runExports(bytes, lines) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { bytes, lines } });
    const timer = setTimeout(() => {
      worker.terminate();
      reject(new Error(`did not end in ${timeout / 1000} s: ${lines.join('; ')}`));
    }, timeout);
    worker.on('message', resolve);
    worker.on('error', reject);
    worker.on('exit', () => clearTimeout(timer));
  });
}

/**
 * @param {Uint8Array} bytes
 * @param {string[]} lines
 */
function runLines(bytes, lines) {
  /** @type {string[]} */
  const printed = [];
  const known = inKnownTerms(bytes);
  const imports = makeImports(known, (line) => printed.push(`  ${line}`));
  /** @type {Record<string, any>} */
  let exports;
  try {
    exports = new WebAssembly.Instance(new WebAssembly.Module(known), imports).exports;
  } catch (error) {
    return [`does not start: ${/** @type {Error} */ (error).message}`];
  }
  const memories = [...Object.values(exports), ...Object.values(imports).flatMap((module) => Object.values(module))];
  const memory = /** @type {WebAssembly.Memory} */ (memories.find((value) => value instanceof WebAssembly.Memory));

  /**
   * @param {string} expression
   * @returns {any}
   */
  function evaluate(expression) {
    const call = /^([^\s(*]+)\((.*)\)$/.exec(expression);
    if (expression.startsWith('*')) {
      return new DataView(memory.buffer).getInt32(evaluate(expression.slice(1)), true);
    }
    if (expression.startsWith('text ')) {
      const heap = new Uint8Array(memory.buffer);
      const start = evaluate(expression.slice(5));
      return JSON.stringify(new TextDecoder().decode(heap.subarray(start, heap.indexOf(0, start))));
    }
    const name = call ? call[1] : expression;
    if (!(name in exports)) throw new Error(`there is no export ${name}`);
    if (!call) return exports[name].value;
    const args = call[2]
      .split(',')
      .map((arg) => arg.trim())
      .filter((arg) => arg !== '');
    return exports[name](...args.map((arg) => (arg.endsWith('n') ? BigInt(arg.slice(0, -1)) : Number(arg))));
  }

  for (const line of lines) {
    const place = printed.length;
    let outcome = '';
    try {
      const value = evaluate(line);
      if (value !== undefined) outcome = ` = ${value}${typeof value === 'bigint' ? 'n' : ''}`;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      outcome = ` traps: ${error.message}`;
    }
    printed.splice(place, 0, line + outcome);
  }
  return printed;
}

/**
 * Something for everything that a module imports. Functions report that they were called and return 0.
 *
 * @param {Uint8Array} bytes
 * @param {(line: string) => void} report
 */
function makeImports(bytes, report) {
  /** @type {Record<string, Record<string, any>>} */
  const imports = {};
  for (const { module, name, kind, type } of new Module(bytes).imports) {
    imports[module] ??= {};
    const limits = type.match(/^(\d+) (?:pages|slots)(?:, at most (\d+))?/);
    const initial = Number(limits?.[1]);
    const maximum = limits?.[2] ? Number(limits[2]) : undefined;
    if (kind === 'function') {
      imports[module][name] = (/** @type {any[]} */ ...args) => {
        report(`${module}.${name}(${args.join(', ')})`);
        return type.endsWith('i64') ? 0n : 0;
      };
    } else if (kind === 'memory') {
      imports[module][name] = new WebAssembly.Memory({ initial, maximum, shared: type.includes('shared') });
    } else if (kind === 'table') {
      imports[module][name] = new WebAssembly.Table({ initial, maximum, element: 'anyfunc' });
    } else if (kind === 'global') {
      const value = /** @type {any} */ (type.replace('mutable ', ''));
      imports[module][name] = new WebAssembly.Global(
        { value, mutable: type.startsWith('mutable') },
        value === 'i64' ? 0n : 0,
      );
    } else {
      imports[module][name] = new /** @type {any} */ (WebAssembly).Tag({ parameters: [] });
    }
  }
  return imports;
}

if (!isMainThread) parentPort?.postMessage(runLines(workerData.bytes, workerData.lines));
