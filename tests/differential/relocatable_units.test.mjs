// @ts-check
// Objects that `-r` makes of units: wasm-ld 19, wasm-ld 22 and weld link them, and the module does what the units do when
// weld links them at once.
//
//   WELD_SEEDS=17, WELD_SEEDS=1000-1999   other programs than the first 20, or with WELD_TIER=all the first 500
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { rootDir } from '../support/paths.mjs';
import { run } from '../support/processes.mjs';
import { testsAll } from '../support/tier.mjs';
import { missing22, wasmLd, wasmLd22 } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';
import { fill, outcomeOf, plan } from './random_units.mjs';

/** @type {typeof import('../../js/dist/index.js')} */
const { createLinker, linkSync } = await import(path.join(rootDir, 'js/dist/index.js'));
const folder = mkdtempSync(path.join(tmpdir(), 'weld-units-r-'));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (/** @type {string} */ name) => path.join(folder, name);
const linkers = [
  { program: wasmLd, skip: /** @type {string | false} */ (false) },
  { program: wasmLd22, skip: missing22 },
];

const [, first, last = first] =
  /^(\d+)(?:-(\d+))?$/.exec(process.env.WELD_SEEDS ?? (testsAll ? '0-499' : '0-19')) ?? [];
const seeds = Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
assert.ok(seeds.length > 0, 'WELD_SEEDS is one number or two, as in 1000-1999');

/** @param {import('../../js/dist/index.js').LinkResult} result */
function outputOf(result) {
  assert.ok(result.ok, JSON.stringify(result.diagnostics, null, 1));
  // Without an entry, exports run what is to run at the start.
  assert.deepEqual(
    result.diagnostics.filter(({ id }) => id !== 'exports-wrapped'),
    [],
  );
  return result.output;
}

/** @param {string} program @param {string[]} objects */
async function linkedBy(program, objects) {
  const out = inFolder('by_wasm_ld.wasm');
  rmSync(out, { force: true });
  const outcome = await run(program, ['--no-entry', ...objects, '-o', out]);
  assert.deepEqual([outcome.code, outcome.stderr], [0, '']);
  return readFileSync(out);
}

/** Each unit in a linker of its own, or all in one. @param {(unit: any, name: string) => void} make @param {string[]} names */
async function objectOf(make, names) {
  const linker = await createLinker({ options: { relocatable: true } });
  for (const name of names) make(linker.unit(name), name);
  const output = outputOf(linker.link());
  linker.dispose();
  const file = inFolder(`${names.join('_')}.o`);
  writeFileSync(file, output);
  return file;
}

/** Links both ways, and compares. @param {(unit: any, name: string) => void} make @param {(bytes: Uint8Array) => any} outcome */
async function check(make, outcome) {
  const linker = await createLinker({ options: { entry: false } });
  for (const name of ['0', '1']) make(linker.unit(name), name);
  const direct = outputOf(linker.link());
  linker.dispose();
  assert.equal(await validate(direct), '');
  const expected = await outcome(direct);
  const ways = [[await objectOf(make, ['0']), await objectOf(make, ['1'])], [await objectOf(make, ['0', '1'])]];
  for (const objects of ways) {
    const inputs = objects.map((name) => ({ name, bytes: readFileSync(name) }));
    assert.deepEqual(await outcome(outputOf(linkSync({ inputs, options: { entry: false } }))), expected);
    for (const { program, skip } of linkers) {
      if (skip) continue;
      const bytes = await linkedBy(program, objects);
      assert.equal(await validate(bytes), '');
      assert.deepEqual(await outcome(bytes), expected, program);
    }
  }
  return expected;
}

test('programs of two units', async (t) => {
  let calls = 0;
  for (const seed of seeds)
    await t.test(`seed ${seed}`, async () => {
      const program = plan(seed);
      const make = (/** @type {any} */ unit, /** @type {string} */ name) => fill(program, unit, Number(name));
      calls += (await check(make, (bytes) => outcomeOf(bytes, program))).length;
    });
  assert.ok(calls > 3 * seeds.length, 'functions were called');
});

