// @ts-check
// What may be dropped besides objects and archives: finished modules, components, metafiles, packed files, addresses. What the
// page shows of them is compared with what other tools say.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { gzipSync } from 'node:zlib';
import { crt1Command, wasiLib } from '../support/toolchain.mjs';
import {
  add,
  browserSuite,
  button,
  compile,
  diagnostics,
  expect,
  inputNames,
  linked,
  prints,
  sample,
  upload,
  work,
} from './harness.mjs';
import { serve } from './serve.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const source = (/** @type {string} */ more) => `#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) int squares(int n) { int sum = 0; for (int i = 0; i < n; i++) sum += i * i; return sum; }
${more}
int main(int argc, char **argv) { printf("%d\\n", squares(argc + 3)); return 0; }
`;

/** A program that wasm-ld linked. @param {string} name @param {string} [more] @param {string[]} [flags] */
function finished(name, more = '', flags = []) {
  mkdirSync(work, { recursive: true });
  const file = path.join(work, name);
  writeFileSync(`${file}.c`, source(more));
  const clang = ['--target=wasm32-wasi', '-O1', '-g', ...flags, `${file}.c`, '-c', '-o', `${file}.o`];
  execFileSync('clang-19', clang);
  const inputs = [crt1Command, `${file}.o`, path.join(wasiLib, 'libc.a')];
  execFileSync('wasm-ld-19', [...(flags.includes('-g0') ? ['--strip-debug'] : []), '-o', file, ...inputs], {
    stdio: 'pipe',
  });
  return upload(name, readFileSync(file));
}

/** As wabt says them: the bodies of functions by name. @param {string} name */
function sizesByWabt(name) {
  const text = execFileSync('wasm-objdump', ['-x', path.join(work, name)], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return new Map(
    [...text.matchAll(/^ - func\[\d+\] size=(\d+) <(.+)>$/gm)].map(([, size, name]) => [name, Number(size)]),
  );
}

/** A component of these core modules, one of them in a component of its own. @param {Buffer[]} modules */
function component(...modules) {
  const header = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
  /** @param {number} n */
  const leb = (n) => {
    const bytes = [];
    for (; n > 127; n >>= 7) bytes.push((n & 127) | 128);
    return Buffer.from([...bytes, n]);
  };
  /** @param {number} id @param {Buffer} content */
  const section = (id, content) => Buffer.concat([Buffer.from([id]), leb(content.length), content]);
  const [first, ...others] = modules.map((module) => section(1, module));
  const inner = others.map((module) => section(4, Buffer.concat([header, module])));
  return Buffer.concat([header, ...(first ? [first] : []), ...inner]);
}

const view = (/** @type {Page} */ page, /** @type {string} */ name) => page.getByRole('tab', { name }).click();
const result = (/** @type {Page} */ page) => page.getByRole('region', { name: 'Result' });
const parts = (/** @type {Page} */ page) => page.getByRole('region', { name: 'Parts by size' }).getByRole('row');

describe('opening anything', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('a finished module: what is in it, and running it', async (page) => {
    const app = finished('app.wasm', '', ['-g0']);
    await add(page, [app]);
    await expect(result(page)).toContainText('app.wasm');
    await expect(result(page)).toContainText('a finished module');
    await expect(page.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');
    await button(page, 'Run').click();
    await prints(page, '14\n');

    // The functions have the sizes that wabt finds, with the field of the size before the body.
    await view(page, 'Symbols');
    const sizes = sizesByWabt('app.wasm');
    const rows = page.getByRole('grid', { name: 'Symbols' }).locator('.grid-body [role=row]');
    for (const name of ['squares', 'printf_core', '_start']) {
      await page.getByRole('textbox', { name: 'Find', exact: true }).fill(name);
      await expect(rows.first().locator('.name').first()).toHaveText(name);
      const size = Number((await rows.first().locator('.size').textContent())?.replaceAll(',', ''));
      assert.equal(size, sizes.get(name), name);
    }
    // Why it is there is told from its calls.
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('squares');
    await rows.first().click();
    const detail = page.getByRole('complementary', { name: 'Symbol' });
    await expect(detail).toContainText('Why it is in the output');
    await expect(detail).toContainText('_start');

    await view(page, 'Output');
    await expect(page.getByText('fd_write')).toBeVisible();
    await expect(page.locator('.names').getByText('_start')).toBeVisible();
    await view(page, 'Overview');
    await expect(page.getByRole('list', { name: 'What came out' })).toContainText('It imports');

    // Where the stack ends and the heap begins is told from the global, as wabt reads it.
    const globals = execFileSync('wasm-objdump', ['-x', '-j', 'Global', path.join(work, 'app.wasm')], {
      encoding: 'utf8',
    });
    const heap = Number(/<__stack_pointer> - init i32=(\d+)/.exec(globals)?.[1]);
    await view(page, 'Memory');
    const regions = page.getByRole('region', { name: 'Regions of the memory' }).getByRole('row');
    await expect(regions.filter({ hasText: /^heap/ })).toContainText(`0x${heap.toString(16)}`);
    await expect(regions.filter({ hasText: /^\.bss and stack/ })).toContainText('hits heap');

    // What its linker decided is told step by step. What it was linked from is not in it.
    await view(page, 'Story');
    await page.getByRole('heading', { name: 'What a finished module still says' }).waitFor();
    await expect(page.getByRole('navigation', { name: 'Steps' }).getByRole('listitem')).toHaveCount(5);
    await expect(page.locator('.story')).toContainText(/Names: its \d+ functions are called as in their objects/);
    await page.getByRole('link', { name: /^Next: What stays/ }).click();
    await expect(page.locator('.lead')).toContainText('_start (exported)');
    await page.getByRole('link', { name: /^Next: Numbers/ }).click();
    await expect(page.locator('.lead')).toContainText('wasi_snapshot_preview1.');
    const disassembly = execFileSync('wasm-objdump', ['-x', '-j', 'Function', path.join(work, 'app.wasm')], {
      encoding: 'utf8',
    });
    const [, number, name] = /func\[(\d+)\].*<(.+)>/.exec(disassembly) ?? [];
    await expect(
      page
        .getByRole('row')
        .filter({ hasText: name ?? '' })
        .first()
        .locator('.arrived'),
    ).toHaveText(number ?? '');
    await view(page, 'Resolution');
    await expect(page.getByRole('heading', { name: /^Imported/ })).toBeVisible();
    await expect(page.getByRole('heading', { name: /^Removed/ })).toHaveCount(0);
    await view(page, 'Overview');

    // It is still there after a reload, and the address says what was looked at.
    assert.match(page.url(), /of=app\.wasm/);
    await page.waitForTimeout(1000);
    await page.reload();
    await expect(result(page)).toContainText('a finished module');
    await expect(inputNames(page)).toHaveText(['app.wasm']);
  });

  pageTest('the source files of a module with lines', async (page) => {
    await add(page, [finished('lines.wasm')]);
    await expect(parts(page).filter({ hasText: 'lines.wasm.c' })).toHaveCount(1);
  });

  pageTest('two modules are compared', async (page) => {
    const before = finished('before.wasm', '', ['-g0']);
    const after = finished(
      'after.wasm',
      '__attribute__((export_name("more"))) int more(int a) { return squares(a) * 3; }',
      ['-g0'],
    );
    // Both are called the same, as two builds are.
    await add(page, [upload('app.wasm', before.buffer)]);
    await expect(result(page)).toContainText('app.wasm');
    await add(page, [upload('app.wasm', after.buffer)]);
    await expect(inputNames(page)).toHaveText(['app.wasm', 'app (2).wasm']);
    await expect(page.getByRole('combobox', { name: 'Compare with' })).toHaveValue('app.wasm');
    const grown = after.buffer.length - before.buffer.length;
    const size = page.getByRole('region', { name: 'Size', exact: true });
    await size.getByText(`+${grown.toLocaleString('en')} bytes`).waitFor();
    await size.getByRole('searchbox').fill('more');
    await expect(size.getByRole('row', { name: /^more/ }).first()).toContainText('added');
    // And with the link of something else.
    await add(page, [compile('own', 'int own(void) { return 3; }')]);
    await expect(diagnostics(page).first()).toBeVisible();
    assert.doesNotMatch(page.url(), /of=/);
    await page.getByRole('link', { name: 'Look into app.wasm' }).click();
    await expect(result(page)).toContainText('a finished module');
    await button(page, 'Back to the link').click();
    await expect(page.getByText(/^Not linked/)).toBeVisible();
  });

  pageTest('a component leads to its core modules', async (page) => {
    const [one, two] = [finished('one.wasm', '', ['-g0']), compile('tiny', 'int tiny(void) { return 1; }')];
    execFileSync('wasm-ld-19', ['--no-entry', '--export=tiny', '-o', 'tiny.wasm', 'tiny.o'], { cwd: work });
    assert.ok(two);
    const bytes = component(one.buffer, readFileSync(path.join(work, 'tiny.wasm')));
    await add(page, [upload('both.wasm', bytes)]);
    const list = page.getByRole('list', { name: 'Core modules' }).getByRole('link');
    await expect(list).toHaveCount(2);
    await expect(list.first()).toContainText('both.wasm(0)');
    await list.last().click();
    await expect(result(page)).toContainText('both.wasm(1)');
    await expect(page.getByRole('list', { name: 'Exported functions' })).toContainText('tiny');
    await page.goBack();
    await list.first().click();
    await button(page, 'Run').click();
    await prints(page, '14\n');
  });

  pageTest('a metafile tells what a link was made of', async (page) => {
    const { link } = await import('../../js/dist/index.js');
    const names = ['crt1-command.o', 'hello.o', 'libc.a'];
    const { metafile } = await link({
      inputs: names.map((name) => ({ name, bytes: sample(name) })),
      options: { metafile: true },
    });
    assert.ok(metafile);
    await add(page, [upload('hello.meta.json', Buffer.from(metafile))]);
    await expect(result(page)).toContainText('a metafile');
    const { openReport } = await import('../../js/dist/index.js');
    for (const { name, bytes } of (await openReport(metafile)).size({ by: 'input' }))
      await expect(parts(page).filter({ hasText: name })).toContainText(bytes.toLocaleString('en'));
    // There is no output to compress.
    await expect(page.getByRole('button', { name: 'Size with brotli' })).toHaveCount(0);
    await view(page, 'Memory');
    await expect(page.getByText('stack').first()).toBeVisible();
    await view(page, 'Output');
    await expect(page.getByText('A metafile has no bytes of the output')).toBeVisible();
  });

  pageTest('what is in tars, gzips and zips', async (page) => {
    const folder = mkdtempSync(path.join(work, 'packed-'));
    const [a, b] = [
      compile('in_tar', 'int in_tar(void) { return 1; }'),
      compile('in_gzip', 'int in_gzip(void) { return 1; }'),
    ];
    const deep = `${'deep/'.repeat(30)}in_tar.o`;
    mkdirSync(path.join(folder, path.dirname(deep)), { recursive: true });
    writeFileSync(path.join(folder, deep), a.buffer);
    writeFileSync(path.join(folder, 'README'), 'nothing for a linker');
    execFileSync('tar', ['-czf', 'all.tar.gz', 'README', 'deep'], { cwd: folder });
    execFileSync('tar', ['-cf', 'all.tar', 'README'], { cwd: folder });
    await add(page, [upload('all.tar.gz', readFileSync(path.join(folder, 'all.tar.gz')))]);
    await expect(inputNames(page)).toHaveText([deep]);
    await add(page, [upload('in_gzip.o.gz', gzipSync(b.buffer))]);
    await expect(inputNames(page)).toHaveText([deep, 'in_gzip.o']);
    await add(page, [upload('all.tar', readFileSync(path.join(folder, 'all.tar')))]);
    await expect(page.locator('.news')).toContainText('it has no objects, no archives and no modules');
    await add(page, [upload('broken.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))]);
    await expect(page.locator('.news')).toContainText('broken.gz');
  });

  pageTest('a finished module in a zip, and beside objects', async (page) => {
    const app = finished('zipped.wasm', '', ['-g0']);
    const object = compile('beside', 'int beside(void) { return 1; }');
    const folder = mkdtempSync(path.join(work, 'modules-'));
    /** @param {Record<string, Buffer>} files */
    const packed = (files) => {
      for (const [name, bytes] of Object.entries(files)) writeFileSync(path.join(folder, name), bytes);
      execFileSync('tar', ['-czf', 'a.tgz', ...Object.keys(files)], { cwd: folder });
      return upload('a.tgz', readFileSync(path.join(folder, 'a.tgz')));
    };
    await add(page, [packed({ 'app.wasm': app.buffer })]);
    await expect(result(page)).toContainText('a finished module');
    await button(page, 'Remove all').click();
    await add(page, [packed({ 'app.wasm': app.buffer, 'beside.o': object.buffer })]);
    await expect(inputNames(page)).toHaveText(['beside.o']);
    await expect(page.locator('.news')).toContainText('left out 1');
  });

  pageTest('a rlib is an archive', async (page) => {
    const object = compile('in_rlib', 'int in_rlib(void) { return 7; }');
    const folder = mkdtempSync(path.join(work, 'rlib-'));
    writeFileSync(path.join(folder, 'lib.rmeta'), Buffer.from('rust\0\0\0\x08 metadata'));
    writeFileSync(path.join(folder, object.name), object.buffer);
    execFileSync('llvm-ar-19', ['rcs', 'libthing.rlib', 'lib.rmeta', object.name], { cwd: folder });
    await add(page, [upload('libthing.rlib', readFileSync(path.join(folder, 'libthing.rlib')))]);
    await add(page, [compile('calls', 'int in_rlib(void); int calls(void) { return in_rlib(); }')]);
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('calls');
    await linked(page);
    await page.getByRole('button', { name: 'Call calls' }).click();
    await expect(page.getByRole('list', { name: 'Calls' })).toContainText('= 7');
  });

  pageTest('an address', async (page) => {
    const app = finished('remote.wasm', '', ['-g0']);
    const folder = mkdtempSync(path.join(work, 'remote-'));
    writeFileSync(path.join(folder, 'remote.wasm'), app.buffer);
    writeFileSync(path.join(folder, 'page.html'), '<!doctype html><title>no file</title>');
    const open = await serve(folder, '/', { 'access-control-allow-origin': '*' });
    try {
      await page.goto(`${server().url}?open=${encodeURIComponent(`${open.url}remote.wasm`)}`);
      await expect(result(page)).toContainText('remote.wasm');
      await expect(page.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');
      await button(page, 'Run').click();
      await prints(page, '14\n');

      /** @param {string} address @param {string} says */
      const refused = async (address, says) => {
        await button(page, 'Open an address…').click();
        await page.getByRole('textbox', { name: 'Address of a file' }).fill(address);
        await page.keyboard.press('Enter');
        await expect(page.locator('.news')).toContainText(says);
      };
      await refused(`${open.url}page.html`, 'sends a web page and not a file');
      await refused('ftp://example.org/a.wasm', 'is no web address');
    } finally {
      open.close();
    }
  });

  pageTest(
    'an address that no other page may read',
    async (page) => {
      const folder = mkdtempSync(path.join(work, 'closed-'));
      writeFileSync(path.join(folder, 'remote.wasm'), 'none of your business');
      const closed = await serve(folder, '/');
      try {
        await page.goto(`${server().url}?open=${encodeURIComponent(`${closed.url}remote.wasm`)}`);
        await expect(page.locator('.news')).toContainText('it does not allow other pages to read this file');
        await expect(page.locator('.news')).toContainText('drop it here');
        await page.goto(`${server().url}?open=${encodeURIComponent(`${closed.url}missing.wasm`)}`);
        await expect(page.locator('.news')).toContainText('cannot be reached, or it does not allow');
      } finally {
        closed.close();
      }
    },
    { allows: /CORS policy|net::ERR_FAILED/ },
  );

  pageTest('says what a file is that nothing can be done with', async (page) => {
    await add(page, [
      upload('native.o', readFileSync('/usr/bin/true').subarray(0, 4096)),
      upload('notes.txt', 'Dear diary'),
    ]);
    await expect(page.locator('.remedy').first()).toBeVisible();
    // Each is told of, and can be left out.
    await expect(diagnostics(page).filter({ hasText: 'native.o' }).first()).toBeVisible();
    await expect(diagnostics(page).filter({ hasText: 'notes.txt' }).first()).toBeVisible();
    await button(page, 'Leave out all 2 such files').first().click();
    await expect(inputNames(page)).toHaveCount(0);
  });

  pageTest('the map of a link of 4,001 objects is not blank', async (page) => {
    const count = 4001;
    const each = 100;
    const ofAll = (/** @type {(i: number) => unknown} */ value) => Array.from({ length: count }, (_, i) => value(i));
    const size = 8 + 2 + count * each;
    const metafile = {
      format: 'weld-metafile',
      version: 1,
      output: {
        name: 'many.wasm',
        kind: 'executable',
        size,
        gc: true,
        sections: { id: [10], name: ['code'], offset: [10], size: [count * each] },
      },
      inputs: {
        path: ofAll((i) => `object${i}.o`),
        member: ofAll(() => ''),
        neededBy: ofAll(() => ''),
        symbol: ofAll(() => ''),
      },
      items: {
        live: count + 1,
        kinds: ['function', 'section'],
        kind: [...ofAll(() => 0), 1],
        name: [...ofAll((i) => `function${i}`), 'header'],
        input: [...ofAll((i) => i), -1],
        size: [...ofAll(() => each), 0],
        segment: [...ofAll(() => -1), -1],
        address: [...ofAll(() => -1), -1],
        slot: [...ofAll(() => -1), -1],
      },
      symbols: { name: [], item: [], offset: [], size: [] },
      edges: { count: [...ofAll(() => 0), 0], to: [] },
      roots: { item: [], reason: [], symbol: [] },
      layout: { item: [count, ...ofAll((i) => i)], size: [10, ...ofAll(() => each)] },
      imports: { module: [], name: [], kind: [], type: [], item: [] },
      exports: { name: [], kind: [], item: [] },
      memory: {
        pageSize: 65536,
        pages: 1,
        maxPages: 0,
        shared: false,
        segments: { name: [], kind: [], address: [], size: [] },
      },
    };
    await add(page, [upload('many.json', JSON.stringify(metafile))]);
    await expect(result(page)).toContainText('a metafile');
    // Parts of a large map are drawn one after the other.
    const covered = () =>
      page.locator('.treemap').evaluate((map) => {
        const whole = map.clientWidth * map.clientHeight;
        const areas = [...map.querySelectorAll('.leaf')].map((leaf) => leaf.clientWidth * leaf.clientHeight);
        return areas.reduce((sum, area) => sum + area, 0) / whole;
      });
    await expect.poll(covered).toBeGreaterThan(0.6);
  });
});
