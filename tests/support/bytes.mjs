// @ts-check
// A small language for bytes, in which malformed inputs are written. See tests/README.md.
//
//   module                the 8 bytes that every module begins with
//   0a ff                 bytes in hexadecimal, two digits each
//   "text\00\n"           the bytes of a text
//   str("text")           its length as a LEB128 number, then its bytes
//   leb(5) sleb(-1)       LEB128 numbers, unsigned and signed, at their shortest
//   leb5(5) sleb5(-1)     the same, padded to 5 bytes
//   u32(5)                4 bytes, little-endian
//   size { ... }          the length of what is in the braces as a LEB128 number, then the bytes themselves
//   section(1) { ... }    the byte 1, then as `size`: sections, and the subsections of `linking`
//   custom("n") { ... }   section(0) { str("n") ... }
//   repeat(3) { ... }     the bytes three times
//   first(7) { ... }      only the first 7 of the bytes
//   include("file")       the bytes of another file in this language, found relative to this one
//   # ...                 a comment, to the end of the line
import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * @param {string} source
 * @param {string} folder to which the paths of `include` are relative
 * @returns {Buffer}
 */
export function assembleBytes(source, folder) {
  const words = source.replace(/("(?:[^"\\]|\\.)*")|#.*/g, '$1').match(/"(?:[^"\\]|\\.)*"|[{}()]|[^\s{}()"]+/g) ?? [];
  let at = 0;

  /** @param {string} word */
  function expect(word) {
    if (words[at] !== word) throw new Error(`expected ${word}, found ${words[at] ?? 'the end'}`);
    at++;
  }
  function argument() {
    expect('(');
    const word = words[at++];
    expect(')');
    return word;
  }
  function number() {
    const word = argument();
    if (!/^-?(0x[0-9a-f]+|\d+)$/i.test(word)) throw new Error(`${word} is not a number`);
    return word.startsWith('-') ? -BigInt(word.slice(1)) : BigInt(word);
  }
  function block() {
    expect('{');
    const bytes = sequence();
    expect('}');
    return bytes;
  }
  /** @returns {Buffer} */
  function sequence() {
    const pieces = [];
    while (at < words.length && words[at] !== '}') pieces.push(piece());
    return Buffer.concat(pieces);
  }
  /** @returns {Buffer} */
  function piece() {
    const word = words[at++];
    if (/^[0-9a-f]{2}$/i.test(word)) return Buffer.from(word, 'hex');
    if (word.startsWith('"')) return text(word);
    switch (word) {
      case 'module':
        return Buffer.from('0061736d01000000', 'hex');
      case 'str':
        return sized(text(argument()));
      case 'leb':
        return leb(number(), 1);
      case 'leb5':
        return leb(number(), 5);
      case 'sleb':
        return sleb(number(), 1);
      case 'sleb5':
        return sleb(number(), 5);
      case 'u32': {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32LE(Number(BigInt.asUintN(32, number())));
        return bytes;
      }
      case 'size':
        return sized(block());
      case 'section': {
        const id = Number(number());
        return Buffer.concat([Buffer.from([id]), sized(block())]);
      }
      case 'custom': {
        const name = sized(text(argument()));
        return Buffer.concat([Buffer.from([0]), sized(Buffer.concat([name, block()]))]);
      }
      case 'repeat': {
        const count = Number(number());
        const bytes = block();
        return Buffer.concat(Array.from({ length: count }, () => bytes));
      }
      case 'first': {
        const count = Number(number());
        const bytes = block();
        if (count >= bytes.length) throw new Error(`first(${count}) of ${bytes.length} bytes cuts nothing off`);
        return bytes.subarray(0, count);
      }
      case 'include': {
        const file = path.join(folder, text(argument()).toString());
        return assembleBytes(readFileSync(file, 'utf8'), path.dirname(file));
      }
      default:
        throw new Error(`what is ${word}?`);
    }
  }

  const bytes = sequence();
  if (at < words.length) throw new Error(`unexpected ${words[at]}`);
  return bytes;
}

/** @param {string} word with its quotes */
function text(word) {
  if (!word.startsWith('"')) throw new Error(`${word} is not a text in quotes`);
  const pieces = word.slice(1, -1).match(/\\[0-9a-f]{2}|\\.|[^\\]+/gi) ?? [];
  return Buffer.concat(
    pieces.map((piece) => {
      if (!piece.startsWith('\\')) return Buffer.from(piece);
      if (piece.length === 3) return Buffer.from(piece.slice(1), 'hex');
      return Buffer.from(piece === '\\n' ? '\n' : piece.slice(1));
    }),
  );
}

/** @param {Buffer} bytes */
function sized(bytes) {
  return Buffer.concat([leb(BigInt(bytes.length), 1), bytes]);
}

/**
 * @param {bigint} value
 * @param {number} width at least so many bytes
 */
function leb(value, width) {
  const bytes = [];
  do {
    bytes.push(Number(value & 0x7fn) | 0x80);
    value >>= 7n;
  } while (value !== 0n || bytes.length < width);
  bytes[bytes.length - 1] &= 0x7f;
  return Buffer.from(bytes);
}

/**
 * @param {bigint} value
 * @param {number} width at least so many bytes
 */
function sleb(value, width) {
  const bytes = [];
  for (;;) {
    const byte = Number(value & 0x7fn);
    value >>= 7n;
    const complete = value === (byte & 0x40 ? -1n : 0n);
    if (complete && bytes.length + 1 >= width) {
      bytes.push(byte);
      return Buffer.from(bytes);
    }
    bytes.push(byte | 0x80);
  }
}
