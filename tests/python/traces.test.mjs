// @ts-check
// Traces of wasmtime: `weld symbolize` finds in debug information, in a file of it and in a source map the lines that
// wasmtime itself finds in the debug information of the module.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { compileText } from '../support/toolchain.mjs';

const python = path.resolve(rootDir, process.env.WELD_PYTHON ?? 'build/python/bin/python');
const weld = process.env.WELD ?? path.join(rootDir, 'build/native/weld');
const folder = path.join(scratchDir, 'wasmtime-traces');

const text = `static inline int third(int n) { return n / (n - 3); }
__attribute__((noinline)) static int second(int n) {
  return third(n) + 1;
}
int run(int n) {
  return 2 +
    second(n);
}
`;
const program = `
import sys, wasmtime
store = wasmtime.Store()
instance = wasmtime.Instance(store, wasmtime.Module.from_file(store.engine, sys.argv[1]), [])
try:
    instance.exports(store)['run'](store, 3)
except wasmtime.Trap as trap:
    print(trap)
`;

test('lines of a trap in wasmtime', async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const object = await compileText('trace.c', text, ['-g', '-O2']);
  const link = (/** @type {string[]} */ ...args) =>
    runOrThrow(weld, ['--no-entry', '--export=run', object, ...args], { cwd: folder });
  await link('-o', 'dwarf.wasm');
  await link('--separate-dwarf', '-o', 'separate.wasm');
  await link('--source-map', '-S', '-o', 'map.wasm');
  const trap = async (/** @type {string} */ name, details = '0') => {
    const env = { ...process.env, WASMTIME_BACKTRACE_DETAILS: details };
    return (await runOrThrow(python, ['-c', program, name], { cwd: folder, env })).stdout;
  };
  const lines = (/** @type {string} */ trace) =>
    [...trace.matchAll(/[^/\s(]*trace\.c:\d+:\d+/g)].map(([place]) => place);
  const known = lines(await trap('dwarf.wasm', '1'));
  assert.deepEqual(
    known.map((place) => place.replace(/:\d+$/, '')),
    ['trace.c:1', 'trace.c:3', 'trace.c:7'],
  );
  const symbolized = async (/** @type {string} */ file, /** @type {string} */ stdin) =>
    lines((await runOrThrow(weld, ['symbolize', file], { cwd: folder, stdin })).stdout);
  const stripped = await trap('separate.wasm', '1');
  assert.deepEqual(lines(stripped), []);
  assert.deepEqual(await symbolized('dwarf.wasm', await trap('dwarf.wasm')), known);
  assert.deepEqual(await symbolized('separate.wasm.debug.wasm', stripped), known);
  // A map knows the line of the instruction, and not that it was inlined.
  assert.deepEqual(await symbolized('map.wasm.map', await trap('map.wasm')), [known[0], known[2]]);
});
