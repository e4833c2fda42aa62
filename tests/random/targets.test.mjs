// @ts-check
// Random programs for other targets: position-independent ones and libraries, which a loader puts together; threads, with a
// memory that two instances share; wasm64. As in random.test.mjs, each is linked by wasm-ld and run, then linked by weld in
// many modes, validated, and run. The programs have no C library: there is none for these targets.
//
//   WELD_SEEDS=17, WELD_SEEDS=1000-1999   other programs than the first 12, or with WELD_TIER=pull the first 36, =all the first 600
//   WELD_RANDOM_TARGETS                   some of the targets, with commas: programs of the others are left out
//   WELD_RANDOM_SHAPES                    some of the shapes
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { explainDifference } from '../support/explain_difference.mjs';
import { reference, references, welds } from '../support/linkers.mjs';
import { wantedBy } from '../support/names.mjs';
import { validateNow } from '../support/validate.mjs';
import { csmithFiles, csmithFlags, hasCsmith } from './csmith.mjs';
import { generate } from './generate.mjs';
import { compileAll, emptyFolder, flagsOf, isThorough, link, seeds } from './programs.mjs';
import { secondInstance, targetRunner } from './run_targets.mjs';
import { csmithHeader, runtimeCode, runtimeFlags } from './runtime.mjs';

/**
 * @typedef {object} Target what all objects of a program are compiled for
 * @property {string[]} flags
 * @property {boolean} isPic
 * @property {boolean} hasThreads
 * @property {boolean} is64
 *
 * @typedef {object} Mode
 * @property {string[]} options
 * @property {import('../support/linkers.mjs').Reference} [like] called as this wasm-ld, and with the same bytes
 * @property {boolean} [isTwoLinks] the objects become one object first
 *
 * @typedef {(name: string, inputs: string[], args: string[]) => Promise<string>} LinkOne returns the output's name
 *
 * @typedef {object} Shape what a program is linked to
 * @property {(target: Target) => boolean} fits
 * @property {(objects: string[], one: LinkOne, target: Target) => Promise<string[]>} link returns what is loaded, in this order
 * @property {'same' | 'first' | 'own'} prints what the plain program prints; only what its first instance prints; or what
 *   wasm-ld's link of this shape prints, since each library has weak definitions and lists of constructors of its own
 * @property {string[]} [wrong] releases of wasm-ld whose output weld does not have, because thread-local data has wrong
 *   addresses there: `thread_local_in_one_thread`, `thread_local_in_a_library_of_one_thread`
 */

const pic = ['-fPIC', '-fvisibility=default'];
// A thread-local variable of another library needs a C library's help.
const threads = ['-pthread', '-matomics', '-mbulk-memory', '-ftls-model=local-exec'];
const wasm32 = '--target=wasm32-unknown-unknown';
const wasm64 = '--target=wasm64-unknown-unknown';
/** @type {Record<string, Target>} */
// biome-ignore format: a table
const targets = {
  'pic': { flags: [wasm32, ...pic], isPic: true, hasThreads: false, is64: false },
  'threads': { flags: [wasm32, ...threads], isPic: false, hasThreads: true, is64: false },
  'wasm64': { flags: [wasm64], isPic: false, hasThreads: false, is64: true },
  'pic threads': { flags: [wasm32, ...pic, ...threads], isPic: true, hasThreads: true, is64: false },
  'wasm64 pic': { flags: [wasm64, ...pic], isPic: true, hasThreads: false, is64: true },
  'wasm64 threads': { flags: [wasm64, ...threads], isPic: false, hasThreads: true, is64: true },
};

const fixed = ['--no-entry', '--export=__wasm_call_ctors'];
const ofThreads = ['__wasm_init_tls', '__tls_size', '__tls_align'].map((name) => `--export=${name}`);
const shared = ['--shared-memory', '--import-memory', '--initial-memory=1048576', '--max-memory=4194304', ...ofThreads];
const dynamic = ['--experimental-pic', '--unresolved-symbols=import-dynamic'];
const pie = ['-pie', ...fixed, '--import-memory', ...dynamic];
const library = ['-shared', ...dynamic];
// The program does not know the library, and provides what it needs.
// biome-ignore format: a table
const host = [
  ...fixed, '--allow-undefined', '--export-dynamic', '--export-table', '--growable-table', '--export=__stack_pointer',
];

