// @ts-check
// `weld symbolize`: for every instruction it says what LLVM's symbolizer says, inlined functions too, and it finds the places
// in traces as engines write them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { inlineSourceMap, link } from '../../js/dist/index.js';
import { buildProgram, isTestedThoroughly, linkArguments, wantedPrograms } from './programs.mjs';
import { placesOf } from '../support/debug_places.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir, rootDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { testsAll } from '../support/tier.mjs';
import { compileText, missing22 } from '../support/toolchain.mjs';
import { Module } from '../support/wasm_module.mjs';

/** Further flags for each program: which level, what DWARF. @type {Record<string, string[]>} */
const forms = {
  c_program: ['O0-g -gdwarf-2', 'O2 -gdwarf-3', 'O2 -gdwarf-5', 'O2 -gline-tables-only'],
  cpp_program: ['O0-g', 'O2 -g', 'O2 -gdwarf-5'],
  googletest: ['O2 -gdwarf-5'],
  sqlite: ['O2 -g'],
};
// Left out when not everything is tested.
const long = new Set(['c_program O2 -gdwarf-3', 'cpp_program O0-g', 'cpp_program O2 -g']);
const [weld] = welds;
const program = process.env.WELD ?? path.join(rootDir, 'build/native/weld');
const symbolizer = `llvm-symbolizer-${missing22 ? 19 : 22}`;

/** @param {string[]} words */
function emptyFolder(...words) {
  const folder = path.join(scratchDir, 'symbolize', ...words);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** @param {string} file */
const codeStart = (file) =>
  (new Module(readFileSync(file)).sections.find(({ id }) => id === 10) ?? assert.fail(file)).start;

/** What LLVM says of addresses: of each, functions with places. @param {string} file @param {number[]} addresses */
async function llvmFrames(file, addresses) {
  const stdin = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
  const { stdout } = await runOrThrow(symbolizer, [`--obj=${file}`, '--functions=short', '--no-demangle'], { stdin });
  return stdout
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      return Array.from({ length: lines.length / 2 }, (_, i) => ({
        name: lines[2 * i] ?? '',
        place: lines[2 * i + 1]?.replace(/^\?\?/, '') ?? '',
      }));
    });
}

/** @param {string} file @param {string} trace */
async function symbolize(file, trace) {
  const { stdout } = await runOrThrow(program, ['symbolize', '--json', file], { stdin: trace });
  return /** @type {import('../../js/dist/index.js').Symbolization} */ (JSON.parse(stdout));
}

/** @param {string} file */
async function checkAll(file) {
  const start = codeStart(file);
  const { addresses } = await placesOf(file);
  const all = addresses.flatMap((body) => body.slice(0, -1));
  const step = Math.ceil(all.length / 40_000);
  const some = all.filter((_, i) => i % step === 0);
  const [expected, { places, diagnostics }] = await Promise.all([
    llvmFrames(file, some),
    symbolize(file, some.map((address) => `0x${(start + address).toString(16)}\n`).join('')),
  ]);
  assert.deepEqual(diagnostics, []);
  assert.equal(places.length, some.length);
  assert.equal(expected.length, some.length);
  let inlined = 0;
  const differing = [];
  for (const [i, { frames, line }] of places.entries()) {
    assert.equal(line, i);
    const found = frames.map(({ file: source = '', line: row = 0, column = 0 }) =>
      path.posix.normalize(`${source}:${row}:${column}`),
    );
    const wanted = expected[i] ?? [];
    // LLVM has a frame where nothing is known.
    if (found.length === 0 && wanted.length === 1 && wanted[0]?.place === ':0:0') continue;
    // Ours are demangled: arguments of templates, and types that are converted to, are written in another way.
    // Some that LLVM cannot demangle have no readable name here. LLVM has no name for what has a linkage name alone, and
    // calls lambdas by their places.
    const names = frames.every(({ function: name = '??' }, j) => {
      const its = wanted[j]?.name ?? '!';
      return (
        name.startsWith('_Z') ||
        its === '??' ||
        its.includes('(lambda at ') ||
        name.includes(its.replace(/(?<=^operator<)<.*|(?<!operator<?)<.*|(?<=^operator )\w.*/, ''))
      );
    });
    if (!names || found.join() !== wanted.map(({ place }) => path.posix.normalize(place)).join())
      differing.push({ address: some[i], found, names: frames.map((frame) => frame.function), wanted });
    if (frames.length > 1) inlined++;
  }
  // Lines of a function that another replaces have the other's address, and may be longer: LLVM may take them.
  if (differing.length > 10)
    assert.deepEqual(differing.slice(0, 5), [], `${differing.length} of ${some.length} differ`);
  return inlined;
}

