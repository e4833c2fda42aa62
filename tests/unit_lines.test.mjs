// @ts-check
// Debug information of units, for those who read it: LLVM's tools find the place of every instruction, in what the linker
// makes of random units (tests/unit/unit_lines_test.cpp), and in what it or wasm-ld makes of their objects.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rootDir } from './support/paths.mjs';
import { run } from './support/processes.mjs';
import { published } from './support/published.mjs';
import { SourceMap } from './support/source_map.mjs';
import { compileText, missing22, wasmLd, wasmLd22 } from './support/toolchain.mjs';
import { validateNow } from './support/validate.mjs';

const weld = process.env.WELD ?? path.join(rootDir, 'build/native/weld');
const folder = await published('UnitLines.RandomProgramsAreDescribed');
const inFolder = (/** @type {string} */ name) => path.join(folder, name);
const missing = existsSync('/usr/bin/llvm-symbolizer-19') ? false : "LLVM's tools are not installed";
const releases = missing22 ? [19] : [19, 22];
const seeds = [0, 1];

/**
 * Where the instructions of each function are, counted from the payload of CODE: as wabt sees them.
 *
 * @param {string} file
 */
async function instructionsOf(file) {
  const { stdout, code, stderr } = await run('wasm-objdump', ['-d', '--section-offsets', file]);
  assert.equal(code, 0, stderr);
  /** @type {Map<string, number[]>} */
  const functions = new Map();
  /** @type {number[]} */
  let offsets = [];
  for (const line of stdout.split('\n')) {
    const head = /^[0-9a-f]+ func\[\d+\] <(.*)>:$/.exec(line);
    if (head) functions.set(/** @type {string} */ (head[1]), (offsets = []));
    const instruction = /^ ([0-9a-f]+): .*\| +([a-z]\S*)/.exec(line);
    if (instruction && !instruction[2]?.startsWith('local[')) offsets.push(parseInt(`${instruction[1]}`, 16));
  }
  return functions;
}

/** What the compiler said of each instruction. @param {number} seed */
function placesOf(seed) {
  /** @type {Map<string, string[]>} */
  const places = new Map();
  for (const line of readFileSync(inFolder(`lines${seed}.txt`), 'utf8')
    .trimEnd()
    .split('\n')) {
    const [name = '', , place = ''] = line.split('\t');
    if (!places.has(name)) places.set(name, []);
    places.get(name)?.push(place);
  }
  return places;
}

/** What LLVM says of addresses. @param {number} release @param {string} file @param {number[]} addresses */
async function symbolize(release, file, addresses) {
  const { stdout, code, stderr } = await run(
    `llvm-symbolizer-${release}`,
    // Else LLVM takes names of functions from its own table of symbols, which counts addresses from another byte.
    [`--obj=${file}`, '--no-inlines', '--functions=short'],
    { stdin: addresses.map((address) => `0x${address.toString(16)}`).join('\n') },
  );
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split('\n\n');
}

/** Asks for each instruction of the program in a module. @param {string} file @param {number} seed */
async function checkPlaces(file, seed) {
  assert.equal(await validateNow(readFileSync(file)), '');
  const places = placesOf(seed);
  const addresses = [];
  const expected = [];
  const functions = await instructionsOf(file);
  for (const [name, offsets] of functions) {
    const own = places.get(name);
    if (!own) continue; // not of the unit
    assert.equal(offsets.length, own.length, name);
    for (const [i, place] of own.entries()) {
      addresses.push(offsets[i] ?? 0);
      expected.push(`${name}\n${place}`);
    }
  }
  assert.ok(addresses.length > 1000, `${addresses.length} addresses`);
  for (const release of releases) {
    const found = await symbolize(release, file, addresses);
    assert.equal(found.length, expected.length);
    for (const [i, text] of found.entries()) {
      const [name, place = ''] = text.split('\n');
      // Of no line: LLVM has a file, and 0.
      const known = place.includes(':0:') ? '' : place;
      assert.equal(
        `${name}\n${known}`,
        expected[i],
        `${path.basename(file)}, address ${addresses[i]}, LLVM ${release}`,
      );
    }
    const { stdout, code } = await run(`llvm-dwarfdump-${release}`, ['--verify', file]);
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, /^(error|warning)/m);
  }
  return addresses.length;
}

