// link and linkSync: inputs, files, results.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { inspect } from 'node:util';
import {
  createLinker,
  formatMessages,
  initialize,
  LinkError,
  link,
  linkOrThrow,
  linkSync,
  version,
} from '../dist/index.js';
import { run as command } from '../dist/run.js';
import {
  archive,
  assemble,
  builtins,
  callee,
  caller,
  compile,
  distDir,
  folder,
  fromDisk,
  native,
  packageDir,
  run,
  wasiLib,
} from './support.mjs';

const main = assemble(caller);
const f = assemble(callee('f', 42));
const inputs = [
  { name: 'main.o', bytes: main },
  { name: 'f.o', bytes: f },
];

async function linkOk(request) {
  const result = await link(request);
  assert.deepEqual(result.diagnostics, []);
  assert.ok(result.ok);
  assert.ok(WebAssembly.validate(result.output));
  return result;
}
const ids = (result) => result.diagnostics.map((diagnostic) => diagnostic.id);

test('links two objects', async () => {
  const { output, stats, files, stdout } = await linkOk({ inputs });
  const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(output));
  exports._start();
  assert.equal(stats.objects, 2);
  assert.equal(stats.inputBytes, main.length + f.length);
  assert.equal(stats.outputBytes, output.length);
  assert.ok(Object.keys(stats.phases).includes('write_module'));
  assert.ok(stats.total > 0 && stats.memoryBytes > 0);
  assert.equal(stats.full, 'nothing was linked before');
  assert.deepEqual(files, {});
  assert.equal(stdout, '');
});

test('linkSync gives the same', async () => {
  await initialize();
  assert.deepEqual(linkSync({ inputs }).output, (await link({ inputs })).output);
});

test('takes buffers, views and blobs', async () => {
  const { output } = await linkOk({ inputs });
  const buffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const shared = (bytes) => {
    const memory = new SharedArrayBuffer(bytes.length);
    new Uint8Array(memory).set(bytes);
    return memory;
  };
  const shifted = new Uint8Array(f.length + 3);
  shifted.set(f, 3);
  const forms = {
    ArrayBuffer: [buffer(main), buffer(f)],
    views: [new DataView(buffer(main)), shifted.subarray(3)],
    SharedArrayBuffer: [shared(main), new Uint8Array(shared(f))],
    Blob: [new Blob([main]), new Blob([f])],
    Promise: [Promise.resolve(main), Promise.resolve(new Blob([f]))],
  };
  for (const [form, [a, b]] of Object.entries(forms)) {
    const result = await linkOk({
      inputs: [
        { name: 'main.o', bytes: a },
        { name: 'f.o', bytes: b },
      ],
    });
    assert.deepEqual(result.output, output, form);
    const named = await linkOk({ inputs: ['main.o', './f.o'], files: { 'main.o': a, 'f.o': b } });
    assert.deepEqual(named.output, output, form);
  }
});

test('the output is the callers own', async () => {
  const { output } = await linkOk({ inputs });
  const copy = output.slice();
  await linkOk({
    inputs: [
      { name: 'main.o', bytes: main },
      { name: 'f.o', bytes: assemble(callee('f', 7)) },
    ],
  });
  assert.deepEqual(output, copy);
  assert.equal(output.byteLength, output.buffer.byteLength);
});

test('finds libraries in files', async () => {
  const library = archive({ 'f.o': f });
  const { output } = await linkOk({ inputs });
  const request = { inputs: [{ name: 'main.o', bytes: main }, '-lf'] };
  assert.deepEqual((await linkOk({ ...request, files: { 'libf.a': library } })).output, output);
  assert.deepEqual((await linkOk({ ...request, files: new Map([['./libf.a', library]]) })).output, output);
  const inFolder = { 'lib/wasm/libf.a': library };
  assert.deepEqual(
    (await linkOk({ ...request, options: { libraryPath: 'lib/wasm' }, files: inFolder })).output,
    output,
  );
  assert.deepEqual((await linkOk({ ...request, args: ['-Llib/wasm'], files: inFolder })).output, output);

  const asked = [];
  const provider = (name) => {
    asked.push(name);
    return name === 'lib/wasm/libf.a' ? library : undefined;
  };
  await linkOk({ ...request, options: { libraryPath: ['nowhere', 'lib/wasm'] }, files: provider });
  assert.equal(new Set(asked).size, asked.length, 'nothing is asked for twice');
  assert.ok(asked.includes('nowhere/libf.a'));

  const result = await link(request);
  assert.deepEqual(ids(result), ['library-not-found']);
});

