// @ts-check
// What outlives the page: a reload, a link, the network. And that everybody can use it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { add, browserSuite, button, compile, expect, inputNames, linked, root } from './harness.mjs';

/**
 * Until the browser keeps this: the text of state.json, and as many files of inputs beside it.
 * @param {import('./harness.mjs').Page} page @param {RegExp} state @param {number} inputs
 */
const kept = (page, state, inputs) =>
  expect(async () => {
    const found = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weld');
      const names = [];
      for await (const name of /** @type {any} */ (folder).keys()) names.push(name);
      return { state: await (await (await folder.getFileHandle('state.json')).getFile()).text(), names };
    });
    assert.match(found.state, state);
    assert.equal(found.names.filter((name) => name.endsWith('.input')).length, inputs);
  }).toPass({ timeout: 15_000 });
const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');

/** @param {import('./harness.mjs').Page} page */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document);
    return violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.target.join(' ')).join(', ')}`);
  });
}

describe('state', { timeout: 240_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('comes back after a reload: inputs in their order, options, sources', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('a');
    await add(page, [compile('a', 'int b(void); int a(void) { return b(); }'), compile('b', 'int b(void) { return 3; }')]);
    await linked(page);
    await button(page, 'Move b.o up').click();
    await kept(page, /"name":"b\.o".*"name":"a\.o"/s, 2);
    await page.reload();
    await linked(page);
    await expect(inputNames(page)).toHaveText(['b.o', 'a.o']);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('a');
    await button(page, 'Call a').click();
    await page.getByText('= 3', { exact: true }).waitFor();

    await button(page, 'Remove all').click();
    await kept(page, /"inputs":\[\]/, 0);
  });

  pageTest('is shared as a link, which opens in another browser and is sent to nobody', async (page) => {
    await button(page, 'Open the sample').click();
    await linked(page);
    await page.getByLabel('Leave out debug information').check();
    await page.getByLabel('Arguments', { exact: true }).fill('one two');
    await button(page, 'Share as a link').click();
    await page.waitForURL(/#weld=/);
    const url = page.url();
    assert.ok(url.length < 4000, `${url.length} letters`);
    const other = await /** @type {any} */ (page.context().browser()).newPage();
    try {
      await other.goto(url);
      await linked(other);
      await expect(inputNames(other)).toHaveText(['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a']);
      await expect(other.getByLabel('Leave out debug information')).toBeChecked();
      await expect(other.getByLabel('Arguments', { exact: true })).toHaveValue('one two');
      assert.equal(new URL(other.url()).hash, '');
    } finally {
      await other.close();
    }
    assert.ok(server().requests.every((name) => !name.includes('weld=')));
  });

  pageTest('holds the bytes of small inputs in a link, and refuses large ones and bad links in words', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('shared');
    await add(page, [compile('shared', 'int shared(void) { return 19; }')]);
    await linked(page);
    await button(page, 'Share as a link').click();
    await page.waitForURL(/#weld=/);
    const other = await /** @type {any} */ (page.context().browser()).newPage();
    try {
      await other.goto(page.url());
      await linked(other);
      await button(other, 'Call shared').click();
      await other.getByText('= 19', { exact: true }).waitFor();
      await other.goto(`${server().url}#weld=AAAA`);
      await other.getByText('The link cannot be opened').waitFor();
    } finally {
      await other.close();
    }
    await add(page, [{ name: 'noise.o', mimeType: '', buffer: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))) }]);
    await button(page, 'Remove noise.o').waitFor();
    await button(page, 'Share as a link').click();
    await page.getByText('too large for a link').waitFor();
  });

  pageTest('works without the network after the first visit', async (page) => {
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
    });
    await page.context().setOffline(true);
    try {
      await page.reload();
      await page.getByText('weld 0.', { exact: false }).waitFor();
      await page.getByLabel('No entry: a library').check();
      await page.getByRole('textbox', { name: 'Exports' }).fill('away');
      await add(page, [compile('away', 'int away(void) { return 23; }')]);
      await linked(page);
      await button(page, 'Call away').click();
      await page.getByText('= 23', { exact: true }).waitFor();
    } finally {
      await page.context().setOffline(false);
    }
  });

  for (const scheme of /** @type {const} */ (['light', 'dark']))
    pageTest(`has nothing that axe minds, ${scheme}`, async (page) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), []);
      await button(page, 'Open the sample').click();
      await linked(page);
      await button(page, 'Run').click();
      await page.getByText('exit code 0').waitFor();
      await page.getByRole('heading', { name: 'Playground' }).click();
      await page.getByRole('textbox', { name: 'Source of hello.c' }).waitFor();
      await page.getByLabel('Members of libc.a', { exact: true }).first().click();
      await page.getByRole('list', { name: 'Members of libc.a' }).getByRole('button').first().click();
      await page.getByText('Standard input and files').click();
      await page.getByLabel('Search the options').fill('e');
      await button(page, 'Edit the line').click();
      await page.getByRole('list', { name: 'Symbols' }).waitFor();
      await page.screenshot({ path: path.join(root, `build/browser/${scheme}.png`), fullPage: true });
      assert.deepEqual(await violations(page), []);
      await button(page, 'Remove all').click();
      await button(page, 'Open the wat sample').click();
      await button(page, 'Call scaled').waitFor();
      await button(page, 'Call scaled').click();
      await page.screenshot({ path: path.join(root, `build/browser/${scheme}-wat.png`), fullPage: true });
      assert.deepEqual(await violations(page), []);
    });
});
