// @ts-check
// Every malformed input of tests/bad ends a link with exit code 1 and an error that names the file: never with a crash,
// a hang, an output, or silence. The format of the files is in tests/README.md.
//   node --test tests/bad.mjs
//   node tests/bad.mjs [--show] [NAME...]      --show prints what weld says
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleBytes } from './support/bytes.mjs';
import { splitArguments } from './support/case_file.mjs';
import { welds } from './support/linkers.mjs';
import { checkNames } from './support/names.mjs';
import { scratchDir, testsDir } from './support/paths.mjs';

const badDir = path.join(testsDir, 'bad');
const show = process.argv.includes('--show');
const wanted = process.argv
  .slice(2)
  .filter((arg) => !arg.startsWith('--'))
  .map((arg) => path.basename(arg, '.txt'));

/** @param {string} name */
function readBadInput(name) {
  const text = readFileSync(path.join(badDir, `${name}.txt`), 'utf8');
  const [head, body] = text.split(/^---\n/m);
  if (body === undefined || !head.startsWith('# ')) throw new Error('wanted: a comment, fields, ---, bytes');
  /** @param {string} field */
  const value = (field) => new RegExp(`^${field}: (.*)$`, 'm').exec(head)?.[1];
  const pattern = value('expect');
  if (!pattern) throw new Error('there is no line "expect: pattern"');
  return {
    file: value('name') ?? `${name}.o`,
    args: splitArguments(value('args') ?? '--no-entry'),
    pattern: new RegExp(pattern),
    bytes: assembleBytes(body, badDir),
  };
}

/** @param {string} name */
async function checkBadInput(name) {
  const { file, args, pattern, bytes } = readBadInput(name);
  const folder = path.join(scratchDir, 'bad', name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, file), bytes);
  for (const as of /** @type {const} */ (['weld', 'wasm-ld'])) {
    /** @type {string | undefined} */
    let nativeWords;
    for (const weld of welds) {
      const outcome = await weld.link([...args, file, '-o', 'out.wasm'], { cwd: folder, as });
      if (show && as === 'weld') console.log(`${name}\n${outcome.stderr.trimEnd().replace(/^/gm, '    ')}`);
      const who = `${weld.name} as ${as}: exit code ${outcome.code}\n${outcome.stderr}`;
      assert.equal(outcome.code, 1, who);
      assert.ok(!existsSync(path.join(folder, 'out.wasm')), `there is an output; ${who}`);
      assert.ok(outcome.stderr.includes('error: '), who);
      assert.ok(outcome.stderr.includes(file), `the file is not named; ${who}`);
      // The file's name is no description of what is wrong with it.
      if (as === 'weld')
        assert.match(outcome.stderr.replaceAll(pattern.source.includes('(member') ? '' : file, ''), pattern);
      assert.equal(outcome.stdout, '', who);
      nativeWords ??= outcome.stderr;
      assert.equal(outcome.stderr, nativeWords, `${weld.name} and ${welds[0].name} differ`);
    }
  }
}

const names = readdirSync(badDir)
  .filter((name) => name.endsWith('.txt'))
  .map((name) => path.basename(name, '.txt'));
checkNames('bad input', names, wanted);
describe('bad input', { concurrency: 2 }, () => {
  for (const name of wanted.length ? wanted : names.sort()) test(name, () => checkBadInput(name));
});
