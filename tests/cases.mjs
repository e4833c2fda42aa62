// @ts-check
// Runs the text cases of tests/cases (see tests/README.md for their format):
//   node --test tests/cases.mjs
//   node tests/cases.mjs [--update] [NAME...]
// --update rewrites the expectations with what the native weld does.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { assembleBytes } from './support/bytes.mjs';
import { isStep, readCase, splitArguments, writeCase } from './support/case_file.mjs';
import { explainDifference } from './support/explain_difference.mjs';
import { linkAsReference, reference, welds } from './support/linkers.mjs';
import { checkNames } from './support/names.mjs';
import { scratchDir, testsDir } from './support/paths.mjs';
import { runOrThrow } from './support/processes.mjs';
import { runExports } from './support/run_exports.mjs';
import { runWasi } from './support/run_wasi.mjs';
import { archive, builtins, compileText, isSource, wasiLib } from './support/toolchain.mjs';
import { validate } from './support/validate.mjs';
import { Module, parts } from './support/wasm_module.mjs';

/**
 * @typedef {import('./support/case_file.mjs').Case} Case
 * @typedef {import('./support/case_file.mjs').Step} Step
 * @typedef {import('./support/case_file.mjs').Block} Block
 * @typedef {import('./support/linkers.mjs').Linker} Linker
 *
 * @typedef {object} StepResult
 * @property {number | string} code
 * @property {string} stdout
 * @property {string} stderr
 * @property {Buffer | undefined} output
 * @property {string} folder
 */

const casesDir = path.join(testsDir, 'cases');
const update = process.argv.includes('--update');
const wanted = process.argv
  .slice(2)
  .filter((arg) => !arg.startsWith('--'))
  .map((arg) => path.basename(arg, '.test'));

/**
 * Makes the file that a block describes, in the folder.
 *
 * @param {Block} block
 * @param {string} folder
 */
async function makeInput({ header, body, line }, folder) {
  const [, name, recipe, rest] = /^(\S+?)(:?)(?:\s+(.*))?$/.exec(header) ?? [];
  const words = splitArguments(rest ?? '');
  if (name === 'delete') return words.forEach((file) => rmSync(path.join(folder, file)));
  if (!name?.includes('.')) throw new Error(`line ${line}: what is "${header}"?`);
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  if (recipe && words[0] === 'bytes') return writeFileSync(file, assembleBytes(body, casesDir));
  if (recipe) {
    const kind = /** @type {const} */ (['thin', 'noindex', 'bsd', 'darwin']).find((word) => word === words[0]);
    return archive(folder, name, kind ?? 'plain', kind ? words.slice(1) : words);
  }
  if (!isSource(name)) return writeFileSync(file, `${body}\n`);
  const flags = name.endsWith('.c') || name.endsWith('.cpp') ? ['-O1', ...words] : words;
  const object = await compileText(path.basename(name), `${body}\n`, flags);
  copyFileSync(object, path.join(path.dirname(file), path.basename(object)));
}

/**
 * Does all that a case says with one linker, in a folder of its own.
 *
 * @param {Case} testCase
 * @param {Linker} linker
 * @param {string} folder
 * @returns {Promise<Map<Step, StepResult>>}
 */
async function perform(testCase, linker, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  /** @type {Map<Step, StepResult>} */
  const results = new Map();
  for (const action of testCase.actions) {
    if (!isStep(action)) {
      await makeInput(action, folder);
      continue;
    }
    const args = action.args.map((arg) => arg.replace('$WASI', wasiLib).replace('$BUILTINS', builtins));
    const link = linker === reference ? linkAsReference : linker.link;
    const outcome = await link(args, { cwd: folder, as: action.as });
    const file = path.join(folder, action.output);
    results.set(action, { ...outcome, output: existsSync(file) ? readFileSync(file) : undefined, folder });
  }
  return results;
}

/**
 * What an expectation block should say, given what happened.
 *
 * @param {Block} block
 * @param {Step} step
 * @param {StepResult} result
 * @returns {Promise<string>}
 */
async function actualBody(block, step, result) {
  const [, what, rest = ''] = /^expect (\S+)\s*(.*)$/.exec(block.header) ?? [];
  if (what === 'stderr' || what === 'stdout') return result[what].trimEnd();
  if (what === 'file') return readFileSync(path.join(result.folder, rest), 'utf8').trimEnd();
  if (!result.output) throw new Error(`line ${block.line}: there is no output`);
  const file = path.join(result.folder, step.output);
  const module = new Module(result.output);
  if (what === 'run') {
    const calls = block.body.split('\n').filter((line) => /^\S/.test(line));
    return (
      await runExports(
        result.output,
        calls.map((line) => line.replace(/ (= |traps: ).*/, '')),
      )
    ).join('\n');
  }
  if (what === 'wasi') {
    const outcome = await runWasi(file, { args: splitArguments(rest) });
    return `${outcome.stdout}${outcome.stderr}${outcome.code === 0 ? '' : `exit code ${outcome.code}`}`.trimEnd();
  }
  if (what === 'code') return (await disassemble(file, rest)).join('\n');
  if (what === 'custom')
    return Buffer.from(module.payload(rest) ?? 'none')
      .toString('latin1')
      .replaceAll('\0', '\\00')
      .trimEnd();
  /** @type {string[]} */
  let lines;
  let filter = rest;
  if (what === 'dwarf') {
    const dump = await runOrThrow('llvm-dwarfdump-19', ['--debug-info', '--debug-line', file]);
    lines = dump.stdout.split('\n').map((line) => line.trim().replace(/^0x\w{8}: +/, ''));
  } else if (what === 'symbols') {
    const dump = await runOrThrow('llvm-objdump-19', ['-t', file]);
    lines = dump.stdout.split('\n').slice(4);
  } else if (parts[what]) lines = parts[what](module);
  else throw new Error(`line ${block.line}: what is "${block.header}"?`);
  if (filter) {
    const pattern = /^\/(.*)\/$/.exec(filter);
    if (!pattern) throw new Error(`line ${block.line}: a filter is written as /pattern/`);
    lines = lines.filter((line) => new RegExp(pattern[1]).test(line));
  }
  return lines.join('\n').trimEnd();
}

