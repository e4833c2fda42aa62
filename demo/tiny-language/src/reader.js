// What reads an item: its words, its head, its strings. All values are 32 bits wide: numbers, addresses of strings
// that end in a zero, as C has them, and addresses of arrays, which begin with their length. The variables of the program
// are data.
import { heads, Wrong } from './syntax.js';

/**
 * @typedef {import('./syntax.js').Item} Item
 * @typedef {import('./syntax.js').Token} Token
 * @typedef {import('wasm-weld').UnitSymbol} UnitSymbol
 * @typedef {'int' | 'str' | '[int]' | '[str]' | 'none'} Type
 * @typedef {{name: string, at: number, isExtern: boolean, isData: boolean, params: {name: Token, type: Type}[], result: Type, key: string}} Header
 * `key`: the name with the types, as in `greet(str, int): int`. A variable of the program (`isData`) has its type as `result`.
 * @typedef {{header: Header, symbol: UnitSymbol}} Named
 */

const reserved = new Set([
  'fn',
  'extern',
  'let',
  'if',
  'else',
  'while',
  'for',
  'in',
  'return',
  'break',
  'continue',
  'len',
  'print',
  'write',
]);
/** @type {Record<Type, string>} */
export const named = {
  int: 'a number',
  str: 'a string',
  '[int]': 'an array of numbers',
  '[str]': 'an array of strings',
  none: 'nothing',
};
/** @type {Record<string, string>} */
const escapes = { n: '\n', t: '\t', '\\': '\\', '"': '"', "'": "'" };

/** @param {Type} type @returns {type is '[int]' | '[str]'} */
export const isArray = (type) => type === '[int]' || type === '[str]';

export class Reader {
  /** @param {Item} item */
  constructor(item) {
    this.tokens = item.tokens;
    this.index = 0;
    this.whole = item.tokens[0]?.text === 'let' ? 'variable' : 'function';
    /** @type {Token} */
    this.last = { kind: 'end', text: '', at: item.end };
  }
  get token() {
    return this.tokens[this.index] ?? this.last;
  }
  /** @param {Token} token @param {string} message @returns {never} */
  fail(token, message) {
    throw new Wrong(message, token.at, token.at + Math.max(token.text.length, 1));
  }
  /** @param {string} what @returns {never} */
  expected(what) {
    const { token } = this;
    if (token.kind === 'bad')
      this.fail(token, token.text[0] === '"' ? 'this string has no end' : `\`${token.text}\` means nothing here`);
    this.fail(
      token,
      `expected ${what}, found ${token.kind === 'end' ? `the end of the ${this.whole}` : `\`${token.text}\``}`,
    );
  }
  next() {
    const { token } = this;
    if (token.kind !== 'end') this.index++;
    return token;
  }
  /** @param {string} text */
  accept(text) {
    if (this.token.text !== text || this.token.kind === 'string') return false;
    this.index++;
    return true;
  }
  /** @param {string} text */
  expect(text) {
    return this.token.text === text ? this.next() : this.expected(`\`${text}\``);
  }
  name(what = 'a name') {
    if (this.token.kind !== 'name' || reserved.has(this.token.text)) this.expected(what);
    return this.next();
  }
  /** @returns {Type} */
  type() {
    const opens = this.accept('[');
    const { text } = this.token;
    if (text !== 'int' && text !== 'str') this.expected('`int` or `str`');
    this.next();
    if (!opens) return text;
    this.expect(']');
    return `[${text}]`;
  }

  /** A number, as it is written. */
  number() {
    const token = this.next();
    const value = Number(token.text);
    if (value > 0x7fffffff) this.fail(token, 'numbers end at 2147483647');
    return value;
  }

  /** @param {Token} token */
  unescape(token) {
    return token.text.slice(1, -1).replace(/\\(.)/gu, (_, letter) => {
      const text = escapes[letter];
      return text ?? this.fail(token, `\`\\${letter}\` means nothing`);
    });
  }
}

/** The strings of an item: each once, with a zero at its end. */
export class Strings {
  /** @type {number[]} */
  bytes = [];
  /** @type {Map<string, number>} */
  #at = new Map();

  /** Where a string is. @param {string} text */
  place(text) {
    let at = this.#at.get(text);
    if (at === undefined) {
      at = this.bytes.length;
      this.bytes.push(...new TextEncoder().encode(text), 0);
      this.#at.set(text, at);
    }
    return at;
  }
}

/** The head of an item, and where its body begins. @param {Item} item */
export function parseHeader(item) {
  const reader = new Reader(item);
  if (reader.accept('let')) return parseVariableHeader(reader);
  const isExtern = reader.accept('extern');
  reader.expect('fn');
  const name = reader.name('the name of the function');
  reader.expect('(');
  /** @type {Header['params']} */
  const params = [];
  while (!reader.accept(')')) {
    if (params.length > 0) reader.expect(',');
    const param = reader.name('a parameter');
    reader.expect(':');
    params.push({ name: param, type: reader.type() });
  }
  /** @type {Type} */
  const result = reader.accept(':') ? reader.type() : 'none';
  if (isExtern) {
    reader.expect(';');
    if (reader.token.kind !== 'end') reader.expected(heads);
  }
  const key = `${name.text}(${params.map(({ type }) => type).join(', ')})${result === 'none' ? '' : `: ${result}`}`;
  /** @type {Header} */
  const header = { name: name.text, at: name.at, isExtern, isData: false, params, result, key };
  return { header, body: reader.index };
}

/** The type of a variable is that of its first value. @param {Reader} reader */
function parseVariableHeader(reader) {
  const name = reader.name('the name of the variable');
  reader.expect('=');
  const body = reader.index;
  const opens = reader.accept('[');
  const element = reader.token.kind === 'string' ? 'str' : 'int';
  /** @type {Type} */
  const result = opens ? `[${element}]` : element;
  /** @type {Header} */
  const header = {
    name: name.text,
    at: name.at,
    isExtern: false,
    isData: true,
    params: [],
    result,
    key: `${name.text}: ${result}`,
  };
  return { header, body };
}
