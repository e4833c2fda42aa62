// @ts-check
// Metafiles of real programs, checked with what others say of the output: wabt, the relocations that --emit-relocs
// keeps, the output's own globals, and the engine.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { WASI } from 'node:wasi';
import { buildProgram, isTestedThoroughly, lastLevelOf, linkArguments, wantedPrograms } from './programs.mjs';
import { welds } from '../support/linkers.mjs';
import { scratchDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { Cursor, Module } from '../support/wasm_module.mjs';
import { compileText } from '../support/toolchain.mjs';

/**
 * @typedef {import('../../js/src/report_types.js').Metafile} Metafile
 * @typedef {{metafile: Metafile, text: string, module: Buffer, folder: string, file: string}} Linked
 */

/**
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {string[]} args the output's name comes last
 * @param {string} name
 * @returns {Promise<Linked>}
 */
async function linkWith(linker, args, name) {
  const folder = path.join(scratchDir, 'reports', name, linker.name);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, args[args.length - 1]);
  const linked = await linker.link(['--metafile=out.json', ...args], { cwd: folder, as: 'weld' });
  assert.equal(linked.code, 0, linked.stderr);
  const text = readFileSync(path.join(folder, 'out.json'), 'utf8');
  return { metafile: JSON.parse(text), text, module: readFileSync(file), folder, file };
}

/** @param {number[]} sizes */
function ends(sizes) {
  let sum = 0;
  return sizes.map((size) => (sum += size));
}

/** Item of each byte of the output. */
class Layout {
  /** @param {Metafile} metafile */
  constructor({ layout, items }) {
    this.layout = layout;
    this.items = items;
    this.ends = ends(layout.size);
  }
  /** @param {number} offset */
  itemAt(offset) {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ends[middle] <= offset) low = middle + 1;
      else high = middle;
    }
    return this.layout.item[low];
  }
  /** @param {number} item */
  kindOf(item) {
    return this.items.kinds[this.items.kind[item]];
  }
}

/**
 * Sections and functions are where wabt sees them.
 *
 * @param {Linked} linked
 */
async function checkWithWabt({ metafile, module, file }) {
  const { sections } = metafile.output;
  const { stdout } = await runOrThrow('wasm-objdump', ['-h', file]);
  const lines = [...stdout.matchAll(/start=0x([0-9a-f]+) end=0x([0-9a-f]+) \(size=0x([0-9a-f]+)\)(?: "(.*)")?/g)];
  assert.deepEqual(
    lines.map(([, start, , size, name]) => [parseInt(start, 16), parseInt(size, 16), name]),
    sections.offset.map((start, i) => [start, sections.size[i], sections.id[i] === 0 ? sections.name[i] : undefined]),
  );
  const layout = new Layout(metafile);
  assert.equal(layout.ends.at(-1), module.length);
  assert.equal(metafile.output.size, module.length);
  const details = (await runOrThrow('wasm-objdump', ['-x', file])).stdout;
  let functions = 0;
  const code = sections.offset[sections.id.indexOf(10)];
  for (const [, index, size] of details.matchAll(/^ - func\[(\d+)\] size=(\d+)/gm)) {
    functions++;
    const item = Number(index); // functions are the first items
    assert.equal(layout.kindOf(item), 'function');
    // Wabt's size is without the size field.
    assert.equal(metafile.items.size[item] - ulebSize(Number(size)), Number(size));
  }
  assert.ok(functions > 0);
  const module_ = new Module(module);
  for (const { index, start, end } of module_.bodies)
    for (const at of [start - 1, start, end - 1])
      assert.equal(layout.itemAt(at), index, `byte ${at} of func[${index}]`);
  assert.ok(code > 0);
}

/** @param {number} value */
function ulebSize(value) {
  let size = 1;
  for (; value >= 128; value = Math.floor(value / 128)) size++;
  return size;
}

/**
 * What refers to what is what the relocations say that --emit-relocs left in the output.
 *
 * @param {Linked} linked
 */
