// @ts-check
// node tests/browser/measure.mjs: how fast the page is, in Chromium on this machine. A program to run, not a test: web/README.md
// has what one machine said.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { button, dist, linked, manySymbols, openBrowser, root, servePreview, work, write } from './harness.mjs';
import { asInBenchmarks, fourThousand } from './large.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const runs = 5;
const { server, browser } = await openBrowser(servePreview);

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
/** @param {string} what @param {string | number} value */
const say = (what, value) => console.log(`${what.padEnd(58)} ${value}`);
/** @param {number} ms */
const inMs = (ms) => `${Math.round(ms).toLocaleString('en')} ms`;

/**
 * A page of its own, and nothing kept from before.
 *
 * @template T
 * @param {(page: Page) => Promise<T>} act
 * @param {'allow' | 'block'} [serviceWorkers]
 */
async function fresh(act, serviceWorkers = 'allow') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers });
  const page = await context.newPage();
  try {
    return await act(page);
  } finally {
    await context.close();
  }
}

/** How long something takes, and the tasks of the main thread over 50 ms meanwhile. @param {Page} page @param {() => Promise<void>} act */
async function longTasks(page, act) {
  const watch = await page.evaluateHandle(() => {
    /** @type {number[]} */
    const tasks = [];
    const note = (/** @type {PerformanceEntryList} */ entries) =>
      entries.forEach(({ duration }) => tasks.push(duration));
    const observer = new PerformanceObserver((list) => note(list.getEntries()));
    observer.observe({ entryTypes: ['longtask'] });
    return { tasks, end: () => (note(observer.takeRecords()), observer.disconnect(), tasks) };
  });
  const begin = performance.now();
  await act();
  const ms = performance.now() - begin;
  await page.waitForTimeout(300); // the last ones are told late
  return { ms, tasks: await watch.evaluate(({ end }) => end()) };
}

/** An object with another constant in its code: `i32.const`, then an addition. @param {Buffer} object */
function otherVersion(object) {
  const at = object.findIndex((byte, i) => byte === 0x41 && (object[i + 1] ?? 255) < 0x40 && object[i + 2] === 0x6a);
  if (at < 0) throw new Error('there is no constant to edit');
  const copy = Buffer.from(object);
  copy[at + 1] = (copy[at + 1] ?? 0) ^ 1;
  return copy;
}

/** @param {number[]} tasks */
const longest = (tasks) =>
  tasks.length === 0 ? 'none over 50 ms' : `${tasks.length} over 50 ms, the longest ${inMs(Math.max(...tasks))}`;

// What is fetched before anything is opened, by the page and its workers. The service worker would ask for all of it again,
// and for what is needed without the network.
await fresh(async (page) => {
  server.requests.length = 0;
  await page.goto(`${server.url}?start=empty`);
  await page.getByText('weld 0.', { exact: false }).waitFor();
  const prefix = new URL(server.url).pathname;
  const files = [...new Set(server.requests.map((name) => name.slice(prefix.length) || 'index.html'))];
  const total = { plain: 0, gzip: 0, brotli: 0 };
  for (const name of files) {
    const bytes = readFileSync(path.join(dist, name));
    total.plain += bytes.length;
    total.gzip += gzipSync(bytes, { level: 9 }).length;
    total.brotli += brotliCompressSync(bytes).length;
  }
  say(
    'load, before a sample is opened',
    `${files.length} files, ${Object.entries(total)
      .map(([how, bytes]) => `${how} ${Math.round(bytes / 1000)} KB`)
      .join(', ')}`,
  );
}, 'block');

const loads = {
  paint: /** @type {number[]} */ ([]),
  ready: /** @type {number[]} */ ([]),
  first: /** @type {number[]} */ ([]),
};
for (let i = 0; i < runs; i++)
  await fresh(async (page) => {
    const begin = performance.now();
    await page.goto(`${server.url}?start=empty`);
    await page.getByText('weld 0.', { exact: false }).waitFor();
    loads.ready.push(performance.now() - begin);
    loads.paint.push(
      await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN),
    );
    const clicked = performance.now();
    await page.getByRole('button', { name: 'Open the C sample' }).click();
    await linked(page);
    loads.first.push(performance.now() - clicked);
  });
say('first contentful paint', inMs(median(loads.paint)));
say('from navigation to a linker that is ready', inMs(median(loads.ready)));
say('from a click on the C sample to its first link', inMs(median(loads.first)));

await fresh(async (page) => {
  await page.goto(`${server.url}?start=empty`);
  await page.getByLabel('No entry: a library').check();
  await page.setInputFiles('#files', manySymbols(200_000));
  await page.getByRole('tab', { name: 'Symbols' }).click();
  await page.locator('.table-count').getByText('200,000 symbols').waitFor({ timeout: 60_000 });
  for (let i = 0; i < 3; i++) {
    /** @type {number[]} */
    let frames = [];
    const { tasks } = await longTasks(page, async () => {
      frames = await page.evaluate(async () => {
        const body = /** @type {HTMLElement} */ (document.querySelector('[role=grid]'));
        const frames = [];
        let before = performance.now();
        for (let step = 0; step < 200; step++) {
          body.scrollTop = (body.scrollHeight * step) / 200 + (step % 7) * 90;
          await new Promise((resolve) => requestAnimationFrame(resolve));
          frames.push(performance.now() - before);
          before = performance.now();
        }
        return frames;
      });
    });
    say(
      `scrolling through 200,000 symbols, run ${i + 1}`,
      `frames: median ${inMs(median(frames))}, longest ${inMs(Math.max(...frames))}; tasks: ${longest(tasks)}`,
    );
  }
});

