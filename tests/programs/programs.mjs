// @ts-check
// The real programs that are linked: what each is made of, how it is linked, and how it is run.
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFile, hash } from '../support/content_cache.mjs';
import { wantedBy } from '../support/names.mjs';
import { buildDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';
import { builtins, compile, crt1Command, googletest, wasiLib } from '../support/toolchain.mjs';

/**
 * @typedef {import('../support/run_wasi.mjs').WasiRun} WasiRun
 *
 * @typedef {object} Source
 * @property {string} file
 * @property {string[]} [flags]
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {'c' | 'c++'} language
 * @property {() => Promise<Source[]>} sources
 * @property {string[]} [headers] other files that decide what the objects are
 * @property {string} exported a function to export when there is no entry
 * @property {(WasiRun & {code: number, prints: RegExp})[]} runs `prints` keeps a run from passing by doing nothing
 *
 * @typedef {object} BuiltProgram
 * @property {Program} program
 * @property {string} level
 * @property {string[]} objects
 */

/** @type {Record<string, string[]>} */
export const levels = { 'O0-g': ['-O0', '-g'], O2: ['-O2'] };

const here = path.join(testsDir, 'programs');

/**
 * The sources of a program of ours.
 *
 * @param {string} folder
 * @param {string[]} flags
 * @returns {Source[]}
 */
function own(folder, flags = []) {
  const names = readdirSync(path.join(here, folder)).filter((name) => /\.(c|cpp)$/.test(name));
  return names.sort().map((name) => ({ file: path.join(here, folder, name), flags }));
}

/** @param {string} folder */
function ownHeaders(folder) {
  const names = readdirSync(path.join(here, folder)).filter((name) => name.endsWith('.h'));
  return names.sort().map((name) => path.join(here, folder, name));
}

/**
 * A folder with nothing but the named folders of /usr/include in it: the rest there is for another machine.
 *
 * @param {string[]} names
 */
function onlyHeadersOf(names) {
  const folder = path.join(buildDir, 'include');
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    const link = path.join(folder, name);
    if (!existsSync(link)) symlinkSync(path.join('/usr/include', name), link);
  }
  return ['-isystem', folder];
}

/**
 * Flags that compile a program for wasm64 with wasi-libc's headers, whose declarations do for it but for a check of
 * structs' layouts. There is no library to link it with.
 */
export function wasm64Flags() {
  const headers = '/usr/include/wasm32-wasi';
  const folder = path.join(buildDir, 'include-wasm64', 'wasi');
  const text = readFileSync(`${headers}/wasi/api.h`, 'utf8')
    .replace(/#error.*/g, '')
    .replace(/_Static_assert\([^;]*;/g, '');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'api.h'), text);
  const search = [path.dirname(folder), `${headers}/c++/v1`, headers].flatMap((name) => ['-isystem', name]);
  return ['--target=wasm64-wasi', '-nostdlibinc', ...search];
}

// biome-ignore format: a table
const sqliteFlags = [
  '-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION', '-DSQLITE_OMIT_WAL', '-DSQLITE_DEFAULT_MEMSTATUS=0',
  '-DSQLITE_TEMP_STORE=3', '-DSQLITE_DQS=0', '-DSQLITE_ENABLE_MATH_FUNCTIONS', '-DSQLITE_ENABLE_FTS5',
];

/**
 * SQLite's amalgamation, out of the npm package better-sqlite3: nothing else of that package is used or installed.
 *
 * @param {string} name
 */
function sqliteFile(name) {
  const version = '12.11.1';
  return cachedFile('downloads', hash(`better-sqlite3@${version}`, name), name, async (output) => {
    const folder = path.dirname(output);
    await runOrThrow('npm', ['pack', `better-sqlite3@${version}`, '--pack-destination', folder], { cwd: folder });
    const packed = `better-sqlite3-${version}.tgz`;
    await runOrThrow('tar', ['-xzf', packed, '--strip-components=3', `package/deps/sqlite3/${name}`], { cwd: folder });
  });
}

const statements = readFileSync(path.join(here, 'sqlite', 'statements.sql'), 'utf8');

async function sqliteSources() {
  const [source, header] = await Promise.all([sqliteFile('sqlite3.c'), sqliteFile('sqlite3.h')]);
  const shell = path.join(here, 'sqlite', 'shell.c');
  return [
    { file: source, flags: sqliteFlags },
    { file: shell, flags: ['-isystem', path.dirname(header)] },
  ];
}

// biome-ignore format: a table
const gtestFlags = [
  '-DGTEST_HAS_PTHREAD=0', '-DGTEST_HAS_DEATH_TEST=0', '-DGTEST_HAS_STREAM_REDIRECTION=0',
  '-isystem', `${googletest}/include`, '-I', googletest,
];

