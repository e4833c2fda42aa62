// @ts-check
// The ways to link: the references (wasm-ld 19 and 22) and weld in each of its forms, all taking wasm-ld's arguments.
//
// Which forms are tested, and where they are, is set by the environment:
//   WELD          the native program           (build/native/weld)
//   WELD_WASM     the npm package's Node script (js/bin/weld.mjs)
//   WELD_WASI     the program for WASI         (build/wasi/weld.wasm), run by wasmtime, which WELD_PYTHON has
//   WELD_LINKERS  which of native,wasm,script,wasi to test (native,wasm); "script" is "wasm" with a process for each link
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedValue, hash, hashFiles } from './content_cache.mjs';
import { buildDir, rootDir } from './paths.mjs';
import { run } from './processes.mjs';
import { missing22, versionOf, wasmLd, wasmLd22 } from './toolchain.mjs';
import { startPackage, startWasi, WasmLinker } from './wasm_linker.mjs';

/**
 * @typedef {'wasm-ld' | 'wasm-ld-22' | 'weld'} CalledAs the name under which the linker is called: it decides defaults and wording
 * @typedef {import('./processes.mjs').Outcome} Outcome
 *
 * @typedef {object} Linker
 * @property {string} name
 * @property {() => Promise<string>} [identity] a hash of all that decides what it does: its results may be cached under it
 * @property {(as: CalledAs) => string} program the path by which other programs, such as compilers, call it
 * @property {(args: string[], options: {cwd: string, as?: CalledAs}) => Promise<Outcome>} link
 */

/**
 * A symbolic link of the given name to a program. All names of a program are in one folder.
 *
 * @param {string} file
 * @param {string} name
 */
function named(file, name) {
  const link = path.join(buildDir, 'linkers', hash(file), name);
  mkdirSync(path.dirname(link), { recursive: true });
  try {
    symlinkSync(file, link);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  return link;
}

const linkTimeout = 60_000;

/**
 * A release of wasm-ld. `as` is the name under which weld does what this release does.
 *
 * @typedef {Linker & {as: CalledAs, identity(): Promise<string>}} Reference
 */

/**
 * @param {string} file
 * @param {CalledAs} as
 * @returns {Reference}
 */
function wasmLdOf(file, as) {
  return {
    name: path.basename(file),
    as,
    identity: async () => hash(await versionOf(file)),
    program: () => file,
    link: (args, { cwd }) => run(file, args, { cwd, argv0: as, timeout: linkTimeout }),
  };
}

export const reference = wasmLdOf(wasmLd, 'wasm-ld');
export const reference22 = wasmLdOf(wasmLd22, 'wasm-ld-22');
/** The releases that are installed. */
export const references = missing22 ? [reference] : [reference, reference22];

/**
 * As `link` of a reference in a folder that holds all inputs that are not installed libraries: what it did is
 * remembered by the content of that folder, and done again from memory.
 *
 * @param {Reference} reference
 * @param {string[]} args
 * @param {{cwd: string}} options
 */
export async function linkAsReference(reference, args, { cwd }) {
  const before = filesOf(cwd);
  const key = hash(await reference.identity(), JSON.stringify(args), ...[...before].flat());
  const { outcome, written } = await cachedValue('reference', key, async () => {
    const outcome = await reference.link(args, { cwd });
    /** @type {[string, string][]} */
    const written = [];
    for (const [name, bytes] of filesOf(cwd))
      if (!before.get(name)?.equals(bytes)) written.push([name, bytes.toString('base64')]);
    return { outcome, written };
  });
  for (const [name, bytes] of written) {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    writeFileSync(path.join(cwd, name), Buffer.from(bytes, 'base64'));
  }
  return outcome;
}

/**
 * The content of all files below a folder, by name.
 *
 * @param {string} folder
 */
function filesOf(folder) {
  const names = /** @type {string[]} */ (readdirSync(folder, { recursive: true })).sort();
  const files = names.filter((name) => statSync(path.join(folder, name)).isFile());
  return new Map(files.map((name) => [name, readFileSync(path.join(folder, name))]));
}

export const weldPath = path.resolve(rootDir, process.env.WELD ?? 'build/native/weld');

// glibc fills memory that is allocated anew with this byte: what was never written shows in the output.
const nativeEnvironment = { ...process.env, MALLOC_PERTURB_: '165' };

/** @type {Linker} */
const native = {
  name: 'native',
  program: (as) => named(weldPath, as),
  link: (args, { cwd, as = 'wasm-ld' }) =>
    run(weldPath, args, { cwd, argv0: as, env: nativeEnvironment, timeout: linkTimeout }),
};

export const scriptPath = path.resolve(rootDir, process.env.WELD_WASM ?? 'js/bin/weld.mjs');

/** The files of the package that decide what its script does. */
export function packageFiles() {
  const dist = path.resolve(path.dirname(scriptPath), '../dist');
  const files = readdirSync(dist).filter((name) => /\.(js|wasm)$/.test(name));
  return [scriptPath, ...files.sort().map((name) => path.join(dist, name))];
}

/** @type {Linker} */
const script = {
  name: 'script',
  // Unlike the native program, this one finds the same memory every time.
  identity: async () => hash(hashFiles(packageFiles())),
  program: (as) => named(scriptPath, as),
  // A script's own name is the path it was started by.
  link: (args, { cwd, as = 'wasm-ld' }) =>
    // One link is too short for V8's second compiler: waiting for it at the end takes longer than the link.
    run(process.execPath, ['--liftoff-only', '--no-warnings', named(scriptPath, as), ...args], {
      cwd,
      timeout: linkTimeout,
    }),
};

const wasmLinker = new WasmLinker(() => startPackage(scriptPath));

/** @type {Linker} */
const wasm = {
  name: 'wasm',
  program: script.program,
  link: (args, { cwd, as = 'wasm-ld' }) => wasmLinker.link([as, ...args], { cwd, timeout: linkTimeout }),
};

const wasiPath = path.resolve(rootDir, process.env.WELD_WASI ?? 'build/wasi/weld.wasm');
const wasiLinker = new WasmLinker(() => startWasi(process.env.WELD_PYTHON ?? 'python3', wasiPath));

/** @type {Linker} */
const wasi = {
  name: 'wasi',
  program: () => {
    throw new Error('the program for WASI cannot be called by other programs');
  },
  link: (args, { cwd, as = 'wasm-ld' }) => wasiLinker.link([as, ...args], { cwd, timeout: linkTimeout }),
};

/**
 * The forms of weld under test, the native one first: the others are compared with it.
 *
 * @type {Linker[]}
 */
export const welds = (process.env.WELD_LINKERS ?? 'native,wasm').split(',').map((name) => {
  const linker = { native, wasm, script, wasi }[name];
  if (!linker) throw new Error(`WELD_LINKERS: there is no linker ${name}`);
  const file = { native: weldPath, wasi: wasiPath }[name] ?? scriptPath;
  if (!existsSync(file)) throw new Error(`${file} does not exist: build it, or leave ${name} out of WELD_LINKERS`);
  return linker;
});
