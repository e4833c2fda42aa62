// @ts-check
// What the views' links and clicks lead to: the symbol, file and byte that is meant, where one sees it and the keyboard goes on.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { add, browserSuite, button, compile, expect, inputNames, linked, sample, upload, work } from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */
/** @typedef {{holding: string[], release(): void}} Held */

const sampleNames = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];
/** @param {Page} page @param {string} name */
const view = (page, name) => page.getByRole('tab', { name }).click();
/** @param {Page} page @param {string} name */
const choice = (page, name) => page.getByRole('combobox', { name, exact: true });
/** @param {Page} page */
const rows = (page) => page.getByRole('grid', { name: 'Symbols' }).locator('.grid-body [role=row]');
/** @param {Page} page */
const detail = (page) => page.getByRole('complementary', { name: 'Symbol' });
/** @param {Page} page @param {string} term what the detail says of it */
const fact = (page, term) => detail(page).locator('.pairs').locator(`dt:text-is("${term}") + dd`);
/** @param {Page} page */
const find = (page) => page.getByRole('textbox', { name: 'Find', exact: true });
/** @param {Page} page */
const quiet = (page) => expect(page.locator('[aria-busy=true]')).toHaveCount(0);

/** @param {Page} page */
async function openSample(page) {
  await add(
    page,
    sampleNames.map((name) => upload(name, sample(name))),
  );
  await linked(page);
}

/** Questions of these kinds reach the worker when they are released. @param {Page} page @param {string[]} kinds */
async function hold(page, ...kinds) {
  await page.evaluate((kinds) => {
    const post = Worker.prototype.postMessage;
    /** @type {(() => void)[]} */
    const held = [];
    /** @this {Worker} */
    Worker.prototype.postMessage = function (/** @type {any} */ message, /** @type {any[]} */ ...more) {
      const send = () => post.call(this, message, .../** @type {[any]} */ (more));
      if (kinds.includes(message.question)) held.push(send);
      else send();
    };
    Object.assign(globalThis, {
      release() {
        Worker.prototype.postMessage = post;
        for (const send of held) send();
      },
    });
  }, kinds);
  return () => page.evaluate(() => /** @type {Held} */ (/** @type {unknown} */ (globalThis)).release());
}

/** Two objects with functions of their own. @param {string} name */
const object = (name) =>
  compile(name, `int ${name}_first(int x) { return x * 3; } int ${name}_second(int x) { return x + 5; }`);

/** Two objects, each with a `helper` of its own; the second one's is larger. */
function helpers() {
  const small = compile(
    'small_helper',
    'static __attribute__((noinline)) int helper(int x) { return x * 3; } int a(int x) { return helper(x) + helper(x + 1); }',
  );
  const large = compile(
    'large_helper',
    'extern void out(int); static __attribute__((noinline)) int helper(int x) { out(x); out(x + 7); return x; } int b(int x) { return helper(x) + helper(x + 9); }',
  );
  return [small, large];
}

