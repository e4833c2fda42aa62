// @ts-check
// What `weld size --html` and `weld diff --html` write, opened from the disk: against what the program says of the same link.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromiumPath } from '../support/chromium.mjs';
import { rootDir } from '../support/paths.mjs';
import { testsPull } from '../support/tier.mjs';

const native = process.env.WELD ?? path.join(rootDir, 'build/native/weld');
const folder = path.join(rootDir, 'build/browser/size_page');
const axe = readFileSync(path.join(rootDir, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
/** @type {typeof import('../../web/node_modules/@playwright/test/index.js')} */
const { chromium, expect: expectAtOnce } = await import(
  path.join(rootDir, 'web/node_modules/@playwright/test/index.mjs')
);
const expect = expectAtOnce.configure({ timeout: 60_000 });

const source = `
  namespace game {
    template <class T> __attribute__((noinline)) T twice(T n) { volatile T m = n; return m + m; }
    struct World { World(); int step(int n) const; int size; };
    __attribute__((noinline)) World::World() { volatile int n = 3; size = n; }
    __attribute__((noinline)) int World::step(int n) const { return twice(n) + twice(1.5f) + size; }
  }
  extern "C" __attribute__((export_name("run"))) int run(int n) { return game::World().step(n); }
  #ifdef MORE
  extern "C" __attribute__((export_name("more"))) int more(int n) { return n * 3; }
  #endif
`;

/** @param {string[]} args */
const weld = (...args) => execFileSync(native, args, { cwd: folder, encoding: 'utf8' });

/** @param {string} name @param {string[]} flags */
function linkProgram(name, flags = []) {
  writeFileSync(path.join(folder, `${name}.cpp`), source);
  const target = ['--target=wasm32-wasi', '-O1', '-g', '-fno-exceptions'];
  execFileSync('clang++-19', [...target, ...flags, '-c', `${name}.cpp`, '-o', `${name}.o`], { cwd: folder });
  weld('-o', `${name}.wasm`, '--no-entry', `--metafile=${name}.json`, `${name}.o`);
}

describe('the page of sizes', { timeout: 600_000 }, () => {
  /** @type {import('../../web/node_modules/@playwright/test/index.js').Browser} */
  let browser;

  before(async () => {
    mkdirSync(folder, { recursive: true });
    linkProgram('old');
    linkProgram('new', ['-DMORE']);
    browser = await chromium.launch({ executablePath: chromiumPath });
  });
  after(() => browser?.close());

  /** @param {string} file @param {'light' | 'dark'} [colorScheme] */
  async function open(file, colorScheme = 'light') {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme, acceptDownloads: true });
    /** @type {string[]} */
    const faults = [];
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => request.url().startsWith('file:') || faults.push(request.url()));
    await page.goto(pathToFileURL(path.join(folder, file)).href);
    await page.locator('.treemap .cell').first().waitFor();
    return { page, faults };
  }

  test('shows what the program says, from the disk and without the network', async () => {
    weld('size', 'new.json', '--html');
    const { page, faults } = await open('new.json.html');
    const size = readFileSync(path.join(folder, 'new.wasm')).length;
    await page.getByText(`${size.toLocaleString('en')} bytes`, { exact: true }).waitFor();
    const table = page.getByRole('region', { name: 'Parts by size' });
    const bytes = await table.locator('tbody td:nth-child(3)').allTextContents();
    assert.equal(
      bytes.reduce((sum, text) => sum + Number(text.replaceAll(',', '')), 0),
      size,
    );
    // The instances of a template are one part, as large as the program says.
    await table.getByRole('button', { name: 'game', exact: true }).click();
    const sums = JSON.parse(weld('size', 'new.json', '--by=function', '--json'));
    const twice = sums.find((/** @type {any} */ row) => row.display === 'game::twice<>');
    const row = table.getByRole('row').filter({ has: page.getByRole('button', { name: 'twice<>', exact: true }) });
    await expect(row).toContainText(twice.bytes.toLocaleString('en'));
    // And each its own, when that is asked for.
    await page.getByRole('checkbox', { name: 'Instances summed' }).uncheck();
    await expect(table.getByText('int game::twice<int>(int)')).toBeVisible();
    assert.deepEqual(faults, []);
    await page.close();
  });

  test('is searched, and led by the keyboard', async () => {
    weld('size', 'new.json', '--html=new.html');
    const { page, faults } = await open('new.html');
    const table = page.getByRole('region', { name: 'Parts by size' });
    await page.getByRole('searchbox', { name: 'Find a name or a file' }).fill('world::step');
    await expect(table.locator('tbody tr')).toHaveCount(1);
    await expect(table).toContainText('game::World::step(int) const');
    await page.getByRole('searchbox').fill('');
    await expect(table.getByRole('button', { name: 'game', exact: true })).toBeVisible();
    const areas = page.getByRole('group', { name: /^Parts as areas/ });
    await areas.locator('[tabindex="0"]').focus();
    const name = () => page.evaluate(() => document.querySelector('weld-size')?.shadowRoot?.activeElement?.ariaLabel);
    const first = await name();
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await name(), first);
    await table.getByRole('button', { name: 'game', exact: true }).focus();
    await page.keyboard.press('Enter');
    const crumbs = page.getByRole('navigation', { name: 'What is shown' });
    await expect(crumbs).toContainText('game');
    await crumbs.getByRole('button').first().focus();
    await page.keyboard.press('Enter');
    await expect(crumbs.getByRole('button')).toHaveCount(0);
    await expect(crumbs).toBeFocused();
    // Names and debug information are counted, or not.
    const whole = await crumbs.textContent();
    await page.getByRole('checkbox', { name: 'Debug' }).uncheck();
    await expect(crumbs).not.toHaveText(whole ?? '');
    assert.deepEqual(faults, []);
    await page.close();
  });

  if (testsPull)
    test('gives its map as a picture', async () => {
      weld('size', 'new.json', '--html=new.html');
      const { page, faults } = await open('new.html');
      for (const [button, start] of [
        ['SVG', '<svg'],
        ['PNG', '\x89PNG'],
      ]) {
        const saved = page.waitForEvent('download');
        await page.getByRole('button', { name: button, exact: true }).click();
        const bytes = readFileSync(await (await saved).path());
        assert.ok(bytes.toString('latin1').startsWith(start ?? ''), button);
        if (button === 'SVG') assert.match(bytes.toString(), />game<\/text>/);
        else assert.ok(bytes.readUInt32BE(16) > 2000, 'as wide as the map, twice');
      }
      assert.deepEqual(faults, []);
      await page.close();
    });

  test('shows a difference, of modules too', async () => {
    const changes = JSON.parse(weld('diff', 'old.json', 'new.json', '--by=function', '--json'));
    assert.ok(changes.some((/** @type {any} */ row) => row.name === 'more' && row.change === 'added'));
    for (const ending of ['json', 'wasm']) {
      weld('diff', `old.${ending}`, `new.${ending}`, '--html=diff.html');
      const { page, faults } = await open('diff.html');
      const [before, now] = ['old.wasm', 'new.wasm'].map((name) => readFileSync(path.join(folder, name)).length);
      await page.getByText(`+${((now ?? 0) - (before ?? 0)).toLocaleString('en')} bytes`).waitFor();
      await page.getByRole('searchbox').fill('more');
      const row = page.getByRole('region', { name: 'What differs' }).getByRole('row', { name: /^more/ });
      await expect(row.first()).toContainText('added');
      await expect(page.locator('.cell.leaf.grown-3').first()).toBeVisible();
      assert.deepEqual(faults, []);
      await page.close();
    }
  });

  if (testsPull)
    test('has no fault that axe finds, light and dark', async () => {
      weld('size', 'new.json', '--html=new.html');
      weld('diff', 'old.json', 'new.json', '--html=diff.html');
      for (const file of ['new.html', 'diff.html'])
        for (const scheme of /** @type {const} */ (['light', 'dark'])) {
          const { page } = await open(file, scheme);
          // The page's own policy allows no script of others: it is evaluated by the browser's tools.
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
          assert.deepEqual(
            violations.map(
              (/** @type {any} */ v) => `${v.id}: ${v.nodes.map((/** @type {any} */ n) => n.html).join(' ')}`,
            ),
            [],
            `${file}, ${scheme}`,
          );
          await page.close();
        }
    });

  if (testsPull)
    test('shows names of strangers as text', async () => {
      writeFileSync(
        path.join(folder, 'odd.c'),
        'int odd(void) __asm__("</script><img src=x onerror=alert(1)>"); int odd(void) { return 1; }',
      );
      execFileSync('clang-19', ['--target=wasm32-wasi', '-O1', '-c', 'odd.c', '-o', 'odd.o'], { cwd: folder });
      weld('-o', 'odd.wasm', '--no-entry', '--export-all', '--metafile=odd.json', 'odd.o');
      weld('size', 'odd.json', '--html=odd.html');
      const { page, faults } = await open('odd.html');
      await page.getByRole('searchbox').fill('onerror');
      await expect(page.getByRole('region', { name: 'Parts by size' })).toContainText('<img src=x onerror=alert(1)>');
      await expect(page.locator('img')).toHaveCount(0);
      assert.deepEqual(faults, []);
      await page.close();
    });
});
