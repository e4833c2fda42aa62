// @ts-check
// The form of options against the package's own: every option is in it, and means what the package takes it to mean.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { add, browserSuite, button, compile, expect, linked, linkNatively, sample, upload } from './harness.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const web = path.join(root, 'web');

describe('options', () => {
  /** @type {any} */
  let form;
  /** @type {any} */
  let contract;

  before(async () => {
    execFileSync(process.execPath, ['option_table.mjs'], { cwd: web });
    const { build } = await import(pathToFileURL(path.join(web, 'node_modules/vite/dist/node/index.js')).href);
    /** @param {string} of the folder of the page or of the package */
    const built = async (of) => {
      const outDir = path.join(root, 'build/browser/options', of);
      const lib = {
        entry: path.join(root, of, 'src/options.ts'),
        formats: /** @type {['es']} */ (['es']),
        fileName: 'options',
      };
      await build({
        configFile: false,
        logLevel: 'silent',
        root: web,
        build: { outDir, emptyOutDir: true, minify: false, lib },
      });
      return import(pathToFileURL(path.join(outDir, 'options.js')).href);
    };
    form = await built('web');
    contract = await built('js');
  });

  test('has all of the package', () => {
    const names = form.options
      .map((/** @type {any} */ o) => o.name)
      .filter((/** @type {string} */ name) => name !== 'noEntry');
    assert.deepEqual(names.sort(), [...contract.optionNames].sort());
    for (const { name, help, label, group } of form.options) assert.ok(help.length > 10 && label && group, name);
  });

  test('is explained in words of the form, not of the package', () => {
    for (const { name, help } of form.options)
      assert.doesNotMatch(help, /\b(?:true|false|of files)\b|'[\w-]+'|\b[a-z]+[A-Z]\w*|[{}`]|a\.out/, name);
    const helpOf = (/** @type {string} */ wanted) =>
      form.options.find((/** @type {any} */ o) => o.name === wanted).help;
    assert.equal(helpOf('allowUndefined'), 'Same as --import-undefined with --unresolved-symbols=ignore-all.');
    assert.match(helpOf('logOverride'), /undefined-symbol=warning/);
    assert.notEqual(helpOf('noEntry'), helpOf('entry'));
  });

  test('leaves out the inputs that a line names', () => {
    const inputs = new Map([
      ['a.o', undefined],
      ['lib c.a', undefined],
      ['d.a', undefined],
      ['f', undefined],
    ]);
    const values = form.valuesOf(
      form.words(`-e f a.o --whole-archive 'lib c.a' --no-whole-archive -o x.wasm d.a other.o`),
      inputs,
    );
    assert.deepEqual(values, { more: 'other.o', entry: 'f', outputName: 'x.wasm' });
    assert.deepEqual(
      [...inputs],
      [
        ['a.o', false],
        ['lib c.a', true],
        ['d.a', false],
        ['f', undefined],
      ],
    );
  });

  /** Values that the form can have, and the package's for the same. @param {any} o @returns {[string | boolean, unknown][]} */
  function examples(o) {
    if (o.name === 'noEntry' || o.name === 'metafile') return [];
    if (o.name === 'logOverride') return [['a=error b=silent', { a: 'error', b: 'silent' }]];
    if (o.kind === 'flag')
      return [[true, true], ...(o.off ? [/** @type {[boolean, boolean]} */ ([false, false])] : [])];
    if (o.kind === 'flag-or-text')
      return [[true, true], ['one', 'one'], ...(o.off ? [/** @type {[boolean, boolean]} */ ([false, false])] : [])];
    if (o.kind === 'number')
      return [
        ['64K', 65536],
        ['7', 7],
      ];
    if (o.kind === 'list')
      return [
        ['one', 'one'],
        ['one two', ['one', 'two']],
      ];
    if (o.name === 'optimize')
      return [
        ['0', 0],
        ['2', 2],
        ['z', 'size'],
      ];
    if (o.kind === 'choice') return o.choices.map((/** @type {string} */ choice) => [choice, choice]);
    return [['one', 'one']];
  }

  test('gives the arguments that the package gives', () => {
    for (const option of form.options)
      for (const [value, typed] of examples(option))
        assert.deepEqual(
          form.argsOfOne(option, value),
          contract.argsOfOptions({ [option.name]: typed }),
          `${option.name} ${value}`,
        );
    assert.deepEqual(
      form.argsOfOne(
        form.options.find((/** @type {any} */ o) => o.name === 'metafile'),
        'm.json',
      ),
      ['--metafile=m.json'],
    );
    assert.deepEqual(form.argsOf({ noEntry: true, entry: 'f' }), [
      '-o',
      'output.wasm',
      ...contract.argsOfOptions({ entry: false }),
    ]);
  });

  test('is read back from the arguments', () => {
    for (const option of form.options)
      for (const [, typed] of examples(option)) {
        const args = contract.argsOfOptions({ [option.name]: typed });
        const values = form.valuesOf(args);
        assert.equal(values.more, '', `${option.name}: ${args}`);
        const again = form.argsOf(values).slice(option.name === 'outputName' ? 0 : 2);
        assert.deepEqual(again, args, option.name);
      }
  });

  test('keeps what it does not know, in order', () => {
    const line = `-o 'a b.wasm' --export f --why-live=x -e main --foo 'two words' -u g --no-gc-sections --strip-all --unresolved-symbols=odd`;
    const values = form.valuesOf(form.words(line));
    assert.deepEqual(values, {
      more: "--why-live=x --foo 'two words' --unresolved-symbols=odd",
      outputName: 'a b.wasm',
      export: 'f',
      entry: 'main',
      undefined: 'g',
      gcSections: false,
      stripAll: true,
    });
    assert.deepEqual(form.valuesOf(form.argsOf(values)), values);
  });

  test('reads quotes as a shell does', () => {
    for (const word of ["it's", 'a b', '"', '\\', '$(x)', 'ü', "'\\''"])
      assert.deepEqual(form.words(form.quoted(word)), [word]);
  });

  test('is found by words of its name, flag and help', () => {
    const found = (/** @type {string} */ search) =>
      form.options.filter((/** @type {any} */ o) => form.matches(o, search)).map((/** @type {any} */ o) => o.name);
    assert.deepEqual(found('identical bodies'), []);
    assert.deepEqual(found('equal bodies'), ['icf']);
    assert.ok(found('--no-gc').includes('gcSections') && found('STACK').includes('stackFirst'));
  });
});

describe('the form of options', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('is searched', async (page) => {
    const options = page.locator('form.options');
    await page.getByRole('searchbox', { name: 'Search the options' }).fill('why');
    await page.getByText('1 option found').waitFor();
    await options.getByRole('textbox', { name: /^Why extract/ }).waitFor();
    await expect(options.getByRole('checkbox')).toHaveCount(0);
    await page.getByRole('searchbox').fill('--wrap=');
    await options.getByText('Calls of NAME go to __wrap_NAME').waitFor();
  });

  pageTest('follows the line, and the link both', async (page) => {
    const object = compile('line', 'int first(void) { return 1; } int second(void) { return 2; }');
    await add(page, [object]);
    await button(page, 'Edit the line').click();
    const line = page.getByRole('textbox', { name: 'Command line without the inputs' });
    await line.fill(
      'wasm-ld-19 --no-entry --export=first --export second -z stack-size=131072 --Bstatic --page-size=65536 --no-gc-sections',
    );
    await linked(page);
    await expect(page.getByLabel('No entry: a library')).toBeChecked();
    await expect(page.getByRole('textbox', { name: /^Exports/ })).toHaveValue('first second');
    await expect(page.getByLabel('Stack -z stack-size=')).toHaveValue('131072');
    await expect(page.getByLabel('Remove unused code')).not.toBeChecked();
    await expect(page.getByLabel('More arguments')).toHaveValue('--Bstatic');
    await page.getByText(/^1 of \d+ set$/).waitFor(); // --page-size is in a group that is closed
    await button(page, 'Done').click();
    await page.getByLabel('Stack -z stack-size=').fill('1M');
    await page.getByLabel('More arguments').fill('');
    const args = [
      '--export=first',
      '--export=second',
      '--no-entry',
      '-z',
      'stack-size=1048576',
      '--no-gc-sections',
      '--page-size=65536',
    ];
    await page.getByLabel('The same in a terminal').getByText(args.slice(0, 5).join(' ')).waitFor();
    const expected = linkNatively([object], args);
    await page.getByRole('tab', { name: 'Output' }).click();
    await page.getByText(`${expected.length.toLocaleString('en')} bytes`).waitFor();
  });

  pageTest('takes a whole line back, and shows in it what the form changes', async (page) => {
    await add(page, [compile('whole', 'int first(void) { return 1; }'), upload('libc.a', sample('libc.a'))]);
    await page.getByLabel('No entry: a library').check();
    await button(page, 'About libc.a').click();
    await page.getByLabel('Link the whole of libc.a').check();
    const shown = page.getByLabel('The same in a terminal');
    const line = 'weld -o output.wasm --no-entry whole.o --whole-archive libc.a --no-whole-archive';
    await expect(shown).toHaveText(line);
    await page.getByLabel('Link the whole of libc.a').uncheck();
    await button(page, 'Edit the line').click();
    const box = page.getByRole('textbox', { name: 'Command line without the inputs' });
    await box.fill(line);
    await expect(shown).toHaveText(line);
    await expect(page.getByLabel('Link the whole of libc.a')).toBeChecked();
    await expect(page.getByLabel('More arguments')).toHaveValue('');
    await expect(box).toHaveValue(line); // what is typed stays

    await page.getByRole('textbox', { name: 'Exports' }).fill('first');
    await expect(box).toHaveValue('-o output.wasm --export=first --no-entry');
    await box.press('End');
    await box.pressSequentially(' --strip-all');
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('first');
    await expect(shown).toHaveText(/--export=first .*--strip-all/);
  });

  pageTest('links again only when the arguments are others', async (page) => {
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('same');
    await add(page, [compile('same', 'int same(void) { return 6; }')]);
    await linked(page);
    await button(page, 'Call same').click();
    const calls = page.getByRole('list', { name: 'Calls' });
    await calls.getByText('= 6', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Exports' }).fill('same ');
    await page.getByLabel('More arguments').fill(' ');
    await page.waitForTimeout(1000);
    await expect(calls.getByText('= 6', { exact: true })).toBeVisible();
    await page.getByLabel('More arguments').fill('--strip-all');
    await expect(calls.getByText('= 6', { exact: true })).toHaveCount(0);
  });
});
