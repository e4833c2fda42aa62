// @ts-check
// Projects that build with weld, set up as js/docs/toolchains.md says.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rootDir, scratchDir } from './paths.mjs';
import { runWasi } from './run_wasi.mjs';
import { validate } from './validate.mjs';

const page = readFileSync(path.join(rootDir, 'js/docs/toolchains.md'), 'utf8');

/** The block of the page in a language. @param {string} language */
export function settings(language) {
  const [, text] = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'm').exec(page) ?? [];
  assert.ok(text, `the page has no block of ${language}`);
  return text;
}

/** A project that has installed the package. @param {string} name @param {import('./linkers.mjs').Linker} weld @param {Record<string, string>} files */
export function makeProject(name, weld, files) {
  const folder = path.join(scratchDir, 'toolchains', weld.name, name);
  rmSync(folder, { recursive: true, force: true });
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  mkdirSync(path.join(folder, 'node_modules/.bin'), { recursive: true });
  for (const as of /** @type {const} */ (['wasm-ld', 'weld']))
    symlinkSync(weld.program(as), path.join(folder, 'node_modules/.bin', as));
  return folder;
}

/** @param {string} output @param {string} expected */
export async function prints(output, expected) {
  const bytes = readFileSync(output);
  assert.equal(await validate(bytes), '');
  const { code, stdout } = await runWasi(output, {});
  assert.deepEqual({ code, stdout }, { code: 0, stdout: expected });
  return bytes;
}
