// @ts-check
// weld's demangled names are those of LLVM 19 and of LLVM 22: the names of installed libraries and of
// constrained_names.cpp, and random changes of them, as demangle_main.cpp prints them and as llvm-cxxfilt-19 and
// llvm-cxxfilt-22 do.
//
//   node tests/differential/demangle.mjs PROGRAM [CHANGED] [SEED]
//
// PROGRAM is demangle_main.cpp compiled; CHANGED is how many changed names to compare as well (default 200000).
// The last line counts; the exit code is 1 if there was a difference.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { missing22 } from '../support/toolchain.mjs';

const [program, changedCount = '200000', seed = '1'] = process.argv.slice(2);
if (!program) {
  console.error('usage: demangle.mjs PROGRAM [CHANGED] [SEED]');
  process.exit(2);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [input]
 * @returns {string[]} lines
 */
function lines(command, args, input) {
  const outcome = spawnSync(command, args, { input, maxBuffer: 2 ** 31, encoding: 'latin1' });
  if (outcome.error) throw outcome.error;
  if (outcome.signal) throw new Error(`${command}: ${outcome.signal}`);
  return outcome.stdout.split('\n');
}

/**
 * The files of a directory that may not be there.
 *
 * @param {string} directory
 * @param {RegExp} pattern
 */
function files(directory, pattern) {
  if (!existsSync(directory)) return [];
  const found = readdirSync(directory).filter((name) => pattern.test(name));
  return [...new Set(found.map((name) => realpathSync(path.join(directory, name))))];
}

/** @returns {string[]} */
function rustLibraries() {
  const { stdout } = spawnSync('rustc', ['--print', 'sysroot'], { encoding: 'utf8' });
  if (!stdout) return [];
  const root = stdout.trim();
  const targets = path.join(root, 'lib/rustlib');
  return [
    ...files(path.join(root, 'lib'), /^librustc_driver.*\.so$/),
    ...files(targets, /./).flatMap((target) => files(path.join(target, 'lib'), /\.rlib$/)),
  ];
}

const source = fileURLToPath(new URL('constrained_names.cpp', import.meta.url));
const temporary = mkdtempSync(path.join(tmpdir(), 'weld-demangle-'));
process.on('exit', () => rmSync(temporary, { recursive: true, force: true }));

/**
 * The names that a release of clang gives to templates whose parameters are constrained.
 *
 * @param {number} release
 */
function constrained(release) {
  const object = path.join(temporary, `constrained_${release}.o`);
  lines(`clang++-${release}`, ['-std=c++20', '-c', source, '-o', object]);
  if (!existsSync(object)) throw new Error(`clang++-${release} does not compile ${source}`);
  return object;
}

const releases = missing22 ? [19] : [19, 22];

const sources = {
  constraints: releases.map(constrained),
  'wasm32 libraries': files('/usr/lib/wasm32-wasi', /\.a$/),
  'libstdc++': files('/usr/lib/gcc/x86_64-linux-gnu/12', /^libstdc\+\+\.a$/),
  LLVM: [
    ...files('/usr/lib/x86_64-linux-gnu', /^libLLVM.*\.so/),
    ...files('/usr/lib/llvm-19/lib', /^libclang-cpp\.so/),
  ],
  Rust: rustLibraries(),
};

// llvm-cxxfilt-19 reads words of these characters. It does not take away the underscore that some platforms put
// before a name, as wasm-ld and weld do, and knows a prefix that is PE's.
const comparable = /^[\w.$]+$/;
const different = /^(__[ZRD]|____Z|__imp_)/;

/**
 * @param {string[]} names
 * @param {number} release of LLVM
 */
function compare(names, release) {
  const input = names.join('\n') + '\n';
  const expected = lines(`llvm-cxxfilt-${release}`, [], input);
  const actual = lines(program, [String(release)], input);
  let mismatches = 0;
  let demangled = 0;
  names.forEach((name, i) => {
    if (expected[i] !== name) demangled++;
    if (actual[i] === expected[i]) return;
    if (mismatches++ < 10) console.log(`${name}\n  llvm ${expected[i]}\n  weld ${actual[i]}`);
  });
  return { mismatches, demangled };
}

// A small generator (mulberry32), so that a seed gives the same names everywhere.
let state = Number(seed);
/** @param {number} below */
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

// Productions to put into names.
const pieces = (
  'T_ S_ S0_ T0_ TL0__ I E J DpT_ DT Dt Ut_ UlvE_ UlT_E_ N K P R O M F A3_ Dv4_ cv L Li1E XE LDnE Z sZ ' +
  'sP sp fp_ fL0p_ nw _ pi cl ix qu il tl dt pt gs sr srN on dn 1a C1 D1 CI1 Ss St U1a B1a W1m WP1p Ty ' +
  'Tn Tt Tp Tk Tk1CIT_E TL0_0_ Q rq rQ TA TV TC Tc Th4_ Tv4_n4_ GV GR GI DC DB8_ DF16_ DF16b Dk DO H di dx dX ' +
  'flpl fRpl gt rs mc so pm cp DAi DSDRm u8__uuidoft Lf3f800000E L_Z LZ .1 _block_invoke C1a Nv B_ KCh DG_ p1a Kj1_ s_ T_IiE'
).split(' ');

/**
 * @param {string} name
 * @param {string[]} others
 */
function change(name, others) {
  for (let times = 1 + (random(3) ? 0 : random(3)); times > 0; times--) {
    const at = random(name.length + 1);
    const other = others[random(others.length)];
    const begin = random(other.length);
    switch (random(6)) {
      case 0:
        name = name.slice(0, at);
        break;
      case 1:
        name = name.slice(0, at) + pieces[random(pieces.length)] + name.slice(at);
        break;
      case 2:
        name = name.slice(0, at) + name.slice(at + 1 + random(4));
        break;
      case 3:
        name = name.slice(0, at) + other.slice(begin, begin + 1 + random(30)) + name.slice(at);
        break;
      case 4:
        name = name.slice(0, at) + other.slice(begin);
        break;
      default:
        name = name.slice(0, at) + pieces[random(pieces.length)][0] + name.slice(at + 1);
    }
  }
  return name;
}

let total = 0;
let mismatches = 0;
/**
 * @param {string} what
 * @param {string[]} names
 */
function report(what, names) {
  for (const release of releases) {
    const result = compare(names, release);
    const counts = `${names.length} names, ${result.demangled} demangled, ${result.mismatches} mismatches`;
    console.log(`${what}, LLVM ${release}: ${counts}`);
    total += names.length;
    mismatches += result.mismatches;
  }
}

/** @type {Set<string>} */
const all = new Set();
/** @type {Set<string>} the few names that are changed more than their number would have them */
let constraints = new Set();
for (const [what, libraries] of Object.entries(sources)) {
  /** @type {Set<string>} */
  const names = new Set();
  for (const library of libraries) {
    const flags = /\.so/.test(library) && !/rustc_driver/.test(library) ? ['-D'] : [];
    for (const line of lines('llvm-nm-19', [...flags, '--just-symbol-name', library])) {
      const name = line.replace(/@.*/, '');
      if (comparable.test(name) && !different.test(name)) names.add(name);
    }
  }
  report(what, [...names]);
  for (const name of names) all.add(name);
  if (what === 'constraints') constraints = names;
}

/**
 * @param {string[]} names
 * @param {number} count
 */
function changesOf(names, count) {
  const short = names.filter((name) => /^_[ZR]/.test(name) && name.length < 300);
  const changed = [];
  while (short.length && changed.length < count) {
    const name = change(short[random(short.length)], short);
    if (comparable.test(name) && !different.test(name)) changed.push(name);
  }
  return changed;
}
report('changed', changesOf([...all], Number(changedCount)));
report('changed constraints', changesOf([...constraints], Number(changedCount) / 4));

console.log(`${total} names, ${mismatches} mismatches`);
process.exit(mismatches ? 1 : 0);
