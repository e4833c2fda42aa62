// @ts-check
// Everything is a few keys or taps away: the palette, skip links, what a finger sees of titles, the best hits first.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  compile,
  diagnostics,
  editorOf,
  expect,
  inputNames,
  linked,
  root,
  sample,
  upload,
  write,
} from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
const view = (/** @type {Page} */ page, /** @type {string} */ name) => page.getByRole('tab', { name }).click();
const rows = (/** @type {Page} */ page) => page.getByRole('grid', { name: 'Symbols' }).locator('.grid-body [role=row]');
const found = (/** @type {Page} */ page) => page.getByRole('listbox', { name: 'What was found' }).getByRole('option');
const openC = async (/** @type {Page} */ page) => {
  await button(page, 'Open the C sample').click();
  await linked(page);
};
/** @param {Page} page */
async function palette(page) {
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Find views' })).toBeFocused();
}

describe('reaching everything', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('the palette leads to views, symbols, files, options, samples and actions', async (page) => {
    await openC(page);
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('/');
    await expect(page.getByRole('combobox', { name: 'Find views' })).toBeFocused();
    await page.evaluate(axe);
    const complaints = await page.evaluate(async () => {
      const { violations } = await /** @type {any} */ (globalThis).axe.run(document.querySelector('.palette'));
      return violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes[0].html}`);
    });
    assert.deepEqual(complaints, []);
    await page.keyboard.type('memory');
    await expect(found(page).first()).toContainText('Memory');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: 'Memory' })).toHaveAttribute('aria-selected', 'true');

    // A symbol of the program.
    await palette(page);
    await page.keyboard.type('__main_void');
    await expect(found(page).first()).toContainText('__main_void');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('complementary', { name: 'Symbol' })).toContainText('__main_void');

    // An option, whose field has the focus then, in its group.
    await palette(page);
    await page.keyboard.type('--no-entry');
    await page.keyboard.press('Enter');
    await expect(page.getByLabel('No entry: a library')).toBeFocused();
    await palette(page);
    await page.keyboard.type('global base');
    await page.keyboard.press('Enter');
    await expect(page.getByLabel(/^Global base/)).toBeFocused();

    // A file, a source.
    await palette(page);
    await page.keyboard.type('libc.a');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: 'Sections' })).toHaveAttribute('aria-selected', 'true');
    assert.match(page.url(), /file=libc\.a/);
    await palette(page);
    await page.keyboard.type('hello.c');
    await expect(found(page).first()).toContainText('source');
    await page.keyboard.press('Enter');
    await expect(editorOf(page, 'hello.c')).toBeFocused();

    // In the source, `/` is a letter, and Ctrl-K is not.
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('//');
    await expect(page.getByRole('combobox', { name: 'Find views' })).toHaveCount(0);

    // What can be done; arrows and Escape.
    await palette(page);
    await page.keyboard.press('ArrowDown');
    await expect(found(page).nth(1)).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect(found(page).last()).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('combobox', { name: 'Find views' })).toHaveCount(0);
    await palette(page);
    await page.keyboard.type('remove all');
    await page.keyboard.press('Enter');
    await expect(inputNames(page)).toHaveCount(0);
    await palette(page);
    await page.keyboard.type('sample wat');
    await page.keyboard.press('Enter');
    await expect(inputNames(page)).toHaveText(['gcd.o', 'fraction.o']);
    await palette(page);
    await page.keyboard.type('no such thing at all');
    await expect(page.getByText('Nothing has this name')).toBeVisible();
  });

  pageTest('the first three Tabs lead past what is in between', async (page) => {
    for (const _ of [1, 2, 3]) await page.keyboard.press('Tab');
    const link = page.getByRole('link', { name: 'Skip to the views' });
    await expect(link).toBeFocused();
    await expect(link).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tab', { name: 'Overview' })).toBeFocused();
    await openC(page);
    await page.getByRole('link', { name: 'Skip to the program' }).focus();
    await page.keyboard.press('Enter');
    await expect(button(page, 'Run')).toBeFocused();
    await page.getByRole('link', { name: 'Skip to the source' }).focus();
    await page.keyboard.press('Enter');
    await expect(editorOf(page, 'hello.c')).toBeFocused();
  });

  pageTest('rings of the focus are drawn whole', async (page) => {
    await openC(page);
    for (const name of ['Overview', 'Symbols', 'Code', 'Story', 'Sections', 'Memory', 'Size', 'Resolution', 'Output']) {
      await view(page, name);
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
      await page.keyboard.press('Shift'); // from now on, the keyboard is used
      const clipped = await page.evaluate(() => {
        /** @type {string[]} */
        const clipped = [];
        const focusable = 'a[href], button, input, select, textarea, summary, [tabindex]:not([tabindex="-1"])';
        for (const element of document.querySelectorAll(focusable)) {
          if (
            !(element instanceof HTMLElement) ||
            !element.checkVisibility({ visibilityProperty: true }) ||
            element.matches('.unseen')
          )
            continue;
          element.focus();
          element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
          const style = getComputedStyle(element);
          if (document.activeElement !== element || style.outlineStyle === 'none') continue;
          const reach = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
          // Of a box that is broken into lines, each has its ring: one that is cut off shows in the first.
          const box = element.getClientRects()[0];
          if (!box || reach <= 0) continue;
          for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
            const { overflowX, overflowY } = getComputedStyle(around);
            if (overflowX === 'visible' && overflowY === 'visible') continue;
            const outer = around.getBoundingClientRect();
            const isCut =
              box.left - reach < outer.left - 0.5 ||
              box.right + reach > outer.right + 0.5 ||
              box.top - reach < outer.top - 0.5 ||
              box.bottom + reach > outer.bottom + 0.5;
            if (!isCut) continue;
            clipped.push(`${element.outerHTML.slice(0, 100)} in ${around.className}`);
            break;
          }
        }
        return clipped;
      });
      assert.deepEqual(clipped, [], name);
    }
  });

  pageTest(
    'a finger sees titles',
    async (page) => {
      await button(page, 'Open the C sample').click();
      await button(page, 'Inspect').click();
      await linked(page);
      const figure = page.locator('.figures [title]').first();
      const title = await figure.getAttribute('title');
      assert.ok(title);
      await figure.tap();
      await expect(page.getByRole('tooltip')).toHaveText(title);
      // Away with the next touch. What a tap acts on shows its title when it is pressed.
      const part = page.locator('.strip .part').first();
      const box = await part.boundingBox();
      assert.ok(box);
      const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      const cdp = await page.context().newCDPSession(page);
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
      await expect(page.getByRole('tooltip')).toHaveText((await part.getAttribute('title')) ?? '');
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await expect(page.getByRole('tab', { name: 'Overview' })).toHaveAttribute('aria-selected', 'true');
      await page
        .locator('.view')
        .first()
        .tap({ position: { x: 5, y: 5 } });
      await expect(page.getByRole('tooltip')).toHaveCount(0);
    },
    { width: 390, height: 844, hasTouch: true },
  );

  pageTest(
    'on a phone, what is tapped is what is seen',
    async (page) => {
      await button(page, 'Open the C sample').click();
      await expect(page.getByLabel('What the program printed')).toBeInViewport();
      await button(page, 'Inspect').click();
      await expect(page.getByText('Linked', { exact: true })).toBeInViewport();
      await page.getByRole('list', { name: 'What came out' }).getByRole('link').first().click();
      await expect(page.getByRole('complementary', { name: 'Symbol' })).toBeInViewport();
      await view(page, 'Size');
      await page.locator('.treemap .leaf').first().waitFor();
      await expect(page.locator('.treemap')).toBeInViewport();
      await add(page, [upload('notes.txt', 'no object')]);
      await expect(page.getByRole('navigation', { name: 'Places' })).toContainText('1');
    },
    { width: 390, height: 844, hasTouch: true },
  );

  pageTest('the symbol itself comes first, then names that begin so', async (page) => {
    const names = ['my_put', 'put_more', 'Put', 'output', 'put'];
    await add(page, [compile('puts', names.map((name, i) => `int ${name}(void) { return ${i}; }`).join('\n'))]);
    await view(page, 'Symbols');
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('put');
    const shown = () => rows(page).locator('.name:first-child').allTextContents();
    await expect.poll(shown).toEqual(['Put', 'put', 'put_more', 'my_put', 'output']);
    await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
    await expect.poll(shown).toEqual(['Put', 'my_put', 'output', 'put', 'put_more']);
    // What is searched for is in the address.
    await expect.poll(() => page.url()).toMatch(/find=sort%3Aname\+put/);
    await page.reload();
    await expect(page.getByRole('textbox', { name: 'Find', exact: true })).toHaveValue('put');
    await expect.poll(shown).toEqual(['Put', 'my_put', 'output', 'put', 'put_more']);
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('.*[');
    await expect(page.locator('.table-count')).toHaveText('0 of 5 symbols');
  });

  pageTest('at 1,280 pixels, a symbol is beside the table', async (page) => {
    await add(page, [upload('hello.o', sample('hello.o'))]);
    await view(page, 'Symbols');
    await rows(page).first().click();
    const [grid, side] = await Promise.all([
      page.getByRole('grid', { name: 'Symbols' }).boundingBox(),
      page.getByRole('complementary', { name: 'Symbol' }).boundingBox(),
    ]);
    assert.ok(grid && side);
    assert.ok(side.x >= grid.x + grid.width && Math.abs(side.y - grid.y) < 5, JSON.stringify([grid, side]));
  });

  pageTest('the zoom of the map is in the address, and Back leaves it', async (page) => {
    await openC(page);
    await view(page, 'Size');
    const crumbs = page.getByRole('navigation', { name: 'What is shown' });
    const table = page.getByRole('region', { name: 'Parts by size' });
    await table.getByRole('button', { name: 'libc.a' }).click();
    await expect(crumbs).toContainText('libc.a');
    assert.match(page.url(), /in=libc\.a/);
    await table.getByRole('button').first().click();
    await expect(crumbs.locator('[aria-current]')).not.toHaveText(/libc\.a/);
    const url = page.url();
    await page.reload();
    await linked(page);
    await expect(crumbs).toContainText('libc.a');
    assert.equal(page.url(), url);
    await page.goBack();
    await expect(crumbs.locator('[aria-current]')).toContainText('libc.a');
    await page.goBack();
    await expect(crumbs.getByRole('button')).toHaveCount(0);
  });

  pageTest('a name of 10,000 letters is clipped until one asks for it', async (page) => {
    const name = `start_${'x'.repeat(10_000)}_end`;
    await add(page, [compile('long', `int ${name}(void); int call(void) { return ${name}(); }`)]);
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('call');
    const first = diagnostics(page).first();
    await expect(first).toContainText('undefined symbol');
    const short = (await first.locator('.text').first().textContent()) ?? '';
    assert.ok(short.length < 600, short);
    await first.getByRole('button', { name: 'Show whole names' }).first().click();
    await expect(first.locator('.text').first()).toContainText(name);
    await first.getByRole('button', { name: 'Shorten the names' }).first().click();
    await expect(first.locator('.text').first()).toHaveText(short);
  });

  pageTest('a wat file without _start is linked as a library', async (page) => {
    await add(page, [upload('lone.wat', '(module (func (export "answer") (result i32) (i32.const 42)))')]);
    await button(page, 'Compile, link, run').click();
    await linked(page);
    await expect(page.locator('.news')).toContainText('Linked as a library');
    await page.getByRole('button', { name: 'Call answer' }).click();
    await expect(page.getByRole('list', { name: 'Calls' })).toContainText('= 42');
  });

  pageTest('what does not compile is marked, and nothing says that it is linked', async (page) => {
    await add(page, [upload('lone.wat', '(module (func (export "answer") (result i32) (i32.const 42)))')]);
    await button(page, 'Compile, link, run').click();
    await linked(page);
    await write(page, 'lone.wat', '(module (func (export "answer") (result i32) (i32.constant 42)))');
    await expect(page.getByText('Not compiled: lone.wat')).toBeVisible();
    await expect(page.getByText('Linked', { exact: true })).toHaveCount(0);
    await expect(page.locator('.cm-lintRange-error').first()).toBeVisible();
    await expect(page.locator('.verdict.bad')).toBeVisible();
  });
});