function checkEdges({ metafile, module }) {
  const { items, edges } = metafile;
  const parsed = new Module(module);
  const layout = new Layout(metafile);
  const firstEdge = [0, ...ends(edges.count)];
  /** @param {number} item */
  const targetsOf = (item) => edges.to.slice(firstEdge[item], firstEdge[item + 1]);

  // The symbols of the output: a function by its index, data by its address.
  const linking = parsed.open('linking');
  assert.ok(linking);
  linking.uleb(); // version
  /** @type {{kind: number, index?: number, address?: number}[]} */
  let symbols = [];
  const segments = dataSegments(module, parsed);
  while (!linking.done) {
    const id = linking.u8();
    const end = linking.uleb() + linking.at;
    if (id === 8)
      symbols = linking.list(() => {
        const kind = linking.u8();
        const flags = linking.uleb();
        if (kind === 1) {
          linking.name();
          if (flags & 0x10) return { kind };
          const [segment, offset] = [linking.uleb(), linking.uleb()];
          linking.uleb();
          return { kind, address: flags & 0x200 ? undefined : segments[segment].address + offset };
        }
        const index = linking.uleb();
        if (kind !== 3 && (!(flags & 0x10) || flags & 0x40)) linking.name();
        return { kind, index };
      });
    linking.at = end;
  }
  assert.ok(symbols.length > 0);

  // Data by address: chunks do not overlap, but for merged strings, which are looked up in the layout instead.
  const data = items.kind.map((kind, i) => i).filter((i) => i < items.live && items.kinds[items.kind[i]] === 'data');
  /** @type {Map<number, number[]>} */
  const byAddress = new Map();
  for (const item of data) byAddress.set(items.address[item], [...(byAddress.get(items.address[item]) ?? []), item]);

  /** @type {Map<number, Set<number>>} */
  const found = new Map();
  let checked = 0;
  for (const name of ['reloc.CODE', 'reloc.DATA']) {
    const relocs = parsed.open(name);
    if (!relocs) continue;
    const section = metafile.output.sections.offset[relocs.uleb()];
    relocs.list(() => {
      const type = relocs.u8();
      const offset = relocs.uleb();
      const index = relocs.uleb();
      if ([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25].includes(type)) relocs.sleb();
      if (type === 6) return;
      const from = layout.itemAt(section + offset);
      const symbol = symbols[index];
      const targets = targetsOf(from);
      if (!found.has(from)) found.set(from, new Set());
      if (symbol.kind === 0 && symbol.index !== undefined) {
        checked++;
        found.get(from)?.add(symbol.index);
        assert.ok(
          from === symbol.index || targets.includes(symbol.index),
          `${items.name[from]} -> func[${symbol.index}]`,
        );
      }
      if (symbol.kind === 1 && symbol.address !== undefined) {
        const candidates = byAddress.get(symbol.address) ?? [];
        if (candidates.length === 0) return; // within a segment of several variables
        checked++;
        assert.ok(
          candidates.some((item) => item === from || targets.includes(item)),
          `${items.name[from]} -> ${items.name[candidates[0]]}`,
        );
      }
    });
  }
  assert.ok(checked > 100, `${checked} relocations`);
  // And nothing else refers to functions.
  for (let from = 0; from < items.live; from++) {
    if (!['function', 'data'].includes(items.kinds[items.kind[from]])) continue;
    for (const to of targetsOf(from)) {
      const kind = items.kinds[items.kind[to]];
      const isFunction =
        kind === 'function' || (kind === 'import' && to < metafile.items.kind.indexOf(items.kinds.indexOf('global')));
      if (!isFunction || items.input[from] < 0) continue;
      // Constructors and destructors are why these are there.
      if (items.name[to] === '__wasm_call_ctors' || items.name[to].endsWith('.command_export')) continue;
      assert.ok(found.get(from)?.has(to), `${items.name[from]} does not refer to ${items.name[to]}`);
    }
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {Module} parsed
 */
function dataSegments(bytes, parsed) {
  const section = parsed.open('DATA');
  assert.ok(section);
  const cursor = new Cursor(bytes, section.at, section.end);
  return cursor.list(() => {
    assert.equal(cursor.uleb(), 0);
    assert.equal(cursor.u8(), 0x41);
    const address = cursor.sleb();
    cursor.u8();
    const size = cursor.uleb();
    cursor.take(size);
    return { address: Number(address), size };
  });
}

/**
 * The rows of `weld size` for every grouping add up to the output.
 *
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {Linked} linked
 */
async function checkSizes(linker, { folder, module }) {
  const groups = ['input', 'object', 'directory', 'symbol', 'function', 'namespace', 'crate', 'section', 'kind'];
  for (const by of groups) {
    const { stdout } = await linker.link(['size', 'out.json', `--by=${by}`, '--json'], { cwd: folder, as: 'weld' });
    const rows = JSON.parse(stdout);
    assert.equal(
      rows.reduce((/** @type {number} */ sum, /** @type {any} */ row) => sum + row.bytes, 0),
      module.length,
      by,
    );
  }
}

const optionSets = {
  default: [],
  compressed: ['--compress-relocations'],
  'compressed no-gc': ['--compress-relocations', '--icf=safe', '--no-gc-sections'],
  'debug-free': ['--strip-debug', '-O2'],
  small: ['--strip-all', '-Oz'],
  icf: ['--icf=all'],
  'no-gc': ['--no-gc-sections'],
  'export-all': ['--export-all'],
  relocs: ['--emit-relocs', '-O0'],
  segments: ['--no-merge-data-segments', '--import-memory', '--build-id'],
};

for (const program of wantedPrograms) {
  const last = lastLevelOf(program);
  describe(program.name, () => {
    for (const [set, options] of Object.entries(optionSets)) {
      if (!isTestedThoroughly(program) && set !== 'small') continue;
      test(set, async () => {
        const built = await buildProgram(program, set === 'default' || set.startsWith('compressed') ? 'O0-g' : last);
        const args = linkArguments(built, options);
        let first = '';
        for (const weld of welds) {
          const linked = await linkWith(weld, args, `${program.name}-${set}`);
          if (first) assert.ok(linked.text === first, `${weld.name} wrote another metafile`);
          else {
            await checkWithWabt(linked);
            if (set === 'relocs') checkEdges(linked);
          }
          if (!first || set === 'default') await checkSizes(weld, linked);
          first = linked.text;
        }
      });
    }

    test('the memory is as the output says', async () => {
      const built = await buildProgram(program, last);
      const names = ['__data_end', '__heap_base', '__stack_low', '__stack_high', '__heap_end'];
      for (const order of ['--stack-first', '--no-stack-first']) {
        const args = linkArguments(built, [
          order,
          '-z',
          'stack-size=32768',
          ...names.map((name) => `--export=${name}`),
        ]);
        const { metafile, module } = await linkWith(welds[0], args, `${program.name}-memory`);
        const { segments, stack, heap, pages, pageSize } = metafile.memory;
        const values = await exportedAddresses(module);
        assert.ok(stack && heap);
        assert.equal(stack.address, values.__stack_low);
        assert.equal(stack.address + stack.size, values.__stack_high);
        assert.equal(heap.address, values.__heap_base);
        assert.equal(heap.address + heap.size, values.__heap_end);
        assert.equal(pages * pageSize, values.__heap_end);
        assert.equal(Math.max(...segments.address.map((address, i) => address + segments.size[i])), values.__data_end);
      }
    });

    test('the program takes what its stub of imports has', async () => {
      const built = await buildProgram(program, last);
      for (const weld of welds) {
        const linked = await linkWith(weld, linkArguments(built, []), `${program.name}-stub`);
        const { stdout } = await weld.link(['imports', 'out.json', '--stub'], { cwd: linked.folder, as: 'weld' });
        const stub = path.join(linked.folder, 'imports.mjs');
        writeFileSync(stub, stdout);
        const { createImports } = await import(`${pathToFileURL(stub)}?${weld.name}`);
        const instance = await instantiate(linked.module, createImports(newWasi()));
        assert.equal(typeof instance.exports._start, 'function');
      }
    });

    test('nothing differs from itself', async () => {
      const built = await buildProgram(program, last);
      const { folder, module } = await linkWith(welds[0], linkArguments(built, []), `${program.name}-stub`);
      const { stdout } = await welds[0].link(['diff', 'out.json', 'out.json', '--json'], { cwd: folder, as: 'weld' });
      assert.deepEqual(JSON.parse(stdout), { before: module.length, after: module.length, sections: [], items: [] });
    });
  });
}

/** WASI of Node's, whose warning of being new is not ours. */
function newWasi() {
  return new WASI({ version: 'preview1' });
}

/** @param {Buffer} bytes */
function compileModule(bytes) {
  return WebAssembly.compile(/** @type {Uint8Array<ArrayBuffer>} */ (/** @type {unknown} */ (bytes)));
}

/**
 * @param {Buffer} bytes
 * @param {WebAssembly.Imports} imports
 */
async function instantiate(bytes, imports) {
  return WebAssembly.instantiate(await compileModule(bytes), imports);
}

/**
 * The globals that a module exports: addresses.
 *
 * @param {Buffer} bytes
 * @returns {Promise<Record<string, number>>}
 */
async function exportedAddresses(bytes) {
  const module = await compileModule(bytes);
  /** @type {Record<string, Record<string, () => number>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(module, imports);
  return Object.fromEntries(
    Object.entries(exports).flatMap(([name, value]) =>
      value instanceof WebAssembly.Global ? [[name, value.value]] : [],
    ),
  );
}

describe('every form of output', () => {
  const source = `
    #include <stdint.h>
    __attribute__((import_module("host"), import_name("log"))) void host_log(const char *text);
    __attribute__((import_module("host"), import_name("__proto__"))) int64_t odd(int64_t value);
    _Thread_local int per_thread = 3;
    int numbers[] = {1, 2, 3};
    static int zeros[100];
    static int hidden(int n) { return zeros[n]; }
    int (*pointer)(int) = hidden;
    __attribute__((constructor)) static void begin(void) { numbers[0] = per_thread; }
    __attribute__((visibility("default"))) int get(int n) { host_log("some text"); return pointer(n) + numbers[n] + (int)odd(n); }
  `;
  /** @type {Record<string, [string[], string[]]>} flags of the compiler, of the linker */
  const forms = {
    plain: [[], []],
    relocatable: [[], ['-r']],
    shared: [['-fPIC'], ['-shared', '--experimental-pic', '--unresolved-symbols=import-dynamic']],
    pie: [['-fPIC'], ['-pie', '--experimental-pic', '--export=get']],
    threads: [
      ['-matomics', '-mbulk-memory', '-pthread'],
      ['--shared-memory', '--max-memory=1048576', '--export=get'],
    ],
    'imported memory': [[], ['--import-memory', '--import-table', '--export=get']],
    dynamic: [['-fPIC'], ['--unresolved-symbols=import-dynamic', '--export=get']],
  };
  for (const [name, [compilerFlags, linkerFlags]] of Object.entries(forms)) {
    test(name, async () => {
      const object = await compileText('form.c', source, ['-O1', ...compilerFlags]);
      const entry = linkerFlags.includes('-r') ? [] : ['--no-entry', '--export-if-defined=get'];
      for (const strip of [[], ['--strip-all']]) {
        let first = '';
        for (const weld of welds) {
          const args = [object, ...linkerFlags, ...entry, ...strip, '-o', 'form.wasm'];
          const linked = await linkWith(weld, args, `form-${name}`);
          await checkSizes(weld, linked);
          if (first) assert.ok(linked.text === first);
          else await checkWithWabt(linked);
          first = linked.text;
        }
      }
    });
  }

  test('the stub imports all that there is', async () => {
    const object = await compileText('form.c', source, ['-O1']);
    const args = [object, '--no-entry', '--export=get', '--import-memory', '--import-table', '-o', 'form.wasm'];
    const { folder, module } = await linkWith(welds[0], args, 'form-stub');
    const { stdout } = await welds[0].link(['imports', 'out.json', '--stub'], { cwd: folder, as: 'weld' });
    writeFileSync(path.join(folder, 'imports.mjs'), stdout);
    const { createImports } = await import(String(pathToFileURL(path.join(folder, 'imports.mjs'))));
    const imports = createImports();
    imports.host.log = () => {};
    const instance = await instantiate(module, imports);
    assert.throws(() => /** @type {any} */ (instance.exports.get)(1), /host\.__proto__ was called/);
  });

  test('what keeps something keeps it no more when it is gone', async () => {
    // The path that `why` names is the only one: without its second last step the link lacks the last.
    const text = (/** @type {string} */ call) => `
      int first(void), second(void), third(void);
      __attribute__((noinline)) int third(void) { return 3; }
      __attribute__((noinline)) int second(void) { return third() + 1; }
      int first(void) { return ${call}; }
    `;
    const link = async (/** @type {string} */ call) => {
      const object = await compileText('chain.c', text(call), ['-O0']);
      return linkWith(welds[0], [object, '--no-entry', '--export=first', '-o', 'chain.wasm'], 'chain');
    };
    const { folder } = await link('second()');
    const ask = async () =>
      JSON.parse((await welds[0].link(['why', 'out.json', 'third', '--json'], { cwd: folder, as: 'weld' })).stdout)
        .matches[0];
    const kept = await ask();
    assert.deepEqual(
      kept.path.map((/** @type {any} */ step) => step.name),
      ['first', 'second', 'third'],
    );
    await link('0');
    const gone = await ask();
    assert.equal(gone.removed, true);
    assert.deepEqual(
      gone.referrers.map((/** @type {any} */ step) => step.name),
      ['second'],
    );
  });
});
