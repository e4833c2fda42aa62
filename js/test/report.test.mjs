// Metafiles and reports in the API: that they say what the program says, and refuse what they must. What they say is
// checked by tests/programs/report.test.mjs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLinker, link, openReport } from '../dist/index.js';
import { archive, compile, folder, native, run, script } from './support.mjs';

const main = compile(
  'main.c',
  `
  int used(int), imported(int);
  const char *text(void) { return "some text"; }
  int main_function(int n) { return used(n) + imported(n) + text()[n]; }
  int unused(void) { return 1; }
`,
);
const library = archive({
  'used.o': compile('used.c', 'int helper(int n) { return n * 3; } int used(int n) { return helper(n) + 1; }', ['-O0']),
});
const request = {
  inputs: [
    { name: 'main.o', bytes: main },
    { name: 'lib.a', bytes: library },
  ],
  options: { entry: false, export: ['main_function'], importUndefined: true, metafile: true, outputName: 'out.wasm' },
};
const linked = await link(request);

test('a link gives its metafile when it is asked for one', async () => {
  assert.equal(linked.ok, true);
  assert.deepEqual(linked.files, {});
  const metafile = JSON.parse(new TextDecoder().decode(linked.metafile));
  assert.equal(metafile.format, 'weld-metafile');
  assert.equal(metafile.output.size, linked.output.length);
  assert.deepEqual(metafile.inputs.path, ['main.o', 'lib.a']);
  const without = await link({ ...request, options: { ...request.options, metafile: false } });
  assert.equal(without.metafile, undefined);
  assert.deepEqual(without.output, linked.output);
});

test('a report answers', async () => {
  const report = await openReport(linked.metafile);
  assert.equal(
    report.size().reduce((sum, row) => sum + row.bytes, 0),
    linked.output.length,
  );
  assert.deepEqual(
    report
      .size({ by: 'member', limit: 2 })
      .map((row) => row.name)
      .sort(),
    ['(linker)', 'lib.a(used.o)'].sort(),
  );
  const { matches } = report.why('helper');
  assert.deepEqual(
    matches[0].path.map((step) => step.name),
    ['main_function', 'used', 'helper'],
  );
  assert.deepEqual(matches[0].roots, [{ reason: 'export', symbol: 'main_function' }]);
  assert.deepEqual(matches[0].extracted, { by: 'main.o', symbol: 'used' });
  assert.deepEqual(report.why('helpr'), { matches: [], similar: ['helper'] });
  assert.deepEqual(
    report
      .removed()
      .map((row) => row.name)
      .sort(),
    ['text', 'unused'],
  ); // text() was inlined
  assert.deepEqual(
    report.imports().map(({ module, name, users }) => [module, name, users[0].name]),
    [['env', 'imported', 'main_function']],
  );
  const retained = report.retained({ limit: 1 })[0];
  assert.equal(retained.name, 'main_function');
  const { regions } = report.memoryMap();
  assert.deepEqual(
    regions.map(({ kind }) => kind).filter((kind) => kind !== 'unused'),
    ['stack', 'data', 'heap'],
  );
});

test('a stub of the imports', async () => {
  const report = await openReport(linked.metafile);
  const { createImports } = await import(`data:text/javascript,${encodeURIComponent(report.importStub())}`);
  const imports = createImports();
  imports.env.imported = (n) => n + 1;
  const { instance } = await WebAssembly.instantiate(linked.output, imports);
  assert.equal(instance.exports.main_function(0), 1 + 1 + 's'.charCodeAt(0));
});

test('what differs between two links', async () => {
  const changed = compile(
    'main.c',
    `
    int used(int), imported(int);
    int added(int n) { return imported(n) * 2; }
    int main_function(int n) { return used(n) + added(n); }
  `,
    ['-O0'],
  );
  const after = await link({ ...request, inputs: [{ name: 'main.o', bytes: changed }, request.inputs[1]] });
  const [older, newer] = await Promise.all([openReport(linked.metafile), openReport(after.metafile)]);
  const { before, after: size, items } = older.diff(newer);
  assert.deepEqual([before, size], [linked.output.length, after.output.length]);
  const changes = Object.fromEntries(items.map((row) => [row.name, row.change]));
  assert.equal(changes.added, 'added');
  assert.equal(changes.main_function, 'grown');
  assert.equal(changes['.L.str'], 'removed');
  assert.equal(changes.used, undefined);
  assert.deepEqual(older.diff(older).items, []);
});

