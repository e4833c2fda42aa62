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
