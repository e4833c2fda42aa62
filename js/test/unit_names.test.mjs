// Names of units: of one that was removed, of those in a snapshot, and in several spellings. What another input of the same name
// has is linked, and nothing of the unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinker, link } from '../dist/index.js';

const options = { entry: false };

/** A unit with one function, which is exported. */
function add(linker, name, exported, unitOptions = {}) {
  const unit = linker.unit(name, unitOptions);
  const f = unit.function(exported, [], []);
  unit.setFunction(f, unit.code().end());
  unit.export(f);
  return unit;
}

/** An object that exports a function. */
async function objectOf(exported) {
  const linker = await createLinker({ options: { ...options, relocatable: true } });
  add(linker, 'source', exported);
  return { bytes: linker.link().output };
}

const mine = await objectOf('mine');
const other = await objectOf('other');

/** What a result exports, without the memory. */
function exportsOf({ ok, output, diagnostics }) {
  assert.ok(ok, JSON.stringify(diagnostics));
  const names = WebAssembly.Module.exports(new WebAssembly.Module(output)).map(({ name }) => name);
  return names.filter((name) => name !== 'memory').sort();
}

async function linkerOf(...names) {
  const linker = await createLinker({ options });
  for (const name of names) add(linker, name, `h${name}`);
  linker.link();
  return linker;
}

/** A linker that was restored from one with the units `u` and `w`, of which nobody has asked for one. */
async function restoredLinker() {
  const linker = await linkerOf('u', 'w');
  const w = add(linker, 'wide', 'hwide', { memory64: true });
  linker.remove(w.name);
  const snapshot = linker.save();
  linker.dispose();
  return createLinker({ options, snapshot });
}

test('an object takes the name of a unit that was removed', async () => {
  const linker = await linkerOf('x', 'y');
  linker.remove('x');
  linker.add({ name: 'x', ...mine });
  const snapshot = linker.save();
  const into = new Uint8Array(10_000);
  const result = linker.link({ into });
  assert.deepEqual(
    [linker.inputs, exportsOf(result)],
    [
      ['y', 'x'],
      ['hy', 'mine'],
    ],
  );
  assert.equal(result.output.buffer, into.buffer);
  const restored = await createLinker({ options, snapshot });
  assert.deepEqual(exportsOf(restored.link()), ['hy', 'mine']);
  assert.throws(() => restored.unit('x'), /there is an input named `x` already/);

  // Before any link, with nothing else to link, and where it was.
  const fresh = await createLinker({ options });
  add(fresh, 'x', 'hx');
  fresh.remove('x');
  fresh.add({ name: 'x', ...mine });
  assert.deepEqual(exportsOf(fresh.link()), ['mine']);
  fresh.remove('x');
  add(fresh, 'x', 'again');
  assert.deepEqual(exportsOf(fresh.link()), ['again']);
});

test('a link that fails does not keep the removed unit', async () => {
  const linker = await linkerOf('x', 'y');
  linker.remove('x');
  const y = linker.unit('z');
  const f = y.function('f', [], []);
  y.setFunction(
    f,
    y
      .code()
      .op('call', y.function('nowhere', [], []))
      .end(),
  );
  y.export(f);
  assert.equal(linker.link().ok, false);
  linker.add({ name: 'x', ...mine });
  assert.equal(linker.link().ok, false);
  y.setFunction(f, y.code().end());
  assert.deepEqual(exportsOf(linker.link()), ['f', 'hy', 'mine']);
  // Nor does an input that is not there.
  linker.remove('y');
  linker.add({ name: 'y', ...other });
  linker.add({ name: 'missing.o' });
  assert.deepEqual(
    linker.link().diagnostics.map(({ id }) => id),
    ['file-not-found'],
  );
  linker.remove('missing.o');
  assert.deepEqual(exportsOf(linker.link()), ['f', 'mine', 'other']);
});

test('a file of the request takes the name of a unit that was removed', async () => {
  const linker = await createLinker({ options, files: { 'x.o': mine.bytes } });
  add(linker, 'x.o', 'hx');
  linker.link();
  linker.remove('x.o');
  linker.add({ name: 'x.o' });
  assert.deepEqual(exportsOf(linker.link()), ['mine']);
});

test('a unit takes the name of a unit that was removed', async () => {
  const linker = await linkerOf('x', 'y');
  for (const exported of ['second', 'third']) {
    const [before] = linker.inputs;
    linker.remove('x');
    add(linker, 'x', exported, { before: before === 'x' ? 'y' : before });
  }
  assert.deepEqual(
    [linker.inputs, exportsOf(linker.link())],
    [
      ['x', 'y'],
      ['hy', 'third'],
    ],
  );
  linker.remove('x');
  linker.add({ name: 'missing.o' });
  add(linker, 'x', 'fourth');
  // Where nothing can be parsed, too.
  linker.remove('x');
  linker.setOptions({ ...options, compat: 'lld-19' });
  linker.remove('missing.o');
  add(linker, 'x', 'fifth');
  assert.deepEqual(exportsOf(linker.link()), ['fifth', 'hy']);
});

