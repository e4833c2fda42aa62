// @ts-check
// A project that has installed the packed package, and what it makes components with.
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folderOf } from '../others/load.mjs';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';

/** The folder of a new project. @param {string} name */
export async function makeProject(name) {
  const folder = path.join(scratchDir, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(folderOf('@bytecodealliance'), path.join(folder, 'node_modules/@bytecodealliance'));
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  await runOrThrow('npm', pack, { cwd: path.join(rootDir, 'js') });
  await runOrThrow('sh', ['-c', 'tar -xzf wasm-weld-*.tgz && mv package node_modules/wasm-weld'], { cwd: folder });
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}
