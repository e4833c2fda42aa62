// @ts-check
// A thread. It waits at `gate` until all threads are there, so that they start, and then run, at the same time.
import { parentPort, workerData } from 'node:worker_threads';

const { module, rooms, memories, thread, threads, times } = workerData;
const gate = new Int32Array(workerData.gate);
let gates = 0;

function meet() {
  const enough = threads * ++gates;
  if (Atomics.add(gate, 0, 1) + 1 === enough) Atomics.notify(gate, 0);
  for (let here; (here = Atomics.load(gate, 0)) < enough; ) Atomics.wait(gate, 0, here);
}

for (const memory of memories) {
  meet();
  const exports = /** @type {Record<string, any>} */ (new WebAssembly.Instance(module, { env: { memory } }).exports);
  exports.__stack_pointer.value = rooms[thread].stackTop;
  exports.__wasm_init_tls(rooms[thread].block);
  const tableSum = exports.table_sum();
  const state = () => ({
    base: exports.__tls_base.value,
    count: exports.own_count(),
    initial: exports.own_initial(),
    value: exports.own_value(),
    zeros: exports.own_zeros(),
    letter: String.fromCharCode(exports.own_letter()),
    aligned: exports.own_aligned(),
    address: exports.own_address(),
  });
  const before = state();
  meet();
  exports.add(thread, times);
  parentPort?.postMessage({ tableSum, before, after: state(), stack: exports.stack_address(5) });
}