/** @type {Record<string, Shape>} */
const shapes = {
  program: {
    fits: () => true,
    link: async (objects, one, { hasThreads }) => {
      const args = hasThreads ? [...shared, '--export=__stack_pointer'] : [];
      return [await one('program', objects, [...fixed, ...args])];
    },
    prints: 'same',
  },
  'one thread': {
    fits: ({ hasThreads }) => hasThreads,
    link: async (objects, one) => [await one('program', objects, fixed)],
    prints: 'first',
    wrong: ['wasm-ld-19'],
  },
  pie: {
    fits: ({ isPic }) => isPic,
    link: async (objects, one, { hasThreads }) => [
      await one('program', objects, [...pie, ...(hasThreads ? shared : [])]),
    ],
    prints: 'same',
  },
  'pie of one thread': {
    fits: ({ isPic, hasThreads }) => isPic && hasThreads,
    link: async (objects, one) => [await one('program', objects, pie)],
    prints: 'first',
    wrong: ['wasm-ld-19', 'wasm-ld-22'],
  },
  libraries: {
    fits: ({ isPic, hasThreads }) => isPic && !hasThreads,
    link: (objects, one) => Promise.all(objects.map((object) => one(path.parse(object).name, [object], library))),
    prints: 'own',
  },
  'symbolic libraries': {
    fits: ({ isPic, hasThreads }) => isPic && !hasThreads,
    link: (objects, one) =>
      Promise.all(objects.map((object) => one(path.parse(object).name, [object], [...library, '-Bsymbolic']))),
    prints: 'own',
  },
  'pie that needs libraries': {
    fits: ({ isPic, hasThreads }) => isPic && !hasThreads,
    link: async (objects, one) => {
      const [main, last] = [objects[0], objects[objects.length - 1]];
      const others = objects.slice(1, -1);
      const libraries = await Promise.all(others.map((object) => one(path.parse(object).name, [object], library)));
      return [await one('program', [main, last, ...libraries], [...pie, '--export-dynamic']), ...libraries];
    },
    prints: 'own',
  },
  'library beside a program': {
    fits: ({ isPic, hasThreads }) => isPic && !hasThreads,
    link: async (objects, one) => [
      await one('program', objects.slice(-1), host),
      await one('library', objects.slice(0, -1), library),
    ],
    prints: 'same',
  },
};

/** @type {Record<string, Mode>} */
const modes = Object.fromEntries(references.map((like) => [`as ${like.name}`, { options: [], like }]));
// biome-ignore format: a table
Object.assign(modes, {
  default: { options: [] },
  O0: { options: ['-O0', '--no-merge-data-segments'] },
  O2: { options: ['-O2', '--strip-debug'] },
  'compress-relocations': { options: ['--compress-relocations'] },
  'icf all': { options: ['--icf=all', '-O2'] },
  'no-gc-sections': { options: ['--no-gc-sections', '--icf=all', '--compress-relocations', '--strip-all'] },
  'extended-const': { options: ['--extra-features=extended-const', '--icf=safe', '--no-merge-data-segments'] },
  'emit-relocs': { options: ['--emit-relocs', '--no-gc-sections'] },
  'one object': { options: [], isTwoLinks: true },
  Oz: { options: ['-Oz', '--strip-debug'] },
  'Oz icf all': { options: ['-Oz', '--strip-all', '--icf=all', '--no-merge-data-segments'] },
  'Oz one object': { options: ['-Oz', '--strip-all', '--compress-relocations'], isTwoLinks: true },
});

const isWanted = wantedBy('WELD_RANDOM_TARGETS', 'target', Object.keys(targets));
const isWantedShape = wantedBy('WELD_RANDOM_SHAPES', 'shape', Object.keys(shapes));
const isWantedMode = wantedBy('WELD_RANDOM_MODES', 'mode', Object.keys(modes));

/** The target of a program. @param {number} seed */
const targetOf = (seed) => Object.keys(targets)[seed % Object.keys(targets).length];

/** A program that is compiled, and what it has to print. */
class Checked {
  /** @param {number} seed @param {import('./runner.mjs').Runner} runner */
  constructor(seed, runner) {
    this.seed = seed;
    this.runner = runner;
    this.target = targets[targetOf(seed)];
    this.folder = emptyFolder('random-targets', seed);
    /** @type {string[]} those of the program, and the runtime's last */
    this.objects = [];
    /** @type {Map<string, import('./runner.mjs').Ran>} what wasm-ld's link of a shape does */
    this.expected = new Map();
  }

  /** @param {number} seed @param {import('./runner.mjs').Runner} runner */
  static async build(seed, runner) {
    const made = new Checked(seed, runner);
    const { target, folder } = made;
    const files = generate(seed, { hasThreadLocals: target.hasThreads });
    if (hasCsmith && seed % 4 === 1)
      for (const [name, text] of Object.entries(await csmithFiles(seed, 2, folder)))
        files[name] = text.replace('#include "csmith.h"', csmithHeader);
    files['runtime.c'] = runtimeCode;
    const own = { csmith: csmithFlags, runtime: ['-fno-builtin'] };
    made.objects = await compileAll(folder, files, (name) => [
      ...flagsOf(seed),
      ...target.flags,
      ...runtimeFlags,
      ...Object.entries(own).flatMap(([start, flags]) => (name.startsWith(start) ? flags : [])),
    ]);
    if ((await made.expectedOf('program')).code !== 0) {
      // A program of csmith may run forever, or into what compilers make of that.
      made.objects = made.objects.filter((name) => !name.startsWith('csmith'));
      made.expected.clear();
    }
    assert.match((await made.expectedOf('program')).printed, /state [0-9a-f]{16}\n/, `does not work: ${folder}`);
    return made;
  }

