// `validate`: the engine is asked whether it takes the output, and what it refuses is reported with its place in the inputs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { createLinker, initialize, link, linkSync } from '../dist/index.js';
import { commands } from '../dist/run.js';
import { archive, assemble, caller, callee, compile, folder, native, run, runModule, script } from './support.mjs';

const options = { entry: false, validate: true };

/** An object whose code nobody has checked, with line numbers. */
function assembleUnchecked(name, text) {
  const source = path.join(folder, `${name}.s`);
  writeFileSync(source, text);
  const flags = ['-triple=wasm32-unknown-unknown', '-filetype=obj', '-mattr=+exception-handling'];
  execFileSync('llvm-mc-19', [...flags, '-g', '--no-type-check', `${name}.s`, '-o', `${name}.o`], { cwd: folder });
  return readFileSync(path.join(folder, `${name}.o`));
}

/** A function in a section of its own. */
const assembled = (name, type, ...lines) => `
	.section .text.${name},"",@
	.globl ${name}
${name}:
	.functype ${name} ${type}
${lines.map((line) => `\t${line}`).join('\n')}
	end_function
`;

/** Where in a text a line stands, counted from 1. */
const lineOf = (text, wanted) => text.split('\n').findIndex((line) => line.trim() === wanted) + 1;

// --- units. `at`: the instruction that V8 names, which is the one that made a wrong value.

const i32 = ['i32'];
/** @type {Record<string, {results?: string[], params?: string[], code: [string, ...unknown[]][], at: number, says: RegExp}>} */
const badCode = {
  'an operand of a wrong type': {
    code: [['i32.const', 1], ['f32.const', 2], ['i32.add'], ['drop']],
    at: 1,
    says: /i32\.add.*f32/,
  },
  'a missing operand': { code: [['i32.const', 1], ['i32.add'], ['drop']], at: 1, says: /i32\.add/ },
  'a missing result at the end': { results: i32, code: [['nop']], at: 1, says: /fallthru/ },
  'a result of a wrong type': { results: i32, code: [['i64.const', 1n]], at: 1, says: /i32.*i64/ },
  'a surplus value at the end': { code: [['i32.const', 1]], at: 1, says: /fallthru/ },
  'a block without its result': { code: [['block', 'i32'], ['end'], ['drop']], at: 1, says: /fallthru/ },
  'a block with a wrong result': { code: [['block', 'i32'], ['f64.const', 1], ['end'], ['drop']], at: 2, says: /f64/ },
  'a branch with a wrong value': {
    code: [['block', 'i32'], ['i64.const', 1n], ['br', 0], ['end'], ['drop']],
    at: 2,
    says: /branch|br/,
  },
  'a branch without a value': { code: [['block', 'i32'], ['br', 0], ['end'], ['drop']], at: 1, says: /br/ },
  'a condition of a wrong type': { code: [['f32.const', 1], ['if'], ['end']], at: 0, says: /if.*f32/ },
  'branches of an `if` that differ': {
    code: [['i32.const', 1], ['if', 'i32'], ['i32.const', 1], ['else'], ['f32.const', 1], ['end'], ['drop']],
    at: 5,
    says: /f32/,
  },
  'an early return of a wrong type': { results: i32, code: [['f32.const', 1], ['return']], at: 1, says: /f32/ },
  'an argument of a wrong type': {
    params: ['i64'],
    code: [
      ['i32.const', 1],
      ['call', 'self'],
    ],
    at: 0,
    says: /call.*i64/,
  },
  'a missing argument': { params: ['i64'], code: [['call', 'self']], at: 0, says: /call/ },
  'a local of another type': {
    params: ['f32'],
    code: [
      ['i32.const', 1],
      ['local.set', 0],
    ],
    at: 0,
    says: /local\.set/,
  },
  'a `select` of two types': {
    code: [['i32.const', 1], ['f32.const', 1], ['i32.const', 0], ['select'], ['drop']],
    at: 0,
    says: /select.*f32/,
  },
};

