// @ts-check
// The page in Chromium: builds it when it is older than its sources, serves it, opens it. Each test has a page of its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { preview } from './serve.mjs';
import { chromiumPath } from '../support/chromium.mjs';
import { testsAll } from '../support/tier.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const dist = path.join(root, 'web/dist');
export const work = path.join(root, 'build/browser');
export const native = process.env.WELD ?? path.join(root, 'build/native/weld');
/** @type {typeof import('../../web/node_modules/@playwright/test/index.js')} */
const { chromium, expect: expectAtOnce } = await import(path.join(root, 'web/node_modules/@playwright/test/index.mjs'));
/** What the page shows follows what was done in it: these assertions wait until they hold, as long as other waiting may take. */
export const expect = expectAtOnce.configure({ timeout: 60_000 });

/** @typedef {import('../../web/node_modules/@playwright/test/index.js').Page} Page */
/** @typedef {{name: string, mimeType: string, buffer: Buffer}} Upload */

/** @param {string} name @param {Buffer | string} content @returns {Upload} */
export const upload = (name, content) => ({ name, mimeType: '', buffer: Buffer.from(content) });
/** @param {string} name */
export const sample = (name) => readFileSync(path.join(dist, 'samples', name));

/** @param {string} name @param {string} source */
export function compile(name, source) {
  const file = path.join(work, name);
  writeFileSync(`${file}.c`, source);
  execFileSync('clang-19', ['--target=wasm32-wasi', '-O1', '-c', `${file}.c`, '-o', `${file}.o`]);
  return upload(`${name}.o`, readFileSync(`${file}.o`));
}

/** What the native linker makes of it. @param {Upload[]} inputs @param {string[]} [args] */
export function linkNatively(inputs, args = []) {
  for (const { name, buffer } of inputs) writeFileSync(path.join(work, name), buffer);
  execFileSync(native, ['-o', 'output.wasm', ...args, ...inputs.map(({ name }) => name)], { cwd: work });
  return readFileSync(path.join(work, 'output.wasm'));
}

/** An object with so many symbols, one byte of data each. @param {number} count @returns the file */
export function manySymbols(count) {
  const lines = Array.from(
    { length: count },
    (_, i) => `.type s${i},@object\n.section .data.s${i},"",@\n.globl s${i}\ns${i}:\n.int8 1\n.size s${i}, 1\n`,
  );
  const [source, object] = ['many.s', 'many.o'].map((name) => path.join(work, name));
  writeFileSync(source ?? '', lines.join(''));
  execFileSync('clang-19', ['--target=wasm32-wasi', '-c', source ?? '', '-o', object ?? '']);
  return object ?? '';
}

function buildPage() {
  /** @param {string} name @returns {number} */
  const newest = (name) => {
    const stat = statSync(name);
    return stat.isDirectory()
      ? Math.max(0, ...readdirSync(name).map((entry) => newest(path.join(name, entry))))
      : stat.mtimeMs;
  };
  const made = path.join(dist, 'index.html');
  const sources = [
    'js/dist',
    'web/src',
    'web/index.html',
    'web/vite.config.ts',
    'web/samples.mjs',
    'web/samples',
    'web/service_worker.js',
    'web/option_table.mjs',
    'web/adapter.mjs',
    'web/package-lock.json',
    'demo/tiny-language/src',
    'demo/tiny-language/index.html',
  ];
  // Files of tests run side by side: one builds, the others wait for it.
  const lock = path.join(work, 'building');
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > 300_000)
        rmSync(lock, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  try {
    if (existsSync(made) && sources.every((name) => newest(path.join(root, name)) < newest(made))) return;
    execFileSync('npm', ['run', 'build'], { cwd: path.join(root, 'web'), stdio: 'pipe' });
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** As the demo serves the page; any path will do. */
export const servePreview = () => preview(path.join(root, 'web'), '/some/where/');

/**
 * The page, served, and a browser.
 *
 * @template {{url: string, close(): void}} Server
 * @param {() => Promise<Server>} serve
 */
export async function openBrowser(serve) {
  mkdirSync(work, { recursive: true });
  buildPage();
  const server = await serve();
  const quiet = [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    // Each page compiles all scripts again: functions that are never called need not be.
    args: ['--no-sandbox', '--disable-gpu', '--js-flags=--max-lazy', ...quiet],
  });
  // As who comes back: nothing is here yet, and the options are open. What a first visitor sees is in `first_visit.test.mjs`.
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    await context.addInitScript(() => {
      if (location.protocol.startsWith('http')) localStorage.setItem('weld-options-open', 'yes');
    });
    return context;
  };
  browser.newPage = async (options) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('close', () => void context.close().catch(() => {})); // the browser may be gone already
    return page;
  };
  return { server, browser, newContext };
}

/** In a suite: `pageTest` and the server that it uses. @param {{serviceWorker?: boolean}} [options] */
export const browserSuite = (options) => browserSuiteOf(servePreview, options);

/**
 * `serviceWorker`: the tests are about it. In others it fetches everything for a page that is closed a second later, which
 * takes a sixth of their time: only if everything is tested is it there.
 *
 * @template {{url: string, close(): void}} Server
 * @param {() => Promise<Server>} serve
 * @param {{serviceWorker?: boolean}} [options]
 */