/**
 * The instructions of a function, by its name in the name section.
 *
 * @param {string} file
 * @param {string} name
 */
async function disassemble(file, name) {
  const { stdout } = await runOrThrow('wasm-objdump', ['-d', file]);
  const [, body] =
    stdout
      .split(/^[0-9a-f]+ func/m)
      .map((text) => text.split(/:\n/, 2))
      .find(([head]) => head.endsWith(`<${name}>`)) ?? [];
  if (!body) throw new Error(`there is no function ${name}`);
  return body.split('\n').flatMap((line) => line.match(/\| (.*)/)?.[1] ?? []);
}

/**
 * Checks one link of one form of weld.
 *
 * @param {Step} step
 * @param {StepResult} result
 */
async function checkStep(step, result) {
  const { fails, block } = step;
  const where = `line ${block.line}: ${block.header}`;
  if (fails) {
    assert.equal(result.code, 1, `${where}\nshould have failed\n${result.stderr}`);
    if (!step.expectations.some(({ header }) => header === 'expect stderr')) {
      assert.fail(`${where}\na link that fails needs an \`expect stderr\``);
    }
  } else {
    assert.equal(result.code, 0, `${where}\nfailed\n${result.stderr}`);
    assert.ok(result.output, `${where}\nwrote no output`);
    assert.equal(await validate(result.output), '', `${where}\nwrote an invalid module`);
  }
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    if (step.expectations.some(({ header }) => header === `expect ${name}`)) continue;
    assert.equal(result[name], '', `${where}\nan unexpected ${name}`);
  }
  for (const expectation of step.expectations) {
    const body = await actualBody(expectation, step, result);
    if (update) expectation.body = body;
    else assert.equal(body, expectation.body, `line ${expectation.line}: ${expectation.header}`);
  }
}

/**
 * @param {StepResult} one
 * @param {StepResult} two
 * @returns {string} empty when they are the same
 */
function difference(one, two) {
  for (const what of /** @type {const} */ (['code', 'stderr', 'stdout'])) {
    if (one[what] !== two[what]) return `${what}:\n  - ${one[what]}\n  + ${two[what]}`;
  }
  if (!one.output !== !two.output) return one.output ? 'there is no output' : 'there is an output, none was expected';
  return one.output && two.output ? explainDifference(one.output, two.output) : '';
}

/** @param {Case} testCase */
async function checkCase(testCase) {
  const name = path.basename(testCase.file, '.test');
  /** @param {Linker} linker */
  const performWith = (linker) => perform(testCase, linker, path.join(scratchDir, 'cases', name, linker.name));
  const steps = testCase.actions.filter(isStep);
  const compared = steps.filter(({ as }) => as === 'wasm-ld');
  const referenceResults = compared.length ? await performWith(reference) : new Map();
  const nativeResults = await performWith(welds[0]);

  for (const step of steps) {
    const result = /** @type {StepResult} */ (nativeResults.get(step));
    await checkStep(step, result);
    if (step.as === 'weld') continue;
    const told = difference(referenceResults.get(step), result);
    const where = `line ${step.block.line}: ${step.block.header}`;
    if (step.differs) assert.notEqual(told, '', `${where}\nis the same as wasm-ld's, against what the case says`);
    else assert.equal(told, '', `${where}\nwasm-ld (-) and ${welds[0].name} (+) differ:\n${told}`);
  }
  for (const weld of welds.slice(1)) {
    const results = await performWith(weld);
    for (const step of steps) {
      const [one, two] = [nativeResults.get(step), results.get(step)];
      const told = difference(/** @type {StepResult} */ (one), /** @type {StepResult} */ (two));
      assert.equal(told, '', `line ${step.block.line}: ${welds[0].name} (-) and ${weld.name} (+) differ:\n${told}`);
    }
  }
  if (update) writeCase(testCase);
}

const names = readdirSync(casesDir)
  .filter((name) => name.endsWith('.test'))
  .map((name) => path.basename(name, '.test'));
checkNames('case', names, wanted);
describe('cases', { concurrency: 2 }, () => {
  for (const name of wanted.length ? wanted : names.sort())
    test(name, async () => checkCase(readCase(path.join(casesDir, `${name}.test`))));
});
