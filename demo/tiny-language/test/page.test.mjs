// The page in Chromium: `npm run build` comes first. WELD_SCREENSHOT=FILE keeps a picture.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, expect as expectAtOnce } from '@playwright/test';
import { preview } from '../../../tests/browser/serve.mjs';
import { chromiumPath } from '../../../tests/support/chromium.mjs';

/** @typedef {import('@playwright/test').Page} Page */

const expect = expectAtOnce.configure({ timeout: 20_000 });

/** @type {Awaited<ReturnType<typeof preview>>} */
let server;
/** @type {import('@playwright/test').Browser} */
let browser;

before(async () => {
  server = await preview(fileURLToPath(new URL('..', import.meta.url)), '/any/where/');
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', ...quiet],
  });
});
after(async () => {
  await browser?.close();
  server?.close();
});

/**
 * A test on a page of its own, which must not complain: no message, no exception, no breach of its policy.
 * @param {string} name @param {(page: Page) => Promise<void>} act
 * @param {import('@playwright/test').BrowserContextOptions} [options]
 */
function pageTest(name, act, options = { viewport: { width: 1280, height: 860 } }) {
  test(name, { timeout: 120_000 }, async () => {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      /** @type {string[]} */
      const complaints = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(server.url);
      await act(page);
      assert.deepEqual(complaints, []);
      assert.deepEqual(server.missing, []);
    } finally {
      await context.close();
    }
  });
}