// Ten edits of the animation, each the first in a pause: what the page says of them, and how long its frames are apart.
await fresh(async (page) => {
  page.setDefaultTimeout(200_000);
  await page.goto(`${server.url}?start=empty`);
  await button(page, 'Open the Live sample').click();
  await page.getByRole('switch', { name: 'Live' }).check();
  await page.locator('.times').getByText('Fetching the compiler…').waitFor();
  await page.locator('.times').getByText('Fetching the compiler…').waitFor({ state: 'hidden' });
  const text = readFileSync(path.join(root, 'web/samples/bodies.cpp'), 'utf8');
  /** @type {Record<string, number[]>} */
  const figures = {};
  for (let edit = 0; edit <= 10; edit++) {
    await write(page, 'bodies.cpp', text.replace('10 + i', `${edit + 11} + i`));
    await page.locator('.times').getByText('Compiling bodies.cpp…').waitFor();
    await page.locator('.times').getByText('Compiling bodies.cpp…').waitFor({ state: 'hidden' });
    await page.waitForTimeout(1500);
    const said = (await page.locator('.live-news').innerText()).replaceAll(/\s+/g, ' ');
    if (edit === 0) continue; // the compiler and the linker warm up
    for (const [what, pattern] of /** @type {const} */ ([
      ['from the key to the frame', /([\d.]+ m?s) from the key/],
      ['  compile', /compile ([\d.]+ m?s)/],
      ['  link', /link ([\d.]+ m?s)/],
      ['  patch', /patch ([\d.]+ m?s)/],
      ['  apply', /apply ([\d.]+ m?s)/],
      ['  waiting', /waiting ([\d.]+ m?s)/],
      ['  between the frames around the patch', /began ([\d.]+ m?s)/],
    ])) {
      const [value = NaN, unit] = pattern.exec(said)?.[1]?.split(' ') ?? [];
      (figures[what] ??= []).push(Number(value) * (unit === 's' ? 1000 : 1));
    }
  }
  for (const [what, values] of Object.entries(figures))
    say(what, `median ${median(values).toFixed(1)} ms, longest ${Math.max(...values).toFixed(1)} ms`);
});

for (const size of [undefined, asInBenchmarks]) {
  const large = await fourThousand(size);
  await fresh((page) => measureLarge(page, large));
}

/** @param {Page} page @param {Awaited<ReturnType<typeof fourThousand>>} large */
async function measureLarge(page, large) {
  await page.goto(`${server.url}?start=empty`);
  await page.getByText('weld 0.', { exact: false }).waitFor();
  // Chromium takes most of a second to make 4,000 files of the choice, before the page hears of it.
  await page.evaluate(() =>
    document.addEventListener('change', () => performance.mark('chosen'), { capture: true, once: true }),
  );
  let chosen = NaN;
  const { tasks } = await longTasks(page, async () => {
    await page.setInputFiles('#files', large.files);
    await linked(page, 60_000);
    chosen = await page.evaluate(
      () => performance.now() - (performance.getEntriesByName('chosen')[0]?.startTime ?? NaN),
    );
  });
  say(`4,000 objects, ${Math.round(large.bytes / 1e6)} MB: from being chosen to linked`, inMs(chosen));
  say('  tasks of the main thread, with the browser’s own', longest(tasks));
  const changed = path.join(work, '000007.o');
  const object = readFileSync(large.files[9] ?? '');
  for (const [what, bytes] of /** @type {const} */ ([
    ['one of them replaced', otherVersion(object)],
    ['and again', object],
  ])) {
    writeFileSync(changed, bytes);
    const { ms, tasks } = await longTasks(page, async () => {
      await page.setInputFiles('#files', [changed]);
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'attached' });
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached' });
      await linked(page);
    });
    say(`  ${what}: to linked`, `${inMs(ms)}; tasks: ${longest(tasks)}`);
  }
  for (const view of ['Symbols', 'Sections', 'Memory', 'Size', 'Resolution', 'Output']) {
    const { ms, tasks } = await longTasks(page, async () => {
      await page.getByRole('tab', { name: view }).click();
      await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached', timeout: 120_000 });
    });
    say(`  ${view}, until it is there`, `${inMs(ms)}; tasks: ${longest(tasks)}`);
    if (view !== 'Symbols') continue;
    for (const text of ['vector', 'string']) {
      const { ms, tasks } = await longTasks(page, async () => {
        await page.getByRole('textbox', { name: 'Find', exact: true }).fill(text);
        await page.locator('main [aria-busy=true]').first().waitFor({ state: 'attached' });
        await page.locator('main [aria-busy=true]').first().waitFor({ state: 'detached', timeout: 120_000 });
      });
      say(`  a search for ${text}`, `${inMs(ms)}; tasks: ${longest(tasks)}`);
    }
  }
}

await browser.close();
server.close();
