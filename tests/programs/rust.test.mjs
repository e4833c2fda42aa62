// @ts-check
// rustc links with weld: programs with the standard library, a crate of their own and a function of C.
//
// rustc and the libraries for WebAssembly are optional: WELD_RUSTC names a rustc other than Debian's, and the targets
// that it has no library for are skipped.
//
// wasm-ld 19 does not link what Debian's rustc gives it: rlibs contain lib.rmeta, of which it warns, and rustc says
// --fatal-warnings. The reference here is wasm-ld without that option.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { cachedFile, hash, hashFiles } from '../support/content_cache.mjs';
import { explainDifference } from '../support/explain_difference.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { testsAll } from '../support/tier.mjs';
import { archive, compile, versionOf, wasmLd } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const rustc = process.env.WELD_RUSTC ?? '/usr/bin/rustc';
const sysroot = existsSync(rustc) ? (await runOrThrow(rustc, ['--print', 'sysroot'])).stdout.trim() : '';
const sources = path.join(testsDir, 'programs', 'rust_program');
const levels = { debug: ['-g'], release: ['-O'] };
// When not everything is tested, each kind of program has one level.
const shortLevels = { 'command.rs': 'release', 'library.rs': 'debug' };

/** @param {string} target */
function missing(target) {
  if (!sysroot) return `${rustc} is not installed`;
  return !existsSync(path.join(sysroot, 'lib/rustlib', target)) && `${rustc} has no library for ${target}`;
}

/** @param {string[]} words */
function emptyFolder(...words) {
  const folder = path.join(scratchDir, 'rust', ...words);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * What a program is linked with besides the standard library: a crate, an archive of C, and an archive of nothing.
 *
 * @param {string[]} flags
 */
async function libraries(flags) {
  const words = path.join(sources, 'words.rs');
  const key = hash(await versionOf(rustc), JSON.stringify(flags), hashFiles([words]));
  const rlib = await cachedFile('objects', key, 'libwords.rlib', (output) =>
    runOrThrow(rustc, [...flags, '--crate-type=rlib', words, '-o', output], { cwd: sources }),
  );
  const twice = await compile(path.join(sources, 'twice.c'), ['-O1']);
  const folder = path.dirname(twice);
  await archive(folder, 'libtwice.a', 'plain', ['twice.o']);
  await archive(folder, 'empty.a', 'plain', []);
  return ['--extern', `words=${rlib}`, '-L', folder, '-l', 'static=twice', '-C', `link-arg=${folder}/empty.a`];
}

/**
 * The program in `source`, linked by the linker that rustc calls.
 *
 * @param {string} target
 * @param {string} source
 * @param {string[]} flags
 * @param {string} linker
 * @param {string} folder
 */
async function build(target, source, flags, linker, folder) {
  const common = ['--edition=2021', `--target=${target}`, '--remap-path-prefix', `${sources}=.`, ...flags];
  const kind = source === 'library.rs' ? ['--crate-type=cdylib'] : [];
  const output = path.join(folder, 'program.wasm');
  await runOrThrow(
    rustc,
    [...common, ...(await libraries(common)), ...kind, '-C', `linker=${linker}`, source, '-o', output],
    { cwd: sources },
  );
  const bytes = readFileSync(output);
  assert.equal(await validate(bytes), '');
  return { output, bytes };
}

function referenceLinker() {
  const script = path.join(emptyFolder('reference'), 'wasm-ld');
  writeFileSync(script, `#!/bin/bash\nexec -a wasm-ld ${wasmLd} "\${@/#--fatal-warnings/--no-fatal-warnings}"\n`, {
    mode: 0o755,
  });
  return script;
}

/** @param {string} output */
async function runCommand(output) {
  const stdin = 'to be or not to be\nthat is\n';
  const ends = [['17', 'x', '-4'], ['panic'], ['exit']];
  const runs = await Promise.all(ends.map((args) => runWasi(output, { args, stdin })));
  const [plain, panic, exit] = runs;
  assert.equal(
    plain.stdout,
    '{"be": 2, "is": 1, "not": 1, "or": 1, "that": 1, "to": 2}\n17, ParseIntError { kind: InvalidDigit }, -4\n' +
      'something: 1.5e0\n3 numbers: 1e300\n8 seen, twice 21 is 42\nwritten\nfarewell\n',
  );
  assert.equal(plain.code, 0);
  assert.match(panic.stderr, /thread 'main'.* panicked at [^]*1 arguments[^]*unreachable/);
  assert.equal(exit.code, 7);
  return runs.map(({ stdout, code, files }) => ({ stdout, code, files }));
}

/** @param {Uint8Array} bytes */
function runLibrary(bytes) {
  /** @type {string[]} */
  const said = [];
  const instance = new WebAssembly.Instance(new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes)), {
    host: {
      say(/** @type {number} */ at, /** @type {number} */ length) {
        const memory = /** @type {WebAssembly.Memory} */ (instance.exports.memory);
        said.push(new TextDecoder().decode(new Uint8Array(memory.buffer, at, length)));
      },
    },
  });
  const { sum, twice_at } = /** @type {Record<string, (x: number) => number>} */ (instance.exports);
  assert.equal(sum(2000), 1999000.75);
  assert.equal(twice_at(2), 42);
  assert.throws(() => twice_at(3), WebAssembly.RuntimeError);
  assert.equal(said[0], '{3: 1000, 4: 1000}, 2000 seen');
  assert.match(said[1], /index out of bounds: the len is 3 but the index is 3/);
  return said;
}

/** @type {Record<string, keyof typeof shortLevels>} */
const targets = { 'wasm32-wasi': 'command.rs', 'wasm32-wasip1': 'command.rs', 'wasm32-unknown-unknown': 'library.rs' };
for (const [target, source] of Object.entries(targets)) {
  describe(target, { skip: missing(target) }, () => {
    for (const [level, flags] of Object.entries(levels)) {
      if (!testsAll && level !== shortLevels[source]) continue;
      test(level, async (t) => {
        /** @param {string} linker @param {string[]} folder */
        async function buildAndRun(linker, ...folder) {
          const { output, bytes } = await build(
            target,
            source,
            flags,
            linker,
            emptyFolder(`${target}-${level}`, ...folder),
          );
          return { bytes, runs: await (source === 'library.rs' ? runLibrary(bytes) : runCommand(output)) };
        }
        const expected = await buildAndRun(referenceLinker(), 'reference');
        for (const weld of welds) {
          for (const as of /** @type {const} */ (['wasm-ld', 'weld'])) {
            await t.test(`${weld.name} as ${as}`, async () => {
              const actual = await buildAndRun(weld.program(as), weld.name, as);
              assert.deepEqual(actual.runs, expected.runs);
              if (as === 'wasm-ld') assert.equal(explainDifference(expected.bytes, actual.bytes), '');
            });
          }
        }
      });
    }
  });
}