/** @type {Program[]} */
export const programs = [
  {
    name: 'c_program',
    language: 'c',
    sources: async () => own('c_program'),
    headers: ownHeaders('c_program'),
    exported: 'note_start',
    runs: [
      {
        args: ['sort', 'memory', 'files', 'echo', 'nonsense'],
        env: { NAME: 'value of NAME' },
        stdin: 'some words\non two lines\n',
        code: 0,
        prints: /hello from weld, 4 starts[^]*stdin: 24 characters, 5 words\ndestructor\ngoodbye\n$/,
      },
      { args: ['fail'], code: 3, prints: /env NAME=\(none\)/ },
    ],
  },
  {
    name: 'cpp_program',
    language: 'c++',
    sources: async () => own('cpp_program', ['-std=c++20']),
    headers: ownHeaders('cpp_program'),
    exported: '_Z19numbers_from_shapesv',
    runs: [
      {
        args: ['circle=1.5', 'square=2', 'square=0.5'],
        stdin: 'to be or not to be',
        code: 0,
        prints: /registered square[^]*circle +7\.069[^]*to: 2\n2432902008176640000\n[^]*written 42/,
      },
      { args: ['hexagon=1'], code: 2, prints: /registered circle/ },
    ],
  },
  {
    name: 'sqlite',
    language: 'c',
    sources: sqliteSources,
    exported: 'sqlite3_libversion_number',
    runs: [
      { args: [':memory:'], stdin: statements, code: 2, prints: /integrity_check\nok\n[^]*3000\|4501500\n$/ },
      { args: ['/data/a.db'], stdin: statements, code: 2, prints: /integrity_check\nok\n[^]*3000\|4501500\n$/ },
    ],
  },
  {
    name: 'googletest',
    language: 'c++',
    sources: async () => [
      ...own('googletest', gtestFlags),
      { file: `${googletest}/src/gtest-all.cc`, flags: gtestFlags },
    ],
    headers: [...ownHeaders('googletest'), `${googletest}/src/gtest.cc`, `${googletest}/include/gtest/gtest.h`],
    exported: '_Z7spelledi',
    runs: [
      { args: ['--gtest_print_time=0'], code: 0, prints: /\[  PASSED  \] 11 tests\./ },
      { args: ['--gtest_print_time=0', '--gtest_filter=*a_failure_is_told*'], code: 1, prints: /on purpose/ },
    ],
  },
  {
    name: 'fmt_program',
    language: 'c++',
    sources: async () => own('fmt_program', ['-DFMT_HEADER_ONLY', ...onlyHeadersOf(['fmt', 'nlohmann'])]),
    headers: [...ownHeaders('fmt_program'), '/usr/include/fmt/core.h', '/usr/include/fmt/format.h'],
    exported: '_Z5tablei',
    runs: [{ args: ['4'], code: 0, prints: /<1\.50, -2\.25>[^]*4\.940\w*e-324|5e-324/ }],
  },
  {
    name: 'json_program',
    language: 'c++',
    sources: async () => own('json_program', [...onlyHeadersOf(['fmt', 'nlohmann'])]),
    headers: [...ownHeaders('json_program'), '/usr/include/nlohmann/json.hpp'],
    exported: '_Z7summaryRK7Library',
    runs: [
      {
        stdin: '{"name": "Mine", /* a comment */ "books": [{"title": "One", "price": 1.25, "tags": ["a", "b"]}]}',
        code: 0,
        prints: /bytes of CBOR, back: 1/,
      },
      { stdin: '{', code: 1, prints: /^$/ },
    ],
  },
];

const isWanted = wantedBy(
  'WELD_PROGRAMS',
  'program',
  programs.map(({ name }) => name),
);

/**
 * Compiles a program, or finds it compiled.
 *
 * @param {Program} program
 * @param {string} level a key of `levels`
 * @param {string[]} [more] further flags
 * @param {import('../support/toolchain.mjs').Release} [release] of clang
 * @returns {Promise<BuiltProgram>}
 */
export async function buildProgram(program, level, more = [], release = 19) {
  const sources = await program.sources();
  const objects = [];
  for (const { file, flags = [] } of sources) {
    objects.push(await compile(file, [...levels[level], ...flags, ...more], program.headers, release));
  }
  return { program, level, objects };
}

/**
 * The arguments of a link, as clang 19 gives them to wasm-ld.
 *
 * @param {BuiltProgram} built
 * @param {string[]} options
 */
export function linkArguments({ program, objects }, options) {
  const libraries = program.language === 'c++' ? ['-lc++', '-lc++abi', '-lc'] : ['-lc'];
  return [
    '-m',
    'wasm32',
    `-L${wasiLib}`,
    crt1Command,
    ...objects,
    ...libraries,
    builtins,
    ...options,
    '-o',
    `${program.name}.wasm`,
  ];
}

/**
 * The levels at which a program is tested: in the quick tier the larger programs take turns.
 *
 * @param {Program} program
 */
export function levelsOf(program) {
  const all = Object.keys(levels);
  return isTestedThoroughly(program) ? all : [all[programs.indexOf(program) % all.length]];
}

/** The last of them: O2, but for some larger programs in the quick tier. @param {Program} program */
export const lastLevelOf = (program) => levelsOf(program).at(-1) ?? 'O2';

/** Of the tier for pull requests: larger programs of C++, of which the quick tier has one. */
const large = ['googletest', 'fmt_program'];
/** The programs that WELD_PROGRAMS names, a list with commas; those of the tier when it is not set. */
export const wantedPrograms = programs.filter(
  ({ name }) => isWanted(name) && (testsPull || process.env.WELD_PROGRAMS !== undefined || !large.includes(name)),
);

/** Are all programs tested in every way? Those that are asked for are, too. */
export const testsEverything = testsAll || process.env.WELD_PROGRAMS !== undefined;

/**
 * Is the program tested in every way? In the quick tier, few ways have to do for the larger ones.
 *
 * @param {Program} program
 */
export function isTestedThoroughly({ name }) {
  return testsEverything || name === 'c_program' || name === 'cpp_program';
}
