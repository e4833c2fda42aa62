// @ts-check
// Where weld differs from wasm-ld, the documentation says so, and a case asks both.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { isStep, readCase } from './case_file.mjs';
import { rootDir, testsDir } from './paths.mjs';

/** @type {Map<string, import('./case_file.mjs').Case>} */
const cases = new Map();
for (const folder of ['cases', 'strangers'])
  for (const file of readdirSync(path.join(testsDir, folder)).filter((name) => name.endsWith('.test')))
    cases.set(path.basename(file, '.test'), readCase(path.join(testsDir, folder, file)));

/** @typedef {import('./case_file.mjs').Step} Step */

/** @param {string} name @returns {Step[]} none if there is no such case */
const stepsOf = (name) => cases.get(name)?.actions.filter(isStep) ?? [];

/**
 * What a link must give according to its case, by the words that say so: outcome, stderr, and what it expects.
 *
 * @param {Step} step
 */
function resultsOf({ fails, expectations }) {
  const results = new Map([
    ['outcome', fails ? 'fails' : 'links'],
    ['stderr', ''],
  ]);
  for (const { header, body } of expectations) results.set(wordsOf(header), body);
  return results;
}

/** @param {string} header such as `wasm-ld-22 exports /f/` */
const wordsOf = (header) => header.replace(/^\S+ /, '');

/**
 * What a release of wasm-ld is asked about a link.
 *
 * @param {Step} step
 * @param {string} release
 */
const askedOf = (step, release) => step.asked.filter(({ header }) => header.startsWith(`${release} `));

/**
 * What a case says that a release of wasm-ld makes of a link. A link that is not made `as weld` is compared with each
 * release, and the result is the same one unless the case says otherwise.
 *
 * @param {Step} step
 * @param {'wasm-ld-19' | 'wasm-ld-22'} release
 * @returns {'the same' | 'something else' | 'not asked'}
 */
function answerOf(step, release) {
  if (step.differs.has(release)) return 'something else';
  const asked = askedOf(step, release);
  if (!asked.length) return step.as === 'weld' ? 'not asked' : 'the same';
  const results = resultsOf(step);
  return asked.every(({ header, body }) => results.get(wordsOf(header)) === body) ? 'the same' : 'something else';
}

/** The links of which a case says that wasm-ld 19 makes something else than weld. @param {string} name */
const differingSteps = (name) => stepsOf(name).filter((step) => answerOf(step, 'wasm-ld-19') === 'something else');

/**
 * The part of a document under a heading.
 *
 * @param {string} file
 * @param {string} heading
 */
function part(file, heading) {
  const [, text] = readFileSync(path.join(rootDir, file), 'utf8').split(`\n## ${heading}\n`);
  assert.ok(text, `${file} has no part "${heading}"`);
  return text.split('\n## ')[0];
}

/**
 * The rows of the table under a heading, each as its cells.
 *
 * @param {string} heading
 */
const tableOf = (heading) =>
  part('core/link/README.md', heading)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));

const rows = tableOf('Where weld differs from wasm-ld 19');
const rows23 = tableOf('LLD 23');
// What the command line does has a list of its own. Not all of it can be asked in a case.
const list = part('core/tool/README.md', 'Where it differs from wasm-ld 19')
  .split(/^- /m)
  .slice(1)
  .map((item) => item.replaceAll(/\s+/g, ' '));

/** @param {string} text */
const namesIn = (text) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name);

/**
 * That cases ask wasm-ld 19 and wasm-ld 22 about what a document says, and that it says "as LLD 22" where they show it.
 *
 * @param {string} text
 * @param {string[]} names
 */
