// @ts-check
// The packed package in pages: plain modules and what seven bundlers make of it, run in Chromium under a strict policy.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from '../browser/serve.mjs';
import { compile, project, write } from './packed.mjs';
import { chromiumPath } from '../support/chromium.mjs';
import { folderOf, load } from '../others/load.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { testsPull } from '../support/tier.mjs';

const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  'img-src data:',
];
const installed = path.join(project, 'node_modules/wasm-weld');
const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="./app.js"></script>';

// What is linked: small objects, a C program with its library, and one object that takes its time.
compile('main', 'int f(void); __attribute__((export_name("go"))) int go(void) { return f(); }');
compile('f', 'int f(void) { return 42; }');
compile('hello', '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }');
compile(
  'long',
  Array.from({ length: 20_000 }, (_, i) => `int ${'n'.repeat(100)}${i}(void) { return ${i}; }`).join('\n'),
);
const usr = '/usr/lib/wasm32-wasi';
for (const file of [
  `${usr}/crt1-command.o`,
  `${usr}/libc.a`,
  '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a',
])
  write(`objects/${path.basename(file)}`, readFileSync(file));
for (const name of ['main.o', 'f.o', 'hello.o', 'long.o'])
  write(`objects/${name}`, readFileSync(path.join(project, name)));

// A page's code: the tests call what it leaves behind.
write(
  'app.js',
  `
  import { createLinker, formatMessages, initialize, inspect, link, linkSync, openReport, version } from 'wasm-weld';
  import { sysroot } from 'wasm-weld/wasi';
  const input = async (name) => ({ name, bytes: new Uint8Array(await (await fetch('objects/' + name)).arrayBuffer()) });
  const ownWorker = () => new Worker(new URL('./own.js', import.meta.url), { type: 'module' });
  Object.assign(globalThis, { createLinker, formatMessages, initialize, inspect, link, linkSync, openReport, version, sysroot, input, ownWorker });
  globalThis.isReady = true;
`,
);
// A worker of the page's own, which has a linker that stays.
write(
  'own.js',
  `
  import { createLinker } from 'wasm-weld';
  let linker;
  onmessage = async ({ data: { inputs, name, bytes } }) => {
    linker ??= await createLinker({ inputs, options: { entry: false } });
    if (name) linker.replace(name, bytes);
    const { output, stats } = linker.link();
    postMessage({ output, parsed: stats.parsed });
  };
`,
);
write('index.html', html);

const modules = ['weld.wasm', 'weld-more.wasm', 'inspect.wasm', 'commands.wasm'];
/** How each makes a site of \`app.js\`, in a folder. @type {Record<string, (site: string) => Promise<void>>} */
const builds = {
  // Bundlers that know \`new URL('./x', import.meta.url)\` need no settings.
  async Vite(site) {
    const { build } = await import('vite');
    await build({
      root: project,
      base: './',
      logLevel: 'error',
      configFile: false,
      build: { outDir: site, emptyOutDir: true, modulePreload: { polyfill: false } },
    });
  },
  async webpack(site) {
    await packWith((await load('webpack')).default, site);
  },
  async Rspack(site) {
    await packWith((await load('@rspack/core')).rspack, site);
  },
  // The others take the worker as one more file, and both modules beside it.
  async esbuild(site) {
    const { build } = await import('esbuild');
    const entryPoints = { app: 'app.js', own: 'own.js', worker: 'wasm-weld/worker' };
    await build({
      absWorkingDir: project,
      entryPoints,
      bundle: true,
      minify: true,
      format: 'esm',
      outdir: site,
      logLevel: 'warning',
    });
    finish(site);
  },
  // Each is given a file that imports the worker: entries are files there.
  async Bun(site) {
    const bun = path.join(folderOf('@oven/bun-linux-x64-baseline'), 'bin/bun');
    const entries = ['./app.js', './own.js', write('worker.js', "import 'wasm-weld/worker';\n")];
    await runOrThrow(bun, ['build', ...entries, '--minify', '--target=browser', `--outdir=${site}`], { cwd: project });
    finish(site);
  },
  async Deno(site) {
    const deno = path.join(folderOf('@deno/linux-x64-glibc'), 'deno');
    const entries = ['app.js', 'own.js', write('worker.js', "import 'wasm-weld/worker';\n")];
    const args = ['bundle', '--quiet', '--minify', '--platform=browser', `--outdir=${site}`, ...entries];
    await runOrThrow(deno, args, { cwd: project });
    finish(site);
  },
  async rollup(site) {
    const { rollup } = await import('rollup');
    /** @type {Record<string, string>} */
    const entries = { 'wasm-weld': 'index', 'wasm-weld/wasi': 'wasi', 'wasm-weld/worker': 'worker' };
    const resolve = {
      name: 'resolve',
      resolveId: (/** @type {string} */ id) => (entries[id] ? path.join(installed, `dist/${entries[id]}.js`) : null),
    };
    const onwarn = (/** @type {{message: string}} */ warning) => assert.fail(warning.message);
    const bundle = await rollup({
      input: { app: path.join(project, 'app.js'), own: path.join(project, 'own.js'), worker: 'wasm-weld/worker' },
      plugins: [resolve],
      onwarn,
    });
    await bundle.write({ dir: site, format: 'es' });
    finish(site);
  },
  // No bundler: the package's files as they are. (An import map would need another policy.)
  async 'plain modules'(site) {
    for (const name of ['app.js', 'own.js']) {
      const text = readFileSync(path.join(project, name), 'utf8').replace(
        /'wasm-weld(\/wasi)?'/g,
        (_, wasi) => `'./weld/${wasi ? 'wasi' : 'index'}.js'`,
      );
      write(path.relative(project, path.join(site, name)), text);
    }
    cpSync(path.join(installed, 'dist'), path.join(site, 'weld'), { recursive: true });
    write(path.relative(project, path.join(site, 'index.html')), html);
  },
};

