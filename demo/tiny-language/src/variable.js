// A variable of the program: the bytes of its first value, and where addresses go in them.
import { named, Reader, Strings } from './reader.js';
import { heads } from './syntax.js';

/**
 * @typedef {import('./syntax.js').Item} Item
 * @typedef {import('./reader.js').Header} Header
 * @typedef {import('./reader.js').Type} Type
 * @typedef {import('wasm-weld').UnitSymbol} UnitSymbol
 * @typedef {import('wasm-weld').Fixup} Fixup
 */

/** The data of a variable: its value, or the length of an array and its elements. */
export class VariableCompiler extends Reader {
  /** @type {number[]} */
  #words = [];
  /** @type {Fixup[]} Where the addresses of strings go. */
  fixups = [];
  strings = new Strings();

  /** @param {Item} item @param {Header} header @param {number} body @param {UnitSymbol} strings */
  constructor(item, header, body, strings) {
    super(item);
    this.header = header;
    this.index = body;
    this.stringsSymbol = strings;
  }

  compile() {
    const { result } = this.header;
    if (this.accept('[')) {
      this.#words.push(0);
      do this.#element(result === '[str]' ? 'str' : 'int');
      while (this.accept(','));
      this.expect(']');
      this.#words[0] = this.#words.length - 1;
    } else {
      this.#element(result);
    }
    this.expect(';');
    if (this.token.kind !== 'end') this.expected(heads);
  }

  get bytes() {
    return new Uint8Array(Int32Array.from(this.#words).buffer);
  }

  /** @param {Type} type */
  #element(type) {
    const { token } = this;
    const isNegative = this.accept('-');
    const { kind } = this.token;
    const found = kind === 'string' ? 'str' : kind === 'number' || kind === 'char' ? 'int' : undefined;
    if (!found || (isNegative && kind !== 'number')) this.expected('a number or a string');
    if (found !== type) this.fail(token, `this is ${named[found]}, not ${named[type]}`);
    if (kind === 'number') this.#words.push(isNegative ? -this.number() : this.number());
    else {
      const text = this.unescape(this.next());
      if (kind === 'string')
        this.fixups.push({
          offset: 4 * this.#words.length,
          data: this.stringsSymbol,
          addend: this.strings.place(text),
        });
      this.#words.push(kind === 'char' ? (text.codePointAt(0) ?? 0) : 0);
    }
  }
}
