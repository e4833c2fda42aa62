// @ts-check
// What the browser keeps of a page's inputs.
import { expect } from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

/** Files of the store, and of the newest state the inputs: nothing while a state is being written. @param {Page} page */
export const store = (page) =>
  page.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weld');
    /** @type {Record<string, number>} */
    const files = {};
    const states = [];
    for await (const name of /** @type {any} */ (folder).keys()) {
      const file = await folder
        .getFileHandle(name)
        .then((handle) => handle.getFile())
        .catch(() => undefined); // it may be gone by now
      if (!file) continue;
      if (name.endsWith('.input')) files[name] = file.size;
      else if (name.endsWith('.json')) states.push(file);
    }
    const [newest] = states.sort((a, b) => b.lastModified - a.lastModified);
    const text = await newest?.text().catch(() => undefined);
    /** @type {{name: string, stored?: string}[]} */
    const inputs = text ? JSON.parse(text).inputs : [];
    return { files, inputs };
  });

/** Until all inputs are in the store. @param {Page} page @param {number} count @param {number} [timeout] ms */
export const saved = (page, count, timeout = 60_000) =>
  expect.poll(async () => (await store(page)).inputs.filter(({ stored }) => stored).length, { timeout }).toBe(count);

/** What is shown of saving from now on, however shortly. @param {Page} page @returns {Promise<() => Promise<string[]>>} what it was */
export async function watchProgress(page) {
  await page.evaluate(() => {
    /** @type {string[]} */
    const shown = [];
    Object.assign(globalThis, { shown });
    new MutationObserver(() => {
      const text = document.querySelector('.saving:has(progress)')?.textContent?.trim();
      if (text && text !== shown.at(-1)) shown.push(text);
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => /** @type {any} */ (globalThis).shown);
}
