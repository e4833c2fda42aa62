// @ts-check
// Threads: workers that share a module and its memory, each with a stack and thread-local data of its own.
//
// Debian's wasi-libc has no variant with threads (--target=wasm32-wasi-threads), so the program has no C library, and
// this test does what one would do when it makes a thread. clang passes --shared-memory only for that variant.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { levels } from './programs.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { scratchDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { compile } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const sources = path.join(testsDir, 'programs', 'threads');
const pages = { initial: 16, maximum: 64 };
const pageSize = 65536;
const stackSize = 16384;
const threads = 2;

/**
 * Links by calling clang.
 *
 * @param {string} level
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {import('../support/linkers.mjs').CalledAs} as
 */
async function link(level, linker, as) {
  const folder = path.join(scratchDir, 'threads', level, linker.name, as);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const flags = [...levels[level], '-pthread', '-matomics', '-mbulk-memory'];
  const header = path.join(sources, 'threads.h');
  const objects = await Promise.all(
    ['data.c', 'threads.c'].map((name) => compile(path.join(sources, name), flags, [header])),
  );
  const options = [
    '--no-entry',
    '--shared-memory',
    '--import-memory',
    `--initial-memory=${pages.initial * pageSize}`,
    `--max-memory=${pages.maximum * pageSize}`,
    ...['__wasm_init_tls', '__tls_base', '__tls_size', '__tls_align', '__stack_pointer', '__heap_base'].map(
      (name) => `--export=${name}`,
    ),
  ];
  const output = path.join(folder, 'threads.wasm');
  const driver = ['--target=wasm32-wasi', '-pthread', '-nostdlib', `-fuse-ld=${linker.program(as)}`];
  await runOrThrow('clang-19', [...driver, ...objects, `-Wl,${options}`, '-o', output]);
  const bytes = readFileSync(output);
  assert.equal(await validate(bytes), '');
  return bytes;
}

const newMemory = () => new WebAssembly.Memory({ ...pages, shared: true });

/**
 * Room for each thread's stack and thread-local data, behind the program's own data.
 *
 * @param {Record<string, any>} exports
 */
function roomsAfter({ __heap_base, __tls_size, __tls_align }) {
  const align = (/** @type {number} */ at, /** @type {number} */ to) => Math.ceil(at / to) * to;
  let at = align(__heap_base.value, 16);
  return Array.from({ length: threads + 1 }, () => {
    const start = at;
    const stackTop = start + stackSize;
    const block = align(stackTop, __tls_align.value);
    at = align(block + __tls_size.value, 16);
    return { start, stackTop, block, end: at };
  });
}

/**
 * Runs threads 1, 2, ... at the same time, once with each memory; what they report is sorted by memory, then thread.
 *
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory[]} memories
 * @param {ReturnType<typeof roomsAfter>} rooms
 * @param {number} times
 */
async function runThreads(module, memories, rooms, times) {
  const gate = new SharedArrayBuffer(4);
  const reports = await Promise.all(
    Array.from({ length: threads }, (_, i) => {
      const workerData = { module, memories, rooms, gate, times, thread: i + 1, threads };
      return new Promise((resolve, reject) => {
        /** @type {any[]} */
        const said = [];
        const worker = new Worker(path.join(sources, 'worker.mjs'), { workerData });
        const timer = setTimeout(() => worker.terminate(), 20_000);
        worker.on('message', (report) => said.push(report));
        worker.on('error', reject);
        worker.on('exit', () => (clearTimeout(timer), resolve(said)));
      });
    }),
  );
  return memories.map((_, m) => reports.map((said) => said[m]));
}

/** @param {Uint8Array} bytes */
async function threadsAreSeparate(bytes) {
  const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  const memory = newMemory();
  const main = /** @type {Record<string, any>} */ (new WebAssembly.Instance(module, { env: { memory } }).exports);
  const rooms = roomsAfter(main);
  const times = 50_000;
  // The thread that initialises memory has its block at once. What it changes must be neither lost nor inherited.
  assert.equal(main.add(0, 10), 110);
  const [reports] = await runThreads(module, [memory], rooms, times);

  assert.equal(reports.length, threads);
  reports.forEach(({ tableSum, before, after, stack }, i) => {
    const thread = i + 1;
    const { start, stackTop, block, end } = rooms[thread];
    const { base, address, aligned, ...values } = before;
    assert.equal(tableSum, 40000);
    assert.equal(base, block);
    assert.equal(aligned, 64);
    assert.ok(block <= address && address < end, `thread-local data is at ${address}, not in ${block} to ${end}`);
    assert.ok(start <= stack && stack < stackTop, `the stack is at ${stack}, not in ${start} to ${stackTop}`);
    assert.deepEqual(values, { count: 100, initial: 7, value: 7, zeros: 0, letter: 'o' });
    const expected = { count: 100 + times, initial: 7, value: 7 + times * thread, zeros: times, letter: 'abc'[thread] };
    assert.deepEqual(after, { base, address, aligned, ...expected });
    assert.equal(main.address_in(thread), address);
    assert.equal(new DataView(memory.buffer).getInt32(address, true), 100 + times);
    assert.equal(main.shared_zeros(thread), times);
  });
  assert.equal(main.shared_count(), 1000 + 10 + threads * times);
  assert.equal(main.shared_sum(), BigInt((times * (threads * (threads + 1))) / 2));
  assert.equal(main.own_count(), 110);
  assert.equal(main.own_value(), 7);
  assert.equal(main.address_in(0), main.own_address());
}

/** @param {Uint8Array} bytes */
async function memoryIsInitialisedOnce(bytes) {
  const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  const instantiate = (/** @type {WebAssembly.Memory} */ memory) =>
    /** @type {Record<string, any>} */ (new WebAssembly.Instance(module, { env: { memory } }).exports);
  const rooms = roomsAfter(instantiate(newMemory()));
  const memories = Array.from({ length: 40 }, newMemory);
  const reports = await runThreads(module, memories, rooms, 10);
  memories.forEach((memory, m) => {
    // Whoever came second has waited for the first; a second initialisation would have taken something back.
    assert.deepEqual(
      reports[m].map(({ tableSum }) => tableSum),
      [40000, 40000],
    );
    assert.equal(instantiate(memory).shared_count(), 1000 + threads * 10);
  });
}

for (const level of Object.keys(levels)) {
  describe(`threads, ${level}`, () => {
    for (const weld of welds) {
      for (const as of /** @type {const} */ (['wasm-ld', 'weld'])) {
        test(`${weld.name} as ${as}`, async () => {
          const bytes = await link(level, weld, as);
          if (as === 'wasm-ld') assert.equal(explainDifference(await link(level, reference, as), bytes), '');
          await threadsAreSeparate(bytes);
          await memoryIsInitialisedOnce(bytes);
        });
      }
    }
  });
}
