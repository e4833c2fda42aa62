// @ts-check
// The page in a frame of a page from elsewhere, which hands files over in messages and is told what became of them.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { browserSuite, compile, expect, inputNames, kept, linkNatively, linked, work } from './harness.mjs';
import { serve } from './serve.mjs';
import { testsPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

// The page around: it keeps what it is told, and shows nothing but the frame and another one that means no good.
const around = `<!doctype html><meta charset="utf-8"><title>Around</title><link rel="icon" href="data:">
<script>
  const told = [];
  addEventListener('message', ({ data, source }) => source === frames[0] && told.push(data));
</script>
<iframe title="weld" width="1200" height="700"></iframe>
<iframe title="other" srcdoc=""></iframe>`;

describe('the page in a frame', { timeout: 600_000 }, () => {
  const { pageTest, server } = browserSuite();
  const folder = path.join(work, 'embed');
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let host;
  before(async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'index.html'), around);
    host = await serve(folder, '/');
  });
  after(() => host?.close());

  /** What the page around was told so far, without the bytes. @param {Page} page @returns {Promise<any[]>} */
  const told = (page) =>
    page.evaluate(() =>
      /** @type {any} */ (globalThis)
        .eval('told')
        .map((/** @type {any} */ { output, ...rest }) => ({ ...rest, size: output?.length })),
    );

  /** The frame, once it is ready. @param {Page} page @param {string} [more] of its address */
  async function embed(page, more = '') {
    await page.goto(host.url);
    await page
      .locator('iframe')
      .first()
      .evaluate((frame, url) => frame.setAttribute('src', url), `${server().url}?embed${more}`);
    await expect.poll(() => told(page)).toEqual([{ weld: 'ready' }]);
    return page.frameLocator('iframe[title=weld]');
  }

  /** @param {Page} page @param {any} message with contents as lists of numbers, texts, or nothing */
  const post = (page, message) =>
    page.evaluate((sent) => {
      const files = sent.files?.map((/** @type {any} */ file) =>
        Array.isArray(file.content) ? { ...file, content: new Uint8Array(file.content) } : file,
      );
      window.frames[0]?.postMessage({ ...sent, ...(files ? { files } : {}) }, '*');
    }, message);

  /** The answer with this id. @param {Page} page @param {number} id */
  async function answer(page, id) {
    await expect.poll(async () => (await told(page)).some((one) => one.id === id)).toBe(true);
    return (await told(page)).find((one) => one.id === id);
  }

  const object = () => compile('embedded', '__attribute__((export_name("answer"))) int answer(void) { return 42; }');
  const asFile = (/** @type {import('./harness.mjs').Upload} */ { name, buffer }) => ({ name, content: [...buffer] });

  pageTest(
    'links what it is handed, shows what is asked for, and gives what the native program writes',
    async (page) => {
      const frame = await embed(page);
      await expect(frame.getByRole('banner')).toHaveCount(0);
      await post(page, {
        weld: 'open',
        id: 1,
        files: [asFile(object())],
        arguments: ['--no-entry'],
        show: 'view=size',
      });
      assert.deepEqual(await answer(page, 1), {
        weld: 'linked',
        id: 1,
        ok: true,
        messages: [],
        size: linkNatively([object()], ['--no-entry']).length,
      });
      const bytes = await page.evaluate(() => [.../** @type {any} */ (globalThis).eval('told').at(-1).output]);
      assert.deepEqual(Buffer.from(bytes), linkNatively([object()], ['--no-entry']));
      await expect(frame.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');

      // What a visitor changes is told, too.
      await frame.getByRole('tab', { name: 'Overview' }).click();
      await frame.getByRole('button', { name: /^Remove embedded\.o/ }).click();
      await expect.poll(async () => (await told(page)).length).toBe(3);
      assert.equal((await told(page))[2].ok, false);
    },
  );

  pageTest('says what is wrong, and what it cannot take', async (page) => {
    await embed(page);
    const missing = compile('unfinished', 'int missing(void); int _start(void) { return missing(); }');
    await post(page, { weld: 'open', id: 1, files: [asFile(missing)] });
    const { ok, messages, size } = await answer(page, 1);
    assert.deepEqual([ok, size], [false, undefined]);
    assert.deepEqual(
      messages.map((/** @type {any} */ { severity, id }) => [severity, id]),
      [['error', 'undefined-symbol']],
    );
    assert.match(messages[0].text, /missing/);

    await post(page, { weld: 'open', id: 2, files: [{ name: 'a.o', content: 7 }] });
    assert.match((await answer(page, 2)).error, /files is a list/);
    await post(page, { weld: 'open', id: 3, files: [asFile(missing)], arguments: '--no-entry' });
    assert.match((await answer(page, 3)).error, /arguments is a list of texts/);
    // What was there stays.
    await expect(page.frameLocator('iframe[title=weld]').getByText('unfinished.o').first()).toBeVisible();
  });

  if (testsPull)
    pageTest('opens finished modules, and takes nothing from other frames', async (page) => {
      const frame = await embed(page);
      const module = linkNatively([object()], ['--no-entry']);
      await page
        .frameLocator('iframe[title=other]')
        .locator('body')
        .evaluate(() => {
          parent.frames[0]?.postMessage({ weld: 'open', id: 'stranger', files: [] }, '*');
        });
      await post(page, { weld: 'open', id: 1, files: [{ name: 'app.wasm', content: [...module] }] });
      assert.deepEqual(await answer(page, 1), { weld: 'linked', id: 1, ok: true, messages: [], size: undefined });
      await expect(frame.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');
      assert.ok((await told(page)).every(({ id }) => id !== 'stranger'));
    });

  if (testsPull)
    pageTest('keeps nothing, and opens nothing that was kept', async (page) => {
      await page.setInputFiles('#files', [object()]);
      await page.getByLabel('No entry: a library').check();
      await linked(page);
      await kept(page, /embedded\.o/, 1);
      const frame = await embed(page);
      await expect(frame.getByText('embedded.o')).toHaveCount(0);
      const other = compile('second', 'int second(void) { return 2; }');
      await post(page, { weld: 'open', id: 1, files: [asFile(other)], arguments: ['--no-entry'] });
      await answer(page, 1);
      await page.goto(`${server().url}?start=empty`);
      await expect(inputNames(page)).toHaveText(['embedded.o']);
    });
});