test('thin archives, response files and .imports files are resolved in files', async () => {
  const thin = archive({ 'f.o': f }, 'rcsDT');
  const { output } = await linkOk({ inputs });
  const files = { 'd/libf.a': thin, 'd/f.o': f, 'more.rsp': '' };
  files['more.rsp'] = new TextEncoder().encode('-L d -lf');
  const bytes = { name: 'main.o', bytes: main };
  assert.deepEqual((await linkOk({ inputs: [bytes, 'd/libf.a'], files })).output, output);
  assert.deepEqual(
    (await linkOk({ args: ['main.o', '@more.rsp'], files: { ...files, 'main.o': main } })).output,
    output,
  );
  delete files['d/f.o'];
  assert.deepEqual(ids(await link({ inputs: [bytes, 'd/libf.a'], files })), ['thin-member-not-found']);

  const g = archive({ 'g.o': assemble(callee('g', 1)) });
  const imports = { 'g.imports': new TextEncoder().encode('# from the page\nf\n') };
  const result = await linkOk({ inputs: [bytes, { name: 'g.a', bytes: g }], files: imports });
  const names = WebAssembly.Module.imports(await WebAssembly.compile(result.output));
  assert.deepEqual(names, [{ module: 'env', name: 'f', kind: 'function' }]);
});

test('wholeArchive and lazy belong to one input', async () => {
  const library = archive({ 'f.o': f, 'g.o': assemble(callee('g', 1)) });
  const objects = async (...rest) =>
    (await linkOk({ inputs: [inputs[0], ...rest], options: { gcSections: false } })).stats.objects;
  assert.equal(await objects({ name: 'l.a', bytes: library }), 2);
  assert.equal(await objects({ name: 'l.a', bytes: library, wholeArchive: true }), 3);
  const other = { name: 'o.a', bytes: archive({ 'h.o': assemble(callee('h', 1)) }) };
  assert.equal(await objects({ name: 'l.a', bytes: library, wholeArchive: true }, other), 3);
  const h = { name: 'h.o', bytes: assemble(callee('h', 1)) };
  assert.equal(await objects(inputs[1], h), 3);
  assert.equal(await objects(inputs[1], { ...h, lazy: true }), 2);
});

test('args are wasm-ld’s, and the last of several values counts', async () => {
  const { output } = await linkOk({ inputs, args: ['--no-entry', '--export=f', '-o', 'x.wasm'] });
  const same = await linkOk({ inputs, options: { entry: false, export: 'f', outputName: 'x.wasm' } });
  assert.deepEqual(output, same.output);
  const toStdout = await linkOk({ inputs, args: ['-o', '-'] });
  assert.ok(WebAssembly.validate(toStdout.output));
  assert.equal(toStdout.stdout, '');
});

test('other files that were asked for are in the result', async () => {
  const library = { name: 'libf.a', bytes: archive({ 'f.o': f }) };
  const result = await linkOk({ inputs: [inputs[0], library], options: { whyExtract: 'why.tsv', reproduce: 'r.tar' } });
  assert.deepEqual(Object.keys(result.files).sort(), ['r.tar', 'why.tsv']);
  assert.match(Buffer.from(result.files['why.tsv']).toString(), /^main\.o\tlibf\.a\(f\.o\)\tf$/m);
});

test('a failed link can be an error, with the result', async () => {
  const request = { inputs, options: { entry: false, export: 'f' } };
  const { output } = await linkOrThrow(request);
  assert.deepEqual(output, (await link(request)).output);
  const wrong = { inputs: [inputs[0]], options: { entry: 'nothing', export: 'f' } };
  await assert.rejects(linkOrThrow(wrong), (error) => {
    assert.ok(error instanceof LinkError && error instanceof Error);
    assert.equal(error.name, 'LinkError');
    assert.equal(error.result.ok, false);
    const errors = error.result.diagnostics.filter(({ severity }) => severity === 'error');
    assert.ok(errors.length > 0);
    assert.equal(error.message, ['the link failed', ...formatMessages(errors)].join('\n'));
    return true;
  });
  // Many errors are counted.
  const names = Array.from({ length: 15 }, (_, i) => `missing_${i}`);
  await assert.rejects(linkOrThrow({ inputs, options: { entry: false, export: names } }), (error) => {
    assert.equal(error.message.match(/error: .*`missing_\d+`/g)?.length, 10);
    assert.match(error.message, /\nand 5 more errors: `result\.diagnostics` has all$/);
    return true;
  });
  // Wrong use and an aborted link are what they are.
  await assert.rejects(linkOrThrow({ inputs, options: { stripAl: true } }), TypeError);
  await assert.rejects(linkOrThrow(request, { signal: AbortSignal.abort() }), { name: 'AbortError' });
});