test('source maps have the place of every instruction, whatever is stripped', async () => {
  for (const seed of seeds) {
    const stripped = [];
    for (const [i, flags] of [[], ['-S'], ['-s'], ['-Oz', '-S']].entries()) {
      const out = inFolder(`mapped${i}.wasm`);
      const args = ['--source-map', '--no-entry', inFolder(`lines${seed}.o`), '-o', out];
      const outcome = await run(weld, [...flags, ...args]);
      assert.equal(outcome.code, 0, outcome.stderr);
      if (i < 3) stripped.push(readFileSync(`${out}.map`, 'utf8').replaceAll(path.basename(out), ''));
    }
    assert.deepEqual(stripped, [stripped[0], stripped[0], stripped[0]]);
    const maps = ['', '_small', '_with_relocations'].map((suffix) => inFolder(`lines${seed}${suffix}.wasm`));
    for (const file of [...maps, inFolder('mapped0.wasm'), inFolder('mapped3.wasm')]) {
      const places = placesOf(seed);
      const map = new SourceMap(file);
      let count = 0;
      for (const [name, offsets] of await instructionsOf(file)) {
        const own = (places.get(name) ?? []).map((place) => place.replace(/:0$/, ':1'));
        if (own.length === 0) continue; // not of the unit
        const found = offsets.map((offset) => map.placeOf(offset));
        for (const { place, name: its } of found) if (place) assert.equal(its, name);
        const where = `${path.basename(file)}: ${name}`;
        count += offsets.length;
        // -Oz leaves out what computes arguments that nobody reads: the others stay in their order.
        const isShorter = file === inFolder('mapped3.wasm') && offsets.length < own.length;
        let next = 0;
        for (const [i, { place }] of found.entries()) {
          if (isShorter) while (next < own.length && own[next] !== place) next++;
          assert.equal(place, own[next++], `${where}, ${i}`);
        }
        if (!isShorter) assert.equal(offsets.length, own.length, where);
      }
      assert.ok(count > 1000, `${count} instructions`);
    }
  }
});

test('every instruction has the place that the compiler gave it', { skip: missing }, async () => {
  for (const seed of seeds)
    for (const suffix of ['', '_small', '_with_relocations'])
      await checkPlaces(inFolder(`lines${seed}${suffix}.wasm`), seed);
});

test('so it is in modules that linkers make of the object', { skip: missing }, async () => {
  const linkers = [
    [weld],
    [weld, '-Oz'],
    [weld, '--compress-relocations'],
    [wasmLd],
    ...(missing22 ? [] : [[wasmLd22]]),
  ];
  for (const seed of seeds) {
    const object = inFolder(`lines${seed}.o`);
    const { stdout, code } = await run('llvm-dwarfdump-19', ['--verify', object]);
    assert.equal(code, 0, stdout);
    for (const [linker = '', ...flags] of linkers) {
      const out = inFolder('linked.wasm');
      const outcome = await run(linker, [...flags, '--no-entry', object, '-o', out]);
      assert.equal(outcome.code, 0, outcome.stderr);
      await checkPlaces(out, seed);
    }
  }
});

test('beside debug information of a compiler', { skip: missing }, async () => {
  const text = 'int of_c(int a) {\n  return a *\n    3;\n}\n';
  const c = await compileText('of_c.c', text, ['-g', '-O0']);
  for (const linker of missing22 ? [weld, wasmLd] : [weld, wasmLd, wasmLd22]) {
    const out = inFolder('both.wasm');
    const outcome = await run(linker, ['--no-entry', '--export=of_c', c, inFolder('lines0.o'), '-o', out]);
    assert.equal(outcome.code, 0, outcome.stderr);
    await checkPlaces(out, 0);
    const offsets = (await instructionsOf(out)).get('of_c') ?? [];
    const places = (await symbolize(19, out, offsets)).map((place) => /of_c\.c:(\d)/.exec(place)?.[1]);
    assert.deepEqual([...new Set(places)].sort(), ['1', '2'], linker);
  }
});

test('names of locals', async () => {
  const { stdout } = await run('wasm-objdump', ['-x', '-j', 'name', inFolder('lines0.wasm')]);
  const names = [...stdout.matchAll(/func\[(\d+)\] local\[(\d+)\] <(\w+)>/g)].map((match) => match.slice(1).join(' '));
  assert.ok(names.filter((name) => name.endsWith('parameter')).length > 50, stdout);
  assert.ok(names.filter((name) => name.endsWith('variable')).length > 50, stdout);
  assert.equal(new Set(names).size, names.length);
});
