// The sysroot helper, with Debian's packages: what clang links with is what it finds.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { link } from '../dist/index.js';
import { sysroot } from '../dist/wasi.js';
import { builtins, compile, folder, fromDisk, run, wasiLib } from './support.mjs';

const c = {
  name: 'main.o',
  bytes: compile('main.c', '#include <stdio.h>\nint main(void) { printf("%s %.1f\\n", "hello", 1.5); return 3; }'),
};
const cpp = {
  name: 'main.o',
  bytes: compile(
    'main.cpp',
    '#include <iostream>\n#include <vector>\nint main() { std::vector<int> v{1, 2}; std::cout << "hello " << v.size() << "\\n"; }',
  ),
};
const library = {
  name: 'library.o',
  bytes: compile(
    'library.c',
    `
  #include <string.h>
  static int ready;
  __attribute__((constructor)) static void begin(void) { ready = 40; }
  __attribute__((export_name("length"))) int length(const char *text) { return ready + (int)strlen(text); }`,
  ),
};

// Of several clangs the helper takes the newest one's builtins.
const release = Math.max(
  ...readdirSync('/usr/lib')
    .map((name) => Number(/^llvm-(\d+)$/.exec(name)?.[1]))
    .filter((n) => existsSync(`/usr/lib/llvm-${n}/lib/clang/${n}/lib/wasi/libclang_rt.builtins-wasm32.a`)),
);

/** What clang says that it links with. */
function clangs(compiler, name, flags = []) {
  const { stderr } = spawnSync(compiler, ['--target=wasm32-wasi', '-###', ...flags, name], {
    cwd: folder,
    encoding: 'utf8',
  });
  const args = [
    ...stderr
      .trim()
      .split('\n')
      .at(-1)
      .matchAll(/"([^"]*)"/g),
  ]
    .map((match) => match[1])
    .slice(1);
  return args.slice(0, args.indexOf('-o'));
}

async function expected(object, compiler, flags) {
  const result = await link({
    args: clangs(compiler, object.name, flags),
    files: (name) => (name === object.name ? object.bytes : fromDisk(name)),
  });
  assert.deepEqual(result.diagnostics, []);
  return result.output;
}

async function linked(found, object, request = {}) {
  const result = await link(found.request({ inputs: [object], ...request }));
  assert.deepEqual(result.diagnostics, []);
  return result.output;
}

async function runs(bytes) {
  writeFileSync(path.join(folder, 'linked.wasm'), bytes);
  writeFileSync(
    path.join(folder, 'run.mjs'),
    `
    import { WASI } from 'node:wasi';
    import fs from 'node:fs';
    const wasi = new WASI({ version: 'preview1', returnOnExit: true });
    const { instance } = await WebAssembly.instantiate(fs.readFileSync('linked.wasm'), wasi.getImportObject());
    process.exitCode = wasi.start(instance);`,
  );
  const { code, stdout } = await run(process.execPath, ['--no-warnings', 'run.mjs']);
  return [code, stdout];
}

test('C and C++ commands of Debian: what clang links, and it runs', async () => {
  const inC = await linked(await sysroot({ from: '/usr' }), c);
  assert.deepEqual(inC, await expected(c, `clang-${release}`));
  assert.deepEqual(await runs(inC), [3, 'hello 1.5\n']);
  const inCpp = await linked(await sysroot({ from: '/usr', language: 'c++' }), cpp);
  assert.deepEqual(inCpp, await expected(cpp, `clang++-${release}`));
  assert.deepEqual(await runs(inCpp), [0, 'hello 2\n']);
});

test('a reactor: constructors run when it is initialized', async () => {
  const output = await linked(await sysroot({ from: '/usr', model: 'reactor' }), library);
  assert.deepEqual(output, await expected(library, `clang-${release}`, ['-mexec-model=reactor']));
  const { instance } = await WebAssembly.instantiate(output);
  instance.exports._initialize();
  assert.equal(instance.exports.length(0), 40);
});

