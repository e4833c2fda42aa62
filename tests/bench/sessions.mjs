// @ts-check
// What a linker that keeps its inputs saves: linking again after an edit, units, snapshots. All in this process, with the
// inputs in memory. Each figure stands beside what it has to be compared with, measured in the same rounds.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { markdownTable } from 'markdown-table';
import { median, min } from 'simple-statistics';
import { scriptPath } from '../support/linkers.mjs';
import { wasiLib, wasmLd } from '../support/toolchain.mjs';
import { measure } from './measure.mjs';
import { buildSet, sets } from './sets.mjs';

export const weld = await import(pathToFileURL(path.resolve(path.dirname(scriptPath), '../dist/index.js')).href);

/** @typedef {Record<string, number[]>} Times milliseconds by what was done */

/** @param {() => unknown} run */
export async function timed(run) {
  const begin = performance.now();
  const done = run();
  // Waiting takes as long as the shortest of what is measured.
  if (done instanceof Promise) await done;
  return performance.now() - begin;
}

/** @param {string} name */
export async function inputsOf(name) {
  const set = /** @type {import('./sets.mjs').InputSet} */ (sets.find((one) => one.name === name));
  const { folder, args, files } = await buildSet(set);
  const inputs = files.map((file) => ({ name: file, bytes: new Uint8Array(readFileSync(path.resolve(folder, file))) }));
  return { folder, args, inputs };
}

/** @param {boolean} condition @param {string} what */
export function expect(condition, what) {
  if (!condition) throw new Error(what);
}

/** @param {any} result */
export function ok(result) {
  expect(result.ok, JSON.stringify(result.diagnostics?.slice(0, 3)));
  return result;
}

/**
 * The object with another constant in one of its functions that is in the output: `i32.const`, then an operation.
 *
 * @param {any} linker
 * @param {{name: string, bytes: Uint8Array}} input
 */
export function editOf(linker, { name, bytes }) {
  const operations = new Set([0x6a, 0x71, 0x74]); // add, and, shl
  for (let at = bytes.length >> 3; at + 2 < bytes.length; ++at) {
    if (bytes[at] !== 0x41 || bytes[at + 1] >= 0x40 || !operations.has(bytes[at + 2])) continue;
    const edited = bytes.slice();
    edited[at + 1] ^= 1;
    linker.replace(name, edited);
    const result = linker.link();
    if (result.ok && result.stats.rewritten === 1 && WebAssembly.validate(result.output)) return edited;
    linker.replace(name, bytes);
    ok(linker.link());
  }
  throw new Error(`${name} has no constant to edit`);
}

/** @param {number} rounds @param {string} setName */
async function relinks(rounds, setName) {
  const { folder, args, inputs } = await inputsOf(setName);
  const linker = await weld.createLinker({ inputs });
  const whole = ok(linker.link()).output;
  const victim = inputs[inputs.length >> 1];
  const edited = editOf(linker, victim);
  const checked = await weld.createLinker({ inputs, options: { validate: true } });
  ok(checked.link());
  for (let i = 0; i < 20; ++i)
    for (const one of [linker, checked]) one.replace(victim.name, i % 2 ? victim.bytes : edited), ok(one.link()); // warm up
  /** @type {Times} */
  const times = {
    'wasm-ld 19, all': [],
    'one edited function, after another process': [], // which has the caches
    'one edited function, every 50 ms': [],
    'the same, validated': [],
    'another option: all phases, nothing parsed': [],
    'the same as well, validated': [],
    'all, in a new linker': [],
  };
  const [lld, cold, patch, checkedPatch, phases, checkedPhases, anew] = Object.values(times);
  for (let round = 0; round < rounds; ++round) {
    lld.push((await measure({ name: 'wasm-ld', program: wasmLd, args: [...args, '-o', 'out.wasm'], cwd: folder })).ms);
    /** @type {Uint8Array | undefined} */
    let into;
    for (let i = 0; i < 10; ++i) {
      const bytes = i % 2 ? victim.bytes : edited;
      (i === 0 ? cold : patch).push(
        await timed(() => (linker.replace(victim.name, bytes), (into = ok(linker.link({ into })).output))),
      );
      await sleep(50);
    }
    for (let i = 0; i < 10; ++i) {
      const bytes = i % 2 ? victim.bytes : edited;
      checkedPatch.push(await timed(() => (checked.replace(victim.name, bytes), ok(checked.link()))));
      await sleep(50);
    }
    const stackSize = 65536 + 16 * (round + 1);
    phases.push(await timed(() => (linker.setOptions({ stackSize }), ok(linker.link()))));
    checkedPhases.push(await timed(() => (checked.setOptions({ stackSize, validate: true }), ok(checked.link()))));
    linker.setOptions({});
    expect(Buffer.compare(ok(linker.link()).output, whole) === 0, 'a relink is not a fresh link');
    /** @type {any} */
    let other;
    anew.push(await timed(async () => ok((other = await weld.createLinker({ inputs })).link())));
    other.dispose();
  }
  linker.dispose();
  checked.dispose();
  return times;
}

