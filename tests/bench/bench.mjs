// @ts-check
// node tests/bench/bench.mjs [--quick] [--only PATTERN] [--rivals PATTERN] [--rounds N] [--json FILE]
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureLive } from './live.mjs';
import { describeMachine, goalsTable, setTable, sizesTable } from './report.mjs';
import { weldPath } from '../support/linkers.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { wasmLd } from '../support/toolchain.mjs';
import { names, outputName, rivals } from './rivals.mjs';
import { measureSessions } from './sessions.mjs';
import { buildSet, sets } from './sets.mjs';
import { measureSourceMaps } from './source_maps.mjs';

/**
 * @typedef {import('./rivals.mjs').Rival} Rival
 * @typedef {import('./measure.mjs').Sample} Sample
 * @typedef {import('./report.mjs').RivalResult} RivalResult
 * @typedef {import('./report.mjs').SetResult} SetResult
 * @typedef {import('./report.mjs').Sizes} Sizes
 */

// Small outputs: what wasm-ld can do for it, weld with the same options, and with its own.
const wasmLdsBest = ['-O2', '--strip-all', '--compress-relocations'];
/** @type {Record<keyof Sizes, {linker: string, options: string[]}>} */
const smallest = {
  wasmLd: { linker: wasmLd, options: wasmLdsBest },
  weld: { linker: weldPath, options: wasmLdsBest },
  safe: { linker: weldPath, options: ['-Oz', '--strip-all'] },
  all: { linker: weldPath, options: ['-Oz', '--strip-all', '--icf=all'] },
};

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rivals: { type: 'string', default: '' },
    rounds: { type: 'string' },
    json: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 2 : 7));
let wrong = 0;

/** @param {Error} error */
const firstLine = (error) => error.message.split('\n')[0].slice(0, 200);

/**
 * The reference's output, which has to run as it should.
 *
 * @param {import('./sets.mjs').InputSet} set
 * @param {import('./sets.mjs').Inputs} inputs
 */
async function referenceOutput(set, inputs) {
  const reference = /** @type {Rival} */ (rivals.find(({ name }) => name === names.wasmLd));
  const session = await reference.start(inputs, 0);
  await session.link(true);
  await set.check(path.join(inputs.folder, outputName));
  return readFileSync(path.join(inputs.folder, outputName));
}

/**
 * Starts a rival, and looks at its output once, in a link that is not timed.
 *
 * @param {Rival} rival
 * @param {import('./sets.mjs').InputSet} set
 * @param {import('./sets.mjs').Inputs} inputs
 * @param {Buffer} expected
 */
async function startAndCheck(rival, set, inputs, expected) {
  const output = path.join(inputs.folder, outputName);
  rmSync(output, { force: true });
  const session = await rival.start(inputs, expected.length);
  try {
    await session.link(true);
    if (rival.output === 'same' && !readFileSync(output).equals(expected))
      throw new Error(`its output is not ${names.wasmLd}'s`);
    if (rival.output === 'runs') await set.check(output);
    return session;
  } catch (error) {
    session.end?.();
    throw error;
  }
}

/**
 * Links as small as can be. What comes has to run as it should.
 *
 * @param {import('./sets.mjs').InputSet} set
 * @param {import('./sets.mjs').Inputs} inputs
 */
async function measureSizes(set, inputs) {
  const output = path.join(inputs.folder, outputName);
  const sizes = /** @type {Sizes} */ ({});
  for (const [name, { linker, options }] of Object.entries(smallest)) {
    await runOrThrow(linker, [...inputs.args, ...options, '-o', outputName], { cwd: inputs.folder });
    await set.check(output);
    sizes[/** @type {keyof Sizes} */ (name)] = statSync(output).size;
  }
  return sizes;
}

/**
 * @param {import('./sets.mjs').InputSet} set
 * @param {Rival[]} chosen
 * @returns {Promise<SetResult>}
 */
async function measureSet(set, chosen) {
  const inputs = await buildSet(set);
  const expected = await referenceOutput(set, inputs);
  const sizeOf = { inputBytes: inputs.bytes, outputBytes: expected.length };
  /** @type {RivalResult[]} */
  const results = [];
  /** @type {{session: import('./rivals.mjs').Session, result: RivalResult}[]} */
  const running = [];
  for (const rival of chosen) {
    if (rival.missing || rival.takes?.(set) === false) continue;
    /** @type {RivalResult} */
    const result = { rival: rival.name, samples: [] };
    results.push(result);
    try {
      running.push({ session: await startAndCheck(rival, set, inputs, expected), result });
    } catch (error) {
      result.failed = firstLine(/** @type {Error} */ (error));
      if (!rival.optional) ++wrong;
    }
  }
  // In turn, so that what else goes on in the machine hits all of them.
  for (let round = 0; round < rounds; ++round) {
    for (const { session, result } of running) {
      rmSync(path.join(inputs.folder, outputName), { force: true });
      const { ms, peak, wasm } = await session.link(false);
      result.samples.push({ ms, peak, wasm });
    }
  }
  for (const { session } of running) session.end?.();
  const sizes = set.kind === 'generated' ? undefined : await measureSizes(set, inputs);
  return { set: set.name, kind: set.kind, ...sizeOf, results, sizes };
}

const wantedSets = sets.filter((set) => (options.quick ? set.quick : set.name !== '100 objects' || options.only));
const chosenSets = wantedSets.filter(({ name }) => new RegExp(options.only, 'i').test(name));
const chosenRivals = rivals.filter(({ name }) => name === names.native || new RegExp(options.rivals, 'i').test(name));

console.log(`${describeMachine()}\n\nMedians of ${rounds} rounds.`);
for (const { name, missing } of chosenRivals) if (missing) console.log(`Not measured: ${name} (${missing}).`);
/** @type {SetResult[]} */
const all = [];
for (const set of chosenSets) {
  try {
    const result = await measureSet(set, chosenRivals);
    all.push(result);
    console.log(`\n${setTable(result)}`);
  } catch (error) {
    ++wrong;
    console.error(`\n${set.name}: ${error}`);
  }
}
console.log(`\n${sizesTable(all)}`);
const sessions = new RegExp(options.only, 'i').test('sessions')
  ? await measureSessions(rounds, options.quick ? '100 objects' : '1,000 objects')
  : undefined;
if (sessions) console.log(`\n${sessions.text}`);
const live = !options.quick && new RegExp(options.only, 'i').test('live') ? await measureLive(rounds) : undefined;
if (live) console.log(`\n${live.text}`);
const maps = new RegExp(options.only, 'i').test('source maps')
  ? await measureSourceMaps(rounds, options.quick ? ['hello C++ O0-g'] : ['1,000 objects -g', '4,000 objects -g'])
  : undefined;
if (maps) console.log(`\n${maps.text}`);
const others = [sessions, live, maps].flatMap((one) => one?.goals ?? []);
console.log(`\n${goalsTable(all, others)}`);
if (options.json)
  writeFileSync(
    options.json,
    JSON.stringify(
      { machine: describeMachine(), rounds, sets: all, sessions: sessions?.json, live: live?.json, maps: maps?.json },
      null,
      1,
    ),
  );
if (wrong > 0) console.error(`\n${wrong} went wrong`);
process.exitCode = wrong > 0 || (chosenSets.length === 0 && !sessions && !live && !maps) ? 1 : 0;
