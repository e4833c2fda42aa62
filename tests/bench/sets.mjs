// @ts-check
// What is linked: small programs, real ones, generated ones.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { buildProgram, levels, linkArguments, programs } from '../programs/programs.mjs';
import { weldPath } from '../support/linkers.mjs';
import { buildDir, rootDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { builtins, compile, crt1Command, wasiLib } from '../support/toolchain.mjs';
import { expectedOutput, generate, objectNames } from './generate.mjs';

/**
 * @typedef {object} InputSet
 * @property {string} name
 * @property {'hello' | 'program' | 'generated'} kind
 * @property {boolean} [quick] is it for --quick too?
 * @property {() => Promise<{folder: string, args: string[]}>} build
 * @property {(module: string) => Promise<void>} check runs the linked program; throws when it does something else
 *
 * @typedef {object} Inputs a set that is built
 * @property {string} folder where the links run
 * @property {string[]} args as clang gives them to the linker, without the output
 * @property {string[]} files what is read, as named from `folder`
 * @property {number} bytes of all files
 */

const sources = path.join(testsDir, 'bench/sources');

/**
 * @param {string} module
 * @param {import('../support/run_wasi.mjs').WasiRun} how
 * @param {number} code
 * @param {RegExp | string} prints
 */
async function checkRun(module, how, code, prints) {
  const outcome = await runWasi(module, how);
  const printed = typeof prints === 'string' ? outcome.stdout === prints : prints.test(outcome.stdout);
  if (outcome.code !== code || !printed)
    throw new Error(
      `the linked program ended with ${outcome.code}: ${(outcome.stdout + outcome.stderr).slice(0, 400)}`,
    );
}

/** @param {string[]} objects @param {boolean} isCpp */
function clangArguments(objects, isCpp) {
  const libraries = isCpp ? ['-lc++', '-lc++abi', '-lc'] : ['-lc'];
  return ['-m', 'wasm32', `-L${wasiLib}`, crt1Command, ...objects, ...libraries, builtins];
}

/** @param {string} name */
function ownFolder(name) {
  const folder = path.join(buildDir, 'bench', name.replace(/[^\w+-]+/g, '_'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {string} language
 * @param {string} file
 * @param {string} level
 * @returns {InputSet}
 */
function hello(language, file, level) {
  const name = `hello ${language} ${level}`;
  return {
    name,
    kind: 'hello',
    quick: level === 'O2',
    async build() {
      const object = await compile(path.join(sources, file), levels[level]);
      return { folder: ownFolder(name), args: clangArguments([object], file.endsWith('.cpp')) };
    },
    check: (module) => checkRun(module, {}, 0, /^hello/),
  };
}

/**
 * @param {string} title
 * @param {string} programName
 * @param {string} level
 * @returns {InputSet}
 */
function realProgram(title, programName, level) {
  const name = `${title} ${level}`;
  const program = programs.find((one) => one.name === programName);
  if (!program) throw new Error(`there is no program ${programName}`);
  return {
    name,
    kind: 'program',
    async build() {
      const args = linkArguments(await buildProgram(program, level), []).slice(0, -2); // without -o
      return { folder: ownFolder(name), args };
    },
    async check(module) {
      for (const how of program.runs) await checkRun(module, how, how.code, how.prints);
    },
  };
}

// What needs an operating system; bench/sources/weld_main.cpp stands for it.
const notInWasi = /^core\/tool\/(main|native_files|native_process)\.cpp$/;

/**
 * weld's own core, which as a program has to link what the native weld links, to the same bytes.
 *
 * @param {string} level
 * @returns {InputSet}
 */
function itself(level) {
  const name = `weld ${level}`;
  const core = /** @type {string[]} */ (readdirSync(path.join(rootDir, 'core'), { recursive: true }));
  const files = core
    .map((file) => path.join(rootDir, 'core', file))
    .filter((file) => !notInWasi.test(path.relative(rootDir, file)));
  const flags = [...levels[level], '-std=c++20', '-fno-rtti', '-DNDEBUG', `-I${rootDir}`];
  return {
    name,
    kind: 'program',
    async build() {
      const headers = files.filter((file) => /\.(h|def)$/.test(file)).sort();
      const sourceFiles = [
        path.join(sources, 'weld_main.cpp'),
        ...files.filter((file) => file.endsWith('.cpp')).sort(),
      ];
      const objects = [];
      for (const file of sourceFiles) objects.push(await compile(file, flags, headers));
      return { folder: ownFolder(name), args: clangArguments(objects, true) };
    },
    async check(module) {
      const folder = path.join(ownFolder(name), 'data');
      mkdirSync(folder, { recursive: true });
      const object = await compile(path.join(sources, 'hello.c'), levels.O2);
      const [from, to] = ['hello.o', 'out.o'].map((file) => path.join(folder, file));
      copyFileSync(object, from);
      await runOrThrow(weldPath, ['-r', from, '-o', to]);
      const expected = createHash('sha256').update(readFileSync(to)).digest('hex'); // as `runWasi` says it
      rmSync(to);
      const outcome = await runWasi(module, { args: ['-r', '/data/hello.o', '-o', '/data/out.o'], files: folder });
      if (outcome.files['out.o'] !== expected)
        throw new Error(`weld, linked, does not link as weld does: ${outcome.code} ${outcome.stdout}${outcome.stderr}`);
    },
  };
}

/**
 * @param {string} name
 * @param {Partial<import('./generate.mjs').Project> & {count: number, archive?: boolean, quick?: boolean}} how
 * @returns {InputSet}
 */
function generated(name, { archive = false, quick = false, ...project }) {
  const { count } = project;
  return {
    name,
    kind: 'generated',
    quick,
    async build() {
      const folder = await generate({ template: 'object', parts: [0], variants: 24, flags: ['-O2'], ...project });
      const objects = archive ? ['all.a'] : objectNames(count);
      return { folder, args: clangArguments(['main.o', ...objects], true) };
    },
    check: (module) => checkRun(module, {}, 0, expectedOutput(count)),
  };
}

const debug = { flags: ['-O2', '-g'] };
const thousand = { count: 1000, parts: [0, 1, 2, 6] };
const fourThousand = { count: 4000, parts: [0, 1, 1, 3] };

/** @type {InputSet[]} */
export const sets = [
  ...Object.keys(levels).flatMap((level) => [
    hello('C', 'hello.c', level),
    hello('C++', 'hello.cpp', level),
    realProgram('SQLite', 'sqlite', level),
    realProgram('GoogleTest', 'googletest', level),
    itself(level),
  ]),
  generated('100 objects', { count: 100, variants: 4, quick: true }),
  generated('1,000 objects', thousand),
  generated('1,000 objects -g', { ...thousand, ...debug }),
  generated('1,000 in an archive', { ...thousand, archive: true }),
  generated('4,000 objects', fourThousand),
  generated('4,000 objects -g', { ...fourThousand, ...debug }),
  generated('4,000 in an archive', { ...fourThousand, archive: true }),
  generated('10,000 tiny objects', { count: 10_000, template: 'tiny' }),
];

/**
 * @param {InputSet} set
 * @returns {Promise<Inputs>}
 */
export async function buildSet(set) {
  const { folder, args } = await set.build();
  const files = args.flatMap((arg, i) => {
    if (arg.startsWith('-l')) return [path.join(wasiLib, `lib${arg.slice(2)}.a`)];
    return arg.startsWith('-') || args[i - 1] === '-m' ? [] : [arg];
  });
  const bytes = files.reduce((sum, file) => sum + statSync(path.resolve(folder, file)).size, 0);
  return { folder, args, files, bytes };
}
