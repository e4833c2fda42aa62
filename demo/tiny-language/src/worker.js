// Compiles, links and runs, away from the page: a program that never ends is stopped by ending this worker.
import { initialize } from 'wasm-weld';
import { Live, printing } from './live.js';
import { Session } from './session.js';

/**
 * @typedef {import('./session.js').Problem} Problem
 * @typedef {{kind: 'open', module: WebAssembly.Module, more: WebAssembly.Module, snapshot: ArrayBuffer}} Open
 * @typedef {{kind: 'build', source: string}} Build
 * @typedef {{kind: 'opened', openMs: number, clockMs: number}} Opened
 * @typedef {{kind: 'built', problems: Problem[], changed: string[], compileMs: number, linkMs: number | undefined,
 *   bytes: number | undefined, listings: import('./session.js').Listing[]}} Built
 * @typedef {{kind: 'ran', printed: string, problem: Problem | undefined, loadMs: number, runMs: number, live?: {why: string[], patches: number}}} Ran
 * `live`: the program keeps running. Why it was started anew, or else how many patches it has. `loadMs` is for applying the patch.
 * @typedef {{kind: 'frame', printed: string, problem: Problem | undefined}} Frame
 */

/** From frame to frame. */
const frameMs = 60;

/** @type {Session} */
let session;
/** @type {Promise<Live>} It is opened with the first program that keeps running. */
let live;
/** @type {() => Promise<Live>} */
let openLive;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let nextFrame;

/** @param {Opened | Built | Ran | Frame} message */
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
  const wasi = printing((text) => (printed += text).length);
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

/** @param {unknown} error */
const problemOf = (error) => ({
  message: error instanceof Error ? error.message : String(error),
  from: undefined,
  to: undefined,
  warning: false,
});

/** A frame of the program that keeps running, and the time that it took. @param {Live} live @returns {{printed: string, problem: Problem | undefined, runMs: number}} */
function oneFrame(live) {
  const begin = performance.now();
  try {
    const printed = live.frame();
    nextFrame = setTimeout(() => post({ kind: 'frame', ...oneFrame(live) }), frameMs);
    return { printed, problem: undefined, runMs: performance.now() - begin };
  } catch (error) {
    // It stands still until an edit mends it.
    return { printed: '', problem: problemOf(error), runMs: performance.now() - begin };
  }
}

/** @param {string} source */
async function build(source) {
  const running = await live;
  // The program that runs has the edit first.
  let edited = running?.isRunning ? running.build(source) : undefined;
  const { output, ...built } = session.build(source);
  const { hasFrame } = session.program;
  if (output && hasFrame && !edited) edited = (await (live ??= openLive())).build(source);
  const { changed, compileMs, linkMs } = edited ?? built;
  const listings = output ? session.listings() : [];
  post({ kind: 'built', problems: built.problems, changed, compileMs, linkMs, bytes: output?.length, listings });
  if (!output) return; // what runs keeps running
  clearTimeout(nextFrame);
  if (hasFrame && edited) {
    const { applyMs, why, patches, trap } = edited;
    const ran = trap ? { printed: '', problem: problemOf(trap.error), runMs: 0 } : oneFrame(await live);
    post({ kind: 'ran', ...ran, loadMs: applyMs, live: { why, patches } });
  } else {
    running?.end();
    post(await run(output));
  }
}

/** @param {MessageEvent<Open | Build>} event */
onmessage = async ({ data }) => {
  if (data.kind === 'build') return build(data.source);
  const begin = performance.now();
  await initialize({ wasmModule: data.module, moreModule: data.more });
  const { snapshot } = data;
  session = await Session.open({ snapshot });
  openLive = async () => new Live(await Session.openLive({ snapshot }));
  post({ kind: 'opened', openMs: performance.now() - begin, clockMs: clockStep() });
};
