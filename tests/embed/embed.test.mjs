// @ts-check
// weld as a library in another project: installed and found by find_package; and by add_subdirectory, where pull requests
// compile what the project itself has, and --all all of weld.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildDir, rootDir, scratchDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { testsAll } from '../support/tier.mjs';
import { compileText } from '../support/toolchain.mjs';

const top = path.join(scratchDir, 'embed');
const source = path.join(testsDir, 'embed');
const timeout = 900_000;

/** @param {string} name @param {string[]} settings */
async function configure(name, settings) {
  const folder = path.join(top, name);
  rmSync(folder, { recursive: true, force: true });
  const compilers = ['-DCMAKE_CXX_COMPILER=g++', '-DCMAKE_C_COMPILER=gcc', '-DCMAKE_BUILD_TYPE=Release'];
  await runOrThrow('cmake', ['-S', source, '-B', folder, '-G', 'Ninja', ...compilers, ...settings], { timeout });
  return folder;
}

/** @param {string} folder of the build */
async function runProgram(folder) {
  const object = await compileText('add.c', 'int add(int a, int b) { return a + b; }\n', ['-O1']);
  const outputs = path.join(folder, 'outputs');
  mkdirSync(outputs, { recursive: true });
  const { stdout } = await runOrThrow(path.join(folder, 'embed'), [object, outputs], { timeout });
  assert.match(stdout, /^weld \d+\.\d+\.\d+: done, with RTTI\n$/);
  for (const [name, more] of /** @type {const} */ ([
    ['first', 1],
    ['second', 100],
    ['restored', 100],
  ])) {
    const { instance } = await WebAssembly.instantiate(readFileSync(path.join(outputs, `${name}.wasm`)));
    const exports = /** @type {Record<string, (...numbers: number[]) => number>} */ (instance.exports);
    assert.equal(exports.add?.(2, 3), 5);
    assert.equal(exports.twice?.(4), 8 + more, name);
  }
}

test('an installed weld', async () => {
  const prefix = path.join(top, 'installed');
  rmSync(prefix, { recursive: true, force: true });
  await runOrThrow('cmake', ['--install', path.join(buildDir, 'native'), '--prefix', prefix], { timeout });
  const { stdout } = await runOrThrow('find', [prefix, '-name', '*.h'], { timeout });
  const face = ['options.h', 'weld.h'].map((name) => path.join(prefix, 'include/weld', name));
  assert.deepEqual(stdout.trim().split('\n').sort(), face, 'the public face alone is installed');
  const folder = await configure('with-package', [`-DCMAKE_PREFIX_PATH=${prefix}`]);
  await runOrThrow('cmake', ['--build', folder], { timeout });
  await runProgram(folder);
});

test("weld's sources in another project", async () => {
  const folder = await configure('with-sources', [`-DWELD_SOURCE=${rootDir}`]);
  await runOrThrow('cmake', ['--build', folder, ...(testsAll ? [] : ['--target', 'embed_main'])], { timeout });
  if (testsAll) await runProgram(folder);
});

// The face has its own struct of options: core/api/options.cpp hands each over.
test('every option of the inside can be given', () => {
  const read = (/** @type {string} */ file) => readFileSync(path.join(rootDir, file), 'utf8');
  const inside = read('core/link/options.h').split('struct Options :')[0] ?? '';
  const fields = [...inside.matchAll(/^ {2}(?:std::\w+<[^;]*?>|[\w:<>]+) (\w+)(?: =[^;]*)?;/gm)].map(
    ([, name]) => name,
  );
  assert.ok(fields.length > 60);
  const handed = read('core/api/options.cpp');
  const withEngine = ['validate']; // the engine comes with the npm package
  const missing = fields.filter(
    (name) => !withEngine.includes(name ?? '') && !new RegExp(`WELD_SAME\\(${name}\\)|\\bto\\.${name}\\b`).test(handed),
  );
  assert.deepEqual(missing, []);
});
