// @ts-check
// weld in wasm-ld's place inside Emscripten: em++ links weld's own unit tests with it, and they pass in Node.
//
// The objects are those of the wasm build (CMake preset `wasm`; WELD_EMSCRIPTEN_BUILD names another folder). em++ finds
// its tools in one folder, EM_LLVM_ROOT: it gets a folder of links to the usual tools, and a `wasm-ld` that calls the
// linker under test and keeps what it wrote, before em++ goes on to change it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { cachedValue, hash, hashFiles } from '../support/content_cache.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { weldPath, welds } from '../support/linkers.mjs';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { versionOf, wasmLd } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const wasmBuild = path.resolve(rootDir, process.env.WELD_EMSCRIPTEN_BUILD ?? 'build/wasm');

/**
 * A folder with em++'s tools in which `wasm-ld` is the given linker.
 *
 * @param {string} linker
 * @param {string} folder
 */
function toolsWith(linker, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync('/usr/bin')) {
    if (/^(clang(\+\+)?|llvm-[a-z]+)(-14)?$/.test(name)) symlinkSync(path.join('/usr/bin', name), path.join(folder, name));
  }
  writeFileSync(
    path.join(folder, 'wasm-ld'),
    `#!/bin/bash
previous=
for argument; do [ "$previous" = -o ] && output=$argument; previous=$argument; done
( exec -a wasm-ld '${linker}' "$@" ) && cp "$output" "$WELD_KEEP_LINKED"
`,
    { mode: 0o755 },
  );
  symlinkSync('wasm-ld', path.join(folder, 'wasm-ld-14')); // Debian's em++ adds the version to the names
}

/** The command that CMake links the unit tests with, as words, without the shell around it. */
async function linkCommand() {
  const { stdout } = await runOrThrow('ninja', ['-C', wasmBuild, '-t', 'commands', 'weld_tests']);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  assert.match(line, /^: && \S*em\+\+ .* && :$/);
  return line.slice(': && '.length, -' && :'.length).split(/\s+/);
}

/**
 * @param {string} name
 * @param {string} linker
 */
async function linkAndRun(name, linker) {
  const folder = path.join(scratchDir, 'emscripten', name);
  const linked = path.join(folder, 'linked.wasm');
  const program = path.join(folder, 'weld_tests.js');
  const [tool, ...words] = await linkCommand();
  // At -O1 em++ leaves the linker's output nearly as it is, and takes seconds instead of half a minute.
  const args = words.map((word) => (word.startsWith('-O') ? '-O1' : word === 'weld_tests.js' ? program : word));
  const inputs = args.filter((arg) => /\.[oa]$/.test(arg)).map((arg) => path.join(wasmBuild, arg));
  const key = hash(hashFiles([linker, ...inputs]), JSON.stringify(args), await versionOf(tool));
  const value = await cachedValue('emscripten', key, async () => {
    toolsWith(linker, path.join(folder, 'tools'));
    const env = {
      ...process.env,
      EM_LLVM_ROOT: path.join(folder, 'tools'),
      NODE_PATH: '/usr/share/nodejs',
      WELD_KEEP_LINKED: linked,
    };
    await runOrThrow(tool, args, { cwd: wasmBuild, env, timeout: 300_000 });
    // Node's own `fetch` misleads Emscripten 3.1.6 into thinking that it is in a page.
    const outcome = await run(process.execPath, ['--no-experimental-fetch', program, '--gtest_print_time=0']);
    return { bytes: readFileSync(linked).toString('base64'), outcome };
  });
  return { linked, bytes: Buffer.from(value.bytes, 'base64'), outcome: value.outcome };
}

describe('Emscripten with weld for wasm-ld', () => {
  test('the unit tests pass', { timeout: 600_000 }, async () => {
    assert.ok(existsSync(path.join(wasmBuild, 'build.ninja')), `${wasmBuild} is not there: run the wasm build first`);
    assert.ok(welds.some(({ name }) => name === 'native'), 'em++ needs a program: the native weld');
    const expected = await linkAndRun('wasm-ld-19', wasmLd);
    const actual = await linkAndRun('weld', weldPath);
    assert.match(expected.outcome.stdout, /\[  PASSED  \]/);
    const told = explainDifference(expected.bytes, actual.bytes);
    assert.equal(told, '', `${expected.linked} (-) and ${actual.linked} (+)`);
    assert.equal(await validate(actual.bytes), '');
    assert.deepEqual(actual.outcome, expected.outcome);
    assert.equal(actual.outcome.code, 0);
  });
});