test('more libraries, and options of the caller', async () => {
  const signal = {
    name: 'signal.o',
    bytes: compile(
      'signal.c',
      '#define _WASI_EMULATED_SIGNAL\n#include <signal.h>\nint main(void) { return raise(SIGUSR1); }',
    ),
  };
  const plain = await link((await sysroot({ from: '/usr' })).request({ inputs: [signal] }));
  assert.deepEqual(
    plain.diagnostics.map(({ id }) => id),
    ['undefined-symbol'],
  );
  const found = await sysroot({ from: '/usr', libraries: ['wasi-emulated-signal'] });
  const options = { stripAll: true };
  assert.ok((await linked(found, signal, { options })).length < (await linked(found, signal)).length);
});

test('what is not there, and what makes no sense', async () => {
  const cases = [
    [
      { from: '/usr', language: 'c++', exceptions: true },
      /^the C\+\+ libraries in \/usr are without exceptions: compile with -fno-exceptions, or /,
    ],
    [{ from: folder, language: 'c++', exceptions: true }, /there is no crt1-command\.o in /],
    [{ from: folder }, /there is no crt1-command\.o in /],
    [{ from: '/usr', libraries: 'wasi-emulated-signal' }, /`libraries` must be an array/],
    [{ form: '/usr' }, /did you mean `from`\?/],
    [{ from: '/usr', libraries: ['nonesuch'] }, /there is no libnonesuch\.a/],
    [{ from: '/usr', target: 'wasm64-wasi' }, /in lib\/wasm64-wasi\//],
    [{ from: '/usr', language: 'cpp' }, /`language` must be/],
    [{ from: '/usr', modell: 'reactor' }, /did you mean `model`\?/],
    [{ from: new Uint8Array(1024).fill(1) }, /no tar archive/],
    [{ from: new URL('file:///usr/lib.zip') }, /neither a folder.* nor a tar archive/],
    [{}, /`from` must be/],
  ];
  for (const [options, message] of cases) await assert.rejects(sysroot(options), { message });
  const found = await sysroot({ from: '/usr' });
  for (const [request, message] of [
    [undefined, /must be an object/],
    [{ inputs: 'main.o' }, /`inputs` must be an array/],
    [{ input: [] }, /did you mean `inputs`\?/],
  ]) {
    assert.throws(() => found.request(request), { name: 'TypeError', message });
    if (request) await assert.rejects(found.linker(request), { name: 'TypeError', message });
  }
});

const flat = path.join(folder, 'flat');
mkdirSync(flat);
for (const name of ['crt1-command.o', 'libc.a', 'libc++.a', 'libc++abi.a'])
  cpSync(path.join(wasiLib, name), path.join(flat, name), { dereference: true });
cpSync(
  `/usr/lib/llvm-${release}/lib/clang/${release}/lib/wasi/${path.basename(builtins)}`,
  path.join(flat, path.basename(builtins)),
);
// As wasi-sdk is packed, with a path that needs a long name.
const deep = path.join(folder, `wasi-sdk-${'9'.repeat(110)}`);
for (const dir of ['share/wasi-sysroot/lib/wasm32-wasip1/eh', 'lib/clang/9/lib/wasip1', 'lib/clang/19/lib/wasip1'])
  mkdirSync(path.join(deep, dir), { recursive: true });
for (const name of readdirSync(flat))
  cpSync(
    path.join(flat, name),
    path.join(
      deep,
      name.includes('clang_rt') ? 'lib/clang/19/lib/wasip1' : 'share/wasi-sysroot/lib/wasm32-wasip1',
      name,
    ),
  );
// Archives may have links.
renameSync(path.join(deep, 'share/wasi-sysroot/lib/wasm32-wasip1/libc++.a'), path.join(deep, 'libc++.1.a'));
symlinkSync('../../../../libc++.1.a', path.join(deep, 'share/wasi-sysroot/lib/wasm32-wasip1/libc++.a'));
linkSync(path.join(deep, 'share/wasi-sysroot/lib/wasm32-wasip1/libc.a'), path.join(deep, 'a-link.a'));
writeFileSync(path.join(deep, 'lib/clang/9/lib/wasip1', path.basename(builtins)), 'the older one, which nobody takes');

test('the same from a flat folder, files by path, tar archives and wasi-sdk', async () => {
  const want = await expected(cpp, `clang++-${release}`);
  const files = Object.fromEntries(readdirSync(flat).map((name) => [name, readFileSync(path.join(flat, name))]));
  const blobs = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`lib/wasm32-wasi/${name}`, new Blob([bytes])]),
  );
  const forms = { flat, files, blobs, deep, url: pathToFileURL(`${flat}/`), map: new Map(Object.entries(files)) };
  for (const [format, suffix] of [
    ['gnu', 'tar'],
    ['pax', 'tar.gz'],
  ]) {
    const archive = path.join(folder, `${format}.${suffix}`);
    execFileSync('tar', [
      '-c',
      ...(suffix === 'tar' ? [] : ['-z']),
      `--format=${format}`,
      '-f',
      archive,
      '-C',
      folder,
      path.basename(deep),
    ]);
    forms[format] = archive;
    forms[`${format} bytes`] = readFileSync(archive);
  }
  for (const [form, from] of Object.entries(forms))
    assert.deepEqual(await linked(await sysroot({ from, language: 'c++' }), cpp), want, form);
  const both = await sysroot({ from: [{ 'crt1-command.o': files['crt1-command.o'] }, flat], language: 'c++' });
  assert.deepEqual(await linked(both, cpp), want);
});

