// @ts-check
// The Python package as its users have it: a wheel is made, installed into an environment of its own, and used.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { builtins, compileText, crt1Command, wasiLib, wasmLd } from '../support/toolchain.mjs';

const maker = path.resolve(rootDir, process.env.WELD_PYTHON ?? 'build/python/bin/python');
const folder = path.join(scratchDir, 'wheel');
const bin = path.join(folder, 'environment/bin');
const work = path.join(folder, 'work');
/** Of a link in `work`. @type {string[]} */
let args;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  await runOrThrow(maker, [
    ...['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--no-build-isolation'],
    ...['--wheel-dir', folder, path.join(rootDir, 'core/tool/python')],
  ]);
  const wheels = readdirSync(folder).filter((name) => name.endsWith('.whl'));
  assert.match(wheels.join(), /^wasm_weld-\d+\.\d+\.\d+-py3-none-any\.whl$/);
  await runOrThrow(maker, ['-m', 'venv', path.join(folder, 'environment')]);
  await runOrThrow(path.join(bin, 'pip'), ['install', '--quiet', path.join(folder, wheels[0] ?? '')]);
  const text = '#include <stdio.h>\nint main(void) { puts("linked in Python"); }\n';
  const object = await compileText('main.c', text, ['-O1']);
  args = [crt1Command, object, `-L${wasiLib}`, '-lc', builtins];
});

test('the command links what runs', async () => {
  const outcome = await run(path.join(bin, 'wasm-weld'), [...args, '-o', 'main.wasm'], { cwd: work });
  assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
  const { stdout, code } = await runWasi(path.join(work, 'main.wasm'), {});
  assert.deepEqual({ stdout, code }, { stdout: 'linked in Python\n', code: 0 });
});

test('the module, called as wasm-ld, gives its bytes', async () => {
  const program = `import sys, wasm_weld\nsys.exit(wasm_weld.run(sys.argv[1:], program="wasm-ld"))`;
  const python = path.join(bin, 'python');
  await runOrThrow(python, ['-c', program, ...args, '-o', 'python.wasm'], { cwd: work });
  await runOrThrow(wasmLd, [...args, '-o', 'reference.wasm'], { cwd: work });
  const [made, reference] = ['python.wasm', 'reference.wasm'].map((name) => readFileSync(path.join(work, name)));
  assert.ok(reference?.length && made?.equals(reference));
});

test('errors, subcommands, the standard input', async () => {
  const python = path.join(bin, 'python');
  const missing = await run(python, ['-m', 'wasm_weld', 'missing.o'], { cwd: work });
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^weld: error: cannot open missing\.o: No such file or directory\n/);
  const inspected = await run(python, ['-m', 'wasm_weld', 'inspect', 'main.wasm'], { cwd: work });
  assert.match(inspected.stdout, /_start/);
  const piped = await run(path.join(bin, 'wasm-weld'), ['-', '-o', '/dev/stdout', '--no-entry'], { cwd: work, stdin: 'text' });
  assert.equal(piped.code, 1);
  assert.match(piped.stderr, /^weld: error: /);
});
