// What `inspect` says, compared with what LLVM's tools and wabt say of the same file.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { before } from 'node:test';
import { initializeInspect, inspect, inspectSync, link, openReport } from '../dist/index.js';
import { testsPull } from '../../tests/support/tier.mjs';
import {
  archive,
  assemble,
  builtins,
  compile,
  distDir,
  folder,
  native,
  run,
  runModule,
  script,
  wasiLib,
} from './support.mjs';

const tool = (command, ...args) =>
  execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/** Writes a file into the folder; gives its path. */
function file(name, bytes) {
  const where = path.join(folder, name);
  writeFileSync(where, bytes);
  return where;
}

// --- The files

const cpp = `
  extern "C" int ext(int);
  template <class T> struct S { virtual ~S() {} virtual T get() { return T(); } };
  inline int counter() { static int n; return ++n; }
  static S<int> one;
  thread_local int tl = 4;
  __attribute__((constructor(101))) static void early() { tl = 5; }
  __attribute__((weak)) int weak_function() { return 1; }
  namespace space { class C { public: int method(const C&, int (*)(char)); int field; }; }
  int space::C::method(const C& c, int (*f)(char)) { return c.field + f('a') + weak_function(); }
  int use() { S<long> other; return one.get() + counter() + ext(tl) + (int)other.get(); }
  __attribute__((export_name("run"))) int run(int (*p)(int)) { return p(1); }
  const char* names[] = {"abc", "def"};
  __attribute__((import_module("m"), import_name("n"))) int imported(int);
  int call() { return imported(2); }`;
const c = `
  #include <stdio.h>
  static int twice(int x) { return x * 2; }
  int dead(int x) { return x + 3; }
  int main(int argc, char **argv) {
    for (int i = 0; i < argc; i++)
      printf("%d\\n", twice(i));
    return 0;
  }`;

/** Objects by name: bytes. */
const objects = {};
let module, library;

before(async () => {
  await initializeInspect();
  objects['O2.o'] = compile('o2.cpp', cpp, ['-O2', '-pthread']);
  objects['debug.o'] = compile('debug.cpp', cpp, ['-O1', '-g', '-pthread']);
  objects['dwarf5.o'] = compile('dwarf5.cpp', cpp, ['-O1', '-gdwarf-5', '-ffunction-sections']);
  objects['pic.o'] = compile('pic.cpp', cpp, ['-O1', '-fPIC']);
  objects['wasm64.o'] = compile('wasm64.cpp', cpp, ['-O1', '--target=wasm64-unknown-unknown', '-nostdinc', '-g']);
  objects['main.o'] = compile('main.c', c, ['-O1', '-g']);
  objects['names.o'] = assemble(
    [
      '_RNvC6_123foo3bar',
      '_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE',
      '_ZNSt6vectorIiSaIiEE9push_backEOi',
      'plain',
      '_Zbad',
    ]
      .map((name) => `.globl ${name}\n${name}:\n.functype ${name} () -> ()\nend_function\n`)
      .join(''),
  );
  for (const [name, bytes] of Object.entries(objects)) file(name, bytes);
  tool('wasm-ld-19', `${wasiLib}/crt1-command.o`, 'main.o', `-L${wasiLib}`, '-lc', builtins, '-o', 'module.wasm');
  module = readFileSync(path.join(folder, 'module.wasm'));
  const pic = ['--target=wasm32-unknown-unknown', '-O1', '-fPIC', '-fvisibility=default', '-matomics', '-mbulk-memory'];
  compile('lib2.c', 'int other(int x) { return x; }', pic);
  compile(
    'lib1.c',
    `_Thread_local int tv = 3; int *get(void) { return &tv; }
     __attribute__((weak)) int maybe(void); int call(void) { return maybe ? maybe() : 1; }
     extern int other(int); int data = 5; int *p = &data; int f(int x) { return other(x) + data; }`,
    pic,
  );
  const shared = ['-shared', '--experimental-pic', '--shared-memory', '--no-check-features', '--export-dynamic'];
  tool('wasm-ld-19', ...shared, 'lib2.o', '-o', 'lib2.so');
  tool('wasm-ld-19', ...shared, 'lib1.o', 'lib2.so', '-o', 'lib1.so');
  library = readFileSync(path.join(folder, 'lib1.so'));
});

// --- llvm-readobj

