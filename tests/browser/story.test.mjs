// @ts-check
// The story of a link, told on programs of C, C++, Rust and on objects that are dropped: what it says is what other tools
// find in the same files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  compile,
  downloaded,
  expect,
  linked,
  root,
  sample,
  upload,
  work,
} from './harness.mjs';
import { testsAll, testsPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
const titles = [
  'Objects offer names, and need names',
  'Libraries give what is missing',
  'Each name gets one definition',
  'What nothing needs is left out',
  'Functions get their numbers',
  'Data gets its addresses',
  'Relocations become numbers',
  'The linker adds what no object has',
  'The module is written',
];

/** @param {string} tool @param {string[]} args */
const run = (tool, ...args) => execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
/** @param {string} name @param {string} text */
function compileCxx(name, text) {
  const file = path.join(work, name);
  writeFileSync(`${file}.cpp`, text);
  execFileSync('clang++-19', ['--target=wasm32-wasi', '-O1', '-c', `${file}.cpp`, '-o', `${file}.o`]);
  return upload(`${name}.o`, readFileSync(`${file}.o`));
}
/** @param {Page} page @param {string} name */
const view = (page, name) => page.getByRole('tab', { name }).click();
/** @param {Page} page @param {string} name */
const step = (page, name) => page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name }).click();
/** @param {Page} page */
const lead = (page) => page.locator('.story .lead');

