// @ts-check
// Beside the real `@yowasp/clang`: what its clang compiles, with its library, weld links as its wasm-ld does.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { addressOf, load } from '../others/load.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { folder, project, write } from './packed.mjs';

const { Exit: TheirExit, commands: theirCommands, runLLVM } = await load('@yowasp/clang');
const installed = path.join(project, 'node_modules/wasm-weld/dist');
/** @type {typeof import('../../js/dist/index.js')} */
const { initialize, link } = await import(pathToFileURL(path.join(installed, 'index.js')).href);
/** @type {typeof import('../../js/dist/run.js')} */
const { commands, Exit, run } = await import(pathToFileURL(path.join(installed, 'run.js')).href);
/** @type {typeof import('../../js/dist/wasi.js')} */
const { sysroot } = await import(pathToFileURL(path.join(installed, 'wasi.js')).href);

const quiet = { fetchProgress() {} };
const c = '#include <stdio.h>\nint main(int argc, char **argv) { printf("hello from C, %.2f\\n", argc * 0.5); }\n';
const cpp =
  '#include <iostream>\n#include <map>\nint main() { std::map<std::string, int> m{{"C++", 1}}; for (auto& [k, v] : m) std::cout << "hello from " << k << "\\n"; }\n';
await runLLVM(undefined, {}, quiet); // fetches it
const compiledC = /** @type {any} */ (await theirCommands.clang(['-c', 'hello.c'], { 'hello.c': c }, quiet));
// Without this option the code wants exceptions that its libc++ does not have.
const compiledCpp = /** @type {any} */ (
  await theirCommands['clang++'](['-fno-exceptions', '-c', 'hello.cpp'], { 'hello.cpp': cpp }, quiet)
);
const from = new URL('llvm-resources.tar', addressOf('@yowasp/clang'));
const inC = await sysroot({ from });
const inCpp = await sysroot({ from, language: 'c++' });

/** @param {Uint8Array | undefined} module */
async function printed(module) {
  assert.ok(module);
  const { stdout, code } = await runWasi(write('hello.wasm', module), {});
  assert.equal(code, 0);
  return stdout;
}

test('hello world in C and C++: compiled there, linked here', async () => {
  const hello = await link(inC.request({ inputs: [{ name: 'hello.o', bytes: compiledC['hello.o'] }] }));
  assert.deepEqual(hello.diagnostics, []);
  assert.equal(await printed(hello.output), 'hello from C, 0.50\n');
  const hellopp = await link(inCpp.request({ inputs: [{ name: 'hello.o', bytes: compiledCpp['hello.o'] }] }));
  assert.deepEqual(hellopp.diagnostics, []);
  assert.equal(await printed(hellopp.output), 'hello from C++\n');
});

/** The files of a sysroot, as a tree. @param {typeof inC} sysroot */
const treeOf = ({ before, after }) => ({
  lib: Object.fromEntries([...before, ...after].map(({ name, bytes }) => [name, /** @type {Uint8Array} */ (bytes)])),
});
const args = ['-L/lib', 'lib/crt1-command.o', 'hello.o'];
const afterC = ['-lc', 'lib/libclang_rt.builtins-wasm32.a', '-o', 'out/hello.wasm'];

test('run takes the tree that its clang returns, and gives the bytes of its wasm-ld', async () => {
  for (const [tree, found, libraries] of [
    [compiledC, inC, []],
    [compiledCpp, inCpp, ['-lc++', '-lc++abi']],
  ]) {
    const files = { ...tree, ...treeOf(found), out: {} };
    const command = [...args, ...libraries, ...afterC];
    const theirs = /** @type {any} */ (await runLLVM(['wasm-ld', ...command], files, quiet));
    const ours = /** @type {any} */ (await run(['wasm-ld-22', ...command], files));
    assert.deepEqual(ours.out['hello.wasm'], theirs.out['hello.wasm']);
    assert.deepEqual(Object.keys(ours).sort(), Object.keys(theirs).sort());
    assert.equal(ours['hello.c'], theirs['hello.c']);
  }
});

/** What a command says and does. @param {Function} command @param {unknown[]} rest @param {Record<string, unknown>} [options] */
async function outcome(command, rest, options = {}) {
  const said = { stdout: '', stderr: '', ends: 0 };
  const hear = (/** @type {'stdout' | 'stderr'} */ stream) => (/** @type {Uint8Array | null} */ bytes) => {
    if (bytes) said[stream] += new TextDecoder().decode(bytes);
  };
  try {
    const files = await command(...rest, { stdout: hear('stdout'), stderr: hear('stderr'), ...quiet, ...options });
    return { ...said, code: 0, files };
  } catch (thrown) {
    assert.ok(thrown instanceof Exit || thrown instanceof TheirExit, String(thrown));
    const error = /** @type {InstanceType<typeof Exit>} */ (thrown);
    return { ...said, code: error.code, files: error.files };
  }
}

test('what fails, fails as there: the exit code, the text, the files', async () => {
  const files = {
    ...compiledC,
    'notes.txt': 'just a note\n',
    dir: { 'a.bin': new Uint8Array([0, 255]), 'b.txt': new TextEncoder().encode('text\n') },
  };
  for (const command of [
    ['--no-entry', '-o', 'a.wasm', 'missing.o'],
    ['--no-entry', '-o', 'a.wasm', 'hello.o'],
    ['--no-entry', '-o', 'a.wasm', 'notes.txt'],
    ['--no-such-option'],
    [],
    ['--no-entry', '-o', 'dir/a.wasm', '--allow-undefined', 'hello.o'],
  ]) {
    const theirs = await outcome(runLLVM, [['wasm-ld', ...command], files]);
    const ours = await outcome(run, [['wasm-ld-22', ...command], files]);
    // The name that it was called by is in its messages.
    assert.deepEqual({ ...ours, stderr: ours.stderr.replaceAll('wasm-ld-22:', 'wasm-ld:') }, theirs, command.join(' '));
  }
});

test('the options are as there', async () => {
  const files = { ...compiledC, 'b.txt': new TextEncoder().encode('text\n') };
  const command = ['--no-entry', '--allow-undefined', '-o', 'a.wasm', 'hello.o'];
  for (const decodeASCII of [true, false]) {
    const theirs = await outcome(runLLVM, [['wasm-ld', ...command], files], { decodeASCII });
    const ours = await outcome(commands['wasm-ld'], [command, files], { decodeASCII });
    assert.deepEqual(
      Object.entries(ours.files)
        .map(([name, content]) => [name, typeof content])
        .sort(),
      Object.entries(theirs.files)
        .map(([name, content]) => [name, typeof content])
        .sort(),
    );
  }
  await initialize();
  const atOnce = /** @type {any} */ (run(['weld', ...command], files, { synchronously: true }));
  assert.ok(WebAssembly.validate(atOnce['a.wasm']));
  await run(['weld', '--version'], {}, { stdout: null, stderr: null });
  assert.ok(folder);
});
