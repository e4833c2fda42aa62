// Source maps, debug information in a file of its own, and stack traces, in the API. What maps say is checked by
// tests/programs/source_map.test.mjs, what `symbolize` says by tests/programs/symbolize.test.mjs.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLinker, inlineSourceMap, link, symbolize } from '../dist/index.js';
import { compile, folder } from './support.mjs';

const text = `
__attribute__((noinline)) static int divide(int a, int b) {
  return a / b;
}
int run(int n) {
  return 1 +
    divide(n, n - 3);
}
`;
const bytes = compile('trap.c', text, ['-g', '-O1']);
const inputs = [{ name: 'trap.o', bytes }];
const options = { entry: false, export: ['run'] };
const decode = (map) => JSON.parse(new TextDecoder().decode(map));
const section = async (output, name) => {
  const [content] = WebAssembly.Module.customSections(await WebAssembly.compile(output), name);
  return content && Buffer.from(content).toString();
};

/** The stack of a trap in a module. */
async function trap(output) {
  const { instance } = await WebAssembly.instantiate(output);
  try {
    instance.exports.run(3);
  } catch (error) {
    return error.stack;
  }
  return assert.fail('it does not trap');
}

test('a trap is mapped to the line in C', async () => {
  for (const more of [{}, { stripDebug: true }, { stripAll: true, optimize: 'size', icf: 'all' }]) {
    const { ok, output, sourceMap, files } = await link({ inputs, options: { ...options, ...more, sourceMap: true } });
    assert.equal(ok, true);
    assert.deepEqual(files, {});
    assert.equal(await section(output, 'sourceMappingURL'), '\x0ea.out.wasm.map');
    const stack = await trap(output);
    const map = new SourceMap(decode(sourceMap));
    const lines = [...stack.matchAll(/:0x([0-9a-f]+)/g)].map(([, offset]) => {
      const { originalLine, originalSource } = map.findEntry(0, parseInt(offset, 16));
      return `${path.basename(originalSource)}:${originalLine + 1}`;
    });
    assert.deepEqual(lines, ['trap.c:3', 'trap.c:7']);

    const { places, text: shown, diagnostics } = await symbolize(sourceMap, stack);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(
      places.map(({ frames: [frame] }) => `${frame.function} ${frame.line}`),
      ['divide 3', 'run 7'],
    );
    assert.match(
      shown,
      /^RuntimeError: divide by zero\n {4}at divide \(.*trap\.c:3:\d+\)\n {4}at run \(.*trap\.c:7:\d+\)\n/,
    );
  }
});

test('options of maps', async () => {
  const source = path.join(folder, 'trap.c');
  const sourceMap = { url: '', root: '/r', prefix: { [`${folder}/`]: '' }, sources: true, ignore: ['trap', 'x'] };
  const files = async (name) => (name === source ? new TextEncoder().encode(text) : undefined);
  const result = await link({ inputs, files, options: { ...options, outputName: 'x/y.wasm', sourceMap } });
  const { mappings, ...map } = decode(result.sourceMap);
  assert.ok(mappings.length > 0);
  assert.deepEqual(map, {
    version: 3,
    file: 'y.wasm',
    sourceRoot: '/r',
    sources: ['trap.c'],
    sourcesContent: [text],
    ignoreList: [0],
    names: map.names,
  });
  assert.deepEqual(map.names.toSorted(), ['divide', 'run']);
  assert.equal(await section(result.output, 'sourceMappingURL'), undefined);

  const without = await link({ inputs, options: { ...options, sourceMap: { sources: true, ignore: true } } });
  assert.deepEqual(decode(without.sourceMap).sourcesContent, [null]);
  assert.deepEqual(decode(without.sourceMap).ignoreList, []);
  assert.equal((await link({ inputs, options: { ...options, sourceMap: false } })).sourceMap, undefined);
  for (const [wrong, message] of [
    [3, /option `sourceMap` must be a boolean or an object, not 3/],
    [{ urll: 'x' }, /unknown option `sourceMap.urll`.*url/],
    [{ prefix: { 'a=b': '' } }, /option `sourceMap.prefix` must be an object of texts/],
    [{ ignore: 3 }, /option `sourceMap.ignore` must be a boolean, a string or an array of strings, not 3/],
  ])
    await assert.rejects(link({ inputs, options: { sourceMap: wrong } }), message);
});

