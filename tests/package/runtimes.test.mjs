// @ts-check
// The packed package in every runtime that npm brings: what is linked there is what is linked here.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { folderOf } from '../others/load.mjs';
import { testsPull } from '../support/tier.mjs';
import { compile, project, write } from './packed.mjs';

compile('hello', '#include <stdio.h>\nint main(void) { printf("hello %.1f\\n", 1.5); return 0; }');
compile('other', '__attribute__((export_name("answer"))) int answer(void) { return 42; }');

const script = write(
  'script.mjs',
  `
  import { createHash } from 'node:crypto';
  import { readFileSync } from 'node:fs';
  import { readFile } from 'node:fs/promises';
  import { pathToFileURL } from 'node:url';
  import { createLinker, formatMessages, initialize, inspect, link, linkSync, openReport } from 'wasm-weld';
  import { run } from 'wasm-weld/run';
  import { sysroot } from 'wasm-weld/wasi';

  const hash = ({ ok, output, diagnostics }) => {
    if (!ok) throw new Error(formatMessages(diagnostics).join('\\n'));
    return createHash('sha256').update(output).digest('hex');
  };
  const [where] = process.argv.slice(2);
  await initialize({ worker: where === 'worker' });
  const wasi = await sysroot({ from: '/usr' });
  const hello = { name: 'hello.o', bytes: readFileSync('hello.o') };
  const result = await link(wasi.request({ inputs: [hello] }));
  const said = { link: hash(result), phases: Object.keys(result.stats.phases).length };
  said.linkSync = hash(linkSync(wasi.request({ inputs: [hello] })));
  said.files = hash(await link(wasi.request({ inputs: ['hello.o'], files: (path) => readFile(path).catch(() => undefined) })));
  said.blob = hash(await link(wasi.request({ inputs: [{ name: 'hello.o', bytes: new Blob([hello.bytes]) }] })));
  const linker = await wasi.linker({ inputs: [hello] });
  said.linker = hash(linker.link());
  linker.replace('hello.o', hello.bytes);
  said.again = hash(linker.link());
  linker.dispose();
  const tree = await run(['weld', '--no-entry', 'other.o', '-o', 'a.wasm'], { 'other.o': readFileSync('other.o') });
  const { instance } = await WebAssembly.instantiate(tree['a.wasm']);
  said.answer = instance.exports.answer();
  const { output, metafile } = await link(wasi.request({ inputs: [hello], options: { metafile: true } }));
  const report = await openReport(metafile);
  said.report = [report.size().reduce((sum, { bytes }) => sum + bytes, 0) === output.length, report.why('main').matches.length > 0];
  said.inspect = [(await inspect(output)).kind, [...(await inspect(pathToFileURL('hello.o'))).symbols].find((symbol) => symbol.name === 'printf')?.kind];
  said.inspected = (await run(['weld', 'inspect', '--symbols', 'other.o'], tree, { stdout: null }))['other.o'] !== undefined;
  const given = new Uint8Array(hello.bytes);
  await link(wasi.request({ inputs: [{ name: 'hello.o', bytes: given }] }), { transfer: true });
  said.isMoved = given.length === 0; // to a worker, if there is one
  const controller = new AbortController();
  const stopped = link({ inputs: ['hello.o'], files: () => new Promise(() => {}) }, { signal: controller.signal });
  controller.abort();
  said.abort = await stopped.catch((error) => error.name);
  console.log(JSON.stringify(said));
  if (where === 'worker' && typeof Deno === 'object') Deno.exit(); // its workers keep a program alive
`,
);

/** @type {Record<string, string[]>} */
const runtimes = {
  'this Node': [process.execPath],
};
// Of the tier for pull requests.
const deno = path.join(folderOf('@deno/linux-x64-glibc'), 'deno');
if (testsPull)
  Object.assign(runtimes, {
    'Node 18': [path.join(folderOf('node-18'), 'bin/node')],
    'Node 22': [path.join(folderOf('node-22'), 'bin/node')],
    Deno: [deno, 'run', '--allow-read', '--allow-env', '--allow-sys', '--no-prompt'],
    Bun: [path.join(folderOf('@oven/bun-linux-x64-baseline'), 'bin/bun'), 'run'],
  });

