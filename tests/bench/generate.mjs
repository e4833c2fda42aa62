// @ts-check
// Generated projects: thousands of distinct C++ objects, stamped out of a few dozen that are compiled. sources/object.cpp
// says what is in them.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hash } from '../support/content_cache.mjs';
import { buildDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { compile } from '../support/toolchain.mjs';

/**
 * @typedef {object} Project
 * @property {number} count objects, besides the main one
 * @property {'object' | 'tiny'} template
 * @property {number[]} parts how big the variants are, in turn: PARTS
 * @property {number} variants
 * @property {string[]} flags
 */

const sources = path.join(testsDir, 'bench/sources');
const groupSize = 20;

/** What tokens stand for in object number i of n. */
const meanings = {
  X: (/** @type {number} */ i) => i,
  Y: (/** @type {number} */ i, /** @type {number} */ n) => (i + 1) % n,
  Z: (/** @type {number} */ i, /** @type {number} */ n) => (i + 1 + (n >> 1)) % n,
  G: (/** @type {number} */ i) => Math.floor(i / groupSize),
};

/**
 * The places of an object's bytes where numbers go: the digits of X000000X and the like.
 *
 * @param {Buffer} bytes
 */
function findTokens(bytes) {
  const found = bytes.toString('latin1').matchAll(/([XYZG])000000\1/g);
  return [...found].map((match) => ({ at: match.index + 1, kind: /** @type {keyof typeof meanings} */ (match[1]) }));
}

/**
 * A maker of copies of an object. Y and Z are other objects' X; G keeps its letter.
 *
 * @param {Buffer} bytes
 * @param {number} count
 */
function stamper(bytes, count) {
  const tokens = findTokens(bytes);
  return (/** @type {number} */ i) => {
    const copy = Buffer.from(bytes);
    for (const { at, kind } of tokens) {
      const letter = kind === 'G' ? 'G' : 'X';
      copy.write(`${letter}${String(meanings[kind](i, count)).padStart(6, '0')}${letter}`, at - 1, 'latin1');
    }
    return copy;
  };
}

/** @param {Project} project */
function compileTemplates({ template, parts, variants, flags }) {
  const headers = [path.join(sources, 'bench.h')];
  const all = Array.from({ length: variants }, (_, variant) => {
    const defines = [
      `-DVARIANT=${variant}`,
      ...(template === 'object' ? [`-DPARTS=${parts[variant % parts.length]}`] : []),
    ];
    return compile(path.join(sources, `${template}.cpp`), ['-std=c++20', ...flags, ...defines], headers);
  });
  const main = compile(path.join(sources, 'main.cpp'), ['-std=c++20', ...flags], headers);
  return Promise.all([main, ...all]);
}

/**
 * The folder of a project, made when it is not there: main.o, the objects 000000.o and so on, and all of those in all.a.
 *
 * @param {Project} project
 */
export async function generate(project) {
  const [main, ...templates] = (await compileTemplates(project)).map((file) => readFileSync(file));
  const { count } = project;
  const version = readFileSync(path.join(testsDir, 'bench/generate.mjs'));
  const folder = path.join(
    buildDir,
    'bench',
    `${count}-${hash(version, String(count), main, ...templates).slice(0, 16)}`,
  );
  if (existsSync(folder)) return folder;

  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}.`);
  try {
    writeFileSync(path.join(work, 'main.o'), stamper(main, count)(0));
    const stampers = templates.map((bytes) => stamper(bytes, count));
    const names = objectNames(count);
    names.forEach((name, i) => writeFileSync(path.join(work, name), stampers[i % stampers.length](i)));
    writeFileSync(path.join(work, 'names'), names.join('\n'));
    await runOrThrow('llvm-ar-19', ['--format=gnu', 'rcsD', 'all.a', '@names'], { cwd: work });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** @param {number} count */
export function objectNames(count) {
  return Array.from({ length: count }, (_, i) => `${String(i).padStart(6, '0')}.o`);
}

/**
 * What the linked program prints: every member adds its own number and those of the next and the far one.
 *
 * @param {number} count
 */
export function expectedOutput(count) {
  return `${count} members, ${1 + (3 * count * (count - 1)) / 2}\n`;
}