test('a failed link that nobody catches says what is wrong, and no more', async () => {
  const text = `import { linkOrThrow } from ${JSON.stringify(path.join(distDir, 'index.js'))};
    await linkOrThrow({ options: { entry: false, export: 'f' } });`;
  const file = path.join(folder, 'uncaught.mjs');
  writeFileSync(file, text);
  const { code, stderr } = await run(process.execPath, [file]);
  assert.equal(code, 1);
  assert.match(stderr, /^LinkError: the link failed\nweld: error: no input files\n {4}at /m);
  assert.match(stderr, /uncaught\.mjs:2:/); // where it was called
  assert.doesNotMatch(stderr, /stats|phases|result|dist/); // neither the result nor our code
});

test('errors of the package print their names', async () => {
  const linker = await createLinker({ options: { entry: false } });
  const unit = linker.unit('u');
  const refused = () => unit.setFunction(unit.function('f', [], ['i32']), unit.code().op('local.get', 5).end());
  assert.throws(refused, (error) => /^EditError: /.test(inspect(error)));
  linker.dispose();
  const exit = await command(['weld', 'none.o'], {}, { stderr: null }).catch((error) => error);
  assert.match(inspect(exit), /^Exit: Exited with status 1/);
});

test('components are made apart', async () => {
  const { ok, diagnostics } = await link({ inputs, args: ['--component'] });
  assert.equal(ok, false);
  assert.deepEqual(
    diagnostics.map(({ id, text }) => [id, text]),
    [
      [
        'no-component-tool',
        '`wasm-tools`, which makes components, cannot be run: no programs can be run here: call `makeComponent` of `wasm-weld/component` with the output',
      ],
    ],
  );
});

test('options have no capitals in front', async () => {
  await assert.rejects(link({ inputs, options: { Map: 'a.map' } }), /unknown option `Map`; did you mean `map`\?/);
  await assert.rejects(link({ inputs, options: { Bsymbolic: true } }), /did you mean `bsymbolic`\?/);
});

test('a map is in a file or in what is printed', async () => {
  const options = { buildId: 'uuid' };
  const { stdout } = await linkOk({ inputs, options: { ...options, printMap: true } });
  assert.match(
    stdout,
    /^    Addr      Off     Size Out     In      Symbol\n.*CODE\n.*f\.o:\(f\)\n.*CUSTOM\(build_id\)\n$/s,
  );
  const { files } = await linkOk({ inputs, options: { ...options, map: 'a.map' } });
  assert.equal(Buffer.from(files['a.map']).toString(), stdout);
});

test('a provider that throws is a file that cannot be read', async () => {
  const files = (name) => {
    throw new Error(`no network for ${name}`);
  };
  const result = await link({ inputs: ['a.o'], files });
  assert.deepEqual(ids(result), ['file-not-found']);
  assert.deepEqual(result.diagnostics[0].arguments, ['a.o', 'no network for a.o']);
});

test('a name without `files` says where it would be looked up', async () => {
  const { diagnostics } = await link({ inputs: ['a.o', ...inputs] });
  assert.deepEqual(
    diagnostics.map((one) => one.arguments),
    [['a.o', 'names are looked up in `files`, which was not given']],
  );
  assert.deepEqual(ids(await link({ inputs: [...inputs, '-lc'] })), ['library-not-found']);
  const given = await link({ inputs: ['a.o'], files: {} });
  assert.deepEqual(given.diagnostics[0].arguments, ['a.o', 'No such file or directory']);
});

test('a provider may link', async () => {
  await initialize();
  const files = (name) => (name === 'g.o' ? linkSync({ inputs, options: { relocatable: false } }).output : undefined);
  assert.deepEqual(ids(await link({ inputs: ['g.o'], files })), ['not-relocatable']);
});

