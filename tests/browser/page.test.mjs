// @ts-check
// The page in Chromium, as a person uses it: `npm run build` in web/ first makes it (this test does it when it is not there).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const dist = path.join(root, 'web/dist');
const samples = path.join(dist, 'samples');
const work = path.join(root, 'build/browser');
/** @type {typeof import('../../web/node_modules/playwright-core/index.mjs')} */
const { chromium } = await import(path.join(root, 'web/node_modules/playwright-core/index.mjs'));

const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml' };

/** @param {string} name */
const sample = (name) => readFileSync(path.join(samples, name));
const sampleNames = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];

/** @param {string} name @param {string} source */
function compile(name, source) {
  const file = path.join(work, name);
  writeFileSync(`${file}.c`, source);
  execFileSync('clang-19', ['--target=wasm32-wasi', '-O1', '-c', `${file}.c`, '-o', `${file}.o`]);
  return { name: `${name}.o`, mimeType: '', buffer: readFileSync(`${file}.o`) };
}

describe('the page', () => {
  /** @type {import('node:http').Server} */
  let server;
  /** @type {import('../../web/node_modules/playwright-core').Browser} */
  let browser;
  let url = '';

  before(async () => {
    mkdirSync(work, { recursive: true });
    const stale = () => statSync(path.join(dist, 'index.html')).mtimeMs < statSync(path.join(root, 'js/dist/weld.wasm')).mtimeMs;
    if (!existsSync(path.join(dist, 'index.html')) || stale())
      execFileSync('npm', ['run', 'build'], { cwd: path.join(root, 'web'), stdio: 'pipe' });
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost');
      // Under a path of its own, as any host may serve it.
      const name = decodeURIComponent(pathname).replace(/^\/some\/where\//, '').replace(/^$/, 'index.html');
      try {
        const body = readFileSync(path.join(dist, path.normalize(`/${name}`)));
        const type = types[/** @type {keyof typeof types} */ (path.extname(name))] ?? 'application/octet-stream';
        response.writeHead(200, { 'content-type': type }).end(body);
      } catch {
        response.writeHead(404).end();
      }
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
    const address = /** @type {import('node:net').AddressInfo} */ (server.address());
    url = `http://127.0.0.1:${address.port}/some/where/`;
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** A fresh page; what it complains about is collected. */
  async function open() {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    /** @type {string[]} */
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    return { page, complaints };
  }

  /** @param {Awaited<ReturnType<typeof open>>['page']} page */
  const drop = (page, /** @type {{name: string, mimeType: string, buffer: Buffer}[]} */ files) =>
    page.setInputFiles('#files', files);

  test('links the sample and runs it', async () => {
    const { page, complaints } = await open();
    await page.getByRole('button', { name: 'Open a sample' }).click();
    await page.getByText('Linked', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('exit code 0').waitFor();
    const printed = await page.getByLabel('What the program printed').textContent();
    assert.match(printed ?? '', /^Hello from output\.wasm, linked in this page\.\n10 relocation\n 7 archive\n/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('gives the bytes of the native linker', async () => {
    const { page } = await open();
    await drop(page, sampleNames.map((name) => ({ name, mimeType: '', buffer: sample(name) })));
    await page.getByText('Linked', { exact: true }).waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    const fromPage = readFileSync(await download.path());
    assert.equal(download.suggestedFilename(), 'output.wasm');
    const out = path.join(work, 'output.wasm');
    execFileSync(path.join(root, 'build/native/weld'), ['-o', out, ...sampleNames], { cwd: samples });
    assert.ok(fromPage.equals(readFileSync(out)), 'the page and the native program differ');
    await page.close();
  });

  test('says what is wrong with a file, and goes on', async () => {
    const { page, complaints } = await open();
    await drop(page, [{ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('just a note\n') }]);
    await page.getByText('Not linked: 1 error').waitFor();
    const diagnostics = page.getByLabel('Diagnostics');
    assert.match((await diagnostics.textContent()) ?? '', /notes\.txt/);
    await page.getByRole('button', { name: 'Remove all' }).click();

    await drop(page, [{ name: 'cut.o', mimeType: '', buffer: sample('hello.o').subarray(0, 700) }]);
    await page.getByText('Not linked', { exact: false }).waitFor();
    assert.match((await diagnostics.textContent()) ?? '', /cut\.o/);
    await page.getByRole('button', { name: 'Remove all' }).click();

    await drop(page, sampleNames.map((name) => ({ name, mimeType: '', buffer: sample(name) })));
    await page.getByText('Linked', { exact: true }).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('shows an undefined symbol with its place, and takes the option that allows it', async () => {
    const { page } = await open();
    await drop(page, [compile('needs', 'int missing(void); int caller(void) { return missing(); }')]);
    await page.getByLabel('No entry (a library)').check();
    await page.getByLabel('Exports', { exact: true }).fill('caller');
    const error = page.getByLabel('Diagnostics').getByRole('listitem');
    await error.getByText('undefined-symbol').waitFor();
    assert.match((await error.textContent()) ?? '', /undefined symbol `missing`.*needs\.o, section CODE, offset 0x[0-9a-f]+, in caller/s);
    await page.getByLabel('Import what is undefined').check();
    await page.getByText('Linked', { exact: true }).waitFor();
    await page.getByText('env.missing').waitFor();
    await page.close();
  });

  test('shows hostile names as text', async () => {
    const { page, complaints } = await open();
    const name = '<img src=x onerror=alert(1)>\u202Eo.txt';
    await drop(page, [{ name, mimeType: '', buffer: Buffer.from('<script>alert(1)</script>') }]);
    await page.getByText('Not linked').waitFor();
    assert.equal(await page.locator('main img, main script').count(), 0);
    assert.match((await page.locator('.inputs .name').textContent()) ?? '', /<img src=x/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  test('can be used with the keyboard alone', async () => {
    const { page } = await open();
    /** @param {string} name */
    const tabTo = async (name) => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press('Tab');
        const text = await page.evaluate(() => `${document.activeElement?.textContent} ${document.activeElement?.getAttribute('aria-label')}`);
        if (text.includes(name)) return;
      }
      assert.fail(`Tab never reaches "${name}"`);
    };
    await tabTo('Open a sample');
    await page.keyboard.press('Enter');
    await page.getByText('Linked', { exact: true }).waitFor();
    await tabTo('Run');
    await page.keyboard.press('Enter');
    await page.getByText('exit code 0').waitFor();
    await page.close();
  });

  test('fits a phone', async () => {
    const { page } = await open();
    await page.setViewportSize({ width: 400, height: 800 });
    await page.getByRole('button', { name: 'Open a sample' }).click();
    await page.getByText('Linked', { exact: true }).waitFor();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 400, `the page is ${width} pixels wide`);
    await page.close();
  });
});