/** Puts both modules, and the page, beside what a bundler wrote. @param {string} site */
function finish(site) {
  for (const name of modules) cpSync(path.join(installed, 'dist', name), path.join(site, name));
  write(path.relative(project, path.join(site, 'index.html')), html);
}

/** @param {Function} webpack or what takes its place @param {string} site */
async function packWith(webpack, site) {
  const config = {
    mode: 'production',
    context: project,
    entry: './app.js',
    output: { path: site, filename: 'app.js' },
    performance: false,
  };
  await new Promise((resolve, reject) =>
    webpack(config, (/** @type {Error | null} */ error, /** @type {any} */ stats) =>
      error || stats?.hasErrors() || stats?.hasWarnings()
        ? reject(error ?? new Error(stats?.toString()))
        : resolve(stats),
    ),
  );
  write(path.relative(project, path.join(site, 'index.html')), html);
}

/** What a page's code says there. @typedef {any} Page */

describe('in Chromium', { timeout: 300_000 }, () => {
  /** @type {import('playwright-core').Browser} */
  let browser;
  before(async () => {
    const quiet = [
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', ...quiet],
    });
  });
  after(() => browser?.close());

  /**
   * A page of a site, which must not complain.
   * @param {string} site
   * @param {(page: import('playwright-core').Page, server: Awaited<ReturnType<typeof serve>>) => Promise<void>} act
   * @param {{headers?: Record<string, string>, complaints?: RegExp}} [settings]
   */
  async function inPage(
    site,
    act,
    { headers = { 'content-security-policy': policy.join('; ') }, complaints: expected } = {},
  ) {
    const server = await serve(site, '/some/where/', headers);
    const page = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    try {
      page.setDefaultTimeout(20_000);
      await page.goto(server.url);
      await page.waitForFunction('globalThis.isReady');
      await act(page, server);
      assert.deepEqual(
        complaints.filter((text) => !expected?.test(text)),
        [],
      );
      assert.deepEqual(
        server.missing.filter((name) => !name.endsWith('.imports') && !expected?.test(name)),
        [],
      );
    } finally {
      await page.close();
      server.close();
    }
  }

  for (const [name, build] of Object.entries(builds)) {
    // Vite has esbuild's and Rollup's ways in it.
    if (!testsPull && name !== 'Vite' && name !== 'plain modules') continue;
    describe(name, () => {
      const site = path.join(project, `site-${name.replace(' ', '-')}`);
      before(async () => {
        mkdirSync(site, { recursive: true });
        await build(site);
        cpSync(path.join(project, 'objects'), path.join(site, 'objects'), { recursive: true });
      });

      test('links in a worker that it makes itself, and keeps the page’s buffers', () =>
        inPage(site, async (page) => {
          const said = await page.evaluate(async () => {
            const { link, input } = /** @type {Page} */ (globalThis);
            const inputs = [await input('main.o'), await input('f.o')];
            const result = await link({ inputs, options: { entry: false } });
            const { instance } = await WebAssembly.instantiate(result.output);
            return [
              result.diagnostics.length,
              /** @type {Page} */ (instance.exports).go(),
              inputs.every(({ bytes }) => bytes.length > 0),
            ];
          });
          assert.deepEqual(said, [0, 42, true]);
          assert.equal(page.workers().length, 1);
        }));

      test('the page keeps running while a long link runs, and stops it', () =>
        inPage(site, async (page) => {
          const said = await page.evaluate(async () => {
            const { link, input } = /** @type {Page} */ (globalThis);
            const long = { inputs: [await input('long.o')], options: { entry: false, exportAll: true } };
            let turns = 0;
            const timer = setInterval(() => turns++, 1);
            const { ok } = await link(long);
            clearInterval(timer);
            const controller = new AbortController();
            /** @type {string[]} */
            const phases = [];
            const onProgress = (/** @type {{phase: string}} */ { phase }) => {
              phases.push(phase);
              if (phase === 'resolve_symbols') controller.abort();
            };
            const error = await link(long, { signal: controller.signal, onProgress }).catch(
              (/** @type {Error} */ error) => error.name,
            );
            const next = await link({ inputs: [await input('f.o')], options: { entry: false } });
            return { ok, isFree: turns > 5, turns, error, phases, next: next.ok };
          });
          assert.ok(said.ok && said.isFree, JSON.stringify(said));
          assert.equal(said.error, 'AbortError');
          assert.deepEqual(said.phases.slice(0, 2), ['load', 'read_inputs']);
          assert.ok(!said.phases.includes('write_module'));
          assert.ok(said.next);
        }));

      test('C with its library: a sysroot that is fetched once, files that are promised', () =>
        inPage(
          site,
          async (page, server) => {
            const said = await page.evaluate(async () => {
              const { link, sysroot } = /** @type {Page} */ (globalThis);
              const from = new URL('objects/', location.href);
              const wasi = await sysroot({ from });
              const result = await link(
                wasi.request({ inputs: ['hello.o'], files: (/** @type {string} */ name) => fetch(`objects/${name}`) }),
              );
              const linker = await wasi.linker({ inputs: ['hello.o'], files: new URL('objects/', location.href) });
              const same = linker
                .link()
                .output.every((/** @type {number} */ byte, /** @type {number} */ i) => byte === result.output[i]);
              await sysroot({ from });
              return [result.diagnostics, WebAssembly.validate(result.output), same];
            });
            assert.deepEqual(said, [[], true, true]);
            assert.equal(server.requests.filter((request) => request.endsWith('libc.a')).length, 1);
          },
          { complaints: /404/ },
        )); // the console tells of .imports files that are looked for

      test('inspects and opens reports: the module that does is found', () =>
        inPage(site, async (page) => {
          const said = await page.evaluate(async () => {
            const { inspect, link, openReport, input } = /** @type {Page} */ (globalThis);
            const { output, metafile } = await link({
              inputs: [await input('main.o'), await input('f.o')],
              options: { entry: false, metafile: true },
            });
            const rows = (await openReport(metafile)).size();
            const sum = rows.reduce(
              (/** @type {number} */ sum, /** @type {{bytes: number}} */ { bytes }) => sum + bytes,
              0,
            );
            return [
              sum - output.length,
              (await inspect(new URL('objects/main.o', location.href))).kind,
              (await inspect(output)).kind,
            ];
          });
          assert.deepEqual(said, [0, 'object', 'module']);
        }));

      test('a module worker of the page’s own has a linker that stays', () =>
        inPage(site, async (page) => {
          const said = await page.evaluate(async () => {
            const { ownWorker, input } = /** @type {Page} */ (globalThis);
            const worker = ownWorker();
            const ask = (/** @type {object} */ message) =>
              new Promise((resolve, reject) => {
                worker.onerror = reject;
                worker.onmessage = (/** @type {MessageEvent} */ { data }) => resolve(data);
                worker.postMessage(message);
              });
            const inputs = [await input('main.o'), await input('f.o')];
            const first = /** @type {Page} */ (await ask({ inputs }));
            const second = /** @type {Page} */ (await ask(inputs[1]));
            return [first.parsed, second.parsed, WebAssembly.validate(second.output)];
          });
          assert.deepEqual(said, [2, 1, true]);
        }));
    });
  }

  const site = path.join(project, 'site-plain-modules');

  test('where a policy forbids workers, links are done in the page', () =>
    inPage(
      site,
      async (page) => {
        assert.equal(
          await page.evaluate(async () => {
            const { link, input } = /** @type {Page} */ (globalThis);
            return (await link({ inputs: [await input('f.o')], options: { entry: false } })).ok;
          }),
          true,
        );
        assert.equal(page.workers().length, 0);
      },
      {
        headers: { 'content-security-policy': policy.join('; ').replace("worker-src 'self'", "worker-src 'none'") },
        complaints: /Content Security Policy/,
      },
    ));

  test('initialize says no to the worker; linkSync works', () =>
    inPage(site, async (page) => {
      const said = await page.evaluate(async () => {
        const { initialize, link, linkSync, input } = /** @type {Page} */ (globalThis);
        await initialize({ worker: false });
        const request = { inputs: [await input('f.o')], options: { entry: false } };
        return [(await link(request)).ok, linkSync(request).ok];
      });
      assert.deepEqual(said, [true, true]);
      assert.equal(page.workers().length, 0);
    }));

  test('a worker that breaks in the middle of a link ends it with an error, and the next link has another', () => {
    write(
      'site-plain-modules/breaking.js',
      `
      import './weld/worker.js';
      addEventListener('message', ({ data }) => { if (data.names?.[0] === 'a.o') throw new Error('it broke'); });
    `,
    );
    return inPage(site, async (page) => {
      const said = await page.evaluate(async () => {
        const { initialize, link, input } = /** @type {Page} */ (globalThis);
        await initialize({ worker: () => new Worker('breaking.js', { type: 'module' }) });
        const broken = await link({ inputs: ['a.o'], files: () => new Promise(() => {}) }).catch(
          (/** @type {Error} */ error) => error.message,
        );
        return [broken, (await link({ inputs: [await input('f.o')], options: { entry: false } })).ok];
      });
      assert.match(said[0], /it broke/);
      assert.equal(said[1], true);
      assert.equal(page.workers().length, 1);
    });
  });

  test('linkSync works beside the worker', () =>
    inPage(site, async (page) => {
      const said = await page.evaluate(async () => {
        const { initialize, linkSync, input } = /** @type {Page} */ (globalThis);
        await initialize();
        return linkSync({ inputs: [await input('f.o')], options: { entry: false } }).ok;
      });
      assert.equal(said, true);
      assert.equal(page.workers().length, 1);
    }));

  test('the package from another origin, as from a content delivery network', async () => {
    const network = await serve(path.join(installed, 'dist'), '/npm/wasm-weld/', {
      'access-control-allow-origin': '*',
    });
    const own = path.join(project, 'site-network');
    const text = readFileSync(path.join(project, 'app.js'), 'utf8').replace(
      /'wasm-weld(\/wasi)?'/g,
      (_, wasi) => `'${network.url}${wasi ? 'wasi' : 'index'}.js'`,
    );
    write('site-network/app.js', text);
    write('site-network/index.html', html);
    cpSync(path.join(project, 'objects'), path.join(own, 'objects'), { recursive: true });
    try {
      await inPage(
        own,
        async (page) => {
          const ok = await page.evaluate(async () => {
            const { link, input } = /** @type {Page} */ (globalThis);
            return (await link({ inputs: [await input('f.o')], options: { entry: false } })).ok;
          });
          assert.equal(ok, true);
          assert.equal(page.workers().length, 1);
        },
        { headers: {} },
      );
    } finally {
      network.close();
    }
  });
});