describe('what links lead to', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('a symbol stays what it is when its row is another', async (page) => {
    await openSample(page);
    await view(page, 'Symbols');
    await expect(rows(page).first()).toContainText('crt1-command.o');
    await rows(page)
      .filter({ hasText: /^mainfunction.*hello\.o$/ })
      .click();
    await expect(detail(page).getByRole('heading', { level: 3 })).toHaveText('main');
    await button(page, 'Move hello.o up').click();
    await expect(inputNames(page).first()).toHaveText('hello.o');
    await expect(rows(page).first()).toContainText('hello.o');
    await quiet(page);
    await expect(detail(page).getByRole('heading', { level: 3 })).toHaveText('main');
    await expect(rows(page).and(page.locator('[aria-selected=true]'))).toHaveText([/^mainfunction.*hello\.o$/]);
    // Nor does a link that fails change it.
    await button(page, 'Remove crt1-command.o').click();
    await expect(inputNames(page)).toHaveCount(3);
    await quiet(page);
    await expect(detail(page).getByRole('heading', { level: 3 })).toHaveText('main');
    await expect(fact(page, 'In')).toHaveText('hello.o');
  });

  pageTest('rows of what was chosen before are not clicked', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(page, [object('one'), object('two')]);
    await linked(page);
    await view(page, 'Symbols');
    await choice(page, 'Of').selectOption('one.o');
    await expect(rows(page).first()).toContainText('one_first');
    const release = await hold(page, 'symbols');
    await choice(page, 'Of').selectOption('two.o');
    await rows(page).first().click();
    await release();
    await expect(rows(page).first()).toContainText('two_first');
    await quiet(page);
    await expect(detail(page)).toHaveCount(0);
    await expect(choice(page, 'Of')).toHaveValue('two.o');
  });

  pageTest('a function of one file does not stand under another', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(page, [object('one'), object('two')]);
    await linked(page);
    await view(page, 'Sections');
    await choice(page, 'File').selectOption('one.o');
    await page.getByRole('button', { name: /^code/ }).click();
    await page.getByRole('button', { name: /^one_second/ }).click();
    const heading = page.locator('.shown-part h3');
    await expect(heading).toHaveText('one_second');
    const release = await hold(page, 'partAt');
    const there = new URL(page.url());
    await page.evaluate((hash) => void (location.hash = hash), there.hash.replace('one.o', 'two.o'));
    await expect(page.getByRole('button', { name: /^two_second/ })).toHaveAttribute('aria-current', 'true');
    await expect(heading).toHaveCount(0);
    await release();
    await expect(heading).toHaveText('two_second');
  });

  pageTest('sizes lead to the symbols in their inputs, whose names the output has for people', async (page) => {
    const source = `__attribute__((export_name("count"))) int count(int x) __asm__("_ZN5Words5countEi"); int count(int x) { return x + 1; }`;
    await page.getByLabel('No entry: a library').check();
    await add(page, [compile('mangled', source)]);
    await linked(page);
    await view(page, 'Size');
    const keepers = page.getByRole('region', { name: 'Symbols by retained size' });
    await keepers.getByRole('link', { name: 'Words::count(int)' }).click();
    await expect(fact(page, 'In')).toHaveText('mangled.o');
    await page.goBack();
    await choice(page, 'Group by').selectOption('File');
    await button(page, 'mangled.o').click();
    await page.getByRole('region', { name: 'Parts by size' }).getByRole('link', { name: 'Words::count(int)' }).click();
    await expect(fact(page, 'In')).toHaveText('mangled.o');
    // What is no symbol is no link; what is nowhere is said to be.
    await page.goBack();
    const others = keepers.getByRole('row').filter({ has: page.getByRole('cell', { name: /^(type|section)$/ }) });
    await expect(others.first()).toBeVisible();
    await expect(others.getByRole('link')).toHaveCount(0);
    await page.evaluate(() => void (location.hash = '#view=symbols&file=mangled.o&symbol=nowhere'));
    await expect(detail(page)).toHaveText('There is no symbol nowhere in mangled.o.');
  });

  pageTest('a link to what is not in the chosen input widens the choice', async (page) => {
    await openSample(page);
    await view(page, 'Symbols');
    await choice(page, 'Of').selectOption('hello.o');
    await expect(rows(page).first()).toContainText('hello.o');
    await expect(rows(page).filter({ hasText: /libc\.a|crt1/ })).toHaveCount(0);
    await rows(page)
      .filter({ hasText: /^printf/ })
      .click();
    await detail(page).locator('.path').getByRole('link', { name: '__main_void' }).first().click();
    await expect(detail(page).getByRole('heading', { level: 3 })).toHaveText('__main_void');
    await expect(choice(page, 'Of')).toHaveValue('');
    await expect(rows(page).and(page.locator('[aria-selected=true]'))).toContainText('__main_void.c.obj');

    await choice(page, 'Of').selectOption('the output');
    await expect(rows(page).first()).toContainText('(output)');
    await view(page, 'Resolution');
    const because = page
      .getByRole('region', { name: /^From archives/ })
      .first()
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: 'libc.a(dlmalloc.c.obj)' }) })
      .getByRole('cell')
      .first();
    const name = (await because.textContent()) ?? '';
    await because.getByRole('link').click();
    await expect(detail(page).getByRole('heading', { level: 3 })).toHaveText(name);
    await expect(fact(page, 'In')).toHaveText('libc.a(dlmalloc.c.obj)');

    // A file that is gone is not chosen any more.
    await choice(page, 'Of').selectOption('hello.o');
    await expect(rows(page).first()).toContainText('hello.o');
    await button(page, 'Remove hello.o').click();
    await expect(choice(page, 'Of')).toHaveValue('');
    await expect(rows(page).first()).toContainText('crt1-command.o');
  });

  pageTest('of several with one name each is reached: strings, static functions, members', async (page) => {
    await openSample(page);
    await view(page, 'Memory');
    await button(page, '.rodata').click();
    const strings = page
      .getByRole('region', { name: /^In \.rodata/ })
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: '.L.str', exact: true }) });
    await expect(strings.nth(1)).toBeVisible();
    for (const i of [0, 1]) {
      const address = await strings.nth(i).getByRole('cell').first().textContent();
      await strings.nth(i).getByRole('link').click();
      await expect(fact(page, 'Address')).toHaveText(address ?? '');
      await page.goBack();
      await button(page, '.rodata').click();
    }

    await button(page, 'Remove all').click();
    const [small, large] = helpers();
    assert.ok(small && large);
    const [here, there] = ['members1', 'members2'].map((name) => path.join(work, name));
    for (const [folder, { buffer }] of /** @type {const} */ ([
      [here, small],
      [there, large],
    ])) {
      mkdirSync(folder ?? '', { recursive: true });
      writeFileSync(path.join(folder ?? '', 'x.o'), buffer);
    }
    execFileSync('wasm-ld-19', ['-r', '-o', 'merged.o', 'small_helper.o', 'large_helper.o'], { cwd: work });
    execFileSync(
      'sh',
      ['-c', 'rm -f twice.a && llvm-ar-19 qcS twice.a members1/x.o members2/x.o && llvm-ar-19 s twice.a'],
      { cwd: work },
    );
    await page.getByLabel('No entry: a library').check();
    await add(page, [upload('merged.o', readFileSync(path.join(work, 'merged.o')))]);
    await view(page, 'Symbols');
    await find(page).fill('helper');
    await choice(page, 'Of').selectOption('merged.o');
    await expect(rows(page)).toHaveCount(2);
    const sizes = await rows(page).locator('.size').allTextContents();
    assert.notEqual(sizes[0], sizes[1]);
    for (const i of [1, 0]) {
      await rows(page).nth(i).click();
      await expect(fact(page, 'Size')).toHaveText(`${sizes[i]} bytes`);
      await expect(rows(page).nth(i)).toHaveAttribute('aria-selected', 'true');
    }
    // The address says which.
    await page.goBack();
    await expect(fact(page, 'Size')).toHaveText(`${sizes[1]} bytes`);

    await button(page, 'Remove all').click();
    await add(page, [upload('twice.a', readFileSync(path.join(work, 'twice.a')))]);
    await view(page, 'Sections');
    await choice(page, 'File').locator('option').filter({ hasText: 'x.o' }).nth(1).waitFor({ state: 'attached' });
    const second = await choice(page, 'File').locator('option').filter({ hasText: 'x.o' }).nth(1).getAttribute('value');
    await choice(page, 'File').selectOption(second);
    await expect(page.locator('.table-count')).toContainText(`${large.buffer.length.toLocaleString('en')} bytes`);
    await view(page, 'Symbols');
    await find(page).fill('');
    await rows(page)
      .filter({ hasText: /^bfunction/ })
      .click();
    await fact(page, 'At').getByRole('link').click();
    await expect(page.locator('.table-count')).toContainText(`${large.buffer.length.toLocaleString('en')} bytes`);
    await expect(page.locator('.shown-part h3')).toHaveText('b');
  });

  pageTest('what a click opens is seen, beside what was clicked', async (page) => {
    await openSample(page);
    for (const size of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      await view(page, 'Symbols');
      await rows(page).nth(8).click();
      await expect(detail(page).getByRole('heading', { level: 3 })).toBeInViewport({ ratio: 1 });
      await expect(detail(page)).toBeInViewport({ ratio: 0.98 });
      await expect(rows(page).and(page.locator('[aria-selected=true]'))).toBeInViewport({ ratio: 1 });
      await view(page, 'Memory');
      // A word of a name is on one line.
      const box = await button(page, '.rodata').boundingBox();
      assert.ok(box && box.height < 30, `${box?.height} pixels high`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    await view(page, 'Sections');
    await choice(page, 'File').selectOption('hello.o');
    await page.getByRole('button', { name: /^code/ }).click();
    const bytes = page.getByRole('region', { name: 'Bytes' });
    await bytes.locator('.note-relocation').first().waitFor();
    const [edge = 0, text = 0, notes = 0] = await bytes.evaluate((box) => [
      box.getBoundingClientRect().right,
      ...['.hex-text', '.hex-notes']
        .map((part) => box.querySelector(part)?.getBoundingClientRect())
        .map((rect, i) => (i === 0 ? rect?.right : rect?.left) ?? Infinity),
    ]);
    assert.ok(
      text < edge && notes < edge - 100,
      `text ends at ${text}, notes begin at ${notes}, the box ends at ${edge}`,
    );
  });

  pageTest('an offset is gone to as it is written beside the bytes, or it is said why not', async (page) => {
    await add(page, [upload('hello.o', sample('hello.o'))]);
    await view(page, 'Sections');
    await choice(page, 'File').selectOption('hello.o');
    const field = page.getByLabel('Go to offset');
    const wanted = page.getByRole('region', { name: 'Bytes' }).locator('.hex-bytes .is-wanted');
    for (const [written, offset] of /** @type {const} */ ([
      ['c4', 0xc4],
      ['100', 0x100],
      ['0x1F', 0x1f],
    ])) {
      await field.fill(written);
      await field.press('Enter');
      await expect.poll(() => new URL(page.url()).hash).toContain(`offset=${offset.toString(16)}`);
      await expect(wanted).toHaveText(sample('hello.o')[offset]?.toString(16).padStart(2, '0') ?? '');
    }
    await field.fill('zzz');
    await field.press('Enter');
    await expect(page.getByRole('alert')).toHaveText(/hexadecimal/);
    await field.fill('99999999');
    await expect(page.getByRole('alert')).toHaveCount(0);
    await field.press('Enter');
    await expect(page.getByRole('alert')).toHaveText(
      `The file ends before that, at 0x${sample('hello.o').length.toString(16)}.`,
    );
  });

  pageTest('the keyboard goes on from what it opened', async (page) => {
    await openSample(page);
    await view(page, 'Size');
    await button(page, 'libc.a').focus();
    await page.keyboard.press('Enter');
    const crumbs = page.getByRole('navigation', { name: 'What is shown' });
    await expect(crumbs.getByRole('button')).not.toHaveCount(0);
    await expect(page.locator('#view-size weld-size :focus')).toHaveCount(1);
    await crumbs.getByRole('button').first().focus();
    await page.keyboard.press('Enter');
    await expect(crumbs.getByRole('button')).toHaveCount(0);
    await expect(crumbs).toBeFocused();

    await view(page, 'Symbols');
    await rows(page).filter({ hasText: /^main/ }).first().click();
    await fact(page, 'In').getByRole('link').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('tabpanel', { name: 'Sections' })).toBeFocused();

    await button(page, 'Remove all').click();
    await view(page, 'Overview');
    await page.getByLabel('No entry: a library').check();
    await add(page, [
      compile(
        'print_focus',
        'int puts(const char *); __attribute__((export_name("caller"))) int caller(void) { return puts("x"); }',
      ),
    ]);
    await button(page, 'Add libc.a').first().focus();
    await page.keyboard.press('Enter');
    await linked(page);
    await expect(page.locator('#view-result :focus')).toHaveCount(1);
  });

  pageTest('says of what is undefined, empty or not to be linked what it is', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await page.getByLabel('Import undefined functions').check();
    const source =
      'int given(void); int defined(void); __attribute__((export_name("run"))) int run(void) { return given() + defined(); }';
    await add(page, [
      compile('uses', source),
      compile('defines', 'int defined(void) { return 1; }'),
      upload('nothing.a', '!<arch>\n'),
    ]);
    await linked(page);
    await view(page, 'Symbols');
    await rows(page)
      .filter({ hasText: /^given.*uses\.o$/ })
      .click();
    await expect(fact(page, 'State')).toHaveText('undefined: no input defines it');
    await rows(page)
      .filter({ hasText: /^defined.*uses\.o$/ })
      .click();
    await expect(fact(page, 'State')).toHaveText('undefined in this file');
    await choice(page, 'Of').selectOption('the output');
    await rows(page)
      .filter({ hasText: /^given.*\(output\)$/ })
      .click();
    await expect(fact(page, 'State')).toHaveText('imported: the host provides it');
    await view(page, 'Sections');
    await choice(page, 'File').selectOption('nothing.a');
    await expect(page.getByText('There is nothing in this archive.')).toBeVisible();
    await view(page, 'Overview');
    await page.getByRole('textbox', { name: /More arguments/ }).fill('--version');
    await expect(page.locator('.verdict')).toHaveText('There was nothing to link');
    await expect(page.locator('.verdict')).not.toHaveClass(/bad/);
  });
});
