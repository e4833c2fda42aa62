// @ts-check
// The tests of the tests: each harness has to fail when the linker is wrong. The linker here is wasm-ld 19 behind a
// script that spoils one thing.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleBytes } from './bytes.mjs';
import { explainDifference } from './explain_difference.mjs';
import { buildDir, rootDir, testsDir } from './paths.mjs';
import { run, runOrThrow } from './processes.mjs';
import { ofPull } from './tier.mjs';
import { missing22, wasmLd } from './toolchain.mjs';

const folder = path.join(buildDir, 'harness');

/**
 * A linker that does what wasm-ld does, and then this to its output file `$out`, exit code `$code` or words.
 *
 * @param {string} name
 * @param {string} spoil a shell command
 */
function spoiledLinker(name, spoil) {
  const file = path.join(folder, name);
  mkdirSync(folder, { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(
    file,
    `#!/bin/bash
out=a.out; previous=
for argument; do [ "$previous" = -o ] && out=$argument; previous=$argument; done
( exec -a wasm-ld ${wasmLd} "$@" ); code=$?
${spoil}
exit $code
`,
    { mode: 0o755 },
  );
  return file;
}

/**
 * Runs a harness with a spoiled linker.
 *
 * @param {string} harness
 * @param {string} linker
 * @param {string[]} [args]
 */
async function runHarness(harness, linker, args = []) {
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...process.env, WELD: linker, WELD_LINKERS: 'native', WELD_SCRATCH: folder };
  Object.assign(env, { WELD_PROGRAMS: 'c_program', WELD_OPTION_SETS: 'default' });
  Object.assign(env, { WELD_SEEDS: '3', WELD_RANDOM_MODES: 'default' });
  delete env.NODE_TEST_CONTEXT; // a harness of its own, not part of this run
  return run(process.execPath, [path.join(testsDir, harness), ...args], { env });
}

const changeCode = `[ -f "$out" ] && node -e '
  const fs = require("fs"), bytes = fs.readFileSync(process.argv[1]);
  let at = bytes.indexOf(0x0b, 4000); // the end of some function
  if (at < 0) at = bytes.lastIndexOf(0x0b);
  bytes[at] = 0x01;
  fs.writeFileSync(process.argv[1], bytes)' "$out"`;

describe('a wrong linker is found out', ofPull, () => {
  test('by the differential test, when it is right', async () => {
    const outcome = await runHarness('differential/options.test.mjs', spoiledLinker('honest', ':'));
    assert.equal(outcome.code, 0, outcome.stdout);
  });
  test('by the differential test, when a byte is wrong', async () => {
    const outcome = await runHarness('differential/options.test.mjs', spoiledLinker('one_byte', changeCode));
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /sections with other content: CODE/);
    assert.match(outcome.stdout, /function \d+ `\w+`: differs at offset \d+ of \d+/);
  });
  test('by the differential test, when it says something', async () => {
    const outcome = await runHarness('differential/options.test.mjs', spoiledLinker('talkative', 'echo hm >&2'));
    assert.equal(outcome.code, 1);
  });
  test('by the differential test, when its exit code is wrong', async () => {
    const outcome = await runHarness('differential/options.test.mjs', spoiledLinker('exit_code', 'code=3'));
    assert.equal(outcome.code, 1);
  });
  test('by the differential test, when it writes nothing', async () => {
    const outcome = await runHarness('differential/options.test.mjs', spoiledLinker('no_output', 'rm -f "$out"'));
    assert.equal(outcome.code, 1);
  });
  test('by running programs, when they misbehave', async () => {
    const other = `[ -f "$out" ] && sed -i 's/hello from weld/hello from wild/' "$out"`;
    const outcome = await runHarness('programs/programs.test.mjs', spoiledLinker('other_text', other));
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /hello from wild/);
  });
  test('by the cases, when a byte is wrong', async () => {
    const outcome = await runHarness('cases.mjs', spoiledLinker('one_byte', changeCode), ['command_wrappers']);
    assert.equal(outcome.code, 1);
  });
  test('by the cases, when a failure passes', async () => {
    const outcome = await runHarness('cases.mjs', spoiledLinker('no_failure', 'code=0'), ['duplicate_symbol']);
    assert.equal(outcome.code, 1);
  });
  test('by the cases, when it does as wasm-ld 19 under the name of wasm-ld 22', { skip: missing22 }, async () => {
    const outcome = await runHarness('cases.mjs', spoiledLinker('honest', ':'), ['weak_alias']);
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /wasm-ld-22 \(-\) and native \(\+\) differ/);
  });
  test('by random programs, when it is right', async () => {
    const outcome = await runHarness('random/random.test.mjs', spoiledLinker('honest', ':'));
    assert.equal(outcome.code, 0, outcome.stdout);
  });
  test('by random programs, when they print something else', async () => {
    const other = `[ -f "$out" ] && sed -i 's/state/stale/' "$out"`;
    const outcome = await runHarness('random/random.test.mjs', spoiledLinker('other_text', other));
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /program 3, mode default: [^]*stale/);
  });
  test('by random programs, when they trap', async () => {
    const trap = `[ -f "$out" ] && wasm2wat "$out" | sed 's/(func $mix .*/& unreachable/' >"$out.wat" && wat2wasm "$out.wat" -o "$out"`;
    const outcome = await runHarness('random/random.test.mjs', spoiledLinker('trap', trap));
    assert.equal(outcome.code, 1);
    assert.match(outcome.stdout, /program 3, mode default: [^]*'trap'/);
  });
  test('by random programs, when the module is invalid', async () => {
    const outcome = await runHarness('random/random.test.mjs', spoiledLinker('one_byte', changeCode));
    assert.equal(outcome.code, 1);
  });
  test('by the bad inputs, when one is taken', async () => {
    const outcome = await runHarness('bad.mjs', spoiledLinker('takes_all', 'code=0; : >"$out"'), ['kind_elf']);
    assert.equal(outcome.code, 1);
  });
  test('by the bad inputs, when it crashes', async () => {
    const outcome = await runHarness('bad.mjs', spoiledLinker('crashes', 'kill -SEGV $$'), ['kind_elf']);
    assert.equal(outcome.code, 1);
  });
});