/** Its text as nested arrays: [title, value or entries]. */
function readobj(name, ...args) {
  const root = [];
  const stack = [root];
  for (const line of tool('llvm-readobj-19', ...args, name).split('\n')) {
    const text = line.trim();
    const begin = /^(.*?)\s*[[{](?:\s*\((.*)\))?$/.exec(text);
    const top = stack.at(-1);
    if (text === '}' || text === ']') stack.pop();
    else if (begin) {
      const entries = [];
      top.push([begin[1], entries, begin[2]]);
      stack.push(entries);
    } else {
      const colon = text.indexOf(': ');
      if (colon > 0) top.push([text.slice(0, colon), text.slice(colon + 2)]);
      else if (text) top.push([text.replace(/:$/, ''), '']);
    }
  }
  return root;
}
const part = (entries, title) => entries.find(([key]) => key === title)?.[1];
const asObject = (entries) => Object.fromEntries(entries.map(([key, value, note]) => [key, note ?? value]));
/** The number in `FUNCTION (0x0)`, `0x12` or `12`. */
const number = (text) => (text === undefined ? undefined : Number(/\((\w+)\)$/.exec(text)?.[1] ?? text));

const everyObject = ['O2.o', 'debug.o', 'dwarf5.o', 'pic.o', 'wasm64.o', 'main.o', 'names.o'];

for (const name of [...everyObject, 'module.wasm', 'lib1.so'])
  test(`${name}: sections are llvm-readobj's`, async () => {
    const it = await inspect(readFileSync(path.join(folder, name)));
    assert.deepEqual(it.diagnostics, []);
    const expected = part(readobj(name, '--sections'), 'Sections').map(([, section]) => section);
    assert.equal(it.sections.length, expected.length);
    it.sections.forEach((section, i) => {
      const theirs = asObject(expected[i]);
      assert.equal(section.kind, /^CUSTOM/.test(theirs.Type) ? 'custom' : theirs.Type.split(' ')[0]);
      assert.equal(section.offset, Number(theirs.Offset));
      assert.equal(section.size - (section.payloadOffset - section.offset), Number(theirs.Size)); // without the name
      assert.equal(section.name, theirs.Name);
      if (section.kind === 'DATA' && part(expected[i], 'Segments')) {
        const segments = part(expected[i], 'Segments').map(([, segment]) => asObject(segment));
        assert.deepEqual(
          it.dataSegments.map(({ size }) => size),
          segments.map((s) => Number(s.Size)),
        );
        // It does not look for names in the name section.
        if (it.kind === 'object')
          assert.deepEqual(
            it.dataSegments.map(({ name }) => name ?? ''),
            segments.map((s) => s.Name ?? ''),
          );
        // An address that is no constant is 0 to it.
        assert.deepEqual(
          it.dataSegments.map(({ address = 0 }) => address),
          segments.map((s) => Number(s.Offset)),
        );
      }
      if (section.name === 'linking' && part(expected[i], 'InitFunctions'))
        assert.deepEqual(
          it.initFunctions.map(({ symbol, priority }) => `${symbol} (priority=${priority})`),
          part(expected[i], 'InitFunctions').map(([title]) => title),
        );
    });
  });

for (const name of everyObject)
  test(`${name}: symbols are llvm-readobj's and llvm-nm's`, async () => {
    const { symbols, imports } = await inspect(objects[name]);
    const expected = part(readobj(name, '--symbols'), 'Symbols').map(([, symbol]) => asObject(symbol));
    assert.ok(expected.length > 4);
    assert.equal(symbols.length, expected.length);
    const kinds = ['function', 'data', 'global', 'section', 'tag', 'table'];
    expected.forEach((theirs, i) => {
      const symbol = symbols.get(i);
      assert.equal(symbol.kind, kinds[number(theirs.Type)]);
      if (symbol.kind !== 'section') assert.equal(symbol.name, theirs.Name);
      assert.equal(symbols.name(i), symbol.name);
      assert.equal(symbols.columns.flags[i], Number(theirs.Flags));
      if (symbol.kind !== 'section') assert.equal(symbol.index, number(theirs.ElementIndex));
      assert.equal(symbol.segment, number(theirs.Segment));
      assert.equal(symbol.offset, number(theirs.Offset));
      assert.equal(symbol.size, number(theirs.Size));
      if (symbol.import !== undefined) assert.equal(imports[symbol.import].module, theirs.ImportModule);
      const flags = {
        weak: 1,
        local: 2,
        hidden: 4,
        undefined: 16,
        exported: 32,
        'explicit-name': 64,
        'no-strip': 128,
        tls: 256,
      };
      assert.equal(
        symbol.flags.reduce((sum, flag) => sum + flags[flag], 0),
        Number(theirs.Flags),
      );
    });

    const ours = (pick) =>
      [...symbols]
        .filter((s) => s.kind !== 'section' && s.kind !== 'table')
        .map(pick)
        .sort();
    const nm = (...args) =>
      tool('llvm-nm-19', '--format=just-symbols', ...args, name)
        .trim()
        .split('\n');
    const withoutTables = (names) => names.filter((n) => !/^(__indirect_function_table|\.debug_.*)$/.test(n)).sort();
    assert.deepEqual(
      ours((s) => s.name),
      withoutTables(nm()),
    );
    // Every display of weld's shows what compilers make of `main` as `main`.
    const demangled = nm('-C').map((n) => (n === '__main_argc_argv' ? 'main' : n));
    assert.deepEqual(
      ours((s) => s.display),
      withoutTables(demangled),
    );
  });

for (const name of everyObject)
  test(`${name}: relocations are llvm-readobj's`, async () => {
    const { relocations, types } = await inspect(objects[name]);
    const expected = part(readobj(name, '--relocs', '--expand-relocs'), 'Relocations').flatMap(([title, entries]) =>
      entries.map(([, entry]) => ({ section: Number(/\((\d+)\)/.exec(title)[1]) - 1, ...asObject(entry) })),
    );
    assert.equal(relocations.length, expected.length);
    expected.forEach((theirs, i) => {
      const reloc = relocations.get(i);
      assert.equal(reloc.section, theirs.section);
      assert.equal(`${reloc.type} (${relocations.columns.type[i]})`, theirs.Type);
      assert.equal(reloc.offset, Number(theirs.Offset));
      assert.equal(reloc.addend, Number(theirs.Addend ?? 0));
      if (reloc.typeIndex === undefined) {
        if (theirs.Symbol) assert.equal(reloc.name, theirs.Symbol);
      } else assert.deepEqual([reloc.typeIndex, reloc.name], [Number(theirs.Index), types[reloc.typeIndex].text]);
    });
  });

// --- wasm-objdump

const wasmObjdump = (name, ...args) => tool('wasm-objdump', ...args, name);
const matches = (text, pattern) => [...text.matchAll(pattern)].map((match) => match.slice(1));

for (const name of ['O2.o', 'debug.o', 'pic.o', 'main.o', 'module.wasm', 'lib1.so'])
  test(`${name}: functions, types, imports, exports and the like are wasm-objdump's`, async () => {
    const it = await inspect(readFileSync(path.join(folder, name)));
    const text = wasmObjdump(name, '-x');

    const bodies = matches(text, /^ - func\[(\d+)\] size=(\d+)/gm).map((row) => row.map(Number));
    assert.deepEqual(
      [...it.functions].flatMap((f, i) => (f.size === undefined ? [] : [[i, f.size]])),
      bodies,
    );
    // The disassembler says where the size of a body is.
    const begins = matches(wasmObjdump(name, '-d'), /^([0-9a-f]{6}) func\[(\d+)\]/gm);
    assert.equal(begins.length, bodies.length);
    for (const [at, index] of begins) assert.equal(it.functions.get(Number(index)).offset, parseInt(at, 16));

    const types = matches(text, /^ - type\[\d+\] \((.*)\) -> (.*)$/gm);
    assert.deepEqual(
      it.types.map(({ params, results }) => [
        params.join(', '),
        results.length > 1 ? `(${results.join(', ')})` : (results[0] ?? 'nil'),
      ]),
      types,
    );

    const kinds = { function: 'func', memory: 'memory', global: 'global', table: 'table', tag: 'tag' };
    const imports = matches(text, /^ - (\w+)\[(\d+)\].* <- (.*)$/gm);
    assert.deepEqual(
      it.imports.map((i) => [kinds[i.kind], String(i.index), `${i.module}.${i.name}`]),
      imports,
    );
    const exports = matches(text, /^ - (\w+)\[(\d+)\].* -> "(.*)"$/gm);
    assert.deepEqual(
      it.exports.map((e) => [kinds[e.kind], String(e.index), e.name]),
      exports,
    );

    // Comdats: the name, and what is in it.
    const comdats = matches(text, /^ {3}- (.+): \[count=(\d+)\]$/gm).map(([comdat, count]) => [comdat, Number(count)]);
    assert.deepEqual(
      it.comdats.map((comdat, i) => [comdat.name, it.comdatEntries.filter((e) => e.comdat === i).length]),
      comdats,
    );
    const segments = matches(text, /^ {3}- \d+: (\S+) p2align=(\d+) \[ (.*)\]$/gm);
    assert.deepEqual(
      it.dataSegments
        .filter(({ p2align }) => p2align !== undefined)
        .map((s) => [s.name, String(s.p2align), s.flags.join(' ').toUpperCase()]),
      segments.map(([n, p2align, flags]) => [n, p2align, flags.trim()]),
    );

    const elements = matches(text, /^ {2}- elem\[\d+\] = func\[(\d+)\]/gm).map(([f]) => Number(f));
    assert.deepEqual(
      [...it.elementItems].map((e) => e.function),
      elements,
    );
    const features = matches(text, /^ {2}- \[([+-])\] (\S+)$/gm);
    if (features.length)
      assert.deepEqual(
        it.features.map((f) => [f.prefix, f.name]),
        features,
      );
  });

test('the names of a module are wasm-objdump’s', async () => {
  const { names, functions, kind } = await inspect(module);
  assert.equal(kind, 'module');
  const expected = matches(
    wasmObjdump('module.wasm', '-x', '-j', 'name'),
    /^ - (func|global|dataseg)\[(\d+)\] <(.*)>$/gm,
  );
  const spaces = { func: 'function', global: 'global', dataseg: 'data' };
  const ours = [...names].filter((n) => n.space !== 'module');
  assert.ok(expected.length > 40);
  assert.deepEqual(
    ours.map((n) => [n.space, String(n.index), n.name]),
    expected.map(([space, ...rest]) => [spaces[space], ...rest]),
  );
  for (const { space, index, name } of ours) if (space === 'function') assert.equal(functions.name(index), name);
});

test('names of locals, labels, types, fields and the rest are read', async () => {
  const wat = file(
    'named.wat',
    `(module $m (type $t (func (param $p i32))) (import "a" "b" (global $g i32)) (memory $mem 1 2) (table $tab 3 funcref)
    (elem $e (i32.const 1) $f) (data $d (i32.const 8) "x") (func $f (param $p i32) (local $l i64) nop) (start $s) (func $s))`,
  );
  tool('wat2wasm', '--debug-names', wat, '-o', 'named.wasm');
  const it = await inspect(readFileSync(path.join(folder, 'named.wasm')));
  const flat = [...it.names].map(({ space, index, inner, name }) => [space, index, inner, name]);
  for (const row of [
    ['function', 0, undefined, 'f'],
    ['local', 0, 0, 'p'],
    ['local', 0, 1, 'l'],
    ['type', 0, undefined, 't'],
    ['table', 0, undefined, 'tab'],
    ['memory', 0, undefined, 'mem'],
    ['global', 0, undefined, 'g'],
    ['element', 0, undefined, 'e'],
    ['data', 0, undefined, 'd'],
  ])
    assert.ok(
      flat.some((f) => f.every((value, i) => value === row[i])),
      `no ${row} in ${JSON.stringify(flat)}`,
    );
  assert.deepEqual(it.start, [{ function: 1, name: 's', display: 's' }]);
  assert.deepEqual(it.memories, [{ minimum: 1, maximum: 2, pageSize: 65536, shared: false, is64: false, name: 'mem' }]);
  assert.deepEqual([it.tables[0].minimum, it.tables[0].type, it.tables[0].name], [3, 'funcref', 'tab']);
  const [element] = it.elements;
  assert.deepEqual(
    [element.mode, element.table, element.address, element.position, element.name],
    ['active', 0, 1, 'i32.const 1', 'e'],
  );
});

test('dylink.0 is wasm-objdump’s', async () => {
  const it = await inspect(library);
  assert.equal(it.kind, 'shared-library');
  const text = wasmObjdump('lib1.so', '-x', '-j', 'dylink.0');
  const value = (name) => Number(new RegExp(`${name} *: (\\d+)`).exec(text)[1]);
  assert.deepEqual(it.dylink, [
    {
      memorySize: value('mem_size'),
      memoryP2align: value('mem_p2align'),
      tableSize: value('table_size'),
      tableP2align: value('table_p2align'),
    },
  ]);
  assert.ok(it.dylink[0].memorySize > 0);
  assert.deepEqual(it.needed, [{ name: 'lib2.so' }]);
  assert.match(text, /lib2\.so/);
  // wabt does not show these: what the library is made of says what they must be.
  assert.deepEqual(
    it.exportInfos.map(({ name, flags }) => [name, flags]),
    [['tv', ['tls']]],
  );
  assert.ok(
    it.importInfos.some(({ name, flags }) => name === 'maybe' && flags.includes('weak')),
    JSON.stringify(it.importInfos),
  );
});

test('a run-time path is read', async () => {
  const weld = await import('../dist/index.js');
  const { ok, output } = await weld.link({
    inputs: [{ name: 'lib2.o', bytes: readFileSync(path.join(folder, 'lib2.o')) }],
    options: { shared: true, experimentalPic: true, checkFeatures: false, rpath: ['/opt/lib', '$ORIGIN'] },
  });
  assert.ok(ok);
  assert.deepEqual((await inspect(output)).runtimePaths, [{ path: '/opt/lib' }, { path: '$ORIGIN' }]);
});

test('producers are what the compiler wrote', async () => {
  const it = await inspect(objects['main.o']);
  assert.deepEqual(
    it.producers.map((p) => p.field),
    ['language', 'processed-by'],
  );
  assert.match(it.producers[1].version, /^19\./);
});

test('names are demangled as llvm-cxxfilt does', async () => {
  const { symbols } = await inspect(objects['names.o']);
  for (let i = 0; i < symbols.length; i++)
    assert.equal(symbols.display(i), tool('llvm-cxxfilt-19', symbols.name(i)).trim());
  assert.equal(symbols.display(1), 'core::fmt::Formatter::write_str::h0123456789abcdef');
});

// --- DWARF

for (const name of ['debug.o', 'dwarf5.o', 'wasm64.o', 'main.o', 'module.wasm'])
  test(`${name}: compile units are llvm-dwarfdump's`, async () => {
    const it = await inspect(readFileSync(path.join(folder, name)));
    const text = tool('llvm-dwarfdump-19', '--debug-info', '--show-form=false', '--recurse-depth=0', name);
    const units = text.split(/Compile Unit: /).slice(1);
    assert.ok(units.length > 0);
    assert.equal(it.compileUnits.length, units.length);
    units.forEach((unit, i) => {
      const ours = it.compileUnits[i];
      const attribute = (key) => new RegExp(`DW_AT_${key}\\s+\\("(.*)"\\)`).exec(unit)?.[1];
      assert.equal(ours.version, parseInt(/version = 0x(\w+)/.exec(unit)[1], 16));
      assert.deepEqual(
        [ours.name, ours.compDir, ours.producer],
        [attribute('name'), attribute('comp_dir'), attribute('producer')],
      );
      const language = /DW_LANG_(\w+)/.exec(unit)[1].replace('C_plus_plus_14', 'C++14');
      assert.equal(ours.language, language);
      const ranges = it.unitRanges.filter((range) => range.unit === i).map(({ begin, end }) => [begin, end]);
      let expected = matches(unit, /\[0x(\w+), 0x(\w+)\)/g).map((pair) => pair.map((text) => parseInt(text, 16)));
      if (!/DW_AT_ranges/.test(unit)) {
        const [low, high] = ['low_pc', 'high_pc'].map((key) =>
          parseInt(new RegExp(`DW_AT_${key}\\s+\\(0x(\\w+)`).exec(unit)?.[1] ?? '0', 16),
        );
        expected = [[low, high]];
      }
      // The code of dead functions is at the end of the address space.
      assert.deepEqual(
        ranges,
        expected.filter(([begin, end]) => begin < end && end < 0xfffffff0),
      );
    });
    assert.ok(it.unitRanges.length > 0);
  });

/** Rows of all line tables as [address, line, column, file, stmt, end], without dead code. */
function lineRows(name, codeSize) {
  const rows = [];
  for (const table of tool('llvm-dwarfdump-19', '--debug-line', name)
    .split(/^debug_line\[/m)
    .slice(1)) {
    const version = Number(/version: (\d+)/.exec(table)[1]);
    const directories = new Map(
      matches(table, /include_directories\[ *(\d+)\] = "(.*)"/g).map(([i, d]) => [Number(i), d]),
    );
    const files = new Map(
      matches(table, /file_names\[ *(\d+)\]:\s+name: "(.*)"\s+dir_index: (\d+)/g).map(([i, n, d]) => [
        Number(i),
        { name: n, directory: Number(d) },
      ]),
    );
    let sequence = [];
    for (const [address, line, column, index, flags] of matches(
      table,
      /^0x(\w{16}) +(\d+) +(\d+) +(\d+) +\d+ +\d+ +\d+ +(.*)$/gm,
    )) {
      const { name: base, directory } = files.get(Number(index));
      let where = base;
      if (!where.startsWith('/') && (version === 5 || directory)) where = `${directories.get(directory)}/${where}`;
      sequence.push([
        parseInt(address, 16),
        Number(line),
        Number(column),
        where,
        /is_stmt/.test(flags),
        /end_sequence/.test(flags),
      ]);
      if (!/end_sequence/.test(flags)) continue;
      if (sequence[0][0] !== 0 && sequence.at(-1)[0] <= codeSize) rows.push(...sequence);
      sequence = [];
    }
  }
  return rows;
}

for (const name of ['debug.o', 'dwarf5.o', 'main.o', 'module.wasm'])
  test(`${name}: lines are llvm-dwarfdump's`, async () => {
    const it = await inspect(readFileSync(path.join(folder, name)));
    const codeSize = it.sections.find(({ kind }) => kind === 'CODE').size;
    const expected = lineRows(name, codeSize).sort((a, b) => a[0] - b[0]);
    const { lines } = it;
    assert.deepEqual(lines.diagnostics, []);
    assert.ok(expected.length > 10);
    const ours = [...lines].map((l) => [
      l.address,
      l.line,
      l.column,
      lines.files[l.file],
      l.flags.includes('stmt'),
      l.flags.includes('end-sequence'),
    ]);
    assert.equal(ours.length, expected.length);
    // Our paths have the unit's directory before them. Sorting keeps rows of one address in their order.
    expected.forEach((row, i) => {
      const [address, line, column, where, ...rest] = ours[i];
      assert.deepEqual([address, line, column, ...rest], [...row.slice(0, 3), ...row.slice(4)]);
      assert.ok(where.endsWith(row[3]), `${where} ${row[3]}`);
    });
  });

test('lines are found as llvm-dwarfdump --lookup does', async () => {
  const it = await inspect(module);
  const { lines, functions, codeOffset } = it;
  const size = it.sections.find(({ kind }) => kind === 'CODE').size;
  const tries = testsPull ? 60 : 20;
  let found = 0;
  for (let address = 3; address < size; address += Math.ceil(size / tries)) {
    let text = '';
    try {
      text = tool('llvm-dwarfdump-19', `--lookup=0x${address.toString(16)}`, 'module.wasm');
    } catch (error) {
      assert.equal(error.status, 1); // it found nothing
    }
    const [theirs] = matches(text, /^Line info: file '(.*?)', line (\d+), column (\d+)/gm);
    const ours = lines.find(address);
    assert.deepEqual(lines.findInFile(address + codeOffset), ours);
    // It knows of no line outside of units, and says 0 for what has none.
    if (!theirs) continue;
    if (!ours) {
      assert.deepEqual(theirs.slice(1), ['0', '0']);
      continue;
    }
    found++;
    assert.deepEqual(
      [path.basename(ours.file), String(ours.line), String(ours.column)],
      [path.basename(theirs[0]), ...theirs.slice(1)],
    );
  }
  assert.ok(found > tries / 3);
  const main = [...functions].findIndex(
    ({ name }) => name === '__original_main' || name === '__main_argc_argv' || name === 'main',
  );
  const own = lines.ofFunction(main);
  assert.ok(own.length > 3);
  assert.deepEqual([...new Set(own.map((l) => path.basename(l.file)))], ['main.c']);
  // Its lines, and that of the function that was inlined.
  const expected = c
    .split('\n')
    .flatMap((text, i) => (/main|for|printf|return 0|^  }|twice\(int/.test(text) ? [i + 1] : []));
  const seen = new Set(own.map((l) => l.line).filter(Boolean));
  assert.ok(seen.size > 2 && [...seen].every((line) => expected.includes(line)), [...seen].join());
  assert.equal(lines.findInFile(0), undefined);
});

// --- Archives

for (const where of [`${wasiLib}/libc.a`, `${wasiLib}/libc++.a`])
  test(`${path.basename(where)}: members are llvm-ar's, symbols llvm-nm's`, async () => {
    const bytes = readFileSync(where);
    const it = await inspect(bytes);
    assert.equal(it.kind, 'archive');
    assert.deepEqual(
      it.members.map((m) => m.name),
      tool('llvm-ar-19', 't', where).trim().split('\n'),
    );
    const index = /^Archive map\n([^]*?)\n\n/m.exec(tool('llvm-nm-19', '--print-armap', where))[1];
    const pairs = [...it.archiveSymbols].map((s) => `${s.name} in ${it.members[s.member].name}`);
    assert.deepEqual(pairs.sort(), index.split('\n').sort());
    const at = it.members.findIndex((m) => m.symbols > 2);
    const member = it.member(at);
    assert.deepEqual(member.toJSON(), it.member(it.members[at].name).toJSON());
    const { offset, size } = it.members[at];
    const alone = inspectSync(bytes.subarray(offset, offset + size));
    assert.deepEqual(alone.toJSON(), member.toJSON());
    const defined = [...member.symbols]
      .filter((s) => !s.flags.includes('undefined') && !s.flags.includes('local'))
      .map((s) => s.name);
    const listed = [...it.archiveSymbols].filter((s) => s.member === at).map((s) => s.name);
    assert.deepEqual(listed.sort(), defined.filter((n) => listed.includes(n)).sort());
    assert.throws(() => it.member('nowhere.o'), RangeError);
  });

test('a malformed archive gives the members before the trouble', async () => {
  const bytes = archive({ 'a.o': objects['O2.o'], 'b.o': objects['names.o'] });
  const it = await inspect(bytes.subarray(0, bytes.length - 100), { name: 'lib.a' });
  assert.deepEqual(
    it.members.map(({ name }) => name),
    ['a.o'],
  );
  assert.equal(it.diagnostics[0].id, 'malformed-archive');
  assert.equal(it.diagnostics[0].location.input, 'lib.a');
  assert.equal(it.member(0).symbols.length, inspectSync(objects['O2.o']).symbols.length);
});

// --- Other files

test('what else a file can be is named', async () => {
  const component = Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]);
  tool('clang-19', '--target=wasm32-wasi', '-flto', '-c', 'main.c', '-o', 'bitcode.o');
  const bitcode = await inspect(readFileSync(path.join(folder, 'bitcode.o')));
  assert.deepEqual(
    [bitcode.kind, bitcode.description, bitcode.remedy],
    ['bitcode', 'LLVM bitcode', 'compile it without `-flto` (rustc: without `-C linker-plugin-lto`)'],
  );
  for (const [kind, bytes] of [
    ['component', component],
    ['elf', readFileSync(process.execPath).subarray(0, 1000)],
    ['gzip', Buffer.from([0x1f, 0x8b, 8])],
    ['text', Buffer.from('int main')],
    ['wasm-text', Buffer.from('(module)')],
    ['llvm-text', Buffer.from('; ModuleID = 1\n')],
    ['linker-script', Buffer.from('GROUP(libc.a)')],
    ['web-page', Buffer.from('<!DOCTYPE html>')],
    ['compressed', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
    ['tar', Buffer.from(`${'\0'.repeat(257)}ustar\0\0\0`)],
    ['zip', Buffer.from('PK\x03\x04')],
    ['empty', Buffer.alloc(0)],
    ['unknown', Buffer.from([1, 2, 3])],
    ['coff', Buffer.from('MZ  ')],
    ['mach-o', Buffer.from([0xcf, 0xfa, 0xed, 0xfe])],
    ['stub-library', Buffer.from('#STUB\nf\n')],
  ]) {
    const it = await inspect(bytes);
    assert.equal(it.kind, kind);
    assert.deepEqual([it.sections.length, it.symbols.length, it.diagnostics.length], [0, 0, 0]);
  }
});

test('types of garbage-collected languages are shown', async () => {
  // (rec (type (sub (struct (field (mut i32)) (field (ref null 1))))) (type (array i8))), (type (func (param (ref 0) anyref)))
  const types = [2, 0x4e, 2, 0x50, 0, 0x5f, 2, 0x7f, 1, 0x63, 1, 0, 0x5e, 0x78, 0, 0x60, 2, 0x64, 0, 0x6e, 0];
  const it = await inspect(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, types.length, ...types]));
  assert.deepEqual(it.diagnostics, []);
  assert.deepEqual(
    it.types.map(({ kind, text }) => [kind, text]),
    [
      ['struct', 'sub struct {(mut i32), (ref null 1)}'],
      ['array', 'array i8'],
      ['function', '((ref 0), anyref) -> void'],
    ],
  );
});