test('a linker that stays gives the metafile of each link', async () => {
  const linker = await createLinker(request);
  assert.deepEqual(linker.link().metafile, linked.metafile);
  linker.replace('main.o', compile('main.c', 'int main_function(int n) { return n; }'));
  const { output, metafile } = linker.link();
  const report = await openReport(metafile);
  assert.equal(
    report.size().reduce((sum, row) => sum + row.bytes, 0),
    output.length,
  );
  assert.deepEqual(report.why('used').matches, []);
  linker.dispose();
});

test('what is no metafile is refused', async () => {
  const text = new TextDecoder().decode(linked.metafile);
  const bytes = (string) => new TextEncoder().encode(string);
  await assert.rejects(openReport('text'), TypeError);
  await assert.rejects(openReport(bytes('{}')), /no metafile/);
  await assert.rejects(openReport(bytes(text.slice(0, 1000))), /offset 1000/);
  await assert.rejects(openReport(bytes(text.replace('"version":1', '"version":2'))), /another version/);
  await assert.rejects(openReport(library), /no metafile of this version of weld, and no module/);
  await assert.rejects(openReport(linked.output.slice(0, 60)), TypeError);
  const report = await openReport(new Blob([linked.metafile]));
  assert.throws(() => report.size({ by: 'symbols' }), /did you mean `symbol`/);
  assert.throws(() => report.size({ buy: 'symbol' }), /did you mean `by`/);
  assert.throws(() => report.removed({ limit: -1 }), TypeError);
  assert.throws(() => report.diff({}), TypeError);
});

test('a module without its metafile has sizes, and says what it does not know', async () => {
  const [report, full] = [await openReport(linked.output, { name: 'out.wasm' }), await openReport(linked.metafile)];
  assert.equal(report.explains, false);
  assert.equal(full.explains, true);
  const sizes = (/** @type {typeof report} */ of) =>
    new Map(
      of.size({ by: 'function' }).flatMap(({ display, bytes }) => (display.startsWith('(') ? [] : [[display, bytes]])),
    );
  const names = [...sizes(report).keys()];
  assert.deepEqual(names.sort(), ['helper', 'main_function', 'used']);
  // The metafile counts what a function has in other sections too, a few bytes.
  for (const [name, bytes] of sizes(full))
    assert.ok(bytes >= sizes(report).get(name) && bytes - sizes(report).get(name) < 30, `${name}: ${bytes}`);
  for (const by of ['function', 'namespace', 'crate', 'symbol', 'section', 'kind'])
    assert.equal(
      report.size({ by }).reduce((sum, row) => sum + row.bytes, 0),
      linked.output.length,
      by,
    );
  assert.throws(() => report.size({ by: 'object' }), /a module does not say from which files/);
  assert.throws(() => report.size({ by: 'source' }), /the module has no debug information/);
  assert.throws(() => full.size({ by: 'line' }), /a metafile does not say from which lines/);
  assert.throws(() => report.retained(), /a module does not say what keeps what/);
  assert.throws(() => report.why('helper'), /a module does not say/);
  assert.deepEqual(
    report.imports().map(({ name, users }) => [name, users]),
    full.imports().map(({ name }) => [name, []]),
  );
  const { before, after } = report.diff(full);
  assert.deepEqual([before, after], [linked.output.length, linked.output.length]);
});

