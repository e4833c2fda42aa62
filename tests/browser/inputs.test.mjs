// @ts-check
// Where inputs come from, and what the page says about them. LLVM's tools say what is right.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  compile,
  dist,
  expect,
  inputNames,
  linked,
  prints,
  root,
  sample,
  upload,
  work,
} from './harness.mjs';

const { zipSync } = createRequire(path.join(root, 'web/package.json'))('fflate');
/** @param {string} text */
const bytes = (text) => new TextEncoder().encode(text);
/** @param {import('./harness.mjs').Page} page @param {Record<string, string>} data */
const paste = (page, data) =>
  page.evaluate((entries) => {
    const clipboardData = new DataTransfer();
    for (const [type, text] of Object.entries(entries)) {
      if (type.includes('/')) clipboardData.setData(type, text);
      else clipboardData.items.add(new File([text], type));
    }
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, data);

describe('inputs', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('says what is in an object, as llvm-nm does', async (page) => {
    const object = compile(
      'facts',
      'int other(int); static int twice(int x) { return other(x) * 2; } int f(int x) { return twice(x) + other(x); } int g;',
    );
    await add(page, [object]);
    const listed = execFileSync('llvm-nm-19', [path.join(work, 'facts.o')], { encoding: 'utf8' })
      .trim()
      .split('\n');
    const missing = listed.filter((line) => / U /.test(line)).length;
    await button(page, 'About facts.o').click();
    await page.getByText(new RegExp(`object · .* · defines \\d+, needs ${missing}\\b`)).waitFor();
    await page.getByLabel('Symbols of facts.o').click();
    const names = page.getByRole('list', { name: 'Symbols' }).locator('.name');
    for (const line of listed)
      await names
        .getByText(line.trim().split(' ').at(-1) ?? '', { exact: true })
        .first()
        .waitFor();
  });

  pageTest('opens an archive to its members and their symbols, as llvm-ar and llvm-nm do', async (page) => {
    await add(page, [upload('libc.a', sample('libc.a'))]);
    const archive = path.join(dist, 'samples/libc.a');
    const members = execFileSync('llvm-ar-19', ['t', archive], { encoding: 'utf8' }).trim().split('\n');
    await button(page, 'About libc.a').click();
    await page.getByText(`archive of ${members.length.toLocaleString('en')}`).waitFor();
    await page.getByLabel('Members of libc.a', { exact: true }).first().click();
    await page.getByLabel('Search the members of libc.a').fill('qsort');
    const list = page.getByRole('list', { name: 'Members of libc.a' });
    await expect(list.locator('button .name')).toHaveText(members.filter((name) => name.includes('qsort')));
    await list
      .getByRole('button', { name: /^qsort\.c\.obj|^qsort\.o/ })
      .first()
      .click();
    await list.getByText('__qsort_r').first().waitFor();
  });

  pageTest('opens a zip, and takes of it what can be linked', async (page) => {
    const zip = zipSync({
      'lib/one.o': compile('one', 'int one(void) { return 1; }').buffer,
      'lib/two.o': compile('two', 'int two(void) { return 2; }').buffer,
      'README.md': bytes('# no object'),
    });
    await page.getByLabel('No entry: a library').check();
    await add(page, [upload('build.zip', Buffer.from(zip))]);
    await linked(page);
    await expect(inputNames(page)).toHaveText(['lib/one.o', 'lib/two.o']);
    await page.getByText('left out 1').waitFor();
  });

  pageTest('takes a file for a new version of the one that came with its folder', async (page) => {
    const folder = path.join(work, 'versions');
    mkdirSync(path.join(folder, 'sub'), { recursive: true });
    writeFileSync(path.join(folder, 'sub/again.o'), compile('again', 'int again(void) { return 1; }').buffer);
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('again');
    await page.setInputFiles('#folder', folder);
    await expect(inputNames(page)).toHaveText(['versions/sub/again.o']);
    const news = page.locator('.news');
    await expect(news).toHaveText('Added versions/sub/again.o');
    await add(page, [compile('again', 'int again(void) { return 2; }')]);
    await expect(news).toHaveText('Replaced versions/sub/again.o');
    await expect(inputNames(page)).toHaveText(['versions/sub/again.o']);
    await linked(page);
    await button(page, 'Call again').click();
    await page.getByText('= 2', { exact: true }).waitFor();

    // Where there are several of that name, it is one more.
    const zip = zipSync({ 'other/again.o': compile('again', 'int other(void) { return 1; }').buffer });
    await add(page, [upload('other.zip', Buffer.from(zip))]);
    await expect(inputNames(page)).toHaveText(['versions/sub/again.o', 'other/again.o']);
    await add(page, [
      compile('again', 'int third(void) { return 2; }'),
      compile('fresh', 'int fresh(void) { return 2; }'),
    ]);
    await expect(inputNames(page)).toHaveText(['versions/sub/again.o', 'other/again.o', 'again.o', 'fresh.o']);
    await expect(news).toHaveText('Added 2 files');
    await add(page, [
      compile('again', 'int third(void) { return 3; }'),
      compile('last', 'int last(void) { return 2; }'),
    ]);
    await expect(news).toHaveText('Added 1 file, replaced again.o');
  });

  pageTest('offers as a button only what the linker knows', async (page) => {
    await add(page, [upload('unknown.o', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]))]);
    await page.getByText('Not linked: 1 error').waitFor();
    await expect(page.getByRole('list', { name: 'Diagnostics' })).toContainText('--target=wasm32-wasi');
    await expect(page.getByRole('button', { name: /--target/ })).toHaveCount(0);
  });

  pageTest('says what is wrong with a zip', async (page) => {
    await add(page, [
      upload('bad.zip', Buffer.from('PK\x03\x04 and then nothing')),
      compile('good', 'int good(void) { return 1; }'),
    ]);
    await page.getByText(/Not everything could be read: bad\.zip/).waitFor();
    await button(page, 'Remove good.o').waitFor(); // what is beside it is taken
  });

  pageTest('takes what is pasted: a file, a source, and no nonsense', async (page) => {
    await paste(page, { 'note.txt': 'a note' });
    await page.getByText('it is text').first().waitFor();
    await button(page, 'Remove all').click();
    await paste(page, { 'text/plain': 'just words' });
    await page.getByText('The pasted text is not C').waitFor();
    await paste(page, { 'text/plain': '(module (func $f (export "f") (result i32) (i32.const 7)))' });
    await page.getByRole('textbox', { name: 'Source of pasted.wat' }).waitFor();
    await paste(page, { 'text/plain': 'int main(void) { return 0; }' });
    await page.getByRole('textbox', { name: 'Source of pasted.c', exact: true }).waitFor();
  });

  pageTest('shows what a hostile object holds as text', async (page) => {
    await add(page, [
      compile('hostile', 'int a(void) __asm__("<img src=x onerror=alert(1)>\u202E"); int a(void) { return 1; }'),
    ]);
    await button(page, 'About hostile.o').click();
    await page.getByLabel('Symbols of hostile.o').click();
    await page.getByRole('list', { name: 'Symbols' }).getByText('<img src=x onerror=alert(1)>\\u{202e}').waitFor();
    await expect(page.locator('main img')).toHaveCount(0);
  });

  for (const [label, text] of [
    ['C++', '2 apples, 1 pears, 4 in all\n'],
    ['Rust', '   2 link\n   1 not\n   1 or\n   2 to\n6 words, linked in this page\n'],
  ])
    pageTest(`opens the ${label} sample and runs it`, async (page, t) => {
      if (label === 'Rust' && !existsSync(path.join(dist, 'samples/words.o')))
        return t.skip('built where there is no rustc with a library for WASI');
      await button(page, `Open the ${label} sample`).click();
      await linked(page);
      await button(page, 'Run').click();
      await page.getByText('exit code 0').waitFor();
      await prints(page, text);
    });

  pageTest('takes a file of 50 MB without freezing', async (page) => {
    // An archive of one large object.
    const source = path.join(work, 'large.s');
    writeFileSync(
      source,
      '.section .data.large,"",@\n.globl large\nlarge:\n.skip 52428800, 7\n.size large, 52428800\n',
    );
    execFileSync('clang-19', ['--target=wasm32-wasi', '-c', source, '-o', path.join(work, 'large.o')]);
    await page.evaluate(() => {
      const longest = { ms: 0 };
      Object.assign(globalThis, { longest });
      let last = performance.now();
      const tick = () => {
        longest.ms = Math.max(longest.ms, performance.now() - last);
        last = performance.now();
        requestAnimationFrame(tick);
      };
      tick();
    });
    await page.getByLabel('No entry: a library').check();
    await page.setInputFiles('#files', path.join(work, 'large.o'));
    await button(page, 'About large.o').click();
    await page.getByText(/defines \d+, needs/).waitFor();
    await linked(page);
    const ms = await page.evaluate(() => /** @type {any} */ (globalThis).longest.ms);
    assert.ok(ms < 1000, `the page did nothing for ${Math.round(ms)} ms`);
  });
});