test('what is fetched is kept', async (t) => {
  execFileSync('tar', ['-czf', path.join(folder, 'deep.tar.gz'), '-C', folder, path.basename(deep)]);
  const requests = [];
  const server = http.createServer((request, response) => {
    requests.push(request.url);
    const bytes = fromDisk(path.join(folder, request.url));
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}`;
  const want = await expected(c, `clang-${release}`);
  for (const from of [`${base}/flat/`, new URL(`${base}/deep.tar.gz`)]) {
    const options = { from, cache: path.join(folder, 'cache') };
    assert.deepEqual(await linked(await sysroot(options), c), want);
    assert.ok(requests.length > 0);
    requests.length = 0;
    assert.deepEqual(await linked(await sysroot(options), c), want);
    assert.deepEqual(requests, []);
    await sysroot({ from, cache: false });
    assert.ok(requests.length > 0);
    requests.length = 0;
  }
  await assert.rejects(sysroot({ from: `${base}/missing.tar`, cache: false }), /missing\.tar is not there/);
});

test('a linker with the sysroot restored', async () => {
  const found = await sysroot({ from: '/usr' });
  const linker = await found.linker({ inputs: [c] });
  assert.deepEqual(linker.inputs, ['crt1-command.o', 'main.o', 'libc.a', path.basename(builtins)]);
  assert.deepEqual(linker.link().output, await linked(found, c));
  const edited = compile('main.c', '#include <stdio.h>\nint main(void) { puts("edited"); return 0; }');
  linker.replace('main.o', edited);
  assert.deepEqual(linker.link().output, await linked(found, { name: 'main.o', bytes: edited }));
  const again = await found.linker();
  again.add(c, 'libc.a');
  assert.deepEqual(again.link().output, await linked(found, c));
  const reactor = await (await sysroot({ from: '/usr', model: 'reactor' })).linker({
    inputs: [library],
    options: { stripAll: true },
  });
  assert.deepEqual(
    WebAssembly.Module.exports(new WebAssembly.Module(reactor.link().output)).map(({ name }) => name),
    ['memory', '_initialize', 'length'],
  );
});
