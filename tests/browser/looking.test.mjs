// @ts-check
// The views that look into files and links, against what other tools say of the same files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import {
  add,
  browserSuite,
  button,
  compile,
  diagnostics,
  downloaded,
  expect,
  linkNatively,
  linked,
  manySymbols,
  native,
  root,
  sample,
  upload,
  work,
} from './harness.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const sampleNames = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];
const sampleUploads = () => sampleNames.map((name) => upload(name, sample(name)));
const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
const views = ['Overview', 'Symbols', 'Code', 'Story', 'Sections', 'Memory', 'Size', 'Resolution', 'Output'];

/** @param {string} tool @param {string[]} args */
const run = (tool, ...args) => execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
/** @param {Page} page @param {string} name */
const view = (page, name) => page.getByRole('tab', { name }).click();
/** @param {Page} page @param {string} name */
const choice = (page, name) => page.getByRole('combobox', { name, exact: true });
/** @param {Page} page */
const rows = (page) => page.getByRole('grid', { name: 'Symbols' }).locator('.grid-body [role=row]');
/** @param {Page} page @param {string | RegExp} text */
const counted = (page, text) => page.locator('.table-count').getByText(text).waitFor();

/** @param {Page} page */
async function openSample(page) {
  await add(page, sampleUploads());
  if ((page.viewportSize()?.width ?? 0) < 900) await button(page, 'Inspect').click();
  await linked(page);
}

