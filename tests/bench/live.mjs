// @ts-check
// Programs that are edited while they run: how long a patch takes, and what a live link costs. In this process.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { markdownTable } from 'markdown-table';
import { median, min } from 'simple-statistics';
import { testsDir } from '../support/paths.mjs';
import { builtins, compile, compileText, crt1Reactor, wasiLib } from '../support/toolchain.mjs';
import { editOf, expect, goal, inputsOf, ok, table, timed, weld } from './sessions.mjs';

/** @typedef {import('./sessions.mjs').Times} Times */

/** @param {string} file */
const input = (file) => ({ name: file, bytes: new Uint8Array(readFileSync(file)) });

/**
 * A program of which no import is called.
 *
 * @param {Uint8Array<ArrayBuffer>} output
 */
function start(output) {
  const module = new WebAssembly.Module(output);
  /** @type {Record<string, Record<string, WebAssembly.ImportValue>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  return new WebAssembly.Instance(module, imports);
}

/** @param {number} rounds */
async function patches(rounds) {
  const { inputs } = await inputsOf('1,000 objects');
  const plain = await weld.createLinker({ inputs });
  const victim = inputs[inputs.length >> 1];
  const plainBytes = ok(plain.link()).output.length;
  const edited = editOf(plain, victim);
  plain.dispose();
  const extra = input(await compileText('extra.c', 'int extra;', ['-O2']));
  const linker = await weld.createLinker({ inputs, live: true });
  const program = ok(linker.link()).output;
  const instance = start(program);
  /** @type {Times} */
  const times = {
    'one edited function: replaced, patched, applied': [],
    'of which the linker': [],
    'of which the phases of the link': [],
    'of which the engine': [],
    'one edited function and a new input: all phases': [],
    'the program, linked anew': [],
  };
  const [all, linking, phases, applying, whole, anew] = Object.values(times);
  let patchBytes = 0;
  /** @param {Uint8Array} bytes */
  const patch = (bytes) => {
    const begin = performance.now();
    linker.replace(victim.name, bytes);
    const result = ok(linker.patch(instance));
    const made = performance.now();
    expect(
      !result.restart && result.changed.length === 1,
      `no patch of one function: ${JSON.stringify(result.restart)}`,
    );
    patchBytes = result.patch.length;
    const before = performance.now();
    weld.applyPatchSync(instance, result);
    return { result, linking: made - begin, applying: performance.now() - before };
  };
  for (let i = 0; i < 20; ++i) patch(i % 2 ? victim.bytes : edited); // warm up
  for (let round = 0; round < rounds; ++round) {
    for (let i = 0; i < 10; ++i) {
      await sleep(50);
      const one = patch(i % 2 ? victim.bytes : edited);
      expect(one.result.stats.full === undefined, `all phases: ${one.result.stats.full}`);
      linking.push(one.linking);
      applying.push(one.applying);
      all.push(one.linking + one.applying);
      phases.push(Object.values(one.result.stats.phases).reduce((sum, time) => sum + Number(time), 0));
    }
    linker.add({ ...extra, name: `extra${round}.o` });
    const { result, linking: time } = patch(edited);
    expect(result.stats.full !== undefined, 'a new input was not looked at');
    whole.push(time);
    linker.remove(`extra${round}.o`);
    patch(victim.bytes);
    anew.push(await timed(() => ok(linker.link())));
    patch(edited); // the program that runs is the first one
    patch(victim.bytes);
  }
  linker.dispose();
  return { times, patchBytes, plainBytes, liveBytes: program.length };
}

/** @param {number} rounds */
async function costs(rounds) {
  const object = await compile(path.join(testsDir, 'bench/sources/work.cpp'), ['-O2', '-std=c++20']);
  const libraries = ['libc++.a', 'libc++abi.a', 'libc.a'].map((name) => `${wasiLib}/${name}`);
  const inputs = [crt1Reactor, object, ...libraries, builtins].map(input);
  const options = { entry: '_initialize', stripAll: true };
  const kinds = { plain: [], '--live': ['--live'], '--live=all': ['--live=all'] };
  const programs = Object.entries(kinds).map(([kind, args]) => {
    const output = ok(weld.linkSync({ inputs, options, args })).output;
    const { exports } = /** @type {{exports: any}} */ (start(output));
    exports._initialize();
    return {
      kind,
      bytes: output.length,
      exports,
      mix: /** @type {number[]} */ ([]),
      calls: /** @type {number[]} */ ([]),
    };
  });
  const [{ exports }] = programs;
  const expected = [exports.mix(100_000), exports.only_calls(30)];
  for (let round = -3; round < rounds * 3; ++round) {
    for (const one of programs) {
      const mix = await timed(() => expect(one.exports.mix(100_000) === expected[0], `${one.kind}: another result`));
      const calls = await timed(() =>
        expect(one.exports.only_calls(30) === expected[1], `${one.kind}: another result`),
      );
      if (round < 0) continue; // the engine compiles it once more
      one.mix.push(mix);
      one.calls.push(calls);
    }
  }
  return programs;
}

/**
 * The tables as text, and the goals as rows of the table of goals.
 *
 * @param {number} rounds
 */
export async function measureLive(rounds) {
  await weld.initialize();
  const { times, ...sizes } = await patches(rounds);
  const programs = await costs(rounds);
  const [plain, live] = programs;
  const ratio = (/** @type {number} */ a, /** @type {number} */ b) =>
    `${a.toLocaleString('en')} (${(a / b).toFixed(3)})`;
  const ms = (/** @type {number[]} */ samples, /** @type {number[]} */ others) =>
    `${median(samples).toFixed(1)} (${(min(samples) / min(others)).toFixed(3)})`;
  const rows = programs.map(({ kind, bytes, mix, calls }) => [
    kind,
    ratio(bytes, plain.bytes),
    ms(mix, plain.mix),
    ms(calls, plain.calls),
  ]);
  const head = ['C++ -O2', 'bytes', 'a mix, ms', 'nothing but calls, ms'];
  const medianOf = (/** @type {string} */ what) => median(times[what]);
  return {
    text: [
      table(`Patches: 1,000 objects, a patch of ${sizes.patchBytes} bytes`, times),
      `The program has ${ratio(sizes.liveBytes, sizes.plainBytes)} bytes.`,
      `### What a live link costs\n\n${markdownTable([head, ...rows], { align: ['l', 'r', 'r', 'r'] })}`,
      'The times are medians. The ratios are those of the least times.',
    ].join('\n\n'),
    goals: [
      goal('live', 'replaced to patched, ms', medianOf('one edited function: replaced, patched, applied'), '≤', 3),
      goal('live', 'of which the linker, ms', medianOf('of which the linker'), '≤', 1.5),
      goal('live', 'C++, live : plain, bytes', live.bytes / plain.bytes, '≤', 1.1),
      goal('live', 'C++, live : plain, time of a mix', min(live.mix) / min(plain.mix), '≤', 1.1),
    ],
    json: { times, sizes, programs: programs.map(({ kind, bytes, mix, calls }) => ({ kind, bytes, mix, calls })) },
  };
}