async function linkerOf(functions) {
  const linker = await createLinker({ options });
  const unit = linker.unit('jit');
  for (const [name, { params = [], results = [], code }] of Object.entries(functions)) {
    const self = unit.function(name, params, results);
    const builder = unit.code();
    for (const [op, ...operands] of code) builder.op(op, ...operands.map((o) => (o === 'self' ? self : o)));
    unit.setFunction(self, builder.end());
    unit.export(self);
  }
  return { linker, unit };
}

for (const [what, { at, says, ...f }] of Object.entries(badCode))
  test(`a unit with ${what}`, async () => {
    const { linker } = await linkerOf({ bad: f, good: { results: i32, code: [['i32.const', 1]] } });
    const { ok, output, diagnostics } = linker.link();
    assert.equal(ok, false);
    assert.equal(output, undefined);
    const [
      {
        id,
        severity,
        arguments: [name, text],
        location,
        notes,
      },
    ] = diagnostics;
    assert.deepEqual(
      [diagnostics.length, id, severity, name],
      [1, 'invalid-code', 'error', { name: 'bad', display: 'bad' }],
    );
    assert.match(text, says);
    assert.doesNotMatch(text, /@\+|Compiling|WebAssembly/);
    assert.deepEqual(location, { input: 'jit', instruction: at, symbol: { name: 'bad', display: 'bad' } });
    assert.equal(notes[0].text, `the engine stopped at instruction ${at}, \`${[...f.code, ['end']][at][0]}\``);
  });

test('all wrong functions of a unit are reported, and when they are mended nothing is', async () => {
  const { linker, unit } = await linkerOf({ first: { code: [['nop']] }, ...badCode, last: { code: [['nop']] } });
  const wrong = Object.keys(badCode);
  while (wrong.length > 0) {
    const { ok, diagnostics } = linker.link();
    assert.deepEqual([ok, diagnostics.map((d) => d.location.symbol.name)], [false, wrong]);
    for (const name of wrong.splice(0, 5)) {
      const { params = [], results = [] } = badCode[name];
      unit.setFunction(unit.function(name, params, results), unit.code().op('unreachable').end());
    }
  }
  assert.equal(linker.link().ok, true);
});

test('there is a bound', async () => {
  const bad = { code: [['i32.add']] };
  const { linker } = await linkerOf(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, bad])));
  const { diagnostics } = linker.link();
  assert.equal(diagnostics.length, 20);
  assert.deepEqual(diagnostics.at(-1).notes.at(-1).text, 'more functions are invalid: these are the first 20');
});

// --- objects

const text = [
  assembled('good', '() -> (i32)', 'i32.const 1'),
  assembled('bad', '(f32) -> (i32)', 'i32.const 1', 'local.get 0', 'i32.add'),
  assembled('worse', '() -> (i64)', 'call good'),
].join('');
const object = assembleUnchecked('bad', text);

/** The offset of bytes in bytes. */
const offsetOf = (bytes, ...wanted) => bytes.indexOf(Buffer.from(wanted));

for (const more of [{}, { compressRelocations: true }, { optimize: 'size', stripDebug: true }, { relocatable: true }])
  test(`code of objects, ${JSON.stringify(more)}`, async () => {
    const exports = more.relocatable ? {} : { export: ['bad', 'worse'] };
    const { ok, diagnostics } = await link({
      inputs: [{ name: 'bad.o', bytes: object }],
      options: { ...options, ...exports, ...more },
    });
    assert.equal(ok, false);
    assert.deepEqual(
      diagnostics.map(({ id }) => id),
      ['invalid-code', 'invalid-code'],
    );
    const [{ location: bad }, { location: worse }] = diagnostics;
    // local.get 0, i32.add
    assert.deepEqual(bad, {
      input: 'bad.o',
      section: 'CODE',
      offset: offsetOf(object, 0x20, 0x00, 0x6a),
      symbol: { name: 'bad', display: 'bad' },
      source: { file: 'bad.s', line: lineOf(text, 'local.get 0') },
    });
    assert.equal(worse.symbol.name, 'worse');
    assert.equal(worse.source.line, lineOf(text, 'call good') + 1, 'the end of the function');
  });

