// @ts-check
// A project in one file: saved, given to somebody else, opened.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  compile,
  editorOf,
  expect,
  inputNames,
  linked,
  upload,
  work,
  written,
} from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

/** @param {Page} page */
async function saved(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Save as a file').click()]);
  return upload(download.suggestedFilename(), readFileSync(await download.path()));
}

describe('projects', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('what is saved is opened elsewhere: inputs, options, sources, and what was shown', async (page) => {
    // Bytes that no compression makes smaller.
    const bytes = [...randomBytes(60_000)].join();
    const large = compile(
      'large',
      `const unsigned char filler[] = {${bytes}}; const unsigned char *get(void) { return filler; }`,
    );
    await button(page, 'Open the wat sample').click();
    await linked(page);
    await page.getByRole('textbox', { name: 'Exports' }).fill('reduced_top scaled get');
    await add(page, [large]); // a sample that was changed is somebody's work, which stays
    await linked(page);
    await page.getByRole('tab', { name: 'Size' }).click();
    await page.getByRole('region', { name: 'Parts by size' }).getByRole('button', { name: 'large.o' }).click();
    // Too large for a link, which says so.
    await button(page, 'Share as a link').click();
    await expect(page.getByRole('status').filter({ hasText: 'too large for a link' })).toContainText(
      'Save them as a file',
    );
    const file = await saved(page);
    assert.equal(file.name, 'gcd.weld');

    // Any tool can open it.
    const folder = mkdtempSync(path.join(work, 'project-'));
    writeFileSync(path.join(folder, 'a.zip'), file.buffer);
    const list = execFileSync('python3', ['-m', 'zipfile', '-l', 'a.zip'], { cwd: folder, encoding: 'utf8' });
    for (const name of ['weld.json', 'inputs/2/large.o', 'sources/gcd.wat']) assert.ok(list.includes(name), list);

    const context = await page
      .context()
      .browser()
      ?.newContext({ viewport: { width: 1280, height: 800 } });
    assert.ok(context);
    const other = await context.newPage();
    other.setDefaultTimeout(60_000);
    other.setDefaultNavigationTimeout(60_000);
    await other.goto(`${server().url}?start=empty`);
    await add(other, [compile('mine', 'int mine(void) { return 1; }')]);
    await expect(inputNames(other)).toHaveText(['mine.o']);
    await add(other, [file]);
    await expect(inputNames(other)).toHaveText(['gcd.o', 'fraction.o', 'large.o']);
    await linked(other);
    await expect(other.getByRole('textbox', { name: 'Exports' })).toHaveValue('reduced_top scaled get');
    await expect(other.getByRole('navigation', { name: 'What is shown' })).toContainText('large.o');
    await expect(editorOf(other, 'gcd.wat')).toBeVisible();
    assert.match(await written(other, 'gcd.wat'), /module/);
    // What was there comes back.
    await button(other, 'Undo').click();
    await expect(inputNames(other)).toHaveText(['mine.o']);
    await context.close();
  });

  pageTest('a file that is no project says so', async (page) => {
    const folder = mkdtempSync(path.join(work, 'no-project-'));
    writeFileSync(path.join(folder, 'weld.json'), '{"version": 9}');
    execFileSync('python3', ['-m', 'zipfile', '-c', 'a.weld', 'weld.json'], { cwd: folder });
    await add(page, [upload('a.weld', readFileSync(path.join(folder, 'a.weld')))]);
    await expect(page.locator('.news')).toContainText('The project cannot be opened');
    await add(page, [upload('b.weld', 'not even a zip')]);
    await expect(page.locator('.news')).toContainText('b.weld');
  });
});
