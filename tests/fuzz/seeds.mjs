// @ts-check
// Fills a fuzzer's corpus with real objects, made by the compilers: node tests/fuzz/seeds.mjs FUZZER CORPUS
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [fuzzer, corpus] = process.argv.slice(2);
if (!fuzzer || !corpus) throw new Error('usage: seeds.mjs FUZZER CORPUS');
mkdirSync(corpus, { recursive: true });
if (existsSync(join(corpus, 'seed-0'))) process.exit(0);

const sources = {
  'a.c': `extern int g(int); extern int table_data[]; static const char *s[] = {"one", "stone"};
    __attribute__((constructor)) static void init(void) { table_data[0] = 1; }
    int f(int x) { return g(x) + s[x & 1][0] + table_data[x]; }
    __attribute__((export_name("run"))) int run(int (*p)(int)) { return p(f(1)); }`,
  'b.c': `int table_data[4] = {1, 2}; __attribute__((weak)) int g(int x) { return x; }
    __attribute__((weak)) int nowhere(void); int h(void) { return nowhere ? nowhere() : 0; }
    int (*pointers[])(int) = {g}; static _Thread_local int t = 3; int *tls(void) { return &t; }
    __attribute__((import_module("m"), import_name("n"))) int imported(int); int i(void) { return imported(2); }`,
  'c.cpp': `template <class T> struct S { virtual ~S() {} virtual T get() { return T(); } };
    inline int counter() { static int n; return ++n; } S<int> one; int use() { return one.get() + counter(); }`,
};
const work = `${corpus}-objects`;
mkdirSync(work, { recursive: true });
/** @type {Buffer[]} */
const objects = [];
for (const [name, text] of Object.entries(sources)) {
  writeFileSync(join(work, name), text);
  for (const flags of [['-O0', '-g'], ['-O1', '-gdwarf-5'], ['-O2'], ['-O1', '-fPIC'], ['-O1', '-pthread']]) {
    const compiler = name.endsWith('.cpp') ? 'clang++-19' : 'clang-19';
    const object = join(work, `${name}${flags.join('')}.o`);
    execFileSync(compiler, [
      '--target=wasm32-wasi',
      '-fno-exceptions',
      '-nostdlib',
      ...flags,
      '-c',
      join(work, name),
      '-o',
      object,
    ]);
    objects.push(readFileSync(object));
  }
}
const archive = join(work, 'lib.a');
execFileSync('llvm-ar-19', ['rcs', archive, join(work, 'b.c-O2.o'), join(work, 'c.cpp-O2.o')]);
objects.push(readFileSync(archive), Buffer.from('#STUB\nimported: f, g\n'));

// Modules: with names and debug information, and a shared library.
if (fuzzer === 'inspect_fuzzer') {
  for (const [flags, ...inputs] of [
    [['--no-entry', '--export-all', '--import-undefined'], 'a.c-O1-gdwarf-5.o', 'b.c-O0-g.o'],
    [['-shared', '--experimental-pic', '--export-dynamic', '--import-undefined'], 'a.c-O1-fPIC.o', 'b.c-O1-fPIC.o'],
  ]) {
    const module = join(work, 'linked.wasm');
    execFileSync('wasm-ld-19', [
      .../** @type {string[]} */ (flags),
      ...inputs.map((name) => join(work, String(name))),
      '-o',
      module,
    ]);
    objects.push(readFileSync(module));
  }
}

let n = 0;
/** @param {Buffer} bytes */
const seed = (bytes) => writeFileSync(join(corpus, `seed-${n++}`), bytes);
if (fuzzer === 'link_fuzzer') {
  const marker = Buffer.from('WELD');
  for (let i = 0; i < objects.length; i++) {
    for (const options of [
      [0, 0, 0],
      [0xe2, 0x48, 0],
      [0x75, 0x2c, 0x11],
    ]) {
      const others = [objects[(i + 5) % objects.length], objects[(i + 10) % objects.length]];
      const files = [Buffer.from(options), objects[i], marker, others[0], marker, others[1]];
      seed(Buffer.concat(files));
      // Each kind of link, and one release of wasm-ld (set_kind in link_fuzzer.cpp).
      for (let kind = 1; kind < 12; kind++)
        seed(Buffer.concat([...files, marker, Buffer.from([kind | ((n % 3) << 4)])]));
    }
  }
} else {
  for (const object of objects) seed(object);
}
