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

  pageTest('has arguments, input, files and a clock, and ends with its code', async (page) => {
    const source = `#include <stdio.h>
      #include <time.h>
      #include <unistd.h>
      int main(int count, char **args) {
        char line[64] = "", word[64] = "";
        FILE *in = fopen("given.txt", "r+"), *out = fopen("made.txt", "w");
        if (!in || !out) return 3;
        fgets(line, sizeof line, stdin);
        fgets(word, sizeof word, in);
        fprintf(out, "%s%s", line, word);
        rewind(in);
        fputs("F", in); // in the room that the file has
        struct timespec before, after;
        clock_gettime(CLOCK_MONOTONIC, &before);
        usleep(50000);
        clock_gettime(CLOCK_MONOTONIC, &after);
        long long ms = (after.tv_sec - before.tv_sec) * 1000LL + (after.tv_nsec - before.tv_nsec) / 1000000;
        printf("%d: %s\n", count, args[count - 1]);
        fprintf(stderr, "slept %s\n", ms < 45 ? "too short" : ms > 5000 ? "too long" : "well");
        printf("read %s", line);
        return 7; }`;
    await add(page, program('surroundings', source.replaceAll('\n"', '\\n"')));
    await linked(page);
    await option(page).check();
    await page.getByRole('textbox', { name: 'Arguments', exact: true }).fill('one "two words"');
    await page.getByText('Standard input and files').click();
    await page.getByRole('textbox', { name: 'Standard input' }).fill('from stdin\n');
    await page.setInputFiles('#program-files', [upload('given.txt', 'from a file\n')]);
    await page.getByText('given.txt').waitFor();
    await button(page, 'Run').click();
    await page.getByText('exit code 7').waitFor();
    await prints(page, '3: two words\nslept well\nread from stdin\n');
    assert.equal((await downloadOf(page, 'Download made.txt')).bytes.toString(), 'from stdin\nfrom a file\n');
    assert.equal((await downloadOf(page, 'Download given.txt')).bytes.toString(), 'From a file\n');
  });

  pageTest('shows where it trapped, and stops', async (page) => {
    const source = `__attribute__((noinline)) static void broken(int n) { if (n) __builtin_trap(); }
      int main(int count, char **args) {
        (void)args;
        if (count > 1) for (volatile int i = 0;; i++);
        broken(count);
        return 0; }`;
    await add(page, program('traps', source));
    await linked(page);
    const places = async () => {
      await button(page, 'Run').click();
      await page.getByText('trapped: unreachable').waitFor();
      const frames = page.getByRole('list', { name: 'Where it was' }).getByRole('listitem');
      await frames.first().waitFor();
      return frames.allTextContents();
    };
    const plain = await places();
    assert.match(plain.join(), /broken/);
    await option(page).check();
    assert.deepEqual(await places(), plain);

    await page.getByRole('textbox', { name: 'Arguments', exact: true }).fill('endless');
    await button(page, 'Run').click();
    await page.getByText('running…').waitFor();
    await button(page, 'Stop').click();
    await page.getByText('stopped').waitFor();
  });

  pageTest('can be stopped while it is made', async (page) => {
    /** @type {() => void} */
    let letGo = () => {};
    const held = new Promise((resolve) => (letGo = () => resolve(undefined)));
    await page.route('**/wasi_snapshot_preview1*.wasm', async (route) => {
      await held;
      await route.continue();
    });
    await button(page, 'Open the C sample').click();
    await page.getByText('exit code 0').waitFor();
    await option(page).check();
    await button(page, 'Run').click();
    await page.getByText('making a component…').waitFor();
    await button(page, 'Stop').click();
    await page.getByText('stopped').waitFor();
    letGo();
    await page.getByText('Core modules').waitFor();
    await page.getByText('stopped').waitFor();
    await expect(page.getByLabel('What the program printed')).toHaveText('(it printed nothing)');
  });

  pageTest('says what a module lacks', async (page) => {
    // A click may still be about the output before: whoever sees nothing clicks again.
    const says = (/** @type {string} */ name, /** @type {string} */ text) =>
      expect(async () => {
        await button(page, name).click();
        await expect(page.getByRole('alert')).toContainText(text, { timeout: 5000 });
      }).toPass({ timeout: 60_000 });
    await add(page, program('lacks', 'int main(void) { return 0; }'));
    await linked(page);
    await option(page).check();
    await page.getByRole('checkbox', { name: 'Import the memory' }).check();
    await linked(page);
    await says('Download component', 'There is no component of this module. It imports the memory env.memory.');
    await page.getByRole('checkbox', { name: 'Import the memory' }).uncheck();
    await linked(page);
    await expect(page.getByRole('alert')).toHaveCount(0);
    const imports = '__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_dance"))) int dance(int);';
    await add(page, [compile('lacks', `${imports} int main(int n, char **args) { return dance(n + !args); }`)]);
    await linked(page);
    await says(
      'Run',
      'It imports wasi_snapshot_preview1.fd_dance, which the adapter from WASI 0.1 to WASI 0.2 does not have.',
    );
    await page.getByText('no component', { exact: true }).waitFor();
  });

  pageTest('is kept, and is part of a link', async (page) => {
    await add(page, program('keeps', 'int main(void) { return 0; }'));
    await linked(page);
    await option(page).check();
    await kept(page, /"asComponent":true/, 1);
    await page.reload();
    await linked(page);
    await expect(option(page)).toBeChecked();
    await button(page, 'Open the C sample').click();
    await page.getByText('exit code 0').waitFor();
    await button(page, 'Share as a link').click();
    await page.getByText('link that contains').waitFor();
    const link = page.url();
    await option(page).uncheck();
    await kept(page, /"args":""(?!,"asComponent")/, 0);
    await page.goto('about:blank');
    await page.goto(link);
    await linked(page);
    await expect(option(page)).toBeChecked();
  });

  pageTest(
    'names a host that forbids the script',
    async (page) => {
      const policy = { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" };
      await page.route('**/program.worker*.js', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), ...policy } });
      });
      await button(page, 'Open the C sample').click();
      await page.getByText('exit code 0').waitFor();
      await option(page).check();
      await button(page, 'Run').click();
      await page.getByText('host or the browser does not allow the script').waitFor();
    },
    { allows: /Content Security Policy/ },
  );
});
