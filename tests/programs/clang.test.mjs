// @ts-check
// clang links with weld when it is told to, under either of weld's names. Links with -O2 go through wasm-opt.
//
// clang 19 takes the linker's path in -fuse-ld= for WebAssembly; it ignores --ld-path=. It also finds a linker in
// a folder given by -B, by the name that is built into it (wasm-ld-19 in Debian), or wasm-ld for -fuse-ld=lld.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, levels, programs } from './programs.mjs';
import { testsPull } from '../support/tier.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { compileText } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const drivers = { c: 'clang-19', 'c++': 'clang++-19' };
const target = '--target=wasm32-wasi';
/** @type {import('../support/linkers.mjs').CalledAs[]} */
const names = ['wasm-ld', 'weld'];

/** @param {string[]} words */
function emptyFolder(...words) {
  const folder = path.join(scratchDir, 'clang-links', ...words);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Links a program by calling clang, and runs it.
 *
 * @param {import('./programs.mjs').BuiltProgram} built
 * @param {string} linker its path
 * @param {string} folder
 */
async function driveAndRun({ program, level, objects }, linker, folder) {
  const output = path.join(folder, `${program.name}.wasm`);
  await runOrThrow(drivers[program.language], [
    target,
    `-fuse-ld=${linker}`,
    ...levels[level],
    ...objects,
    '-o',
    output,
  ]);
  const bytes = readFileSync(output);
  assert.equal(await validate(bytes), '');
  return { bytes, runs: await Promise.all(program.runs.map((how) => runWasi(output, how))) };
}

for (const program of programs.filter(({ name }) => name === 'c_program' || name === 'cpp_program')) {
  describe(program.name, () => {
    for (const level of Object.keys(levels)) {
      if (!testsPull && program.name === 'cpp_program' && level !== 'O2') continue;
      test(level, async (t) => {
        const built = await buildProgram(program, level);
        const folder = (/** @type {string} */ name) => emptyFolder(`${program.name}-${level}`, name);
        const expected = await driveAndRun(built, reference.program('wasm-ld'), folder(reference.name));
        program.runs.forEach((how, i) => assert.match(expected.runs[i].stdout, how.prints));
        for (const weld of welds) {
          for (const as of names) {
            await t.test(`${weld.name} as ${as}`, async () => {
              const actual = await driveAndRun(built, weld.program(as), folder(`${weld.name}-${as}`));
              assert.deepEqual(actual.runs, expected.runs);
              if (as === 'wasm-ld') assert.equal(explainDifference(expected.bytes, actual.bytes), '');
            });
          }
        }
      });
    }
  });
}

for (const weld of welds) {
  describe(`${weld.name}, called by clang`, () => {
    const linker = weld.program('wasm-ld');

    test('is found by its path and in a folder of tools', async () => {
      const tools = emptyFolder(weld.name, 'tools');
      for (const name of ['wasm-ld', 'wasm-ld-19']) symlinkSync(linker, path.join(tools, name));
      const object = await compileText('empty.c', '', []);
      const ways = [
        [`-fuse-ld=${linker}`],
        [`-fuse-ld=${weld.program('weld')}`],
        [`-B${tools}`],
        [`-B${tools}`, '-fuse-ld=lld'],
      ];
      for (const way of ways) {
        const { stdout } = await runOrThrow('clang-19', [target, ...way, '-Wl,--version', object]);
        assert.match(stdout, /^weld /, way.join(' '));
      }
    });

    test('is told what to link from sources, in one command', async () => {
      const folder = emptyFolder(weld.name, 'sources');
      writeFileSync(
        path.join(folder, 'main.c'),
        '#include <stdio.h>\nint twice(int);\nint main(void) { return printf("%d\\n", twice(21)); }\n',
      );
      writeFileSync(path.join(folder, 'twice.c'), 'int twice(int x) { return 2 * x; }\n');
      await runOrThrow('clang-19', [target, `-fuse-ld=${linker}`, 'main.c', 'twice.c', '-o', 'twice.wasm'], {
        cwd: folder,
      });
      const { code, stdout } = await runWasi(path.join(folder, 'twice.wasm'), {});
      assert.deepEqual({ code, stdout }, { code: 3, stdout: '42\n' });
    });

    test('joins objects into one', async () => {
      const folder = emptyFolder(weld.name, 'relocatable');
      const program = programs.find(({ name }) => name === 'c_program') ?? programs[0];
      const built = await buildProgram(program, 'O2');
      const joined = path.join(folder, 'joined.o');
      await runOrThrow('clang-19', [target, `-fuse-ld=${linker}`, '-r', '-nostdlib', ...built.objects, '-o', joined]);
      const { runs } = await driveAndRun({ ...built, objects: [joined] }, linker, folder);
      program.runs.forEach((how, i) => {
        assert.equal(runs[i].code, how.code);
        assert.match(runs[i].stdout, how.prints);
      });
    });

    test('makes a reactor', async () => {
      const folder = emptyFolder(weld.name, 'reactor');
      const object = await compileText(
        'reactor.c',
        'static volatile int ready;\n__attribute__((constructor)) static void start(void) { ready = 7; }\n' +
          '__attribute__((export_name("ready"))) int get(void) { return ready; }\n',
        ['-O1'],
      );
      const output = path.join(folder, 'reactor.wasm');
      await runOrThrow('clang-19', [target, `-fuse-ld=${linker}`, '-mexec-model=reactor', object, '-o', output]);
      const { instance } = await WebAssembly.instantiate(readFileSync(output));
      const { _initialize, ready } = /** @type {Record<string, () => number>} */ (instance.exports);
      assert.equal(ready(), 0);
      _initialize();
      assert.equal(ready(), 7);
    });

    test('says what is wrong, and clang fails', async () => {
      const folder = emptyFolder(weld.name, 'fails');
      const object = await compileText('undefined.c', 'int nowhere(void);\nint main(void) { return nowhere(); }\n', []);
      const outcome = await run('clang-19', [target, `-fuse-ld=${linker}`, object, '-o', 'out.wasm'], { cwd: folder });
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /^wasm-ld: error: .*undefined\.o: undefined symbol: nowhere$/m);
      assert.match(outcome.stderr, /linker command failed with exit code 1/);
    });
  });
}