export function browserSuiteOf(serve, { serviceWorker = testsAll } = {}) {
  /** @type {Server} */
  let server;
  /** @type {Awaited<ReturnType<typeof openBrowser>>['browser']} */
  let browser;

  before(async () => ({ server, browser } = await openBrowser(serve)));

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /**
   * A test on a page of its own, which must not complain: no message in the console, no exception, no breach of its policy.
   * @param {string} name
   * @param {(page: Page, t: import('node:test').TestContext) => Promise<void>} act
   * @param {{width?: number, height?: number, hasTouch?: boolean, allows?: RegExp}} [options] `allows`: what the browser may say.
   */
  function pageTest(name, act, { width = 1280, height = 800, hasTouch = false, allows } = {}) {
    test(name, async (t) => {
      const serviceWorkers = serviceWorker ? 'allow' : 'block';
      const page = await browser.newPage({ viewport: { width, height }, hasTouch, serviceWorkers });
      try {
        page.setDefaultTimeout(60_000);
        /** @type {string[]} */
        const complaints = [];
        page.on('console', (message) =>
          complaints.push([message.text(), message.location().url].filter(Boolean).join(' ')),
        );
        page.on('pageerror', (error) => complaints.push(String(error)));
        page.on('dialog', (dialog) => {
          // A page that is still saving asks before it is left. What has to be kept, tests wait for.
          if (dialog.type() === 'beforeunload') return void dialog.accept();
          complaints.push(`dialog: ${dialog.message()}`);
          void dialog.dismiss();
        });
        // Nor does a page that is closed a second later need the editor before somebody types.
        if (!serviceWorker)
          await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
        await page.exposeFunction('complain', (/** @type {string} */ text) => complaints.push(text));
        await page.addInitScript(() => {
          const { complain } = /** @type {{complain(text: string): void}} */ (/** @type {unknown} */ (globalThis));
          document.addEventListener('securitypolicyviolation', (e) =>
            complain(`policy: ${e.violatedDirective} ${e.blockedURI}`),
          );
        });
        await page.goto(`${server.url}?start=empty`);
        await act(page, t);
        assert.deepEqual(
          complaints.filter((text) => !allows?.test(text) && !text.startsWith('Service Worker registration blocked')),
          [],
        );
      } finally {
        await page.close();
      }
    });
  }

  return { pageTest, server: () => server };
}

/** @param {Page} page @param {string | RegExp} name */
export const button = (page, name) => page.getByRole('button', { name, exact: true });
/** @param {Page} page @param {number} [timeout] ms */
export const linked = (page, timeout) =>
  page.getByText('Linked', { exact: true }).waitFor(timeout === undefined ? {} : { timeout });
/** @param {Page} page */
export const diagnostics = (page) => page.getByRole('list', { name: 'Diagnostics' }).getByRole('listitem');
/** @param {Page} page @param {Upload[]} files */
export const add = (page, files) => page.setInputFiles('#files', files);
/** Of a program: the whole of what it printed. @param {Page} page @param {string} text */
export const prints = (page, text) =>
  expect.poll(() => page.getByLabel('What the program printed').textContent()).toBe(text);
/** The editor of a source. @param {Page} page @param {string} name */
export const editorOf = (page, name) => page.getByRole('textbox', { name: `Source of ${name}`, exact: true });
/** The same once the editor is there: until then, a plain box takes what is typed. @param {Page} page @param {string} name */
const inEditor = (page, name) => page.locator(`.cm-content[aria-label="Source of ${name}"]`);
/** Replaces the text of a source. @param {Page} page @param {string} name @param {string} text */
export async function write(page, name, text) {
  await editorOf(page, name).click();
  await inEditor(page, name).waitFor();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}
/** What the editor shows; all of a text that needs no scrolling. @param {Page} page @param {string} name */
export const written = async (page, name) => {
  if ((await inEditor(page, name).count()) === 0) await editorOf(page, name).hover();
  await inEditor(page, name).waitFor();
  return (await inEditor(page, name).locator('.cm-line').allTextContents()).join('\n');
};
/** Until the service worker answers the page. @param {Page} page */
export const controlled = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);

/** The addresses that the service worker keeps. @param {Page} page */
export const cached = (page) =>
  page.evaluate(async () => {
    const caught = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return caught.flat().map(({ url }) => url);
  });

/**
 * Until the browser keeps this: the newest state's text, and as many files of inputs beside it, one for those that came together.
 * @param {Page} page @param {RegExp} state @param {number} inputs
 */
export const kept = (page, state, inputs) =>
  expect(async () => {
    const found = await page.evaluate(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('weld');
      const names = [];
      const states = [];
      for await (const name of /** @type {any} */ (folder).keys()) {
        names.push(name);
        if (/^state.*json$/.test(name)) states.push(await (await folder.getFileHandle(name)).getFile());
      }
      const [newest] = states.sort((a, b) => b.lastModified - a.lastModified);
      return { state: (await newest?.text()) ?? '', names };
    });
    assert.match(found.state, state);
    assert.equal(found.names.filter((name) => name.endsWith('.input')).length, inputs);
  }).toPass({ timeout: 60_000 });

/** The names of the inputs, in link order. @param {Page} page */
export const inputNames = (page) => page.locator('.inputs .input-name .name');

/** @param {Page} page */
export async function downloaded(page) {
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download').click()]);
  assert.equal(download.suggestedFilename(), 'output.wasm');
  return readFileSync(await download.path());
}