// --- Malformed bytes

/** Everything that there is, read. */
const readAll = (it) => JSON.stringify([it, [...it.lines]]);

test('every truncation of an object gives what is there, and an error', () => {
  const whole = objects['debug.o'];
  const full = inspectSync(whole);
  const ends = new Set(full.sections.map((s) => s.offset + s.size));
  for (let size = 8; size < whole.length; size++) {
    if (!testsPull && size % 5 !== 0 && !ends.has(size)) continue;
    const it = inspectSync(whole.subarray(0, size));
    readAll(it);
    const complete = full.sections.filter((s) => s.offset + s.size <= size).length;
    assert.ok(
      it.sections.length >= complete && it.sections.length <= complete + 1,
      `${size}: ${it.sections.length} sections`,
    );
    if (!ends.has(size) && size > 8) assert.ok(it.diagnostics.length > 0, `${size}: no error`);
    const typesEnd = full.sections[0].offset + full.sections[0].size;
    if (size >= typesEnd) assert.deepEqual(it.types, full.types);
  }
});

test('random changes of bits are survived', () => {
  let state = 12345;
  const random = (below) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below;
  let complaints = 0;
  for (const bytes of [objects['debug.o'], objects['dwarf5.o'], library, archive({ 'a.o': objects['names.o'] })])
    for (let round = 0; round < (testsPull ? 400 : 100); round++) {
      const changed = Buffer.from(bytes);
      for (let i = 0; i <= random(4); i++) changed[random(changed.length)] ^= 1 << random(8);
      const it = inspectSync(changed);
      readAll(it);
      for (let i = 0; i < it.members.length && it.kind === 'archive'; i++) readAll(it.member(i));
      complaints += it.diagnostics.length > 0;
    }
  assert.ok(complaints > (testsPull ? 100 : 25), `${complaints}`);
});