test('wrong uses are TypeErrors', async () => {
  const cases = [
    [undefined, /a link must be an object, which may have `inputs`, `options`, `args`, `files`$/],
    [['a.o'], /a link must be an object/],
    [{ before: [] }, /a link has no `before`: it may have `inputs`/],
    [{ input: [] }, /a link has no `input`; did you mean `inputs`\?/],
    [{ inputs: 'a.o' }, /`inputs` must be an array/],
    [{ inputs: [main] }, /an input is `\{ name, bytes \}`/],
    [{ inputs: [new Blob([main])] }, /an input is `\{ name, bytes \}`: of a File/],
    [{ inputs: [new URL('file:///main.o')] }, /an input is `\{ name, bytes \}`/],
    [{ inputs: [main.buffer.slice(0)] }, /an input is `\{ name, bytes \}`/],
    [{ inputs: [{ bytes: main }] }, /an input needs a `name`/],
    [{ inputs: [{ name: 'a.o', byte: main }] }, /an input has no `byte`; did you mean `bytes`\?/],
    [{ inputs: [{ name: 'a.o', bytes: 'text' }] }, /`a\.o` must be a Uint8Array/],
    [{ inputs: ['--no-entry'] }, /cannot be named `--no-entry`/],
    [{ inputs: ['@a.rsp'] }, /cannot be named `@a\.rsp`/],
    [{ inputs: [inputs[0], inputs[0]] }, /two inputs are named `main\.o`/],
    [{ args: '--no-entry' }, /`args` must be an array/],
    [{ files: 'folder' }, /`files` must be an object, a Map, a URL or a function/],
    [{ inputs: ['a.o'], files: () => 'text' }, /`a\.o` must be a Uint8Array/],
    [{ inputs: ['a.o'], files: async () => 'text' }, /`a\.o` must be a Uint8Array/],
    [{ inputs, options: { stripAlll: true } }, /unknown option `stripAlll`; did you mean `stripAll`\?/],
    [{ inputs, options: { 'strip-all': true } }, /did you mean `stripAll`\?/],
    [{ inputs, options: { zzzzz: true } }, /unknown option `zzzzz`$/],
    [{ inputs, options: { stackSize: '64k' } }, /option `stackSize` must be a whole number, not "64k"/],
    [{ inputs, options: { export: [1] } }, /option `export` must be a string or an array of strings/],
    [{ inputs, options: { exportMemory: false } }, /option `exportMemory` must be true or a string, not false/],
    [{ inputs, option: { entry: false } }, /did you mean `options`\?/],
    [{ inupts: [] }, /did you mean `inputs`\?/],
    [{ agrs: [] }, /did you mean `args`\?/],
    [{ inputs, options: { entry: true } }, /option `entry` must be a string or false/],
  ];
  for (const [request, message] of cases) await assert.rejects(link(request), { name: 'TypeError', message });
  assert.throws(() => linkSync({ inputs: [{ name: 'a.o', bytes: new Blob([main]) }] }), /is a Blob/);
});

