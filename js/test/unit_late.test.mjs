// Custom sections of units, and data whose content is asked for when it is known what is in the output.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinker, EditError } from '../dist/index.js';

const plain = { entry: false };

async function newUnit(memory64 = false) {
  const linker = await createLinker({ options: plain });
  return { linker, unit: linker.unit('u', { memory64 }) };
}

/** The content of a custom section of an output. */
function sectionOf({ output, diagnostics }, name) {
  assert.deepEqual(diagnostics, []);
  const [content] = WebAssembly.Module.customSections(new WebAssembly.Module(output), name);
  return content && new Uint8Array(content);
}

test('a custom section with fixups is written, read back, and set again', async () => {
  const { linker, unit } = await newUnit();
  const data = unit.data('data');
  unit.setData(data, new Uint8Array(8).fill(1));
  const f = unit.function('f', [], ['i32']);
  unit.setFunction(f, unit.code().op('i32.data', data).end());
  const global = unit.global('global', 'i32');
  unit.setGlobal(global, 'i32', 3);
  for (const symbol of [f, global]) unit.export(symbol);
  const other = unit.section('other');
  unit.setSection(other, new TextEncoder().encode('other'));
  const section = unit.section('first part');
  const fixups = [
    { offset: 0, data, addend: 4 },
    { offset: 4, functionIndex: f, width: 5 },
    { offset: 9, functionOffset: f },
    { offset: 13, section: other, addend: 2 },
    { offset: 17, type: unit.type([], ['i32']) },
    { offset: 22, global },
    { offset: 26, function: f },
  ];
  unit.setSection(section, new Uint8Array(31).fill(9), { section: 'mine', fixups });
  const result = linker.link();
  const content = sectionOf(result, 'mine');
  const view = new DataView(content.buffer);
  const { instance } = await WebAssembly.instantiate(result.output);
  assert.equal(view.getUint32(0, true), instance.exports.f() + 4);
  assert.deepEqual([...content.subarray(4, 9)], [0x80, 0x80, 0x80, 0x80, 0]); // it is the only function
  assert.equal(view.getUint32(13, true), 2);
  assert.equal(content[30], 9);
  const read = unit.sectionContent(section);
  assert.deepEqual([read.section, read.bytes.length, read.fixups.length], ['mine', 31, 7]);
  assert.deepEqual([read.fixups[0].addend, read.fixups[1].functionIndex.name, read.fixups[3].addend], [4, 'f', 2]);
  assert.equal(read.fixups[4].type.id, fixups[4].type.id);
  const { bytes, ...options } = read;
  unit.setSection(section, bytes, options);
  assert.deepEqual(linker.link().output, result.output);
  assert.equal(unit.sectionContent(unit.section('elsewhere')), undefined);
  unit.setSection(unit.section('mine'), new TextEncoder().encode(' end'));
  assert.equal(sectionOf(linker.link(), 'mine').length, 35);
  linker.dispose();
});

test('what custom sections refuse', async () => {
  const { linker, unit } = await newUnit();
  const section = unit.section('s');
  const f = unit.function('f', [], []);
  const bytes = new Uint8Array(8);
  const refused = (fixup, error) =>
    assert.throws(() => unit.setSection(section, bytes, { fixups: [fixup] }), { name: error[0], message: error[1] });
  refused({ offset: 0, functionIndex: f, width: 8 }, [
    'TypeError',
    '`setSection`: fixup 0: `width` must be 4 or 5, not 8',
  ]);
  refused({ offset: 0, functionIndex: f, addend: 1 }, [
    'TypeError',
    '`setSection`: fixup 0: `functionIndex` has no `addend`',
  ]);
  refused({ offset: 5, functionIndex: f }, [
    'RangeError',
    '`setSection`: fixup 0: `offset` must be an integer from 0 to 4, not 5',
  ]);
  refused({ offset: 0, section: f }, [
    'TypeError',
    '`setSection`: fixup 0: `section` must be a section of the unit `u`; `f` is a function',
  ]);
  assert.throws(
    () => unit.setSection(section, bytes, { fixups: [{ offset: 0 }] }),
    /must have one of `data`, `function`/,
  );
  assert.throws(() => unit.setSection(unit.section('name'), bytes), EditError);
  assert.throws(() => unit.setSection(section, 'text'), TypeError);
  assert.throws(() => unit.export(section), EditError);
  linker.dispose();
});

