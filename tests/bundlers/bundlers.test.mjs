// @ts-check
// The packed package with bundlers that are large: what their development servers serve, and the sites that they build.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { serve } from '../browser/serve.mjs';
import { compile, project, root, write } from '../package/packed.mjs';
import { chromiumPath } from '../support/chromium.mjs';
import { runOrThrow } from '../support/processes.mjs';

/** @type {typeof import('../package/node_modules/playwright-core/index.js')} */
const { chromium } = await import(path.join(root, 'tests/package/node_modules/playwright-core/index.mjs'));

const modules = fileURLToPath(new URL('node_modules', import.meta.url));
for (const name of ['next', 'react', 'react-dom'])
  symlinkSync(path.join(modules, name), path.join(project, 'node_modules', name));
const object = readFileSync(
  path.join(project, compile('answer', '__attribute__((export_name("answer"))) int answer(void) { return 42; }')),
);
const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };

const own = `import { createLinker } from 'wasm-weld';
onmessage = async ({ data: inputs }) => {
  const linker = await createLinker({ inputs, options: { entry: false } });
  postMessage(linker.link().output);
};
`;
const code = `import { createLinker, inspect, link, openReport } from 'wasm-weld';
import { sysroot } from 'wasm-weld/wasi';
globalThis.linkAll = async (withOwn) => {
  const bytes = new Uint8Array(await (await fetch('answer.o')).arrayBuffer());
  const request = { inputs: [{ name: 'answer.o', bytes }], options: { entry: false } };
  const { output, metafile } = await link({ ...request, options: { ...request.options, metafile: true } });
  const isSame = (other) => other.length === output.length && other.every((byte, i) => byte === output[i]);
  const fromOwn = () =>
    new Promise((resolve, reject) => {
      const own = new Worker(new URL('./own.js', import.meta.url), { type: 'module' });
      own.onmessage = ({ data }) => resolve(data);
      own.onerror = () => reject(new Error('own.js'));
      own.postMessage(request.inputs);
    });
  return {
    answer: (await WebAssembly.instantiate(output)).instance.exports.answer(),
    linker: isSame((await createLinker(request)).link().output),
    inspect: (await inspect(output)).kind,
    report: (await openReport(metafile)).size().length > 0,
    sysroot: typeof sysroot,
    own: withOwn && isSame(await fromOwn()),
  };
};
globalThis.isReady = true;
`;
/** What a page's code says there. @typedef {any} Page */

/** @type {import('../package/node_modules/playwright-core/index.js').Browser} */
let browser;
before(
  async () =>
    (browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox', '--disable-gpu'] })),
);
after(() => browser?.close());

/** @param {string} url of a page @param {boolean} withOwn whether a worker of the page's own has a linker too */
async function links(url, withOwn) {
  const page = await browser.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(120_000); // a development server compiles when it is asked
  await page.goto(url);
  await page.waitForFunction('globalThis.isReady');
  const said = await page.evaluate((withOwn) => /** @type {Page} */ (globalThis).linkAll(withOwn), withOwn);
  assert.deepEqual(said, {
    answer: 42,
    linker: true,
    inspect: 'module',
    report: true,
    sysroot: 'function',
    own: withOwn,
  });
  assert.deepEqual(errors, []);
  await page.close();
}

/**
 * @param {string[]} command of a development server
 * @param {string} cwd
 * @param {(url: string) => Promise<void>} act
 */
async function whileServed(command, cwd, act) {
  const server = spawn(process.execPath, command, { cwd, env, detached: true });
  try {
    const url = await new Promise((resolve, reject) => {
      let text = '';
      const read = (/** @type {Buffer} */ more) => {
        text += more;
        const [found] = /http:\/\/localhost:\d+/.exec(text) ?? [];
        if (found) resolve(found);
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.on('exit', () => reject(new Error(text)));
    });
    await act(url);
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, 'SIGKILL');
  }
}

/** @param {string} folder @param {(url: string) => Promise<void>} act */
async function whileSiteIsServed(folder, act) {
  const server = await serve(folder, '/', {});
  try {
    await act(server.url);
  } finally {
    server.close();
  }
}

describe('Next.js', { timeout: 600_000 }, () => {
  const at = path.join(project, 'next-project');
  const next = path.join(modules, 'next/dist/bin/next');
  before(() => {
    for (const [name, text] of Object.entries({
      'package.json': '{ "name": "next-project", "private": true, "type": "module" }',
      'next.config.mjs': `export default { output: 'export', turbopack: { root: ${JSON.stringify(root)} } };\n`,
      'app/layout.js':
        'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n',
      'app/page.js': `'use client';
import { useEffect } from 'react';
export default function Page() {
  useEffect(() => void import('./all.js'), []);
  return <p>weld</p>;
}
`,
      'app/all.js': code.replaceAll("'answer.o')", "'/answer.o')"),
      'app/own.js': own,
    }))
      write(`next-project/${name}`, text);
    write('next-project/public/answer.o', object);
  });
  test('in development', () => whileServed([next, 'dev', '-p', '0'], at, (url) => links(url, true)));
  test('a site', async () => {
    await runOrThrow(process.execPath, [next, 'build'], { cwd: at, env });
    await whileSiteIsServed(path.join(at, 'out'), (url) => links(url, true));
  });
});

describe('Parcel', { timeout: 600_000 }, () => {
  const at = path.join(project, 'parcel-project');
  const parcel = path.join(modules, 'parcel/lib/bin.js');
  before(() => {
    mkdirSync(at);
    // Parcel watches the folder of a project's lock file, and those in it.
    write('parcel-project/package-lock.json', '{ "lockfileVersion": 3, "packages": {} }');
    const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./app.js"></script>';
    const settings = { name: 'parcel-project', private: true, '@parcel/resolver-default': { packageExports: true } };
    write('parcel-project/package.json', JSON.stringify(settings));
    write('parcel-project/index.html', html);
    write('parcel-project/app.js', code);
    write('parcel-project/own.js', own);
    cpSync(path.join(project, 'node_modules/wasm-weld'), path.join(at, 'node_modules/wasm-weld'), { recursive: true });
  });
  // A worker of one's own that makes a linker fails there: "Cannot find module", of a part that is loaded later.
  test('in development', async () => {
    const args = [parcel, 'serve', 'index.html', '--no-cache', '--no-hmr', '--port', '4711', '--dist-dir', 'served'];
    await whileServed(args, at, async (url) => {
      write('parcel-project/served/answer.o', object);
      await links(url, false);
    });
  });
  test('a site', async () => {
    const args = [parcel, 'build', 'index.html', '--no-cache', '--dist-dir', 'site', '--public-url', './'];
    await runOrThrow(process.execPath, args, { cwd: at, env });
    write('parcel-project/site/answer.o', object);
    await whileSiteIsServed(path.join(at, 'site'), (url) => links(url, false));
  });
});
