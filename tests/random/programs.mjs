// @ts-check
// Random programs on the disk: their numbers, the flags that they are compiled with, and their objects.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { scratchDir } from '../support/paths.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';
import { compileText } from '../support/toolchain.mjs';

/** Is each program linked in all modes? */
export const isThorough = testsAll || process.env.WELD_SEEDS !== undefined;

// The first that fits: later features give other relocations and other code.
const levels = [['-O0', '-g'], ['-O1'], ['-O2', '-g'], ['-O3'], ['-Os'], ['-O0'], ['-O2']];
const features = [
  [],
  ['-mbulk-memory', '-mnontrapping-fptoint', '-msign-ext', '-mreference-types', '-mmultivalue'],
  ['-mtail-call', '-msimd128'],
];

/** @param {number} seed */
export const flagsOf = (seed) => [
  '-Wno-everything',
  ...levels[seed % levels.length],
  ...features[(seed >> 3) % features.length],
];

/**
 * The numbers of the programs, from the first to the last: those that `WELD_SEEDS` says, or as many as the tier has.
 *
 * @param {{quick: number, pull: number, all: number}} counts
 */
export function seeds({ quick, pull, all }) {
  const asked = process.env.WELD_SEEDS ?? `0-${(testsAll ? all : testsPull ? pull : quick) - 1}`;
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(asked) ?? [];
  if (!from) throw new Error(`WELD_SEEDS is one number or two, as in 1000-1999, not ${asked}`);
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i);
}

/**
 * An empty folder for what is made of a program.
 *
 * @param {string} kind
 * @param {number} seed
 */
export function emptyFolder(kind, seed) {
  const folder = path.join(scratchDir, kind, String(seed));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Writes the files of a program into a folder, and compiles them there. Returns the names of the objects.
 *
 * @param {string} folder
 * @param {Record<string, string>} files
 * @param {(name: string) => string[]} flags of a file
 */
export async function compileAll(folder, files, flags) {
  mkdirSync(folder, { recursive: true });
  const objects = [];
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(path.join(folder, name), text);
    writeFileSync(path.join(folder, `${name}.flags`), `${flags(name).join(' ')}\n`);
    const object = await compileText(name, text, flags(name));
    objects.push(path.basename(object));
    copyFileSync(object, path.join(folder, path.basename(object)));
  }
  return objects;
}

/**
 * Links a program, which has to succeed without a word.
 *
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {string[]} args the output's name comes last
 * @param {string} folder
 * @param {import('../support/linkers.mjs').CalledAs} as
 */
export async function link(linker, args, folder, as) {
  const outcome = await linker.link(args, { cwd: folder, as });
  assert.deepEqual(outcome, { code: 0, stdout: '', stderr: '' }, `${linker.name} ${args.join(' ')}`);
  return new Uint8Array(readFileSync(path.join(folder, args[args.length - 1])));
}
