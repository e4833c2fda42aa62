// @ts-check
// Programs that are edited while they run (core/link/patch/README.md). Patches that the unit tests make are applied to instances
// in Node's engine, and each function then does what it does in a fresh link with the same values in its variables.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run } from './support/processes.mjs';
import { published, unitTests } from './support/published.mjs';
import { builtins, wasiLib } from './support/toolchain.mjs';

const folder = await published('Live.*');
const place = (/** @type {string} */ name) => path.join(folder, name);
const read = (/** @type {string} */ name) => readFileSync(place(name));

/**
 * A program that runs, with what patches add to its exports.
 *
 * @typedef {{ exports: Record<string, any>, first: Record<string, any> }} Running
 */

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {WebAssembly.Imports} imports
 * @returns {Running}
 */
function start(bytes, imports = {}) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { exports: { ...exports }, first: exports };
}

/**
 * @param {Running} running
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {WebAssembly.Imports} imports
 */
function apply(running, bytes, imports = {}) {
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { ...imports, __weld_live: running.first });
  Object.assign(running.exports, exports);
}

test('old code that is running returns into old code, and calls reach new code', () => {
  let next = /** @type {Uint8Array<ArrayBuffer> | undefined} */ (undefined);
  const imports = {
    page: {
      edit: () => {
        if (next) apply(running, next);
        next = undefined;
      },
    },
  };
  const running = start(read('live_unit_0.wasm'), imports);
  assert.equal(running.exports.next(), 2); // twice 1
  next = read('live_unit_1.wasm');
  assert.equal(running.exports.next(), 13); // 1, then 10
  assert.equal(running.exports.next(), 33);
  apply(running, read('live_unit_2.wasm'));
  assert.equal(running.exports.next(), 1053);
  assert.equal(running.first.next(), 2073); // an export that the page has from before
  assert.ok(!('letter' in running.exports));
  apply(running, read('live_unit_3.wasm'));
  assert.equal(running.exports.letter(), 98);
  assert.equal(running.exports.next(), 3093);
});

test('a patch of another program, in the wrong order or again is refused, and nothing changes', () => {
  const imports = { page: { edit: () => {} } };
  const running = start(read('live_unit_0.wasm'), imports);
  const memory = () => Buffer.from(running.first.memory.buffer.slice(0));
  const refuses = (/** @type {string} */ name) => {
    const state = running.first['__weld_live.state'].value;
    const before = memory();
    assert.throws(() => apply(running, read(name)), WebAssembly.RuntimeError);
    assert.equal(running.first['__weld_live.state'].value, state);
    assert.ok(memory().equals(before));
  };
  refuses('live_unit_2.wasm');
  refuses('live_unit_3.wasm');
  assert.equal(running.exports.next(), 2);
  apply(running, read('live_unit_1.wasm'));
  refuses('live_unit_1.wasm');
  assert.equal(running.exports.next(), 22);
});

/**
 * @param {string} name
 * @param {string} text
 * @param {string[]} flags
 */
async function compile(name, text, ...flags) {
  const source = place(`${name}.c`);
  writeFileSync(source, text);
  const args = ['--target=wasm32-wasi', '-c', ...flags, source, '-o', place(`${name}.o`)];
  const outcome = await run('clang-19', args);
  assert.equal(outcome.code, 0, `${outcome.stderr}\n${text}`);
  return place(`${name}.o`);
}

/** @param {string[]} lines */
async function link(lines) {
  writeFileSync(place('script'), `${lines.join('\n')}\n`);
  const env = { ...process.env, WELD_LIVE_SCRIPT: place('script') };
  const outcome = await run(unitTests, ['--gtest_filter=LiveScript.*'], { env });
  assert.equal(outcome.code, 0, outcome.stdout);
}

const attribute = (/** @type {string} */ name) => `__attribute__((export_name("${name}")))`;

