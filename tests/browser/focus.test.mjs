// @ts-check
// Who uses the keyboard sees where it is: the ring around what has the focus is nowhere cut off.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { add, browserSuite, button, compile, expect, linked, sample, upload } from './harness.mjs';
import { ofPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

/** Of what has the focus: whether something that scrolls or hides cuts off its ring. @param {Page} page */
const cutOff = (page) =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    if (!element || element === document.body) return undefined;
    const { outlineStyle, outlineWidth, outlineOffset } = getComputedStyle(element);
    const what = `${element.tagName} ${element.className} ${element.getAttribute('aria-label') ?? element.textContent?.slice(0, 30)}`;
    if (outlineStyle === 'none') return element.closest('.cm-editor') ? undefined : `${what} has no ring`;
    const ring = Number.parseFloat(outlineWidth) + Number.parseFloat(outlineOffset);
    const { left, right, top, bottom } = element.getBoundingClientRect();
    /** @param {Element} inside */
    const parentOf = (inside) => {
      const root = inside.getRootNode();
      return inside.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    };
    for (let around = parentOf(element); around; around = parentOf(around)) {
      const { overflowX, overflowY } = getComputedStyle(around);
      const box = around.getBoundingClientRect();
      const by = around.className || around.tagName;
      if (
        overflowX !== 'visible' &&
        (left - ring < box.left - 0.5 || right + ring > box.right + 0.5) &&
        right - left < box.width
      )
        return `${what} is cut off by ${by} at the sides`;
      // One that is larger than what it scrolls in cannot be seen whole.
      if (
        overflowY !== 'visible' &&
        (top - ring < box.top - 0.5 || bottom + ring > box.bottom + 0.5) &&
        bottom - top < box.height - 4
      )
        return `${what} is cut off by ${by}`;
    }
    return undefined;
  });

describe('the ring around what has the focus', { timeout: 900_000, ...ofPull }, () => {
  const { pageTest } = browserSuite();

  for (const [width, views] of /** @type {const} */ ([
    [1280, ['Overview', 'Symbols', 'Sections', 'Memory', 'Size', 'Resolution', 'Output']],
    [390, ['Overview', 'Symbols', 'Size']],
  ]))
    pageTest(
      `is seen whole, ${width} pixels wide`,
      async (page) => {
        const names = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];
        await add(page, [
          ...names.map((name) => upload(name, sample(name))),
          compile('more', '__attribute__((weak)) int careless(void); int more(void) { return careless(); }'),
        ]);
        if (width < 900) await button(page, 'Inspect').click();
        await linked(page);
        const found = new Set();
        for (const view of views) {
          await page.getByRole('tab', { name: view }).click();
          await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
          for (let stop = 0; stop < 60; stop++) {
            await page.keyboard.press('Tab');
            const problem = await cutOff(page);
            if (problem) found.add(`${view}: ${problem}`);
          }
        }
        assert.deepEqual([...found], []);
      },
      { width },
    );
});
