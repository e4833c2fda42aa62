// @ts-check
// Sources that are written, compiled, linked and run in the page.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  editorOf,
  expect,
  inputNames,
  linked,
  prints,
  upload,
  write,
  written,
} from './harness.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';

/** @param {import('./harness.mjs').Page} page @param {string} name */
async function newFile(page, name) {
  await page.getByLabel('Name of a new file').fill(name);
  await page.keyboard.press('Enter');
  await editorOf(page, name).waitFor();
}
/** The places that the editor marks as errors. @param {import('./harness.mjs').Page} page */
const marked = (page) => page.locator('.cm-lintRange-error');
/** @param {import('./harness.mjs').Page} page @param {string} text */
const verdict = (page, text) => expect(page.locator('.verdict')).toHaveText(text);

/** On a machine this many times as slow. @param {import('./harness.mjs').Page} page @param {number} times */
async function slowDown(page, times) {
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: times });
  return session;
}

/**
 * Keys at a pace of their own: as people do, they do not wait until the page has taken the one before.
 * @param {Awaited<ReturnType<typeof slowDown>>} session @param {string} text @param {number} pace ms from key to key
 */
async function type(session, text, pace) {
  /** @type {Promise<unknown>[]} */
  const keys = [];
  for (const letter of text) {
    const key =
      letter === '\n' ? { key: 'Enter', text: '\r', windowsVirtualKeyCode: 13 } : { key: letter, text: letter };
    keys.push(
      session.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key }),
      session.send('Input.dispatchKeyEvent', { type: 'keyUp', key: key.key }),
    );
    await new Promise((resolve) => setTimeout(resolve, pace));
  }
  await Promise.all(keys);
}

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
    await expect(page.getByRole('list', { name: 'Calls' }).getByRole('listitem').first()).toContainText(`= ${value} `, {
      timeout: 5000,
    });
  }).toPass({ timeout: 60_000 });
}