/**
 * A unit of a compiler beside objects: it calls one of them, and has data.
 *
 * @param {number} rounds
 * @param {string} setName
 */
async function unitRelinks(rounds, setName) {
  const { inputs } = await inputsOf(setName);
  // Who calls exports again and again runs the constructors himself: otherwise each export would be wrapped.
  const options = { export: '__wasm_call_ctors' };
  /** @param {boolean} incremental */
  const start = async (incremental) => {
    const linker = await weld.createLinker({ inputs, options, incremental });
    const unit = linker.unit('jit');
    const declared = Array.from({ length: 100 }, (_, i) => unit.function(`jit${i}`, ['i32'], ['i32']));
    const code = unit.code();
    /** @param {any} f @param {number} constant @param {any} [data] */
    const set = (f, constant, data) => {
      code.clear().op('local.get', 0).op('i32.const', constant).op('i32.add').op('call', declared[0]);
      if (data) code.op('i32.data', data).op('i32.add');
      unit.setFunction(f, code.end());
    };
    /** @param {number} round */
    const add = (round) => {
      const data = unit.constant(new TextEncoder().encode(`a text of round ${round}`));
      const f = unit.function(`new${round}`, ['i32'], ['i32']);
      set(f, round, data);
      unit.export(f);
    };
    declared.forEach((f, i) => set(f, i));
    unit.export(declared[1], 'jit_run');
    ok(linker.link());
    return { linker, declared, set, add };
  };
  const { linker, declared, set, add } = await start(false);
  const growing = await start(true);
  /** @type {Times} */
  const times = {
    'one edited function of a unit': [],
    'an equal edit': [], // without a link
    'linked, nothing changed': [],
    'a new function with a new constant': [],
    'the same, in a linker that is `incremental`': [], // once there is no room and a full link, in 64 times
    'a fresh linker, without the unit': [],
    'its first link': [],
    'restored linker': [],
    'first link after it was restored': [],
  };
  const [edited, equal, unchanged, added, grown, fresh, freshLink, restored, firstLink] = Object.values(times);
  /** @type {Uint8Array | undefined} */
  let into = new Uint8Array(ok(linker.link()).output.length + (1 << 20));
  const link = () => ok(linker.link({ into }));
  for (let i = 0; i < 20; ++i) set(declared[1], i), link(); // warm up
  for (let round = 0; round < rounds; ++round) {
    for (let i = 0; i < 10; ++i) {
      /** @type {any} */
      let result;
      edited.push(await timed(() => (set(declared[1], 1000 * round + i), (result = link()))));
      expect(result.stats.full === undefined && result.stats.rewritten === 1, `not a relink: ${result.stats.full}`);
      equal.push(await timed(() => set(declared[1], 1000 * round + i)));
      unchanged.push(await timed(() => (result = link())));
      expect(result.stats.full === undefined && result.stats.rewritten === 0, `not a relink: ${result.stats.full}`);
    }
    added.push(await timed(() => (add(round), link())));
    grown.push(await timed(() => (growing.add(round), ok(growing.linker.link({ into })))));
    const snapshot = linker.save();
    /** @type {any} */
    let other;
    restored.push(await timed(async () => (other = await weld.createLinker({ snapshot, options }))));
    firstLink.push(await timed(() => ok(other.link({ into }))));
    other.dispose();
    fresh.push(await timed(async () => (other = await weld.createLinker({ inputs, options }))));
    freshLink.push(await timed(() => ok(other.link({ into }))));
    other.dispose();
  }
  linker.dispose();
  growing.linker.dispose();
  return times;
}