  /**
   * Links by a linker, and runs.
   *
   * @param {string} shape
   * @param {LinkOne} one
   */
  async run(shape, one) {
    const files = await shapes[shape].link(this.objects, one, this.target);
    return {
      files,
      ran: await this.runner.run(
        files.map((name) => path.join(this.folder, name)),
        20_000,
      ),
    };
  }

  /** What a shape has to print. @param {string} name @returns {Promise<import('./runner.mjs').Ran>} */
  async expectedOf(name) {
    const { prints } = shapes[name];
    if (prints === 'same' && name !== 'program') return this.expectedOf('program');
    if (prints === 'first') {
      const { code, printed } = await this.expectedOf('program');
      return { code, printed: printed.split(secondInstance)[0] };
    }
    let expected = this.expected.get(name);
    if (!expected) {
      expected = (await this.run(name, this.linkOne(reference, 'wasm-ld', `wasm-ld ${name}`, []))).ran;
      if (name !== 'program') assert.equal(expected.code, 0, `${name} by wasm-ld: ${expected.printed}`);
      this.expected.set(name, expected);
    }
    return expected;
  }

  /**
   * @param {import('../support/linkers.mjs').Linker} linker
   * @param {import('../support/linkers.mjs').CalledAs} as
   * @param {string} what the beginning of the names of outputs
   * @param {string[]} options
   * @param {Mode} [mode]
   * @returns {LinkOne}
   */
  linkOne(linker, as, what, options, { like, isTwoLinks } = { options }) {
    return async (name, inputs, args) => {
      const output = `${what} ${name}.wasm`.replaceAll(' ', '-');
      const machine = ['-m', this.target.is64 ? 'wasm64' : 'wasm32'];
      let objects = inputs;
      if (isTwoLinks) {
        const object = output.replace('.wasm', '.o');
        const isObject = (/** @type {string} */ input) => input.endsWith('.o');
        await link(linker, [...machine, '-r', ...inputs.filter(isObject), '-o', object], this.folder, as);
        objects = [object, ...inputs.filter((input) => !isObject(input))];
      }
      const all = [...machine, ...objects, ...args, ...options, '-o', output];
      // The name of the output is in the output.
      const expected = like ? await link(like, all, this.folder, as) : undefined;
      const file = path.join(this.folder, output);
      if (like) copyFileSync(file, file.replace('.wasm', `.by-${like.name}.wasm`));
      const bytes = await link(linker, all, this.folder, as);
      if (expected) assert.equal(explainDifference(expected, bytes), '', `${output} differs from ${like?.name}`);
      return output;
    };
  }

  /** @param {string} shape @param {string} mode @param {boolean} isForWabt */
  async check(shape, mode, isForWabt) {
    const { options, like } = modes[mode];
    const one = this.linkOne(welds[0], like?.as ?? 'weld', `${shape} ${mode}`, options, modes[mode]);
    const { files, ran } = await this.run(shape, one);
    if (isForWabt) assert.equal(await validateNow(readFileSync(path.join(this.folder, files[0]))), '');
    assert.deepEqual(ran, await this.expectedOf(shape));
  }
}

/** @param {number} seed @param {import('./runner.mjs').Runner} runner */
async function checkProgram(seed, runner) {
  const program = await Checked.build(seed, runner);
  const fitting = Object.keys(shapes).filter((name) => isWantedShape(name) && shapes[name].fits(program.target));
  const all = fitting.flatMap((shape) =>
    Object.entries(modes)
      .filter(([mode, { like }]) => isWantedMode(mode) && !(like && shapes[shape].wrong?.includes(like.name)))
      .map(([mode]) => ({ shape, mode })),
  );
  // In the quick tier each program is linked in every fifth way.
  const ways = isThorough ? all : all.filter((_, i) => (i + seed) % 5 === 0);
  const faults = [];
  for (const [i, { shape, mode }] of ways.entries()) {
    try {
      // The engine, which runs them, validates all of them; wabt, which is a process each time, one of each program.
      await program.check(shape, mode, i === seed % ways.length);
    } catch (error) {
      faults.push(`program ${seed}, ${targetOf(seed)}: ${shape}, ${mode}: ${/** @type {Error} */ (error).message}`);
    }
  }
  if (faults.length) assert.fail(`${faults.join('\n')}\nThe files are in ${program.folder}`);
  rmSync(program.folder, { recursive: true });
}

const runners = [targetRunner(), targetRunner()];
describe('random programs for other targets', { concurrency: runners.length }, () => {
  after(() => runners.forEach((runner) => runner.end()));
  const wanted = seeds({ quick: 12, pull: 36, all: 600 }).filter((seed) => isWanted(targetOf(seed)));
  for (const seed of wanted)
    test(`program ${seed}, ${targetOf(seed)}`, () => checkProgram(seed, runners[seed % runners.length]));
});
