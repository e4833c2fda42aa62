// @ts-check
// What a source map costs in a link, and what Emscripten's script takes to make one of the linked module.
import { eachMapping, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { markdownTable } from 'markdown-table';
import { median } from 'simple-statistics';
import { weldPath } from '../support/linkers.mjs';
import { measure } from './measure.mjs';
import { expect, goal } from './sessions.mjs';
import { buildSet, sets } from './sets.mjs';

const script = '/usr/share/emscripten/tools/wasm-sourcemap.py';
const dwarfdump = '/usr/bin/llvm-dwarfdump-19';
/** The script takes very long for many objects. */
const mostSeconds = 590;

/** @typedef {{ms: number[], cpu: number[], failed?: string}} Row */

/** @param {string} file */
const readMap = (file) => new TraceMap(JSON.parse(readFileSync(file, 'utf8')));

/** The part of one map's places for which another has the same file and line. @param {TraceMap} map @param {TraceMap} other */
function agreement(map, other) {
  let [all, same] = [0, 0];
  eachMapping(map, ({ generatedColumn, source, originalLine }) => {
    if (source === null) return;
    const found = originalPositionFor(other, { line: 1, column: generatedColumn });
    all++;
    if (found.line === originalLine && path.basename(found.source ?? '') === path.basename(source)) same++;
  });
  return all === 0 ? 0 : same / all;
}

/** @param {string} name @param {number} rounds */
async function measureSet(name, rounds) {
  const set = /** @type {import('./sets.mjs').InputSet} */ (sets.find((one) => one.name === name));
  const { folder, args } = await buildSet(set);
  const link = (/** @type {string} */ output, /** @type {string[]} */ ...more) => ({
    name: 'weld',
    program: weldPath,
    args: [...args, ...more, '-o', output],
    cwd: folder,
  });
  const commands = {
    'a link': link('plain.wasm'),
    'a link with a map': link('mapped.wasm', '--source-map'),
    'a link, stripped': link('stripped.wasm', '-S'),
    'a link with a map, stripped': link('bare.wasm', '-S', '--source-map'),
    'wasm-sourcemap.py': {
      name: 'timeout',
      program: '/usr/bin/timeout',
      args: [`${mostSeconds}`, 'python3', script, 'plain.wasm', '--dwarfdump', dwarfdump, '-o', 'script.map'],
      cwd: folder,
    },
  };
  /** @type {Record<string, Row>} */
  const rows = {};
  for (let round = 0; round < rounds; ++round)
    for (const [what, command] of Object.entries(commands)) {
      const row = (rows[what] ??= { ms: [], cpu: [] });
      // It takes a hundred times as long.
      const isScript = command.program !== weldPath;
      if (isScript && (round > 0 || !existsSync(script))) continue;
      const begin = performance.now();
      try {
        const { ms, cpu } = await measure(command);
        row.ms.push(ms);
        row.cpu.push(cpu);
      } catch (error) {
        if (!isScript) throw error;
        const isLate = performance.now() - begin > mostSeconds * 1000;
        row.failed = isLate ? `over ${mostSeconds} s` : /** @type {Error} */ (error).message.split('\n')[0];
      }
    }
  const read = (/** @type {string} */ file) => readFileSync(path.join(folder, file));
  const [plain, mapped] = [read('plain.wasm'), read('mapped.wasm')];
  const added = mapped.length - plain.length;
  expect(added > 0 && added < 100, `${name}: the module of a link with a map is ${added} bytes larger`);
  expect(read('mapped.wasm.map').length > 1000, `${name}: the map is empty`);
  const scripts = rows['wasm-sourcemap.py'].ms.length > 0;
  const agreed = scripts
    ? agreement(readMap(path.join(folder, 'script.map')), readMap(path.join(folder, 'mapped.wasm.map')))
    : undefined;
  if (agreed !== undefined) expect(agreed > 0.99, `${name}: only ${agreed} of the script's places are the map's`);
  return { name, rows, agreed, mapBytes: read('mapped.wasm.map').length };
}

/** @param {Row} row @param {Row} base */
function cells(row, base) {
  if (row.ms.length === 0) return [row.failed ?? 'not there', '', '', ''];
  const of = (/** @type {'ms' | 'cpu'} */ what) => {
    const [one, other] = [row, base].map((samples) => median(samples[what]));
    return [one.toFixed(1), (one / other).toFixed(2)];
  };
  return [...of('ms'), ...of('cpu')];
}

/**
 * The tables as text, and the goals as rows of the table of goals.
 *
 * @param {number} rounds
 * @param {string[]} names of sets that are compiled with debug information
 */
export async function measureSourceMaps(rounds, names) {
  const results = [];
  for (const name of names) results.push(await measureSet(name, rounds));
  const head = ['', 'ms', 'ratio', 'CPU ms', 'ratio'];
  const text = results.map(({ name, rows, agreed, mapBytes }) => {
    const lines = Object.entries(rows).map(([what, row]) => [
      what,
      ...cells(row, rows[what.includes('stripped') ? 'a link, stripped' : 'a link']),
    ]);
    const about = agreed === undefined ? '' : ` ${(100 * agreed).toFixed(2)} % of the script's places are the same.`;
    return [
      `### Source maps: ${name}`,
      markdownTable([head, ...lines], { align: ['l', 'r', 'r', 'r', 'r'] }),
      `The map has ${mapBytes.toLocaleString('en')} bytes.${about}`,
    ].join('\n\n');
  });
  const ratio = (/** @type {Record<string, Row>} */ rows, /** @type {string} */ what, /** @type {string} */ base) =>
    median(rows[what].cpu) / median(rows[base].cpu);
  return {
    text: [...text, 'The times are medians, the ratios are to the link without a map. The script runs once.'].join(
      '\n\n',
    ),
    goals: results.flatMap(({ name, rows }) => [
      goal(name, 'with a map : without, CPU time', ratio(rows, 'a link with a map', 'a link'), '≤', 1.3),
    ]),
    json: results,
  };
}