describe('the playground', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('assembles wat files that call each other, links them and calls what they export', async (page) => {
    await newFile(page, 'twice.wat');
    await write(
      page,
      'twice.wat',
      '(module (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))',
    );
    await newFile(page, 'use.wat');
    await write(
      page,
      'use.wat',
      '(module (import "env" "twice" (func $twice (param i32) (result i32))) (func $four (export "four_times") (param i32) (result i32) (call $twice (call $twice (local.get 0)))))',
    );
    await page.getByLabel('No entry: a library').check();
    await button(page, 'Compile, link, run').click();
    await linked(page);
    await page.getByLabel('four_times: argument 1, i32').fill('21');
    await button(page, 'Call four_times').click();
    await page.getByText('= 84', { exact: true }).waitFor();

    // An edit compiles by itself, and one file only.
    await page.getByRole('button', { name: 'twice.wat', exact: true }).click();
    await write(
      page,
      'twice.wat',
      '(module (func $twice (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3))))',
    );
    await page.getByRole('list', { name: 'Calls' }).getByText('= 84').waitFor({ state: 'hidden' });
    await page.getByLabel('four_times: argument 1, i32').fill('10');
    await button(page, 'Call four_times').click();
    await page.getByText('= 90', { exact: true }).waitFor();
    assert.deepEqual(
      server().requests.filter((name) => name.includes('/clang/')),
      [],
    );
  });

  pageTest('keeps what was compiled before it was stopped, and compiles the rest the next time', async (page) => {
    await page.getByLabel('No entry: a library').check();
    for (const [name, value] of /** @type {const} */ ([
      ['one', 1],
      ['two', 2],
    ])) {
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

  // A slow machine is a busy one to the other tests, too.
  for (const pace of testsAll ? [10, 40, 120] : [40])
    pageTest(`keeps what is typed at ${pace} ms a key on a slow machine, and undoes all of it`, async (page) => {
      await page.getByLabel('No entry: a library').check();
      await button(page, 'answer.wat').click();
      await editorOf(page, 'answer.wat').click();
      const before = await written(page, 'answer.wat');
      await page.keyboard.press('Control+A');
      const session = await slowDown(page, 6);
      const text =
        ';; as fast as this can be typed\n;; and on\n(module (func $typed (export "typed") (result i32) (i32.const 1234567)))';
      await type(session, text, pace);
      await expect.poll(() => written(page, 'answer.wat')).toBe(text);
      // In the middle of a line too: the cursor stays where it is.
      for (let i = 0; i < '4567)))'.length; i++) await page.keyboard.press('ArrowLeft');
      await type(session, '00000', pace);
      const edited = text.replace('1234567', '123000004567');
      await expect.poll(() => written(page, 'answer.wat')).toBe(edited);

      let undone = 0;
      for (; undone < 200 && (await written(page, 'answer.wat')) !== before; undone++)
        await page.keyboard.press('Control+Z');
      assert.equal(await written(page, 'answer.wat'), before);
      for (; undone > 0; undone--) await page.keyboard.press('Control+Y');
      await expect.poll(() => written(page, 'answer.wat')).toBe(edited);
      for (let i = 0; i < 5; i++) await page.keyboard.press('Backspace');
      await expect.poll(() => written(page, 'answer.wat')).toBe(text);

      // What the editor shows is what is compiled.
      await button(page, 'Compile, link, run').click();
      await gives(page, 'typed', 1234567);
    });

  pageTest('opens a text that comes from elsewhere, and keeps each file’s own', async (page) => {
    await newFile(page, 'one.wat');
    await write(page, 'one.wat', ';; first');
    await newFile(page, 'two.wat');
    await write(page, 'two.wat', ';; second');
    await page.getByRole('button', { name: 'one.wat', exact: true }).click();
    await expect.poll(() => written(page, 'one.wat')).toBe(';; first');
    await editorOf(page, 'one.wat').click();
    await page.keyboard.press('End');
    await page.keyboard.type(' and more');
    await page.getByRole('button', { name: 'two.wat', exact: true }).click();
    await page.getByRole('button', { name: 'one.wat', exact: true }).click();
    await expect.poll(() => written(page, 'one.wat')).toBe(';; first and more');
    await add(page, [upload('one.wat', ';; from a file')]);
    await expect.poll(() => written(page, 'one.wat')).toBe(';; from a file');
    // A file of the same name is another file.
    await button(page, 'Close one.wat').click();
    await newFile(page, 'one.wat');
    await expect.poll(() => written(page, 'one.wat')).toMatch(/^\(module/);
  });

  if (testsPull)
    pageTest('keeps what is typed into fields on a slow machine, wherever the cursor is', async (page) => {
      await button(page, 'main.c').click();
      await editorOf(page, 'main.c').waitFor();
      await button(page, 'Edit the line').click();
      const session = await slowDown(page, 6);
      const fields = [
        page.getByRole('textbox', { name: 'Exports' }),
        page.getByLabel('More arguments'),
        page.getByLabel('Command line without the inputs'),
        page.getByLabel('Compiler flags'),
        page.getByLabel('Name of a new file'),
        page.getByLabel('Search the options'),
      ];
      for (const field of fields) {
        await field.fill('');
        await field.focus();
        await type(session, '--export=a', 10);
        await page.keyboard.press('ArrowLeft');
        await type(session, 'bcdefghij', 10);
        await expect(field).toHaveValue('--export=bcdefghija');
      }
      await page.getByLabel('Search the options').fill('');
    });

  pageTest('says what wabt says, and marks it', async (page) => {
    await newFile(page, 'bad.wat');
    await write(page, 'bad.wat', '(module\n  (func (result i32) (i64.const 1)))');
    await button(page, 'Compile, link, run').click();
    await page.getByLabel('What the compiler says about bad.wat').getByText('type mismatch').waitFor();
    await expect(marked(page)).toHaveCount(1);
    await expect(page.locator('.cm-line').nth(1).locator('.cm-lintRange-error')).toHaveCount(1);
    await page.getByText('1 file does not compile').waitFor();
    // An edit is enough: the compiler is there.
    await write(page, 'bad.wat', '(module\n  (func (result i32) (i32.const 1)))');
    await expect(marked(page)).toHaveCount(0);
    await expect(page.getByText('1 file does not compile')).toHaveCount(0);
  });

  if (testsPull)
    pageTest(
      'opens the sources of a sample; a file that is edited is compiled, fetched for that alone',
      async (page) => {
        page.setDefaultTimeout(200_000);
        await button(page, 'Open the C sample').click();
        await linked(page);
        await page.getByRole('textbox', { name: 'Source of hello.c' }).waitFor();
        assert.deepEqual(
          server().requests.filter((name) => name.includes('/clang/')),
          [],
        );
        await write(
          page,
          'hello.c',
          '#include <stdio.h>\nint help(void);\nint main(void) { printf("%d from C\\n", help()); }\n',
        );
        await newFile(page, 'help.c');
        await write(page, 'help.c', 'int help(void) { return 6 * 7; }\n');
        await page.getByText('not compiled yet').waitFor();
        await button(page, 'Compile, link, run').click();
        await page.getByText('fetching the compiler (27 MB, only once)').waitFor();
        await page.getByText('exit code 0').waitFor();
        await prints(page, '42 from C\n');
        await page
          .locator('.times')
          .getByText(/compiled.*linked.*ran/)
          .waitFor();
        await expect(inputNames(page).getByText('libc.a')).toHaveCount(1);

        // What is wrong is said, with its place; the last good object stays.
        await write(page, 'help.c', '/* π and 𝕎 */ int help(void) { return 6 * unknown_name; }\n');
        await page
          .getByLabel('What the compiler says about help.c')
          .getByText(/help\.c:1:\d+: error/)
          .waitFor();
        await expect(marked(page)).toHaveText('unknown_name');
        await marked(page).hover();
        await page.locator('.cm-tooltip').getByText("use of undeclared identifier 'unknown_name'").waitFor();
        await verdict(page, 'Not compiled: help.c');
        await expect(page.locator('.verdict.bad')).toHaveCount(1);
        // A mark stays at what it marks, and goes when that is mended.
        await editorOf(page, 'help.c').press('Control+Home');
        await page.keyboard.type('\n');
        await expect(page.locator('.cm-line').nth(1).locator('.cm-lintRange-error')).toHaveText('unknown_name');
        await write(page, 'help.c', 'int help(void) { return 5; }\n');
        await page.getByLabel('What the compiler says about help.c').waitFor({ state: 'hidden' });
        await expect(marked(page)).toHaveCount(0);
        await verdict(page, 'Linked');
        await button(page, 'Run').click();
        await page.getByText('5 from C').waitFor();

        // Two sources of one stem are two objects.
        await newFile(page, 'help.wat');
        await write(page, 'help.wat', watOf('more_help', 1));
        await expect(inputNames(page).getByText('help.wat.o', { exact: true })).toHaveCount(1);
        await expect(inputNames(page).getByText('help.o', { exact: true })).toHaveCount(1);
        await linked(page);
      },
    );

  if (testsPull)
    pageTest('fetches the compiler again when the network is back', async (page) => {
      const context = await /** @type {any} */ (page.context().browser()).newContext({ serviceWorkers: 'block' });
      try {
        const away = await context.newPage();
        away.setDefaultTimeout(200_000);
        await away.goto(`${server().url}?start=empty`);
        await button(away, 'main.c').click();
        await editorOf(away, 'main.c').waitFor();
        await context.setOffline(true);
        await button(away, 'Compile, link, run').click();
        await away.locator('.source-pane > .refusal').waitFor();
        await context.setOffline(false);
        await button(away, 'Compile, link, run').click();
        await away.getByText('exit code 0').waitFor();
        await prints(away, 'Hello\n');
        await expect(away.locator('.source-pane > .refusal')).toHaveCount(0);
      } finally {
        await context.close();
      }
    });

  if (testsPull)
    pageTest('compiles C++ with the library, from several files and a header', async (page) => {
      page.setDefaultTimeout(200_000);
      await button(page, 'Open the C++ sample').click();
      await linked(page);
      await page.getByRole('button', { name: 'inventory.hpp', exact: true }).waitFor();
      await write(
        page,
        'main.cpp',
        '#include "inventory.hpp"\n#include <iostream>\nint main() { Inventory shelf; shelf.add("plum", 4); std::cout << shelf.total() << " plums" << std::endl; }\n',
      );
      await button(page, 'Compile, link, run').click();
      await page.getByText('exit code 0').waitFor();
      await prints(page, '4 plums\n');

      // What is wrong in a header is marked there.
      await page.getByRole('button', { name: 'inventory.hpp', exact: true }).click();
      await editorOf(page, 'inventory.hpp').press('Control+End');
      await page.keyboard.insertText('no_such_type nothing;\n');
      await expect(marked(page).first()).toHaveText('no_such_type', { timeout: 100_000 });
      await expect(page.locator('.verdict')).toHaveText('Not compiled: main.cpp, inventory.cpp', { timeout: 100_000 });
    });
});
