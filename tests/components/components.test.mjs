// @ts-check
// Components, made by each form of weld: by the native program with `wasm-tools`, by the package with
// `@bytecodealliance/jco-transpile`. They run in Node, transpiled by jco, and in wasmtime.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { load } from '../others/load.mjs';
import { buildDir, newerNode, rootDir, scratchDir, testsDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { builtins, wasiLib } from '../support/toolchain.mjs';
import { makeProject } from './project.mjs';

const folder = path.join(scratchDir, 'components');
const python = path.join(buildDir, 'python/bin');
const adapters = path.join(buildDir, 'adapters/package/lib');
const here = path.join(testsDir, 'components');

/**
 * @typedef {object} Form how weld is called
 * @property {string} name
 * @property {string} program
 * @property {string} path folders with programs that it may run
 */
/** @type {Form[]} */
const forms = [
  {
    name: 'native',
    program: path.resolve(rootDir, process.env['WELD'] ?? 'build/native/weld'),
    path: `${python}:/usr/bin:/bin`,
  },
  {
    name: 'npm',
    program: path.join(folder, 'node_modules/wasm-weld/bin/weld.mjs'),
    path: `${path.dirname(process.execPath)}:/usr/bin:/bin`,
  },
];

/** @param {Form} form @param {string[]} args @param {string} [as] the name by which weld is called */
const link = (form, args, as = 'weld') =>
  run(path.join(folder, form.name, as), args, { cwd: folder, env: { ...process.env, PATH: form.path } });

/** @param {Parameters<typeof link>} args */
async function linkOrThrow(...args) {
  const { code, stderr } = await link(...args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
}

/** @param {string} name @param {string} text @param {string} [file] */
async function compile(name, text, file = `${name}.c`) {
  writeFileSync(path.join(folder, file), text);
  const args = ['--target=wasm32-wasi', '-O1', '-c', file, '-o', `${name}.o`];
  await runOrThrow('clang-19', args, { cwd: folder });
}

/**
 * The file that jco makes of a component.
 *
 * @param {string} component
 * @param {Record<string, string>} [map]
 * @param {object} [others] options
 */
async function transpile(component, map = {}, others = {}) {
  const { transpileBytes } = await load('@bytecodealliance/jco-transpile');
  const name = component.replaceAll(/\W/g, '-');
  const { files } = await transpileBytes(readFileSync(path.join(folder, component)), { name, map, ...others });
  const out = path.join(folder, name);
  for (const [inside, bytes] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(out, inside)), { recursive: true });
    writeFileSync(path.join(out, inside), /** @type {Uint8Array} */ (bytes));
  }
  return path.join(out, `${name}.js`);
}

/** What a command prints in Node. @param {string} component */
async function printed(component) {
  const file = await transpile(component);
  writeFileSync(path.join(folder, 'main.mjs'), `import { run } from ${JSON.stringify(file)};\nrun.run();\n`);
  return (await runOrThrow(process.execPath, ['main.mjs', 'one', 'two'], { cwd: folder })).stdout;
}

/** Checks the component of greeter.c, as a program in JavaScript would use it. @param {string} component */
async function greets(component) {
  const file = await transpile(component, { log: '../log.js' });
  const { greet, counters } = await import(pathToFileURL(file).href);
  assert.equal(greet({ name: 'Ada 🦀', age: 36 }), 'Hello Ada 🦀, 36');
  const counter = new counters.Counter(5);
  assert.deepEqual([counter.next(), counter.next()], [5, 6]);
  const { texts } = await import(pathToFileURL(path.join(folder, 'log.js')).href);
  assert.deepEqual(texts.splice(0), ['greeting']);
}

/**
 * What a program prints that uses a component whose functions wait. Node 26 can stop a module's code for a while.
 *
 * @param {string} file of the component, transpiled
 * @param {string} text of the program, where `component` is that
 */
async function printedAfterWaiting(file, text) {
  writeFileSync(path.join(folder, 'waits.mjs'), `import * as component from ${JSON.stringify(file)};\n${text}\n`);
  return (await runOrThrow(newerNode, ['waits.mjs'], { cwd: folder })).stdout;
}