describe('a name that nothing has is an error', () => {
  /** @type {[string, string[], NodeJS.ProcessEnv, RegExp][]} */
  const commands = [
    ['a step', ['sh', 'tests/run.sh', 'unit-natve'], {}, /no step `unit-natve`; did you mean `unit-native`\?/],
    ['a step of several', ['sh', 'tests/run.sh', 'format', 'tidi'], {}, /no step `tidi`; did you mean `tidy`\?/],
    ['an option', ['sh', 'tests/run.sh', '--al'], {}, /no option --al/],
    ['a case', ['node', 'tests/cases.mjs', 'weak_allias'], {}, /no case `weak_allias`; did you mean `weak_alias`\?/],
    ['a bad input', ['node', 'tests/bad.mjs', 'kind_elv'], {}, /no bad input `kind_elv`; did you mean `kind_elf`\?/],
    [
      'a program',
      ['node', 'tests/differential/options.test.mjs'],
      { WELD_PROGRAMS: 'c_program,sqlit' },
      /`sqlit`; did you mean `sqlite`\?/,
    ],
    [
      'an option set',
      ['node', 'tests/differential/options.test.mjs'],
      { WELD_OPTION_SETS: 'strip-al' },
      /`strip-al`; did you mean `strip-all`\?/,
    ],
    [
      'a mode',
      ['node', 'tests/differential/modes.test.mjs'],
      { WELD_MODES: 'sharde' },
      /`sharde`; did you mean `shared`\?/,
    ],
  ];
  for (const [what, [command = '', ...args], variables, message] of commands) {
    test(what, async () => {
      const env = { ...process.env, ...variables };
      delete env.NODE_TEST_CONTEXT;
      const outcome = await run(command, args, { cwd: rootDir, env });
      assert.equal(outcome.code, 2, outcome.stdout + outcome.stderr);
      assert.match(outcome.stderr, message);
    });
  }
});