test('a persistent linker makes a map of each link', async () => {
  const linker = await createLinker({ inputs, options: { ...options, sourceMap: true, stripDebug: true } });
  const first = linker.link();
  linker.replace('trap.o', compile('trap.c', `\n\n${text}`, ['-g', '-O1']));
  const second = linker.link();
  assert.deepEqual(second.output, first.output);
  const [before, after] = await Promise.all(
    [first, second].map(async ({ sourceMap, output }) => (await symbolize(sourceMap, await trap(output))).places),
  );
  assert.deepEqual(
    after.map(({ frames: [frame] }) => frame.line),
    before.map(({ frames: [frame] }) => frame.line + 2),
  );
  linker.dispose();
});

test('lines of a unit are in the map', async () => {
  const linker = await createLinker({ options: { ...options, export: [], sourceMap: true, stripDebug: true } });
  const unit = linker.unit('main.tiny');
  const run = unit.function('run', ['i32'], ['i32']);
  unit.setFunction(run, unit.code().at(7, 3).op('local.get', 0).at(8, 5).op('i32.const', 0).op('i32.div_s').end());
  unit.export(run);
  const { ok, output, sourceMap, diagnostics } = linker.link();
  assert.equal(ok, true, JSON.stringify(diagnostics));
  const { places } = await symbolize(sourceMap, await trap(output));
  assert.deepEqual(places[0].frames, [{ function: 'run', file: 'main.tiny', line: 8, column: 5, inlined: false }]);
});

test('debug information in a file of its own', async () => {
  const linked = await link({ inputs, options: { ...options, separateDwarf: true } });
  const stripped = await link({ inputs, options: { ...options, stripDebug: true } });
  assert.deepEqual(linked.files, {});
  const name = 'a.out.wasm.debug.wasm';
  assert.equal(await section(linked.output, 'external_debug_info'), String.fromCharCode(name.length) + name);
  const added = 1 + 1 + 1 + 'external_debug_info'.length + 1 + name.length;
  assert.deepEqual(linked.output.subarray(0, -added), stripped.output);

  const stack = await trap(linked.output);
  const { places } = await symbolize(linked.debugFile, stack);
  assert.deepEqual(
    places.map(({ frames: [frame] }) => `${frame.function} ${frame.line}`),
    ['divide 3', 'run 7'],
  );
  // Debuggers load it in place of the module.
  const frames = (stack) => stack.match(/wasm-function\[\d+\]:0x[0-9a-f]+/g);
  assert.deepEqual(frames(await trap(linked.debugFile)), frames(stack));
  const named = await link({ inputs, options: { ...options, separateDwarf: 'x/debug.wasm' } });
  assert.equal(await section(named.output, 'external_debug_info'), '\x0adebug.wasm');
});

test('a module leads to the debug information that it names', async () => {
  const lines = async (...asked) => (await symbolize(...asked)).places.map(({ frames: [frame] }) => frame?.line);
  const separate = await link({ inputs, options: { ...options, separateDwarf: true } });
  const stack = await trap(separate.output);
  const debugName = 'a.out.wasm.debug.wasm';
  assert.deepEqual(await lines(separate.output, stack), [undefined, undefined]);
  assert.deepEqual(await lines(separate.output, stack, { files: { [debugName]: separate.debugFile } }), [3, 7]);
  assert.deepEqual(await lines(separate.output, stack, { files: {} }), [undefined, undefined]);

  // Beside a module on a disk, and asked for once.
  const place = path.join(folder, 'named');
  mkdirSync(place, { recursive: true });
  writeFileSync(path.join(place, 'app.wasm'), separate.output);
  writeFileSync(path.join(place, debugName), separate.debugFile);
  assert.deepEqual(await lines(pathToFileURL(path.join(place, 'app.wasm')), stack), [3, 7]);
  const asked = [];
  const files = async (name) => void asked.push(name);
  assert.deepEqual(await lines(separate.output, stack, { files }), [undefined, undefined]);
  assert.deepEqual(asked, [debugName]);

  // A map is used if nothing else is there; what the module has itself is used before.
  const both = { sourceMap: { url: 'maps/app.map' }, separateDwarf: true };
  const { output, sourceMap } = await link({ inputs, options: { ...options, ...both } });
  assert.deepEqual(await lines(output, stack, { files: { 'maps/app.map': sourceMap } }), [3, 7]);
  const plain = await link({ inputs, options: { ...options, sourceMap: true } });
  assert.deepEqual(await lines(plain.output, await trap(plain.output), { files }), [3, 7]);
  assert.deepEqual(asked, [debugName]);
  await assert.rejects(symbolize(output, stack, { file: {} }), /no `file`; did you mean `files`/);
  await assert.rejects(symbolize(output, stack, { files: { 'maps/app.map': new Uint8Array(3) } }), TypeError);
});