const witBindgen = path.join(buildDir, 'wit-bindgen/bin/wit-bindgen');
/** Of greeter.wit, with the names of wit-bindgen's header. */
const implementation = `#include "greeter.h"
#include <stdio.h>
#include <stdlib.h>
struct exports_test_greeter_counters_counter_t { unsigned next; };
typedef struct exports_test_greeter_counters_counter_t counter;
void exports_greeter_greet(greeter_person_t *who, greeter_string_t *result) {
  greeter_string_t text;
  greeter_string_set(&text, "greeting");
  greeter_log(&text);
  char *made = malloc(who->name.len + 64);
  sprintf(made, "Hello %.*s, %u", (int)who->name.len, (char *)who->name.ptr, (unsigned)who->age);
  greeter_string_dup(result, made);
  free(made);
  greeter_person_free(who);
}
exports_test_greeter_counters_own_counter_t exports_test_greeter_counters_constructor_counter(uint32_t start) {
  counter *made = malloc(sizeof *made);
  made->next = start;
  return exports_test_greeter_counters_counter_new(made);
}
uint32_t exports_test_greeter_counters_method_counter_next(counter *self) { return self->next++; }
void exports_test_greeter_counters_counter_destructor(counter *self) { free(self); }
`;

const hello = ['-L', wasiLib, path.join(wasiLib, 'crt1-command.o'), 'hello.o', '-lc', builtins];
const greeter = [
  '-L',
  wasiLib,
  path.join(wasiLib, 'crt1-reactor.o'),
  'greeter.o',
  '-lc',
  builtins,
  '--entry=_initialize',
];
const wit = path.join(here, 'greeter.wit');
const adapted = ['--wasi-adapters', adapters];
/** @param {string} name of a file with types */
const withType = (name) => ['--component', '--component-type', path.join(here, `${name}.wit`)];

before(async () => {
  await makeProject('components');
  for (const { name, program } of forms) {
    mkdirSync(path.join(folder, name));
    for (const as of ['weld', 'wasm-component-ld']) symlinkSync(program, path.join(folder, name, as));
  }
  writeFileSync(
    path.join(folder, 'log.js'),
    'export const texts = [];\nexport default (text) => void texts.push(text);\n',
  );
  await compile(
    'hello',
    '#include <stdio.h>\nint main(int count, char **texts) { printf("%d: %s\\n", count, texts[1]); }\n',
  );
  writeFileSync(
    path.join(folder, 'later.js'),
    'export default (x) => new Promise((resolve) => setTimeout(() => resolve(x * 10), 5));\n',
  );
  const header = path.join(here, 'asynchronous.h');
  writeFileSync(path.join(folder, 'asynchronous.h'), readFileSync(header));
  for (const name of ['greeter', 'waits', 'prints'])
    await compile(name, readFileSync(path.join(here, `${name}.c`), 'utf8'));
});

