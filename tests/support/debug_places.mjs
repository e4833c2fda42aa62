// @ts-check
// Debug information of two modules that hold the same code in other bytes: do both say the same of each instruction?
//
// llvm-dwarfdump and llvm-symbolizer say what it means, wabt's wasm-objdump where instructions are; an instruction of
// one module is that of the other which has the same number in the same function.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { run, runOrThrow } from './processes.mjs';
import { Module } from './wasm_module.mjs';

/**
 * @typedef {object} Place
 * @property {number} body the function's number among those with code
 * @property {number} ordinal of the instruction; the first place is the function itself, the last its end
 *
 * @typedef {object} Places
 * @property {Map<number, Place>} of by address, as DWARF counts them: from the first byte of the code section
 * @property {number[][]} addresses of each body's places
 * @property {string[][]} instructions of each body
 */

/**
 * @param {string} file
 * @returns {Promise<Places>}
 */
export async function placesOf(file) {
  const module = new Module(readFileSync(file));
  const { start } = module.sections.find(({ id }) => id === 10) ?? assert.fail(`${file} has no code`);
  const listing = (await runOrThrow('wasm-objdump', ['-d', file])).stdout;
  /** @type {Places} */
  const places = { of: new Map(), addresses: [], instructions: [] };
  for (const body of module.bodies) {
    places.addresses.push([body.start - start]);
    places.instructions.push([]);
  }
  let body = -1;
  for (const line of listing.split('\n')) {
    if (/^[0-9a-f]+ func\[/.test(line)) body++;
    // Immediates that do not fit on a line continue on the next, without a word of text.
    const [, offset, text] = /^ ([0-9a-f]+): [0-9a-f ]*\| *([^\s<]\S*)/.exec(line) ?? [];
    if (offset === undefined) continue;
    places.addresses[body].push(parseInt(offset, 16) - start);
    places.instructions[body].push(text.replace(/^local\[.*/, 'local')); // which it numbers through all functions
  }
  assert.equal(body + 1, places.addresses.length);
  for (const [i, { end }] of module.bodies.entries()) {
    places.addresses[i].push(end - start);
    places.addresses[i].forEach((address, ordinal) => {
      if (!places.of.has(address)) places.of.set(address, { body: i, ordinal });
    });
  }
  return places;
}

/**
 * An entry or a set of ranges each; then a sequence of a line table each. llvm-dwarfdump leaves out the rows of sequences
 * of dead code, but not where they begin.
 *
 * @param {string} file
 */
async function dump(file) {
  const entries = (await runOrThrow('llvm-dwarfdump-19', ['--debug-info', '--debug-aranges', file])).stdout;
  const lines = (await runOrThrow('llvm-dwarfdump-19', ['-v', '--debug-line', file])).stdout;
  const rows = lines
    .split('\n')
    .filter((line) => /^ {12}0x|DW_LNE_set_address/.test(line))
    .map((line) => line.trim().replace(/^0x[0-9a-f]+: 00 /, ''));
  /** @type {string[][]} */
  const blocks = [[]];
  for (const line of [...entries.split('\n').slice(1), ...rows]) {
    if (/^0x[0-9a-f]+: |^DW_LNE_set_address|^Address Range Header/.test(line)) blocks.push([]);
    if (line) blocks[blocks.length - 1].push(line);
  }
  return blocks;
}

const addressPatterns = [
  /DW_AT_(?:low_pc|high_pc|entry_pc|call_return_pc|call_pc)\t\(0x([0-9a-f]+)/g,
  /^0x([0-9a-f]{16}) /gm,
  /^DW_LNE_set_address \(0x([0-9a-f]+)/g,
  /^\[0x([0-9a-f]+), /gm, // .debug_aranges
];

/**
 * @typedef {object} Range
 * @property {number} begin
 * @property {number} end
 * @property {string} rest what holds there
 *
 * The addresses in some lines, and the lines without them and without lists of ranges.
 *
 * @param {string[]} lines
 * @param {boolean} data whether addresses of data are kept
 */
function split(lines, data) {
  /** @type {number[]} */
  const addresses = [];
  /** @type {Range[]} */
  const ranges = [];
  let text = lines.join('\n');
  if (!data)
    text = text.replace(/DW_OP_addr 0x[0-9a-f]+|DW_OP_const[48]u 0x[0-9a-f]+(?=, DW_OP_GNU_push_tls_address)/g, 'DATA');
  text = text.replace(/\[0x([0-9a-f]+), 0x([0-9a-f]+)\)(.*?)\)*$/gm, (_, begin, end, rest) => {
    ranges.push({ begin: parseInt(begin, 16), end: parseInt(end, 16), rest });
    return '';
  });
  for (const pattern of addressPatterns)
    text = text.replace(pattern, (all, number) => {
      addresses.push(parseInt(number, 16));
      return all.replace(`0x${number}`, 'ADDRESS');
    });
  // Line tables have other sizes and places. Brackets close after the last range.
  text = text
    .replace(/(DW_AT_stmt_list\t\()0x[0-9a-f]+/, '$1')
    .replace(/\)*\n\s*$/gm, '')
    .replace(/\)*$/gm, '');
  return { addresses, ranges, text };
}

const isDead = (/** @type {number} */ address) => address >= 0xfffffff0;

/**
 * Checks that the debug information of `moved` says of its instructions what that of `plain` says of its own, and returns
 * how many addresses were compared. In `moved`, what is said of functions that another object's took the place of, or
 * that were folded, may be gone. Data lies elsewhere then, because constants are folded as well.
 *
 * @param {string} plain
 * @param {string} moved
 * @param {{folded?: boolean}} [options]
 */
export async function compareDebugPlaces(plain, moved, { folded = false } = {}) {
  const [before, after, plainBlocks, movedBlocks] = await Promise.all([
    placesOf(plain),
    placesOf(moved),
    dump(plain),
    dump(moved),
  ]);
  assert.equal(movedBlocks.length, plainBlocks.length, 'as many entries and sequences of lines');
  /** @type {Map<number, number>} */
  const bodies = new Map();
  /** @type {Set<number>} */
  const described = new Set();
  let count = 0;
  /** @type {number[][]} */
  const disputed = [];
  /** @type {(() => void)[]} */
  const partialLists = [];

  const comparePlaces = (
    /** @type {number} */ address,
    /** @type {number} */ other,
    /** @type {() => string} */ where,
  ) => {
    const place = before.of.get(address);
    // Zero stands for no address, numbers beyond the code for what was collected.
    if (!place) {
      if (other !== address && !isDead(other)) assert.fail(`0x${address.toString(16)} is no instruction: ${where()}`);
      return;
    }
    if (isDead(other)) return;
    const found = after.of.get(other);
    if (!found) return assert.fail(`0x${other.toString(16)} is no instruction: ${where()}`);
    if (!bodies.has(place.body)) {
      assert.equal(after.instructions[found.body].join('\n'), before.instructions[place.body].join('\n'));
      bodies.set(place.body, found.body);
    }
    if (found.body !== bodies.get(place.body) || found.ordinal !== place.ordinal)
      assert.fail(`not the same instruction: ${where()}`);
    count++;
  };

  for (const [i, block] of plainBlocks.entries()) {
    const a = split(block, !folded);
    const b = split(movedBlocks[i], !folded);
    for (const address of /dead code/.test(a.text) ? [] : a.addresses) {
      const place = before.of.get(address);
      if (place && place.ordinal === 0) described.add(place.body);
    }
    const where = () => `${block.join('\n')}\nbecame\n${movedBlocks[i].join('\n')}`;
    if (/dead code/.test(a.text)) assert.equal(b.text, a.text);
    const isGone = ({ text, addresses } = a) =>
      /dead code/.test(text) || (text.startsWith('DW_LNE') && isDead(addresses[0]));
    if (isGone(b)) {
      // In `plain`, it may cover code of others: its length is that of code which is not there.
      if (!isGone(a)) disputed.push([Math.min(...a.addresses), Math.max(...a.addresses)]);
      continue;
    }
    assert.equal(b.text, a.text);
    assert.equal(b.addresses.length, a.addresses.length);
    for (const [j, address] of a.addresses.entries()) comparePlaces(address, b.addresses[j], where);
    const compareRange = (/** @type {Range} */ x, /** @type {Range} */ y) => {
      comparePlaces(x.begin, y.begin, where);
      comparePlaces(x.end, y.end, where);
      if (y.rest !== x.rest) assert.fail(where());
    };
    if (b.ranges.length === a.ranges.length) b.ranges.forEach((range, j) => compareRange(a.ranges[j], range));
    else partialLists.push(() => comparePartialLists(a.ranges, b.ranges, compareRange, where));
  }
  // llvm-dwarfdump leaves out ranges of dead code: what is left of a list is in the same order.
  const comparePartialLists = (
    /** @type {Range[]} */ plainRanges,
    /** @type {Range[]} */ movedRanges,
    /** @type {(x: Range, y: Range) => void} */ compareRange,
    /** @type {() => string} */ where,
  ) => {
    let next = 0;
    for (const range of movedRanges) {
      const begin = after.of.get(range.begin);
      const isSame = (/** @type {Range} */ { begin: address }) => {
        const place = before.of.get(address);
        return place && begin && place.ordinal === begin.ordinal && bodies.get(place.body) === begin.body;
      };
      while (next < plainRanges.length && !isSame(plainRanges[next])) next++;
      if (next === plainRanges.length) assert.fail(where());
      compareRange(plainRanges[next++], range);
    }
  };
  for (const compareLists of partialLists) compareLists();
  assert.equal(new Set(bodies.values()).size, bodies.size, 'each function is another');
  if (!folded) for (const body of described) assert.ok(bodies.has(body), `nothing describes function ${body}`);
  for (const body of [...bodies.keys()]) {
    const [begin, end] = [before.addresses[body][0], before.addresses[body].at(-1) ?? 0];
    if (disputed.some(([low, high]) => low < end && begin <= high)) bodies.delete(body);
  }
  await compareLookups(plain, moved, before, after, bodies);
  return count;
}

/**
 * Asks for the same instructions in both: the functions, inlined ones too, with files, lines and columns.
 *
 * @param {string} plain
 * @param {string} moved
 * @param {Places} before
 * @param {Places} after
 * @param {Map<number, number>} bodies
 */
async function compareLookups(plain, moved, before, after, bodies) {
  const pairs = [...bodies].flatMap(([from, to]) =>
    before.addresses[from].slice(1, -1).map((address, i) => [address, after.addresses[to][i + 1]]),
  );
  // Some of each function, as many as do not take long.
  const step = Math.ceil(pairs.length / 20_000);
  const some = pairs.filter((_, i) => i % step === 0);
  const ask = async (/** @type {string} */ file, /** @type {number} */ side) => {
    const stdin = some.map((pair) => `0x${pair[side].toString(16)}\n`).join('');
    // Linkage names would come from its symbol table, whose addresses are offsets in the file.
    const { stdout } = await runOrThrow('llvm-symbolizer-19', [`--obj=${file}`, '--functions=short'], { stdin });
    return stdout.split('\n\n').slice(0, some.length);
  };
  const [a, b] = await Promise.all([ask(plain, 0), ask(moved, 1)]);
  assert.equal(a.length, some.length);
  const differing = some
    .map((pair, i) => [...pair, a[i], b[i]])
    .filter(([, , x, y]) => x !== y)
    .slice(0, 10);
  assert.deepEqual(differing, []);
}

/**
 * What llvm-dwarfdump finds wrong: kinds of errors, and how often.
 *
 * @param {string} file
 */
export async function debugErrors(file) {
  const { stdout, stderr } = await run('llvm-dwarfdump-19', ['--verify', file]);
  /** @type {Map<string, number>} */
  const errors = new Map();
  for (const [, kind, times] of `${stdout}\n${stderr}`.matchAll(/error: (.*) occurred (\d+) time/g))
    errors.set(kind, Number(times));
  return errors;
}