/** @param {number} rounds */
async function units(rounds) {
  const libc = { name: 'libc.a', bytes: readFileSync(path.join(wasiLib, 'libc.a')) };
  const count = 10_000;
  const start = async () => {
    const linker = await weld.createLinker({ inputs: [libc], options: { entry: false } });
    const unit = linker.unit('jit', { before: 'libc.a' });
    const code = unit.code();
    /** @type {any[]} */
    const declared = [];
    const declare = () => {
      for (let i = 0; i < count; i++) declared.push(unit.function(`f${i}`, ['i32'], ['i32']));
    };
    /** @param {number} i @param {number} constant */
    const made = (i, constant) =>
      code
        .clear()
        .op('local.get', 0)
        .op('i32.const', constant)
        .op('i32.add')
        .op('call', declared[(i * 7 + 1) % count])
        .end();
    /** @param {number} i @param {number} constant */
    const set = (i, constant) => unit.setFunction(declared[i], made(i, constant));
    return { linker, unit, declared, declare, made, set };
  };
  /** @type {Times} */
  const times = {
    '10,000 functions declared, in a new linker': [],
    'and set, through `op()`': [],
    'set to others, through `op()`': [],
    'set to others, through arrays': [],
    'one function set, linked': [],
    'linked, nothing changed': [],
  };
  const [declared, first, others, arrays, one, none] = Object.values(times);
  for (let round = 0; round < rounds; ++round) {
    const jit = await start();
    /** @param {number} added */
    const setAll = (added) => {
      for (let i = 0; i < count; i++) jit.set(i, i + added);
    };
    declared.push(await timed(jit.declare));
    first.push(await timed(() => setAll(0)));
    others.push(await timed(() => setAll(1)));
    const { opcodes, operands, extra } = jit.made(0, 0);
    const code = { opcodes: opcodes.slice(), operands: operands.slice(), extra: extra.slice() };
    arrays.push(
      await timed(() => {
        for (let i = 0; i < count; i++) {
          code.operands[1] = i + 2;
          jit.unit.setFunction(jit.declared[i], code);
        }
      }),
    );
    jit.unit.export(jit.declared[0], 'run');
    ok(jit.linker.link());
    one.push(await timed(() => (jit.set(round, 1000 + round), ok(jit.linker.link()))));
    none.push(await timed(() => ok(jit.linker.link())));
    jit.linker.dispose();
  }
  return times;
}

/** @param {number} rounds */
async function snapshots(rounds) {
  const { inputs } = await inputsOf('hello C++ O2');
  const archives = inputs.filter(({ name }) => name.endsWith('.a'));
  const program = inputs.filter(({ name }) => !name.endsWith('.a'));
  const first = await weld.createLinker({ inputs });
  const output = ok(first.link()).output;
  for (const { name } of program) first.remove(name);
  const snapshot = first.save();
  const little = (await weld.createLinker({ inputs: [program[0]] })).save(); // the start file
  /** @type {Times} */
  const times = {
    'new linker and its first link': [],
    'restored linker': [],
    'its first link': [],
    'a link with all of it parsed': [],
    'a linker restored with crt1 only': [],
  };
  const [added, restored, firstLink, linked, empty] = Object.values(times);
  for (let round = 0; round < rounds; ++round) {
    /** @type {any} */
    let linker;
    added.push(await timed(async () => ok((linker = await weld.createLinker({ inputs })).link())));
    linked.push(await timed(() => (linker.setOptions({ stackSize: 65536 + 16 }), ok(linker.link()))));
    linker.dispose();
    restored.push(await timed(async () => (linker = await weld.createLinker({ snapshot }))));
    firstLink.push(
      await timed(() => {
        for (const input of program) linker.add(input, archives[0].name);
        ok(linker.link());
      }),
    );
    expect(Buffer.compare(linker.link().output, output) === 0, 'a restored linker links something else');
    linker.dispose();
    empty.push(await timed(async () => (linker = await weld.createLinker({ snapshot: little }))));
    linker.dispose();
  }
  return { times, bytes: snapshot.length };
}