test('one bad section does not hide the next, and the error says where', async () => {
  const bytes = Buffer.from(objects['O2.o']);
  const { sections } = inspectSync(bytes);
  const imports = sections.find((s) => s.kind === 'IMPORT');
  bytes[imports.offset + 1] = 0xff; // the length of the first module's name
  const it = await inspect(bytes, { name: 'bad.o' });
  assert.equal(it.sections.length, sections.length);
  assert.equal(it.imports.length, 0);
  assert.ok(it.types.length > 0 && it.dataSegments.length > 0 && it.features.length > 0);
  const { id, location, text } = it.diagnostics[0];
  assert.deepEqual([id, location.input, location.section], ['malformed-object', 'bad.o', 'IMPORT']);
  assert.ok(location.offset > imports.offset && location.offset <= imports.offset + imports.size, text);
});

test('names that are no UTF-8 keep their bytes', async () => {
  const bytes = Buffer.from(objects['names.o']);
  const at = bytes.indexOf('plain');
  bytes[at + 1] = 0xff;
  bytes[at + 2] = 0xc3;
  bytes[at + 3] = 0xa9;
  const { symbols } = await inspect(bytes);
  const names = [...symbols].map((s) => s.name);
  assert.ok(names.includes('p\udcffén'), JSON.stringify(names));
});

