// @ts-check
// Links weld's own module with weld: em++ makes the package's weld.wasm again, with the package in wasm-ld's place. The
// result is a package in build/self/js, for the tests to run on:
//   node tests/programs/self_link.mjs
//   WELD_LINKERS=wasm WELD_WASM=build/self/js/bin/weld.mjs node --test tests/cases.mjs
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { split } from '../../js/split.mjs';
import { environment, toolsWith, weldsAs } from '../support/emscripten.mjs';
import { buildDir, rootDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';

const self = path.join(buildDir, 'self');
rmSync(self, { recursive: true, force: true });
mkdirSync(path.join(self, 'build'), { recursive: true });
for (const part of ['bin', 'dist', 'test', 'package.json', 'move_data.mjs'])
  cpSync(path.join(rootDir, 'js', part), path.join(self, 'js', part), { recursive: true });
symlinkSync(path.join(buildDir, 'native'), path.join(self, 'build/native')); // the package's tests compare with it
symlinkSync(path.join(rootDir, 'js/node_modules'), path.join(self, 'js/node_modules')); // they use TypeScript
symlinkSync(path.join(rootDir, 'tests'), path.join(self, 'tests')); // and ask which tier it is

const { stdout } = await runOrThrow('ninja', ['-C', path.join(buildDir, 'wasm'), '-t', 'commands', 'weld_js']);
const command = stdout.trim().split('\n').at(-1) ?? '';
const usual = path.join(buildDir, 'wasm/js/native/weld');
const output = 'js/native/weld.wasm';
const options = ',@js/native/weld.rsp ';
for (const part of [` ${output} `, options]) assert.ok(command.includes(part), `no ${part} in: ${command}`);

/** @type {Buffer[]} */
const modules = [];
for (const linker of weldsAs(14)) {
  toolsWith(linker, path.join(self, 'tools'));
  const env = { ...environment, EM_LLVM_ROOT: path.join(self, 'tools') };
  const made = path.join(self, 'weld');
  writeFileSync(`${made}.rsp`, `--Map=${made}.map\n`);
  await runOrThrow('sh', ['-c', command.replace(` ${output} `, ` ${made}.wasm `).replace(options, `,@${made}.rsp `)], {
    cwd: path.join(buildDir, 'wasm'),
    env,
    timeout: 600_000,
  });
  modules.push(readFileSync(`${made}.wasm`));
}
for (const bytes of modules)
  assert.ok(bytes.equals(/** @type {Buffer} */ (modules[0])), 'the forms of weld do not agree');
split(path.join(self, 'weld.wasm'), path.join(self, 'js/dist'));
const expected = readFileSync(`${usual}.wasm`);
const same = modules[0]?.equals(expected)
  ? 'the same bytes as'
  : `${modules[0]?.length} bytes, not the ${expected.length} bytes of`;
console.log(`weld.wasm, linked by weld: ${same} wasm-ld 14's link`);
