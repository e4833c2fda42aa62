// @ts-check
// A session that the native program saves goes on in the wasm module, and the other way round: the snapshots are the
// same bytes, nothing is parsed again, and the links give the same modules.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { weldPath } from '../support/linkers.mjs';
import { rootDir } from '../support/paths.mjs';
import { run } from '../support/processes.mjs';
import { builtins, compileText, crt1Command, wasiLib } from '../support/toolchain.mjs';

const { createLinker } = await import(path.join(rootDir, 'js/dist/index.js'));
const tool = path.join(path.dirname(weldPath), 'snapshot_tool');
const folder = mkdtempSync(path.join(tmpdir(), 'weld-snapshots-'));
const options = { outputName: 'native.wasm' };
const inFolder = (/** @type {string} */ name) => path.join(folder, name);
after(() => rmSync(folder, { recursive: true }));

// By absolute paths: those of the native program, and names for the module.
/** @type {{name: string, bytes: Buffer}[]} */
let library;
/** @type {{name: string, bytes: Buffer}} */
let program;

before(async () => {
  const text = `#include <iostream>
    #include <map>
    int main() { std::map<int, std::string> m; m[1] = "one"; std::cout << m[1] << std::endl; }`;
  const object = await compileText('program.cpp', text, ['-O1', '-g']);
  const paths = [crt1Command, `${wasiLib}/libc++.a`, `${wasiLib}/libc++abi.a`, `${wasiLib}/libc.a`, builtins];
  library = paths.map((name) => ({ name, bytes: readFileSync(name) }));
  program = { name: object, bytes: readFileSync(object) };
});

const names = (/** @type {{name: string}[]} */ inputs) => inputs.map(({ name }) => name);

/** @param {'save' | 'link'} command @param {string} snapshot @param {string[]} args */
async function natively(command, snapshot, args) {
  const outcome = await run(tool, [command, snapshot, 'weld', ...args, '-o', inFolder('native.wasm')]);
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome.stdout.trim();
}

test('both save the same bytes', async () => {
  const inputs = [...library, program];
  const imports = `${wasiLib}/libc.imports`; // the native program finds it beside libc.a
  const linker = await createLinker({ inputs, options, files: { [imports]: readFileSync(imports) } });
  const { output } = linker.link();
  writeFileSync(inFolder('wasm.snapshot'), linker.save());
  await natively('save', inFolder('native.snapshot'), names(inputs));
  assert.ok(readFileSync(inFolder('native.snapshot')).equals(readFileSync(inFolder('wasm.snapshot'))), 'snapshots');
  assert.ok(readFileSync(inFolder('native.wasm')).equals(output), 'modules');
});

test('a snapshot of the native program in the module', async () => {
  await natively('save', inFolder('library.snapshot'), [...names(library), '--unresolved-symbols=ignore-all']);
  const restored = await createLinker({
    snapshot: readFileSync(inFolder('library.snapshot')),
    inputs: [program],
    options,
  });
  assert.deepEqual(restored.inputs, names([...library, program]));
  const result = restored.link();
  assert.deepEqual(result.diagnostics, []);
  await natively('save', inFolder('fresh.snapshot'), names([...library, program]));
  assert.ok(readFileSync(inFolder('native.wasm')).equals(result.output));
});

test('a snapshot of the module in the native program, with a unit', async () => {
  const linker = await createLinker({ inputs: [...library, program], options });
  const unit = linker.unit('jit');
  const strlen = unit.function('strlen', ['i32'], ['i32']);
  const length = unit.function('length', [], ['i32']);
  unit.setFunction(length, unit.code().op('i32.data', unit.constant('seven\0')).op('call', strlen).end());
  unit.export(length);
  const { output } = linker.link();
  writeFileSync(inFolder('unit.snapshot'), linker.save());
  const parsed = await natively('link', inFolder('unit.snapshot'), [...names([...library, program]), 'jit']);
  assert.equal(parsed, '0', 'nothing is parsed again');
  assert.ok(readFileSync(inFolder('native.wasm')).equals(output));
});