// --- The boundary

test('200,000 symbols cross the boundary as columns', async () => {
  const lines = [];
  for (let i = 0; i < 100_000; i++) lines.push(`.globl f${i}\nf${i}:\n.functype f${i} () -> ()\nend_function`);
  lines.push('.section .data.x,"",@');
  for (let i = 0; i < 100_000; i++) lines.push(`.globl v${i}\nv${i}:\n.int32 f${i}\n.size v${i}, 4`);
  const bytes = assemble(lines.join('\n') + '\n');
  const it = await inspect(bytes);
  // The table's symbol is one more.
  assert.ok(it.symbols.length >= 200_000);
  const { kind, index, offset } = it.symbols.columns;
  assert.ok(kind instanceof Uint8Array && index instanceof Uint32Array && offset instanceof Float64Array);
  const byName = new Map();
  for (let i = 0; i < it.symbols.length; i++) byName.set(it.symbols.name(i), i);
  for (let i = 0; i < 100_000; i += 99) {
    assert.equal(index[byName.get(`f${i}`)], i);
    assert.equal(offset[byName.get(`v${i}`)], i * 4);
  }
});

test('content is taken in every form, and misuse is a TypeError', async () => {
  const bytes = objects['names.o'];
  const expected = (await inspect(bytes)).toJSON();
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  assert.deepEqual((await inspect(buffer)).toJSON(), expected);
  assert.deepEqual((await inspect(new Blob([bytes]))).toJSON(), expected);
  await assert.rejects(inspect('text'), TypeError);
  await assert.rejects(
    inspect(bytes, { nam: 'x' }),
    /the second argument of `inspect` has no `nam`; did you mean `name`\?/,
  );
  assert.throws(() => inspectSync(new Blob([bytes])), TypeError);
  const it = await inspect(bytes);
  assert.throws(() => it.symbols.get(1000), RangeError);
});