test('formatMessages takes diagnostics and options that there are', async () => {
  const result = await link({ inputs: [inputs[0]] });
  assert.throws(() => formatMessages(result.diagnostics, { colour: true }), {
    name: 'TypeError',
    message: /no `colour`; did you mean `color`\?/,
  });
  for (const wrong of [result, undefined])
    assert.throws(() => formatMessages(wrong), { name: 'TypeError', message: /takes `result\.diagnostics`/ });
  assert.match(formatMessages(result.diagnostics, { color: true, program: 'x' })[0], /^x: \x1b\[/);
});

test('logOverride raises, lowers and silences by id', async () => {
  const one = (options) => link({ inputs: [inputs[0]], options });
  assert.deepEqual(ids(await one({})), ['undefined-symbol']);
  const lowered = await one({ logOverride: { 'undefined-symbol': 'warning' } });
  assert.ok(lowered.ok && WebAssembly.validate(lowered.output));
  assert.deepEqual(
    lowered.diagnostics.map(({ severity }) => severity),
    ['warning'],
  );
  assert.ok((await one({ logOverride: { 'undefined-symbol': 'silent' } })).ok);
  const asked = await one({ allowUndefined: true, logOverride: { 'undefined-allowed': 'message' } });
  assert.deepEqual(ids(asked), ['undefined-allowed']);
  assert.match(
    formatMessages(asked.diagnostics)[0],
    /^weld: message: undefined symbol `f` is allowed.*\n  in main\.o, .*\n  note: /,
  );

  const misspelt = await one({ logOverride: { 'undefined-symbl': 'warning' } });
  assert.deepEqual(ids(misspelt), ['bad-option']);
  assert.deepEqual(misspelt.diagnostics[0].notes, [{ text: 'did you mean `undefined-symbol`?' }]);
  assert.match((await one({ logOverride: { 'malformed-object': 'silent' } })).diagnostics[0].text, /cannot be lowered/);
  await assert.rejects(
    one({ logOverride: { 'undefined-symbol': 'off' } }),
    /^TypeError: `logOverride` of `undefined-symbol` must be 'error' or .*, not "off"$/,
  );
  await assert.rejects(one({ logOverride: ['undefined-symbol'] }), /`logOverride` of `0` must be/);
  await assert.rejects(
    one({ logOverride: 'off' }),
    /option `logOverride` must be an object of levels by id, not "off"$/,
  );
  assert.deepEqual(ids(await one({ logOverride: { 'undefined-symbol': undefined } })), ['undefined-symbol']);
});

test('a diagnostic names the line in the source, and the library that is missing', async () => {
  const bytes = compile('lines.c', 'int helper(void);\nint run(void) {\n  return helper();\n}\n', ['-g', '-O1']);
  const library = archive({ 'helper.o': compile('helper.c', 'int helper(void) { return 1; }') });
  const request = {
    inputs: [{ name: 'lines.o', bytes }],
    options: { entry: false, export: 'run', libraryPath: 'lib' },
  };
  const { diagnostics } = await link({
    ...request,
    files: { 'lib/libhelper.a': library, 'lib/sub/libother.a': library },
  });
  assert.deepEqual(ids({ diagnostics }), ['undefined-symbol']);
  assert.deepEqual(diagnostics[0].location.source, { file: 'lines.c', line: 3, column: 10 });
  assert.equal(
    diagnostics[0].notes.at(-1).text,
    'it is defined in lib/libhelper.a(helper.o), which is not on the line: add -lhelper',
  );
  assert.match(formatMessages(diagnostics)[0], /in `run`, at lines\.c:3:10\n/);
});

test('advice names options as the request does', async () => {
  const bytes = compile(
    'advice.cpp',
    '#include <cstdio>\nextern "C" int host(); int main() { int *p = new int(host()); printf("%d", *p); return *p; }',
    ['-O0'],
  );
  /** @param {object} request */
  const notes = async (request) =>
    (await link({ inputs: [{ name: 'a.o', bytes }], ...request })).diagnostics
      .flatMap(({ notes }) => notes.map(({ text }) => text))
      .join('\n');
  const inOptions = await notes({});
  for (const words of [
    'name another with `entry`, or pass `entry: false`',
    "or link with `allowUndefinedSymbol: 'host'`",
    "it looks like libc++abi: use `sysroot({ language: 'c++' })` of `wasm-weld/wasi`",
    'it looks like the C library: use `sysroot` of `wasm-weld/wasi`',
  ])
    assert.ok(inOptions.includes(words), `${words}\n${inOptions}`);
  assert.doesNotMatch(inOptions, /--|-l/);
  const inArgs = await notes({ args: [] });
  for (const words of ['--no-entry', '--allow-undefined-symbol=host', 'add -lc++ -lc++abi', 'add -lc, with -L'])
    assert.ok(inArgs.includes(words), `${words}\n${inArgs}`);
  const large = compile('large.c', 'void g(char *); void f(void) { char large[80000]; g(large); }', ['-O1']);
  const { diagnostics } = await link({
    inputs: [{ name: 'large.o', bytes: large }],
    options: { entry: false, export: 'f', allowUndefined: true },
  });
  const said = diagnostics.flatMap(({ notes }) => notes.map(({ text }) => text)).join('\n');
  assert.match(said, /`stackSize: \d+`/);

  // What is behind a value stays, and a name that is code of JavaScript is still a name.
  const odd = `it's\\=b`;
  const source = `void h(void) __asm__(${JSON.stringify(odd)});\nvoid run(void) { h(); }`;
  const named = compile('odd.c', source, ['-O1']);
  const of = async (/** @type {object} */ options, /** @type {string} */ name) =>
    (await link({ inputs: [{ name, bytes: named }], options: { entry: false, export: 'run', ...options } })).diagnostics
      .flatMap(({ notes }) => notes.map(({ text }) => text))
      .join('\n');
  const inMemory = await of({ allowUndefined: true, initialMemory: 70_000 }, 'odd.o');
  assert.match(inMemory, /`initialMemory: \d+`, the next multiple/);
  const inName = await of({}, 'src -shared_/a -shared/odd.o');
  assert.doesNotMatch(inName, /shared: true/);
  assert.ok(inName.includes("`allowUndefinedSymbol: 'it\\'s\\\\=b'`"), inName);
});

test('a table beyond 32 bits is refused', async () => {
  for (const tableBase of [2 ** 32, 2 ** 32 + 1]) {
    const result = await link({ inputs, options: { tableBase } });
    assert.deepEqual([result.ok, ids(result)], [false, ['memory-too-large']]);
  }
});

test('names in messages do nothing to a terminal, and are data as they are', async () => {
  const name = 'h\x1b[7m\nweld: error: \u202e';
  const source = `void h(void) __asm__(${JSON.stringify(name).replace('\\u001b', '\\033')});\nvoid run(void) { h(); }`;
  const input = 'a\n\x7f\x9b\u2069.o';
  const bytes = compile('hostile.c', source, ['-O1', '-g', '-fdebug-prefix-map=hostile.c=\t.c']);
  const { diagnostics } = await link({ inputs: [{ name: input, bytes }], args: ['--no-entry', '--export=run'] });
  assert.deepEqual(ids({ diagnostics }), ['undefined-symbol']);
  assert.equal(diagnostics[0].arguments[0].name, name);
  const { location } = diagnostics[0];
  assert.deepEqual([location.input, location.source.file], [input, '\t.c']);
  const [message] = formatMessages(diagnostics);
  const [first, second, ...notes] = message.split('\n');
  const escaped = 'h\\x1b[7m\\x0aweld: error: \\xe2\\x80\\xae';
  assert.equal(first, `weld: error: undefined symbol \`${escaped}\``);
  assert.ok(second.startsWith('  in a\\x0a\\x7f\\xc2\\x9b\\xe2\\x81\\xa9.o, section CODE, '), second);
  assert.ok(notes.length > 0 && notes.every((line) => line.startsWith('  note: ')), message);
  assert.doesNotMatch(notes.join(''), /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
  if (!native) return;
  writeFileSync(path.join(folder, input), bytes);
  const { stderr } = await run(native, ['--no-entry', '--export=run', input, '-o', 'hostile.wasm']);
  assert.equal(`${message}\n`, stderr);
});

test('200 links need no more memory than a few', async () => {
  const sizes = [];
  for (let i = 0; i < 200; i++) sizes.push((await linkOk({ inputs })).stats.memoryBytes);
  assert.equal(sizes.at(-1), sizes[5]);
});

test('memory is given back after links that fail', async () => {
  const big = Buffer.concat([f, Buffer.alloc(4 << 20)]);
  const sizes = [];
  for (let i = 0; i < 20; i++) {
    const result = await link({ inputs: [{ name: 'big.o', bytes: big }] });
    assert.ok(!result.ok);
    sizes.push(result.stats.memoryBytes);
  }
  assert.equal(sizes.at(-1), sizes[3]);
});

const program = `
  #include <stdio.h>
  #include <stdlib.h>
  static int compare(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }
  int main(int argc, char** argv) {
    int numbers[] = {3, 1, 2};
    qsort(numbers, 3, sizeof *numbers, compare);
    char* text = malloc(32);
    snprintf(text, 32, "%d %d %d %.2f", numbers[0], numbers[1], numbers[2], 0.5 * argc);
    puts(text);
    return argc - 1;
  }`;

test('a C program: the native program’s bytes, and it runs', async () => {
  const object = compile('program.c', program);
  const result = await linkOk({
    inputs: [`${wasiLib}/crt1-command.o`, { name: 'program.o', bytes: object }, '-lc', builtins],
    options: { libraryPath: wasiLib, outputName: 'program.wasm' },
    files: fromDisk,
  });
  if (native) {
    const args = [`${wasiLib}/crt1-command.o`, 'program.o', '-lc', builtins, `-L${wasiLib}`, '-o', 'program.wasm'];
    execFileSync(native, args, { cwd: folder });
    assert.ok(Buffer.from(result.output).equals(readFileSync(path.join(folder, 'program.wasm'))));
  }
  writeFileSync(
    path.join(folder, 'run.mjs'),
    `
    import { WASI } from 'node:wasi';
    import fs from 'node:fs';
    const wasi = new WASI({ version: 'preview1', args: ['program', 'x'], returnOnExit: true });
    const module = await WebAssembly.compile(fs.readFileSync('linked.wasm'));
    process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));`,
  );
  writeFileSync(path.join(folder, 'linked.wasm'), result.output);
  const { code, stdout } = await run(process.execPath, ['--no-warnings', 'run.mjs']);
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '1 2 3 1.00\n' });
});

test('the version is the package’s', () => {
  assert.equal(version, JSON.parse(readFileSync(path.join(packageDir, 'package.json'), 'utf8')).version);
});