test('code of a member of an archive', async () => {
  const inputs = [
    { name: 'main.o', bytes: assemble(caller) },
    {
      name: 'lib.a',
      bytes: archive({ 'f.o': assembleUnchecked('f', assembled('f', '() -> (i32)', 'f32.const 0x1p0')) }),
    },
  ];
  const { diagnostics } = await link({ inputs, options: { validate: true } });
  assert.deepEqual(
    diagnostics.map(({ location: { input, member, symbol } }) => [input, member, symbol.name]),
    [['lib.a', 'f.o', 'f']],
  );
});

test('code that was collected is not looked at', async () => {
  const { ok, diagnostics } = await link({
    inputs: [{ name: 'bad.o', bytes: object }],
    options: { ...options, export: 'good' },
  });
  assert.deepEqual([ok, diagnostics], [true, []]);
});

test('valid code says nothing, and gives the same bytes', async () => {
  const source = 'extern int g; int* p = &g; int g = 1; int f(int x) { return x + *p; }';
  const inputs = [{ name: 'f.o', bytes: compile('valid.c', source, ['-fPIC', '-g', '-O1']) }];
  for (const more of [
    { export: 'f' },
    { relocatable: true },
    { shared: true },
    { pie: true, export: 'f' },
    { emitRelocs: true, export: 'f' },
  ]) {
    const plain = { experimentalPic: true, ...(more.pie || more.export ? { entry: false } : {}), ...more };
    const expected = await link({ inputs, options: plain });
    const validated = await link({ inputs, options: { ...plain, validate: true } });
    assert.deepEqual(validated.diagnostics, expected.diagnostics);
    assert.ok(Buffer.from(validated.output).equals(Buffer.from(expected.output)), JSON.stringify(more));
    assert.ok('validate_output' in validated.stats.phases);
  }
});

test('`logOverride` lowers it', async () => {
  const lowered = { ...options, export: 'bad', logOverride: { 'invalid-code': 'warning' } };
  const { ok, output, diagnostics } = await link({ inputs: [{ name: 'bad.o', bytes: object }], options: lowered });
  assert.deepEqual([ok, diagnostics.map(({ severity }) => severity)], [true, ['warning']]);
  assert.equal(WebAssembly.validate(output), false);
});

// --- what other engines say. The place in the module is V8's, in their words.

/** Links with an engine whose messages are made of V8's offset and the module. `refused`: bytes that it does not take. */
async function linkWith(messageOf, request, { limit = Infinity, refused = [] } = {}) {
  const { Module, validate } = WebAssembly;
  const isRefused = (bytes) => refused.length > 0 && Buffer.from(bytes).includes(Buffer.from(refused));
  WebAssembly.validate = (bytes) => validate(bytes) && !isRefused(bytes);
  WebAssembly.Module = function (bytes) {
    if (bytes.length > limit) throw new RangeError('WebAssembly.Compile is disallowed on the main thread');
    if (isRefused(bytes))
      throw new WebAssembly.CompileError(messageOf(offsetOf(Buffer.from(bytes), ...refused), bytes));
    try {
      return new Module(bytes);
    } catch ({ message }) {
      throw new WebAssembly.CompileError(messageOf(Number(/@\+(\d+)$/.exec(message)[1]), bytes));
    }
  };
  try {
    await initialize();
    return linkSync(request);
  } finally {
    Object.assign(WebAssembly, { Module, validate });
  }
}

