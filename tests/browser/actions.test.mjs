// @ts-check
// What a diagnostic offers to click helps: every action of every diagnostic is clicked.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleBytes } from '../support/bytes.mjs';
import { testsAll } from '../support/tier.mjs';
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
  root,
  sample,
  upload,
  work,
} from './harness.mjs';

/** @typedef {import('./harness.mjs').Page} Page */
/** @typedef {import('./harness.mjs').Upload} Upload */
/**
 * @typedef {object} Case
 * @property {string} id
 * @property {string} [about] Of several with one id.
 * @property {() => Upload[]} inputs
 * @property {string} [args]
 * @property {Record<string, string>} offers What is offered, and what is said when it was clicked: `linked`, or what is wrong
 * then. A button that ends in `…` asks for files.
 */

/** @param {string} name @param {string} compiler @param {string} source @param {string[]} flags */
function compileAs(name, compiler, source, ...flags) {
  const file = path.join(work, 'actions', name);
  mkdirSync(path.dirname(file), { recursive: true });
  execFileSync(compiler, ['-O1', '-c', '-o', file, ...flags, '-'], { input: source });
  return upload(name, readFileSync(file));
}
/** @param {string} name @param {string} source @param {string[]} flags */
const c = (name, source, ...flags) => compileAs(name, 'clang-19', source, '--target=wasm32-wasi', ...flags, '-xc');
/** @param {string} name @param {string} source @param {string[]} flags */
const assembly = (name, source, ...flags) =>
  compileAs(name, 'clang-19', source, '--target=wasm32-wasi', ...flags, '-xassembler');
/** @param {string} name @param {string} source */
const cxx = (name, source) =>
  compileAs(name, 'clang++-19', source, '--target=wasm32-wasi', '-std=c++20', '-fno-exceptions', '-xc++');
/** @param {string} name @param {string} bytes as in tests/bad */
const bytes = (name, bytes) => upload(name, Buffer.from(assembleBytes(bytes, work)));
/** @param {string[]} names */
const own = (...names) => names.map((name) => upload(name, sample(name)));
/** @param {string} file */
const native = (file) => upload(path.basename(file), readFileSync(file));

const hello = () =>
  c('hello_args.o', 'int puts(const char *); int main(int count, char **words) { puts("hello"); return count > 9; }');
const library = () => c('library.o', 'int twice(int a) { return 2 * a; } int half(int a) { return a / 2; }');
const function64 = () => c('wide.o', 'int wide(void) { return 1; }', '--target=wasm64-unknown-unknown');
/** A table that has a number in the object, but no symbol. @param {string} name @param {string} sections before `linking` */
const withoutSymbols = (name, sections) => bytes(name, `00 "asm" 01 00 00 00\n${sections}\n00 09 07 "linking" 02`);

/** @returns {Upload} */
function sharedLibrary() {
  c('shared.o', 'int function(int a) { return a; }', '-fPIC', '-fvisibility=default');
  execFileSync('wasm-ld-19', ['-shared', '--experimental-pic', '-o', 'libshared.so', 'shared.o'], {
    cwd: path.join(work, 'actions'),
    stdio: 'pipe',
  });
  return native(path.join(work, 'actions/libshared.so'));
}

/** @returns {Upload} */
function thinArchive() {
  c('elsewhere.o', 'int elsewhere(void) { return 1; }');
  const cwd = path.join(work, 'actions');
  rmSync(path.join(cwd, 'libthin.a'), { force: true });
  execFileSync('llvm-ar-19', ['rcs', '--thin', 'libthin.a', 'elsewhere.o'], { cwd });
  return native(path.join(cwd, 'libthin.a'));
}

const importAll = 'Import undefined functions';
/** @param {() => Upload} file @param {string} name @returns {Pick<Case, 'inputs' | 'args' | 'offers'>} */
const badFile = (file, name) => ({
  inputs: () => [library(), file()],
  args: '--no-entry --export=twice',
  offers: { [`Leave out ${name}`]: 'linked' },
});