describe('looking into files and links', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('lists the symbols that other tools find', async (page) => {
    await openSample(page);
    await view(page, 'Symbols');
    writeFileSync(path.join(work, 'hello.o'), sample('hello.o'));
    const symbols = run('llvm-readobj-19', '--symbols', path.join(work, 'hello.o')).match(/Symbol \{/g) ?? [];
    await choice(page, 'Of').selectOption('hello.o');
    await counted(page, `${symbols.length} symbols`);

    // The archive's, each member's.
    writeFileSync(path.join(work, 'libc.a'), sample('libc.a'));
    const members = run(
      'llvm-nm-19',
      '--defined-only',
      '--print-size',
      '--extern-only',
      '-A',
      path.join(work, 'libc.a'),
    );
    const qsort = /([^:\s]+): *[0-9a-f]+ ([0-9a-f]+) T qsort\n/.exec(members);
    assert.ok(qsort);
    await choice(page, 'Of').selectOption({ label: 'all inputs' });
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('qsort');
    await choice(page, 'Defined').selectOption('defined');
    await choice(page, 'Kind').selectOption('function');
    const row = rows(page)
      .filter({ hasText: `libc.a(${qsort[1]})` })
      .filter({ hasText: /^qsort/ })
      .first();
    await row.waitFor();
    await expect(row.locator('.state')).toHaveText('alive');
    // nm's size of a function has the size field with it.
    const size = Number((await row.locator('.size').textContent())?.replaceAll(',', ''));
    assert.ok(
      Math.abs(size - parseInt(qsort[2] ?? '', 16)) <= 5,
      `${size}, and nm says ${parseInt(qsort[2] ?? '', 16)}`,
    );

    // By binding and state, sorted by size.
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('');
    await choice(page, 'Kind').selectOption('any');
    await choice(page, 'Binding').selectOption('weak');
    for (const { name, buffer } of sampleUploads()) writeFileSync(path.join(work, name), buffer);
    const weak =
      run('llvm-nm-19', '--defined-only', ...sampleNames.map((name) => path.join(work, name))).match(
        /^[0-9a-f]+ [VW] /gm,
      ) ?? [];
    await counted(page, new RegExp(`^${weak.length} of`));
    await choice(page, 'State').selectOption('alive');
    await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click();
    // What is not as it should be of the rows that are shown, which are those of one moment.
    const faults = () =>
      rows(page).evaluateAll((all) => {
        const shown = all.map((row) => ['.state', '.size'].map((cell) => row.querySelector(cell)?.textContent ?? ''));
        const sizes = shown.map(([, size = '']) => Number(size.replaceAll(',', '')));
        const isRight = (/** @type {string[]} */ [state], /** @type {number} */ i) =>
          state === 'alive' && (i === 0 || (sizes[i] ?? NaN) <= (sizes[i - 1] ?? NaN));
        return shown.length === 0
          ? ['no rows']
          : shown.filter((row, i) => !isRight(row, i)).map((row) => row.join(' '));
      });
    await expect.poll(faults).toEqual([]);
  });

  if (testsPull)
    pageTest('what is searched for is what was typed, at any pace on a slow machine', async (page) => {
      await openSample(page);
      const tools = await page.context().newCDPSession(page);
      await tools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
      const fields = /** @type {const} */ ([
        ['Symbols', page.getByRole('textbox', { name: 'Find', exact: true })],
        ['Size', page.getByRole('region', { name: 'Size', exact: true }).getByRole('searchbox')],
        ['Resolution', page.getByRole('textbox', { name: 'Find a symbol or a file' })],
      ]);
      for (const [name, field] of fields) {
        await view(page, name);
        for (const delay of testsAll ? [40, 130, 190, 240] : [190]) {
          await field.fill('');
          await field.pressSequentially('printf', { delay });
          await expect(field).toHaveValue('printf');
          // Neither does it change when the address or the view has it.
          await page.waitForTimeout(500);
          await expect(field).toHaveValue('printf');
        }
      }
    });

  pageTest('shows other rows from their top, and rows of another link where they were', async (page) => {
    await openSample(page);
    await view(page, 'Symbols');
    const grid = page.getByRole('grid', { name: 'Symbols' });
    const top = () => grid.evaluate((element) => element.scrollTop);
    const scroll = async (/** @type {number} */ to) => {
      await grid.evaluate((element, to) => element.scrollTo(0, to), to);
      await expect.poll(async () => (await rows(page).first().getAttribute('aria-rowindex')) !== '2').toBe(true);
    };
    const startsAtTop = async () => {
      await expect.poll(top).toBe(0);
      await expect(rows(page).first()).toHaveAttribute('aria-rowindex', '2');
    };
    await rows(page).first().waitFor();
    await scroll(20_000);
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('e');
    await startsAtTop();
    await scroll(5000);
    await page.getByRole('columnheader', { name: 'Size' }).getByRole('button').click();
    await startsAtTop();
    await scroll(5000);
    await choice(page, 'Of').selectOption('libc.a');
    await startsAtTop();
    // With the keyboard, from there.
    await grid.press('ArrowDown');
    await expect(grid).toHaveAttribute('aria-activedescendant', 'symbol-1');
    await scroll(5000);
    const before = await page.locator('.grid-body [role=row]').nth(12).textContent();
    await page.getByLabel('Remove debug information').check();
    await expect(grid).toHaveAttribute('aria-busy', 'false');
    assert.equal(await top(), 5000);
    assert.equal(await page.locator('.grid-body [role=row]').nth(12).textContent(), before);

    await view(page, 'Resolution');
    const list = page.getByRole('region', { name: 'From archives: the list' });
    await list.getByRole('rowheader').first().waitFor();
    await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await page.getByRole('textbox', { name: 'Find a symbol or a file' }).fill('c');
    await expect.poll(() => list.evaluate((element) => element.scrollTop)).toBe(0);
  });

  pageTest('opens a symbol from its area in the tree map, as from its row', async (page) => {
    await openSample(page);
    await view(page, 'Size');
    await button(page, 'hello.o').click();
    const areas = page.getByRole('group', { name: /^Parts as areas/ });
    await areas.getByRole('link', { name: /^main in hello.o: / }).click();
    const detail = page.getByRole('complementary', { name: 'Symbol' });
    await detail.getByText('Why it is in the output').waitFor();
    await expect(detail.getByRole('heading').first()).toContainText('main');
    const { hash } = new URL(page.url());
    await page.goBack();
    await page.getByRole('region', { name: 'Parts by size' }).getByRole('link', { name: 'main', exact: true }).click();
    await expect.poll(() => new URL(page.url()).hash).toBe(hash);
    // With the keyboard too.
    await page.goBack();
    await areas.getByRole('link').first().focus();
    await page.keyboard.press('Enter');
    await detail.getByText('Why it is in the output').waitFor();
  });

  pageTest('says why a symbol is there, and leads to who needs it', async (page) => {
    await openSample(page);
    await view(page, 'Symbols');
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('qsort');
    await choice(page, 'State').selectOption('alive');
    await rows(page)
      .filter({ hasText: /^qsort(?!_)/ })
      .first()
      .click();
    const detail = page.getByRole('complementary', { name: 'Symbol' });
    await detail.getByText('Why it is in the output').waitFor();
    await expect(detail.locator('.path')).toHaveText(/_start.*main.*hello\.o.*qsort/s);
    await detail.getByText('was linked because hello.o needs qsort').waitFor();

    // From there to main, whose instructions call what wasm-objdump says.
    await detail.getByRole('link', { name: 'main', exact: true }).first().click();
    await detail.getByText('hello.o').first().waitFor();
    await detail.getByText('Disassembly').click();
    const listing = detail.getByRole('region', { name: 'Disassembly' });
    await listing.getByText('local.get').first().waitFor();
    await listing.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await listing.getByText('call', { exact: false }).first().waitFor();
    const calls = async () =>
      (await listing.locator('.listing-line').allTextContents())
        .filter((line) => /^\s*call /.test(line))
        .map((line) => line.trim().slice(5));
    let shown = await calls();
    for (let i = 0; i < 20 && shown.length < 2; ++i, shown = await calls()) await page.waitForTimeout(100); // rows follow the scrolling
    writeFileSync(path.join(work, 'hello.o'), sample('hello.o'));
    const expected = [
      ...run('wasm-objdump', '-d', path.join(work, 'hello.o')).matchAll(/\| call \d+ <(?:env\.)?([^>]+)>/g),
    ].map(([, name]) => name);
    assert.ok(shown.length >= 2);
    assert.ok(expected.join(' ').includes(shown.join(' ')), `${shown.join(' ')} is not in ${expected.join(' ')}`);
    await listing.evaluate((element) => element.scrollTo(0, 0));
    await listing.getByText('&.L__const').first().waitFor(); // an address, where the object has zeros

    // The address leads back to it.
    const there = page.url();
    await page.goto('about:blank');
    await page.goto(there);
    await add(page, sampleUploads());
    await detail.getByText('Why it is in the output').waitFor();
    await view(page, 'Overview');
    await page.goBack();
    await detail.getByText('hello.o').first().waitFor();
  });

  pageTest('shows bytes as they are, with sections, functions and relocations', async (page) => {
    await openSample(page);
    await view(page, 'Sections');
    await choice(page, 'File').selectOption('hello.o');
    const bytes = sample('hello.o');
    writeFileSync(path.join(work, 'hello.o'), bytes);
    const heads = [
      ...run('wasm-objdump', '-h', path.join(work, 'hello.o')).matchAll(
        /^ *(\w+) start=0x([0-9a-f]+) end=\S+ \(size=0x([0-9a-f]+)\)/gm,
      ),
    ];
    await expect(page.getByRole('list', { name: 'Sections of the file' }).getByRole('listitem')).toHaveCount(
      heads.length,
    );
    const code = heads.find(([, name]) => name === 'Code');
    assert.ok(code);
    await page.getByRole('button', { name: /^code/ }).click();
    const hex = page.getByRole('region', { name: 'Bytes' });
    const at = Math.floor(parseInt(code[2] ?? '', 16) / 16) * 16;
    const row = hex.locator('.hex-row').filter({ hasText: at.toString(16).padStart(6, '0') });
    const expected = [...bytes.subarray(at, at + 16)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
    await expect(row.locator('.hex-bytes')).toHaveText(expected);
    // Targets of relocations, in place, as llvm-readobj has them.
    const relocations = [
      ...run('llvm-readobj-19', '-r', path.join(work, 'hello.o')).matchAll(
        /0x[0-9A-F]+ R_WASM_FUNCTION_INDEX_LEB (\S+)/g,
      ),
    ].map(([, name]) => name);
    for (const name of new Set(relocations))
      await hex
        .locator('.note-relocation')
        .getByText(name ?? '', { exact: true })
        .first()
        .waitFor();
    await page.locator('.parts').getByRole('button', { name: /^main/ }).click();
    await page.getByRole('region', { name: 'Disassembly' }).getByText('local.get').first().waitFor();
    await page.getByLabel('Go to offset').fill('0x10');
    await page.keyboard.press('Enter');
    await expect(hex.locator('.hex-bytes .is-wanted')).toHaveText(bytes[16]?.toString(16).padStart(2, '0') ?? '');
  });

  pageTest('draws the memory where the module has it', async (page) => {
    await openSample(page);
    await view(page, 'Memory');
    linkNatively(sampleUploads());
    const segments = [
      ...run('wasm-objdump', '-x', '-j', 'Data', path.join(work, 'output.wasm')).matchAll(
        /segment\[\d+\] <(\S+)> memory=0 size=(\d+) - init i32=(\d+)/g,
      ),
    ];
    assert.ok(segments.length > 1);
    const regions = page.getByRole('region', { name: 'Regions of the memory' });
    for (const [, name, size, address] of segments) {
      const row = regions.getByRole('row').filter({ has: page.getByRole('button', { name: name ?? '', exact: true }) });
      await expect(row).toHaveText(
        new RegExp(`0x${Number(address).toString(16)}.*${Number(size).toLocaleString('en')}`),
      );
    }
    await regions.getByText('traps: it grows down to address 0').waitFor();
    await page.getByLabel('Search the options').fill('stack-first');
    await page.getByRole('checkbox', { name: /--stack-first/ }).uncheck();
    await regions.getByText(/grows down into \.bss/).waitFor();
    await regions.getByRole('button', { name: '.bss' }).click();
    await page.getByRole('heading', { name: /^In \.bss/ }).waitFor();
    // What an overflow of each symbol hits is the next one, where the map has it.
    const parts = page.getByRole('region', { name: /^In \.bss/ }).locator('tbody tr');
    const rows = await parts.evaluateAll((all) =>
      all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')),
    );
    assert.ok(rows.length > 3);
    rows.slice(0, -1).forEach(([, address, size, , hits], i) => {
      const gap = Number(rows[i + 1]?.[1]) - Number(address) - Number(size?.replaceAll(',', ''));
      if (gap >= 0)
        assert.equal(hits, `${rows[i + 1]?.[0]}${gap > 0 ? ` after ${gap} byte${gap > 1 ? 's' : ''}` : ''}`);
    });
  });

  pageTest('adds up to the size of the output, and says what changed', async (page) => {
    await openSample(page);
    await view(page, 'Size');
    const before = linkNatively(sampleUploads()).length;
    await page.getByText(`${before.toLocaleString('en')} bytes`, { exact: true }).waitFor();
    // Compressed, as a host sends it: another encoder of the same format finds nearly the same.
    await button(page, 'Size with brotli').click();
    const compressed = brotliCompressSync(linkNatively(sampleUploads())).length;
    const brotli = page.getByText(/ with brotli$/);
    await expect
      .poll(async () => {
        const [size = 0] = /^[\d,]+/.exec((await brotli.getAttribute('title')) ?? '') ?? [];
        return Math.abs(Number(String(size).replaceAll(',', '')) / compressed - 1);
      })
      .toBeLessThan(0.02);
    const parts = page.getByRole('region', { name: 'Parts by size' });
    const bytes = async () =>
      (await parts.locator('tbody tr td:nth-child(3)').allTextContents()).map((text) =>
        Number(text.replaceAll(',', '')),
      );
    await expect.poll(async () => (await bytes()).reduce((a, b) => a + b, 0)).toBe(before);
    await page.locator('.treemap .cell').nth(20).waitFor();
    // By keyboard: from one area to the next.
    const areas = page.getByRole('group', { name: /^Parts as areas/ });
    await areas.locator('[tabindex="0"]').focus();
    const at = () =>
      areas.locator(':focus').evaluate((cell) => [cell.getBoundingClientRect().x, cell.getBoundingClientRect().y]);
    const [x = 0] = await at();
    await page.keyboard.press('ArrowRight');
    const [right = 0] = await at();
    assert.ok(right > x);
    await expect(areas.locator(':focus')).toHaveAttribute('aria-label', /: [\d.]+ k?B$/);
    await button(page, 'libc.a').click();
    await button(page, 'qsort_nr.c.obj').click();
    await parts.getByRole('link', { name: 'qsort', exact: true }).waitFor();
    // What keeps most, as the command line says.
    const report = path.join(work, 'sizes.json');
    linkNatively(sampleUploads(), [`--metafile=${report}`]);
    const [most] = JSON.parse(run(native, 'size', '--json', '--by=symbol', '--retained', report));
    const keepers = page.getByRole('region', { name: 'Symbols by retained size' }).locator('tbody tr');
    const shown = async () => (await keepers.first().textContent()) ?? '';
    await expect
      .poll(
        async () =>
          (await shown()).startsWith(most.display) && (await shown()).includes(most.retained.toLocaleString('en')),
      )
      .toBe(true);
    await page.getByLabel('Search the options').fill('strip-all');
    await page.getByRole('checkbox', { name: /--strip-all/ }).check();
    const after = linkNatively(sampleUploads(), ['--strip-all']).length;
    await button(page, 'Difference from the previous link').click();
    await page.getByText(`−${(before - after).toLocaleString('en')} bytes`).waitFor();
    await page.getByRole('region', { name: 'What differs' }).getByRole('row').nth(1).waitFor();
  });

  pageTest('tells what came from archives, what lost and what was removed', async (page) => {
    await openSample(page);
    await view(page, 'Resolution');
    for (const { name, buffer } of sampleUploads()) writeFileSync(path.join(work, name), buffer);
    const traced = execFileSync('wasm-ld-19', ['-o', 'other.wasm', '--trace', ...sampleNames], {
      cwd: work,
      encoding: 'utf8',
    });
    const extracted = traced.split('\n').filter((line) => line.includes('.a('));
    assert.ok(extracted.length > 20);
    const list = page.getByRole('region', { name: /^From archives/ }).first();
    await expect
      .poll(async () => (await list.getByRole('rowheader').allTextContents()).sort())
      .toEqual(extracted.sort());

    const weak = compile(
      'weak',
      '__attribute__((weak)) int shared(void) { return 1; } int one(void) { return shared(); }',
    );
    const strong = compile('strong', 'int shared(void) { return 2; } int unused(void) { return 3; }');
    await add(page, [weak, strong]);
    const lost = page.getByRole('region', { name: /^Defined more than once/ }).first();
    await lost.getByText('it is weak').waitFor();
    await expect(lost.locator('tbody')).toHaveText(/shared.*strong\.o.*weak\.o/);
    await page.getByRole('textbox', { name: 'Find a symbol or a file' }).fill('unused');
    await page
      .getByRole('region', { name: /^Removed/ })
      .first()
      .getByRole('link', { name: 'unused' })
      .waitFor();
  });

  pageTest('leads from a diagnostic to its place, and does what a note advises', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(page, [compile('needs', 'int missing(void); int caller(void) { return missing(); }')]);
    await page.getByRole('textbox', { name: 'Exports' }).fill('caller');
    const error = diagnostics(page).filter({ hasText: 'undefined-symbol' });
    await error.getByRole('link', { name: /^0x/ }).click();
    await page.getByRole('region', { name: 'Bytes' }).locator('.is-wanted').first().waitFor();
    await page.goBack();
    await error.getByRole('link', { name: 'caller' }).click();
    await page.getByRole('complementary', { name: 'Symbol' }).getByText('caller').first().waitFor();
    await page.goBack();
    await button(page, 'Import undefined functions').click();
    await linked(page);
    await page.getByLabel('Import undefined functions').uncheck();
    await button(page, 'Import missing').click();
    await linked(page);
    await page.getByLabel('The same in a terminal').filter({ hasText: '--allow-undefined-symbol=missing' }).waitFor();

    // A library that the page has itself.
    await button(page, 'Remove all').click();
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('caller');
    await add(page, [compile('print', 'int puts(const char *); int caller(void) { return puts("x"); }')]);
    await button(page, 'Add libc.a').first().click();
    await linked(page);
    await button(page, 'Remove libc.a').waitFor();
  });

  pageTest('gives the module, its map, metafile and import stub', async (page) => {
    await openSample(page);
    await view(page, 'Output');
    /** @param {string} name */
    const got = async (name) => {
      const [download] = await Promise.all([page.waitForEvent('download'), button(page, name).click()]);
      return readFileSync(await download.path());
    };
    const module = await got('Module');
    assert.ok(module.equals(linkNatively(sampleUploads())));
    assert.equal(JSON.parse(String(await got('Metafile'))).output.size, module.length);
    assert.match(String(await got('Map')), /main/);
    assert.match(String(await got('Import stub')), /fd_write/);
    await page.getByRole('link', { name: 'symbols', exact: true }).click();
    await choice(page, 'Kind').selectOption('function');
    const functions =
      WebAssembly.Module.imports(new WebAssembly.Module(module)).length +
      Number(/Code.*count: (\d+)/.exec(run('wasm-objdump', '-h', path.join(work, 'output.wasm')))?.[1]);
    await counted(page, new RegExp(`^${functions} of`));
  });

  if (testsPull)
    pageTest('shows 200,000 symbols', async (page) => {
      await page.getByLabel('No entry: a library').check();
      await page.setInputFiles('#files', manySymbols(200_000));
      await view(page, 'Symbols');
      await page.locator('.table-count').getByText('200,000 symbols').waitFor({ timeout: 60_000 });
      await rows(page).first().getByText('s0').waitFor();
      assert.ok((await rows(page).count()) < 100, 'only those that are seen are there');
      await page.getByRole('grid').evaluate((grid) => (grid.scrollTop = grid.scrollHeight / 2));
      await rows(page)
        .getByText(/^s(99|100)\d{3}$/)
        .first()
        .waitFor();
      await page.getByRole('grid').focus();
      await page.keyboard.press('End');
      await rows(page).getByText('s199999', { exact: true }).waitFor();
      await page.getByRole('textbox', { name: 'Find', exact: true }).fill('s19999');
      await counted(page, /^11 of/);
    });

  if (testsPull)
    pageTest('shows hostile names as text in every view', async (page) => {
      const source = `int a(void) __asm__("<b>bold</b>"); int a(void) { return 1; }
      int b(void) __asm__("${'n'.repeat(1 << 20)}"); int b(void) { return a() + 2; }
      int data __asm__("<img src=x onerror=alert(1)>\u202E") = 7;
      __attribute__((export_name("run"))) int c(void) { return a() + b() + data; }`;
      await page.getByLabel('No entry: a library').check();
      await add(page, [compile('hostile', source)]);
      await linked(page);
      for (const name of views) {
        await view(page, name);
        await page.waitForTimeout(400);
        assert.equal(await page.locator('main b, main img, main script').count(), 0, name);
        const text = (await page.locator('main').textContent()) ?? '';
        assert.ok(!text.includes('\u202E'), name);
        assert.ok(!text.includes('n'.repeat(3000)), name);
        assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1280, name);
      }
      await view(page, 'Symbols');
      await rows(page).filter({ hasText: '<b>bold</b>' }).first().click();
      await page.getByRole('complementary', { name: 'Symbol' }).getByText('<b>bold</b>').first().waitFor();
      await expect(page.locator('main b')).toHaveCount(0);
    });

  pageTest('is led by the keyboard, from tab to tab and row to row', async (page) => {
    await openSample(page);
    await page.getByRole('tab', { name: 'Overview' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(page.locator(':focus')).toHaveText('Size');
    await page.keyboard.press('ArrowRight');
    await expect(page.locator(':focus')).toHaveText('Symbols');
    await rows(page).first().locator('.kind').getByText(/\w/).waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Symbol' }).waitFor();
    await expect(page.getByRole('grid')).toHaveAttribute('aria-activedescendant', 'symbol-2');
    await expect(rows(page).nth(2)).toHaveAttribute('aria-selected', 'true');
  });

  /** What axe cannot judge and a person has looked at: text at the edge of what scrolls or over a map, signs, skip links. */
  const looked =
    /partially obscured|overlap|pseudo element|only non-text|too short to determine|visible text is part|visible on activation/;
  /** Faults, and what axe leaves open. @param {Page} page @param {string} where */
  async function judge(page, where) {
    await page.waitForTimeout(200);
    await expect(page.locator('[aria-busy=true]')).toHaveCount(0);
    const { violations, incomplete } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run(document));
    const open = incomplete.map((/** @type {any} */ rule) => ({
      ...rule,
      nodes: rule.nodes.filter(
        (/** @type {any} */ { any, all, none }) =>
          ![...any, ...all, ...none].some(({ message }) => looked.test(message)),
      ),
    }));
    const faults = [...violations, ...open].filter(({ nodes }) => nodes.length > 0);
    assert.deepEqual(
      faults.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((/** @type {any} */ n) => n.html.slice(0, 160))}`),
      [],
      where,
    );
  }

  const schemes = /** @type {const} */ (['dark', 'light']);
  for (const scheme of schemes.slice(0, testsAll ? 2 : Number(testsPull)))
    pageTest(`has nothing that axe objects to, ${scheme}`, async (page) => {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.evaluate(axe);
      for (const name of views) {
        await view(page, name);
        await judge(page, `nothing in ${name}`);
      }
      await button(page, 'Open the C sample').click();
      await linked(page);
      await page.locator('.editor').hover();
      await page.locator('.cm-line').first().waitFor();
      for (const name of views) {
        await view(page, name);
        if (name === 'Symbols') {
          await rows(page).nth(3).click();
          await page.getByRole('complementary', { name: 'Symbol' }).getByText('Referred to by').waitFor();
        }
        await judge(page, name);
      }
      await page.getByLabel('Remove debug information').check();
      await linked(page);
      await judge(page, 'a changed option');
      const module = await downloaded(page);
      await button(page, 'Remove libc.a').click();
      await view(page, 'Overview');
      await diagnostics(page).first().waitFor();
      await judge(page, 'errors');
      await add(page, [upload('finished.wasm', module)]);
      await page.getByRole('link', { name: 'Look into finished.wasm' }).click();
      for (const name of views) {
        await view(page, name);
        await judge(page, `a module in ${name}`);
      }
    });

  pageTest(
    'fits a phone in every view',
    async (page) => {
      await openSample(page);
      for (const name of views) {
        await view(page, name);
        await page.waitForTimeout(500);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 400, `${name} is ${width} pixels wide`);
      }
    },
    { width: 400 },
  );

  pageTest('loads under 250 KB with brotli before a sample is opened', async (opened) => {
    // Without the service worker, which fetches everything for later.
    const browser = opened.context().browser() ?? assert.fail();
    await opened.context().close();
    const before = server().requests.length;
    const page = await browser.newPage({ serviceWorkers: 'block' });
    await page.goto(`${server().url}?start=empty`);
    await page.getByText('weld 0.', { exact: false }).waitFor();
    const prefix = new URL(server().url).pathname;
    const own = await page.evaluate(() =>
      performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname),
    );
    await page.close();
    const names = new Set([
      'index.html',
      ...own.map((name) => name.slice(prefix.length)),
      ...server()
        .requests.slice(before)
        .filter((name) => /worker|weld-/.test(name))
        .map((name) => name.slice(prefix.length)),
    ]);
    let total = 0;
    for (const name of names) total += brotliCompressSync(readFileSync(path.join(root, 'web/dist', name))).length;
    assert.ok(total < 250_000, `${total} bytes`);
  });
});