/** @param {Page} page */
const printed = (page) => page.getByLabel('Output', { exact: true });
/** @param {Page} page @param {string} text */
const waitForOutput = (page, text) => printed(page).filter({ hasText: text }).waitFor();
/** @param {Page} page @param {string} text */
async function type(page, text) {
  await page.getByRole('textbox', { name: 'Program' }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

pageTest('an edit shows at once', async (page) => {
  await waitForOutput(page, '17 primes');
  await expect(page.locator('#first')).toBeVisible();
  await type(page, 'fn twice(n: int): int { return n * 2; }\n\nfn main() { print("twice 21 is ", twice(21)); }\n');
  await waitForOutput(page, 'twice 21 is 42');
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < 'fn twice(n: int): int { return n * '.length; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Delete');
  await page.keyboard.type('3');
  await waitForOutput(page, 'twice 21 is 63');
  await expect(page.locator('#changed')).toHaveText('twice');
  await expect(page.locator('#first')).toBeHidden();
  for (const what of ['compile', 'link', 'load', 'run'])
    await expect(page.locator(`#${what}`)).toHaveText(/^(< )?\d[\d.]* (µs|ms|s)$/);
  await expect(page.locator('#clock')).toHaveText(/from a snapshot, in [\d.]+ m?s\..*steps of \d+ µs/);
});

pageTest('a mistake shows at its place, and is gone when it is mended', async (page) => {
  await waitForOutput(page, '17 primes');
  await type(page, 'fn main() {\n  let a = 1;\n  print(b);\n}\n');
  const problem = page.getByRole('list', { name: 'Problems' }).getByRole('listitem');
  await problem.filter({ hasText: '3:9 there is no variable `b`' }).waitFor();
  await page.locator('.error-mark').filter({ hasText: 'b' }).waitFor();
  await problem.getByRole('button', { name: '3:9' }).click();
  await page.keyboard.press('Delete');
  await page.keyboard.type('a');
  await waitForOutput(page, '1');
  await expect(problem).toHaveCount(0);

  await type(page, 'extern fn nowhere(): int;\nfn main() {\n  print(nowhere());\n}\n');
  await problem.filter({ hasText: '3:9 undefined symbol `nowhere`' }).waitFor();
  await type(page, 'fn main() {\n  let a = 0;\n  print("so far");\n  print(1 / a);\n}\n');
  await problem.filter({ hasText: '4:11 divide by zero' }).waitFor();
  await waitForOutput(page, 'so far');
});

pageTest('a program with `frame` keeps running while it is edited', async (page) => {
  await waitForOutput(page, '17 primes');
  await page.getByLabel('Example').selectOption('ball');
  const live = page.locator('#live');
  await expect(live).toHaveText('It continues: an edit is patched into it while it runs');
  const frames = async () => Number(/frame (\d+)/.exec((await printed(page).textContent()) ?? '')?.[1]);
  await expect.poll(frames).toBeGreaterThan(3);
  const before = await frames();
  const source = readFileSync(new URL('../examples/ball.tiny', import.meta.url), 'utf8');
  await type(page, source.replace('write("o")', 'write("#")'));
  await expect(live).toHaveText('It continues: 1 patch since it was started');
  await waitForOutput(page, '#');
  await expect(page.locator('#changed')).toHaveText('line');
  await expect(page.locator('dt').nth(2)).toHaveText('apply');
  assert.ok((await frames()) > before);

  // A mistake leaves it as it is.
  await type(page, source.replace('move();\n  for', 'nothing();\n  for'));
  await page.getByRole('list', { name: 'Problems' }).getByText('there is no function `nothing`').waitFor();
  const now = await frames();
  await expect.poll(frames).toBeGreaterThan(now);

  // A program that ends takes its place.
  await page.getByLabel('Example').selectOption('tour');
  await waitForOutput(page, '17 primes');
  await expect(live).toHaveText('');
  await page.waitForTimeout(200);
  await waitForOutput(page, '17 primes');
});

pageTest('a mark stands where its mistake is, also while one types', async (page) => {
  await waitForOutput(page, '17 primes');
  // Long enough to type before it divides.
  await type(page, 'fn main() {\n  let n = 0;\n  while n < 40000000 { n = n + 1; }\n  print(1 / (n - n));\n}\n');
  await page.evaluate(() => {
    const seen = new Set();
    Object.assign(globalThis, { seen });
    const look = () => {
      for (const mark of document.getElementById('editor')?.shadowRoot?.querySelectorAll('.error-mark') ?? [])
        seen.add(mark.textContent);
      requestAnimationFrame(look);
    };
    look();
  });
  await page.keyboard.press('Control+Home');
  for (let i = 0; i < 30; i++) await page.keyboard.press('Enter'); // nothing else is wrong at any moment
  await page
    .getByRole('list', { name: 'Problems' })
    .getByRole('listitem')
    .filter({ hasText: /^34:\d+ divide by zero/ })
    .waitFor();
  await page.locator('.error-mark').first().waitFor();
  assert.deepEqual(
    await page.evaluate(() => [.../** @type {any} */ (globalThis).seen]),
    await page.locator('.error-mark').allTextContents(),
  );
});

pageTest('what is typed stays, on a slow machine too, and can be undone', async (page) => {
  await waitForOutput(page, '17 primes');
  const editor = page.getByRole('textbox', { name: 'Program' });
  const text = async () => (await editor.locator('.cm-line').allTextContents()).join('\n');
  await type(page, 'fn main() {}');
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 6 });
  await page.keyboard.press('ArrowLeft');
  const keys = [];
  for (const letter of ' print("as fast as this can be typed ", 1234567); ') {
    keys.push(
      session.send('Input.dispatchKeyEvent', { type: 'keyDown', key: letter, text: letter }),
      session.send('Input.dispatchKeyEvent', { type: 'keyUp', key: letter }),
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await Promise.all(keys);
  await expect.poll(text).toBe('fn main() { print("as fast as this can be typed ", 1234567); }');
  await waitForOutput(page, 'as fast as this can be typed 1234567');
  for (let i = 0; i < 200 && (await text()) !== 'fn main() {}'; i++) await page.keyboard.press('Control+z');
  assert.equal(await text(), 'fn main() {}');
});

pageTest('a program that does not end is stopped, and editing goes on', async (page) => {
  await waitForOutput(page, '17 primes');
  await type(page, 'fn main() { while 1 { } }');
  await page.getByText('stopped: it ran for 2 s').waitFor();
  await type(page, 'fn main() { while 1 { print("more"); } }');
  await page.getByText('it printed too much').waitFor();
  await type(page, 'fn main() { print("again"); }');
  await waitForOutput(page, 'again');
});

pageTest('the function under the cursor, with its calls', async (page) => {
  await waitForOutput(page, '17 primes');
  await page.locator('.cm-line').filter({ hasText: 'return fib(n - 1)' }).click();
  await page.locator('#function').filter({ hasText: 'fib(int): int' }).waitFor();
  const calls = page.locator('#listing .call');
  await expect(calls).toHaveCount(2);
  await expect(calls.first()).toHaveText(/10 [0-9a-f]{2}\s*call \d+ fib\(int\): int$/);
  await expect(page.locator('#calls')).toHaveText(/2 calls of 2 bytes each/);
  await page.locator('#listing .here').nth(5).waitFor();
  if (process.env.WELD_SCREENSHOT) await page.screenshot({ path: process.env.WELD_SCREENSHOT });
});

const sideways = (/** @type {Page} */ page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  pageTest(
    `on a phone, ${colorScheme}`,
    async (page) => {
      await page.getByLabel('Example').selectOption('queens');
      await waitForOutput(page, '92 ways to place 8 queens');
      assert.equal(await sideways(page), 0);
      await page.keyboard.press('Tab');
      if (process.env.WELD_SCREENSHOT)
        await page.screenshot({
          path: process.env.WELD_SCREENSHOT.replace('.png', `-${colorScheme}.png`),
          fullPage: true,
        });
    },
    { viewport: { width: 390, height: 844 }, colorScheme },
  );
}
