// @ts-check
// Sources that are written, compiled, linked and run in the page.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { browserSuite, button, expect, inputNames, linked, prints } from './harness.mjs';

/** @param {import('./harness.mjs').Page} page @param {string} name @param {string} text */
async function write(page, name, text) {
  const editor = page.getByRole('textbox', { name: `Source of ${name}`, exact: true });
  await editor.click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}
/** @param {import('./harness.mjs').Page} page @param {string} name */
async function newFile(page, name) {
  await page.getByLabel('Name of a new file').fill(name);
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: `Source of ${name}`, exact: true }).waitFor();
}
/** @param {import('./harness.mjs').Page} page */
const open = (page) => page.getByRole('heading', { name: 'Playground' }).click();

/** Until `release`, the compiler is not given the source of this name. @param {import('./harness.mjs').Page} page @param {string} held */
async function holdBack(page, held) {
  await page.evaluate((name) => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = /** @this {Worker} @param {any[]} all */ function (...all) {
      const post = () => postMessage.apply(this, /** @type {any} */ (all));
      if (all[0]?.name === name && 'headers' in all[0]) Object.assign(globalThis, { release: post });
      else post();
    };
    Object.assign(globalThis, { restore: () => (Worker.prototype.postMessage = postMessage) });
  }, held);
  return async () => {
    await page.evaluate(() => {
      const { release, restore } = /** @type {any} */ (globalThis);
      restore();
      release();
    });
  };
}
/** @param {string} name @param {number} value */
const watOf = (name, value) => `(module (func $${name} (export "${name}") (result i32) (i32.const ${value})))`;
/** @param {import('./harness.mjs').Page} page @param {string} name @param {number} value */
async function gives(page, name, value) {
  // What is called may just be replaced by what was linked since.
  await expect(async () => {
    await button(page, `Call ${name}`).click();
    await expect(page.getByRole('list', { name: 'Calls' }).getByRole('listitem').first()).toContainText(`= ${value} `, { timeout: 1000 });
  }).toPass({ timeout: 15_000 });
}

