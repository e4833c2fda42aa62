// @ts-check
// node tests/browser/screenshots.mjs [NAME...]: takes the pictures of the documentation anew, into web/screenshots, or those of
// these names. Look at them.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openBrowser, root, servePreview } from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const folder = path.join(root, 'web/screenshots');
mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
const { server, browser, newContext } = await openBrowser(servePreview);

/**
 * @param {string} name
 * @param {(page: Page) => Promise<void>} act
 * @param {{width?: number, height?: number, dark?: boolean}} [how]
 */
async function picture(name, act, { width = 1280, height = 860, dark = false } = {}) {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const context = await newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await act(page);
  await page.waitForTimeout(600); // what is on its way arrives
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  await context.close();
  console.log(`web/screenshots/${name}.png`);
}

/** The first visitor's sample is C. @param {Page} page @param {'C' | 'C++'} label */
async function sample(page, label) {
  await page.getByText('exit code 0').waitFor();
  if (label === 'C') return;
  await page.getByRole('button', { name: `Open the ${label} sample` }).click();
  await page.getByText('4 in all').waitFor();
}
/** @param {Page} page @param {string} name */
const view = (page, name) => page.getByRole('tab', { name }).click();

await picture('playground', async (page) => {
  await sample(page, 'C++');
  await page.locator('.cm-line').first().waitFor();
  await page.getByRole('list', { name: 'What came out' }).getByRole('listitem').first().waitFor();
});
await picture('result', async (page) => {
  await sample(page, 'C++');
  await page.getByRole('list', { name: 'What came out' }).getByRole('listitem').first().waitFor();
  await page.locator('.inspect-pane').evaluate((element) => element.scrollIntoView());
});
await picture('symbols', async (page) => {
  await sample(page, 'C++');
  await view(page, 'Symbols');
  await page.getByRole('textbox', { name: 'Find', exact: true }).fill('total');
  await page.getByRole('grid', { name: 'Symbols' }).locator('.grid-body [role=row]').first().click();
  await page.getByText('Why it is in the output').waitFor();
  await page.getByRole('tablist').first().scrollIntoViewIfNeeded();
});
await picture('sections', async (page) => {
  await sample(page, 'C');
  await view(page, 'Sections');
  await page.getByRole('combobox', { name: 'File', exact: true }).selectOption('hello.o');
  await page.getByText(/a WebAssembly object, [\d,]+ bytes/).waitFor();
  await page.getByRole('button', { name: /^code/ }).click();
  await page.locator('.parts').getByRole('button', { name: /^main/ }).click();
  await page.getByRole('region', { name: 'Disassembly' }).getByText('local.get').first().waitFor();
});
await picture('code', async (page) => {
  await sample(page, 'C');
  await view(page, 'Code');
  await page.locator('.code-view').evaluate((element) => element.scrollIntoView({ block: 'end' }));
  await page
    .getByRole('listbox', { name: /^Source/ })
    .getByRole('option')
    .filter({ hasText: 'qsort(' })
    .hover();
});
await picture('story', async (page) => {
  await sample(page, 'C');
  await view(page, 'Story');
  await page.getByRole('link', { name: 'Relocations' }).click();
  await page.locator('.byte-row.after').waitFor();
  await page.locator('.inspect-pane').evaluate((element) => element.scrollIntoView());
});
await picture('options', async (page) => {
  await sample(page, 'C++');
  await page.getByRole('heading', { name: 'Options' }).click();
  await page.getByLabel('Remove debug information').check();
  await page.getByRole('list', { name: 'Changed options' }).waitFor();
  await view(page, 'Size');
  await page.getByRole('button', { name: 'Difference from the previous link' }).click();
  await page.locator('.treemap .leaf').first().waitFor();
});
await picture(
  'module',
  async (page) => {
    await sample(page, 'C++');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download', exact: true }).click(),
    ]);
    await page.getByRole('button', { name: 'Remove all' }).click();
    const buffer = readFileSync(await download.path());
    await page.setInputFiles('#files', [{ name: 'inventory.wasm', mimeType: '', buffer }]);
    await view(page, 'Story');
    await page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: 'What stays' }).click();
    await page.locator('.reach').waitFor();
  },
  { dark: true },
);
await picture('memory', async (page) => {
  await sample(page, 'C++');
  await view(page, 'Memory');
  await page.getByRole('heading', { name: /^In / }).waitFor();
});
await picture(
  'size',
  async (page) => {
    await sample(page, 'C++');
    await view(page, 'Size');
    await page.getByRole('region', { name: 'Symbols by retained size' }).getByRole('rowheader').first().waitFor();
  },
  { dark: true },
);
await picture('resolution', async (page) => {
  await sample(page, 'C++');
  await view(page, 'Resolution');
  await page
    .getByRole('region', { name: /^From archives/ })
    .first()
    .getByRole('rowheader')
    .first()
    .waitFor();
});
await picture('component', async (page) => {
  await sample(page, 'C');
  await page.getByRole('textbox', { name: 'Arguments' }).scrollIntoViewIfNeeded();
  await page.getByLabel('As a component').check();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('Core modules').waitFor();
  await page.getByText('exit code 0').waitFor();
  await page.getByText('Core modules').scrollIntoViewIfNeeded();
});
await picture('diagnostics', async (page) => {
  await sample(page, 'C++');
  await page.getByRole('button', { name: 'Remove inventory.o' }).click();
  await page.getByRole('list', { name: 'Diagnostics' }).getByText('undefined-symbol').first().waitFor();
});
await picture(
  'phone',
  async (page) => {
    await sample(page, 'C');
    await page.getByRole('button', { name: 'Inspect', exact: true }).click();
    await view(page, 'Size');
    await page.locator('.treemap .cell').first().waitFor();
    await page.locator('.treemap').scrollIntoViewIfNeeded();
  },
  { width: 400, height: 860, dark: true },
);

await browser.close();
server.close();
