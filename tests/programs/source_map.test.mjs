// @ts-check
// Source maps: for every instruction they say what LLVM's symbolizer says of the debug information that the same link
// keeps, and what is left out of the module, or moved in it, makes no difference.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { buildProgram, isTestedThoroughly, linkArguments, wantedPrograms } from './programs.mjs';
import { testsPull } from '../support/tier.mjs';
import { placesOf } from '../support/debug_places.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { SourceMap } from '../support/source_map.mjs';
import { compileText, missing22 } from '../support/toolchain.mjs';

/** Further flags for each program: which level, what DWARF. @type {Record<string, string[]>} */
const forms = {
  c_program: ['O0-g -gdwarf-2', 'O2 -gdwarf-3', 'O2 -gdwarf-5', 'O2 -gline-tables-only'],
  cpp_program: ['O0-g -gdwarf-5', 'O2 -g', 'O2 -gdwarf-5'],
  googletest: ['O2 -g'],
  sqlite: ['O2 -gdwarf-5'],
};
/** Left out in the quick tier, which has the objects of the rest from symbolize.test.mjs. */
const long = new Set(['cpp_program O0-g -gdwarf-5', 'cpp_program O2 -g']);
const [weld] = welds;
const symbolizer = `llvm-symbolizer-${missing22 ? 19 : 22}`;

