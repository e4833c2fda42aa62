// @ts-check
// Who comes for the first time: a program and its output are there, nothing large is fetched, and nothing is lost by trying.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import {
  add,
  button,
  compile,
  dist,
  editorOf,
  expect,
  inputNames,
  linked,
  openBrowser,
  servePreview,
} from './harness.mjs';

const output =
  'Hello from output.wasm, linked in this page.\n10 relocation\n 7 archive\n 6 object\n 6 symbol\n 6 module\n';

describe('a first visit', { timeout: 900_000 }, () => {
  const open = () => openBrowser(servePreview);
  /** @type {Awaited<ReturnType<typeof open>>} */
  let opened;
  before(async () => void (opened = await open()));
  after(async () => {
    await opened?.browser.close();
    opened?.server.close();
  });

  /** @param {string} name @param {(page: import('./harness.mjs').Page, t: import('node:test').TestContext) => Promise<void>} act */
  const visit = (name, act, query = '') =>
    test(name, async (t) => {
      // The service worker fetches the rest of the page when nothing else is to do, which is no part of a first visit.
      const context = await opened.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: 'block' });
      try {
        const page = await context.newPage();
        page.setDefaultTimeout(60_000);
        /** @type {string[]} */
        const complaints = [];
        page.on('console', (message) => {
          if (!/Service Worker registration blocked/.test(message.text())) complaints.push(message.text());
        });
        page.on('pageerror', (error) => complaints.push(String(error)));
        await page.goto(opened.server.url + query);
        await act(page, t);
        assert.deepEqual(complaints, []);
      } finally {
        await context.close();
      }
    });
  /** @param {import('./harness.mjs').Page} page @param {string} text */
  const printed = (page, text) =>
    expect.poll(() => page.getByLabel('What the program printed').textContent()).toBe(text);

  visit('shows a program, its output, and what it is made of', async (page) => {
    await printed(page, output);
    await linked(page);
    await expect(page.getByRole('textbox', { name: 'Source of hello.c' })).toBeVisible();
    await expect(page.getByRole('banner')).toContainText('Nothing is uploaded');
    await expect(page.getByRole('list', { name: 'What came out' })).toContainText(/costs .* because of .*__main_void/);
    await expect(page.getByRole('link', { name: 'Whose the output’s bytes are' })).toBeVisible();
    const members = /(\d+) archive members of (\d+) were needed/.exec(
      (await page.getByRole('list', { name: 'What came out' }).textContent()) ?? '',
    );
    assert.ok(members);
    await expect(page.getByRole('list', { name: 'Inputs, in link order' })).toContainText(
      `${members[1]} of ${members[2]} in`,
    );

    // All of it, as a host sends it that compresses with brotli.
    const prefix = new URL(opened.server.url).pathname;
    // The editor comes when the result has been seen.
    const first = opened.server.requests.filter((name) => !/\/editor-[\w-]+\.js$/.test(name));
    const names = new Set(first.map((name) => name.slice(prefix.length) || 'index.html'));
    assert.ok(![...names].some((name) => name.startsWith('clang/') || name.endsWith('/libc.a')), [...names].join(', '));
    let total = 0;
    for (const name of names) total += brotliCompressSync(readFileSync(path.join(dist, name))).length;
    assert.ok(total < 585_000, `${total} bytes until the overview is there`);
  });

  visit('leads to the documents', async (page) => {
    await page.getByRole('link', { name: 'Docs' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('link', { name: 'weld', exact: true }).click();
    await printed(page, output);
  });

  visit('opens one sample after the other', async (page) => {
    await printed(page, output);
    await button(page, 'Open the C++ sample').click();
    await printed(page, '2 apples, 1 pears, 4 in all\n');
    await expect(editorOf(page, 'main.cpp')).toBeVisible();
    await button(page, 'Open the C sample').click();
    await printed(page, output);
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0); // nobody's work was there
  });

  visit('makes room for what is dropped, and brings the sample back', async (page) => {
    await printed(page, output);
    await add(page, [compile('own', 'int own(void) { return 3; }')]);
    await expect(inputNames(page)).toHaveText(['own.o']);
    await expect(page.locator('.news')).toContainText('Added own.o');
    await button(page, 'Undo').click();
    await expect(inputNames(page)).toHaveText(['crt1-command.o', 'hello.o', 'libc.a']);
    await linked(page);
    await button(page, 'Run').click();
    await printed(page, output);
  });

  visit('does not put the sample over what somebody dropped before it was here', async (page) => {
    /** @type {() => void} */
    let letGo = () => {};
    const held = new Promise((resolve) => (letGo = () => resolve(undefined)));
    await page.route('**/samples/hello.c', async (route) => {
      await held;
      await route.continue();
    });
    await page.reload();
    await add(page, [compile('early', 'int early(void) { return 3; }')]);
    await expect(inputNames(page)).toHaveText(['early.o']);
    const [answer] = await Promise.all([page.waitForResponse('**/samples/hello.c'), letGo()]);
    await answer.finished();
    await page.waitForTimeout(500);
    await expect(inputNames(page)).toHaveText(['early.o']);
    await expect(page.getByRole('button', { name: 'Open the C sample' })).toHaveAttribute('aria-busy', 'false');
  });

  visit('keeps work: a sample that was changed is not thrown away', async (page) => {
    await printed(page, output);
    await editorOf(page, 'hello.c').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('// mine');
    await add(page, [compile('own', 'int own(void) { return 3; }')]);
    await expect(inputNames(page)).toHaveText(['crt1-command.o', 'hello.o', 'libc.a', 'own.o']);
    // Another sample takes its place all the same, and gives it back.
    await button(page, 'Open the wat sample').click();
    await expect(inputNames(page)).toHaveText(['gcd.o', 'fraction.o']);
    await button(page, 'Undo').click();
    await expect(inputNames(page)).toHaveText(['crt1-command.o', 'hello.o', 'libc.a', 'own.o']);
    await expect(editorOf(page, 'hello.c')).toHaveValue(/\/\/ mine/);
  });

  visit('takes what is typed while the editor is still on its way', async (page) => {
    /** @type {() => void} */
    let letGo = () => {};
    const held = new Promise((resolve) => (letGo = () => resolve(undefined)));
    await page.route(/\/editor-[\w-]+\.js$/, async (route) => {
      await held;
      await route.continue();
    });
    await printed(page, output);
    const plain = page.locator('textarea[aria-label="Source of hello.c"]');
    await plain.click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('// first');
    await page.keyboard.press('Enter');
    letGo();
    await expect(page.locator('.cm-line').first()).toHaveText('// first');
    await expect(plain).toHaveCount(0);
    await page.keyboard.type('// second'); // the focus and the cursor are where they were
    await expect(page.locator('.cm-line').nth(1)).toHaveText(/^\/\/ second/);
  });

  visit(
    'is empty where the address asks for that, with the options closed',
    async (page) => {
      await page.getByText('Drop objects and archives').waitFor();
      await expect(page.getByLabel('No entry: a library')).toBeHidden();
      await page.getByRole('heading', { name: 'Options' }).click();
      await page.getByLabel('No entry: a library').check();
      await expect(page.getByText('1 changed')).toBeVisible();
      // What is changed can be taken back. The drawer leaves its place to the views.
      const box = await page.locator('.files-pane').boundingBox();
      const views = await page.locator('.inspect-pane').boundingBox();
      assert.ok(box && views && box.height > 700 && views.x >= box.x + box.width - 1);
      await button(page, 'Take back --no-entry').click();
      await expect(page.getByLabel('No entry: a library')).not.toBeChecked();
      await page.getByLabel('No entry: a library').check();
      await page.reload();
      await expect(page.getByLabel('No entry: a library')).toBeVisible(); // as it was left
    },
    '?start=empty',
  );

  visit('has a border that keys and the pointer move', async (page) => {
    await printed(page, output);
    const bench = () => page.locator('.bench').evaluate((element) => element.getBoundingClientRect().height);
    const before = await bench();
    const divider = page.getByRole('separator', { name: 'Height of the workbench' });
    await divider.focus();
    await page.keyboard.press('ArrowDown');
    await expect.poll(bench).toBe(Math.round(before) + 32);
    await page.reload();
    await expect.poll(bench).toBe(Math.round(before) + 32);
    const box = await divider.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 200, box.y + 3);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y - 57, { steps: 5 });
    await page.mouse.up();
    await expect.poll(async () => Math.abs((await bench()) - (before + 32 - 57)) <= 5).toBe(true);
    await divider.dblclick();
    await expect.poll(bench).toBe(before);
  });
});