/** A function that uses these errors and the table of names. */
function use(unit, names, used) {
  const run = unit.function('run', [], ['i32']);
  const code = unit.code();
  for (const name of used) code.op('i32.data', unit.data(name)).op('drop');
  unit.setFunction(run, code.op('i32.data', names).end());
  unit.export(run);
}

const tableOf = (alive) => {
  const used = alive.filter(({ name }) => name.startsWith('error.'));
  const bytes = new Uint8Array(4 + 4 * used.length);
  bytes[0] = used.length;
  return { bytes, fixups: used.map((data, i) => ({ offset: 4 + 4 * i, data })) };
};

async function namesIn({ output, diagnostics }) {
  assert.deepEqual(diagnostics, []);
  const { run, memory } = (await WebAssembly.instantiate(output)).instance.exports;
  const words = new Uint32Array(memory.buffer, run());
  return Array.from({ length: words[0] }, (_, i) =>
    new TextDecoder().decode(new Uint8Array(memory.buffer, words[1 + i], 9)).replace(/\0.*/, ''),
  );
}

test('a table lists what is in the output', async () => {
  const { linker, unit } = await newUnit();
  const names = unit.data('names');
  for (const name of ['error.one', 'error.two']) unit.setData(unit.data(name), new TextEncoder().encode(`${name}\0`));
  let asked = 0;
  unit.setLateData(names, (alive) => (asked++, tableOf(alive)), { align: 4, readOnly: true });
  use(unit, names, ['error.two']);
  assert.deepEqual(await namesIn(linker.link()), ['error.two']);
  use(unit, names, ['error.one', 'error.two']);
  assert.deepEqual(await namesIn(linker.link()), ['error.one', 'error.two']);
  use(unit, names, []);
  assert.deepEqual(await namesIn(linker.link()), []);
  assert.equal(asked, 3);
  // Bytes alone are enough.
  unit.setLateData(names, () => new Uint8Array(4));
  assert.deepEqual(await namesIn(linker.link()), []);

  // Who is asked is not in a snapshot.
  const restored = await createLinker({ options: plain, snapshot: linker.save() });
  const again = restored.unit('u');
  use(again, again.find('names'), ['error.two']);
  assert.match(restored.link().diagnostics[0].text, /set it again/);
  again.setLateData(again.find('names'), tableOf, { align: 4 });
  assert.deepEqual(await namesIn(restored.link()), ['error.two']);
  restored.dispose();
  linker.dispose();
});

test('what late data refuses, and what its function throws', async () => {
  const { linker, unit } = await newUnit();
  const names = unit.data('names');
  unit.setData(unit.data('error.one'), 4);
  use(unit, names, []);
  const linked = (ask) => {
    unit.setLateData(names, ask);
    return linker.link();
  };
  assert.throws(() => linked(() => Promise.resolve(new Uint8Array(4))), /is a promise, and a link cannot wait/);
  assert.throws(() => linked(() => 'text'), TypeError);
  assert.throws(() => linked(() => ({ bytes: new Uint8Array(2), fixups: [{ offset: 0, data: names }] })), RangeError);
  const error = new Error('mine');
  assert.throws(
    () =>
      linked(() => {
        throw error;
      }),
    error,
  );
  assert.throws(() => linked(() => (unit.constant('text'), new Uint8Array(4))), /this linker is linking/);
  assert.equal(linked(() => new Uint8Array(4)).ok, true);
  linker.dispose();
});

test('late data cannot name what is not in the output', async () => {
  const { linker, unit } = await newUnit();
  const names = unit.data('names');
  const dead = unit.data('error.one');
  unit.setData(dead, 4);
  use(unit, names, []);
  unit.setLateData(names, () => ({ bytes: new Uint8Array(4), fixups: [{ offset: 0, data: dead }] }));
  const { diagnostics } = linker.link();
  assert.match(diagnostics[0].text, /its content names `error.one`, which nothing else keeps/);
  unit.setLateData(names, () => new Uint8Array(4));
  assert.equal(linker.link().ok, true);
  assert.throws(() => unit.setLateData(names, 5), /`ask` must be a function/);
  assert.throws(() => unit.setLateData(names, tableOf, { strings: true }), TypeError);
  linker.dispose();
});