/** @type {Case[]} */
// biome-ignore format: a table
const cases = [
  { id: 'entry-not-defined', about: 'C', inputs: () => [hello()], offers: { 'Add crt1 + libc + builtins': 'linked', 'Link as a library': 'undefined symbol `puts`' } },
  {
    id: 'entry-not-defined', about: 'C++',
    inputs: () => [cxx('words.o', '#include <string>\n#include <cstdio>\nint main(int count, char **) { std::string s(40, \'a\'); s += std::to_string(count); std::puts(s.c_str()); }')],
    offers: { 'Add crt1 + libc + builtins': 'linked', 'Link as a library': 'undefined symbol' },
  },
  { id: 'entry-not-defined', about: 'a library', inputs: () => [library()], offers: { 'Add crt1 + libc + builtins': '`main` is called', 'Link as a library': 'linked' } },
  { id: 'entry-not-defined', about: 'libc is there', inputs: () => [hello(), ...own('libc.a')], offers: { 'Add crt1 + builtins': 'linked', 'Link as a library': 'linked' } },
  { id: 'entry-not-defined', about: 'another name', inputs: () => [c('start.o', 'void _start(void) {}')], args: '--entry=begin', offers: { 'Start at _start': 'linked', 'Link as a library': 'linked' } },
  { id: 'entry-not-defined', about: 'a reactor', inputs: () => [library()], args: '--entry=_initialize', offers: { 'Link as a reactor': 'linked', 'Link as a library': 'linked' } },
  {
    id: 'undefined-symbol', about: 'nobody has it', inputs: () => [c('wants.o', 'int host(void); int f(void) { return host(); }')], args: '--no-entry --export=f',
    offers: { 'Add files…': '', 'Import host': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-symbol', about: 'a name that needs quotes', inputs: () => [c('odd.o', 'int odd(void) __asm__("an odd \'name\'"); int f(void) { return odd(); }')], args: '--no-entry --export=f',
    offers: { 'Add files…': '', "Import an odd 'name'": 'linked', [importAll]: 'linked' },
  },
  { id: 'undefined-symbol', about: 'libc', inputs: () => [c('puts.o', 'int puts(const char *); int f(void) { return puts("a"); }')], args: '--no-entry --export=f', offers: { 'Add libc.a': 'linked', [importAll]: 'linked' } },
  {
    id: 'undefined-symbol', about: 'libm', inputs: () => [c('sine.o', 'double sin(double); double f(double a) { return sin(a); }')], args: '--no-entry --export=f',
    offers: { 'Add libc.a': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-symbol', about: 'libc++', inputs: () => [cxx('new.o', 'extern "C" int *f() { return new int(3); }'), ...own('libc.a')], args: '--no-entry --export=f',
    offers: { 'Add libc++.a and libc++abi.a': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-symbol', about: 'compiler-rt', inputs: () => [c('multiply.o', '__int128 f(__int128 a, __int128 b) { return a * b; }')], args: '--no-entry --export=f',
    offers: { 'Add libclang_rt.builtins-wasm32.a': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-symbol', about: 'a library apart', inputs: () => [c('map.o', 'void *mmap(void *, unsigned long, int, int, int, long long); void *f(void) { return mmap(0, 9, 0, 0, 0, 0); }'), ...own('libc.a')],
    args: '--no-entry --export=f', offers: { 'Add libwasi-emulated-mman.a': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-symbol', about: 'main', inputs: () => [library(), native(crt1Command), native(path.join(wasiLib, 'libc.a'))],
    offers: { 'Link as a library': 'linked', 'Link as a reactor': 'is linked and does not define it', [importAll]: 'linked' },
  },
  {
    id: 'weak-undefined-call', about: 'main', inputs: () => [library(), ...own('crt1-command.o', 'libc.a', 'libclang_rt.builtins-wasm32.a')],
    offers: { 'Link as a library': 'linked', 'Link as a reactor': 'linked' },
  },
  { id: 'undefined-symbol', about: 'crt1 of another libc', inputs: () => [native(crt1Command), hello(), ...own('libc.a')], offers: { 'Replace crt1-command.o and libc.a by what fits': 'linked', [importAll]: 'linked' } },
  {
    id: 'undefined-symbol', about: 'libc of another crt1', inputs: () => [...own('crt1-command.o'), hello(), native(path.join(wasiLib, 'libc.a'))],
    offers: { 'Replace crt1-command.o and libc.a by what fits': 'linked', [importAll]: 'linked' },
  },
  {
    id: 'undefined-allowed', inputs: () => [c('wants.o', 'int host(void); int f(void) { return host(); }')], args: '--no-entry --export=f --allow-undefined --log-override=undefined-allowed=warning',
    offers: { 'Import host': 'linked' },
  },
  {
    id: 'undefined-exception-runtime', inputs: () => [compileAs('throws.o', 'clang++-19', 'extern "C" int f(int a) { throw a; }', '--target=wasm32-wasi', '-fexceptions', '-xc++')],
    args: '--no-entry --export=f', offers: { 'Add files…': '', [importAll]: 'linked' },
  },
  {
    id: 'duplicate-symbol', inputs: () => [library(), c('again.o', 'int twice(int a) { return a; }')], args: '--no-entry --export=twice',
    offers: { 'Leave out again.o': 'linked', 'Leave out library.o': 'linked' },
  },
  { id: 'export-not-found', inputs: () => [library()], args: '--no-entry --export=twice --export=thrice', offers: { 'Do not export thrice': 'linked' } },
  { id: 'nothing-exported', about: 'several', inputs: () => [library()], args: '--no-entry', offers: { 'Export twice': 'linked', 'Export all functions of the objects': 'linked' } },
  { id: 'nothing-exported', about: 'one', inputs: () => [c('one.o', 'int one(void) { return 1; }')], args: '--no-entry', offers: { 'Export one': 'linked' } },
  { id: 'entry-signature', inputs: () => [c('begin.o', 'int begin(int a) { return a; }')], args: '--entry=begin', offers: { 'Export begin': 'linked' } },
  { id: 'exports-wrapped', inputs: () => [c('counts.o', 'static volatile int calls; __attribute__((constructor)) static void init(void) { calls++; } int count(void) { return calls; }')], args: '--no-entry --export=count', offers: { 'Link as a reactor': 'linked' } },
  {
    id: 'weak-undefined-call', inputs: () => [c('weak.o', '__attribute__((weak)) int careless(void); int f(void) { return careless(); }'), archive('libstrong.a', c('strong.o', 'int careless(void) { return 1; }'))],
    args: '--no-entry --export=f', offers: { 'Add --undefined=careless': 'linked' },
  },
  {
    id: 'weak-not-extracted', inputs: () => [c('weak.o', '__attribute__((weak)) int careless(void); int f(void) { return careless(); }'), archive('libstrong.a', c('strong.o', 'int careless(void) { return 1; }'))],
    args: '--no-entry --export=f --log-override=weak-not-extracted=warning', offers: { 'Add --undefined=careless': 'linked' },
  },
  {
    id: 'function-signature-mismatch', about: 'a shared library', inputs: () => [c('calls.o', 'float function(float); float run(void) { return function(1); }'), sharedLibrary()],
    args: '-Bdynamic --no-entry --export=run', offers: { 'Add --no-shlib-sigcheck': 'linked' },
  },
  {
    id: 'function-signature-mismatch', about: 'crt1 of another libc', inputs: () => [c('crt1.o', 'int __main_void(int); void _start(void) { __main_void(1); }'), hello(), ...own('libc.a', 'libclang_rt.builtins-wasm32.a')],
    offers: { 'Replace crt1.o and libc.a and libclang_rt.builtins-wasm32.a by what fits': 'linked' },
  },
  { id: 'feature-not-allowed', inputs: () => [c('bulk.o', 'int twice(int a) { return 2 * a; }', '-mbulk-memory')], args: '--no-entry --export=twice --features=sign-ext,mutable-globals,multivalue,reference-types', offers: { 'Allow bulk-memory': 'linked' } },
  { id: 'memory-too-small', about: 'at the start', inputs: () => [library()], args: '--no-entry --export=twice --initial-memory=65536 -z stack-size=131072', offers: { 'Add --initial-memory=131072': 'linked' } },
  { id: 'memory-too-small', about: 'at most', inputs: () => [library()], args: '--no-entry --export=twice --max-memory=65536 -z stack-size=131072', offers: { 'Add --max-memory=131072': 'linked' } },
  { id: 'memory-alignment', inputs: () => [library()], args: '--no-entry --export=twice --initial-memory=100000', offers: { 'Add --initial-memory=131072': 'linked' } },
  { id: 'memory-alignment', about: 'of the heap', inputs: () => [library()], args: '--no-entry --export=twice --initial-heap=100000', offers: { 'Add --initial-heap=131072': 'linked' } },
  {
    id: 'stack-frame-too-large', inputs: () => [c('frame.o', 'int run(void) { volatile char b[100000]; for (int i = 0; i < 100000; i++) b[i] = i; return b[9]; }')],
    args: '--no-entry --export=run', offers: { 'Add -z stack-size=196608': 'linked' },
  },
  { id: 'stack-after-data', inputs: () => [c('data.o', 'int data[9] = {1}; int run(int i) { return data[i]; }')], args: '--no-entry --export=run --no-stack-first --log-override=stack-after-data=warning', offers: { 'Add --stack-first': 'linked' } },
  {
    id: 'unsupported', inputs: () => [assembly('split.o', splitDebug), library()], args: '--no-entry --export=f --allow-undefined --compress-relocations -O2',
    offers: { 'Add --strip-debug': 'linked', 'Leave out split.o': 'linked' },
  },
  { id: 'unknown-argument', inputs: () => [library()], args: '--no-entry --exprot=twice', offers: { 'Write --export=twice': 'linked' } },
  {
    id: 'too-many-errors', inputs: () => [c('lacks.o', [...Array(30).keys()].map((i) => `void lack${i}(void); void f${i}(void) { lack${i}(); }`).join(' '))], args: '--no-entry --export-all --error-limit=20',
    offers: { 'Show all errors': 'undefined symbol `lack29`' },
  },
  { id: 'unknown-file-type', ...badFile(() => upload('notes.bin', Buffer.from([1, 2, 3, 4])), 'notes.bin') },
  {
    id: 'unknown-file-type', about: 'several', inputs: () => [library(), upload('notes.bin', Buffer.from([1, 2, 3, 4])), bytes('cut.o', '00 "asm" 01 00 00 00 01')], args: '--no-entry --export=twice',
    offers: { 'Leave out notes.bin': 'cut.o', 'Leave out all 2 such files': 'linked' },
  },
  { id: 'not-relocatable', ...badFile(() => archive('libfinished.a', bytes('finished.wasm', '00 "asm" 01 00 00 00')), 'libfinished.a') },
  { id: 'bitcode-input', ...badFile(() => c('bitcode.o', 'int one(void) { return 1; }', '-flto'), 'bitcode.o') },
  { id: 'malformed-object', ...badFile(() => bytes('cut.o', '00 "asm" 01 00 00 00 01'), 'cut.o') },
  { id: 'malformed-archive', ...badFile(() => upload('bad.a', '!<arch>\nxx'), 'bad.a') },
  { id: 'malformed-stub', ...badFile(() => upload('stub.so', '#STUB\na: b: c,,\n: \n'), 'stub.so') },
  { id: 'thin-member-not-found', ...badFile(thinArchive, 'libthin.a') },
  { id: 'wasm64-in-wasm32', ...badFile(function64, 'wide.o') },
  { id: 'wasm32-in-wasm64', inputs: () => [function64(), library()], args: '-mwasm64 --no-entry --export=wide', offers: { 'Leave out library.o': 'linked' } },
  { id: 'static-link-of-shared', ...badFile(sharedLibrary, 'libshared.so') },
  { id: 'table-definition-without-symbol', ...badFile(() => withoutSymbols('table.o', '04 04 01 6f 00 00'), 'table.o') },
  { id: 'table-import-without-symbol', ...badFile(() => withoutSymbols('table.o', '02 09 01 01 "a" 01 "t" 01 6f 00 00'), 'table.o') },
  { id: 'table-imports-without-symbol', ...badFile(() => withoutSymbols('table.o', '02 11 02 01 "a" 01 "t" 01 6f 00 00 01 "a" 01 "u" 01 6f 00 00'), 'table.o') },
  {
    id: 'table-symbols-mismatch',
    ...badFile(() => bytes('table.o', '00 "asm" 01 00 00 00\n04 07 02 6f 00 00 6f 00 00\n00 11 07 "linking" 02 08 06 01 05 00 00 01 "t"'), 'table.o'),
  },
];

const splitDebug = `.functype callee () -> ()
.section .text.f,"",@
.globl f
f:
  .functype f () -> ()
  call callee
  end_function
.section .debug_abbrev,"",@
.Labbreviations:
  .ascii "\\001\\021\\000\\166\\016\\000\\000\\000"
.section .debug_info,"",@
  .int32 .Lend - .Lbegin
.Lbegin:
  .int16 4
  .int32 .Labbreviations
  .int8 4
  .int8 1
  .int32 0
.Lend:
`;

/** @param {string} name @param {Upload[]} members */
function archive(name, ...members) {
  const cwd = path.join(work, 'actions');
  rmSync(path.join(cwd, name), { force: true });
  for (const { name, buffer } of members) writeFileSync(path.join(cwd, name), buffer);
  execFileSync('llvm-ar-19', ['rcs', name, ...members.map((member) => member.name)], { cwd });
  return native(path.join(cwd, name));
}

/** @param {Page} page @param {string} id */
const said = (page, id) =>
  page.locator('.diagnostics > li').filter({ has: page.locator('.id', { hasText: new RegExp(`^${id}$`) }) });

/** @param {Page} page @param {Case} one @param {Upload[]} inputs */
async function raise(page, { id, args }, inputs) {
  if (args !== undefined) {
    await button(page, 'Edit the line').click();
    await page.getByRole('textbox', { name: 'Command line without the inputs' }).fill(args);
    await button(page, 'Done').click();
  }
  await add(page, inputs);
  await expect(said(page, id).first()).toBeVisible();
}

/** Clicks all that is offered, each after the diagnostic was raised anew. @param {Page} page @param {Case} one */
async function clickOffers(page, one) {
  const inputs = one.inputs();
  for (const [label, then] of Object.entries(one.offers)) {
    await raise(page, one, inputs);
    const item = said(page, one.id).first();
    const text = (await item.locator('.text').first().textContent()) ?? '';
    await expect(item.getByRole('button')).toHaveText(Object.keys(one.offers));
    const choosing = label.endsWith('…') ? page.waitForEvent('filechooser') : undefined;
    await item.getByRole('button', { name: label, exact: true }).click();
    if (choosing) await choosing;
    else {
      if (then === 'linked') await linked(page);
      else await expect(page.locator('.diagnostics').filter({ hasText: then }).first()).toBeVisible();
      await expect(said(page, one.id).filter({ hasText: text })).toHaveCount(0);
    }
    await button(page, 'Remove all').click();
    await expect(diagnostics(page)).toHaveCount(0);
  }
}

describe('what diagnostics offer to click', { timeout: 1_200_000 }, () => {
  const { pageTest } = browserSuite();

  // Of those that offer the same, but for names, one is clicked when not everything is tested, and several in one page,
  // which is as at first after "Remove all".
  const clicked = new Set();
  const wanted = cases.filter(({ offers }) => {
    const kinds = Object.keys(offers).map((label) => label.replaceAll(/\S*[._=0-9-]\S*/g, '*'));
    const isNew = testsAll || !kinds.every((kind) => clicked.has(kind));
    for (const kind of kinds) clicked.add(kind);
    return isNew;
  });
  const perPage = testsAll ? 1 : 5;
  for (let first = 0; first < wanted.length; first += perPage) {
    const some = wanted.slice(first, first + perPage);
    const name = some.map(({ id, about }) => (about === undefined ? id : `${id}: ${about}`)).join('; ');
    pageTest(name, async (page) => {
      for (const one of some) await clickOffers(page, one);
    });
  }

  pageTest('one object of C, dropped alone, runs after one click', async (page) => {
    await add(page, [hello()]);
    await button(page, 'Add crt1 + libc + builtins').click();
    await linked(page);
    await button(page, 'Run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, 'hello\n');
  });

  pageTest('one object of C++, dropped alone, runs after one click', async (page) => {
    await add(page, own('inventory.o', 'main.o'));
    await button(page, 'Add crt1 + libc + builtins').click();
    await linked(page);
    await expect(inputNames(page).filter({ hasText: 'libc++.a' })).toHaveCount(1);
    await button(page, 'Run').click();
    await prints(page, '2 apples, 1 pears, 4 in all\n');
  });

  pageTest('functions of a library are called after one click', async (page) => {
    await add(page, [library()]);
    await button(page, 'Link as a library').click();
    await linked(page);
    await expect(page.getByRole('textbox', { name: 'Exports' })).toHaveValue('twice half');
    await expect(page.getByLabel('No entry: a library')).toBeChecked();
    await page.getByLabel('twice: argument 1, i32').fill('21');
    await button(page, 'Call twice').click();
    await page.getByText('= 42', { exact: true }).waitFor();
  });

  pageTest('wat that was written here is linked as a library, and stays one when it is edited', async (page) => {
    await button(page, 'answer.wat').click();
    await page.getByRole('textbox', { name: 'Source of answer.wat' }).waitFor();
    await button(page, 'Compile, link, run').click();
    await linked(page);
    await expect(page.getByLabel('No entry: a library')).toBeChecked();
    await button(page, 'Call answer').click();
    await page.getByText('= 42', { exact: true }).waitFor();
    await expect(inputNames(page)).toHaveText(['answer.o']);
  });

  pageTest('what is said of names of 10,000 letters is seen, not only the names', async (page) => {
    const name = `first_${'n'.repeat(10_000)}_last`;
    await page.getByLabel('No entry: a library').check();
    await add(
      page,
      ['one.o', 'other.o'].map((file) => c(file, `int ${name}(void) { return 1; }`)),
    );
    const item = said(page, 'duplicate-symbol').first();
    await expect(item.locator('.text').first()).toHaveText(
      /^duplicate symbol `first_n+…n+_last`\s+defined in one\.o\s+defined in other\.o$/,
    );
    const box = await item.boundingBox();
    assert.ok(box && box.height < 250, `${box?.height} pixels high`);
  });

  test('all that can be offered is in the list above', () => {
    const source = readFileSync(path.join(root, 'web/src/actions.ts'), 'utf8');
    const offering = /const offers.*?^\};/ms.exec(source)?.[0] ?? '';
    const ofBadFiles = /const ofBadFiles.*?= \[(.*?)^\];/ms.exec(source)?.[1] ?? '';
    const ids = [...offering.matchAll(/^ {2}'?([a-z-]+)'?: /gm), ...ofBadFiles.matchAll(/'([a-z0-9-]+)'/g)].map(
      ([, id]) => id,
    );
    assert.ok(ids.length > 30, `${ids.length} ids`);
    assert.deepEqual([...new Set(ids)].sort(), [...new Set(cases.map(({ id }) => id))].sort());
  });

  test('a note that names an option of the linker names it as it can be given, and it can be clicked', () => {
    // Headlines of the linker's own style, as regular expressions.
    const table = readFileSync(path.join(root, 'core/base/diagnostics.def'), 'utf8');
    const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const headlines = [
      ...table.matchAll(/^WELD_(?:OWN_)?DIAGNOSTIC\(\w+, \w+, "([a-z0-9-]+)", "((?:[^"\\]|\\.)*)"/gm),
    ].map(([, id = '', text = '']) => {
      const parts = (text.split('\\n')[0] ?? '').split(/\$(?:\d|F)/);
      return { id, letters: parts.join('').length, like: new RegExp(`^${parts.map(escaped).join('.*')}$`) };
    });
    headlines.sort((a, b) => b.letters - a.letters);
    // What a compiler, or somebody who writes the build, is told.
    const others =
      /-m(?:no-)?[a-z0-9-]+|-f[a-z-]+|-D_\w+|-l[\w+]+|-C |-pthread|-Wl|-L\b|-Bdynamic|-pie|-shared|--target=\S+|--relocatable|--thin|--log-override=\S+|--no-entry|--entry\b|-msimd128|-mllvm|-wasm-[a-z-]+\S*|--features,|--export\b(?!=)/g;
    const seen = new Set();
    const folder = path.join(root, 'tests/cases');
    for (const file of readdirSync(folder)) {
      let headline = '';
      for (const line of readFileSync(path.join(folder, file), 'utf8').split('\n')) {
        headline = /^weld: (?:error|warning|message): (.*)$/.exec(line)?.[1] ?? headline;
        const note = /^ {2}note: (.*)$/.exec(line)?.[1];
        if (note === undefined) continue;
        const options = note.replaceAll(others, '').match(/(?<![\w-])--?[a-z][\w-]*(?:=\S+)?/g);
        assert.doesNotMatch(note, /--[a-z-]+=[A-Z]{2,}(?!=LEVEL)\b/, `${file}: the option has a placeholder`);
        if (options) seen.add(headlines.find(({ like }) => like.test(headline))?.id ?? `${file}: ${headline}`);
      }
    }
    assert.ok(seen.size > 8, [...seen].join(' '));
    assert.deepEqual(
      [...seen].filter((id) => !cases.some((one) => one.id === id)),
      [],
      'give these diagnostics actions in web/src/actions.ts, and cases in this file',
    );
  });
});
