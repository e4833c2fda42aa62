// @ts-check
// Divides weld.wasm, as em++ makes it, into two modules: what most links need, and everything else, which is loaded when it is
// needed (`Bridge` of src/bridge.ts). Binaryen's wasm-split does it; which functions most links need is found out by linking
// (native/train.mjs). Calls of functions in the second module go through slots of the table, which hold functions of ours
// until that module is there. Constants that only the second module refers to are moved into it, too (move_data.mjs).
//   node split.mjs WELD_WASM DIST
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { moveData } from './move_data.mjs';

const packageDir = path.dirname(fileURLToPath(import.meta.url));
const features = ['--enable-mutable-globals', '--enable-sign-ext'];
// As in native/CMakeLists.txt.
const optimization = ['-O3', '--one-caller-inline-max-function-size=100'];

/** @param {string} command @param {string[]} args */
function run(command, ...args) {
  execFileSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

/**
 * Takes away what is for us only, the names of functions. `imports`: the modules that may be imported.
 *
 * @param {string} wasm
 * @param {string} output
 */
export function optimize(wasm, output, imports = ['host']) {
  run('wasm-opt', ...features, wasm, ...optimization, '--strip-debug', '--strip-producers', '-o', output);
  // em++ makes an import of what is undefined, and does not say so.
  for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(output))))
    if (!imports.includes(module)) throw new Error(`${wasm} imports \`${name}\` of \`${module}\``);
}

/**
 * `dist` has the package's JavaScript already. Beside `wasm` is the map of its link.
 *
 * @param {string} wasm
 * @param {string} dist
 */
export function split(wasm, dist) {
  const folder = mkdtempSync(path.join(tmpdir(), 'weld-split-'));
  const file = (/** @type {string} */ name) => path.join(folder, name);
  try {
    run('wasm-split', '--instrument', ...features, wasm, '-o', file('instrumented.wasm'));
    run(process.execPath, path.join(packageDir, 'native/train.mjs'), dist, file('instrumented.wasm'), file('profile'));
    run('wasm-split', ...features, wasm, '--profile', file('profile'), '-o1', file('1'), '-o2', file('2'));
    optimize(file('1'), file('1.wasm'), ['host', 'placeholder']);
    optimize(file('2'), file('2.wasm'), ['primary']);
    const [first, second] = ['1.wasm', '2.wasm'].map((name) => readFileSync(file(name)));
    const parts = moveData(first, second, readFileSync(wasm.replace(/wasm$/, 'map'), 'utf8'));
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    const mark = customSection('weld.parts', hash.digest().subarray(0, 8));
    for (const [i, name] of ['weld', 'weld-more'].entries())
      writeFileSync(path.join(dist, `${name}.wasm`), Buffer.concat([parts[i], nameSection(name), mark]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The module's name, which engines show in stacks: `Crash` of src/crash.ts looks for it. @param {string} name */
function nameSection(name) {
  return customSection('name', Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]));
}

/** @param {string} name @param {Buffer} content */
function customSection(name, content) {
  const body = Buffer.concat([Buffer.from([name.length]), Buffer.from(name), content]);
  return Buffer.concat([Buffer.from([0, body.length]), body]);
}

const [, script, wasm, dist] = process.argv;
if (script === fileURLToPath(import.meta.url)) split(wasm, dist);
