// @ts-check
// The compilers and other tools that make inputs for the linker. Everything they make is cached by content.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cachedFile, hash, hashFiles } from './content_cache.mjs';
import { run, runOrThrow } from './processes.mjs';

export const wasiLib = '/usr/lib/wasm32-wasi';
export const builtins = '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a';
export const crt1Command = `${wasiLib}/crt1-command.o`;
export const crt1Reactor = `${wasiLib}/crt1-reactor.o`;
export const wasmLd = '/usr/bin/wasm-ld-19';
export const wasmLd22 = '/usr/bin/wasm-ld-22';
/** Why nothing is done with LLVM 22: for the option `skip` of a test. */
export const missing22 = existsSync(wasmLd22) && existsSync('/usr/bin/clang-22') ? false : 'LLVM 22 is not installed';
export const googletest = '/usr/src/googletest/googletest';

/** @type {Map<string, Promise<string>>} */
const versions = new Map();

/**
 * What a tool says about its version: part of every key.
 *
 * @param {string} tool
 */
export function versionOf(tool) {
  let version = versions.get(tool);
  if (!version) {
    version = run(tool, ['--version']).then((outcome) => outcome.stdout);
    versions.set(tool, version);
  }
  return version;
}

/** @typedef {19 | 22} Release of LLVM */

const compilers = {
  '.c': { tool: 'clang', flags: ['--target=wasm32-wasi', '-c'] },
  '.cpp': { tool: 'clang++', flags: ['--target=wasm32-wasi', '-fno-exceptions', '-c'] },
  '.cc': { tool: 'clang++', flags: ['--target=wasm32-wasi', '-fno-exceptions', '-c'] },
  '.s': { tool: 'llvm-mc-19', flags: ['-triple=wasm32-unknown-unknown', '-filetype=obj'] },
  '.wat': { tool: 'wat2wasm', flags: ['--relocatable'] },
};

/** @param {string} name */
export function isSource(name) {
  return path.extname(name) in compilers;
}

/**
 * Compiles or assembles one source file to an object of the same name with `.o`, and returns the object's path.
 * The compiler runs in the source's folder so that no path of this machine gets into the object.
 *
 * @param {string} source
 * @param {string[]} flags
 * @param {string[]} [headers] the other files that the object depends on
 * @param {Release} [release] of clang
 */
export async function compile(source, flags, headers = [], release = 19) {
  const extension = /** @type {keyof typeof compilers} */ (path.extname(source));
  const { tool: name, flags: fixedFlags } = compilers[extension];
  const tool = name.startsWith('clang') ? `${name}-${release}` : name;
  const object = `${path.basename(source, extension)}.o`;
  const debugFlags = tool.startsWith('clang') ? ['-fdebug-compilation-dir=.'] : [];
  const allFlags = [...fixedFlags, ...debugFlags, ...flags];
  const key = hash(await versionOf(tool), JSON.stringify(allFlags), hashFiles([source, ...headers]));
  return cachedFile('objects', key, object, (output) =>
    runOrThrow(tool, [...allFlags, path.basename(source), '-o', output], { cwd: path.dirname(source) }),
  );
}

/**
 * As `compile`, for source text that is not in a file.
 *
 * @param {string} name
 * @param {string} text
 * @param {string[]} flags
 */
export async function compileText(name, text, flags) {
  const source = await cachedFile('sources', hash(text), name, async (file) => writeFileSync(file, text));
  return compile(source, flags);
}

/** @typedef {'plain' | 'noindex' | 'thin' | 'bsd' | 'darwin'} ArchiveKind */

/**
 * Makes an archive in the folder that holds its members, by running llvm-ar there.
 *
 * @param {string} folder
 * @param {string} name
 * @param {ArchiveKind} kind
 * @param {string[]} members
 */
export async function archive(folder, name, kind, members) {
  const flags = {
    plain: ['--format=gnu', 'rcsD'],
    noindex: ['--format=gnu', 'rcSD'],
    thin: ['--format=gnu', '--thin', 'rcsD'],
    bsd: ['--format=bsd', 'rcsD'],
    darwin: ['--format=darwin', 'rcsD'],
  }[kind];
  await runOrThrow('llvm-ar-19', [...flags, name, ...members], { cwd: folder });
  // llvm-ar writes the index of a wasm archive only with `s`; `S` must really have left it out.
  const start = readFileSync(path.join(folder, name)).subarray(8, 24).toString('latin1');
  if (kind === 'noindex' && start.startsWith('/ ')) throw new Error(`${name} has an index`);
}