test('the result stays as it is when the bytes change', async () => {
  const bytes = Buffer.from(objects['names.o']);
  const it = await inspect(bytes);
  bytes.fill(0);
  assert.equal(it.symbols.name(0), '_RNvC6_123foo3bar');
});

test('inspectSync before initializeInspect says what to do', async () => {
  const text = `try { weld.inspectSync(new Uint8Array(8)); } catch (error) { console.log(error.message); }`;
  assert.match(await runModule(text), /await initializeInspect\(\)/);
});

test('linking does not load the module that inspects', async () => {
  const text = `
    import fs from 'node:fs';
    const opened = [];
    const { readFile } = fs.promises;
    fs.promises.readFile = (url, ...rest) => (opened.push(String(url).split('/').at(-1)), readFile(url, ...rest));
    await weld.link({ args: ['--version'] });
    console.log(opened.filter((name) => /inspect/.test(name)).length);
    await weld.inspect(new Uint8Array(1));
    console.log(opened.includes('inspect.wasm'));`;
  assert.equal(await runModule(text), '0\ntrue');
});

// --- The command line

// The linker says what it refuses, and why.
test('a remedy is for what the linker refuses, and is the linker’s', async () => {
  const refusals = ['unknown-file-type', 'not-relocatable', 'bitcode-input'];
  const files = {
    'main.o': objects['main.o'],
    'lib.a': archive({ 'main.o': objects['main.o'] }),
    'lib1.so': library,
    'stub.so': Buffer.from('#STUB\nf\n'),
    'module.wasm': module,
    'empty.o': Buffer.alloc(0),
    'unknown.o': Buffer.from([1, 2, 3]),
    'main.c': Buffer.from('int main'),
    'elf.o': readFileSync(process.execPath).subarray(0, 1000),
    'component.wasm': Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]),
  };
  for (const [name, bytes] of Object.entries(files)) {
    file(name, bytes);
    const { remedy } = await inspect(bytes, { name });
    const { diagnostics } = await link({ inputs: [{ name, bytes }] });
    const refused = diagnostics.filter(({ id, location }) => refusals.includes(id) && location?.input === name);
    assert.deepEqual(
      remedy === undefined ? [] : [remedy],
      refused.flatMap(({ notes }) => notes.map(({ text }) => text)),
      name,
    );
    const { stdout, code } = await run(process.execPath, ['--no-warnings', script, 'inspect', name]);
    assert.equal(code, 0);
    const notes = [...stdout.matchAll(/^ *note: (.*)$/gm)].map(([, note]) => note);
    assert.deepEqual(notes, remedy === undefined ? [] : [`it cannot be linked: ${remedy}`]);
  }
});

