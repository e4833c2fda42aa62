// @ts-check
// What outlives the page: a reload, a link, the network. And that everybody can use it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  cached,
  compile,
  controlled,
  expect,
  inputNames,
  kept,
  linked,
  root,
} from './harness.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';

const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');

/** @param {import('./harness.mjs').Page} page */
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document);
    return violations.map(
      (/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.target.join(' ')).join(', ')}`,
    );
  });
}

/**
 * Tabs of one browser, which share what is kept.
 * @param {import('./harness.mjs').Page} page @param {(open: (url?: string) => Promise<import('./harness.mjs').Page>) => Promise<void>} act
 */
async function inTabs(page, act) {
  const context = await /** @type {any} */ (page.context().browser()).newContext();
  try {
    await act(async (url = page.url()) => {
      const tab = await context.newPage();
      tab.setDefaultTimeout(60_000);
      await tab.goto(url);
      return tab;
    });
  } finally {
    await context.close();
  }
}

/** @param {import('./harness.mjs').Page} tab @param {string} name */
async function addOwn(tab, name) {
  await tab.getByLabel('No entry: a library').check();
  await tab.getByRole('textbox', { name: 'Exports' }).fill(name);
  await add(tab, [compile(name, `int ${name}(void) { return 7; }`)]);
  await linked(tab);
}

describe('state', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite({ serviceWorker: true });

  pageTest('comes back after a reload: inputs in their order, options, sources', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('a');
    await add(page, [
      compile('a', 'int b(void); int a(void) { return b(); }'),
      compile('b', 'int b(void) { return 3; }'),
    ]);
    await linked(page);
    await button(page, 'Move b.o up').click();
    await kept(page, /"name":"b\.o".*"name":"a\.o"/s, 1);
    await page.getByRole('tab', { name: 'Symbols' }).click();
    await page.addInitScript(() => {
      /** @type {string[]} */
      const seen = [];
      Object.assign(globalThis, { seen });
      const look = () => seen.push(document.querySelector('.table-count')?.textContent ?? '');
      new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
    });
    await page.reload();
    await linked(page);
    await expect(page.locator('.table-count')).toHaveText(/^[1-9]\d* symbols/);
    const seen = await page.evaluate(() => /** @type {any} */ (globalThis).seen);
    assert.deepEqual(
      [...new Set(seen)].filter((text) => text.startsWith('0 ')),
      [],
    );
    await expect(inputNames(page)).toHaveText(['b.o', 'a.o']);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('a');
    await button(page, 'Call a').click();
    await page.getByText('= 3', { exact: true }).waitFor();

    await button(page, 'Remove all').click();
    await kept(page, /"inputs":\[\]/, 0);
  });

  pageTest('is shared as a link, which opens in another browser and is sent to nobody', async (page) => {
    await button(page, 'Open the C sample').click();
    await linked(page);
    await page.getByLabel('Remove debug information').check();
    await page.getByLabel('Arguments', { exact: true }).fill('one two');
    await button(page, 'Share as a link').click();
    await page.waitForURL(/#weld=/);
    const url = page.url();
    assert.ok(url.length < 4000, `${url.length} letters`);
    const other = await /** @type {any} */ (page.context().browser()).newPage();
    try {
      await other.goto(url);
      await linked(other);
      await expect(inputNames(other)).toHaveText(['crt1-command.o', 'hello.o', 'libc.a']);
      await expect(other.getByLabel('Remove debug information')).toBeChecked();
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
      await other.goto(`${server().url}?start=empty#weld=AAAA`);
      await other.getByText('The link cannot be opened').waitFor();
    } finally {
      await other.close();
    }
    await add(page, [
      { name: 'noise.o', mimeType: '', buffer: Buffer.from(crypto.getRandomValues(new Uint8Array(60_000))) },
    ]);
    await button(page, 'Remove noise.o').waitFor();
    await button(page, 'Share as a link').click();
    await page.getByText('too large for a link').waitFor();
  });

  pageTest('keeps a shared link out of other addresses, and opens one that has a view', async (page) => {
    await button(page, 'Open the wat sample').click();
    await linked(page);
    await page.getByRole('tab', { name: 'Size' }).click();
    await button(page, 'Share as a link').click();
    await page.waitForURL(/#weld=/);
    const shared = page.url();
    await page.getByRole('tab', { name: 'Symbols' }).click();
    assert.equal(new URL(page.url()).hash, '#view=symbols');

    // Going back discards nothing; nor does a reload of the link that was made here.
    await page.getByRole('textbox', { name: 'Exports' }).fill('scaled');
    await button(page, 'Remove gcd.o').click();
    await kept(page, /"inputs":\[\{"name":"fraction\.o"/, 0);
    await page.goBack();
    await page.waitForURL(/#weld=/);
    await page.waitForTimeout(1000);
    await expect(inputNames(page)).toHaveText(['fraction.o']);
    await page.reload();
    await expect(inputNames(page)).toHaveText(['fraction.o']);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('scaled');

    await inTabs(page, async (open) => {
      const other = await open(shared);
      await expect(inputNames(other)).toHaveText(['gcd.o', 'fraction.o']);
      await expect(other.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');
      assert.equal(new URL(other.url()).hash, '#view=size');
      // As the browser's own address line does it.
      await button(other, 'Remove gcd.o').click();
      await other.evaluate((url) => (location.href = url), shared);
      await expect(inputNames(other)).toHaveText(['gcd.o', 'fraction.o']);
    });
  });

  pageTest('looks at a link without replacing what is kept, until something is changed', async (page) => {
    await button(page, 'Open the wat sample').click();
    await linked(page);
    await button(page, 'Share as a link').click();
    await page.waitForURL(/#weld=/);
    const shared = page.url();
    await inTabs(page, async (open) => {
      const own = await open(`${server().url}?start=empty`);
      await addOwn(own, 'mine');
      await kept(own, /mine\.o/, 1);
      const looking = await open(shared);
      await expect(inputNames(looking)).toHaveText(['gcd.o', 'fraction.o']);
      await linked(looking);
      await looking.waitForTimeout(1000); // it would have been saved
      const third = await open(`${server().url}?start=empty`);
      await expect(inputNames(third)).toHaveText(['mine.o']);
      await third.close();
      await looking.reload();
      await expect(inputNames(looking)).toHaveText(['gcd.o', 'fraction.o']);

      await looking.getByLabel('Remove debug information').check();
      await kept(looking, /"stripDebug":true/, 1);
      await looking.reload();
      await expect(inputNames(looking)).toHaveText(['gcd.o', 'fraction.o']);
      await expect(looking.getByLabel('Remove debug information')).toBeChecked();
      await own.reload();
      await linked(own);
      await expect(inputNames(own)).toHaveText(['mine.o']);
    });
  });

  if (testsPull)
    pageTest('is each tab’s own: none deletes what another has', async (page) => {
      await inTabs(page, async (open) => {
        const first = await open();
        await addOwn(first, 'stays');
        await kept(first, /stays\.o/, 1);
        const second = await open();
        await expect(inputNames(second)).toHaveText(['stays.o']);
        await button(second, 'Remove all').click();
        await kept(second, /"inputs":\[\]/, 1);
        await first.getByLabel('Remove debug information').check();
        await kept(first, /"stripDebug":true/, 1);
        await first.reload();
        await linked(first);
        await expect(inputNames(first)).toHaveText(['stays.o']);
        await expect(first.getByRole('textbox', { name: 'Exports' })).toHaveValue('stays');
        await second.reload();
        await expect(second.getByText('Drop objects and archives')).toBeVisible();
        // What no tab has goes.
        await button(first, 'Remove all').click();
        await kept(first, /"inputs":\[\]/, 0);
      });
    });

  pageTest('brings back what it can when a file is gone', async (page) => {
    await addOwn(page, 'left');
    await kept(page, /left\.o/, 1);
    await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weld');
      const names = [];
      for await (const name of /** @type {any} */ (folder).keys()) names.push(name);
      for (const name of names) if (name.endsWith('.input')) Object.assign(globalThis, { gone: name });
    });
    const gone = await page.evaluate(() => /** @type {any} */ (globalThis).gone);
    await add(page, [compile('more', 'int more(void) { return 8; }')]);
    await kept(page, /more\.o/, 2);
    await page.evaluate(
      async (name) => (await (await navigator.storage.getDirectory()).getDirectoryHandle('weld')).removeEntry(name),
      gone,
    );
    await page.reload();
    await expect(inputNames(page)).toHaveText(['more.o']);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('left');
    await expect(page.locator('.news')).toHaveText(/has lost these of your last inputs: left\.o/);
  });

  pageTest('is as at first after "Remove all", and a sample has its own options only', async (page) => {
    await button(page, 'Open the wat sample').click();
    await linked(page);
    await button(page, 'Remove all').click();
    await expect(page.getByLabel('No entry: a library')).not.toBeChecked();
    await expect(page.locator('.news')).toHaveText(/the options have their defaults again/);
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('nothing_of_this_name');
    await button(page, 'Open the C sample').click();
    await linked(page);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('');
  });

  /** What is kept of files that are fetched on demand. @param {import('./harness.mjs').Page} page */
  const onDemand = async (page) =>
    [...new Set((await cached(page)).map((url) => /\/(wabt|editor)-/.exec(url)?.[1]).filter(Boolean))].sort();

  pageTest('has the editor and wabt without the network, though nobody opened them', async (page) => {
    await controlled(page);
    await expect.poll(() => onDemand(page)).toEqual(['editor', 'wabt']);
    await page.context().setOffline(true);
    try {
      await page.reload();
      await button(page, 'answer.wat').click();
      await page.getByRole('textbox', { name: 'Source of answer.wat' }).waitFor();
      await page.getByLabel('No entry: a library').check();
      await button(page, 'Compile, link, run').click();
      await linked(page);
      await button(page, 'Call answer').click();
      await page.getByText('= 42', { exact: true }).waitFor();
      await page.evaluate(() => (location.hash = '#view=symbols&file=answer.o&symbol=answer'));
      await page.getByRole('complementary', { name: 'Symbol' }).getByText('Disassembly').click();
      await page.getByRole('region', { name: 'Disassembly' }).getByText('i32.const 42').waitFor();
    } finally {
      await page.context().setOffline(false);
    }
  });

  pageTest('says what is not there without the network, and fetches little where data are dear', async (page) => {
    const context = await /** @type {any} */ (page.context().browser()).newContext();
    try {
      const dear = await context.newPage();
      dear.setDefaultTimeout(60_000);
      await dear.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
      await dear.goto(`${server().url}?start=empty`);
      await controlled(dear);
      await addOwn(dear, 'frugal');
      assert.deepEqual(await onDemand(dear), []);
      await context.setOffline(true);
      await dear.evaluate(() => (location.hash = '#view=symbols&file=frugal.o&symbol=frugal'));
      await dear.getByRole('complementary', { name: 'Symbol' }).getByText('Disassembly').click();
      await dear.getByRole('region', { name: 'Disassembly' }).getByText('func').first().waitFor(); // which needs no wabt
      await button(dear, 'main.c').click();
      await dear.getByRole('textbox', { name: 'Source of main.c' }).focus();
      await dear.getByText('The editor could not be loaded').waitFor();
      await expect(dear.getByRole('textbox', { name: 'Source of main.c' })).toHaveValue(/puts/);
    } finally {
      await context.close();
    }
  });

  pageTest('works without the network after the first visit', async (page) => {
    await controlled(page);
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

  const schemes = /** @type {const} */ (['light', 'dark']);
  for (const scheme of schemes.slice(0, testsAll ? 2 : Number(testsPull)))
    pageTest(`has nothing that axe minds, ${scheme}`, async (page) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      assert.deepEqual(await violations(page), []);
      await button(page, 'Open the C sample').click();
      await linked(page);
      await button(page, 'Run').click();
      await page.getByText('exit code 0').waitFor();
      await page.getByRole('textbox', { name: 'Source of hello.c' }).waitFor();
      await button(page, 'About libc.a').click();
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
