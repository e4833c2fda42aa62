// Words of the language, and where its functions and variables begin and end.

/**
 * @typedef {{kind: 'name' | 'number' | 'char' | 'string' | 'mark' | 'bad' | 'end', text: string, at: number}} Token
 * `at`: where it begins in the source.
 * @typedef {{name: Token | undefined, tokens: Token[], text: string, at: number, end: number}} Item
 * A function, an `extern` declaration or a variable of the program: all that the source has of it.
 */

/** Something that is wrong with a program, from here to there. */
export class Wrong extends Error {
  /** @param {string} message @param {number} from @param {number} [to] */
  constructor(message, from, to = from + 1) {
    super(message);
    this.from = from;
    this.to = to;
  }
}

const word =
  /\s+|\/\/[^\n]*|([A-Za-z_]\w*)|(\d+)|('(?:[^'\\\n]|\\.)')|("(?:[^"\\\n]|\\.)*")|(\.\.|&&|\|\||[=!<>]=|[-+*/%<>=!()[\]{},;:])|("[^\n]*|[^])/gu;
/** What an item begins with. */
export const heads = '`fn`, `extern fn` or `let`';
const kinds = /** @type {const} */ (['name', 'number', 'char', 'string', 'mark', 'bad']);

/** @param {string} source @returns {Token[]} */
export function tokenize(source) {
  /** @type {Token[]} */
  const tokens = [];
  for (const match of source.matchAll(word)) {
    for (let i = 0; i < kinds.length; i++) {
      const text = match[i + 1];
      if (text !== undefined) tokens.push({ kind: kinds[i], text, at: match.index });
    }
  }
  return tokens;
}

/**
 * Functions do not nest, so each `fn` begins one, even when a brace before it is missing: a mistake spoils one function. A `let`
 * outside of braces is a variable of the program.
 * @param {string} source @param {Wrong[]} errors
 */
export function splitItems(source, errors) {
  const tokens = tokenize(source);
  /** @type {Item[]} */
  const items = [];
  let i = 0;
  let depth = 0; // of braces
  const begins = () => {
    const { text } = tokens[i];
    return text === 'extern' || (text === 'fn' && tokens[i - 1]?.text !== 'extern') || (text === 'let' && depth <= 0);
  };
  while (i < tokens.length) {
    const first = i;
    depth = 0;
    const stray = !begins();
    do {
      const { text } = tokens[i++];
      depth += Number(text === '{') - Number(text === '}');
    } while (i < tokens.length && !begins());
    const own = tokens.slice(first, i);
    const { at } = own[0];
    const last = own[own.length - 1];
    const end = last.at + last.text.length;
    if (stray) {
      errors.push(new Wrong(`expected ${heads}, found \`${own[0].text}\``, at, at + own[0].text.length));
      continue;
    }
    const name = own.find(({ text }) => text !== 'fn' && text !== 'extern' && text !== 'let');
    items.push({ name, tokens: own, text: source.slice(at, end), at, end });
  }
  return items;
}

/** The lines of a source. */
export class Lines {
  /** @type {number[]} Where each begins. */
  #begins = [0];

  /** @param {string} source */
  constructor(source) {
    for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) this.#begins.push(at + 1);
  }

  /** Line and column of a place, both from 1. @param {number} at */
  find(at) {
    let [low, high] = [0, this.#begins.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#begins[middle] <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - this.#begins[low] + 1 };
  }

  /** Where in the source a line and column are. @param {number} line @param {number} column */
  place(line, column) {
    return (this.#begins[line - 1] ?? 0) + Math.max(column, 1) - 1;
  }
}

/** Line and column of a place, both from 1. @param {string} source @param {number} at */
export function lineAndColumn(source, at) {
  return new Lines(source).find(at);
}