test('a model has every byte once, however much is summed up', async () => {
  const report = await openReport(linked.metafile);
  const other = await openReport(
    (await link({ ...request, options: { ...request.options, export: ['used'] } })).metafile,
  );
  for (const limit of [0, 1, 3]) {
    const model = report.sizeModel({ limit, before: other });
    const { leaves } = model;
    const sum = (of) =>
      ['code', 'data', 'names', 'debug', 'rest'].flatMap((part) => of[part]).reduce((all, bytes) => all + bytes, 0);
    assert.equal(sum(leaves), linked.output.length);
    assert.equal(sum(leaves.before), model.before.size);
    assert.ok(leaves.name.includes('helper') || limit > 0);
    for (const column of Object.values(leaves))
      if (Array.isArray(column)) assert.equal(column.length, leaves.name.length);
  }
  assert.throws(() => report.sizeModel({ before: {} }), TypeError);
  assert.deepEqual(report.costs(), report.sizeModel().costs);
});

test('the program says the same, natively and in Node', async (t) => {
  if (!native) return t.skip('the native program is not built');
  writeFileSync(path.join(folder, 'main.json'), linked.metafile);
  writeFileSync(path.join(folder, 'main.wasm'), linked.output);
  writeFileSync(path.join(folder, 'lib.a'), library);
  const commands = [
    ['size', 'main.json'],
    ['size', 'main.json', '--by=symbol', '--retained', '--limit=3'],
    ['why', 'main.json', 'helper'],
    ['why', 'main.json', 'helpr'],
    ['why', 'main.json', 'unused', '--json'],
    ['removed', 'main.json'],
    ['memory', 'main.json'],
    ['imports', 'main.json', '--stub'],
    ['diff', 'main.json', 'main.json'],
    ['size', 'main.json', '--by=function'],
    ['size', 'main.wasm'],
    ['size', 'main.wasm', '--by=section', '--json'],
    ['size', 'main.wasm', '--by=object'],
    ['size', 'main.wasm', '--retained'],
    ['why', 'main.wasm', 'helper'],
    ['imports', 'main.wasm'],
    ['diff', 'main.wasm', 'main.json', '--by=function'],
    ['size', 'main.o'],
    ['size', 'lib.a'],
    ['size', 'main.json', '--html=out.html'],
    ['size', 'main.json', '--html', '--json'],
    ['diff', 'main.wasm', 'main.json', '--html=/not/there.html'],
    ['size', 'not-there.json'],
    ['diff', '--help'],
    ['size', 'main.json', '--by=nothing'],
  ];
  for (const command of commands) {
    const [program, wasm] = await Promise.all([
      run(native, command, { argv0: 'weld' }),
      run(process.execPath, [script, ...command]),
    ]);
    assert.deepEqual(
      [wasm.code, wasm.stdout, wasm.stderr],
      [program.code, program.stdout, program.stderr],
      command.join(' '),
    );
    assert.notEqual(program.stdout + program.stderr, '');
  }
});

test('a module with debug information is summed up by source and line', async () => {
  const linker = await createLinker({ options: { entry: false } });
  const unit = linker.unit('main.tiny');
  for (const [name, line] of Object.entries({ first: 3, second: 7 })) {
    const f = unit.function(name, [], ['i32']);
    const code = unit.code().op('i32.const', 1).op('i32.const', 2).op('i32.add').end();
    unit.setFunction(f, code);
    unit.setLines(f, [
      { instruction: 0, line },
      { instruction: 2, line: line + 1 },
    ]);
    unit.export(f);
  }
  const { output } = linker.link();
  const report = await openReport(output);
  const lines = report.size({ by: 'line' });
  assert.equal(
    lines.reduce((sum, { bytes }) => sum + bytes, 0),
    output.length,
  );
  const named = lines.filter(({ name }) => name.startsWith('main.tiny')).map(({ name, bytes }) => `${name} ${bytes}`);
  // The count of locals and two constants; an addition and the end.
  assert.deepEqual(named.sort(), ['main.tiny:3 5', 'main.tiny:4 2', 'main.tiny:7 5', 'main.tiny:8 2']);
  const [source] = report.size({ by: 'source' }).filter(({ name }) => name === 'main.tiny');
  assert.equal(source.bytes, 14);
});
