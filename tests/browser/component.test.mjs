// @ts-check
// Commands that the page makes components of, and runs as such.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';
import { runOrThrow } from '../support/processes.mjs';
import { ofPull } from '../support/tier.mjs';
import {
  add,
  browserSuite,
  button,
  compile,
  expect,
  kept,
  linked,
  prints,
  root,
  sample,
  upload,
  work,
} from './harness.mjs';

const tools = path.join(root, 'web/node_modules/@bytecodealliance');

/** @typedef {import('./harness.mjs').Page} Page */
/** @param {Page} page */
const option = (page) => page.getByLabel('As a component');
/** @param {Page} page */
const printed = (page) => page.getByLabel('What the program printed').textContent();
/** @param {Page} page @param {string} name */
async function downloadOf(page, name) {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}
/** A program with what C programs are linked with. @param {string} name @param {string} source */
const program = (name, source) => [
  upload('crt1-command.o', sample('crt1-command.o')),
  upload('libc.a', sample('libc.a')),
  upload('builtins.a', sample('libclang_rt.builtins-wasm32.a')),
  compile(name, source),
];

/** What a command prints in Node, where jco transpiles and runs it. @param {Buffer} component */
async function printsInNode(component) {
  const { transpileBytes } = await import(pathToFileURL(path.join(tools, 'jco-transpile/dist/index.js')).href);
  const folder = path.join(work, 'component');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(tools, path.join(folder, 'node_modules/@bytecodealliance'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  const { files } = await transpileBytes(component, { name: 'command', emitTypescriptDeclarations: false });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
  writeFileSync(path.join(folder, 'main.js'), `import { run } from './command.js';\nrun.run();\n`);
  return (await runOrThrow(process.execPath, ['main.js'], { cwd: folder })).stdout;
}

describe('as a component', { timeout: 900_000, ...ofPull }, () => {
  const { pageTest } = browserSuite();

  pageTest('the C sample prints what it prints as a module, and is downloaded', async (page) => {
    /** @type {string[]} */
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    const ofTools = () => requests.filter((url) => /component|wasm-tools|wasi_snapshot/.test(url));
    await button(page, 'Open the C sample').click();
    await page.getByText('exit code 0').waitFor();
    const plain = await printed(page);
    assert.match(plain ?? '', /^Hello from output\.wasm/);
    assert.deepEqual(ofTools(), []);
    await option(page).check();
    await button(page, 'Run').click();
    await page.getByText('Core modules').waitFor();
    await page.getByText('exit code 0').waitFor();
    assert.equal(await printed(page), plain);
    assert.ok(ofTools().some((url) => /component_run/.test(url)));

    const component = await downloadOf(page, 'Download component');
    assert.equal(component.name, 'output.component.wasm');
    // It runs elsewhere, too. Its arguments are another program's.
    const elsewhere = await printsInNode(component.bytes);
    assert.equal(elsewhere.replace(/^Hello from .*,/, 'Hello from output.wasm,'), plain);
    await page.getByText('Core modules').click();
    const core = await downloadOf(page, 'Download output.core.wasm');
    const module = await downloadOf(page, 'Download');
    assert.ok(core.bytes.equals(module.bytes));
    assert.ok(component.bytes.includes(module.bytes));
  });
});