/** The row of the function at an offset, and the offset in its body. */
function functionAt(bytes, offset) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      value |= (bytes[at] & 127) << shift;
      if (bytes[at++] < 128) return value;
    }
  };
  for (;;) {
    const id = bytes[at++];
    const end = number() + at;
    if (id === 10) break;
    at = end;
  }
  const count = number();
  for (let row = 0; row < count; row++) {
    const size = number();
    if (offset < at + size) return [row, offset - at];
    at += size;
  }
  throw new Error('no function is there');
}

const evaluating = "(evaluating 'new WebAssembly.Module(module)')";
const request = { inputs: [{ name: 'bad.o', bytes: object }], options: { ...options, export: ['bad', 'worse'] } };
const atBad = { offset: offsetOf(object, 0x20, 0x00, 0x6a), line: lineOf(text, 'local.get 0') };
const whole = { offset: offsetOf(object, 0x41, 0x01, 0x20) - 2, line: atBad.line - 1 };
/** @type {Record<string, {messageOf: (offset: number, bytes: Uint8Array) => string, says: string, at?: {offset: number, line: number}, limit?: number}>} */
const engines = {
  SpiderMonkey: {
    messageOf: (offset) =>
      `wasm validation error: at offset ${offset}: type mismatch: expression has type f32 but expected i32`,
    says: 'type mismatch: expression has type f32 but expected i32',
    at: atBad,
  },
  'JavaScriptCore, which parses': {
    messageOf(offset, bytes) {
      const [row, inBody] = functionAt(bytes, offset);
      return `WebAssembly.Module doesn't parse at byte ${inBody + 1}: can't pop empty stack in binary left, in function at index ${row} ${evaluating}`;
    },
    says: "can't pop empty stack in binary left",
    at: atBad,
  },
  'JavaScriptCore, which validates': {
    messageOf(offset, bytes) {
      const [row] = functionAt(bytes, offset);
      return `WebAssembly.Module doesn't validate:  control flow returns with unexpected type. F32 is not a I32, in function at index ${row} ${evaluating}`;
    },
    says: 'control flow returns with unexpected type. F32 is not a I32',
  },
  'V8 with names': {
    messageOf: (offset) =>
      `WebAssembly.compile(): Compiling function #3:"a" failed: no" failed: i32.add[1] expected type i32 @+${offset}`,
    says: 'no" failed: i32.add[1] expected type i32',
    at: atBad,
  },
  'an engine that says nothing that is known': { messageOf: () => 'Wrong!', says: 'Wrong!' },
  'a page, where modules are limited': { messageOf: () => 'not called', says: 'the engine does not say why', limit: 0 },
};
for (const [name, { messageOf, says, at, limit }] of Object.entries(engines))
  test(`words of ${name}`, async () => {
    const { diagnostics } = await linkWith(messageOf, request, { limit });
    assert.deepEqual(
      diagnostics.map((d) => [d.id, d.location.symbol.name]),
      [
        ['invalid-code', 'bad'],
        ['invalid-code', 'worse'],
      ],
    );
    const [
      {
        arguments: [, words],
        location,
      },
    ] = diagnostics;
    assert.equal(words, says);
    const { offset, line } = at ?? whole;
    if (at) assert.equal(location.offset, offset);
    else assert.ok(location.offset < atBad.offset);
    assert.equal(location.source.line, line);
  });