/** The bytes of code that LLVM's dump of the line tables says of each source, by the name of the file. @param {string} file */
async function llvmSizes(file) {
  const { stdout } = await runOrThrow('llvm-dwarfdump-19', ['--debug-line', file]);
  /** @type {{ address: number, source: string }[][]} */
  const sequences = [];
  for (const table of stdout.split(/^debug_line\[/m).slice(1)) {
    const names = new Map(
      [...table.matchAll(/^file_names\[ *(\d+)\]:\s+name: "(.*)"/gm)].map(([, number, name = '']) => [number, name]),
    );
    /** @type {{ address: number, source: string }[]} */
    let rows = [];
    for (const [, hex = '', source, flags = ''] of table.matchAll(/^0x(\w+) +\d+ +\d+ +(\d+) +\d+ +\d+ +\d+ (.*)$/gm)) {
      rows.push({ address: parseInt(hex, 16), source: path.basename(names.get(source) ?? '?') });
      if (!flags.includes('end_sequence')) continue;
      if ((rows[0]?.address ?? 0) < 0xfffffff0) sequences.push(rows); // else it is of dead code
      rows = [];
    }
  }
  // Where several tables describe a function, as of one that others define weakly, the first counts.
  sequences.sort(([a], [b]) => (a?.address ?? 0) - (b?.address ?? 0));
  /** @type {Record<string, number>} */
  const sizes = {};
  let counted = 0;
  for (const rows of sequences)
    for (const [i, { address, source }] of rows.slice(0, -1).entries()) {
      const size = (rows[i + 1]?.address ?? 0) - Math.max(address, counted);
      if (size <= 0) continue;
      counted = rows[i + 1]?.address ?? 0;
      sizes[source] = (sizes[source] ?? 0) + size;
    }
  return sizes;
}

test('sizes by source are those of the line tables', async () => {
  const one = wantedPrograms.find(({ name }) => name === 'c_program');
  if (!one) return;
  const built = await buildProgram(one, 'O2', ['-gdwarf-5']);
  const file = path.join(emptyFolder('sizes'), 'out.wasm');
  const args = linkArguments(built, []).slice(0, -2);
  assert.equal((await weld.link([...args, '-o', file], { cwd: path.dirname(file), as: 'weld' })).code, 0);
  /** @type {Record<string, Record<string, number>>} */
  const found = {};
  for (const by of ['source', 'line']) {
    const { stdout } = await runOrThrow(program, ['size', '--json', `--by=${by}`, file]);
    const rows = /** @type {{ name: string, bytes: number }[]} */ (JSON.parse(stdout));
    assert.equal(
      rows.reduce((all, { bytes }) => all + bytes, 0),
      readFileSync(file).length,
    );
    /** @type {Record<string, number>} */
    const sizes = (found[by] = {});
    for (const { name, bytes } of rows) {
      const [source = ''] = path.basename(name).split(/:\d+$| \(no line\)$/);
      if (!name.startsWith('(')) sizes[source] = (sizes[source] ?? 0) + bytes;
    }
  }
  const expected = await llvmSizes(file);
  assert.ok(Object.keys(expected).length > 20, 'sources of libc');
  for (const sizes of Object.values(found)) assert.deepEqual(sizes, expected);
});

for (const one of wantedPrograms) {
  describe(one.name, () => {
    for (const form of forms[one.name] ?? []) {
      if (!isTestedThoroughly(one) || (!testsAll && long.has(`${one.name} ${form}`))) continue;
      test(form, async () => {
        const [level = '', ...flags] = form.split(' ');
        const built = await buildProgram(one, level, flags);
        const file = path.join(emptyFolder(one.name, form.replaceAll(' ', '')), 'out.wasm');
        const args = linkArguments(built, []).slice(0, -2);
        const outcome = await weld.link([...args, '-o', file], { cwd: path.dirname(file), as: 'weld' });
        assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
        const inlined = await checkAll(file);
        if (level === 'O2' && !form.includes('line-tables')) assert.ok(inlined > 100, `${inlined} inlined`);
      });
    }
  });
}

describe('traces', async () => {
  const text = [
    'static inline int third(int n) { return n / (n - 3); }',
    '__attribute__((noinline)) static int second(int n) {',
    '  return third(n) + 1;',
    '}',
    'int run(int n) {',
    '  return 2 +',
    '    second(n);',
    '}',
  ].join('\n');
  const folder = emptyFolder('traces');
  const object = await compileText('trace.c', text, ['-g', '-O2']);
  const file = path.join(folder, 'trace.wasm');
  const args = ['--no-entry', '--export=run', '--source-map', object, '-o', file];
  assert.equal((await weld.link(args, { cwd: folder, as: 'weld' })).code, 0);
  const { instance } = await WebAssembly.instantiate(readFileSync(file));
  /** @type {string} */
  let stack = '';
  try {
    /** @type {(n: number) => void} */ (instance.exports.run)(3);
  } catch (error) {
    stack = /** @type {Error} */ (error).stack ?? '';
  }
  const places = [...stack.matchAll(/wasm-function\[(\d+)\]:0x([0-9a-f]+)/g)].map(([, number = '', offset = '']) => ({
    number,
    offset,
  }));
  const [second, first] = places;
  const mapped = ['at third (trace.c:1:', 'at second (trace.c:3:', 'at run (trace.c:7:'];
  const shown = (/** @type {string} */ output) =>
    output
      .replaceAll(/\([^()]*\/(trace\.c)/g, '($1')
      .split('\n')
      .filter((line) => line.includes('trace.c'))
      .map((line) => line.trim());
  const mappedModule = async () => {
    const bytes = readFileSync(object);
    const result = await link({
      inputs: [{ name: 'trace.o', bytes }],
      options: { entry: false, export: 'run', sourceMap: { url: '' }, stripDebug: true },
    });
    assert.ok(result.ok && result.sourceMap);
    return { output: result.output, sourceMap: result.sourceMap };
  };
  const check = (/** @type {string} */ output, expected = mapped) => {
    const lines = shown(output);
    assert.equal(lines.length, expected.length, output);
    for (const [i, line] of lines.entries()) assert.ok(line.startsWith(expected[i] ?? '!'), output);
  };
  const symbolizeText = async (/** @type {string} */ trace, of = file) =>
    (await runOrThrow(program, ['symbolize', of], { stdin: trace })).stdout;

  test('V8', async () => {
    const output = await symbolizeText(stack);
    check(output);
    assert.match(output, /^RuntimeError: divide by zero\n/);
    assert.match(output, /at third \(.*\) \[inlined\]\n/);
  });
  test('SpiderMonkey: a module that is fetched, or compiled from bytes', async () => {
    for (const where of ['http://a.example/trace.wasm', 'http://a.example/ line 4 > WebAssembly.instantiate'])
      check(
        await symbolizeText(
          places.map(({ number, offset }) => `trace.wasm.f@${where}:wasm-function[${number}]:0x${offset}`).join('\n'),
        ),
      );
  });
  test('JavaScriptCore has no offsets: the functions are known', async () => {
    const output = await symbolizeText(
      places.map(({ number }) => `<?>.wasm-function[${number}]@[wasm code]`).join('\n'),
    );
    check(output, ['at second (trace.c:', 'at run (trace.c:']);
  });
  test('wasmtime', async () => {
    const trace = `error while executing at wasm backtrace:\n    0:     0x${second?.offset} - trace.wasm!second\n    1:     0x${first?.offset} - trace.wasm!run\n\nCaused by:\n    wasm trap: integer divide by zero\n`;
    check(await symbolizeText(trace));
  });
  test('the file that a module without debug information names', async () => {
    const links = [
      ['debug', ['--separate-dwarf'], mapped],
      ['map', ['--source-map', '--strip-debug'], ['at second (trace.c:1:', 'at run (trace.c:7:']],
    ];
    for (const [name, flags, expected] of /** @type {[string, string[], string[]][]} */ (links)) {
      const there = emptyFolder('traces', name);
      const module = path.join(there, 'app.wasm');
      const outcome = await weld.link([...flags, '--no-entry', '--export=run', object, '-o', module], {
        cwd: folder,
        as: 'weld',
      });
      assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
      check(await symbolizeText(stack, module), expected);
      // From within its folder, and without the file.
      const inside = await runOrThrow(program, ['symbolize', 'app.wasm'], { stdin: stack, cwd: there });
      check(inside.stdout, expected);
      const [aside] = readdirSync(there).filter((file) => file !== 'app.wasm');
      rmSync(path.join(there, aside ?? ''));
      const { stdout, stderr } = await runOrThrow(program, ['symbolize', module], { stdin: stack });
      check(stdout, []);
      assert.match(
        stderr,
        /^weld: warning: .*app\.wasm has no debug information: it names `app\.wasm\..*`, which cannot be read: /,
      );
    }
  });
  test('a map that is in the module', async () => {
    const module = path.join(emptyFolder('traces', 'inline'), 'app.wasm');
    const { output, sourceMap } = await mappedModule();
    writeFileSync(module, inlineSourceMap(output, sourceMap));
    check(await symbolizeText(stack, module), ['at second (trace.c:1:', 'at run (trace.c:7:']);
  });
  test('offsets on the command line', async () => {
    const { stdout } = await runOrThrow(program, [
      'symbolize',
      file,
      `0x${second?.offset}`,
      String(parseInt(first?.offset ?? '', 16)),
    ]);
    check(stdout);
  });
  test('a source map', async () =>
    check(await symbolizeText(stack, `${file}.map`), ['at second (trace.c:1:', 'at run (trace.c:7:']));
  test('a file of debug information', async () => {
    const out = path.join(folder, 'separate.wasm');
    const outcome = await weld.link(['--no-entry', '--export=run', '--separate-dwarf', object, '-o', out], {
      cwd: folder,
      as: 'weld',
    });
    assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' });
    check(await symbolizeText(stack, `${out}.debug.wasm`));
  });
  test('what is no module is refused', async () => {
    writeFileSync(path.join(folder, 'text'), 'a text');
    for (const [name, content] of [
      ['text', 'a text'],
      ['json', '{"version":2}'],
      ['broken', '{"version":3,"mappings":"!"}'],
    ]) {
      writeFileSync(path.join(folder, name ?? ''), content ?? '');
      const outcome = await run(program, ['symbolize', path.join(folder, name ?? '')], { stdin: '' });
      assert.equal(outcome.code, 1);
      assert.match(outcome.stderr, /^weld: error: /);
    }
  });
});
