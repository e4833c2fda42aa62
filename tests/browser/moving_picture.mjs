// @ts-check
// node tests/browser/moving_picture.mjs: takes the moving picture of the README anew, web/screenshots/live.gif: an animation that
// is edited while it runs. It needs ffmpeg (apt-get install ffmpeg). Waits for the compiler are shown six times as fast. Look at it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { button, openBrowser, root, servePreview, work } from './harness.mjs';

const framesPerSecond = 10;
const mostBytes = 1_000_000;
/** While the compiler is waited for, which depends on the machine. */
const timesFaster = 6;
const folder = path.join(work, 'moving');
const picture = path.join(root, 'web/screenshots/live.gif');

const { server, browser, newContext } = await openBrowser(servePreview);
const context = await newContext({ viewport: { width: 1400, height: 900 }, colorScheme: 'dark' });
const page = await context.newPage();
page.setDefaultTimeout(200_000);
await page.goto(`${server.url}?start=empty`);
await button(page, 'Open the Live sample').click();
await page.getByRole('switch', { name: 'Live' }).check();
await page.locator('.times').getByText('Fetching the compiler…').waitFor();
await page.locator('.times').getByText('Fetching the compiler…').waitFor({ state: 'hidden' });
await page.locator('.editor').hover();
await page.locator('.cm-content').waitFor();

/**
 * Puts the cursor before `at` in the line that has it, and types.
 * @param {string} at @param {string} text @param {number} pace ms from key to key
 */
async function type(at, text, pace) {
  const line = page.locator('.cm-line', { hasText: at });
  await line.click({ position: { x: 40, y: 8 } });
  await page.keyboard.press('Home'); // where the code begins
  const before = ((await line.textContent()) ?? '').trimStart().indexOf(at);
  for (let i = 0; i < before; i++) await page.keyboard.press('ArrowRight');
  for (const key of text)
    await (key === '<' ? page.keyboard.press('Delete', { delay: pace }) : page.keyboard.type(key, { delay: pace }));
}
/** When the compiler was waited for, in seconds since 1970. @type {{from: number, to: number}[]} */
const waits = [];
/** Until the newest edit is in the program. @param {() => Promise<void>} edit */
async function patched(edit) {
  const news = page.locator('.live-news');
  const before = await news.textContent();
  await edit();
  const from = Date.now() / 1000 + 0.3;
  await page.waitForFunction((before) => {
    const text = document.querySelector('.live-news')?.textContent ?? '';
    const isBusy = document.querySelector('.times .badge') !== null;
    return !isBusy && text !== before && text.includes('to the frame');
  }, before);
  waits.push({ from, to: Date.now() / 1000 });
}

// The compiler has warmed up when the picture begins.
await page.locator('.cm-scroller').evaluate((element) => element.scrollTo(0, 500));
for (const [from, to] of [
  ['10', '11'],
  ['11', '12'],
  ['12', '10'],
])
  await patched(() => type(`${from} + i`, `<<${to}`, 20));
await page.waitForTimeout(5000);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
/** @type {{file: string, at: number}[]} */
const frames = [];
const session = await context.newCDPSession(page);
session.on('Page.screencastFrame', ({ data, metadata, sessionId }) => {
  const file = path.join(folder, `${frames.length}.png`);
  writeFileSync(file, Buffer.from(data, 'base64'));
  frames.push({ file, at: metadata.timestamp ?? 0 });
  void session.send('Page.screencastFrameAck', { sessionId });
});
await session.send('Page.startScreencast', { format: 'png' });
await page.waitForTimeout(1500);
await patched(() => type('10 + i', '<<24', 130));
await page.waitForTimeout(1200);
await patched(() => type('3], 1', '<2', 130));
await page.waitForTimeout(1200);
await session.send('Page.stopScreencast');

const box = async (/** @type {string} */ selector) =>
  (await page.locator(selector).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
const bench = await box('.bench');
const left = (await box('.source-pane')).x;
await browser.close();
server.close();

let seconds = 0;
const list = frames.map(({ file, at }, i) => {
  const isWait = waits.some(({ from, to }) => from < at && at < to);
  const duration = ((frames[i + 1]?.at ?? at + 0.1) - at) / (isWait ? timesFaster : 1);
  seconds += duration;
  return `file '${file}'\nduration ${duration}`;
});
const listFile = path.join(folder, 'frames.txt');
writeFileSync(listFile, list.join('\n'));
const crop = `crop=${Math.floor(bench.width - left)}:${Math.floor(bench.height)}:${Math.ceil(left)}:${Math.ceil(bench.y)}`;
const filter = `${crop},fps=${framesPerSecond},split[a][b];[a]palettegen=max_colors=48:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle`;
execFileSync('ffmpeg', [
  '-y',
  '-loglevel',
  'error',
  '-f',
  'concat',
  '-safe',
  '0',
  '-i',
  listFile,
  '-vf',
  filter,
  picture,
]);
const { size } = statSync(picture);
console.log(
  `web/screenshots/live.gif: ${size.toLocaleString('en')} bytes, ${seconds.toFixed(1)} s, ${frames.length} frames taken`,
);
if (size > mostBytes) throw new Error('it is too large');
