// Compiles, links and runs, away from the page: a program that never ends is stopped by ending this worker.
import { ConsoleStdout, WASI } from '@bjorn3/browser_wasi_shim';
import { initialize } from 'wasm-weld';
import { Session } from './session.js';

/**
 * @typedef {import('./session.js').Problem} Problem
 * @typedef {{kind: 'open', module: WebAssembly.Module, more: WebAssembly.Module, snapshot: ArrayBuffer}} Open
 * @typedef {{kind: 'build', source: string}} Build
 * @typedef {{kind: 'opened', openMs: number, clockMs: number}} Opened
 * @typedef {{kind: 'built', problems: Problem[], changed: string[], compileMs: number, linkMs: number | undefined,
 *   bytes: number | undefined, listings: import('./session.js').Listing[]}} Built
 * @typedef {{kind: 'ran', printed: string, problem: Problem | undefined, loadMs: number, runMs: number}} Ran
 */

const mostPrinted = 200_000;

/** @type {Session} */
let session;

/** @param {Opened | Built | Ran} message */
const post = (message) => postMessage(message);

/** The smallest step of the clock: browsers make it coarse. */
function clockStep() {
  let least = Infinity;
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    let now = begin;
    while (now === begin) now = performance.now();
    least = Math.min(least, now - begin);
  }
  return least;
}

/** @param {Uint8Array} output @returns {Promise<Ran>} */
async function run(output) {
  let printed = '';
  const decoder = new TextDecoder();
  const print = (/** @type {Uint8Array} */ bytes) => {
    printed += decoder.decode(bytes, { stream: true });
    if (printed.length > mostPrinted) throw new Error('it printed too much');
  };
  const wasi = new WASI(
    ['program'],
    [],
    [new ConsoleStdout(() => {}), new ConsoleStdout(print), new ConsoleStdout(print)],
  );
  const begin = performance.now();
  const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (output));
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  const loaded = performance.now();
  let trap;
  try {
    wasi.start(
      /** @type {{exports: {memory: WebAssembly.Memory, _start: () => unknown}}} */ (/** @type {unknown} */ (instance)),
    );
  } catch (error) {
    trap = { error };
  }
  const times = { loadMs: loaded - begin, runMs: performance.now() - loaded };
  return { kind: 'ran', printed, problem: trap && (await session.explain(trap.error)), ...times };
}

/** @param {MessageEvent<Open | Build>} event */
onmessage = async ({ data }) => {
  if (data.kind === 'open') {
    const begin = performance.now();
    await initialize({ wasmModule: data.module, moreModule: data.more });
    session = await Session.open({ snapshot: data.snapshot });
    post({ kind: 'opened', openMs: performance.now() - begin, clockMs: clockStep() });
    return;
  }
  const { output, ...built } = session.build(data.source);
  post({ kind: 'built', ...built, bytes: output?.length, listings: output ? session.listings() : [] });
  if (output) post(await run(output));
};
