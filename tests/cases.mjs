// @ts-check
// Runs the text cases of tests/cases and tests/strangers (see tests/README.md for their format):
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
import { linkAsReference, references, welds } from './support/linkers.mjs';
import { checkNames } from './support/names.mjs';
import { scratchDir, testsDir } from './support/paths.mjs';
import { runOrThrow } from './support/processes.mjs';
import { runExports } from './support/run_exports.mjs';
import { runWasi } from './support/run_wasi.mjs';
import { archive, builtins, compileText, isSource, missing22, wasiLib } from './support/toolchain.mjs';
import { validate } from './support/validate.mjs';
import { Module, parts, relocationsOf } from './support/wasm_module.mjs';

/**
 * @typedef {import('./support/case_file.mjs').Case} Case
 * @typedef {import('./support/case_file.mjs').Step} Step
 * @typedef {import('./support/case_file.mjs').Block} Block
 * @typedef {import('./support/linkers.mjs').CalledAs} CalledAs
 * @typedef {import('./support/linkers.mjs').Linker} Linker
 * @typedef {import('./support/linkers.mjs').Reference} Reference
 *
 * @typedef {object} StepResult
 * @property {number | string} code
 * @property {string} stdout
 * @property {string} stderr
 * @property {Buffer | undefined} output
 * @property {string} folder
 */

const casesDir = path.join(testsDir, 'cases'); // bytes include what is there
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
 * @param {string} folder
 * @param {(step: Step, args: string[], cwd: string) => Promise<import('./support/processes.mjs').Outcome>} link
 * @returns {Promise<Map<Step, StepResult>>}
 */
async function perform(testCase, folder, link) {
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
    const outcome = await link(action, args, folder);
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
  const [, what, rest = ''] = /^\S+ (\S+)\s*(.*)$/.exec(block.header) ?? [];
  if (what === 'outcome') return outcomeOf(result);
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
  if (what === 'relocations') return relocationsOf(module, rest).join('\n');
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

/** @param {StepResult} result */
async function outcomeOf({ code, output }) {
  if (typeof code === 'string' || code > 1) return 'crashes';
  if (code === 1) return 'fails';
  return output && (await validate(output)) ? 'an invalid module' : 'links';
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
 * @param {Map<Step, StepResult>} results
 * @param {Step} step
 */
const resultOf = (results, step) => /** @type {StepResult} */ (results.get(step));

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

/**
 * Compares weld, under the name of a release of wasm-ld, with that release.
 *
 * @param {Case} testCase
 * @param {Reference} reference
 * @param {Map<Step, StepResult>} weldResults
 * @param {string} folder
 */
async function compareWith(testCase, reference, weldResults, folder) {
  const expected = await perform(testCase, folder, (step, args, cwd) => linkAsReference(reference, args, { cwd }));
  for (const step of testCase.actions.filter(isStep)) {
    await checkAsked(reference, step, resultOf(expected, step), resultOf(weldResults, step));
    if (step.as === 'weld') continue;
    const told = difference(resultOf(expected, step), resultOf(weldResults, step));
    const where = `line ${step.block.line}: ${step.block.header}`;
    if (step.differs.has(reference.name))
      assert.notEqual(told, '', `${where}\nis the same as ${reference.name}'s, against what the case says`);
    else assert.equal(told, '', `${where}\n${reference.name} (-) and ${welds[0].name} (+) differ:\n${told}`);
  }
}

/**
 * Checks what a case says of a release of wasm-ld. Nothing that is said of wasm-ld 19 may be true of weld as well: of
 * later releases it may.
 *
 * @param {Reference} reference
 * @param {Step} step
 * @param {StepResult} result
 * @param {StepResult} weldResult
 */
async function checkAsked(reference, step, result, weldResult) {
  for (const block of step.asked.filter(({ header }) => header.startsWith(`${reference.name} `))) {
    const where = `line ${block.line}: ${block.header}`;
    const body = await actualBody(block, step, result);
    if (update) block.body = body;
    else assert.equal(body, block.body, where);
    if (reference === references[0])
      assert.notEqual(await actualBody(block, step, weldResult).catch(() => ''), body, `${where}\nweld does the same`);
  }
}

/** @param {Case} testCase */
async function checkCase(testCase) {
  const name = path.basename(testCase.file, '.test');
  /** @param {string} linker */
  const folderOf = (linker) => path.join(scratchDir, 'cases', name, linker);
  /** @param {Linker} linker @param {CalledAs} wasmLd what it is called where it is not called weld */
  const performWith = (linker, wasmLd) =>
    perform(testCase, folderOf(`${linker.name}-as-${wasmLd}`), (step, args, cwd) =>
      linker.link(args, { cwd, as: step.as === 'weld' ? 'weld' : wasmLd }),
    );
  const steps = testCase.actions.filter(isStep);
  const results = await performWith(welds[0], 'wasm-ld');
  for (const step of steps) await checkStep(step, resultOf(results, step));

  if (steps.some(({ as, asked }) => as === 'wasm-ld' || asked.length))
    for (const wasmLd of references) {
      const compared = wasmLd.as === 'wasm-ld' ? results : await performWith(welds[0], wasmLd.as);
      await compareWith(testCase, wasmLd, compared, folderOf(wasmLd.name));
    }
  for (const weld of welds.slice(1)) {
    const others = await performWith(weld, 'wasm-ld');
    for (const step of steps) {
      const told = difference(resultOf(results, step), resultOf(others, step));
      assert.equal(told, '', `line ${step.block.line}: ${welds[0].name} (-) and ${weld.name} (+) differ:\n${told}`);
    }
  }
  if (update) writeCase(testCase);
}

/** @type {Map<string, string>} */
const files = new Map();
for (const folder of [casesDir, path.join(testsDir, 'strangers')])
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.test')))
    files.set(path.basename(file, '.test'), path.join(folder, file));
checkNames('case', [...files.keys()], wanted);
describe('cases', { concurrency: 2 }, () => {
  if (missing22) test('compared with wasm-ld 22', { skip: missing22 }, () => {});
  for (const name of wanted.length ? wanted : [...files.keys()].sort())
    test(name, async () => checkCase(readCase(/** @type {string} */ (files.get(name)))));
});
