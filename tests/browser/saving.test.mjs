// @ts-check
// Inputs outlive the page, or the page says that they will not: many of them, in haste, without room, as older pages kept them.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { add, browserSuite, button, compile, expect, inputNames, linked, root, work } from './harness.mjs';
import { saved, store, watchProgress } from './store.mjs';
import { chromiumPath } from '../support/chromium.mjs';
import { testsPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

/** @type {typeof import('../../web/node_modules/@playwright/test/index.js')} */
const { chromium } = await import(path.join(root, 'web/node_modules/@playwright/test/index.mjs'));

/** What the worker is asked of this kind reaches it when it is released. @param {Page} page @param {string} kind */
async function hold(page, kind) {
  await page.evaluate((kind) => {
    const post = Worker.prototype.postMessage;
    /** @type {(() => void)[]} */
    const held = [];
    /** @this {Worker} */
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any[]} */ ...more) {
      const send = () => post.call(this, message, .../** @type {[any]} */ (more));
      if (message.kind === kind) held.push(send);
      else send();
    };
    Object.assign(globalThis, {
      held,
      release() {
        Worker.prototype.postMessage = post;
        for (const send of held) send();
      },
    });
  }, kind);
  return {
    holds: () => expect.poll(() => page.evaluate(() => /** @type {any} */ (globalThis).held.length)).toBeGreaterThan(0),
    release: () => page.evaluate(() => /** @type {any} */ (globalThis).release()),
  };
}

/** When nothing would be asked, since all is saved. @param {Page} page */
async function reload(page) {
  const asks = () => page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
  await expect.poll(asks).toBe(false);
  await page.reload();
}

/** @param {Page} page @param {import('./harness.mjs').Upload[]} files */
async function addLibrary(page, files) {
  await page.getByLabel('No entry: a library').check();
  await add(page, files);
  await expect(inputNames(page)).toHaveCount(files.length);
}

/** Files of so many bytes, which the browser reads from the disk itself. @param {string[]} names @param {number} size */
function noise(names, size) {
  const folder = path.join(work, 'noise');
  mkdirSync(folder, { recursive: true });
  const files = names.map((name) => path.join(folder, name));
  for (const file of files) writeFileSync(file, Buffer.alloc(size, 7));
  return files;
}