/** @param {string[]} words */
function emptyFolder(...words) {
  const folder = path.join(scratchDir, 'source-map', ...words);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @param {string} folder @param {string} name @param {string[]} args */
async function linkTo(folder, name, args) {
  const file = path.join(folder, name, 'out.wasm');
  mkdirSync(path.dirname(file));
  const outcome = await weld.link([...args, '--source-map', '-o', file], { cwd: folder, as: 'weld' });
  assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
  return file;
}

/** What LLVM says of addresses; empty: nothing. @param {string} file @param {number[]} addresses */
async function symbolize(file, addresses) {
  const stdin = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const { stdout } = await runOrThrow(symbolizer, [`--obj=${file}`, '--no-inlines', '--functions=none'], { stdin });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((place) => (/:0:\d+$|^\?\?/.test(place) ? '' : place.replace(/:0$/, ':1')));
}

/** Compares a map with the debug information of its module. @param {string} file */
async function checkMap(file) {
  const map = new SourceMap(file);
  const { addresses } = await placesOf(file);
  const all = addresses.flatMap((body) => body.slice(0, -1));
  const step = Math.ceil(all.length / 60_000);
  const some = all.filter((_, i) => i % step === 0);
  const found = some.map((address) => map.placeOf(address).place);
  const expected = await symbolize(file, some);
  assert.equal(expected.length, some.length);
  const differing = some
    .map((address, i) => ({ address, map: found[i], llvm: expected[i] }))
    .filter((row) => path.posix.normalize(row.map ?? '') !== path.posix.normalize(row.llvm ?? ''));
  // Lines of a function that another replaces have the other's address, and may be longer: LLVM may take them.
  if (differing.length > some.length / 1000)
    assert.deepEqual(differing.slice(0, 10), [], `${differing.length} of ${some.length} differ`);
  assert.ok(found.filter((place) => place !== '').length > some.length / 20, 'some places are known');
}

/** The instructions of each function, with their places, by name. @param {string} file */
async function mappedFunctions(file) {
  const map = new SourceMap(file);
  const { addresses, instructions } = await placesOf(file);
  /** @type {Map<string, { instruction: string, place: string }[]>} */
  const functions = new Map();
  for (const [body, list] of instructions.entries()) {
    const { name } = map.placeOf(addresses[body][1]);
    if (name === null) continue; // it has no lines
    const rows = list.map((instruction, i) => ({ instruction, place: map.placeOf(addresses[body][i + 1]).place }));
    functions.set(functions.has(name) ? `${name} ${body}` : name, rows); // several files may have a function of a name
  }
  return functions;
}

for (const program of wantedPrograms) {
  describe(program.name, () => {
    for (const form of forms[program.name] ?? []) {
      if (!isTestedThoroughly(program) || (!testsPull && long.has(`${program.name} ${form}`))) continue;
      test(form, async () => {
        const [level = '', ...flags] = form.split(' ');
        const built = await buildProgram(program, level, flags);
        const folder = emptyFolder(program.name, form.replaceAll(' ', ''));
        const args = linkArguments(built, []).slice(0, -2);
        const plain = await linkTo(folder, 'plain', args);
        await checkMap(plain);
        const compressed = await linkTo(folder, 'compressed', [...args, '--compress-relocations']);
        await checkMap(compressed);

        // A map does not depend on what the module keeps.
        const stripped = await linkTo(folder, 'stripped', [...args, '-S']);
        const bare = await linkTo(folder, 'bare', [...args, '-s', '--compress-relocations']);
        assert.ok(readFileSync(`${plain}.map`).equals(readFileSync(`${stripped}.map`)));
        assert.ok(readFileSync(`${compressed}.map`).equals(readFileSync(`${bare}.map`)));

        // -Oz leaves out arguments: instructions that stay keep their lines.
        const small = await mappedFunctions(await linkTo(folder, 'small', [...args, '-Oz', '-S', '--icf=safe']));
        let same = 0;
        for (const [name, rows] of await mappedFunctions(plain)) {
          const others = small.get(name);
          if (
            !others ||
            others.map(({ instruction }) => instruction).join() !== rows.map((row) => row.instruction).join()
          )
            continue;
          assert.deepEqual(others, rows, name);
          same += rows.length;
        }
        assert.ok(same > 100, `${same} instructions are the same`);
      });
    }
  });
}

/** @param {string} stack */
const frames = (stack) =>
  [...stack.matchAll(/wasm:\/\/wasm\/\S+?:(?:wasm-function\[\d+\]:)?0x([0-9a-f]+)/g)].map(([, offset = '']) =>
    parseInt(offset, 16),
  );

/** @param {() => void} call */
function stackOf(call) {
  try {
    call();
  } catch (error) {
    return /** @type {Error} */ (error).stack ?? '';
  }
  return assert.fail('it does not trap');
}

test('a trap in C is mapped to its line, in Node', async () => {
  const text = [
    '__attribute__((noinline)) static int divide(int a, int b) {',
    '  return a / b;',
    '}',
    '',
    'int run(int n) {',
    '  int sum = 1;',
    '  sum += divide(n, n - 3);',
    '  return sum;',
    '}',
  ].join('\n');
  const folder = emptyFolder('trap');
  const object = await compileText('trap.c', text, ['-g', '-O1']);
  for (const flags of [[], ['-S'], ['-Oz', '-s']]) {
    const file = await linkTo(folder, `trap${flags.join('')}`, [...flags, '--no-entry', '--export=run', object]);
    const map = new SourceMap(file);
    const { instance } = await WebAssembly.instantiate(readFileSync(file));
    const run = /** @type {(n: number) => number} */ (instance.exports.run);
    assert.equal(run(4), 5);
    const places = frames(stackOf(() => run(3))).map((offset) => map.at(offset));
    assert.deepEqual(
      places.map(({ place, name }) => `${name} ${place.replace(/.*\//, '').replace(/:\d+$/, '')}`),
      ['divide trap.c:2', 'run trap.c:7'],
    );
    const module = await WebAssembly.compile(readFileSync(file));
    const [url = new ArrayBuffer(0)] = WebAssembly.Module.customSections(module, 'sourceMappingURL');
    assert.equal(Buffer.from(url).toString(), '\x0cout.wasm.map');
  }
});

test('paths, sources and what debuggers step over', async () => {
  const folder = emptyFolder('paths');
  const sources = { 'lib/c++/v1/small.h': 'inline int small(int n) { return n % 7; }\n' };
  mkdirSync(path.join(folder, 'lib/c++/v1'), { recursive: true });
  for (const [name, text] of Object.entries(sources)) writeFileSync(path.join(folder, name), text);
  const text = '#include "lib/c++/v1/small.h"\nint f(int n) {\n  return small(n);\n}\n';
  writeFileSync(path.join(folder, 'f.cpp'), text);
  await runOrThrow('clang++-19', ['--target=wasm32', '-g', '-O2', '-c', 'f.cpp'], { cwd: folder });
  const args = ['--no-entry', '--export=_Z1fi', path.join(folder, 'f.o')];
  const read = (/** @type {string} */ file) => JSON.parse(readFileSync(`${file}.map`, 'utf8'));

  const plain = read(await linkTo(folder, 'plain', args));
  assert.deepEqual(Object.keys(plain).sort(), ['file', 'mappings', 'names', 'sources', 'version']);
  const sorted = (/** @type {string[]} */ names) => names.map((name) => path.posix.normalize(name)).toSorted();
  assert.deepEqual(sorted(plain.sources), [path.join(folder, 'f.cpp'), path.join(folder, 'lib/c++/v1/small.h')]);
  assert.deepEqual(plain.names, ['f(int)']);

  const changed = await linkTo(folder, 'changed', [
    ...args,
    `--source-map-prefix=${folder}=/wrong`,
    `--source-map-prefix=${folder}/=../`,
    '--source-map-root=https://example.org/',
    '--source-map-url=maps/f.map',
    '--source-map-sources',
    '--source-map-ignore',
  ]);
  const map = read(changed);
  assert.deepEqual(sorted(map.sources), ['../f.cpp', '../lib/c++/v1/small.h']);
  assert.equal(map.sourceRoot, 'https://example.org/');
  for (const [i, source] of map.sources.entries()) {
    assert.equal(map.sourcesContent[i], source === '../f.cpp' ? text : sources['lib/c++/v1/small.h']);
    assert.equal(map.ignoreList.includes(i), source !== '../f.cpp');
  }
  assert.equal(map.mappings, plain.mappings);
  const [url = new ArrayBuffer(0)] = WebAssembly.Module.customSections(
    await WebAssembly.compile(readFileSync(changed)),
    'sourceMappingURL',
  );
  assert.equal(Buffer.from(url).toString(), '\x0amaps/f.map');
});
