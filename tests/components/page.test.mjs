// @ts-check
// makeComponent in a page that Vite builds: it makes what it makes in Node.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { serve } from '../browser/serve.mjs';
import { load } from '../others/load.mjs';
import { chromiumPath } from '../support/chromium.mjs';
import { rootDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { makeProject } from './project.mjs';

/** @type {typeof import('../../web/node_modules/@playwright/test/index.js')} */
const { chromium } = await import(path.join(rootDir, 'web/node_modules/@playwright/test/index.mjs'));

const wit = 'package test:answer; world answer { export answer: func() -> u32; }';

test('a component is made in a page', { timeout: 300_000 }, async () => {
  const folder = await makeProject('component-page');
  mkdirSync(path.join(folder, 'public'));
  const write = (/** @type {string} */ name, /** @type {string} */ text) =>
    writeFileSync(path.join(folder, name), text);
  write('answer.c', '__attribute__((export_name("answer"))) int answer(void) { return 42; }');
  await runOrThrow('clang-19', ['--target=wasm32', '-c', 'answer.c', '-o', 'public/answer.o'], { cwd: folder });
  write(
    'make.js',
    `import { linkOrThrow } from 'wasm-weld';
import { makeComponent } from 'wasm-weld/component';
export async function make(bytes) {
  const { output } = await linkOrThrow({ inputs: [{ name: 'answer.o', bytes }], options: { entry: false } });
  return Array.from(await makeComponent(output, { wit: ${JSON.stringify(wit)} }));
}`,
  );
  write('index.html', '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./app.js"></script>');
  write(
    'app.js',
    `import { make } from './make.js';
globalThis.made = (async () => make(new Uint8Array(await (await fetch('answer.o')).arrayBuffer())))();`,
  );
  const { make } = await import(pathToFileURL(path.join(folder, 'make.js')).href);
  const expected = await make(readFileSync(path.join(folder, 'public/answer.o')));
  // The head of a component: version 13 of the format, layer 1.
  assert.deepEqual(expected.slice(0, 8), [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);

  const { build } = await load('vite-7');
  const site = path.join(folder, 'site');
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    base: './',
    worker: { format: 'es' },
    build: { outDir: site, target: 'es2022' },
  });
  const server = await serve(site, '/');
  const browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on('pageerror', (/** @type {unknown} */ error) => complaints.push(String(error)));
    await page.goto(server.url);
    await page.waitForFunction('globalThis.made');
    assert.deepEqual(await page.evaluate('globalThis.made'), expected);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
    await server.close();
  }
});
