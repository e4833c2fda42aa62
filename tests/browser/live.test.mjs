// @ts-check
// Animations, and how they keep running while they are edited. A frame of the programs here is one colour: which version of the program
// drew it, and how many frames there were before.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { constants, inflateSync } from 'node:zlib';
import { add, browserSuite, button, compile, editorOf, expect, linked, root, write } from './harness.mjs';
import { testsPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const header = readFileSync(path.join(root, 'web/samples/canvas.h'), 'utf8').replace('#pragma once', '');
/** @param {number} version @param {{type?: string, also?: string}} [how] */
const counter = (version, { type = 'int', also = '' } = {}) => `
static ${type} frames;
static int called(void) { ${also} return ${version}; }
void frame(double ms) {
  frames++;
  canvas_clear(called() << 16 | (frames & 0xffff));
}
`;
/** @param {Parameters<typeof counter>} what */
const object = (...what) => compile('counter', header + counter(...what));

/**
 * The colour of a pixel of the canvas, as it is seen: no script can read what a worker draws.
 * @param {Page} page @param {number} x @param {number} y from the right and from below if they are negative
 */
async function colourAt(page, x, y) {
  const stage = await page.locator('.stage:has(canvas)').boundingBox();
  assert.ok(stage);
  const clip = {
    x: stage.x + x + (x < 0 ? stage.width : 0),
    y: stage.y + y + (y < 0 ? stage.height : 0),
    width: 1,
    height: 1,
  };
  const png = await page.screenshot({ clip });
  // The one row consists of a filter, which has nothing to do, and the colour. Its checksum is in another chunk.
  const at = png.indexOf('IDAT');
  const packed = png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  return [...inflateSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(1, 4)];
}

/** What the page shows of the newest frame. @param {Page} page */
async function frameOf(page) {
  const [version = 0, high = 0, low = 0] = await colourAt(page, 30, 30);
  return { version, frames: (high << 8) | low };
}

/** Until this version draws; gives the number of its frame. @param {Page} page @param {number} version */
async function draws(page, version) {
  let frames = 0;
  await expect(async () => {
    const frame = await frameOf(page);
    assert.equal(frame.version, version);
    frames = frame.frames;
  }).toPass({ timeout: 60_000 });
  return frames;
}
/** Until it has drawn more. @param {Page} page @param {number} frames */
const goesOn = (page, frames) => expect.poll(async () => (await frameOf(page)).frames).toBeGreaterThan(frames);

/** @param {Page} page */
const live = (page) => page.getByRole('switch', { name: 'Live' });
/** @param {Page} page @param {string | RegExp} text */
const said = (page, text) => expect(page.locator('.live-news').getByRole('status')).toContainText(text);
/** @param {Page} page */
const times = (page) => page.locator('.live-times');

/** A program is told where the pointer is, and how large the canvas is; what it draws is where it says. @param {Page} page */
async function drawsShapes(page) {
  const source = `${header}
    void frame(double ms) {
      canvas_clear(canvas_pointer_pressed() ? 0x000100 | (unsigned)canvas_pointer_x() << 16 : 0x000200);
      canvas_colour(0xffffff, 1);
      canvas_rectangle(canvas_width() - 10, canvas_height() - 10, 10, 10);
      canvas_circle(40, 40, 10);
      canvas_line(60, 40, 90, 40, 4);
      canvas_text(100, 60, 30, "\\xe2\\x96\\x88");
    }`;
  await add(page, [compile('draws', source)]);
  await linked(page);
  await button(page, 'Run').click();
  const white = [255, 255, 255];
  await expect.poll(() => colourAt(page, 40, 40)).toEqual(white);
  assert.deepEqual(await colourAt(page, 40, 55), [0, 2, 0]);
  assert.deepEqual(await colourAt(page, 75, 40), white);
  assert.deepEqual(await colourAt(page, 110, 50), white); // a block, as wide as a letter
  assert.deepEqual(await colourAt(page, -5, -5), white);
  assert.deepEqual(await colourAt(page, -15, -5), [0, 2, 0]);
  const { x = 0, y = 0 } = (await page.locator('.stage').boundingBox()) ?? {};
  await page.mouse.move(x + 33, y + 20);
  await page.mouse.down();
  await expect.poll(() => colourAt(page, 12, 12)).toEqual([33, 1, 0]);
  await page.mouse.up();
  await expect.poll(() => colourAt(page, 12, 12)).toEqual([0, 2, 0]);
}

describe('an animation', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('goes on with objects that take the place of others, or is restarted and says why', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(page, [object(1)]);
    await linked(page);
    await button(page, 'Run').click();
    await goesOn(page, await draws(page, 1));

    // As any program, it ends when there is a new one.
    await add(page, [object(2)]);
    await expect(page.locator('.stage canvas')).toHaveCount(0);
    await button(page, 'Run').click();
    await draws(page, 2);

    await live(page).check();
    await page.getByText('Edit the source: the program continues with it').waitFor();
    await goesOn(page, 50);
    let frames = await draws(page, 2);
    for (const version of [3, 4, 5]) {
      await add(page, [object(version)]);
      const now = await draws(page, version);
      assert.ok(now > frames, `${now} frames after ${frames}`);
      frames = now;
      await said(page, /^patched .*(?:called|frame).* from the file to the frame/);
      await expect(times(page)).toContainText(/link.*patch.*apply.*waiting/);
    }

    // Linked without what it needs, the program stays what it is.
    await add(page, [object(6, { also: 'extern void nobody_has(void); nobody_has();' })]);
    await said(page, 'not linked');
    await said(page, 'nobody_has');
    await goesOn(page, await draws(page, 5));

    // A trap ends a frame, and not the program.
    await add(page, [object(7, { also: 'if (frames > 0) __builtin_trap();' })]);
    await page.locator('.run-state').getByText('trapped: unreachable').waitFor();
    frames = await draws(page, 5);
    await add(page, [object(8)]);
    assert.ok((await draws(page, 8)) > frames);
    await page.locator('.run-state').getByText('running…').waitFor();

    await add(page, [object(9, { type: 'long long' })]);
    await said(page, /restarted because .frames. has another size: 8 bytes and not 4/);
    await draws(page, 9);

    if (!testsPull) return;
    // Stopped, it is started with everything that came since.
    await button(page, 'Stop').click();
    await add(page, [object(10, { type: 'long long' })]);
    await linked(page);
    await button(page, 'Run').click();
    await draws(page, 10);
    await live(page).uncheck();
    await goesOn(page, await draws(page, 10));
    await button(page, 'Remove counter.o').click();
    await expect(page.locator('.stage')).toHaveCount(0);
    await drawsShapes(page);
  });

  if (testsPull)
    pageTest('goes on over ten edits of its source', async (page) => {
      page.setDefaultTimeout(200_000);
      await button(page, 'Open the Live sample').click();
      await page.locator('.stage canvas').waitFor();
      await live(page).check();
      await page.getByText('fetching the compiler (27 MB, only once)').waitFor();
      await page.locator('.times').getByText('Fetching the compiler…').waitFor({ state: 'hidden' });
      /** @param {Parameters<typeof counter>} what */
      const edit = (...what) => write(page, 'bodies.cpp', `#include "canvas.h"\n${counter(...what)}`);

      await edit(1);
      await goesOn(page, await draws(page, 1));
      let frames = 0;
      for (let version = 2; version <= 11; version++) {
        await edit(version);
        const now = await draws(page, version);
        assert.ok(now > frames, `${now} frames after ${frames}`);
        frames = now;
        await said(page, / from the key to the frame/);
        await expect(times(page)).toContainText(/compile.*link.*patch.*apply.*waiting/);
      }
      await expect(page.locator('.live-news')).toContainText(/began [\d.]+ ms after/);

      await edit(12, { also: 'unknown_name;' });
      await page.getByLabel('What the compiler says about bodies.cpp').getByText('unknown_name').first().waitFor();
      await goesOn(page, await draws(page, 11));

      await edit(13, { type: 'long long' });
      await said(page, /restarted because .frames. has another size/);
      await expect(page.getByLabel('What the compiler says about bodies.cpp')).toHaveCount(0);
      await draws(page, 13);
      // On a small screen, it is seen above its source.
      await page.setViewportSize({ width: 390, height: 800 });
      await button(page, 'Source').click();
      await edit(14, { type: 'long long' });
      await said(page, /^patched/);
      await goesOn(page, await draws(page, 14));
      await expect(page.locator('.stage')).toBeInViewport({ ratio: 1 });
      await expect(editorOf(page, 'bodies.cpp')).toBeInViewport();
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 390);
    });
});
