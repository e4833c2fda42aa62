// @ts-check
// The kinds of output besides plain executables, of every program: the same bytes from weld as from wasm-ld 19, and for
// small programs as from wasm-ld 22.
//
// WELD_PROGRAMS and WELD_MODES (comma-separated) restrict what is compared.
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  buildProgram,
  isTestedThoroughly,
  levelsOf,
  linkArguments,
  testsEverything,
  wantedPrograms,
  wasm64Flags,
} from '../programs/programs.mjs';
import { compareLinks } from '../support/compare_links.mjs';
import { reference, references } from '../support/linkers.mjs';
import { wantedBy } from '../support/names.mjs';
import { patience } from '../support/tier.mjs';

/** @typedef {import('../programs/programs.mjs').BuiltProgram} BuiltProgram */

// The libraries of wasi-libc are for the plain machine: in other modes, what they have is imported.
const pic = {
  flags: ['-fPIC', '-fvisibility=default'],
  options: ['--experimental-pic', '--unresolved-symbols=import-dynamic'],
};
const threads = ['-pthread', '-matomics', '-mbulk-memory'];
const wasm64 = {
  flags: wasm64Flags(),
  options: ['-m', 'wasm64', '--import-undefined', '--unresolved-symbols=ignore-all'],
};

/**
 * The program's objects alone.
 *
 * @param {string[]} options
 * @returns {(built: BuiltProgram) => string[]}
 */
const alone =
  (options) =>
  ({ program, objects }) => [...objects, ...options, '-o', `${program.name}.wasm`];

/**
 * The program as it is usually linked.
 *
 * @param {string[]} options
 * @returns {(built: BuiltProgram) => string[]}
 */
const whole = (options) => (built) => linkArguments(built, options);

/** @type {Record<string, {flags?: string[], link: (built: BuiltProgram) => string[]}>} */
const modes = {
  relocatable: { link: alone(['-r']) },
  'relocatable stripped': { link: alone(['-r', '--strip-debug']) },
  'relocatable whole': { link: alone(['-r', '--no-gc-sections', '-O0', '--merge-data-segments']) },
  'emit-relocs': { link: whole(['--emit-relocs', '--no-gc-sections']) },
  'compress-relocations': { link: whole(['--compress-relocations', '--strip-all']) },
  'compress-relocations names kept': { link: whole(['--compress-relocations', '--strip-debug', '-O2']) },
  shared: { flags: pic.flags, link: alone(['-shared', ...pic.options]) },
  'shared symbolic': { flags: pic.flags, link: alone(['-shared', '-Bsymbolic', ...pic.options]) },
  'shared whole': { flags: pic.flags, link: alone(['-shared', '--no-gc-sections', '--export-all', ...pic.options]) },
  'shared extended-const': { flags: [...pic.flags, '-mextended-const'], link: alone(['-shared', ...pic.options]) },
  pie: { flags: pic.flags, link: alone(['-pie', '--no-entry', '--export-dynamic', ...pic.options]) },
  'relocatable position-independent': { flags: pic.flags, link: alone(['-r']) },
  'position-independent objects': { flags: pic.flags, link: whole([]) },
  'shared-memory': { flags: threads, link: whole(['--shared-memory', '--max-memory=67108864', '--no-check-features']) },
  'shared-memory imported': {
    flags: threads,
    link: whole([
      '--shared-memory',
      '--import-memory',
      '--max-memory=67108864',
      '--no-check-features',
      '--export=__wasm_init_tls',
      '--export=__tls_size',
    ]),
  },
  'shared-memory position-independent': {
    flags: [...threads, ...pic.flags],
    link: alone(['-shared', '--shared-memory', '--max-memory=67108864', ...pic.options]),
  },
  wasm64: { flags: wasm64.flags, link: alone([...wasm64.options, '--no-entry', '--export-dynamic']) },
  'wasm64 whole': {
    flags: wasm64.flags,
    link: alone([...wasm64.options, '--no-entry', '--no-gc-sections', '--export-all']),
  },
  'wasm64 relocatable': { flags: wasm64.flags, link: alone(['-m', 'wasm64', '-r']) },
  'wasm64 shared': {
    flags: [...wasm64.flags, ...pic.flags],
    link: alone(['-m', 'wasm64', '-shared', ...pic.options]),
  },
};

// Each set of flags needs objects of its own, which take long: only the smaller programs are made at both levels. In the
// quick tier only the smallest is, and of the larger ones only that of C++, position-independent.
const small = testsEverything ? ['c_program', 'cpp_program'] : ['c_program'];
/** @param {import('../programs/programs.mjs').Program} program @param {string[]} flags */
const isMade = (program, flags) =>
  isTestedThoroughly(program) && (small.includes(program.name) || testsEverything || flags === pic.flags);

const isWanted = wantedBy('WELD_MODES', 'mode', Object.keys(modes));

for (const program of wantedPrograms) {
  for (const level of levelsOf(program)) {
    describe(`${program.name} ${level}`, { concurrency: 2 }, () => {
      for (const [name, { flags, link }] of Object.entries(modes)) {
        if (!isWanted(name) || (flags && level !== 'O2' && !small.includes(program.name))) continue;
        if (flags && !isMade(program, flags)) continue;
        const isSmall = small.includes(program.name) && level === 'O2';
        for (const wasmLd of isSmall ? references : [reference])
          test(`${name} by ${wasmLd.name}`, { timeout: patience * 600_000 }, async () => {
            const built = await buildProgram(program, level, flags);
            const folder = path.join('differences', `${program.name}-${level}-${wasmLd.name}`, name);
            await compareLinks(link(built), folder, wasmLd);
          });
      }
    });
  }
}
