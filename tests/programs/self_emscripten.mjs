// @ts-check
// weld in wasm-ld's place inside Emscripten: em++ links weld's own unit tests with it, and they pass in Node.
//
// The objects are those of the wasm build (CMake preset `wasm`; WELD_EMSCRIPTEN_BUILD names another folder), and the same
// sources at -O0 -g and at -O2, which compiles all of weld twice more. What the linker wrote is kept, before em++ goes on to change it.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { optionSets } from '../differential/option_sets.mjs';
import { cachedValue, hash, hashFiles } from '../support/content_cache.mjs';
import { environment, lld, toolsWith, weldsAs } from '../support/emscripten.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { buildDir, rootDir, scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { patience } from '../support/tier.mjs';
import { versionOf } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const wasmBuild = path.resolve(rootDir, process.env.WELD_EMSCRIPTEN_BUILD ?? 'build/wasm');
const toolchain = '/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake';

/**
 * The unit tests' objects at one level: a CMake build folder, with the libraries and objects made.
 *
 * @param {string} level
 */
async function buildAt(level) {
  const folder = path.join(buildDir, `emscripten${level.replaceAll(' ', '')}`);
  if (!existsSync(path.join(folder, 'build.ninja')))
    await runOrThrow(
      'cmake',
      [
        '-S',
        rootDir,
        '-B',
        folder,
        '-G',
        'Ninja',
        `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`,
        '-DCMAKE_BUILD_TYPE=None',
        `-DCMAKE_CXX_FLAGS=${level}`,
      ],
      { cwd: rootDir, env: environment },
    );
  await runOrThrow('cmake', ['--build', folder, '--target', 'weld_tests'], {
    cwd: rootDir,
    env: environment,
    timeout: 900_000,
  });
  return folder;
}

/**
 * The command that CMake links the unit tests with, as words, without the shell around it.
 *
 * @param {string} build
 */
async function linkCommand(build) {
  const { stdout } = await runOrThrow('ninja', ['-C', build, '-t', 'commands', 'weld_tests']);
  const line = stdout.trim().split('\n').at(-1) ?? '';
  assert.match(line, /^: && \S*em\+\+ .* && :$/);
  return line.slice(': && '.length, -' && :'.length).split(/\s+/);
}

/**
 * @param {string} build
 * @param {import('../support/emscripten.mjs').Called} linker
 */
async function linkAndRun(build, linker) {
  const folder = path.join(scratchDir, 'emscripten', path.basename(build), linker.name);
  const linked = path.join(folder, 'linked.wasm');
  const program = path.join(folder, 'weld_tests.js');
  const [tool, ...words] = await linkCommand(build);
  // At -O1 em++ leaves the linker's output nearly as it is, and takes seconds instead of half a minute.
  const args = words.map((word) => (word.startsWith('-O') ? '-O1' : word === 'weld_tests.js' ? program : word));
  const inputs = args.filter((arg) => /\.[oa]$/.test(arg)).map((arg) => path.join(build, arg));
  const key = hash(
    hashFiles([...linker.files, ...inputs]),
    linker.command,
    JSON.stringify(args),
    'with arguments',
    await versionOf(tool),
  );
  const value = await cachedValue('emscripten', key, async () => {
    toolsWith(linker, path.join(folder, 'tools'));
    const env = { ...environment, EM_LLVM_ROOT: path.join(folder, 'tools'), WELD_KEEP_LINKED: linked };
    await runOrThrow(tool, args, { cwd: build, env, timeout: 300_000 });
    // Node's own `fetch` misleads Emscripten 3.1.6 into thinking that it is in a page.
    const outcome = await run(process.execPath, ['--no-experimental-fetch', program, '--gtest_print_time=0']);
    const linkerArgs = readFileSync(`${linked}.args`, 'utf8').split('\0').slice(0, -1);
    return { bytes: readFileSync(linked).toString('base64'), outcome, linkerArgs };
  });
  return { linked, bytes: Buffer.from(value.bytes, 'base64'), outcome: value.outcome, linkerArgs: value.linkerArgs };
}

describe('Emscripten with weld for wasm-ld', () => {
  const builds = {
    'as the package is built': async () => {
      assert.ok(existsSync(path.join(wasmBuild, 'build.ninja')), `${wasmBuild} is not there: run the wasm build first`);
      return wasmBuild;
    },
    '-O0 -g': () => buildAt('-O0 -g'),
    '-O2': () => buildAt('-O2'),
  };
  for (const [level, build] of Object.entries(builds)) {
    test(`the unit tests pass, ${level}`, { timeout: patience * 900_000 }, async () => {
      const folder = await build();
      const expected = await linkAndRun(folder, lld[19]);
      assert.match(expected.outcome.stdout, /\[  PASSED  \]/);
      for (const linker of weldsAs(19)) {
        const actual = await linkAndRun(folder, linker);
        const told = explainDifference(expected.bytes, actual.bytes);
        assert.equal(told, '', `${expected.linked} (-) and ${actual.linked} (+)`);
        assert.equal(await validate(actual.bytes), '');
        assert.deepEqual(actual.outcome, expected.outcome);
        assert.equal(actual.outcome.code, 0);
      }
    });

    test(`the same bytes under every option, ${level}`, { timeout: patience * 600_000 }, async () => {
      const folder = await build();
      const { linkerArgs } = await linkAndRun(folder, lld[19]);
      for (const [name, options] of Object.entries(optionSets)) {
        const [expected, actual] = await Promise.all(
          [reference, ...welds.slice(0, 1)].map(async (linker) => {
            const out = path.join(scratchDir, 'emscripten', path.basename(folder), linker.name, 'options', 'out.wasm');
            rmSync(path.dirname(out), { recursive: true, force: true });
            mkdirSync(path.dirname(out), { recursive: true });
            const args = linkerArgs.map((arg, i) => (linkerArgs[i - 1] === '-o' ? out : arg));
            const outcome = await linker.link([...args, ...options({ exported: 'main' })], { cwd: folder });
            return { outcome, bytes: existsSync(out) ? readFileSync(out) : Buffer.alloc(0) };
          }),
        );
        assert.deepEqual(actual?.outcome, expected?.outcome, name);
        assert.ok(
          expected && actual?.bytes.equals(expected.bytes),
          `${name}: ${explainDifference(expected?.bytes ?? Buffer.alloc(0), actual?.bytes ?? Buffer.alloc(0))}`,
        );
      }
    });
  }
});
