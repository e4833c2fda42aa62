// @ts-check
// What somebody does who has read nothing: each step is what the page itself offers at that moment.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  add,
  button,
  compile,
  diagnostics,
  expect,
  linked,
  openBrowser,
  prints,
  servePreview,
  upload,
  work,
  write,
} from './harness.mjs';
import { ofPull } from '../support/tier.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const hello =
  'Hello from output.wasm, linked in this page.\n10 relocation\n 7 archive\n 6 object\n 6 symbol\n 6 module\n';
const trapping = `volatile int sink;
__attribute__((noinline)) static int divide(int a, int b) {
  return a / b;
}
__attribute__((noinline)) static void big(void) {
${Array.from({ length: 120 }, (_, i) => `  sink = sink * ${i + 3} + ${i};`).join('\n')}
}
void _start(void) {
  big();
  sink = divide(100, sink - sink);
}
`;

/** A module that another linker made, with debug information. */
function finished() {
  writeFileSync(path.join(work, 'trapping.c'), trapping);
  const flags = ['--target=wasm32', '-O1', '-g', '-fdebug-compilation-dir=.'];
  execFileSync('clang-19', [...flags, '-c', 'trapping.c', '-o', 'trapping.o'], { cwd: work });
  execFileSync('wasm-ld-19', ['-o', 'trapping.wasm', 'trapping.o'], { cwd: work });
  return upload('trapping.wasm', readFileSync(path.join(work, 'trapping.wasm')));
}

/** The size of a function's body by wabt, with the field of its size before it. @param {string} name */
function sizeInFile(name) {
  const text = execFileSync('wasm-objdump', ['-x', '-j', 'Code', 'trapping.wasm'], { cwd: work, encoding: 'utf8' });
  const body = Number(new RegExp(`size=(\\d+) <${name}>`).exec(text)?.[1]);
  return body + (body < 128 ? 1 : 2);
}

describe('somebody who is new', { timeout: 900_000, ...ofPull }, () => {
  const open = () => openBrowser(servePreview);
  /** @type {Awaited<ReturnType<typeof open>>} */
  let opened;
  before(async () => void (opened = await open()));
  after(async () => {
    await opened?.browser.close();
    opened?.server.close();
  });

  /** @param {(page: Page) => Promise<void>} act */
  async function visit(act) {
    const context = await opened.newContext({
      viewport: { width: 1280, height: 800 },
      serviceWorkers: 'block',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(60_000);
      await page.goto(opened.server.url);
      await prints(page, hello);
      await act(page);
    } finally {
      await context.close();
    }
  }

  test('shares what is seen, sees what is biggest in a module, and which line traps', () =>
    visit(async (page) => {
      // Two clicks: the strip, which opens the sizes, and the button.
      await page.getByRole('link', { name: 'Whose the output’s bytes are' }).click();
      await button(page, 'Share as a link').click();
      await expect(page.getByRole('banner')).toContainText('Copied a link');
      const link = await page.evaluate(() => navigator.clipboard.readText());
      await page.goto('about:blank');
      await page.goto(link);
      await expect(page.getByRole('tab', { name: 'Size' })).toHaveAttribute('aria-selected', 'true');
      await page.getByRole('region', { name: 'Size', exact: true }).getByText('printf').first().waitFor();

      // Nothing to click: dropping the module is enough. Debug information is told apart.
      await add(page, [finished()]);
      const size = page.getByRole('region', { name: 'Size', exact: true });
      const biggest = size.locator('.headline');
      await expect(biggest).toHaveText(/^big costs .*trapping\.c → _start → big$/);
      await expect(size.getByText(/^Debug information is/)).toBeVisible();
      const bytes = sizeInFile('big').toLocaleString('en');
      await expect(biggest.locator('strong').last()).toHaveAttribute('title', `${bytes} bytes`);
      await expect(size.locator('.leaf').filter({ hasText: '.debug' })).not.toHaveCount(0);
      await size.getByRole('checkbox', { name: 'Debug' }).uncheck();
      await expect(size.locator('.leaf').filter({ hasText: '.debug' })).toHaveCount(0);

      // Two clicks: the button, and the innermost place.
      await button(page, 'Run').click();
      await page.getByText('trapped: divide by zero').waitFor();
      const place = page.getByRole('list', { name: 'Where it was' }).getByRole('listitem').first();
      await expect(place).toHaveText(/^divide trapping\.c:3:\d+/);
      await place.getByRole('link').click();
      await expect(page.getByRole('listbox', { name: /^Source/ }).locator('.wanted')).toContainText('3');
      await expect(page.getByRole('grid', { name: 'Instructions and bytes' }).locator('.wanted')).toContainText(
        'i32.div_s',
      );
    }));

  test('mends a symbol that is missing', () =>
    visit(async (page) => {
      const main = compile('calling', 'int helper(int); int main(void) { return helper(1) - 3; }');
      await add(page, [main]);
      await expect(diagnostics(page).filter({ hasText: 'helper' })).toHaveCount(1);
      // One click: what is missing of C is offered. The other object is dropped.
      await button(page, 'Add crt1 + libc + builtins').click();
      await expect(diagnostics(page)).toHaveCount(1);
      await expect(diagnostics(page)).toContainText('add the object or library that defines it');
      await add(page, [compile('helper', 'int helper(int n) { return n + 2; }')]);
      await linked(page);
      await button(page, 'Run').click();
      await page.getByText('exit code 0').waitFor();
    }));

  test('edits a program of C and runs it', () =>
    visit(async (page) => {
      await write(page, 'hello.c', '#include <stdio.h>\nint main(void) { puts("edited"); }\n');
      await button(page, 'Compile, link, run').click();
      await prints(page, 'edited\n');
      assert.match(await page.locator('.times').innerText(), /compiled .*linked .*ran/s);
    }));
});
