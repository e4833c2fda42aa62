// @ts-check
// Source, instructions and bytes side by side, against what other tools say of the same files, and the way from a trap to its
// line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { add, browserSuite, button, downloaded, expect, linked, root, sample, upload, work } from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */

const axe = readFileSync(path.join(root, 'web/node_modules/axe-core/axe.min.js'), 'utf8');
/** @param {string} tool @param {string[]} args */
const run = (tool, ...args) => execFileSync(tool, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
/** @param {Page} page @param {string} name */
const view = (page, name) => page.getByRole('tab', { name }).click();
/** @param {Page} page */
const instructions = (page) => page.getByRole('grid', { name: 'Instructions and bytes' });
/** @param {Page} page */
const source = (page) => page.getByRole('listbox', { name: /^Source/ });
/** @param {Page} page @param {string} name */
const choice = (page, name) => page.getByRole('combobox', { name, exact: true });

/** With lines, and without this machine's paths. @param {string} name @param {string} text @param {string[]} flags */
function compileC(name, text, ...flags) {
  writeFileSync(path.join(work, `${name}.c`), text);
  const args = [
    '--target=wasm32-wasi',
    '-O1',
    '-fdebug-compilation-dir=.',
    ...flags,
    '-c',
    `${name}.c`,
    '-o',
    `${name}.o`,
  ];
  execFileSync('clang-19', args, { cwd: work });
  return upload(`${name}.o`, readFileSync(path.join(work, `${name}.o`)));
}

/**
 * Scrolls to an instruction, and waits until it is drawn: until then the grid has the rows of the place before.
 * @param {Page} page
 * @param {number} row from 0
 */
async function scrollTo(page, row) {
  const grid = instructions(page);
  await grid.evaluate((element, top) => element.scrollTo(0, top), 20 * row);
  await expect(grid.locator(`[aria-rowindex="${row + 1}"]`)).toHaveCount(1);
}

/**
 * What the grid shows, all of it: the offset, the bytes and the name of each instruction, and its colour.
 * @param {Page} page
 */
async function shownInstructions(page) {
  /** @type {Map<number, {offset: number, bytes: string, name: string, text: string, tint: string}>} */
  const found = new Map();
  const grid = instructions(page);
  const count = Number(await grid.getAttribute('aria-rowcount'));
  for (let row = 0; row < count; row += 10) {
    await scrollTo(page, row);
    const rows = await grid.getByRole('row').evaluateAll((all) =>
      all.map((row) => ({
        index: Number(row.getAttribute('aria-rowindex')),
        offset: parseInt(row.querySelector('.code-number')?.textContent ?? '', 16),
        bytes: row.querySelector('.code-bytes')?.textContent ?? '',
        text: row.querySelector('.code-text')?.textContent?.trim() ?? '',
        tint: /tint-\d/.exec(row.className)?.[0] ?? '',
      })),
    );
    for (const { index, ...shown } of rows) found.set(index, { ...shown, name: shown.text.split(/\s/)[0] ?? '' });
  }
  assert.equal(found.size, count);
  return [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
}

/**
 * The instructions that wasm-objdump finds.
 * @param {string} file
 * @returns {Map<number, {bytes: string, name: string}>}
 */
function objdump(file) {
  const found = new Map();
  for (const line of run('wasm-objdump', '-d', file).split('\n')) {
    const row = /^ ([0-9a-f]+): ((?:[0-9a-f]{2} )+) *\| *(\S+)/.exec(line);
    if (row?.[1] && row[2] && row[3] && !row[3].startsWith('local['))
      found.set(parseInt(row[1], 16), { bytes: row[2].trim(), name: row[3] });
  }
  return found;
}

/** The rows of the line table. @param {string} file */
function dwarfLines(file) {
  return [...run('llvm-dwarfdump-19', '--debug-line', file).matchAll(/^0x([0-9a-f]{16}) +(\d+) +(\d+) +(\d+) .*$/gm)]
    .filter(([row]) => !row.includes('end_sequence'))
    .map(([, address, line]) => ({ address: parseInt(address ?? '', 16), line: Number(line) }));
}

describe('source, instructions and bytes', { timeout: 900_000 }, () => {
  const { pageTest, server } = browserSuite();

  pageTest('shows what other tools show, and lights what belongs together', async (page) => {
    await button(page, 'Open the C sample').click();
    await linked(page);
    await view(page, 'Code');
    await expect(choice(page, 'File')).toHaveValue('hello.o');
    await expect(page.locator('.code-facts strong')).toHaveText('main');
    await instructions(page).getByText('call').first().waitFor();

    const file = path.join(work, 'code-hello.o');
    writeFileSync(file, sample('hello.o'));
    const expected = objdump(file);
    const [head, ...shown] = await shownInstructions(page);
    assert.ok(head && shown.length > 30);
    for (const { offset, bytes, name } of shown)
      assert.deepEqual({ bytes, name }, expected.get(offset), offset.toString(16));
    // All of the function: the offsets are without a gap, up to the end that objdump has before the next function.
    const offsets = [...expected.keys()].filter((at) => at >= shown[0].offset && at <= (shown.at(-1)?.offset ?? 0));
    assert.deepEqual(
      shown.map(({ offset }) => offset),
      offsets,
    );

    // Each instruction has the colour of its line.
    const codeAt = parseInt(/^ *Code start=0x([0-9a-f]+)/m.exec(run('wasm-objdump', '-h', file))?.[1] ?? '', 16);
    const rows = dwarfLines(file);
    /** @param {number} offset */
    const lineOf = (offset) => rows.filter(({ address }) => address + codeAt <= offset).at(-1)?.line;
    /** @type {Map<number | undefined, string>} */
    const tints = new Map();
    for (const { offset, tint } of shown) {
      const line = lineOf(offset);
      if (line === 0) continue;
      assert.equal(tint, tints.get(line) ?? tint, `${offset.toString(16)} of line ${line}`);
      tints.set(line, tint);
    }
    assert.ok(tints.size > 3);
    await scrollTo(page, 0);
    const text = readFileSync(path.join(root, 'web/samples/hello.c'), 'utf8').split('\n');
    for (const name of ['i32.store', 'call']) {
      const row = instructions(page).getByRole('row').filter({ hasText: name }).first();
      await row.hover();
      const line = lineOf(parseInt((await row.locator('.code-number').textContent()) ?? '', 16));
      assert.ok(line);
      await expect(source(page).locator('.lit')).toHaveText(`${line}${text[line - 1]}`);
      const tint = /tint-\d/.exec((await row.getAttribute('class')) ?? '')?.[0];
      await expect(source(page).locator('.lit')).toHaveClass(new RegExp(`${tint}\\b`));
    }
    // And a line lights its instructions.
    const printing = text.findIndex((line) => line.includes('Hello from')) + 1;
    await source(page).getByRole('option').filter({ hasText: 'Hello from' }).hover();
    const first = shown.find(({ offset }) => lineOf(offset) === printing);
    assert.ok(first);
    await scrollTo(page, Math.max(0, shown.indexOf(first) - 2));
    await expect(instructions(page).locator('.lit').first()).toContainText(first.offset.toString(16));
    await scrollTo(page, 0);

    // A call leads to the function, in the output too, and its bytes are those of the output.
    await page.getByRole('link', { name: 'after the link' }).click();
    await expect(choice(page, 'File')).toHaveValue('(output)');
    await instructions(page).getByText('call').first().waitFor();
    const output = await downloaded(page);
    const linkedRows = await shownInstructions(page);
    assert.deepEqual(
      linkedRows.map(({ name }) => name),
      [head, ...shown].map(({ name }) => name),
    );
    for (const { offset, bytes } of linkedRows)
      if (!bytes.includes('…'))
        assert.equal(
          output.subarray(offset, offset + (bytes.length + 1) / 3).toString('hex'),
          bytes.replaceAll(' ', ''),
        );
    const address = linkedRows.find(({ text }) => text.includes('&.L.str'));
    assert.match(address?.text ?? '', /^i32\.const \d+ = &\.L\.str/);
    await scrollTo(page, 0);
    await instructions(page).getByRole('link', { name: 'qsort' }).click();
    await expect(page.locator('.code-facts strong')).toHaveText('qsort');
    await page.goBack();
    await expect(page.locator('.code-facts strong')).toHaveText('main');
  });

  pageTest('is used with the keyboard, and axe finds nothing', async (page) => {
    await button(page, 'Open the C sample').click();
    await linked(page);
    await view(page, 'Code');
    await instructions(page).getByText('call').first().waitFor();
    await instructions(page).focus();
    for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowDown');
    const active = await instructions(page).getAttribute('aria-activedescendant');
    assert.ok(active);
    const row = page.locator(`#${active}`);
    await expect(row).toHaveClass(/pointed/);
    await expect(source(page).locator('.lit')).toHaveCount(1);
    const offset = (await row.locator('.code-number').textContent()) ?? '';
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`view=code&file=hello\\.o&offset=${offset}\\b`));
    await expect(row).toHaveClass(/wanted/);
    // A line, from the keyboard, leads to its first instruction.
    await source(page).focus();
    await page.keyboard.press('Home');
    const before = page.url();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).not.toBe(before);
    await page.evaluate(axe);
    const faults = await page.evaluate(async () => {
      const { axe } = /** @type {any} */ (globalThis);
      const { violations } = await axe.run('.code-view');
      return violations.map((/** @type {any} */ v) => `${v.id}: ${v.nodes[0].html}`);
    });
    assert.deepEqual(faults, []);
  });

  pageTest('leads from a trap to the line, the instruction and the bytes', async (page) => {
    const text = `static int deep(int *p, int n) {
  if (n > 3)
    __builtin_trap();
  return p[n] + deep(p, n + 1);
}
__attribute__((noinline)) int shallow(int n) {
  int p[9] = {n, 1, 2, 3};
  return deep(p, n) + n;
}
int main(int argc, char **argv) { return shallow(argc); }
`;
    const object = compileC('trapping', text, '-g', '-fno-inline');
    const inputs = ['crt1-command.o', 'libc.a'].map((name) => upload(name, sample(name)));
    await add(page, [object, ...inputs, upload('trapping.c', text)]);
    await linked(page);
    for (const strip of [false, true]) {
      // Without its debug information, the output still has the lines that its objects have.
      if (strip) {
        await page.getByRole('textbox', { name: /More arguments/ }).fill('--strip-debug');
        await expect(page.getByText('running…')).toHaveCount(0);
        await expect(page.locator('.trap')).toHaveCount(0); // linked again
        await linked(page);
      }
      await button(page, 'Run').click();
      await page.getByText('trapped:', { exact: false }).waitFor();
      const frames = page.getByRole('list', { name: 'Where it was' }).getByRole('listitem');
      await expect(frames.first()).toHaveText(/deep\s*trapping\.c:3:\d+/);
      await expect(frames.filter({ hasText: 'shallow' })).toHaveText(/trapping\.c:8:\d+/);
      await expect(frames.filter({ hasText: /^main/ })).toHaveText(/trapping\.c:10:\d+/);
      await expect(page.locator('.trap-line')).toHaveText(/trapping\.c:3\s*__builtin_trap\(\);/);
      await frames.first().getByRole('link').click();
      await expect(source(page).locator('.wanted')).toHaveText('3    __builtin_trap();');
      await expect(instructions(page).locator('.wanted')).toHaveText(/00\s*unreachable/);
      await frames.filter({ hasText: 'shallow' }).getByRole('link').click();
      await expect(source(page).locator('.wanted')).toHaveText(/^8/);
      await expect(instructions(page).locator('.wanted')).toContainText('call deep');
      await page.goBack();
      await expect(source(page).locator('.wanted')).toHaveText(/^3/);
    }
  });

  pageTest('shows sources that are chosen, and says what is missing without lines', async (page) => {
    const text = 'int twice(int x) {\n  return x + x;\n}\n';
    await add(page, [compileC('chosen', text, '-g1'), compileC('plain', 'int thrice(int x) { return x * 3; }\n')]);
    await page.goto(`${server().url}?start=empty#view=code&file=chosen.o`);
    await add(page, [compileC('chosen', text, '-g1'), compileC('plain', 'int thrice(int x) { return x * 3; }\n')]);
    // Its lines are known before their text is.
    await expect(source(page).getByRole('option')).toHaveText([/^1\d+ instructions?$/, /^2\d+ instructions?$/]);
    await page.setInputFiles('#source-text', [upload('chosen.c', text)]);
    await expect(source(page).getByRole('option').nth(1)).toHaveText('2  return x + x;');
    await choice(page, 'File').selectOption('plain.o');
    await page.getByText('Nothing says which lines these instructions come from').waitFor();
    await instructions(page).getByText('i32.mul').waitFor();
    await page.goto(`${server().url}?start=empty#view=code&file=plain.o&offset=4`);
    await page.getByText('There is no function at this offset').waitFor();
  });

  pageTest('knows instructions of vectors, threads and more', async (page) => {
    const text = `#include <wasm_simd128.h>
v128_t mix(v128_t a, v128_t b, int *p) {
  v128_t c = wasm_i8x16_shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  c = wasm_f32x4_add(c, wasm_f32x4_const(1, 2, 3, 4));
  c = wasm_v128_load8_lane(p, c, 3);
  c = wasm_i32x4_relaxed_trunc_f32x4(c);
  __atomic_fetch_add(p, 3, __ATOMIC_SEQ_CST);
  __builtin_memcpy(p, p + 9, p[2]);
  p[1] += (int)*(float *)p;
  return wasm_i32x4_replace_lane(c, 2, wasm_i32x4_extract_lane(a, 1));
}
`;
    const flags = ['-msimd128', '-matomics', '-mbulk-memory', '-mrelaxed-simd', '-mnontrapping-fptoint', '-g1'];
    await add(page, [compileC('vectors', text, ...flags)]);
    await view(page, 'Code');
    await instructions(page).getByText('i8x16.shuffle').waitFor();
    const expected = objdump(path.join(work, 'vectors.o'));
    const [, ...shown] = await shownInstructions(page);
    assert.equal(shown.length, expected.size);
    for (const { offset, name } of shown) assert.equal(name, expected.get(offset)?.name, offset.toString(16));
  });

  pageTest('compiles with lines when it is asked to', async (page) => {
    // Of a program that was compiled without them.
    const text = 'int main(void) {\n  return 0;\n}\n';
    await add(page, [compileC('main', text), upload('main.c', text)]);
    await view(page, 'Code');
    await button(page, 'Compile with -g1').waitFor();
    await expect(page.getByLabel('Compiler flags')).toHaveValue(/-g1/); // what is written here has lines
  });
});