const unknownWords = {
  'V8, which has a flag': [
    (offset) =>
      `WebAssembly.Module(): Compiling function #0 failed: Invalid opcode 0x6a (enable with --experimental-wasm-x) @+${offset}`,
    '`local.get`',
  ],
  'V8, which has none': [
    (offset) => `WebAssembly.Module(): Compiling function #0 failed: Invalid opcode 0x1f @+${offset}`,
    '`local.get`',
  ],
  SpiderMonkey: [(offset) => `wasm validation error: at offset ${offset}: unrecognized opcode: 1f 40`, '`local.get`'],
  'SpiderMonkey, of a type': [
    (offset) => `wasm validation error: at offset ${offset}: exnref not enabled`,
    'something in `bad`',
  ],
  JavaScriptCore: [
    (offset, bytes) => {
      const [row, inBody] = functionAt(bytes, offset);
      return `WebAssembly.Module doesn't parse at byte ${inBody + 1}: invalid opcode 31, in function at index ${row} ${evaluating}`;
    },
    '`local.get`',
  ],
};
for (const [name, [messageOf, what]] of Object.entries(unknownWords))
  test(`what an engine does not know, in the words of ${name}`, async () => {
    const { diagnostics } = await linkWith(messageOf, request);
    const [{ id, text, notes, location }] = diagnostics;
    assert.deepEqual(
      [id, text, location.offset],
      ['unknown-to-engine', `the engine does not know ${what}`, atBad.offset],
    );
    assert.match(
      notes.map((note) => note.text).join(),
      /it says: .*(opcode|not enabled).*`logOverride: \{ 'unknown-to-engine': 'warning' \}`/,
    );
  });

/** An object with a global, which is an i32 with this constant. */
function objectWithGlobal(name, constant) {
  const section = (id, ...bytes) => [id, bytes.length, ...bytes];
  const text = (text) => [text.length, ...Buffer.from(text)];
  const symbols = [1, 2, 0, 0, ...text(name)]; // a global, defined
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(6, 1, 0x7f, 0, ...constant, 0x0b),
    ...section(0, ...text('linking'), 2, 8, symbols.length, ...symbols),
  ]);
}

test('what is wrong outside of code', async () => {
  const constant = [0x41, 0x87, 0xad, 0xcb, 0x00]; // i32.const 1234567
  const bytes = objectWithGlobal('wrong', constant);
  const inputs = [{ name: 'global.o', bytes }];
  const exported = { ...options, export: 'wrong' };
  for (const [messageOf, id, words] of [
    [(at) => `WebAssembly.Module(): no such value @+${at}`, 'invalid-module', 'the output is invalid: no such value'],
    [
      (at) => `wasm validation error: at offset ${at}: no such value`,
      'invalid-module',
      'the output is invalid: no such value',
    ],
    [
      (at) => `WebAssembly.Module doesn't parse at byte ${at + 1}: no such value ${evaluating}`,
      'invalid-module',
      'the output is invalid: no such value',
    ],
    [
      (at) => `WebAssembly.Module(): new values, enable with --new @+${at}`,
      'unknown-to-engine',
      'the engine does not know something in the output',
    ],
  ]) {
    const { ok, diagnostics } = await linkWith(
      messageOf,
      { inputs, options: exported },
      { refused: constant.slice(0, 4) },
    );
    assert.equal(ok, false);
    assert.deepEqual(
      diagnostics.map((d) => [d.id, d.text]),
      [[id, words]],
    );
    const [{ location, notes }] = diagnostics;
    const symbol = { name: 'wrong', display: 'wrong' };
    assert.deepEqual(location, {
      input: 'global.o',
      section: 'GLOBAL',
      offset: offsetOf(Buffer.from(bytes), ...constant),
      symbol,
    });
    assert.match(notes.at(-1).text, /^the engine stopped in section GLOBAL of the output, at entry \d+, `wrong`$/);
  }
});

test('what is wrong in an export, and in data', async () => {
  const text = `
	.export_name f, exported_by_this_name
	.section .data.x,"",@
x:
	.ascii "these bytes are data"
	.size x, 20
`;
  const inputs = [{ name: 'f.o', bytes: assemble(callee('f', 1) + text) }];
  const messageOf = (at) => `wasm validation error: at offset ${at}: not this`;
  const notesWith = async (words) => {
    const request = { inputs, options: { ...options, gcSections: false } };
    const { diagnostics } = await linkWith(messageOf, request, { refused: [...Buffer.from(words)] });
    assert.deepEqual(
      diagnostics.map((d) => d.id),
      ['invalid-module'],
    );
    return diagnostics[0].notes.map((note) => note.text);
  };
  assert.match(
    (await notesWith('exported_by')).join(),
    /section EXPORT of the output, at entry \d+, `exported_by_this_name`$/,
  );
  assert.match((await notesWith('these bytes')).join(), /section DATA of the output$/);
});