describe('a slot of a table that no instruction names', () => {
  /** @param {any} unit */
  function one(unit) {
    const f = unit.function(`one${unit.name}`, [], ['i32']);
    unit.setFunction(f, unit.code().op('i32.const', 1).end());
    return f;
  }
  /** @type {Record<string, (unit: any) => any>} code that returns 0 or 1 */
  const takes = {
    'i32.func': (unit) => unit.code().op('i32.func', one(unit)).op('i32.eqz').end(),
    'ref.func': (unit) => unit.code().op('ref.func', one(unit)).op('ref.is_null').end(),
    'a fixup': (unit) => {
      const data = unit.data(`slot${unit.name}`);
      unit.setData(data, new Uint8Array(4), { fixups: [{ offset: 0, function: one(unit) }] });
      return unit.code().op('i32.const', 0).op('i32.load', { data }).op('i32.eqz').end();
    },
  };
  for (const [name, take] of Object.entries(takes))
    test(name, async () => {
      const make = (/** @type {any} */ unit) => {
        const f = unit.function(`run${unit.name}`, [], ['i32']);
        unit.setFunction(f, take(unit));
        unit.export(f);
      };
      const outcome = async (/** @type {Uint8Array} */ bytes) => {
        const { instance } = await WebAssembly.instantiate(/** @type {any} */ (bytes));
        const { run0, run1 } = /** @type {any} */ (instance.exports);
        return [run0(), run1()];
      };
      assert.deepEqual(await check(make, outcome), [0, 0]);
    });
});

describe('what a unit needs is in its features', () => {
  /** What needs the features, and the function `run` that shows it. @type {Record<string, [string[], (unit: any) => any]>} */
  const needs = {
    'several results': [
      ['multivalue'],
      (unit) => {
        const two = unit.function('two', [], ['i32', 'i32']);
        unit.setFunction(two, unit.code().op('i32.const', 40).op('i32.const', 2).end());
        return unit.code().op('call', two).op('i32.add').end();
      },
    ],
    'a mutable global that is exported': [
      ['mutable-globals'],
      (unit) => {
        const g = unit.global('g', 'i32', { mutable: true });
        unit.setGlobal(g, 'i32', 42);
        unit.export(g);
        return unit.code().op('global.get', g).end();
      },
    ],
    vectors: [
      ['simd128'],
      (unit) =>
        unit
          .code()
          .op('i32.const', 42)
          .op('i8x16.splat')
          .op('i32x4.extract_lane', 0)
          .op('i32.const', 255)
          .op('i32.and')
          .end(),
    ],
    'copies of memory': [
      ['bulk-memory', 'bulk-memory-opt'],
      (unit) => {
        const [from, to] = [unit.data('from'), unit.data('to')];
        unit.setData(from, Uint8Array.of(42, 0, 0, 0));
        unit.setData(to, 4);
        const code = unit.code().op('i32.data', to).op('i32.data', from).op('i32.const', 4).op('memory.copy');
        return code.op('i32.const', 0).op('i32.load', { data: to }).end();
      },
    ],
    'a table of its own': [
      ['reference-types'],
      (unit) => {
        const t = unit.table('t', 'externref', 42);
        unit.setTable(t);
        return unit.code().op('table.size', t).end();
      },
    ],
    exceptions: [
      ['exception-handling'],
      (unit) => {
        const e = unit.tag('e', ['i32']);
        unit.setTag(e);
        return unit.code().op('try', 'i32').op('i32.const', 42).op('throw', e).op('catch', e).end().end();
      },
    ],
    'tail calls': [
      ['tail-call'],
      (unit) => {
        const f = unit.function('f', [], ['i32']);
        unit.setFunction(f, unit.code().op('i32.const', 42).end());
        return unit.code().op('return_call', f).end();
      },
    ],
    'signs that are extended': [['sign-ext'], (unit) => unit.code().op('i32.const', 0x12a).op('i32.extend8_s').end()],
    'conversions that do not trap': [
      ['nontrapping-fptoint'],
      (unit) => unit.code().op('f32.const', 42.5).op('i32.trunc_sat_f32_s').end(),
    ],
    atomics: [
      ['atomics'],
      (unit) => {
        const d = unit.data('d');
        unit.setData(d, Uint8Array.of(42, 0, 0, 0), { align: 4 });
        return unit.code().op('i32.const', 0).op('i32.atomic.load', { data: d }).end();
      },
    ],
  };
  for (const [what, [features, write]] of Object.entries(needs))
    test(what, async () => {
      const make = (/** @type {any} */ unit, /** @type {string} */ name) => {
        if (name === '1') return;
        const f = unit.function('run', [], ['i32']);
        unit.setFunction(f, write(unit));
        unit.export(f);
      };
      const listed = new Set();
      const outcome = async (/** @type {Uint8Array} */ bytes) => {
        const [section] = WebAssembly.Module.customSections(
          new WebAssembly.Module(/** @type {any} */ (bytes)),
          'target_features',
        );
        listed.add(featuresOf(new Uint8Array(section)));
        const { instance } = await WebAssembly.instantiate(/** @type {any} */ (bytes));
        return /** @type {any} */ (instance.exports).run() & 255;
      };
      assert.equal(await check(make, outcome), 42);
      assert.deepEqual([...listed], [features.map((name) => `+${name}`).join(' ')]);
      // All of them are needed: a link that allows all but one refuses the unit.
      for (const missing of features) {
        const allowed = features.filter((name) => name !== missing);
        const linker = await createLinker({ options: { entry: false, features: allowed } });
        make(linker.unit('0'), '0');
        assert.ok(
          linker.link().diagnostics.some(({ id, text }) => id === 'feature-not-allowed' && text.includes(missing)),
        );
        linker.dispose();
      }
    });

  /** The section's text. @param {Uint8Array} section */
  function featuresOf(section) {
    const names = [];
    for (let at = 1; at < section.length; at += 2 + section[at + 1])
      names.push(Buffer.from([section[at], ...section.subarray(at + 2, at + 2 + section[at + 1])]).toString());
    return names.sort().join(' ');
  }
});