/** Through all steps with the link to the next one. @param {Page} page @returns what each step says first */
async function readAll(page) {
  await view(page, 'Story');
  const leads = [];
  for (const [i, title] of titles.entries()) {
    await page.getByRole('heading', { name: title }).waitFor();
    await lead(page).waitFor();
    leads.push((await lead(page).textContent()) ?? '');
    // What still moves is drawn through.
    await page
      .locator('.story')
      .evaluate((story) => Promise.all(story.getAnimations({ subtree: true }).map(({ finished }) => finished)));
    await page.evaluate(axe);
    const faults = await page.evaluate(async () => {
      const { axe } = /** @type {any} */ (globalThis);
      const { violations } = await axe.run('.story');
      return violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes[0].html}`);
    });
    assert.deepEqual(faults, [], title);
    const next = page.getByRole('link', { name: /^Next: / });
    if (i + 1 < titles.length) await next.click();
    else await expect(next).toHaveCount(0);
  }
  return leads;
}

/** The numbers that wasm-objdump gives the functions of a module. @param {Buffer} module */
function functionNumbers(module) {
  const file = path.join(work, 'story-output.wasm');
  writeFileSync(file, module);
  return new Map(
    [...run('wasm-objdump', '-x', '-j', 'Function', file).matchAll(/func\[(\d+)\].*<(.+)>/g)].map(([, i, n]) => [
      n,
      Number(i),
    ]),
  );
}

describe('the story of a link', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('tells a link of C', async (page) => {
    await button(page, 'Open the C sample').click();
    await linked(page);
    const leads = await readAll(page);
    assert.match(leads[0] ?? '', /hello\.o offers \d+ names? and needs \d+/);
    assert.match(leads[1] ?? '', /hello\.o needs (printf|qsort|strlen), which only libc\.a\([\w.]+\) offers/);
    assert.match(leads[3] ?? '', /starts with.*_start \(the entry\)/);
    const numbers = functionNumbers(await downloaded(page));

    await step(page, 'Objects');
    const card = page.locator('.object-card').filter({ hasText: 'hello.o' });
    const file = path.join(work, 'story-hello.o');
    writeFileSync(file, sample('hello.o'));
    const needed = [...run('llvm-nm-19', '--undefined-only', file).matchAll(/ U (\S+)/g)].map(([, name]) => name);
    for (const name of needed) await expect(card).toContainText(name ?? '');
    await expect(card).toContainText(/qsort ← libc\.a\(qsort[\w.]*\)/);
    await expect(card).toContainText('__stack_pointer ← the linker makes it');

    // Numbers are those of the output.
    await step(page, 'Numbers');
    const main = page.getByRole('row').filter({ hasText: /^main/ });
    await expect(main.locator('.arrived')).toHaveText(String(numbers.get('main') ?? numbers.get('__main_argc_argv')));

    // A relocation: the bytes of the object, those of the output, and the number that both tools know.
    await step(page, 'Relocations');
    const target = (await page.locator('.relocation .note-row .name').first().textContent()) ?? '';
    const [, inObject, at] =
      /Before: (\S+), offset 0x([0-9a-f]+)/.exec((await page.locator('figcaption').first().textContent()) ?? '') ?? [];
    assert.equal(inObject, 'hello.o');
    const offset = parseInt(at ?? '', 16);
    const before = (await page.locator('.byte-row.before code').allTextContents()).join('');
    assert.equal(
      before,
      sample('hello.o')
        .subarray(offset, offset + 5)
        .toString('hex'),
    );
    const module = await downloaded(page);
    const [, to] =
      /After: the output, offset 0x([0-9a-f]+)/.exec((await page.locator('figcaption').last().textContent()) ?? '') ??
      [];
    const after = (await page.locator('.byte-row.after code').allTextContents()).join('');
    assert.equal(after, module.subarray(parseInt(to ?? '', 16), parseInt(to ?? '', 16) + 5).toString('hex'));
    const number = Number((await page.locator('.sum strong').textContent())?.replaceAll(',', ''));
    assert.equal(number, numbers.get(target));
    await expect(lead(page)).toContainText(`is function ${number} of the module`);

    // Each one that can be chosen has an address, which says the same to others.
    const relocations = page.getByRole('combobox', { name: /^Relocation/ });
    const address = page.getByRole('option', { name: /MEMORY_ADDR_SLEB/ }).first();
    await relocations.selectOption((await address.getAttribute('value')) ?? '');
    await expect(page).toHaveURL(/view=story&.*step=relocation/);
    await expect(lead(page)).toContainText('at which address the data would be');
    const told = await lead(page).textContent();
    const there = page.url();
    await page.goto('about:blank');
    await page.goto(there);
    await button(page, 'Open the C sample').click();
    await expect(lead(page)).toHaveText(told ?? '');
    // From there to the instruction in the output.
    await page.locator('figure').last().getByRole('link').click();
    await expect(page.getByRole('grid', { name: 'Instructions and bytes' }).locator('.wanted')).toContainText(
      'i32.const',
    );
    await page.goBack();
    await expect(lead(page)).toHaveText(told ?? '');
  });

  if (testsPull)
    pageTest('tells a link of C++, with its copies of inline functions', async (page) => {
      await button(page, 'Open the C++ sample').click();
      await linked(page);
      const leads = await readAll(page);
      assert.match(leads[0] ?? '', /main\.o offers \d+ names? and needs \d+/);
      await step(page, 'Libraries');
      await expect(page.locator('.archive-shares')).toContainText(/libc\+\+\.a.*of.*members/s);

      // Two objects with a copy of an inline function each.
      const inline = 'inline __attribute__((noinline)) int twice(int x) { return x * 2; }';
      const objects = [
        compileCxx('story-one', `${inline} int other(int); extern "C" int _start() { return twice(3) + other(4); }`),
        compileCxx('story-two', `${inline} int other(int x) { return twice(x); }`),
      ];
      await page.goto(`${server().url}?start=empty#view=story&step=choices`);
      await add(page, objects);
      await expect(lead(page)).toContainText(
        /1 name of this program has more than one definition\. twice\(int\) was taken from story-one\.o, and not from story-two\.o, because the same comdat was linked before/,
      );
      await expect(page.getByRole('row').nth(1)).toContainText(/twice\(int\).*story-one\.o.*story-two\.o/);
    });

  if (testsAll)
    pageTest('tells a link of Rust', async (page) => {
      const rust = button(page, 'Open the Rust sample');
      if ((await rust.count()) === 0) return;
      await rust.click();
      await linked(page);
      await expect(page.getByLabel('Source of words.rs, to be read')).toContainText('fn main()');
      const leads = await readAll(page);
      assert.match(leads[0] ?? '', /words\.o offers/);
      assert.ok(
        leads.every((text) => !text.includes('undefined') && !text.includes('NaN')),
        leads.join('\n'),
      );
    });

  if (testsPull)
    pageTest('tells what was dropped: weak definitions, what is left out, and data', async (page) => {
      const files = [
        compile(
          'story-main',
          `extern int answer(void); extern int table[3];
__attribute__((noinline)) int never(int x) { return x * 41; }
static __attribute__((noinline)) int inner(int x) { return never(x); }
int (*chosen)(void) = answer;
void _start(void) { table[1] = answer() + chosen(); }
int also(void) { return inner(3); }`,
        ),
        compile('story-weak', '__attribute__((weak)) int answer(void) { return 1; } int table[3] = {7, 8, 9};'),
        compile('story-strong', 'int answer(void) { return 42; }'),
      ];
      await add(page, files);
      await linked(page);
      const leads = await readAll(page);
      assert.match(leads[1] ?? '', /No library gave anything/);
      assert.match(
        leads[2] ?? '',
        /answer was taken from story-strong\.o, and not from story-weak\.o, because it is weak/,
      );
      await step(page, 'What stays');
      const rows = page.getByRole('row');
      await expect(rows.filter({ hasText: /^never/ })).toContainText(/only inner refers to it, and was left out too/);
      await expect(rows.filter({ hasText: /^also/ })).toContainText('nothing refers to it');
      // Data refers to the slot of a function: its bytes are a plain number.
      await step(page, 'Relocations');
      const choice = page.getByRole('combobox', { name: /^Relocation/ });
      const slot = page.getByRole('option', { name: /TABLE_INDEX_I32/ }).first();
      await choice.selectOption((await slot.getAttribute('value')) ?? '');
      await expect(lead(page)).toContainText(/answer of story-strong\.o is in slot 1 of the table/);
      await expect(page.locator('.byte-row.after code')).toHaveText(['01', '00', '00', '00']);
      await step(page, 'Addresses');
      const module = await downloaded(page);
      const address = Number(
        (await page
          .getByRole('row')
          .filter({ hasText: /^table/ })
          .locator('.arrived')
          .textContent()) ?? '',
      );
      writeFileSync(path.join(work, 'story-data.wasm'), module);
      const segments = [
        ...run('wasm-objdump', '-x', '-j', 'Data', path.join(work, 'story-data.wasm')).matchAll(
          /size=(\d+) - init i32=(\d+)/g,
        ),
      ];
      assert.ok(
        segments.some(([, size, begin]) => address >= Number(begin) && address + 12 <= Number(begin) + Number(size)),
        String(address),
      );
    });

  pageTest('stands still for who asks for it, and is read on a phone', async (page) => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(`${server().url}?start=empty#view=story&step=relocation`);
    await button(page, 'Show it with the C sample').click();
    await page.setViewportSize({ width: 390, height: 844 });
    await button(page, 'Inspect').click();
    await page.locator('.byte-row.after .changed').first().waitFor();
    const moving = await page.locator('.story').evaluate((story) => story.getAnimations({ subtree: true }).length);
    assert.equal(moving, 0);
    const [wide, tall] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok((wide ?? 0) <= (tall ?? 0), `${wide} pixels wide`);
    await expect(
      page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /Relocations/ }),
    ).toHaveAttribute('aria-current', 'step');
  });

  pageTest('is quick with many objects', async (page) => {
    const count = 400;
    /** @type {import('./harness.mjs').Upload[]} */
    const files = [];
    const object = compile('story-many', 'int base(int x) { return x + 1; }');
    for (let i = 0; i < count; i++) {
      // Names of one length, so that the object stays whole.
      const name = `b${String(i).padStart(3, '0')}`;
      files.push(
        upload(`many-${i}.o`, Buffer.from(object.buffer.toString('latin1').replaceAll('base', name), 'latin1')),
      );
    }
    const calls = files.map((_, i) => `b${String(i).padStart(3, '0')}`);
    const main = compile(
      'story-all',
      `${calls.map((name) => `int ${name}(int);`).join('')} int _start(void) { return ${calls.map((name) => `${name}(1)`).join('+')}; }`,
    );
    await add(page, [main, ...files]);
    await linked(page);
    await view(page, 'Story');
    await lead(page).waitFor();
    for (const name of ['Numbers', 'Relocations', 'What stays', 'Addresses', 'The module']) {
      const begin = Date.now();
      await step(page, name);
      await lead(page).waitFor();
      assert.ok(Date.now() - begin < 10_000, `${name}: ${Date.now() - begin} ms`);
    }
    await step(page, 'Objects');
    await expect(page.getByText(/\d+ more objects .*are linked in the same way/)).toBeVisible();
  });
});