test('bytes that are no instruction are invalid code', async () => {
  const bytes = Uint8Array.from(object);
  bytes[atBad.offset] = 0x27;
  const { diagnostics } = await link({ inputs: [{ name: 'bad.o', bytes }], options: { ...options, export: 'bad' } });
  assert.deepEqual(
    diagnostics.map((d) => [d.id, d.location.offset]),
    [['invalid-code', atBad.offset]],
  );
  assert.match(diagnostics[0].arguments[1], /opcode 0x27/i);
});

// --- everywhere

test('a persistent linker asks again after each edit', async () => {
  const good = assemble(callee('f', 1));
  const bad = assembleUnchecked('f_bad', assembled('f', '() -> (i32)', 'i64.const 2'));
  const main = { name: 'main.o', bytes: assemble(caller) };
  const linker = await createLinker({
    inputs: [main, { name: 'f.o', bytes: good }],
    options: { validate: true, stripDebug: true },
  });
  const fresh = (bytes) =>
    linkSync({ inputs: [main, { name: 'f.o', bytes }], options: { validate: true, stripDebug: true } });
  for (const bytes of [good, assemble(callee('f', 3)), bad, assemble(callee('f', 4)), bad, bad, good]) {
    linker.replace('f.o', bytes);
    const [edited, wanted] = [linker.link(), fresh(bytes)];
    assert.deepEqual([edited.ok, edited.diagnostics], [wanted.ok, wanted.diagnostics]);
    assert.deepEqual(edited.output, wanted.output);
    assert.equal(edited.ok, bytes !== bad);
    assert.ok('validate_output' in edited.stats.phases);
  }
});

test('in a worker', async () => {
  writeFileSync(path.join(folder, 'for_worker.o'), object);
  const answer = await runModule(`
    import { readFileSync } from 'node:fs';
    await weld.initialize({ worker: true });
    const bytes = readFileSync(${JSON.stringify(path.join(folder, 'for_worker.o'))});
    const { ok, diagnostics } = await weld.link({ inputs: [{ name: 'bad.o', bytes }], options: { entry: false, validate: true, export: 'bad' } });
    console.log(ok, diagnostics[0].id, diagnostics[0].location.source.line);
    process.exit(0);
  `);
  assert.equal(answer, `false invalid-code ${atBad.line}`);
});

test('on the command line, and as a command on a tree of files', async () => {
  writeFileSync(path.join(folder, 'cli.o'), object);
  const args = ['--no-entry', '--export=bad', '--validate', 'cli.o', '-o', 'cli.wasm'];
  const outcome = await run(process.execPath, [script, ...args]);
  assert.equal(outcome.code, 1);
  const words =
    /error: the code of `bad` is invalid: i32\.add.*\n {2}in cli\.o, section CODE, offset 0x[\da-f]+, in `bad`, at bad\.s:\d+\n/;
  assert.match(outcome.stderr, words);
  let printed = '';
  const stderr = (bytes) => void (printed += bytes ? Buffer.from(bytes).toString() : '');
  await assert.rejects(commands.weld(args, { 'cli.o': object }, { stderr }), { code: 1 });
  assert.match(printed, words);
});

test('the native program has no engine', { skip: !native }, async () => {
  writeFileSync(path.join(folder, 'native.o'), object);
  const { code, stderr } = await run(native, ['--no-entry', '--validate', 'native.o', '-o', 'native.wasm']);
  assert.equal(code, 1);
  assert.match(stderr, /error: --validate needs an engine[^]*note: .*wasm-validate.*npx weld/);
});
