// @ts-check
// Results as tables: for the terminal, and as Markdown they can be kept.
import os from 'node:os';
import { markdownTable } from 'markdown-table';
import { max, median, min } from 'simple-statistics';
import { names } from './rivals.mjs';

/**
 * @typedef {import('./measure.mjs').Sample} Sample
 *
 * @typedef {object} RivalResult
 * @property {string} rival
 * @property {Sample[]} samples
 * @property {string} [failed] why it was not measured
 *
 * @typedef {object} SetResult
 * @property {string} set
 * @property {import('./sets.mjs').InputSet['kind']} kind
 * @property {number} inputBytes
 * @property {number} outputBytes
 * @property {RivalResult[]} results
 * @property {Sizes} [sizes] of programs
 *
 * @typedef {Record<'wasmLd' | 'weld' | 'safe' | 'all', number>} Sizes bytes of the outputs
 */

// The sets in C++: weld's goal for their size is another than for C's.
const isCpp = /C\+\+|GoogleTest|^weld/;
const columns = ['l', 'r', 'r', 'r', 'r', 'r'];

/** @param {number | undefined} value @param {number} digits */
const fixed = (value, digits) => (value === undefined ? '' : value.toFixed(digits));
/** @param {number | undefined} bytes */
const megabytes = (bytes) => fixed(bytes === undefined ? undefined : bytes / 1e6, 1);

/** @param {RivalResult | undefined} result @returns {number | undefined} */
function medianOf(result) {
  return result?.samples.length ? median(result.samples.map(({ ms }) => ms)) : undefined;
}

/** @param {RivalResult | undefined} result @param {'peak' | 'wasm'} what */
function mostOf(result, what) {
  const values = (result?.samples ?? []).flatMap((sample) => sample[what] ?? []);
  return values.length ? max(values) : undefined;
}

/** @param {SetResult} set @param {string} rival */
const find = (set, rival) => set.results.find((result) => result.rival === rival);
/** @param {SetResult} set @param {string} rival */
const timeOf = (set, rival) => medianOf(find(set, rival));

export function describeMachine() {
  const cpus = os.cpus();
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${cpus[0].model}, ${cpus.length} cores, ${memory} GiB; ${os.type()} ${os.release()}; Node ${process.versions.node}.`;
}

/** @param {SetResult} set */
export function setTable(set) {
  const native = timeOf(set, names.native);
  const rows = set.results.flatMap((result) => {
    const time = medianOf(result);
    if (time === undefined) return [];
    const ratio = native === undefined ? undefined : time / native;
    const least = min(result.samples.map(({ ms }) => ms));
    return [
      [
        result.rival,
        fixed(time, 2),
        fixed(least, 2),
        fixed(ratio, 2),
        megabytes(mostOf(result, 'peak')),
        megabytes(mostOf(result, 'wasm')),
      ],
    ];
  });
  const title = `### ${set.set}: ${megabytes(set.inputBytes)} MB in, ${megabytes(set.outputBytes)} MB out`;
  const head = ['', 'median ms', 'least ms', `: ${names.native}`, 'peak MB', 'wasm MB'];
  const failures = set.results.flatMap(({ rival, failed }) => (failed ? [`\n\n${rival} fails: ${failed}`] : []));
  return `${title}\n\n${markdownTable([head, ...rows], { align: columns })}${failures.join('')}`;
}

/** @param {SetResult[]} all */
export function sizesTable(all) {
  const rows = all.flatMap(({ set, sizes }) => {
    if (!sizes) return [];
    const { wasmLd, weld, safe, all } = sizes;
    return [[set, `${wasmLd}`, ...[weld, safe, all].flatMap((size) => [`${size}`, fixed(size / wasmLd, 3)])]];
  });
  const head = ['bytes', 'wasm-ld 19', 'weld', ': wasm-ld', '-Oz', ': wasm-ld', '-Oz --icf=all', ': wasm-ld'];
  return `### Sizes, with -O2 --strip-all --compress-relocations or -Oz\n\n${markdownTable([head, ...rows], { align: ['l', ...head.slice(1).map(() => 'r')] })}`;
}

/**
 * A goal: two numbers, and how many times the first has to be in the second.
 *
 * @param {SetResult} set
 * @param {string} goal
 * @param {number | undefined} value
 * @param {'≥' | '≤'} relation
 * @param {number} bound
 */
function goal(set, goal, value, relation, bound) {
  if (value === undefined || Number.isNaN(value)) return [];
  const met = relation === '≥' ? value >= bound : value <= bound;
  return [[set.set, goal, `${relation} ${fixed(bound, 2)}`, fixed(value, 2), met ? 'yes' : 'no']];
}

/** @param {number | undefined} a @param {number | undefined} b */
const quotient = (a, b) => (a === undefined || b === undefined ? undefined : a / b);

/** @param {SetResult} set */
function goalsOf(set) {
  const native = timeOf(set, names.native);
  const warm = timeOf(set, names.warm);
  const wasmLd = timeOf(set, names.wasmLd);
  const oneThread = timeOf(set, names.wasmLdOneThread);
  // Whichever is faster: small links are hurt by threads.
  const best = wasmLd === undefined || oneThread === undefined ? wasmLd : Math.min(wasmLd, oneThread);
  const rows =
    set.kind === 'program'
      ? []
      : goal(set, 'wasm-ld : weld', quotient(best, native), '≥', set.kind === 'hello' ? 8 : 5);
  if (set.set.startsWith('4,000'))
    rows.push(...goal(set, 'weld : floor', quotient(native, timeOf(set, names.floor)), '≤', 1.6));
  if (set.kind === 'generated') {
    const bytes = set.inputBytes + set.outputBytes;
    rows.push(
      ...goal(
        set,
        'weld’s peak memory : (inputs + output)',
        quotient(mostOf(find(set, names.native), 'peak'), bytes),
        '≤',
        1.2,
      ),
    );
    rows.push(
      ...goal(set, 'wasm memory : (inputs + output)', quotient(mostOf(find(set, names.warm), 'wasm'), bytes), '≤', 1.2),
    );
  }
  if (set.sizes)
    rows.push(
      ...goal(
        set,
        'bytes with -Oz : wasm-ld’s least',
        set.sizes.safe / set.sizes.wasmLd,
        '≤',
        isCpp.test(set.set) ? 0.95 : 1,
      ),
    );
  rows.push(...goal(set, 'wasm-ld : weld in Node, warm', quotient(best, warm), '≥', 1));
  if (set.kind === 'hello') {
    rows.push(...goal(set, 'LLD 22 : weld in Node, both warm', quotient(timeOf(set, names.lld22Warm), warm), '≥', 8));
    rows.push(
      ...goal(
        set,
        'LLD 22 : weld in Node, both cold',
        quotient(timeOf(set, names.lld22Cold), timeOf(set, names.cold)),
        '≥',
        20,
      ),
    );
  }
  return rows;
}

/** @param {SetResult[]} all @param {string[][]} others rows of goals that are not a set's */
export function goalsTable(all, others = []) {
  const head = ['set', 'how many times', 'goal', 'is', 'met'];
  return `### Goals\n\n${markdownTable([head, ...all.flatMap(goalsOf), ...others], { align: ['l', 'l', 'r', 'r', 'l'] })}`;
}