for (const form of forms) {
  describe(`components by ${form.name}`, () => {
    test('a program in C runs in Node and in wasmtime', async () => {
      await linkOrThrow(form, [...hello, '--component', ...adapted, '-o', `${form.name}-hello.wasm`]);
      assert.equal(await printed(`${form.name}-hello.wasm`), '3: one\n');
      const { stdout } = await runOrThrow(path.join(python, 'python'), [
        path.join(here, 'run_command.py'),
        path.join(folder, `${form.name}-hello.wasm`),
        'one',
        'two',
      ]);
      assert.equal(stdout, '3: one\n');
    });
    test('a world of records, strings and resources', async () => {
      const out = `${form.name}-greeter.wasm`;
      await linkOrThrow(form, [...greeter, '--component', ...adapted, '--component-type', wit, '-o', out]);
      await greets(out);
    });
    test('types that objects bring pass through every way to link', async () => {
      // As wit-bindgen's objects have it: a section of the module in which `wasm-tools` has embedded the type.
      await linkOrThrow(form, [...greeter, '-o', 'plain.wasm']);
      const typed = path.join(folder, 'typed.wasm');
      await runOrThrow(path.join(python, 'wasm-tools'), [
        'component',
        'embed',
        wit,
        path.join(folder, 'plain.wasm'),
        '-o',
        typed,
      ]);
      const module = new WebAssembly.Module(readFileSync(typed));
      const names = [
        ...readFileSync(typed)
          .toString('latin1')
          .matchAll(/component-type[:\w.-]*/g),
      ].map(([name]) => name);
      const name = names.find((name) => WebAssembly.Module.customSections(module, name).length === 1) ?? '';
      const bytes = new Uint8Array(WebAssembly.Module.customSections(module, name)[0] ?? new ArrayBuffer(0));
      assert.ok(bytes.length > 100);
      const text = `\t.section ".custom_section.${name}","",@\n\t.byte ${bytes.join(', ')}\n`;
      writeFileSync(path.join(folder, 'type.s'), text);
      await runOrThrow('llvm-mc-19', ['--triple=wasm32', '--filetype=obj', 'type.s', '-o', 'type.o'], { cwd: folder });
      for (const options of [[], ['-s'], ['-S', '-Oz'], ['--icf=all'], ['--emit-relocs'], ['--no-gc-sections']]) {
        const out = `${form.name}-typed${options.join('')}.wasm`;
        await linkOrThrow(form, [...greeter, 'type.o', '--component', ...adapted, ...options, '-o', out]);
        await greets(out);
      }
      await linkOrThrow(form, ['-r', 'greeter.o', 'type.o', '--component', '-o', 'both.o']);
      const both = greeter.map((input) => (input === 'greeter.o' ? 'both.o' : input));
      await linkOrThrow(form, [...both, ...adapted, '-o', `${form.name}-both.wasm`], 'wasm-component-ld');
      await greets(`${form.name}-both.wasm`);
    });
    test('a program with what wit-bindgen makes', { skip: !existsSync(witBindgen) && 'no wit-bindgen' }, async () => {
      const made = path.join(folder, form.name, 'bindings');
      await runOrThrow(witBindgen, ['c', wit, '--out-dir', made]);
      const source = path.join(folder, form.name, 'implementation.c');
      writeFileSync(source, implementation);
      const out = `${form.name}-bindgen.wasm`;
      const objects = ['greeter', 'implementation'].map((name) => path.join(made, `${name}.o`));
      for (const [i, file] of [path.join(made, 'greeter.c'), source].entries())
        await runOrThrow('clang-19', ['--target=wasm32-wasi', '-O1', `-I${made}`, '-c', file, '-o', objects[i] ?? '']);
      const inputs = greeter.flatMap((input) =>
        input === 'greeter.o' ? [...objects, path.join(made, 'greeter_component_type.o')] : [input],
      );
      for (const options of [[], ['-Oz', '-s']]) {
        await linkOrThrow(form, [...inputs, ...adapted, ...options, '-o', out], 'wasm-component-ld');
        await greets(out);
      }
    });
    test('functions that wait', async () => {
      const out = `${form.name}-waits.wasm`;
      for (const options of [[], ['-Oz', '-s']]) {
        await linkOrThrow(form, ['waits.o', '--no-entry', ...options, ...withType('waits'), '-o', out]);
        const waiting = { asyncMode: 'jspi', asyncExports: ['run'], asyncImports: ['later'] };
        const file = await transpile(out, { later: '../later.js' }, waiting);
        assert.equal(await printedAfterWaiting(file, 'console.log(await component.run(4));'), '100\n');
      }
    });
    test('a program for WASI 0.3', async () => {
      const out = `${form.name}-prints.wasm`;
      await linkOrThrow(form, ['prints.o', '--no-entry', ...withType('prints'), '-o', out]);
      const shim = '@bytecodealliance/preview3-shim';
      const file = await transpile(out, { 'wasi:cli/*': `${shim}/cli#*`, 'wasi:clocks/*': `${shim}/clocks#*` });
      assert.equal(await printedAfterWaiting(file, 'await component.run.run();'), 'hello from WASI 0.3\n');
    });
    test('clang links for wasm32-wasip2', async () => {
      // Debian has no libc for it: that for WASI 0.1 stands in, with its adapter beside.
      const lib = path.join(folder, form.name, 'sysroot/lib/wasm32-wasip2');
      mkdirSync(lib, { recursive: true });
      for (const name of readdirSync(wasiLib)) symlinkSync(path.join(wasiLib, name), path.join(lib, name));
      for (const name of readdirSync(adapters).filter((name) => name.endsWith('.wasm')))
        symlinkSync(path.join(adapters, name), path.join(lib, name));
      const out = `${form.name}-clang.wasm`;
      const args = [
        '--target=wasm32-wasip2',
        `--sysroot=${form.name}/sysroot`,
        'hello.o',
        '-o',
        out,
        '-nodefaultlibs',
        '-lc',
        builtins,
      ];
      const env = { ...process.env, PATH: `${path.join(folder, form.name)}:${form.path}` };
      await runOrThrow('/usr/bin/clang-19', args, { cwd: folder, env });
      assert.equal(await printed(out), '3: one\n');
    });
    test('what does not fit is told of, and nothing is written', async () => {
      const out = `${form.name}-none.wasm`;
      const { code, stderr } = await link(form, [
        ...greeter,
        '--component',
        ...adapted,
        '--adapt=missing.wasm',
        '-o',
        out,
      ]);
      assert.equal(code, 1);
      assert.match(stderr, /^weld: error: cannot open `missing\.wasm`: No such file or directory$/m);
      const lacking = await link(form, [...hello, '--component', '--wasi-adapter=none', '-o', out]);
      assert.equal(lacking.code, 1);
      assert.match(
        lacking.stderr,
        /^weld: error: no component.*: module requires an import interface named `wasi_snapshot_preview1`\n {2}note: this is WASI 0\.1, .*--wasi-adapters=DIR/,
      );
      const untyped = await link(form, [...greeter, '--component', ...adapted, '--component-type=no.wit', '-o', out]);
      assert.equal(untyped.code, 1);
      assert.match(untyped.stderr, /^weld: error: cannot open `no\.wit`: No such file or directory$/m);
      assert.equal(existsSync(path.join(folder, out)), false);
    });
  });
}

