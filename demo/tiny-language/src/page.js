// The page: an editor, and what came of its text.
import wasmURL from 'wasm-weld/weld.wasm?url';
import moreURL from 'wasm-weld/weld-more.wasm?url';
import ball from '../examples/ball.tiny?raw';
import tour from '../examples/tour.tiny?raw';
import queens from '../examples/queens.tiny?raw';
import wrong from '../examples/wrong.tiny?raw';
import { createEditor } from './editor.js';
import { lineAndColumn } from './syntax.js';

/**
 * @typedef {import('./worker.js').Built} Built
 * @typedef {import('./worker.js').Ran} Ran
 * @typedef {import('./worker.js').Frame} Frame
 * @typedef {import('./worker.js').Opened} Opened
 * @typedef {import('./session.js').Problem} Problem
 */

/** @type {Record<string, string>} */
const examples = { tour, queens, ball, wrong };
const patienceMs = 2000; // for a run

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @type {Opened | undefined} */
let opened;
/** @type {Built | undefined} */
let built;
/** @type {Worker | undefined} */
let worker;
/** @type {ReturnType<typeof setTimeout> | undefined} Set while a program is built and runs. */
let patience;
let waiting = false; // the text is newer than what is built
let opens = 0;
let runs = 0; // of this worker

const editor = createEditor(element('editor'), tour, {
  changed() {
    waiting = true;
    build();
  },
  moved: showListing,
});

const parts = Promise.all([
  WebAssembly.compileStreaming(fetch(wasmURL)),
  WebAssembly.compileStreaming(fetch(moreURL)),
  fetch('./library.snapshot').then((response) => {
    if (!response.ok) throw new Error(`library.snapshot: ${response.statusText}`);
    return response.arrayBuffer();
  }),
]);

async function open() {
  opened = undefined;
  const [module, more, snapshot] = await parts;
  worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = receive;
  worker.onerror = ({ message }) => fail(message);
  worker.postMessage({ kind: 'open', module, more, snapshot });
}

// Edits that come while a program runs are one edit when it has ended.
function build() {
  if (!worker || !opened || patience !== undefined || !waiting) return;
  waiting = false;
  patience = setTimeout(stop, patienceMs);
  worker.postMessage({ kind: 'build', source: editor.text });
}

function stop() {
  worker?.terminate();
  patience = undefined;
  showProblems([
    { message: `stopped: it ran for ${patienceMs / 1000} s`, from: undefined, to: undefined, warning: false },
  ]);
  showTime('run', undefined);
  open().catch(fail);
}

/** @param {unknown} why */
function fail(why) {
  showProblems([
    {
      message: `this page does not work here: ${why instanceof Error ? why.message : why}`,
      from: undefined,
      to: undefined,
      warning: false,
    },
  ]);
}

function done() {
  clearTimeout(patience);
  patience = undefined;
  build();
}