/** @param {string[]} command @param {string[]} args @param {string} [file] */
function outputOf([program = '', ...before], args, file = script) {
  return execFileSync(program, [...before, file, ...args], {
    cwd: project,
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
}

const here = JSON.parse(outputOf([process.execPath], []));

test('links are the same however they are asked for', () => {
  for (const way of ['linkSync', 'files', 'blob', 'linker', 'again']) assert.equal(here[way], here.link, way);
  assert.equal(here.answer, 42);
  assert.equal(here.abort, 'AbortError');
  assert.deepEqual([here.report, here.inspect, here.inspected], [[true, true], ['module', 'function'], true]);
});

for (const [name, command] of Object.entries(runtimes))
  for (const where of ['here', 'worker'])
    test(`${name}, ${where === 'here' ? 'in the thread' : 'in a worker'}`, {
      skip: !existsSync(command[0] ?? '') && `npm did not bring ${name}`,
    }, () => {
      assert.deepEqual(JSON.parse(outputOf(command, [where])), { ...here, isMoved: where === 'worker' });
    });

const validating = write(
  'validating.mjs',
  `
  import { createLinker } from 'wasm-weld';
  const linker = await createLinker({ options: { entry: false, validate: true } });
  const unit = linker.unit('jit');
  const functions = { good: [['i32.const', 1]], bad: [['f32.const', 1]], worse: [['i32.const', 1], ['i32.add']] };
  for (const [name, code] of Object.entries(functions)) {
    const symbol = unit.function(name, [], ['i32']);
    const builder = unit.code();
    for (const op of code) builder.op(...op);
    unit.setFunction(symbol, builder.end());
    unit.export(symbol);
  }
  const { ok, diagnostics } = linker.link();
  const words = diagnostics.map(({ arguments: [, text] }) => text);
  if (words.some((text) => /WebAssembly|@\\+|at offset|evaluating|function at index/.test(text))) throw new Error(words.join());
  console.log(JSON.stringify([ok, diagnostics.map(({ id, location }) => [id, location.symbol.name])]));
`,
);

for (const [name, command] of Object.entries(runtimes))
  test(`${name}: what its engine refuses`, {
    skip: !existsSync(command[0] ?? '') && `npm did not bring ${name}`,
  }, () => {
    const said = JSON.parse(outputOf(command, [], validating));
    assert.deepEqual(said, [false, ['bad', 'worse'].map((name) => ['invalid-code', name])]);
  });

write(
  'breaking.mjs',
  `
  import 'wasm-weld/worker';
  const receive = ({ names }) => {
    if (names?.[0] === 'throws.o') throw new Error('it broke');
    if (names?.[0] === 'exits.o') process.exit(0);
  };
  if (typeof self === 'object' && self.addEventListener) self.addEventListener('message', ({ data }) => receive(data));
  else (await import('node:worker_threads')).parentPort.on('message', receive);
`,
);
const breaking = write(
  'breaking-script.mjs',
  `
  import { initialize, link } from 'wasm-weld';
  const made = [];
  const { Worker } = typeof globalThis.Worker === 'function' ? globalThis : await import('node:worker_threads');
  await initialize({ worker: () => (made.push(new Worker(new URL('./breaking.mjs', import.meta.url), { type: 'module' })), made.at(-1)) });
  const said = [];
  for (const how of process.argv.slice(2)) {
    const ended = link({ inputs: [how + '.o'], files: () => new Promise(() => {}) }).then(() => 'linked', (error) => (/it broke/.exec(error.message) ?? [error.message])[0]);
    if (how === 'terminated') setTimeout(() => made.at(-1).terminate(), 100);
    said.push(await ended, (await link({ args: ['--version'] })).stdout.split(' ')[0]);
  }
  console.log(JSON.stringify(said), made.length);
  if (typeof Deno === 'object') Deno.exit();
`,
);

for (const [name, command] of Object.entries(runtimes))
  test(`${name}: a worker that ends or breaks in the middle of a link`, {
    skip: !existsSync(command[0] ?? '') && `npm did not bring ${name}`,
  }, () => {
    const hows = name === 'Deno' ? ['throws'] : ['throws', 'exits', 'terminated']; // nothing tells of the end of Deno's workers
    const ended = 'the worker of weld ended before its link did';
    const said = hows.flatMap((how) => [how === 'throws' ? 'it broke' : ended, 'weld']);
    assert.equal(outputOf(command, hows, breaking).trim(), `${JSON.stringify(said)} ${hows.length + 1}`);
  });
