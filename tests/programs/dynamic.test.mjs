// @ts-check
// Dynamic linking: a main module and two side modules that call each other, share data and hold each other's addresses,
// put together by a small loader. The main module is a program linked as usual, or a position-independent executable.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Loader, readDylink } from './dynamic/loader.mjs';
import { levels } from './programs.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { scratchDir, testsDir } from '../support/paths.mjs';
import { compile } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';
import { Module } from '../support/wasm_module.mjs';

/** @typedef {import('../support/linkers.mjs').Linker} Linker */
/** @typedef {import('../support/linkers.mjs').CalledAs} CalledAs */
/** @typedef {Record<'main' | 'static' | 'left' | 'right', Buffer>} Linked */

const sources = path.join(testsDir, 'programs', 'dynamic');
const pic = ['--experimental-pic', '--unresolved-symbols=import-dynamic'];
const links = {
  left: { source: 'left.c', args: ['-shared', ...pic] },
  right: { source: 'right.c', args: ['-shared', ...pic] },
  main: { source: 'main.c', args: ['-pie', '--no-entry', '--export-dynamic', '--import-memory', ...pic] },
  static: {
    source: 'main.c',
    args: [
      '--no-entry',
      '--allow-undefined',
      '--export-dynamic',
      '--export-table',
      '--growable-table',
      '--export=__stack_pointer',
    ],
  },
};

/**
 * @param {string} level
 * @param {Linker} linker
 * @param {CalledAs} as
 */
async function linkAll(level, linker, as) {
  const folder = path.join(scratchDir, 'dynamic', level, linker.name, as);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const linked = /** @type {Linked} */ ({});
  for (const [name, { source, args }] of Object.entries(links)) {
    const flags = [...levels[level], '-fvisibility=default', ...(name === 'static' ? [] : ['-fPIC'])];
    const object = await compile(path.join(sources, source), flags, [path.join(sources, 'dynamic.h')]);
    const outcome = await linker.link([object, ...args, '-o', `${name}.wasm`], { cwd: folder, as });
    assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
    linked[/** @type {keyof Linked} */ (name)] = readFileSync(path.join(folder, `${name}.wasm`));
    assert.equal(await validate(linked[/** @type {keyof Linked} */ (name)]), '');
  }
  return linked;
}

/** @param {Record<string, any>[]} modules main, left, right */
function check([main, left, right]) {
  // Each returns the line of the first condition that does not hold.
  assert.equal(left.left_check(), 0, 'left.c');
  assert.equal(main.main_check(), 0, 'main.c');
  assert.equal(right.right_check(), 0, 'right.c');
}

/** @param {Linked} linked */
function independentMain({ main, left, right }) {
  check(Loader.empty().load(main, left, right));
  const [l, m, r] = Loader.empty().load(left, main, right);
  check([m, l, r]);
}

/** @param {Linked} linked */
function staticMain(linked) {
  /** @type {Loader} */
  let loader;
  const named = (/** @type {number} */ at) => {
    const bytes = new Uint8Array(loader.memory.buffer);
    return loader.addressOf(new TextDecoder().decode(bytes.subarray(at, bytes.indexOf(0, at))));
  };
  // The side modules are loaded later: until then, what main imports from them only has a name.
  const imports = Object.fromEntries(
    new Module(linked.static).imports.map(({ name }) => [
      name,
      (/** @type {any[]} */ ...args) => /** @type {Function} */ (loader.symbols.get(name))(...args),
    ]),
  );
  const { exports } = new WebAssembly.Instance(
    new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (linked.static)),
    {
      env: { ...imports, address_of: named, function_of: named },
    },
  );
  const main = /** @type {Record<string, any>} */ (exports);
  loader = new Loader(main.memory, main.__indirect_function_table, main.__stack_pointer);
  loader.define(main, 0);
  check([main, ...loader.load(linked.left, linked.right)]);
}

/** @param {Linked} linked */
function whatModulesSay(linked) {
  const left = readDylink(new Module(linked.left));
  assert.equal(left?.memoryAlignment, 256);
  assert.ok(left.memorySize > 5000 * 4);
  assert.deepEqual([...left.weakImports].sort(), ['nowhere_data', 'nowhere_function']);
  assert.equal(readDylink(new Module(linked.static)), undefined);
}

for (const level of Object.keys(levels)) {
  describe(`dynamic linking, ${level}`, async () => {
    for (const weld of welds) {
      for (const as of /** @type {const} */ (['wasm-ld', 'weld'])) {
        test(`${weld.name} as ${as}`, async (t) => {
          const linked = await linkAll(level, weld, as);
          if (as === 'wasm-ld') {
            const expected = await linkAll(level, reference, as);
            for (const name of /** @type {(keyof Linked)[]} */ (Object.keys(links)))
              assert.equal(explainDifference(expected[name], linked[name]), '', name);
          }
          whatModulesSay(linked);
          await t.test('a position-independent main module', () => independentMain(linked));
          await t.test('a static main module', () => staticMain(linked));
        });
      }
    }
  });
}
