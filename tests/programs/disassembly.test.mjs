// @ts-check
// `weld inspect --source`: the instructions of real programs are those that wabt reads, and each has the line that LLVM says.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { compileText } from '../support/toolchain.mjs';
import { buildProgram, linkArguments, wantedPrograms } from './programs.mjs';

const [weld] = welds;
const program = process.env.WELD ?? path.join(rootDir, 'build/native/weld');
const folder = path.join(scratchDir, 'disassembly');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/**
 * @typedef {object} Instruction
 * @property {number} offset
 * @property {number} size
 * @property {number} depth
 * @property {string} text
 * @property {string} [file]
 * @property {number} [line]
 */

/** What weld says of functions, by name. @param {string} file @param {string[]} names */
async function disassembled(file, names) {
  const { stdout } = await runOrThrow(program, [
    'inspect',
    '--json',
    '--no-demangle',
    ...names.map((name) => `--source=${name}`),
    file,
  ]);
  const [{ lookUps, diagnostics }] = JSON.parse(stdout);
  assert.deepEqual(diagnostics, []);
  return /** @type {{ name: string, instructions: Instruction[] }[]} */ (lookUps);
}

/** The instructions that wabt reads, by where each function's first one is: names may be those of several. @param {string} file */
async function wabtCode(file) {
  const { stdout } = await runOrThrow('wasm-objdump', ['-d', file]);
  /** @type {Map<number, { offset: number, name: string, operands: string }[]>} */
  const functions = new Map();
  /** @type {Set<string>} */
  const names = new Set();
  for (const part of stdout.split(/^[0-9a-f]{6} func\[\d+\] </m).slice(1)) {
    const name = part.slice(0, part.indexOf('>:'));
    const rows = [...part.matchAll(/^ ([0-9a-f]{6}):(?: [0-9a-f]{2})+ *\| +([^\s<]+) ?([^<\n]*)/gm)];
    const instructions = rows
      .map(([, offset = '', instruction = '', operands = '']) => ({
        offset: parseInt(offset, 16),
        name: instruction,
        operands: operands.trim(),
      }))
      // The continuation of a long one has no name; locals are listed one group each.
      .filter(({ name: word }) => /^[a-z]/.test(word) && !word.startsWith('local['));
    names.add(name);
    functions.set(instructions[0]?.offset ?? 0, instructions);
  }
  return { functions, names };
}

/** What wabt and the text format spell alike. @param {string} text */
const isComparable = (text) => /^(?:local\.\w+|i32\.const|i64\.const|br|br_if) /.test(text);

test('the instructions of a program are those that wabt reads', async () => {
  const one = wantedPrograms.find(({ name }) => name === 'c_program');
  if (!one) return;
  const built = await buildProgram(one, 'O2', ['-g']);
  const file = path.join(folder, 'program.wasm');
  assert.equal(
    (await weld.link([...linkArguments(built, []).slice(0, -2), '-o', file], { cwd: folder, as: 'weld' })).code,
    0,
  );
  const { functions, names } = await wabtCode(file);
  const found = await disassembled(file, [...names]);
  assert.equal(found.length, functions.size);
  assert.ok(found.length > 100);
  let compared = 0;
  for (const { name, instructions } of found) {
    const rows = instructions.filter(({ text }) => !text.startsWith('locals:'));
    const wanted = functions.get(rows[0]?.offset ?? -1) ?? [];
    assert.deepEqual(
      rows.map(({ offset, text }) => `${offset} ${text.split(' ')[0]}`),
      wanted.map(({ offset, name: word }) => `${offset} ${word}`),
      name,
    );
    for (const [i, { text }] of rows.entries()) {
      const { name: word = '', operands = '' } = wanted[i] ?? {};
      const whole = `${word} ${operands}`.trim();
      if (!isComparable(whole)) continue;
      // wabt shows constants without a sign, and where a branch leads.
      const bits = /^i(32|64)\.const (\d+)$/.exec(whole);
      const value = bits ? `${word} ${BigInt.asIntN(Number(bits[1]), BigInt(bits[2] ?? 0))}` : whole;
      assert.equal(text, value, name);
      compared++;
    }
    // Each begins where the one before ends.
    for (const [i, { offset, size }] of instructions.entries())
      assert.equal(instructions[i + 1]?.offset ?? offset + size, offset + size, name);
    assert.equal(instructions.at(-1)?.depth, 0, name);
  }
  assert.ok(compared > 5000, `${compared} compared`);
});

test('an object: relocations name what numbers will be, and source lines are shown', async () => {
  const text = ['extern int data[]; int other(int);', 'int run(int n) {', '  return other(data[n + 2]) + 1;', '}'].join(
    '\n',
  );
  const object = await compileText('shown.c', text, ['-g', '-O1']);
  writeFileSync(path.join(folder, 'shown.c'), text);
  const { stdout } = await runOrThrow(program, ['inspect', '--source=run', object], { cwd: folder });
  const lines = stdout.split('\n').map((line) => line.trim());
  assert.ok(
    lines.some((line) => /^\.\/shown\.c:3 {2}return other\(data\[n \+ 2\]\) \+ 1;$/.test(line)),
    stdout,
  );
  assert.ok(
    lines.some((line) => /^0x[0-9a-f]+ +call other$/.test(line)),
    stdout,
  );
  assert.ok(
    lines.some((line) => /^0x[0-9a-f]+ +i32\.(load offset=|const )data(\+8)?$/.test(line)),
    stdout,
  );
});