test('a program with libc: members of archives that it did not have, memory, strings', async () => {
  const source = (/** @type {string} */ body, more = '') => `
    #include <stdlib.h>
    #include <string.h>
    ${more}
    static int calls;
    char *kept;
    __attribute__((weak)) int given_by_nobody(void);
    ${attribute('run')} int run(int x) { calls++; if (given_by_nobody) x = given_by_nobody(); ${body} }
    ${attribute('calls_now')} int calls_now(void) { return calls; }`;
  const first = await compile(
    'libc_0',
    source('if (!kept) { kept = malloc(100); strcpy(kept, "12"); } return x + kept[0];'),
    '-O1',
  );
  const second = await compile('libc_1', source('strcat(kept, "3"); return x + atoi(kept);'), '-O1');
  const third = await compile(
    'libc_2',
    source(
      'table[1]++; char *b = realloc(kept, 70000); kept = b; return x + (int)strtol(b, 0, 16) + table[1];',
      'static int table[1000] = {1, 2, 3};',
    ),
    '-O1',
  );
  const out = (/** @type {number} */ i) => place(`libc_${i}.wasm`);
  await link([
    'live all', // functions of libc refer weakly to others, which a patch brings
    `add main.o ${first}`,
    `add libc.a ${wasiLib}/libc.a`,
    `add builtins.a ${builtins}`,
    `link ${out(0)}`,
    `replace main.o ${second}`,
    `patch ${out(1)}`,
    `replace main.o ${third}`,
    `patch ${out(2)}`,
  ]);
  for (const i of [1, 2]) assert.doesNotMatch(readFileSync(`${out(i)}.txt`, 'utf8'), /restart/);
  const running = start(read('libc_0.wasm'));
  assert.equal(running.exports.run(5), 5 + 49);
  apply(running, read('libc_1.wasm'));
  assert.equal(running.exports.run(5), 5 + 123);
  assert.equal(running.exports.calls_now(), 2);
  apply(running, read('libc_2.wasm'));
  assert.equal(running.exports.run(0), 0x123 + 3);
  assert.equal(running.exports.run(0), 0x123 + 4);
  assert.equal(running.exports.calls_now(), 4);
});

test('what cannot be patched is linked anew, with the reason', async () => {
  const start0 = await compile('restart_0', `int v = 1; ${attribute('get')} int get(void) { return v; }`, '-O1');
  const start1 = await compile(
    'restart_1',
    `int v[2] = {5, 6}; ${attribute('get')} int get(void) { return v[1]; }`,
    '-O1',
  );
  await link([
    `add main.o ${start0}`,
    `link ${place('restart_0.wasm')}`,
    `replace main.o ${start1}`,
    `patch ${place('restart_1.wasm')}`,
  ]);
  assert.equal(read('restart_1.wasm.txt').toString(), 'restart: v has another size: 8 bytes and not 4\n');
  assert.equal(start(read('restart_1.wasm')).exports.get(), 6);
});

// --- Generated programs, and random edits.

/** @param {number} seed */
function randomNumbers(seed) {
  let state = seed + 1;
  return (/** @type {number} */ limit) => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    let x = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    x ^= x >>> 15;
    return (x >>> 0) % limit;
  };
}

const files = 4;

class Generated {
  /** @param {number} seed */
  constructor(seed) {
    this.random = randomNumbers(seed);
    /** @type {{ file: number, init: number, isStatic: boolean }[]} */
    this.variables = [];
    /** @type {{ file: number, values: number[] }[]} */
    this.tables = [];
    /** @type {{ file: number, body: string, isExported: boolean }[]} */
    this.functions = [];
    for (let i = 0; i < 6; i++) this.addVariable();
    for (let i = 0; i < 4; i++) this.addTable();
    for (let i = 0; i < 12; i++) this.addFunction();
  }
  file() {
    return this.random(files);
  }
  addVariable() {
    this.variables.push({
      file: this.file(),
      init: this.random(3) ? this.random(100) : 0,
      isStatic: this.random(2) === 0,
    });
  }
  addTable() {
    const values = Array.from({ length: 4 + this.random(4) }, () => this.random(1000));
    this.tables.push({ file: this.file(), values });
  }
  addFunction() {
    const row = { file: this.file(), body: '', isExported: this.random(4) !== 0 };
    this.functions.push(row);
    row.body = this.body(this.functions.length - 1);
  }

  /** @param {number} number of the function that the body is of: it calls those before it */
  body(number) {
    const { file } = this.functions[number];
    const lines = ['int r = x;'];
    for (let i = 2 + this.random(4); i; i--) lines.push(this.statement(number, file));
    return [...lines, 'return r;'].join(' ');
  }
  /**
   * @param {number} number
   * @param {number} file
   */
  statement(number, file) {
    const visible = this.variables.flatMap((v, i) => (!v.isStatic || v.file === file ? [i] : []));
    const tables = this.tables.flatMap((t, i) => (t.file === file ? [i] : []));
    const variable = `v${visible[this.random(visible.length)] ?? 0}`;
    const callee = this.random(Math.max(number, 1));
    switch (this.random(9)) {
      case 0:
        return visible.length ? `${variable} += r & ${1 + this.random(60)};` : ';';
      case 1:
        return visible.length ? `r ^= ${variable};` : ';';
      case 2:
        return number ? `r += f${callee}(r & 15);` : ';';
      case 3:
        return `r += sum("text ${this.random(30)}");`;
      case 4:
        return tables.length ? `r += t${tables[this.random(tables.length)]}[r & 3];` : ';';
      case 5: {
        const cases = Array.from({ length: 5 }, (_, i) => `case ${i}: r += ${this.random(500)}; break;`);
        return `switch (x & 7) { ${cases.join(' ')} }`;
      }
      case 6:
        return number
          ? `{ static int (*const ops[])(int) = {f${callee}, f${this.random(number)}}; r += ops[x & 1](3); }`
          : ';';
      case 7:
        return number ? `r += via(f${callee}, r & 7);` : ';';
      default:
        return `r = r * ${3 + this.random(20)} + ${this.random(1000)};`;
    }
  }