test('the workflow for pull requests has each step of the quick tier, and those that are for it', async () => {
  const listing = await runOrThrow('ctest', [
    '--test-dir',
    path.join(buildDir, 'steps'),
    '--show-only=json-v1',
    '-L',
    'quick|pull',
  ]);
  /** @type {{tests: {name: string}[]}} */
  const { tests } = JSON.parse(listing.stdout);
  const workflow = readFileSync(path.join(rootDir, '.github/workflows/test.yml'), 'utf8');
  const steps = [...workflow.matchAll(/^ +steps: (.+)$/gm)].flatMap(([, names = '']) => names.split(' '));
  // Every other step needs these.
  const names = tests.map(({ name }) => name).filter((name) => !['packages', 'others'].includes(name));
  assert.deepEqual(steps.sort(), names.sort());
});

describe('the language of bytes', () => {
  /** @param {string} source */
  const hex = (source) => assembleBytes(source, '.').toString('hex');
  test('writes numbers', () => {
    assert.equal(hex('leb(0) leb(127) leb(128) leb(0xffffffff)'), '00' + '7f' + '8001' + 'ffffffff0f');
    assert.equal(hex('sleb(-1) sleb(63) sleb(64) sleb(-64) sleb(-65)'), '7f' + '3f' + 'c000' + '40' + 'bf7f');
    assert.equal(hex('leb5(3) sleb5(-1) sleb5(1)'), '8380808000' + 'ffffffff7f' + '8180808000');
    assert.equal(hex('u32(0x01020304) u32(-1)'), '04030201' + 'ffffffff');
  });
  test('computes sizes', () => {
    assert.equal(hex('section(1) { size { aa bb } cc }'), '01' + '04' + '02aabb' + 'cc');
    assert.equal(hex('custom("n") { 01 } # a comment "with quotes"'), '00' + '03' + '016e' + '01');
    assert.equal(hex('repeat(3) { 01 02 } first(1) { 0a 0b }'), '010201020102' + '0a');
    assert.equal(hex('str("a\\00\\n") "#"'), '03' + '61000a' + '23');
  });
  test('refuses what it does not know', () => {
    for (const source of ['hello', 'section(1) { 00', '00 }', 'leb(x)', 'first(2) { 00 }']) {
      assert.throws(() => hex(source), Error, source);
    }
  });
});

describe('the explanation of a difference', () => {
  const prologue = 'module section(1) { leb(1) 60 leb(0) leb(0) } section(3) { leb(2) leb(0) leb(0) }';
  const names = 'custom("name") { section(1) { leb(2) leb(0) str("zero") leb(1) str("one") } }';
  /** @param {string} source */
  const bytes = (source) => assembleBytes(source, '.');
  test('names the function', () => {
    const one = bytes(`${prologue} section(10) { leb(2) size { 00 0b } size { 00 01 0b } } ${names}`);
    const two = bytes(`${prologue} section(10) { leb(2) size { 00 0b } size { 00 00 0b } } ${names}`);
    assert.match(explainDifference(one, two), /function 1 `one`: differs at offset 1 of 3/);
    assert.equal(explainDifference(one, one), '');
  });
  test('names a section that is missing', () => {
    const one = bytes(`${prologue} section(10) { leb(2) size { 00 0b } size { 00 0b } } ${names}`);
    const two = bytes(`${prologue} section(10) { leb(2) size { 00 0b } size { 00 0b } }`);
    assert.match(explainDifference(one, two), /expected: TYPE FUNCTION CODE name\n.*actual: {3}TYPE FUNCTION CODE$/m);
  });
  test('says something of what is no module', () => {
    assert.match(explainDifference(Buffer.from('abc'), Buffer.from('abd')), /differs at offset 2/);
  });
});
