// @ts-check
// The limits that the WebAssembly JavaScript interface sets: at a limit the engine takes the module and weld is silent; beyond
// it the engine refuses the module and weld warns, with both numbers. Called as wasm-ld, weld is silent as wasm-ld is.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleBytes } from '../support/bytes.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';

/**
 * An object with one exported function `run`.
 *
 * @param {{ type?: string, body?: string }} parts
 */
const functionObject = ({ type = '60 leb(0) leb(0)', body = '00 0b' }) => `
  module section(1) { leb(1) ${type} } section(3) { leb(1) leb(0) } section(10) { leb(1) size { ${body} } }
  custom("linking") { leb(2) section(8) { leb(1) 00 leb(0x20) leb(0) str("run") } }`;

/** @param {number} count */
function segmentsObject(count) {
  const each = (/** @type {(i: number) => string} */ text) =>
    Array.from({ length: count }, (_, i) => text(i)).join(' ');
  return `module section(11) { leb(${count}) repeat(${count}) { 00 41 00 0b leb(1) 01 } }
    custom("linking") { leb(2)
      section(5) { leb(${count}) ${each((i) => `str("d${i}") leb(0) leb(0)`)} }
      section(8) { leb(${count}) ${each((i) => `01 leb(4) str("d${i}") leb(${i}) leb(0) leb(1)`)} } }`;
}

/** @type {[string, number, (n: number) => string, string[]?][]} */
const limits = [
  [
    'the number of parameters of a function',
    1000,
    (n) => functionObject({ type: `60 leb(${n}) repeat(${n}) { 7f } leb(0)` }),
  ],
  [
    'the number of results of a function',
    1000,
    (n) => functionObject({ type: `60 leb(0) leb(${n}) repeat(${n}) { 7f }`, body: `00 repeat(${n}) { 41 00 } 0b` }),
  ],
  ['the number of locals of `run`', 50000, (n) => functionObject({ body: `01 leb(${n}) 7f 0b` })],
  [
    'the number of locals of `run`',
    50000,
    (n) => functionObject({ type: '60 leb(2) 7f 7e leb(0)', body: `02 leb(${n - 3}) 7f leb(1) 7e 0b` }),
  ],
  [
    'the number of bytes of the body of `run`',
    7654321,
    (n) => functionObject({ body: `00 repeat(7654) { repeat(1000) { 01 } } repeat(${n - 2 - 7654000}) { 01 } 0b` }),
  ],
  [
    'the number of data segments',
    100000,
    segmentsObject,
    ['--no-merge-data-segments', '--no-gc-sections', '--initial-memory=1048576'],
  ],
  [
    'the size of a table',
    10000000,
    (n) => `module section(4) { leb(1) 6f 00 leb(${n}) }
      custom("linking") { leb(2) section(8) { leb(1) 05 leb(0x20) leb(0) str("t") } }`,
  ],
];

// The size of a table is looked at when it is made.
const isTaken = (/** @type {Buffer} */ bytes) => {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes))) !== null;
  } catch {
    return false;
  }
};

for (const weld of welds)
  describe(weld.name, () => {
    const folder = path.join(scratchDir, 'engine_limits', weld.name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    limits.forEach(([what, limit, object, more = []], row) =>
      test(what, async () => {
        const name = `${row}.o`;
        const args = ['--no-entry', ...more, name, '-o', 'out.wasm'];
        for (const count of [limit, limit + 1]) {
          writeFileSync(path.join(folder, name), assembleBytes(object(count), folder));
          const exported = '--log-override=nothing-exported=silent';
          const outcome = await weld.link([exported, ...args], { cwd: folder, as: 'weld' });
          const module = readFileSync(path.join(folder, 'out.wasm'));
          assert.equal(outcome.code, 0, outcome.stderr);
          const [first = ''] = outcome.stderr.split('\n');
          assert.equal(first, count > limit ? `weld: warning: ${what} is ${count}; engines take at most ${limit}` : '');
          assert.equal(isTaken(module), count <= limit, 'what the engine says');
        }
        assert.equal((await weld.link(args, { cwd: folder })).stderr, '');
      }),
    );
  });