test('the tool may be missing', async () => {
  const [native] = forms;
  assert.ok(native);
  const { code, stderr } = await link({ ...native, path: '/nowhere' }, [...hello, '--component', '-o', 'none.wasm']);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^weld: error: `wasm-tools`, which makes components, cannot be run: No such file or directory\n {2}note: install it/,
  );
});

describe('makeComponent', () => {
  /** @type {typeof import('../../js/src/component.ts')} */
  let component;
  /** @type {typeof import('../../js/src/index.ts')} */
  let weld;
  before(async () => {
    const at = (/** @type {string} */ name) =>
      pathToFileURL(path.join(folder, `node_modules/wasm-weld/dist/${name}.js`)).href;
    component = await import(at('component'));
    weld = await import(at('index'));
  });
  const adapter = (/** @type {string} */ kind) =>
    readFileSync(path.join(adapters, `wasi_snapshot_preview1.${kind}.wasm`));

  /** @param {string[]} args */
  async function linked(args) {
    const files = Object.fromEntries(
      args.flatMap((arg) =>
        arg.endsWith('.o') || arg.endsWith('.a') ? [[arg, readFileSync(path.resolve(folder, arg))]] : [],
      ),
    );
    files[path.join(wasiLib, 'libc.a')] = readFileSync(path.join(wasiLib, 'libc.a'));
    return (await weld.linkOrThrow({ args, files })).output;
  }

  test('makes what the command makes', async () => {
    const module = await linked([...hello, '--soname=npm-hello.wasm']);
    const made = await component.makeComponent(module, { adapters: { wasi_snapshot_preview1: adapter('command') } });
    writeFileSync(path.join(folder, 'api.wasm'), made);
    assert.equal(await printed('api.wasm'), '3: one\n');
    assert.ok(readFileSync(path.join(folder, 'npm-hello.wasm')).equals(made));
  });
  test('takes WIT as text', async () => {
    const made = await component.makeComponent(await linked(greeter), {
      wit: readFileSync(wit, 'utf8'),
      world: 'greeter',
      stringEncoding: 'utf8',
      adapters: { wasi_snapshot_preview1: adapter('reactor') },
    });
    writeFileSync(path.join(folder, 'api-greeter.wasm'), made);
    await greets('api-greeter.wasm');
  });
  test('says what does not fit', async () => {
    const module = await linked(hello);
    await assert.rejects(component.makeComponent(module), (error) => {
      assert.ok(error instanceof component.ComponentError);
      assert.match(
        error.message,
        /named `wasi_snapshot_preview1`: this is WASI 0\.1, which needs an adapter: pass `adapters: /,
      );
      return true;
    });
    // There is an adapter, and it does not help.
    const attributes = 'import_module("wasi_snapshot_preview1"), import_name("fd_dance")';
    await compile('dances', `__attribute__((${attributes})) void dance(void); int main(void) { dance(); return 0; }`);
    const odd = await linked(hello.map((arg) => (arg === 'hello.o' ? 'dances.o' : arg)));
    await assert.rejects(component.makeComponent(odd, { adapters: { wasi_snapshot_preview1: adapter('command') } }), {
      name: 'ComponentError',
      message: /adapter module did not export `fd_dance`$/,
    });
    await assert.rejects(component.makeComponent(module, { wit: 'package a:b' }), component.ComponentError);
    await assert.rejects(component.makeComponent(new Uint8Array(3)), component.ComponentError);
  });
  test('refuses arguments of other types', async () => {
    const make = /** @type {(...args: any[]) => Promise<Uint8Array>} */ (component.makeComponent);
    for (const [args, message] of /** @type {[any[], RegExp][]} */ ([
      [['a.wasm'], /`module` must be a Uint8Array or an ArrayBuffer, not 'a\.wasm'/],
      [[new Uint8Array(8), { adapter: {} }], /options has no `adapter`; did you mean `adapters`\?/],
      [[new Uint8Array(8), { adapters: { env: 'env.wasm' } }], /the adapter `env` must be bytes, not 'env\.wasm'/],
      [[new Uint8Array(8), { wit: 5 }], /`wit` must be a string, not 5/],
      [[new Uint8Array(8), { world: 'a' }], /`wit`, which is missing/],
      [
        [new Uint8Array(8), { wit: '', stringEncoding: 'ascii' }],
        /`stringEncoding` must be 'utf8', 'utf16' or 'compact-utf16', not 'ascii'/,
      ],
    ]))
      await assert.rejects(make(...args), { name: 'TypeError', message });
  });
});