test('a module can have its source map in itself', async () => {
  const files = { [path.join(folder, 'trap.c')]: new TextEncoder().encode(`${text}// é`) };
  const sourceMap = { url: '', sources: true };
  const linked = await link({ inputs, files, options: { ...options, sourceMap, stripDebug: true } });
  const module = inlineSourceMap(linked.output, linked.sourceMap.buffer);
  assert.deepEqual(module.subarray(0, linked.output.length), linked.output);
  const stack = await trap(module);
  const { places } = await symbolize(module, stack);
  assert.deepEqual(
    places.map(({ frames: [frame] }) => frame.line),
    [3, 7],
  );
  const address = (await section(module, 'sourceMappingURL')).replace(/^[^d]*/, '');
  const held = await (await fetch(address)).text();
  assert.equal(held, new TextDecoder().decode(linked.sourceMap));
  assert.equal(JSON.parse(held).sourcesContent[0], `${text}// é`);

  // Sizes with more digits.
  const large = inlineSourceMap(linked.output, new Uint8Array(100_000).fill(32));
  assert.equal(
    (await section(large, 'sourceMappingURL')).replace(/^[^d]*/, '').length,
    29 + 4 * Math.ceil(100_000 / 3),
  );
  assert.throws(() => inlineSourceMap(linked.output, 'map'), TypeError);
  assert.throws(() => inlineSourceMap(undefined, linked.sourceMap), TypeError);
});

test('V8 finds each form', async () => {
  const session = new Session();
  session.connect();
  const found = [];
  session.on('Debugger.scriptParsed', ({ params }) => {
    if (params.scriptLanguage === 'WebAssembly') found.push(params.debugSymbols);
  });
  session.post('Debugger.enable');
  found.length = 0; // modules of before
  const sourceMap = true;
  for (const more of [
    { sourceMap, stripDebug: true },
    { separateDwarf: true },
    {},
    { stripDebug: true },
    { sourceMap },
  ]) {
    const { output } = await link({ inputs, options: { ...options, ...more, outputName: 'x.wasm' } });
    await WebAssembly.compile(output);
  }
  session.disconnect();
  const forms = found.flat().map(({ type, externalURL }) => `${type} ${externalURL ?? ''}`.trim());
  const map = 'SourceMap x.wasm.map';
  assert.deepEqual(forms, [map, 'ExternalDWARF x.wasm.debug.wasm', 'EmbeddedDWARF', 'None', map]);
});

test('offsets, and what is no module', async () => {
  const { output } = await link({ inputs, options });
  const code = (await symbolize(output, [0, 2 ** 32])).places;
  assert.deepEqual(code, [
    { line: 0, offset: 0, frames: [] },
    { line: 1, offset: 2 ** 32, frames: [] },
  ]);
  await assert.rejects(symbolize(new Uint8Array(8), [0]), {
    name: 'TypeError',
    message: /neither a module nor a source map/,
  });
  await assert.rejects(symbolize(output, [-1]), TypeError);
  await assert.rejects(symbolize(output), TypeError);
});
