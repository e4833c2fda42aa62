// @ts-check
// The packed package with each Vite: its development server, which bundles packages beforehand, and the site that it builds.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from '../browser/serve.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';
import { compile, project, write } from './packed.mjs';
import { load } from '../others/load.mjs';
import { chromiumPath } from '../support/chromium.mjs';

/** By version. @type {Record<string, () => Promise<any>>} */
const vites = {
  4: () => load('vite-4'),
  5: () => import('vite-5'),
  6: () => load('vite-6'),
  7: () => load('vite-7'),
  8: () => import('vite'),
};

const object = compile('answer', '__attribute__((export_name("answer"))) int answer(void) { return 42; }');
write('public/answer.o', readFileSync(path.join(project, object)));
write('index.html', '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./app.js"></script>');
write(
  'own.js',
  `
  import { createLinker } from 'wasm-weld';
  onmessage = async ({ data: inputs }) => {
    const linker = await createLinker({ inputs, options: { entry: false } });
    postMessage(linker.link().output);
  };
`,
);
write(
  'app.js',
  `
  import { createLinker, inspect, link, openReport } from 'wasm-weld';
  import { run } from 'wasm-weld/run';
  import { sysroot } from 'wasm-weld/wasi';
  const linkAll = async () => {
    const bytes = new Uint8Array(await (await fetch('answer.o')).arrayBuffer());
    const request = { inputs: [{ name: 'answer.o', bytes }], options: { entry: false } };
    const { output, metafile } = await link({ ...request, options: { ...request.options, metafile: true } });
    const isSame = (other) => other.length === output.length && other.every((byte, i) => byte === output[i]);
    const own = new Worker(new URL('./own.js', import.meta.url), { type: 'module' });
    const fromOwn = new Promise((resolve, reject) => {
      own.onmessage = ({ data }) => resolve(data);
      own.onerror = reject;
    });
    own.postMessage(request.inputs);
    return {
      answer: (await WebAssembly.instantiate(output)).instance.exports.answer(),
      linker: isSame((await createLinker(request)).link().output),
      run: isSame((await run(['weld', '--no-entry', 'answer.o', '-o', 'a.out.wasm'], { 'answer.o': bytes }))['a.out.wasm']),
      inspect: (await inspect(output)).kind,
      report: (await openReport(metafile)).size().length > 0,
      sysroot: typeof sysroot,
      own: isSame(await fromOwn),
    };
  };
  Object.assign(globalThis, { linkAll, link, isReady: true });
`,
);
const expected = {
  answer: 42,
  linker: true,
  run: true,
  inspect: 'module',
  report: true,
  sysroot: 'function',
  own: true,
};

/** @type {import('playwright-core').Browser} */
let browser;
before(
  async () =>
    (browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] })),
);
after(() => browser?.close());

/**
 * What `act` finds in a page, which must not complain.
 * @template T
 * @param {string} url
 * @param {(page: import('playwright-core').Page) => Promise<T>} act
 */
async function inPage(url, act) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => message.type() !== 'debug' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  try {
    page.setDefaultTimeout(60_000); // a cold start of the development server
    await page.goto(url);
    await page.waitForFunction('globalThis.isReady');
    const found = await act(page);
    assert.deepEqual(complaints, []);
    return found;
  } finally {
    await page.close();
  }
}

/** @param {import('playwright-core').Page} page */
const linkAll = async (page) => {
  const found = await page.evaluate(() => /** @type {any} */ (globalThis).linkAll());
  return { found, workers: page.workers().length };
};

const common = {
  root: project,
  configFile: /** @type {const} */ (false),
  logLevel: /** @type {const} */ ('error'),
  // The worker of the page loads parts of the package when it needs them.
  worker: { format: /** @type {const} */ ('es') },
};

/** @param {() => Promise<any>} vite @param {(url: string) => Promise<void>} act */
async function withServer(vite, act) {
  rmSync(path.join(project, 'node_modules/.vite'), { recursive: true, force: true });
  const { createServer } = await vite();
  const server = await createServer({ ...common, server: { host: '127.0.0.1', port: 0 } });
  await server.listen();
  try {
    const { port } = server.httpServer.address();
    await act(`http://127.0.0.1:${port}/`);
  } finally {
    await server.close();
  }
}

// When not everything is tested: the newest, 5, whose server answers the address of a missing file with a page, as those of 6
// and 7 do, and with pull requests 4, which answers with 404.
const tested = testsAll ? Object.keys(vites) : testsPull ? ['4', '5', '8'] : ['5', '8'];

for (const [version, vite] of Object.entries(vites)) {
  if (!tested.includes(version)) continue;
  test(`Vite ${version}, the development server`, { timeout: 120_000 }, () =>
    withServer(vite, async (url) => assert.deepEqual(await inPage(url, linkAll), { found: expected, workers: 2 })),
  );

  test(`Vite ${version}, a site that it builds`, { timeout: 120_000 }, async () => {
    const site = path.join(project, `site-${version}`);
    const { build } = await vite();
    await build({ ...common, base: './', build: { outDir: site, emptyOutDir: true } });
    const server = await serve(site, '/some/where/');
    try {
      assert.deepEqual(await inPage(server.url, linkAll), { found: expected, workers: 2 });
    } finally {
      server.close();
    }
  });
}

test('a page that is sent in place of weld.wasm: the error says from where, and how to say another address', () =>
  withServer(
    () => import('vite-5'),
    async (url) => {
      const wasm = path.join(project, 'node_modules/wasm-weld/dist/weld.wasm');
      renameSync(wasm, `${wasm}.hidden`);
      try {
        const said = await inPage(url, (page) =>
          page.evaluate(() =>
            /** @type {any} */ (globalThis).link({}).catch((/** @type {Error} */ error) => error.message),
          ),
        );
        assert.match(
          said,
          /^cannot load http:.*\/wasm-weld\/dist\/weld\.wasm: .*text\/html.*`initialize\(\{ wasmURL \}\)`$/,
        );
      } finally {
        renameSync(`${wasm}.hidden`, wasm);
      }
    },
  ));