describe('the playground', { timeout: 400_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('assembles wat files that call each other, links them and calls what they export', async (page) => {
    await open(page);
    await newFile(page, 'twice.wat');
    await write(page, 'twice.wat', '(module (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))');
    await newFile(page, 'use.wat');
    await write(page, 'use.wat', '(module (import "env" "twice" (func $twice (param i32) (result i32))) (func $four (export "four_times") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))');
    await page.getByLabel('No entry: a library').check();
    await button(page, 'Compile, link, run').click();
    await linked(page);
    await page.getByLabel('four_times: argument 1, i32').fill('21');
    await button(page, 'Call four_times').click();
    await page.getByText('= 84', { exact: true }).waitFor();

    // An edit compiles by itself, and one file only.
    await page.getByRole('button', { name: 'twice.wat', exact: true }).click();
    await write(page, 'twice.wat', '(module (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))');
    await page.getByRole('list', { name: 'Calls' }).getByText('= 84').waitFor({ state: 'hidden' });
    await page.getByLabel('four_times: argument 1, i32').fill('10');
    await button(page, 'Call four_times').click();
    await page.getByText('= 90', { exact: true }).waitFor();
    assert.deepEqual(server().requests.filter((name) => name.includes('/clang/')), []);
  });

  pageTest('keeps what was compiled before it was stopped, and compiles the rest the next time', async (page) => {
    await open(page);
    await page.getByLabel('No entry: a library').check();
    for (const [name, value] of /** @type {const} */ ([['one', 1], ['two', 2]])) {
      await newFile(page, `${name}.wat`);
      await write(page, `${name}.wat`, watOf(name, value));
    }
    const release = await holdBack(page, 'two.wat');
    await button(page, 'Compile, link, run').click();
    await page.getByText('Compiling two.wat…').waitFor();
    await button(page, 'Stop').click();
    await page.getByText('not compiled yet').waitFor();
    await expect(inputNames(page)).toHaveText(['one.o']);
    await release(); // to a worker that is gone
    await button(page, 'Compile, link, run').click();
    await expect(inputNames(page)).toHaveText(['one.o', 'two.o']);
    await gives(page, 'one', 1);
    await gives(page, 'two', 2);

    // An object that is taken out of the inputs is made again.
    await button(page, 'Remove one.o').click();
    await page.getByText('not compiled yet').waitFor();
    await button(page, 'Compile, link, run').click();
    await expect(inputNames(page)).toHaveText(['two.o', 'one.o']);
    await gives(page, 'one', 1);
  });

  pageTest('compiles what is edited while it compiles', async (page) => {
    await open(page);
    await page.getByLabel('No entry: a library').check();
    await newFile(page, 'quick.wat');
    await write(page, 'quick.wat', watOf('quick', 1));
    await button(page, 'Compile, link, run').click();
    await gives(page, 'quick', 1);
    const release = await holdBack(page, 'quick.wat');
    await write(page, 'quick.wat', watOf('quick', 10));
    await page.getByText('Compiling quick.wat…').waitFor();
    await write(page, 'quick.wat', watOf('quick', 100));
    await page.waitForTimeout(1500); // the writer's pause is over, the compiler still at work
    await release();
    await page.getByText('Compiling quick.wat…').waitFor({ state: 'hidden' });
    await expect(page.getByText('not compiled yet')).toHaveCount(0);
    await gives(page, 'quick', 100);
  });

  pageTest('says what wabt says', async (page) => {
    await open(page);
    await newFile(page, 'bad.wat');
    await write(page, 'bad.wat', '(module (func (result i32) (i64.const 1)))');
    await button(page, 'Compile, link, run').click();
    await page.getByLabel('What the compiler says about bad.wat').getByText('type mismatch').waitFor();
  });

  pageTest('opens the sources of a sample; a file that is edited is compiled, fetched for that alone', async (page) => {
    page.setDefaultTimeout(200_000);
    await button(page, 'Open the sample').click();
    await linked(page);
    await open(page);
    await page.getByRole('textbox', { name: 'Source of hello.c' }).waitFor();
    assert.deepEqual(server().requests.filter((name) => name.includes('/clang/')), []);
    await write(page, 'hello.c', '#include <stdio.h>\nint help(void);\nint main(void) { printf("%d from C\\n", help()); }\n');
    await newFile(page, 'help.c');
    await write(page, 'help.c', 'int help(void) { return 6 * 7; }\n');
    await page.getByText('not compiled yet').waitFor();
    await button(page, 'Compile, link, run').click();
    await page.getByText('the compiler, 27 MB, once').waitFor();
    await page.getByText('exit code 0').waitFor();
    await prints(page, '42 from C\n');
    await page.locator('.times').getByText(/compiled.*linked.*ran/).waitFor();
    await expect(inputNames(page).getByText('libc.a')).toHaveCount(1);

    // What is wrong is said, with its place; the last good object stays.
    await write(page, 'help.c', 'int help(void) { return 6 * ; }\n');
    await page.getByLabel('What the compiler says about help.c').getByText(/help\.c:1:\d+: error/).waitFor();
    await write(page, 'help.c', 'int help(void) { return 5; }\n');
    await page.getByLabel('What the compiler says about help.c').waitFor({ state: 'hidden' });
    await button(page, 'Run').click();
    await page.getByText('5 from C').waitFor();

    // Two sources of one stem are two objects.
    await newFile(page, 'help.wat');
    await write(page, 'help.wat', watOf('more_help', 1));
    await button(page, 'Compile, link, run').click();
    await expect(inputNames(page).getByText('help.wat.o', { exact: true })).toHaveCount(1);
    await expect(inputNames(page).getByText('help.o', { exact: true })).toHaveCount(1);
    await linked(page);
  });

  pageTest('compiles C++ with the library, from several files and a header', async (page) => {
    page.setDefaultTimeout(200_000);
    await button(page, 'Open the C++ sample').click();
    await linked(page);
    await open(page);
    await page.getByRole('button', { name: 'inventory.hpp', exact: true }).waitFor();
    await write(page, 'main.cpp', '#include "inventory.hpp"\n#include <iostream>\nint main() { Inventory shelf; shelf.add("plum", 4); std::cout << shelf.total() << " plums" << std::endl; }\n');
    await button(page, 'Compile, link, run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, '4 plums\n');
  });
});