function checkDifference(text, names) {
  for (const name of names) {
    const steps = differingSteps(name);
    assert.ok(steps.length, `no case ${name} asks wasm-ld 19`);
    for (const step of steps)
      assert.notEqual(
        answerOf(step, 'wasm-ld-22'),
        'not asked',
        `${name}, line ${step.block.line}: wasm-ld 22 is not asked`,
      );
  }
  const answers = names.flatMap(differingSteps).map((step) => answerOf(step, 'wasm-ld-22'));
  const claims = text.match(/\bas LLD 22\b/g)?.length ?? 0;
  if (claims) assert.ok(answers.includes('the same'), 'in no link is wasm-ld 22 the same as weld, and not wasm-ld 19');
  else assert.ok(!answers.includes('the same'), 'wasm-ld 22 is the same as weld: the row should say "as LLD 22"');
  const mentions = text.match(/\bLLD 22\b/g)?.length ?? 0;
  if (claims && mentions === claims)
    assert.ok(!answers.includes('something else'), 'the row says nothing of what wasm-ld 22 does in another way');
}

/** What makes two links the same but for the linker's name and the output's. @param {Step} step */
const linkOf = ({ args }) =>
  args.filter((arg, i) => arg !== '-o' && args[i - 1] !== '-o' && !arg.startsWith('--compat=')).join(' ');

/** @param {Step} step */
const compatOf = ({ as, args }) =>
  args.find((arg) => arg.startsWith('--compat='))?.slice('--compat='.length) ?? (as === 'weld' ? 'weld' : 'wasm-ld');

/**
 * What a case shows of a difference between wasm-ld 22 and LLD 23: whose result weld has under its own name, and whether
 * it has that of LLD 23 as lld-22 too.
 *
 * @param {string} name
 */
function shownOf23(name) {
  const steps = stepsOf(name);
  return steps
    .filter((step) => compatOf(step) === 'weld')
    .flatMap((own) => {
      const same = steps.filter((step) => linkOf(step) === linkOf(own));
      const [as22, as23] = ['lld-22', 'lld-23'].map((compat) => same.find((step) => compatOf(step) === compat));
      return askedOf(own, 'wasm-ld-22').flatMap(({ header, body }) => {
        const [result, result22, result23] = [own, as22, as23].map(
          (step) => step && resultsOf(step).get(wordsOf(header)),
        );
        if (result23 === undefined || result23 === body) return [];
        return [{ own: result === body ? 22 : result === result23 ? 23 : 0, always: result22 === result23 }];
      });
    });
}

describe('the differences from wasm-ld', () => {
  test('the tables are read', () => {
    assert.ok(rows.length > 30 && rows.every((row) => row.length === 5));
    assert.ok(rows23.length > 10 && rows23.every((row) => row.length === 6));
    assert.ok(list.length > 5);
  });
  for (const [, theirs, ours, named] of rows)
    test(theirs, () => {
      const names = namesIn(named);
      assert.ok(names.length, 'the row names no case');
      checkDifference(ours, names);
    });
  for (const item of list) {
    const names = namesIn(item).filter((name) => cases.has(name));
    if (names.length) test(item, () => checkDifference(item, names));
  }
  test('every case that asks wasm-ld is named', () => {
    const named = new Set([...rows.flatMap((row) => namesIn(row[3])), ...list.flatMap(namesIn)]);
    for (const name of cases.keys())
      if (differingSteps(name).length) assert.ok(named.has(name), `no document names ${name}`);
  });
});

describe('what LLD 23 changes', () => {
  for (const [, theirs, , ours, named] of rows23)
    test(theirs, () => {
      const names = namesIn(named);
      assert.ok(names.length, 'the row names no case');
      for (const name of names)
        assert.ok(
          stepsOf(name).some((step) => compatOf(step) === 'lld-23'),
          `no case ${name} links with --compat=lld-23`,
        );
      const release = Number(/^as LLD (22|23)\b/.exec(ours)?.[1]);
      assert.ok(release, 'the third column begins with "as LLD 22" or "as LLD 23"');
      const shown = names.flatMap(shownOf23).filter(({ own }) => own === release);
      assert.ok(shown.length, `no case shows that weld does as LLD ${release}, and that the other release does not`);
      if (/under every name/.test(ours))
        assert.ok(
          shown.some(({ always }) => always),
          'no case shows it with --compat=lld-22',
        );
    });
  test('every case of LLD 23 is named', () => {
    const named = new Set(rows23.flatMap((row) => namesIn(row[4])));
    for (const name of cases.keys()) if (name.startsWith('lld_23_')) assert.ok(named.has(name), `no row names ${name}`);
  });
});
