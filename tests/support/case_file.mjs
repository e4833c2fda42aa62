// @ts-check
// The text format of a case: see tests/README.md.
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * @typedef {object} Block
 * @property {string} header what follows `--- ` on the block's first line
 * @property {string} body without blank lines at its end
 * @property {number} line where it begins
 *
 * @typedef {object} Step one `--- link` and what is said about it
 * @property {Block} block
 * @property {string[]} args
 * @property {boolean} fails
 * @property {'wasm-ld' | 'weld'} as
 * @property {string} output the output file's name
 * @property {Set<string>} differs the releases of wasm-ld whose result is another one
 * @property {Block[]} expectations
 * @property {Block[]} asked what releases of wasm-ld do with the same arguments
 *
 * @typedef {object} Case
 * @property {string} file
 * @property {string} comment
 * @property {Block[]} inputs the blocks before and between the links that make or delete files, in order
 * @property {(Block | Step)[]} actions inputs and steps in order
 * @property {Block[]} blocks
 */

/**
 * @param {string} file
 * @returns {Case}
 */
export function readCase(file) {
  /** @type {Block[]} */
  const blocks = [];
  /** @type {string[]} */
  const comment = [];
  readFileSync(file, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      const last = blocks[blocks.length - 1];
      if (line.startsWith('--- ')) blocks.push({ header: line.slice(4).trim(), body: '', line: index + 1 });
      else if (last) last.body += `${line}\n`;
      else comment.push(line);
    });
  for (const block of blocks) block.body = block.body.replace(/\s+$/, '');
  const text = comment.join('\n').trimEnd();
  if (!/^# \S/.test(text)) throw new Error('a case begins with a comment on what it is about');

  /** @type {(Block | Step)[]} */
  const actions = [];
  for (const block of blocks) {
    const [word, ...rest] = block.header.split(/\s+/);
    if (word === 'link') actions.push(readStep(block));
    else if (['expect', 'differs-from', 'wasm-ld-19', 'wasm-ld-22'].includes(word)) {
      const step = actions.filter(isStep).at(-1);
      if (!step) throw new Error(`line ${block.line}: ${word} comes before the first link`);
      if (word === 'expect') step.expectations.push(block);
      else if (word !== 'differs-from') step.asked.push(block);
      else {
        const [, whom] = /^differs-from (wasm-ld|wasm-ld-19|wasm-ld-22): \S/.exec(block.header) ?? [];
        if (!whom) throw new Error(`line ${block.line}: write "differs-from wasm-ld: the reason"`);
        for (const one of whom === 'wasm-ld' ? ['wasm-ld-19', 'wasm-ld-22'] : [whom]) step.differs.add(one);
      }
    } else actions.push(block);
  }
  if (!actions.some(isStep)) throw new Error('there is no link');
  return { file, comment: text, inputs: blocks, actions, blocks };
}

/**
 * @param {Block | Step} action
 * @returns {action is Step}
 */
export function isStep(action) {
  return 'expectations' in action;
}

/**
 * @param {Block} block
 * @returns {Step}
 */
function readStep(block) {
  let rest = block.header.slice('link'.length).trim();
  /** @type {Step} */
  const step = {
    ...{ block, args: [], fails: false, as: 'wasm-ld', output: 'a.out' },
    ...{ differs: new Set(), expectations: [], asked: [] },
  };
  if (/^fails\b/.test(rest)) {
    step.fails = true;
    rest = rest.slice('fails'.length).trim();
  }
  if (/^as weld\b/.test(rest)) {
    step.as = 'weld';
    rest = rest.slice('as weld'.length).trim();
  }
  step.args = splitArguments(rest);
  const o = step.args.indexOf('-o');
  if (o >= 0) step.output = step.args[o + 1];
  return step;
}

/**
 * Splits at blanks; single quotes keep blanks.
 *
 * @param {string} text
 */
export function splitArguments(text) {
  return (text.match(/(?:'[^']*'|\S)+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

/** @param {Case} testCase */
export function writeCase(testCase) {
  const blocks = testCase.blocks.map(({ header, body }) => (body ? `--- ${header}\n${body}\n` : `--- ${header}\n`));
  const text = [testCase.comment, ...joinBlocks(blocks)].join('\n\n') + '\n';
  if (text !== readFileSync(testCase.file, 'utf8')) writeFileSync(testCase.file, text);
}

/**
 * One blank line between blocks; none between blocks that have no body.
 *
 * @param {string[]} blocks
 */
function joinBlocks(blocks) {
  /** @type {string[]} */
  const joined = [];
  let previousHasBody = true;
  for (const block of blocks) {
    const hasBody = block.split('\n').length > 2;
    if (previousHasBody) joined.push(block.trimEnd());
    else joined[joined.length - 1] += `\n${block.trimEnd()}`;
    previousHasBody = hasBody;
  }
  return joined;
}
