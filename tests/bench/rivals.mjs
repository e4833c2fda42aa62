// @ts-check
// Everything that is measured against each other.
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folderOf } from '../others/load.mjs';
import { hash } from '../support/content_cache.mjs';
import { scriptPath, welds } from '../support/linkers.mjs';
import { buildDir, testsDir } from '../support/paths.mjs';
import { wasmLd } from '../support/toolchain.mjs';
import { measure, nativeTool } from './measure.mjs';

/**
 * @typedef {import('./measure.mjs').Sample} Sample
 * @typedef {import('./sets.mjs').InputSet} InputSet
 * @typedef {import('./sets.mjs').Inputs} Inputs
 *
 * @typedef {object} Session a rival that is ready to link one set again and again
 * @property {(save: boolean) => Promise<Sample>} link `save`: the output has to be in the file `out.wasm` afterwards
 * @property {() => void} [end]
 *
 * @typedef {object} Rival
 * @property {string} name
 * @property {'same' | 'runs' | 'none'} output the reference's bytes; a program that does the same; nothing to look at
 * @property {boolean} [optional] may it fail? Other linkers do not link everything
 * @property {(set: InputSet) => boolean} [takes] is it measured with this set? All, if it does not say
 * @property {string} [missing] why it cannot be measured here
 * @property {(inputs: Inputs, outputBytes: number) => Promise<Session>} start
 */

export const outputName = 'out.wasm';

/**
 * @param {string} name of the process
 * @param {string} program
 * @param {(inputs: Inputs) => string[]} args
 * @returns {Rival['start']}
 */
function processes(name, program, args) {
  return async (inputs) => ({ link: () => measure({ name, program, args: args(inputs), cwd: inputs.folder }) });
}

/** @param {Inputs} inputs */
const linkArguments = (inputs) => [...inputs.args, '-o', outputName];

/**
 * Links inside a Node process of its own.
 *
 * @param {string} linker
 * @param {Inputs} inputs
 */
async function startNode(linker, inputs) {
  const json = path.join(buildDir, 'bench', 'in_process', `${hash(inputs.folder, ...inputs.args).slice(0, 16)}.json`);
  mkdirSync(path.dirname(json), { recursive: true });
  writeFileSync(json, JSON.stringify(inputs));
  const child = fork(path.join(testsDir, 'bench/in_process.mjs'), [linker, json], { execArgv: ['--no-warnings'] });
  const answer = () =>
    new Promise((resolve, reject) => {
      child.once('message', (/** @type {any} */ said) => (said.error ? reject(new Error(said.error)) : resolve(said)));
      child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    }).finally(() => child.removeAllListeners());
  /** @param {boolean} save @returns {Promise<Sample>} */
  const link = (save) => {
    child.send({ save: save ? path.join(inputs.folder, outputName) : undefined });
    return answer();
  };
  await answer(); // the inputs are read
  return { link, end: () => void child.kill() };
}

/** A fresh process each time: loading the linker counts, starting Node and reading the inputs do not. @returns {Rival['start']} */
const cold = (/** @type {string} */ linker) => async (inputs) => ({
  async link(save) {
    const node = await startNode(linker, inputs);
    try {
      return await node.link(save);
    } finally {
      node.end();
    }
  },
});

const warmUp = { least: 3, most: 100, ms: 2000 };

/** A process that has linked for a while. @returns {Rival['start']} */
const warm = (/** @type {string} */ linker) => async (inputs) => {
  const node = await startNode(linker, inputs);
  const begin = performance.now();
  for (let i = 0; i < warmUp.least || (i < warmUp.most && performance.now() - begin < warmUp.ms); ++i)
    await node.link(false);
  return node;
};

/** @param {string} name */
function onPath(name) {
  const folders = (process.env.PATH ?? '').split(':');
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
}

