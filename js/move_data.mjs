// @ts-check
// Moves constant data that only the second module refers to out of the first one (split.mjs). The second module brings them
// when it is instantiated. A constant is moved when nothing in the first module can read it: no number in its code is an
// address of the constant, and neither is a word of a constant that stays.
//
// The link's map has the constants with their addresses and sizes. Addresses are numbers in code and in words of data, mostly
// of a constant's begin, and rarely of a place before it: an array whose first index is not 0.
const mostBefore = 64;

/** @typedef {{ id: number, bytes: Buffer }} Section without its head */
/** @typedef {{ begin: number, end: number, isText: boolean }} Constant */
/** @typedef {{ address: number, bytes: Buffer }} Segment */

/** The parts of a module's file. @param {Buffer} module */
function sectionsOf(module) {
  const reader = new Reader(module, 8);
  /** @type {Section[]} */
  const sections = [];
  while (!reader.isAtEnd) sections.push({ id: reader.byte(), bytes: reader.take(reader.number()) });
  return sections;
}

/** @param {Section[]} sections */
function moduleOf(sections) {
  const parts = sections.map(({ id, bytes }) => [Buffer.from([id]), leb(bytes.length), bytes]);
  return Buffer.concat([Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]), ...parts.flat()]);
}

/** Of a number that is not negative. @param {number} value */
function leb(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

/** Of the bits of an i32. @param {number} value */
function signedLeb(value) {
  const bytes = [];
  for (value |= 0; value < -64 || value > 63; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value & 127]);
}

class Reader {
  /** @param {Buffer} bytes */
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  get isAtEnd() {
    return this.at >= this.bytes.length;
  }
  byte() {
    return /** @type {number} */ (this.bytes[this.at++]);
  }
  /** @param {number} size */
  take(size) {
    return this.bytes.subarray(this.at, (this.at += size));
  }
  /** That has no sign. */
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }
  /** The bits of an i32. */
  word() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value |= (byte & 127) << shift;
      if (byte < 128) return (shift < 25 && byte & 64 ? value | (-1 << (shift + 7)) : value) >>> 0;
    }
  }
  /** With a sign. */
  signed() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return byte & 64 ? value | (-1n << (shift + 7n)) : value;
    }
  }
}

/**
 * Calls `tell` with every number in code that may be an address. Knows what Binaryen writes for the features in split.mjs.
 *
 * @param {Buffer} code
 * @param {(number: number) => void} tell
 */
function forEachNumber(code, tell) {
  const reader = new Reader(code);
  for (let functions = reader.number(); functions > 0; functions--) {
    const body = new Reader(reader.take(reader.number()));
    for (let locals = body.number(); locals > 0; locals--) body.number(), body.byte();
    while (!body.isAtEnd) {
      const op = body.byte();
      if (op >= 0x02 && op <= 0x04)
        body.signed(); // the type of a block
      else if (op === 0x0c || op === 0x0d || op === 0x10 || (op >= 0x20 && op <= 0x24)) body.number();
      else if (op === 0x0e) for (let labels = body.number(); labels >= 0; labels--) body.number();
      else if (op === 0x11) body.number(), body.number();
      else if (op >= 0x28 && op <= 0x3e) body.number(), tell(body.number());
      else if (op === 0x3f || op === 0x40) body.byte();
      else if (op === 0x41) tell(body.word());
      else if (op === 0x42) {
        const value = BigInt.asUintN(64, body.signed());
        tell(Number(value & 0xffffffffn)), tell(Number(value >> 32n));
      } else if (op === 0x43) body.take(4);
      else if (op === 0x44) body.take(8);
      else if (
        !(
          op <= 0x01 ||
          op === 0x05 ||
          op === 0x0b ||
          op === 0x0f ||
          op === 0x1a ||
          op === 0x1b ||
          (op >= 0x45 && op <= 0xc4)
        )
      )
        throw new Error(`move_data.mjs does not know the instruction 0x${op.toString(16)}`);
    }
  }
}

/** Active segments of memory 0 at constant addresses. @param {Section} section @returns {Segment[]} */
function segmentsOf({ bytes }) {
  const reader = new Reader(bytes);
  return Array.from({ length: reader.number() }, () => {
    if (reader.byte() !== 0 || reader.byte() !== 0x41) throw new Error('a segment is not at a constant address');
    const address = reader.word();
    if (reader.byte() !== 0x0b) throw new Error('a segment is not at a constant address');
    return { address, bytes: reader.take(reader.number()) };
  });
}

/** @param {Segment[]} segments @returns {Section} */
function dataSection(segments) {
  const parts = segments.map(({ address, bytes }) => {
    return [Buffer.from([0, 0x41]), signedLeb(address), Buffer.from([0x0b]), leb(bytes.length), bytes];
  });
  return { id: 11, bytes: Buffer.concat([leb(segments.length), ...parts.flat()]) };
}

/**
 * The constants by a link's map, in the order of their addresses. Strings that were merged are texts. `memory` begins at
 * the address `base`.
 *
 * @param {string} map
 * @param {Buffer} memory
 * @param {number} base
 * @returns {Constant[]}
 */