  /** @param {number} file */
  source(file) {
    const lines = ['static int sum(const char *s) { int r = 0; while (*s) r = r * 3 + *s++; return r; }'];
    lines.push('__attribute__((noinline)) static int via(int (*f)(int), int x) { return f(x); }');
    this.variables.forEach((v, i) => {
      if (v.file === file) {
        lines.push(`${v.isStatic ? 'static ' : ''}int v${i} = ${v.init};`);
        lines.push(`${attribute(`get${i}`)} int get${i}(void) { return v${i}; }`);
        lines.push(`${attribute(`set${i}`)} void set${i}(int x) { v${i} = x; }`);
      } else if (!v.isStatic) {
        lines.push(`extern int v${i};`);
      }
    });
    this.tables.forEach((t, i) => {
      if (t.file === file) lines.push(`static const int t${i}[] = {${t.values.join()}};`);
    });
    this.functions.forEach((f, i) => {
      lines.push(`int f${i}(int x);`);
    });
    this.functions.forEach((f, i) => {
      if (f.file === file) lines.push(`${f.isExported ? attribute(`f${i}`) : ''} int f${i}(int x) { ${f.body} }`);
    });
    return `${lines.join('\n')}\n`;
  }

  edit() {
    const number = this.random(this.functions.length);
    switch (this.random(8)) {
      case 0:
        return this.addFunction();
      case 1:
        return this.addVariable();
      case 2:
        return this.addTable();
      case 3: {
        const table = this.tables[this.random(this.tables.length)];
        table.values = table.values.map((value) => value + this.random(3));
        if (this.random(3) === 0) table.values.push(this.random(9));
        return;
      }
      case 4: {
        this.variables[this.random(this.variables.length)].init = this.random(50);
        return;
      }
      default:
        this.functions[number].body = this.body(number);
    }
  }
}

/** @param {number} seed */
async function checkEdits(seed, edits = 6) {
  const generated = new Generated(seed);
  const level = ['-O0', '-O1', '-O2'][seed % 3];
  const name = (/** @type {string} */ what, /** @type {number} */ step) => place(`random_${seed}_${what}_${step}.wasm`);
  /** @type {string[]} */
  const sources = [];
  const script = seed % 2 ? ['live all'] : [];
  for (let step = 0; step <= edits; step++) {
    if (step) for (let i = 1 + generated.random(3); i; i--) generated.edit();
    for (let file = 0; file < files; file++) {
      const source = generated.source(file);
      if (source === sources[file]) continue;
      sources[file] = source;
      const object = await compile(`random_${seed}_${file}_${step}`, source, level);
      script.push(`${step ? 'replace' : 'add'} m${file}.o ${object}`);
    }
    script.push(step ? `patch ${name('live', step)}` : `link ${name('live', 0)}`, `fresh ${name('fresh', step)}`);
  }
  await link(script);
  let running = start(readFileSync(name('live', 0)));
  const next = randomNumbers(seed + 1000);
  const made = { patches: 0, again: 0 };
  for (let step = 0; step <= edits; step++) {
    if (step) {
      const said = readFileSync(`${name('live', step)}.txt`, 'utf8');
      made.again += Number(said.includes('made from the link before'));
      const bytes = readFileSync(name('live', step));
      if (said.includes('restart:')) running = start(bytes);
      else if (bytes.length) {
        apply(running, bytes);
        made.patches++;
      }
    }
    const fresh = start(readFileSync(name('fresh', step)));
    const variables = Object.keys(fresh.exports).filter((e) => e.startsWith('get'));
    const values = (/** @type {Running} */ r) => variables.map((e) => r.exports[e]());
    variables.forEach((e, i) => {
      fresh.exports[e.replace('get', 'set')](values(running)[i]);
    });
    assert.deepEqual(values(fresh), values(running));
    for (let i = 0; i < 2; i++)
      for (const e of Object.keys(fresh.exports).filter((e) => /^f\d/.test(e))) {
        const x = next(100);
        const where = `seed ${seed}, step ${step}, ${e}(${x})`;
        assert.equal(running.exports[e](x), fresh.exports[e](x), where);
        assert.deepEqual(values(running), values(fresh), where);
      }
  }
  return made;
}

const seeds = Number(process.env.WELD_LIVE_SEEDS ?? (process.env.WELD_TIER === 'all' ? 60 : 3));
test('after random edits a patched program does what a fresh link does', async () => {
  const made = { patches: 0, again: 0 };
  for (let seed = 0; seed < seeds; seed++) {
    const { patches, again } = await checkEdits(seed);
    made.patches += patches;
    made.again += again;
  }
  assert.ok(made.patches > seeds * 3, `${made.patches} patches`);
  assert.ok(made.again > 0, 'none was made from the link before');
});
