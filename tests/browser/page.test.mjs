// @ts-check
// The page in Chromium, as a person uses it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import {
  add,
  browserSuite,
  button,
  compile,
  diagnostics,
  downloaded,
  editorOf,
  expect,
  inputNames,
  linked,
  linkNatively,
  prints,
  sample,
  upload,
  work,
} from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const sampleNames = ['crt1-command.o', 'hello.o', 'libc.a', 'libclang_rt.builtins-wasm32.a'];
const sampleText =
  'Hello from output.wasm, linked in this page.\n10 relocation\n 7 archive\n 6 object\n 6 symbol\n 6 module\n';
const sampleUploads = () => sampleNames.map((name) => upload(name, sample(name)));

describe('the page', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  /** @param {Page} page @param {string} name */
  const view = (page, name) => page.getByRole('tab', { name }).click();

  pageTest('fetches nothing but itself until it is asked to', async (page) => {
    await page.getByText('weld 0.', { exact: false }).waitFor(); // the worker has the linker
    await expect(page.locator('header')).toHaveText(/Nothing is uploaded/);
    assert.deepEqual(
      server().requests.filter((name) => name.includes('samples')),
      [],
    );
    assert.deepEqual(server().missing, []);
  });

  pageTest('links the sample and runs it', async (page) => {
    await button(page, 'Open the C sample').click();
    await linked(page);
    await button(page, 'Run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, sampleText);
    await view(page, 'Output');
    const sections = page.getByRole('table', { name: 'Sections' });
    for (const name of ['type', 'code', 'data']) await sections.getByRole('rowheader', { name, exact: true }).waitFor();
    await page.getByRole('region', { name: 'Imports' }).getByText('fd_write').waitFor();
    await page.getByRole('region', { name: 'Exports' }).getByText('_start').waitFor();
  });

  pageTest('gives the bytes of the native linker', async (page) => {
    await add(page, sampleUploads());
    await linked(page);
    assert.ok((await downloaded(page)).equals(linkNatively(sampleUploads())), 'they differ without options');

    await page.getByLabel('Stack -z stack-size=').fill('128K');
    await page.getByLabel('Remove debug information').check();
    await page.getByLabel('Remove unused code').uncheck();
    await page.getByLabel('More arguments').fill('--export-dynamic --initial-memory=1048576');
    const args = [
      '-z',
      'stack-size=131072',
      '--strip-debug',
      '--no-gc-sections',
      '--export-dynamic',
      '--initial-memory=1048576',
    ];
    await page.getByLabel('The same in a terminal').getByText(args.join(' ')).waitFor();
    const expected = linkNatively(sampleUploads(), args);
    await view(page, 'Output');
    await page.getByText(`${expected.length.toLocaleString('en')} bytes`).waitFor();
    await view(page, 'Overview');
    assert.ok((await downloaded(page)).equals(expected), 'they differ with options');
  });

  pageTest('says what is wrong with a file, and goes on', async (page) => {
    await add(page, [upload('notes.txt', 'just a note\n')]);
    await page.getByText('Not linked: 1 error').waitFor();
    await expect(diagnostics(page).first()).toHaveText(/it is text.*notes\.txt/);
    await button(page, 'Remove notes.txt').click();
    await page.getByText('Drop objects and archives').waitFor();

    await add(page, [upload('cut.o', sample('hello.o').subarray(0, 700))]);
    await diagnostics(page).getByText('cut.o').first().waitFor();
    await button(page, 'Remove all').click();

    await add(page, sampleUploads());
    await linked(page);
  });

  pageTest('what one is about to click stays where it is while links come and go', async (page) => {
    const places = () =>
      page.getByRole('tab').evaluateAll((tabs) =>
        tabs.map((tab) => {
          const { x, y } = tab.getBoundingClientRect();
          return [Math.round(x + scrollX), Math.round(y + scrollY)];
        }),
      );
    for (const size of [
      { width: 1280, height: 800 },
      { width: 390, height: 844 },
    ]) {
      await page.setViewportSize(size);
      if (size.width < 700) await page.getByRole('navigation', { name: 'Places' }).getByText('Inspect').click();
      await expect(page.getByText('Nothing is linked yet')).toBeVisible();
      const before = await places();
      await add(page, [upload('hello.o', sample('hello.o'))]);
      await expect(page.getByText('Not linked')).toBeVisible();
      assert.deepEqual(await places(), before);
      await add(page, sampleUploads());
      await linked(page);
      await expect(page.locator('.result-bar .strip .part').first()).toBeVisible();
      assert.deepEqual(await places(), before);
      if (size.width < 700) await page.getByRole('navigation', { name: 'Places' }).getByText('Source').click();
      await button(page, 'Remove all').click();
    }
  });

  pageTest('takes a new version of a file in the place of the old one', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(page, [
      compile('half', 'int missing(void); int half(void) { return missing(); }'),
      compile('other', 'int other;'),
    ]);
    await page.getByRole('textbox', { name: 'Exports' }).fill('half');
    await diagnostics(page).getByText('undefined-symbol', { exact: true }).waitFor();
    await add(page, [compile('half', 'int half(void) { return 21; }')]);
    await linked(page);
    await expect(inputNames(page)).toHaveText(['half.o', 'other.o']);
  });

  pageTest('shows an undefined symbol with its place, and takes the option that allows it', async (page) => {
    await add(page, [compile('needs', 'int missing(void); int caller(void) { return missing(); }')]);
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('caller');
    const error = diagnostics(page).filter({ hasText: 'undefined-symbol' });
    await expect(error).toHaveText(
      /undefined symbol `missing`.*needs\.o, in caller, section CODE, offset 0x[0-9a-f]+/s,
    );
    await page.getByLabel('Import undefined functions').check();
    await linked(page);
    await page.getByText('so it is not a WASI command').waitFor();
    await view(page, 'Output');
    const imports = page.getByRole('region', { name: 'Imports' });
    await expect(imports).toHaveText(/from env.*missing/s);
  });

  pageTest('changes the order of inputs', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await add(
      page,
      ['a', 'b', 'c'].map((name) => compile(name, `int ${name}(void) { return 1; }`)),
    );
    await button(page, 'Move c.o up').click();
    await expect(inputNames(page)).toHaveText(['a.o', 'c.o', 'b.o']);
    await page
      .getByRole('listitem')
      .filter({ hasText: 'a.o' })
      .first()
      .dragTo(page.getByRole('listitem').filter({ hasText: 'b.o' }).first());
    await expect(inputNames(page)).toHaveText(['c.o', 'b.o', 'a.o']);
    await page.getByLabel('The same in a terminal').getByText('c.o b.o a.o').waitFor();
  });

  pageTest('takes files that are dropped anywhere', async (page) => {
    const { name, buffer } = compile('dropped', 'int dropped(void) { return 1; }');
    const transfer = await page.evaluateHandle(
      ({ name, bytes }) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name));
        return data;
      },
      { name, bytes: [...buffer] },
    );
    await page.dispatchEvent('footer', 'dragover', { dataTransfer: transfer });
    await page.dispatchEvent('footer', 'drop', { dataTransfer: transfer });
    await button(page, 'Remove dropped.o').waitFor();
  });

  pageTest('adds of a folder what can be linked', async (page) => {
    const folder = path.join(work, 'folder');
    mkdirSync(path.join(folder, 'sub'), { recursive: true });
    writeFileSync(path.join(folder, 'sub/one.o'), compile('one', 'int one(void) { return 1; }').buffer);
    writeFileSync(path.join(folder, 'sub/one.c'), 'int one(void) { return 1; }');
    await page.setInputFiles('#folder', folder);
    await button(page, 'Remove folder/sub/one.o').waitFor();
    await page.getByText('left out 1').waitFor();
    await expect(page.locator('.inputs li')).toHaveCount(1);
  });

  pageTest('shows hostile names as text, written out and clipped', async (page) => {
    await page.getByLabel('No entry: a library').check();
    const markup = `<img src=x onerror=alert(1)>`;
    const long = 'long'.repeat(55);
    await add(page, [upload(`${markup}\u202Egnp.txt`, '<script>alert(1)</script>'), upload(long, 'text')]);
    await diagnostics(page).getByText('it is text').first().waitFor();
    await expect(page.locator('main img, main script')).toHaveCount(0);
    await expect(inputNames(page).first()).toHaveText(`${markup}\\u{202e}gnp.txt`);
    await expect(diagnostics(page).first()).toHaveText(/<img src=x onerror=alert\(1\)>\\u\{202e\}gnp\.txt/);

    // Names inside: an export made of markup, one of fifty thousand letters.
    await button(page, 'Remove all').click();
    await page.getByLabel('No entry: a library').check();
    const source = `int a(void) __asm__("<b>bold</b>"); int a(void) { return 1; }
      int b(void) __asm__("${'n'.repeat(50_000)}"); int b(void) { return 2; }
      __attribute__((export_name("<i>\u202Eitalic"))) int c(void) { return a() + b(); }`;
    await add(page, [compile('hostile', source)]);
    await page.getByLabel('More arguments').fill('--export-all');
    await linked(page);
    await view(page, 'Output');
    const exports = page.getByRole('region', { name: 'Exports' });
    await exports.getByText('<b>bold</b>').waitFor();
    await exports.getByText('<i>\\u{202e}italic').waitFor();
    await expect(exports.locator('b, i')).toHaveCount(0);
    assert.ok(((await exports.getByText('nnnnn').textContent()) ?? '').length < 300);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1280);
  });

  pageTest('shows what a program prints on both streams, its exit code, its arguments', async (page) => {
    const source = `#include <stdio.h>
      int main(int argc, char **argv) { printf("%s\\n", argv[1]); fprintf(stderr, "oh\\n"); return argc + 5; }`;
    await add(page, [
      upload('crt1-command.o', sample('crt1-command.o')),
      compile('args', source),
      upload('libc.a', sample('libc.a')),
    ]);
    await linked(page);
    await page.getByLabel('Arguments', { exact: true }).fill('"two words" next');
    await button(page, 'Run').click();
    await page.getByText('exit code 8').waitFor();
    await expect.poll(() => page.locator('.console .err').textContent()).toBe('oh\n');
    await expect(page.getByLabel('What the program printed').getByText('two words\n')).toBeVisible();
  });

  pageTest('stops a program that does not end, and says why one trapped', async (page) => {
    const crt = upload('crt1-command.o', sample('crt1-command.o'));
    const libc = upload('libc.a', sample('libc.a'));
    await add(page, [
      crt,
      compile('program', '#include <stdio.h>\nint main(void) { puts("on"); fflush(stdout); for (;;); }'),
      libc,
    ]);
    await linked(page);
    await button(page, 'Run').click();
    await page.getByLabel('What the program printed').getByText('on', { exact: true }).waitFor();
    await button(page, 'Stop').click();
    await page.getByText('stopped').waitFor();

    await add(page, [compile('program', 'int main(void) { __builtin_trap(); }')]);
    await page.getByText('stopped').waitFor({ state: 'hidden' });
    await button(page, 'Run').click();
    await page.getByText('trapped: unreachable').waitFor();
  });

  pageTest('can be used with the keyboard alone', async (page) => {
    /** @param {string | RegExp} name */
    const tabTo = async (name) => {
      for (let i = 0; i < 160; i++) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus').last(); // of an editor, what is in its shadow
        if ((await focused.count()) === 0) continue;
        const text = await focused.evaluate(
          (e) => e.getAttribute('aria-label') ?? (e.closest('label') ?? e).textContent ?? '',
        );
        if (typeof name === 'string' ? text.trim() === name : name.test(text)) return;
      }
      assert.fail(`Tab never reaches ${name}`);
    };
    await tabTo('Open the C sample');
    await page.keyboard.press('Enter');
    await linked(page);
    await tabTo('Move hello.o down');
    await page.keyboard.press('Enter');
    await expect(inputNames(page)).toHaveText(['crt1-command.o', 'libc.a', 'hello.o']);
    await page.keyboard.press('Shift+Tab'); // focus went with the row: `Move up` is before
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(inputNames(page)).toHaveText(['hello.o', 'crt1-command.o', 'libc.a']);
    await tabTo(/^More arguments/);
    await page.keyboard.type('--strip-all');
    await page.getByLabel('The same in a terminal').getByText('--strip-all').waitFor();
    await tabTo('Overview');
    await page.keyboard.press('End');
    await page.getByRole('rowheader', { name: 'code', exact: true }).waitFor();
    await page.getByRole('rowheader', { name: 'name', exact: true }).waitFor({ state: 'hidden' });
    await page.keyboard.press('Home');
    await tabTo('Download');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    assert.equal(download.suggestedFilename(), 'output.wasm');
    await tabTo('Run');
    await page.keyboard.press('Enter');
    await page.getByText('exit code 0').waitFor();
  });

  pageTest(
    'fits a phone',
    async (page) => {
      const fits = async () => {
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= 400, `the page is ${width} pixels wide`);
      };
      await button(page, 'Open the C sample').click();
      await page.getByText('exit code 0').waitFor(); // where the program runs is what is seen
      await fits();
      await button(page, 'Source').click();
      await editorOf(page, 'hello.c').waitFor();
      await fits();
      await button(page, 'Inspect').click();
      await linked(page);
      await fits();
    },
    { width: 400 },
  );
});