/** @param {Inputs} inputs Zig's own linker takes no wasm-ld arguments; its cache must not answer. */
function zigArguments(inputs) {
  const cache = path.join(buildDir, 'bench', 'zig-cache');
  rmSync(cache, { recursive: true, force: true });
  const flags = ['-target', 'wasm32-wasi', '-fno-lld', '-fno-llvm', '-fno-compiler-rt', '--cache-dir', cache];
  return ['build-exe', ...flags, ...inputs.files, `-femit-bin=${outputName}`];
}

/**
 * A rival that may not be installed.
 *
 * @param {string} name
 * @param {string} program
 * @param {string} as the name it is called by
 * @param {(inputs: Inputs) => string[]} args
 * @returns {Rival}
 */
function ifInstalled(name, program, as, args) {
  const file = onPath(program);
  const missing = file ? undefined : `${program} is not on PATH`;
  return { name, output: 'runs', optional: true, missing, start: processes(as, file ?? '', args) };
}

const weldPackage = path.resolve(path.dirname(scriptPath), '../dist/index.js');
const lld22Missing = existsSync(folderOf('@yowasp/clang')) ? undefined : 'npm’s @yowasp/clang is not installed';
/** @param {InputSet} set It takes its time. */
const forLld22 = (set) => set.name === 'hello C++ O2' || set.name === '1,000 objects';

/** @param {string} name */
function weldForm(name) {
  const weld = welds.find((one) => one.name === name);
  if (!weld) throw new Error(`the benchmarks need all forms of weld: unset WELD_LINKERS`);
  return weld.program('wasm-ld');
}

/** Names that the goals refer to. */
export const names = {
  native: 'weld',
  wasmLd: 'wasm-ld 19',
  wasmLdOneThread: 'wasm-ld 19, 1 thread',
  script: 'weld in Node, process',
  cold: 'weld in Node, cold',
  warm: 'weld in Node, warm',
  lld22Cold: 'LLD 22 in Node, cold',
  lld22Warm: 'LLD 22 in Node, warm',
  floor: 'floor: files',
};

/** @type {Rival[]} */
export const rivals = [
  { name: names.native, output: 'same', start: processes('wasm-ld', weldForm('native'), linkArguments) },
  { name: names.wasmLd, output: 'same', start: processes('wasm-ld', wasmLd, linkArguments) },
  {
    name: names.wasmLdOneThread,
    output: 'same',
    start: processes('wasm-ld', wasmLd, (inputs) => ['--threads=1', ...linkArguments(inputs)]),
  },
  {
    name: names.script,
    output: 'same',
    start: processes('node', process.execPath, (inputs) => [
      '--no-warnings',
      weldForm('wasm'),
      ...linkArguments(inputs),
    ]),
  },
  { name: names.cold, output: 'same', start: cold(weldPackage) },
  { name: names.warm, output: 'same', start: warm(weldPackage) },
  {
    name: names.lld22Cold,
    output: 'runs',
    optional: true,
    takes: forLld22,
    missing: lld22Missing,
    start: cold('lld22'),
  },
  {
    name: names.lld22Warm,
    output: 'runs',
    optional: true,
    takes: forLld22,
    missing: lld22Missing,
    start: warm('lld22'),
  },
  ifInstalled('Zig’s linker', 'zig', 'zig', zigArguments),
  ifInstalled('wild', 'wild', 'wasm-ld', (inputs) => linkArguments(inputs).slice(2)), // without `-m wasm32`, which 0.10 does not know
  {
    name: names.floor,
    output: 'none',
    start: async (inputs, outputBytes) => {
      const program = await nativeTool('floor');
      const args = ['files', outputName, String(outputBytes), ...inputs.files];
      return { link: () => measure({ name: 'floor', program, args, cwd: inputs.folder }) };
    },
  },
  {
    name: 'floor: memcpy',
    output: 'none',
    start: async (inputs, outputBytes) => {
      const program = await nativeTool('floor');
      const args = ['memory', String(inputs.bytes + outputBytes)];
      return {
        async link() {
          const { stdout } = await measure({ name: 'floor', program, args, cwd: inputs.folder });
          return { ms: Number(stdout) / 1e6 };
        },
      };
    },
  },
];