describe('saving', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  /** A page of its own browser profile, whose questions are answered here. @param {Page} page @param {(own: Page, asked: string[]) => Promise<void>} act */
  async function apart(page, act) {
    const context = await /** @type {import('../../web/node_modules/@playwright/test/index.js').Browser} */ (
      page.context().browser()
    ).newContext();
    try {
      const own = await context.newPage();
      own.setDefaultTimeout(60_000);
      /** @type {string[]} */
      const asked = [];
      own.on('dialog', (dialog) => {
        asked.push(dialog.type());
        void dialog.dismiss();
      });
      await own.goto(`${server().url}?start=empty`);
      await act(own, asked);
    } finally {
      await context.close();
    }
  }

  if (testsPull)
    pageTest('many inputs are back after a reload, from a few files', async (page) => {
      const names = Array.from({ length: 500 }, (_, i) => `input${i}.bin`);
      const progress = await watchProgress(page);
      await page.setInputFiles('#files', noise(names, 20_000));
      await saved(page, names.length);
      assert.deepEqual(
        await progress(),
        ['0 B', '4.18 MB', '8.36 MB'].map((bytes) => `Saving: ${bytes} of 10.00 MB`),
      );
      await expect(page.locator('.saving')).toHaveCount(0);
      const { files } = await store(page);
      assert.deepEqual(
        Object.values(files).sort((a, b) => b - a),
        [4_180_000, 4_180_000, 1_640_000],
      );
      await reload(page);
      await expect(page.locator('#inputs-title + .muted')).toContainText('500 files, 10.00 MB');
      await expect(page.locator('.news')).toHaveText(/^Your last inputs were restored/);
    });

  pageTest('asks before the page is left while something is not saved', async (page) => {
    await apart(page, async (own, asked) => {
      const { holds, release } = await hold(own, 'store');
      await addLibrary(own, [compile('slow', 'int slow(void) { return 1; }')]);
      await holds();
      await own.evaluate(() => location.reload());
      await expect.poll(() => asked).toEqual(['beforeunload']);
      await expect(inputNames(own)).toHaveText(['slow.o']);
      await release();
      await saved(own, 1);
      // Nothing is asked when all is saved.
      await reload(own);
      await expect(inputNames(own)).toHaveText(['slow.o']);
      const before = asked.length;
      await own.reload();
      await expect(inputNames(own)).toHaveText(['slow.o']);
      assert.equal(asked.length, before);
    });
  });

  pageTest('says what is missing when it was left all the same', async (page) => {
    await apart(page, async (own) => {
      await addLibrary(own, [compile('kept', 'int kept(void) { return 1; }')]);
      await saved(own, 1);
      const { holds } = await hold(own, 'store');
      await own.setInputFiles('#files', noise(['large.bin', 'larger.bin'], 3_000_000));
      await holds();
      await own.close(); // without asking
      const again = await own.context().newPage();
      await again.goto(`${server().url}?start=empty`);
      await expect(again.locator('.news')).toHaveText(
        'This browser has lost these of your last inputs: large.bin, larger.bin. Add them again',
      );
      await expect(inputNames(again)).toHaveText(['kept.o']);
    });
  });

  test('says that there is no room, and saves when there is', async () => {
    // Private windows, as all others here are, have no quota for what workers write.
    const profile = mkdtempSync(path.join(tmpdir(), 'weld-profile-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    try {
      const own = await context.newPage();
      own.setDefaultTimeout(60_000);
      await own.goto(`${server().url}?start=empty`);
      await own.getByRole('heading', { name: 'Options' }).click();
      const cdp = await context.newCDPSession(own);
      const { origin } = new URL(server().url);
      await addLibrary(own, [compile('small', 'int small(void) { return 1; }')]);
      await saved(own, 1);
      const { usage = 0 } = await own.evaluate(() => navigator.storage.estimate());
      await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: usage + 2_000_000 });
      await own.setInputFiles('#files', noise(['huge.bin'], 6_000_000));
      await expect(own.getByRole('alert')).toHaveText(
        'There is no room in this browser for 1 file: a reload loses it. Remove inputs, or free space on this device.',
      );
      await own.screenshot({ path: path.join(work, 'no-room.png') });
      await expect.poll(async () => Object.keys((await store(own)).files).length).toBe(1); // no rest of it stays
      await cdp.send('Storage.overrideQuotaForOrigin', { origin });
      await own.getByLabel('Remove debug information').check();
      await saved(own, 2);
      await expect(own.getByRole('alert')).toHaveCount(0);
      await reload(own);
      await expect(inputNames(own)).toHaveText(['small.o', 'huge.bin']);
    } finally {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    }
  });

  pageTest('opens what older pages kept, a file for each input', async (page) => {
    await apart(page, async (own) => {
      const { buffer } = compile('older', 'int older(void) { return 12; }');
      await own.evaluate(
        async (bytes) => {
          const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weld', { create: true });
          const write = async (/** @type {string} */ name, /** @type {any} */ content) => {
            const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
            await writable.write(content);
            await writable.close();
          };
          await write('0-1.input', new Uint8Array(bytes));
          const state = {
            version: 1,
            inputs: [{ name: 'older.o', wholeArchive: false, stored: '0-1.input' }],
            values: { more: '', noEntry: true, export: 'older' },
            sources: {},
            compiled: true,
            flags: '-O1',
            args: '',
          };
          await write('state-before.json', JSON.stringify(state));
          sessionStorage.clear();
        },
        [...buffer],
      );
      await reload(own);
      await linked(own);
      await button(own, 'Call older').click();
      await own.getByText('= 12', { exact: true }).waitFor();
      await own.getByLabel('Remove debug information').check();
      await reload(own);
      await linked(own);
      await expect(inputNames(own)).toHaveText(['older.o']);
    });
  });

  pageTest('keeps no large file for a small input that came in it', async (page) => {
    await apart(page, async (own) => {
      await own.getByLabel('No entry: a library').check();
      compile('stays', 'int stays(void) { return 5; }');
      await own.setInputFiles('#files', [path.join(work, 'stays.o'), ...noise(['goes.bin'], 900_000)]);
      await saved(own, 2);
      await button(own, 'Remove goes.bin').click();
      await saved(own, 1);
      await reload(own);
      await expect(inputNames(own)).toHaveText(['stays.o']);
      await own.getByLabel('Remove debug information').check();
      await expect
        .poll(async () => Object.values((await store(own)).files).reduce((sum, size) => sum + size, 0))
        .toBeLessThan(10_000);
      await reload(own);
      await expect(inputNames(own)).toHaveText(['stays.o']);
      await own.getByRole('textbox', { name: 'Exports' }).fill('stays');
      await button(own, 'Call stays').click();
      await own.getByText('= 5', { exact: true }).waitFor();
    });
  });

  pageTest('names all files that cannot be read, and takes the others', async (page) => {
    const folder = path.join(work, 'unreadable');
    mkdirSync(folder, { recursive: true });
    const files = ['gone1.o', 'gone2.o', 'there.o'].map((name) => path.join(folder, name));
    for (const file of files) writeFileSync(file, compile('readable', 'int readable(void) { return 1; }').buffer);
    const { holds, release } = await hold(page, 'read');
    await page.setInputFiles('#files', files);
    await holds();
    for (const file of files.slice(0, 2)) rmSync(file);
    await release();
    await expect(page.locator('.news')).toHaveText(
      'Not everything could be read: gone1.o cannot be read; gone2.o cannot be read',
    );
    await expect(inputNames(page)).toHaveText(['there.o']);
  });
});