/** @param {MessageEvent<Opened | Built | Ran | Frame>} event */
function receive({ data, target }) {
  if (target !== worker) return; // it was ended
  if (data.kind === 'opened') {
    opened = data;
    opens++;
    runs = 0;
    element('clock').textContent =
      `The linker began with C's library from a snapshot, in ${timeText(data.openMs)}${opens > 1 ? ', again after a program that did not end' : ''}. ` +
      `This browser's clock has steps of ${timeText(data.clockMs)}.`;
    if (opens === 1) waiting = true;
    build();
  } else if (data.kind === 'built') {
    showProblemsOfThisText(data.problems);
    showTime('compile', data.compileMs);
    showTime('link', data.linkMs);
    element('changed').textContent =
      data.changed.length > 0 ? data.changed.map((key) => key.replace(/\(.*/, '')).join(', ') : 'none';
    element('size').textContent = data.bytes === undefined ? '–' : `${data.bytes.toLocaleString('en')} bytes`;
    document.body.classList.toggle('failed', data.bytes === undefined);
    if (data.bytes === undefined) {
      showTime('load', undefined);
      showTime('run', undefined);
      done();
    } else {
      built = data;
      showListing(editor.cursor);
    }
  } else if (data.kind === 'frame') {
    if (data.problem) showProblemsOfThisText([...(built?.problems ?? []), data.problem]);
    else element('printed').textContent = data.printed;
  } else {
    showLive(data.live);
    element('printed').textContent = data.printed;
    showTime('load', data.loadMs);
    showTime('run', data.runMs);
    element('first').hidden = ++runs > 1;
    if (data.problem) showProblemsOfThisText([...(built?.problems ?? []), data.problem]);
    done();
  }
}

/** With two figures at least, and never wider than its place. @param {number} ms */
function timeText(ms) {
  if (ms < 1) return `${Math.max(Math.round(ms * 1000), 1)} µs`;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(1)} s`;
}

/** @param {'compile' | 'link' | 'load' | 'run'} what @param {number | undefined} ms */
function showTime(what, ms) {
  const step = opened?.clockMs ?? 0;
  element(what).textContent = ms === undefined ? '–' : ms < step ? `< ${timeText(step)}` : timeText(ms);
}

/** Of a text that has been edited since, places would be wrong. It is judged again at once. @param {Problem[]} problems */
function showProblemsOfThisText(problems) {
  if (!waiting) showProblems(problems);
}

/** @param {Problem[]} problems */
function showProblems(problems) {
  editor.mark(problems);
  const { text } = editor;
  element('problems').replaceChildren(
    ...problems.map(({ message, from, warning }) => {
      const item = document.createElement('li');
      item.className = warning ? 'warning' : 'error';
      if (from !== undefined) {
        const { line, column } = lineAndColumn(text, from);
        const place = document.createElement('button');
        place.textContent = `${line}:${column}`;
        place.title = 'Go there';
        place.onclick = () => editor.goTo(from);
        item.append(place, ' ');
      }
      item.append(message);
      return item;
    }),
  );
}

/** The function under the cursor, as it is in the module; what the cursor's line became is marked. @param {number} at */
function showListing(at) {
  const listing =
    built?.listings.find(({ from, to }) => from <= at && at <= to) ??
    built?.listings.find(({ key }) => key.startsWith('main('));
  if (!listing) return;
  const { text } = editor;
  const lineFrom = text.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = text.indexOf('\n', at);
  const lineTo = lineEnd < 0 ? text.length : lineEnd;
  const calls = listing.rows.filter(({ call }) => call);
  const size = listing.rows.reduce((sum, { bytes }) => sum + bytes.length, 0);
  element('function').textContent = listing.key;
  element('calls').textContent = listing.rows.length
    ? `${size} bytes of instructions; ${calls.length} calls of ${[...new Set(calls.map(({ bytes }) => bytes.length))].join(' or ') || 'no'} bytes each`
    : 'Nothing calls it: it is not in the module.';
  element('listing').replaceChildren(
    ...listing.rows.map(({ at: offset, bytes, text: instruction, call, place }) => {
      const row = document.createElement('tr');
      if (call) row.classList.add('call');
      if (place !== undefined && place >= lineFrom && place <= lineTo) row.classList.add('here');
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      for (const cell of [offset.toString(16).padStart(5, '0'), hex, instruction]) row.insertCell().textContent = cell;
      return row;
    }),
  );
  const here = /** @type {HTMLElement | null} */ (document.querySelector('#listing .here'));
  const frame = element('instructions');
  if (here && here.offsetTop + here.offsetHeight > frame.scrollTop + frame.clientHeight)
    frame.scrollTop = here.offsetTop - 40;
  else if (!here || here.offsetTop < frame.scrollTop) frame.scrollTop = here ? here.offsetTop - 40 : 0;
}

/** A program that keeps running is patched, and not loaded again. @param {Ran['live']} live */
function showLive(live) {
  element('load-label').textContent = live && live.patches > 0 ? 'apply' : 'load';
  element('run-label').textContent = live ? 'frame' : 'run';
  element('live').textContent = !live
    ? ''
    : live.why.length > 0
      ? `Started anew, because ${live.why.join('; ')}`
      : live.patches > 0
        ? `It continues: ${live.patches} ${live.patches === 1 ? 'patch' : 'patches'} since it was started`
        : 'It continues: an edit is patched into it while it runs';
}

for (const name of Object.keys(examples)) element('examples').append(new Option(name, name));
element('examples').onchange = (event) =>
  editor.replace(examples[/** @type {HTMLSelectElement} */ (event.target).value]);
open().catch(fail);