test('a live program is patched when an object has the name of a removed unit', async () => {
  const linker = await createLinker({ options, live: true });
  const unit = linker.unit('u');
  const f = unit.function('mine', [], []);
  unit.setFunction(f, unit.code().op('unreachable').end());
  unit.export(f);
  const { instance } = await WebAssembly.instantiate(linker.link().output);
  assert.throws(() => instance.exports.mine(), WebAssembly.RuntimeError);
  linker.remove('u');
  linker.add({ name: 'u', ...mine });
  const { ok, patch, restart = [], output } = linker.patch(instance);
  assert.ok(ok && (patch || output), JSON.stringify(restart));
  assert.deepEqual(
    exportsOf(linker.link()).filter((name) => !name.startsWith('__weld')),
    ['mine'],
  );
});

test('units of a snapshot that nobody has asked for are units', async () => {
  const removed = await restoredLinker();
  removed.remove('u');
  add(removed, 'u', 'anew');
  assert.deepEqual(
    [removed.inputs, exportsOf(removed.link())],
    [
      ['w', 'u'],
      ['anew', 'hw'],
    ],
  );

  const named = await restoredLinker();
  named.remove('u');
  named.add({ name: 'u', ...mine });
  assert.deepEqual(exportsOf(named.link()), ['hw', 'mine']);

  const replaced = await restoredLinker();
  assert.throws(() => replaced.replace('u', mine.bytes), {
    name: 'TypeError',
    message: '`u` is a unit: it is edited, not replaced',
  });
  assert.throws(() => replaced.add({ name: './u', ...mine }), /there is an input named `\.\/u` already/);
  assert.deepEqual(exportsOf(replaced.link()), ['hu', 'hw']);

  for (const links of [true, false]) {
    const wide = await restoredLinker();
    assert.throws(() => wide.unit('u', { memory64: true }), /the snapshot has the unit `u` with addresses of 32 bits/);
    for (const name of ['u', 'w']) wide.remove(name);
    if (links) wide.link();
    assert.equal(wide.unit('u', { memory64: true }).memory64, true);
  }

  const snapshot = (await restoredLinker()).save();
  await assert.rejects(createLinker({ options, snapshot, inputs: ['u'] }), /there is an input named `u` already/);
});

test('`before` moves a unit of a snapshot that is behind that input', async () => {
  const linker = await restoredLinker();
  assert.throws(() => linker.unit('w', { before: 'w' }), /`w` cannot come before itself/);
  assert.throws(() => linker.unit('w', { before: 'v' }), /there is no input named `v`/);
  assert.deepEqual(linker.inputs, ['u', 'w']);
  linker.unit('w', { before: 'u' });
  assert.deepEqual(linker.inputs, ['w', 'u']);
  assert.deepEqual(exportsOf(linker.link()), ['hu', 'hw']);
  // One that is in front of it already stays where it is.
  const again = await createLinker({ options, snapshot: linker.save(), inputs: [{ name: 'mine.o', ...mine }] });
  again.unit('w', { before: 'mine.o' });
  again.unit('u', { before: 'mine.o' });
  assert.deepEqual(again.inputs, ['w', 'u', 'mine.o']);
});

test('what JavaScript knows of a unit is the same after a snapshot', async () => {
  const linker = await createLinker({ options });
  const unit = linker.unit('u');
  const [f64, tree] = [unit.global('g', 'f64'), unit.defineType({ struct: ['i32'] })];
  unit.setGlobal(f64, 'f64', 1);
  const reference = unit.global('r', tree.refNull);
  unit.setGlobal(reference, tree.refNull);
  unit.global('declared', 'i64');
  const [file, type] = [unit.sourceFile('a.tiny'), unit.sourceType('int', 'signed', 4)];
  unit.constant('text');
  const restored = await createLinker({ options, snapshot: linker.save() });
  for (const u of [unit, restored.unit('u')]) {
    const refused = (name, wrong, value, declared) =>
      assert.throws(() => u.setGlobal(u.find(name), wrong, value), {
        name: 'TypeError',
        message: `\`setGlobal\`: the type must be ${declared}, as the global is declared, not '${wrong}'`,
      });
    refused('g', 'i32', 7, 'f64');
    refused('declared', 'f64', 7, 'i64');
    refused('r', 'anyref', 0, 'another reference type');
    u.setGlobal(u.find('g'), 'f64', 7);
    u.setGlobal(u.find('r'), u.info(u.find('r')).type);
    assert.deepEqual([u.sourceFile('a.tiny'), u.sourceType('int', 'signed', 4)], [file, type]);
    assert.equal(u.symbols().at(-1).symbol, u.constant('text'));
    const gone = u.find('declared');
    u.remove(gone);
    assert.throws(() => u.setGlobal(gone, 'f64', 1), { name: 'EditError' });
  }
});

test('another spelling of a name is the same unit', async () => {
  const linker = await createLinker({ options });
  const unit = add(linker, './u', 'hu');
  assert.throws(() => linker.replace('u', mine.bytes), /`\.\/u` is a unit/);
  const restored = await createLinker({ options, snapshot: linker.save() });
  assert.equal(restored.unit('u').find('hu')?.name, 'hu');
  linker.remove('u');
  assert.throws(() => unit.code() && unit.find('hu'), /removed, or lost/);
  linker.add({ name: './u', ...mine });
  assert.deepEqual(exportsOf(linker.link()), ['mine']);
  // Objects, too.
  linker.replace('u', other.bytes);
  assert.deepEqual(exportsOf(linker.link()), ['other']);
  assert.deepEqual(exportsOf(await link({ inputs: [{ name: 'u', ...other }], options })), ['other']);
});