/** @param {string} title @param {Times} times */
export function table(title, times) {
  const rows = Object.entries(times).map(([what, samples]) => [
    what,
    median(samples).toFixed(2),
    min(samples).toFixed(2),
  ]);
  return `### ${title}\n\n${markdownTable([['in Node', 'median ms', 'least ms'], ...rows], { align: ['l', 'r', 'r'] })}`;
}

/**
 * A row of the table of goals.
 *
 * @param {string} of
 * @param {string} what
 * @param {number} value
 * @param {string} relation
 * @param {number} bound
 */
export function goal(of, what, value, relation, bound) {
  const met = relation === '≥' ? value >= bound : value <= bound;
  return [of, what, `${relation} ${bound}`, value.toFixed(2), met ? 'yes' : 'no'];
}

/**
 * The tables as text, and the goals as rows of the table of goals.
 *
 * @param {number} rounds
 * @param {string} setName of the objects that are linked
 */
export async function measureSessions(rounds, setName) {
  await weld.initialize();
  const relinked = await relinks(rounds, setName);
  const unitEdited = await unitRelinks(rounds, setName);
  const edited = await units(rounds);
  const { times: restored, bytes } = await snapshots(rounds);
  const m = (/** @type {Times} */ times, /** @type {string} */ what) => median(times[what]);
  return {
    text: [
      table(`Linking again: ${setName}`, relinked),
      table(`A unit beside ${setName}`, unitEdited),
      table('A unit of 10,000 functions, and libc', edited),
      table(
        `A snapshot of libc, libc++ and compiler-rt with what hello C++ needs: ${(bytes / 1e6).toFixed(1)} MB`,
        restored,
      ),
    ].join('\n\n'),
    goals: [
      goal(
        'sessions',
        'wasm-ld, all : one edited function',
        m(relinked, 'wasm-ld 19, all') / m(relinked, 'one edited function, after another process'),
        '≥',
        25,
      ),
      goal('sessions', 'one edited function, ms', m(relinked, 'one edited function, every 50 ms'), '≤', 2),
      goal('sessions', 'one edited function of a unit, ms', m(unitEdited, 'one edited function of a unit'), '≤', 2),
      goal('sessions', 'an equal edit of a unit, ms', m(unitEdited, 'an equal edit'), '≤', 0.05),
      goal(
        'sessions',
        'a new function with a new constant, ms',
        m(unitEdited, 'the same, in a linker that is `incremental`'),
        '≤',
        3,
      ),
      goal(
        'sessions',
        'first link of a fresh linker : of a restored one',
        m(unitEdited, 'its first link') / m(unitEdited, 'first link after it was restored'),
        '≥',
        10,
      ),
      goal('sessions', '10,000 functions set through `op()`, ms', m(edited, 'set to others, through `op()`'), '≤', 100),
      goal('sessions', '10,000 functions set through arrays, ms', m(edited, 'set to others, through arrays'), '≤', 30),
      // Both without the making of a linker. Adding and parsing is what a new linker's first link takes beyond the link itself,
      // which in a restored linker also fetches what is linked.
      goal(
        'sessions',
        'archives added : snapshot restored',
        (m(restored, 'new linker and its first link') -
          m(restored, 'its first link') -
          m(restored, 'a linker restored with crt1 only')) /
          (m(restored, 'restored linker') - m(restored, 'a linker restored with crt1 only')),
        '≥',
        5,
      ),
      goal(
        'sessions',
        'first link of a new linker : of a restored one',
        m(restored, 'new linker and its first link') / (m(restored, 'restored linker') + m(restored, 'its first link')),
        '≥',
        1,
      ),
    ],
    json: { relinked, unitEdited, edited, restored },
  };
}
