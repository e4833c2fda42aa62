// @ts-check
// The package as npm would publish it, installed in a folder of its own.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testsPull } from '../support/tier.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
/** @param {string} name */
export const tool = (name) => path.join(root, 'tests/package/node_modules', name);

mkdirSync(path.join(root, 'build/package'), { recursive: true });
/** A folder of this test file's own, which is deleted. */
export const folder = mkdtempSync(path.join(root, 'build/package/test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** @type {{filename: string, files: {path: string, size: number}[]}[]} */
const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: path.join(root, 'js'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }),
);
if (!packed) throw new Error('npm packed nothing');
export const tarball = path.join(folder, packed.filename);
export const files = packed.files.map((file) => file.path);

/** A project that has installed the package. */
export const project = path.join(folder, 'project');
mkdirSync(project);
writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball], { cwd: project, stdio: 'ignore' });

/** @param {string} name @param {string | Uint8Array} content */
export function write(name, content) {
  const file = path.join(project, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

// TypeScript 5.9. The quick tier has 7, which takes a tenth of the time.
const tsc = testsPull
  ? path.join(tool('typescript'), 'bin/tsc')
  : path.join(root, 'web/node_modules/typescript/bin/tsc');
/**
 * What TypeScript says of the project, whose tsconfig.json has these options and files.
 *
 * @param {object} config @param {string} [compiler]
 */
export function checkTypes(config, compiler = tsc) {
  write('tsconfig.json', JSON.stringify(config));
  const { stdout, stderr } = spawnSync(process.execPath, [compiler, '-p', project], { encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr); // it did not run
  return stdout;
}

/** An object of C. @param {string} name @param {string} text @param {string[]} [flags] */
export function compile(name, text, flags = []) {
  const source = write(`${name}.c`, text);
  execFileSync('clang-19', [
    '--target=wasm32-wasi',
    '-O1',
    ...flags,
    '-c',
    source,
    '-o',
    path.join(project, `${name}.o`),
  ]);
  return `${name}.o`;
}