test('a file that was cut off has no remedy but to be whole', async () => {
  for (const size of [6, 100, 500]) {
    const { remedy, diagnostics } = await inspect(objects['debug.o'].subarray(0, size));
    assert.equal(remedy, undefined);
    assert.match(diagnostics[0].text, /unexpected end of file|the file ends/);
  }
});

/** Whether it fails, and the arguments. */
const commands = [
  [false, 'debug.o'],
  [false, '--all', 'dwarf5.o', 'module.wasm', 'lib1.so'],
  [false, '--symbols', '--no-demangle', 'O2.o'],
  [false, '--json', 'debug.o', 'lib1.so'],
  [false, '--json', '--lines', '--address=0x20', '--line=debug.cpp:4', 'debug.o'],
  [false, '--address=0x40', '--offset=0x200', '--function=use()', '--line=debug.cpp:4', 'debug.o'],
  [false, `${wasiLib}/libc.a`],
  [true, '--symbols', '--member=printf.o', '--member=nowhere.o', `${wasiLib}/libc.a`],
  [false, '--archive-index', `${wasiLib}/libc++.a`],
  [true, 'nowhere.o', 'main.c', 'truncated.o'],
  [true, '--json', 'truncated.o'],
  [false, '--help'],
  [false, 'help'],
  [true, '--symbol', 'debug.o'],
  [true, '--address=12x', 'debug.o'],
  [true],
];

