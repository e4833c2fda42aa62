// Reads back what the linker wrote: the functions of a module, as bytes and as text.

/**
 * @typedef {{at: number, bytes: Uint8Array, text: string, call: boolean}} Instruction
 * `at`: its first byte in the module.
 */

/** @type {Map<number, [string, '' | 'number' | 'memory' | 'block']>} The instructions that the compiler uses. */
// biome-ignore format: a table
const instructions = new Map([
  [0x00, ['unreachable', '']], [0x02, ['block', 'block']], [0x03, ['loop', 'block']], [0x04, ['if', 'block']],
  [0x05, ['else', '']], [0x0b, ['end', '']], [0x0c, ['br', 'number']], [0x0d, ['br_if', 'number']], [0x0f, ['return', '']],
  [0x10, ['call', 'number']], [0x1a, ['drop', '']], [0x20, ['local.get', 'number']], [0x21, ['local.set', 'number']],
  [0x22, ['local.tee', 'number']], [0x23, ['global.get', 'number']], [0x24, ['global.set', 'number']],
  [0x28, ['i32.load', 'memory']], [0x2d, ['i32.load8_u', 'memory']], [0x36, ['i32.store', 'memory']], [0x3a, ['i32.store8', 'memory']],
  [0x41, ['i32.const', 'number']], [0x45, ['i32.eqz', '']], [0x46, ['i32.eq', '']], [0x47, ['i32.ne', '']],
  [0x48, ['i32.lt_s', '']], [0x4a, ['i32.gt_s', '']], [0x4c, ['i32.le_s', '']], [0x4e, ['i32.ge_s', '']],
  [0x4f, ['i32.ge_u', '']],
  [0x6a, ['i32.add', '']], [0x6b, ['i32.sub', '']], [0x6c, ['i32.mul', '']], [0x6d, ['i32.div_s', '']], [0x6f, ['i32.rem_s', '']],
  [0x74, ['i32.shl', '']],
]);

export class Module {
  /** @type {{from: number, to: number}[]} */
  #bodies = [];
  /** @type {Map<number, string>} */
  #functionNames = new Map();
  /** @type {Map<number, string>} */
  #globalNames = new Map();
  #imports = 0;
  #at = 8;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    while (this.#at < bytes.length) {
      const id = bytes[this.#at++];
      const size = this.#leb();
      const end = this.#at + size;
      if (id === 2) this.#readImports();
      else if (id === 10) this.#readBodies();
      else if (id === 0 && this.#text() === 'name') this.#readNames(end);
      this.#at = end;
    }
  }

  get functionNames() {
    return this.#functionNames;
  }

  /** A function's instructions, by its index. @param {number} index @returns {Instruction[]} */
  disassemble(index) {
    const body = this.#bodies[index - this.#imports];
    if (!body) return [];
    this.#at = body.from;
    for (let runs = this.#leb(); runs > 0; runs--) {
      this.#leb();
      this.#at++;
    }
    const rows = [];
    let depth = 0;
    while (this.#at < body.to) {
      const at = this.#at;
      const opcode = this.bytes[this.#at++];
      const row = instructions.get(opcode);
      if (!row) return []; // not of this compiler
      const [name, operand] = row;
      let text = name;
      if (operand === 'number') text += ` ${this.#operand(opcode)}`;
      else if (operand === 'memory') text += this.#memory();
      else if (operand === 'block' && this.bytes[this.#at++] === 0x7f) text += ' (result i32)';
      if (name === 'end' || name === 'else') depth--;
      rows.push({
        at,
        bytes: this.bytes.subarray(at, this.#at),
        text: '  '.repeat(Math.max(depth, 0)) + text,
        call: name === 'call',
      });
      if (operand === 'block' || name === 'else') depth++;
    }
    return rows;
  }

  /** @param {number} opcode */
  #operand(opcode) {
    if (opcode === 0x41) return this.#leb(true);
    const number = this.#leb();
    const name =
      opcode === 0x10
        ? this.#functionNames.get(number)
        : opcode === 0x23 || opcode === 0x24
          ? this.#globalNames.get(number)
          : undefined;
    return name ? `${number} ${name}` : number;
  }

  #memory() {
    this.#leb();
    const offset = this.#leb();
    return offset ? ` offset=${offset}` : '';
  }

  #leb(signed = false) {
    let value = 0;
    let shift = 0;
    let byte;
    do {
      byte = this.bytes[this.#at++];
      value |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    if (signed) return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
    return value >>> 0;
  }

  #text() {
    const size = this.#leb();
    this.#at += size;
    return new TextDecoder().decode(this.bytes.subarray(this.#at - size, this.#at));
  }

  // Of the programs here, only functions are imported.
  #readImports() {
    this.#imports = this.#leb();
  }

  #readBodies() {
    for (let count = this.#leb(); count > 0; count--) {
      const size = this.#leb();
      this.#bodies.push({ from: this.#at, to: this.#at + size });
      this.#at += size;
    }
  }

  /** @param {number} end */
  #readNames(end) {
    while (this.#at < end) {
      const id = this.bytes[this.#at++];
      const size = this.#leb();
      const next = this.#at + size;
      const names = id === 1 ? this.#functionNames : id === 7 ? this.#globalNames : undefined;
      if (names) for (let count = this.#leb(); count > 0; count--) names.set(this.#leb(), this.#text());
      this.#at = next;
    }
  }
}