function constantsOf(map, memory, base) {
  // Address, offset in the file, size, and what is there: a segment, in it the parts of inputs, in them the symbols.
  const rows = map.split('\n').flatMap((line) => {
    const [, address, size, indent, name] = /^ *([\da-f]+) +[\da-f]+ +([\da-f]+)( +)(\S.*)$/.exec(line) ?? [];
    const level = { 1: 'segment', 9: 'part' }[indent?.length];
    return level ? [{ begin: Number.parseInt(address, 16), size: Number.parseInt(size, 16), level, name }] : [];
  });
  const first = rows.findIndex(({ level, name }) => level === 'segment' && name === '.rodata') + 1;
  const next = rows.findIndex(({ level }, i) => i >= first && level === 'segment');
  if (first === 0 || next < 0) throw new Error('the map of the link has no segment `.rodata`, or nothing behind it');
  return rows.slice(first, next).flatMap(({ begin, size, name }) => {
    const end = begin + size;
    if (!name.startsWith('<internal>:')) return [{ begin, end, isText: false }];
    const texts = [];
    for (let at = begin, zero; at < end; at = zero + 1) {
      zero = Math.min(memory.indexOf(0, at - base) + base, end - 1);
      if (zero < at) zero = end - 1; // zeros at the end of the memory are not there
      texts.push({ begin: at, end: zero + 1, isText: true });
    }
    return texts;
  });
}

/**
 * The two modules with the data moved. `map`: of the link that made the module which was divided into them.
 *
 * @param {Buffer} first
 * @param {Buffer} second
 * @param {string} map
 */
export function moveData(first, second, map) {
  const [sections, others] = [sectionsOf(first), sectionsOf(second)];
  /** @param {number} id */
  const section = (id) => {
    const found = sections.find((one) => one.id === id);
    if (!found) throw new Error(`the first module has no section ${id}`);
    return found;
  };
  if (others.some(({ id }) => id === 11)) throw new Error('the second module has data already');

  const segments = segmentsOf(section(11));
  const base = Math.min(...segments.map(({ address }) => address));
  const memory = Buffer.alloc(Math.max(...segments.map(({ address, bytes }) => address + bytes.length)) - base);
  for (const { address, bytes } of segments) memory.set(bytes, address - base);
  // Zeros at the end are in no segment.
  const constants = constantsOf(map, memory, base).filter(({ end }) => end <= base + memory.length);

  const staying = new Set();
  /** @type {Constant[]} */
  const found = [];
  const stay = (/** @type {Constant} */ constant) => {
    if (staying.has(constant)) return;
    staying.add(constant);
    found.push(constant);
  };
  const begins = constants.map(({ begin }) => begin);
  /** What the address is in, or is the end of, and what begins a little later. @param {number} address */
  const keep = (address, before = 0) => {
    let i = upperBound(begins, address + before) - 1;
    for (; i >= 0; i--) {
      const { begin, end, isText } = constants[i];
      if (end < address) break;
      if (isText ? address >= begin && address < end : address <= end) stay(constants[i]);
    }
  };
  forEachNumber(section(10).bytes, (number) => keep(number, mostBefore));
  for (let one = found.pop(); one; one = found.pop()) {
    const { begin, end, isText } = one;
    if (isText) continue;
    for (let at = (begin + 3) & ~3; at + 4 <= end; at += 4) keep(memory.readUInt32LE(at - base));
  }

  /** @type {{ begin: number, end: number }[]} */
  const moved = [];
  for (const { begin, end } of constants.filter((constant) => !staying.has(constant))) {
    const last = moved.at(-1);
    // What is between two is said again when that is shorter than another segment.
    if (last && begin - last.end < 8) last.end = end;
    else moved.push({ begin, end });
  }
  const brought = moved.map(({ begin, end }) => ({
    address: begin,
    bytes: Buffer.from(memory.subarray(begin - base, end - base)),
  }));
  for (const constant of constants)
    if (!staying.has(constant)) memory.fill(0, constant.begin - base, constant.end - base);

  sections[sections.indexOf(section(11))] = dataSection(withoutZeros(memory, base));
  const code = others.findIndex(({ id }) => id === 10);
  others.splice(code + 1, 0, dataSection(brought));
  return [moduleOf(sections), moduleOf(others)];
}

/** Segments of what is not zero; some zeros between are shorter than another segment. @param {Buffer} memory @param {number} base */
function withoutZeros(memory, base) {
  const segments = [];
  for (let at = 0; at < memory.length; ) {
    if (memory[at] === 0) {
      at++;
      continue;
    }
    let end = at + 1;
    for (let zeros = 0, i = end; i < memory.length && zeros < 8; i++) {
      zeros = memory[i] === 0 ? zeros + 1 : 0;
      if (zeros === 0) end = i + 1;
    }
    segments.push({ address: base + at, bytes: memory.subarray(at, end) });
    at = end;
  }
  return segments;
}

/** How many of the numbers, which are in order, are at most `value`. @param {number[]} numbers @param {number} value */
function upperBound(numbers, value) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