test('a unit states features and producers', async () => {
  /** @param {any} unit @param {string} name */
  const make = (unit, name) => {
    unit.setFeatures(name === '0' ? { 'relaxed-simd': '+' } : { fp16: '+' });
    unit.setProducers({ language: { Tiny: name }, 'processed-by': { tinyc: '1.0', [`tool${name}`]: '2' }, sdk: {} });
    const f = unit.function(`f${name}`, [], []);
    unit.setFunction(f, unit.code().end());
    unit.export(f);
  };
  const sections = async (/** @type {Uint8Array} */ bytes) => {
    const module = new WebAssembly.Module(/** @type {any} */ (bytes));
    return ['target_features', 'producers'].map((name) =>
      Buffer.from(WebAssembly.Module.customSections(module, name)[0]).toString(),
    );
  };
  const [features, producers] = await check(make, sections);
  assert.match(features, /\+.fp16\+.relaxed-simd$/);
  assert.match(producers, /language.*Tiny.0.*processed-by.*tinyc.*1\.0.*tool0.*2.*tool1.*2/s);

  // Stating again replaces; what the unit needs cannot be forbidden; what it forbids, others may not use.
  const linker = await createLinker({ options: { entry: false } });
  const [a, b] = [linker.unit('a'), linker.unit('b')];
  const run = a.function('run', [], ['i32']);
  const splat = a.code().op('i32.const', 1).op('i8x16.splat').op('i8x16.all_true').end();
  a.setFunction(run, splat);
  a.export(run);
  a.setFeatures({ simd128: '-' });
  const [refused] = linker.link().diagnostics;
  assert.equal(refused.text, '`run`: it needs the feature `simd128`, which the unit forbids');
  a.setFeatures({});
  b.setFeatures({ simd128: '-' });
  assert.equal(linker.link().diagnostics[0].id, 'feature-disallowed');
  b.setFeatures({});
  outputOf(linker.link());
  linker.dispose();
});
