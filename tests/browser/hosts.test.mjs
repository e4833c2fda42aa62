// @ts-check
// The page from servers that people have: the one of the demo, and one that knows nothing of this page.
import { describe } from 'node:test';
import {
  browserSuiteOf,
  button,
  cached,
  controlled,
  dist,
  expect,
  inputNames,
  kept,
  linked,
  prints,
  servePreview,
  write,
} from './harness.mjs';
import { testsAll } from '../support/tier.mjs';
import { servePython } from './serve.mjs';

/** What the playground needs without the network. */
const needed = ['/editor-', '/wabt-', 'bundle.js', '.tar.packed', ...['', 2, 3, 4].map((n) => `core${n}.wasm.packed`)];
/** @param {import('./harness.mjs').Page} page */
async function notKept(page) {
  const urls = await cached(page);
  return needed.filter((name) => !urls.some((url) => url.includes(name)));
}

/** @type {[string, () => Promise<{url: string, close(): void}>][]} */
const hosts = [
  ['python3 -m http.server', () => servePython(dist)],
  ['vite preview', servePreview], // which all other tests use
];
for (const [host, serve] of testsAll ? hosts : hosts.slice(0, 1))
  describe(`the page from ${host}`, { timeout: 900_000 }, () => {
    const { pageTest } = browserSuiteOf(serve, { serviceWorker: true });

    pageTest('opens a sample, compiles C, runs it, and does so after a reload without the network', async (page) => {
      page.setDefaultTimeout(200_000);
      await controlled(page);
      await button(page, 'Open the C sample').click();
      await linked(page);
      await write(page, 'hello.c', '#include <stdio.h>\nint main(void) { puts("compiled here"); }\n');
      await button(page, 'Compile, link, run').click();
      await page.getByText('exit code 0').waitFor();
      await prints(page, 'compiled here\n');
      await kept(page, /compiled here/, 1);
      await page.reload();
      await linked(page);
      await expect(inputNames(page)).toHaveText([
        'crt1-command.o',
        'hello.o',
        'libc.a',
        'libclang_rt.builtins-wasm32.a',
      ]);
      await button(page, 'Run').click();
      await prints(page, 'compiled here\n');

      await expect.poll(() => notKept(page), { timeout: 60_000 }).toEqual([]);
      await page.context().setOffline(true);
      try {
        await page.reload();
        await linked(page);
        await write(page, 'hello.c', '#include <stdio.h>\nint main(void) { puts("compiled offline"); }\n');
        await button(page, 'Compile, link, run').click();
        await page.getByText('exit code 0').waitFor();
        await prints(page, 'compiled offline\n');
      } finally {
        await page.context().setOffline(false);
      }
    });
  });