test('both forms of the program print the same', { skip: !native }, async () => {
  file('truncated.o', objects['debug.o'].subarray(0, 700));
  for (const [fails, ...rest] of commands) {
    const args = rest[0] === 'help' ? rest : ['inspect', ...rest];
    const [ours, theirs] = await Promise.all([
      run(process.execPath, ['--no-warnings', script, ...args]),
      run(native, args),
    ]);
    assert.deepEqual(
      { code: ours.code, stderr: ours.stderr, stdout: ours.stdout },
      { code: theirs.code, stderr: theirs.stderr, stdout: theirs.stdout },
      args.join(' '),
    );
    assert.equal(theirs.code, fails ? 1 : 0, args.join(' '));
  }
});

test('the program’s JSON is what the API gives', { skip: !native }, async () => {
  file('truncated.o', objects['debug.o'].subarray(0, 700));
  const names = [...everyObject, 'module.wasm', 'lib1.so', 'truncated.o'];
  const { stdout } = await run(native, ['inspect', '--json', ...names]);
  const all = JSON.parse(stdout);
  for (const [i, name] of names.entries()) {
    const ours = JSON.parse(JSON.stringify(await inspect(readFileSync(path.join(folder, name)), { name })));
    assert.deepEqual({ file: name, ...ours }, all[i]);
  }
});

test('as wasm-ld, `inspect` is a file', { skip: !native }, async () => {
  const link = path.join(mkdtempSync(path.join(folder, 'ld-')), 'wasm-ld');
  symlinkSync(native, link);
  const cli = JSON.stringify(path.join(distDir, 'cli.js'));
  const text = `import { main } from ${cli}; process.exitCode = await main(['wasm-ld', 'inspect', 'main.o']);`;
  for (const [command, ...args] of [
    [link, 'inspect', 'main.o'],
    [process.execPath, '--no-warnings', '--input-type=module', '-e', text],
  ]) {
    const { code, stderr } = await run(command, args);
    assert.equal(code, 1);
    assert.match(stderr, /^wasm-ld: error: cannot open inspect: No such file or directory/);
  }
});

test('what is not there, and what cannot be inspected', async () => {
  const missing = new URL('file:///no/such.o');
  for (const look of [inspect, openReport]) {
    await assert.rejects(look(missing), { message: 'file:///no/such.o is not there' });
    await assert.rejects(look('main.o'), { name: 'TypeError', message: /takes a Uint8Array, .* a URL or/ });
    await assert.rejects(look(undefined), { name: 'TypeError', message: /takes a Uint8Array/ });
  }
  await initializeInspect();
  assert.throws(() => inspectSync(missing), {
    name: 'TypeError',
    message: '`inspectSync` takes a Uint8Array or an ArrayBuffer',
  });
});
