// @ts-check
// Programs and exports that run in the page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe } from 'node:test';
import { add, browserSuite, button, compile, expect, linked, prints, sample, upload } from './harness.mjs';

const around = () => [
  upload('crt1-command.o', sample('crt1-command.o')),
  upload('libc.a', sample('libc.a')),
  upload('builtins.a', sample('libclang_rt.builtins-wasm32.a')),
];
/** @param {import('./harness.mjs').Page} page @param {string} name @param {string} source @param {string} exported */
async function library(page, name, source, exported) {
  await page.getByLabel('No entry: a library').check();
  await page.getByRole('textbox', { name: 'Exports' }).fill(exported);
  await add(page, [compile(name, source)]);
  await linked(page);
}

describe('run', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('gives a program its standard input and files, and gives back what it writes', async (page) => {
    const source = `#include <stdio.h>
      int main(void) {
        char line[64], word[64];
        FILE *in = fopen("given.txt", "r"), *out = fopen("made.txt", "w");
        if (!in || !out) return 3;
        fgets(line, sizeof line, stdin);
        fgets(word, sizeof word, in);
        fprintf(out, "%s%s", line, word);
        printf("read %s", line);
        return 0; }`;
    await add(page, [...around(), compile('files', source)]);
    await linked(page);
    await page.getByText('Standard input and files').click();
    await page.getByRole('textbox', { name: 'Standard input' }).fill('from stdin\n');
    await page.setInputFiles('#program-files', [upload('given.txt', 'from a file\n')]);
    await page.getByText('given.txt').waitFor();
    await button(page, 'Run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, 'read from stdin\n');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download made.txt').click()]);
    assert.equal(readFileSync(await download.path(), 'utf8'), 'from stdin\nfrom a file\n');
  });

  pageTest('calls exports with numbers of every type, and keeps the module between calls', async (page) => {
    const source = `static int count;
      int next(void) { return ++count; }
      long long wide(long long a, int b) { return a * b; }
      double half(double x) { return x / 2; }
      float third(float x) { return x / 3; }
      void nothing(void) {}
      int broken(void) { __builtin_trap(); }`;
    await library(page, 'exports', source, 'next wide half third nothing broken');
    const calls = page.getByRole('list', { name: 'Calls' });
    await button(page, 'Call next').click();
    await calls.getByText('= 1', { exact: true }).waitFor();
    await button(page, 'Call next').click();
    await calls.getByText('= 2', { exact: true }).waitFor();
    await page.getByText('(i64, i32) → i64').waitFor();
    await page.getByLabel('wide: argument 1, i64').fill('4611686018427387904');
    await page.getByLabel('wide: argument 2, i32').fill('-1');
    await button(page, 'Call wide').click();
    await calls.getByText('= -4611686018427387904', { exact: true }).waitFor();
    await page.getByLabel('half: argument 1, f64').fill('-1e308');
    await button(page, 'Call half').click();
    await calls.getByText('= -5e+307', { exact: true }).waitFor();
    await page.getByLabel('third: argument 1, f32').fill('inf');
    await button(page, 'Call third').click();
    await calls.getByText('= Infinity', { exact: true }).waitFor();
    await button(page, 'Call nothing').click();
    await calls.getByText('returned').waitFor();
    await button(page, 'Call broken').click();
    await calls.getByText('trapped: unreachable').waitFor();
    await page.getByLabel('wide: argument 2, i32').fill('4294967296'); // no i32
    await expect(button(page, 'Call wide')).toHaveAttribute('aria-disabled', 'true');
    await button(page, 'Start over').click();
    await button(page, 'Call next').click();
    await calls.getByText('= 1', { exact: true }).waitFor();
  });

  pageTest('stops a call that does not return', async (page) => {
    await library(page, 'endless', 'void endless(void) { for (volatile int i = 0;; i++); }', 'endless');
    await button(page, 'Call endless').click();
    await page.getByText('running…').waitFor();
    await button(page, 'Stop').click();
    await page.getByRole('list', { name: 'Calls' }).getByText('stopped').waitFor();
  });

  pageTest(
    'gives a module the memory that it imports, and says which function is missing when it is called',
    async (page) => {
      await page.getByLabel('Import the memory').check();
      await page.getByLabel('Import undefined functions').check();
      await library(
        page,
        'asks',
        'int missing(void); static int cell = 5; int get(void) { return cell++; } int ask(void) { return missing(); }',
        'get ask',
      );
      await button(page, 'Call get').click();
      await page.getByText('= 5', { exact: true }).waitFor();
      await button(page, 'Call ask').click();
      await page.getByText('it called env.missing, which this page does not have').waitFor();
    },
  );

  pageTest('runs a command whose memory is imported', async (page) => {
    await page.getByLabel('Import the memory').check();
    await add(page, [
      ...around(),
      compile(
        'imports',
        '#include <stdio.h>\nint main(void) { printf("in %d pages\\n", (int)__builtin_wasm_memory_size(0) > 0); return 4; }',
      ),
    ]);
    await linked(page);
    await button(page, 'Run').click();
    await page.getByText('exit code 4').waitFor();
    await prints(page, 'in 1 pages\n');

    // With a function that is not here, it can still be called.
    await page.getByLabel('Import undefined functions').check();
    await add(page, [
      compile('imports', 'int missing(void); int main(int argc, char **argv) { return argc > 9 ? missing() : 5; }'),
    ]);
    await page.getByText('It imports env.missing, which this page does not provide').waitFor();
    await button(page, 'Call _start').click();
    await page.getByText('it ended with exit code 5').waitFor();
  });

  pageTest('starts a reactor before its exports are called', async (page) => {
    const source = `static int ready; __attribute__((constructor)) static void start(void) { ready = 11; }
      void __wasm_call_ctors(void);
      __attribute__((export_name("_initialize"))) void initialize(void) { __wasm_call_ctors(); }
      int state(void) { return ready; }`;
    await library(page, 'reactor', source, 'state');
    await button(page, 'Call state').click();
    await page.getByText('= 11', { exact: true }).waitFor();
  });
});
