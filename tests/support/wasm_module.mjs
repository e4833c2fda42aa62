// @ts-check
// A small reader of finished modules and objects, for reports and expectations: each part of a module as lines of
// text. It trusts its input (validators have seen it) and knows nothing of weld's own code.
import { encoded } from './module_frame.mjs';

// biome-ignore format: a table
const sectionNames = [
  'custom', 'TYPE', 'IMPORT', 'FUNCTION', 'TABLE', 'MEMORY', 'GLOBAL', 'EXPORT', 'START', 'ELEM', 'CODE', 'DATA',
  'DATACOUNT', 'TAG',
];
const kinds = ['function', 'table', 'memory', 'global', 'tag'];
/** @type {Record<number, string>} */
const valueTypes = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
};

/** Reads numbers and names one after another. */
export class Cursor {
  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   * @param {number} end
   */
  constructor(bytes, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }
  get done() {
    return this.at >= this.end;
  }
  u8() {
    if (this.done) throw new Error(`read past the end at 0x${this.at.toString(16)}`);
    return this.bytes[this.at++];
  }
  /** An unsigned LEB128 number, up to 64 bits. */
  wide() {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
  uleb() {
    return Number(this.wide());
  }
  /** A signed LEB128 number. */
  sleb() {
    let value = 0n;
    for (let shift = 0n; ; ) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if (byte < 0x80) return byte & 0x40 ? value - (1n << shift) : value;
    }
  }
  /** @param {number} count */
  take(count) {
    const taken = this.bytes.subarray(this.at, this.at + count);
    this.at += count;
    return taken;
  }
  name() {
    return new TextDecoder().decode(this.take(this.uleb()));
  }
  /**
   * @template T
   * @param {() => T} read
   * @returns {T[]}
   */
  list(read) {
    return Array.from({ length: this.uleb() }, () => read());
  }
}

/**
 * @typedef {object} Section
 * @property {number} id
 * @property {string} name the kind, or the custom section's own name
 * @property {number} begin offset of its first byte, the id, in the file
 * @property {number} start offset of the payload in the file; a custom section's begins after its name
 * @property {number} end
 *
 * @typedef {object} Import
 * @property {string} kind
 * @property {string} module
 * @property {string} name
 * @property {string} type
 * @property {Uint8Array} typeBytes the kind and the type, in terms that engines know
 *
 * @typedef {object} Body
 * @property {number} index in the function index space
 * @property {number} start offset in the file, of the first byte after the body's size
 * @property {number} end
 */

export class Module {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    /** @type {Section[]} */
    this.sections = [];
    const cursor = new Cursor(bytes, 8);
    while (!cursor.done) {
      const begin = cursor.at;
      const id = cursor.u8();
      const size = cursor.uleb();
      const end = cursor.at + size;
      let name = sectionNames[id] ?? `section ${id}`;
      if (id === 0) name = cursor.name();
      this.sections.push({ id, name, begin, start: cursor.at, end });
      cursor.at = end;
    }
  }

  /**
   * @param {string} name
   * @returns {Cursor | undefined}
   */
  open(name) {
    const section = this.sections.find((s) => s.name === name);
    return section && new Cursor(this.bytes, section.start, section.end);
  }

  /**
   * @template T
   * @param {string} name
   * @param {(cursor: Cursor) => T} read
   * @returns {T[]}
   */
  entries(name, read) {
    const cursor = this.open(name);
    return cursor ? cursor.list(() => read(cursor)) : [];
  }

  /** @param {string} name */
  payload(name) {
    const cursor = this.open(name);
    return cursor?.bytes.subarray(cursor.at, cursor.end);
  }

  get types() {
    return this.entries('TYPE', (c) => {
      c.u8();
      const params = c.list(() => valueTypes[c.u8()]);
      const results = c.list(() => valueTypes[c.u8()]);
      return `(${params.join(', ')}) -> ${results.length ? results.join(', ') : 'nothing'}`;
    });
  }

  /** Imports that follow each other may share their module, or their module and their type: compact-import-section. */
  get imports() {
    const types = this.types;
    return this.entries('IMPORT', (c) => {
      const module = c.name();
      const name = c.name();
      const form = name === '' ? c.bytes[c.at] : 0;
      if (form === 0x7f) {
        c.u8();
        return c.list(() => importOf(c, types, module, c.name()));
      }
      if (form === 0x7e) {
        c.u8();
        const shared = importOf(c, types, module, '');
        return c.list(() => ({ ...shared, name: c.name() }));
      }
      return [importOf(c, types, module, name)];
    }).flat();
  }

  /** @param {string} kind */
  importsOf(kind) {
    return this.imports.filter((entry) => entry.kind === kind);
  }

  get exports() {
    return this.entries('EXPORT', (c) => ({ name: c.name(), kind: kinds[c.u8()], index: c.uleb() }));
  }

  get globals() {
    return this.entries('GLOBAL', (c) => ({ type: globalType(c), value: constant(c) }));
  }

  get tables() {
    return this.entries('TABLE', tableType);
  }

  get memories() {
    return this.entries('MEMORY', (c) => limits(c, 'pages'));
  }

  get tags() {
    const types = this.types;
    return this.entries('TAG', (c) => (c.u8(), types[c.uleb()]));
  }

  get elements() {
    return this.entries('ELEM', (c) => {
      const flags = c.uleb();
      const table = flags & 2 ? c.uleb() : 0;
      const offset = constant(c);
      if (flags & 3) c.u8();
      return { table, offset, functions: c.list(() => c.uleb()) };
    });
  }

  get segments() {
    return this.entries('DATA', (c) => {
      const flags = c.uleb();
      if (flags & 2) c.uleb();
      const offset = flags & 1 ? 'passive' : constant(c);
      const size = c.uleb();
      return { offset, start: c.at, bytes: c.take(size) };
    });
  }

  /** @returns {Body[]} */
  get bodies() {
    let index = this.importsOf('function').length;
    return this.entries('CODE', (c) => {
      const size = c.uleb();
      const start = c.at;
      c.at += size;
      return { index: index++, start, end: c.at };
    });
  }

  /** Type indices of the defined functions. */
  get functionTypes() {
    return this.entries('FUNCTION', (c) => c.uleb());
  }

  /**
   * One subsection of the name section: 1 functions, 7 globals, 9 data segments.
   *
   * @param {number} subsection
   * @returns {Map<number, string>}
   */
  names(subsection) {
    /** @type {Map<number, string>} */
    const names = new Map();
    const cursor = this.open('name');
    while (cursor && !cursor.done) {
      const id = cursor.u8();
      const end = cursor.uleb() + cursor.at;
      if (id === subsection) {
        for (let count = cursor.uleb(); count > 0; count--) names.set(cursor.uleb(), cursor.name());
      }
      cursor.at = end;
    }
    return names;
  }

  get moduleName() {
    const cursor = this.open('name');
    if (!cursor || cursor.u8() !== 0) return undefined;
    cursor.uleb();
    return cursor.name();
  }
}

/**
 * An import, from its kind on.
 *
 * @param {Cursor} c
 * @param {string[]} types
 * @param {string} module
 * @param {string} name
 * @returns {Import}
 */
function importOf(c, types, module, name) {
  const start = c.at;
  const kind = kinds[c.u8()];
  if (!kind) throw new Error(`what is imported at 0x${start.toString(16)}?`);
  let type = '';
  if (kind === 'function') type = types[c.uleb()];
  if (kind === 'table') type = tableType(c);
  if (kind === 'memory') type = limits(c, 'pages');
  if (kind === 'global') type = globalType(c);
  if (kind === 'tag') type = (c.u8(), types[c.uleb()]);
  let typeBytes = c.bytes.subarray(start, c.at);
  if (kind === 'memory')
    typeBytes = Buffer.concat([typeBytes.subarray(0, 1), encodedLimits(readLimits(new Cursor(c.bytes, start + 1)))]);
  return { module, name, kind, type, typeBytes };
}

/**
 * The same module in terms that engines and validators know: imports are written in full, and a memory with pages of
 * another size has as many of 65536 bytes as hold it.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function inKnownTerms(bytes) {
  const module = new Module(bytes);
  /** @type {Record<string, () => Uint8Array[][]>} */
  const rewritten = {
    IMPORT: () => module.imports.map((i) => [sizedName(i.module), sizedName(i.name), i.typeBytes]),
    MEMORY: () => module.entries('MEMORY', (c) => [encodedLimits(readLimits(c))]),
  };
  const parts = [bytes.subarray(0, 8)];
  for (const { id, name, begin, start, end } of module.sections) {
    const entries = id === 0 ? undefined : rewritten[name]?.();
    const payload = entries && Buffer.concat([Buffer.from(encoded(entries.length)), ...entries.flat()]);
    if (!payload || payload.equals(bytes.subarray(start, end))) parts.push(bytes.subarray(begin, end));
    else parts.push(Buffer.from([id, ...encoded(payload.length)]), payload);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

/** @param {string} name */
function sizedName(name) {
  const text = Buffer.from(name);
  return Buffer.concat([Buffer.from(encoded(text.length)), text]);
}

/** @param {Cursor} c */
function tableType(c) {
  const type = valueTypes[c.u8()];
  return `${limits(c, 'slots')} of ${type}`;
}

/**
 * @param {Cursor} c
 * @param {string} unit
 */
function limits(c, unit) {
  const { flags, min, max, pageBits } = readLimits(c);
  let text = `${min} ${unit}`;
  if (flags & 8) text += ` of ${2 ** pageBits} byte${pageBits ? 's' : ''}`;
  if (flags & 1) text += `, at most ${max}`;
  if (flags & 2) text += ', shared';
  if (flags & 4) text += ', 64-bit';
  return text;
}

/** @param {Cursor} c */
function readLimits(c) {
  const flags = c.u8();
  const min = c.wide();
  const max = flags & 1 ? c.wide() : 0n;
  const pageBits = flags & 8 ? c.uleb() : 16;
  return { flags, min, max, pageBits };
}

/**
 * The limits of a memory, with pages of 65536 bytes.
 *
 * @param {ReturnType<typeof readLimits>} limits
 */
function encodedLimits({ flags, min, max, pageBits }) {
  /** @param {bigint} pages */
  const pages = (pages) => encoded(Number(((pages << BigInt(pageBits)) + 0xffffn) >> 16n));
  return Buffer.from([flags & ~8, ...pages(min), ...(flags & 1 ? pages(max) : [])]);
}

/** @param {Cursor} c */
function globalType(c) {
  const type = valueTypes[c.u8()];
  return c.u8() ? `mutable ${type}` : type;
}

/**
 * A constant expression as text.
 *
 * @param {Cursor} c
 */
function constant(c) {
  /** @type {string[]} */
  const parts = [];
  for (;;) {
    const opcode = c.u8();
    if (opcode === 0x0b) return parts.join(' ');
    if (opcode === 0x41 || opcode === 0x42) parts.push(`${c.sleb()}`);
    else if (opcode === 0x43) parts.push(`f32 ${floatOf(c.take(4))}`);
    else if (opcode === 0x44) parts.push(`f64 ${floatOf(c.take(8))}`);
    else if (opcode === 0x23) parts.push(`global.get ${c.uleb()}`);
    else if (opcode === 0xd2) parts.push(`ref.func ${c.uleb()}`);
    else if (opcode === 0xd0) parts.push(`ref.null ${valueTypes[c.u8()]}`);
    else if (opcode === 0x6a || opcode === 0x7c) parts.push('add');
    else throw new Error(`opcode 0x${opcode.toString(16)} in a constant expression`);
  }
}

/** @param {Uint8Array} bytes */
function floatOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

/**
 * Bytes as text: printable characters as they are, others as \XX, and a run of the same byte shortened.
 *
 * @param {Uint8Array} bytes
 */
export function quoteBytes(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at];
    let end = at;
    while (end < bytes.length && bytes[end] === byte) end++;
    const printable = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    const shown = printable ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`;
    if (end - at > 8) {
      text += `${shown}{${end - at}}`;
      at = end;
    } else {
      text += shown;
      at++;
    }
  }
  return `"${text}"`;
}

/**
 * The parts of a module as lines, each part under the name that case files use for it (`--- expect exports`).
 *
 * @type {Record<string, (module: Module) => string[]>}
 */
export const parts = {
  sections: (m) => m.sections.map((s) => (s.id === 0 ? `custom ${s.name}` : s.name)),
  sizes: (m) => m.sections.map((s) => `${s.id === 0 ? `custom ${s.name}` : s.name}: ${s.end - s.start} bytes`),
  types: (m) => m.types.map((type, index) => `${index} ${type}`),
  imports: (m) => m.imports.map((i) => `${i.kind} ${i.module}.${i.name}: ${i.type}`),
  exports(m) {
    const names = m.names(1);
    const globals = [...m.importsOf('global').map((i) => ({ type: i.type, value: 'imported' })), ...m.globals];
    return m.exports.map(({ kind, name, index }) => {
      if (kind === 'global') return `global ${name}: ${globals[index].type} = ${globals[index].value}`;
      const own = names.get(index) ?? `${index}`;
      return kind === 'function' && own !== name ? `function ${name}: ${own}` : `${kind} ${name}`;
    });
  },
  functions(m) {
    const names = m.names(1);
    const types = m.types;
    const imported = m.importsOf('function');
    return [
      ...imported.map((i, index) => `${index} import ${names.get(index) ?? i.name}: ${i.type}`),
      ...m.functionTypes.map((type, local) => {
        const index = imported.length + local;
        return `${index} ${names.get(index) ?? '?'}: ${types[type]}`;
      }),
    ];
  },
  globals(m) {
    const names = m.names(7);
    const imported = m.importsOf('global');
    return [
      ...imported.map((i, index) => `${index} import ${names.get(index) ?? i.name}: ${i.type}`),
      ...m.globals.map((g, local) => {
        const index = imported.length + local;
        return `${index} ${names.get(index) ?? '?'}: ${g.type} = ${g.value}`;
      }),
    ];
  },
  memory: (m) => [...m.importsOf('memory').map((i) => `import ${i.module}.${i.name}: ${i.type}`), ...m.memories],
  tables: (m) => [...m.importsOf('table').map((i) => `import ${i.module}.${i.name}: ${i.type}`), ...m.tables],
  tags: (m) => [...m.importsOf('tag').map((i) => `import ${i.module}.${i.name}: ${i.type}`), ...m.tags],
  start: (m) => m.sections.filter((s) => s.name === 'START').map(() => nameOf(m, m.open('START')?.uleb() ?? 0)),
  elements: (m) =>
    m.elements.map((e) => `table ${e.table} from ${e.offset}: ${e.functions.map((f) => nameOf(m, f)).join(' ')}`),
  data(m) {
    const names = m.names(9);
    return m.segments.map((s, index) => `${names.get(index) ?? index} at ${s.offset}: ${quoteBytes(s.bytes)}`);
  },
  names(m) {
    const lines = m.moduleName === undefined ? [] : [`module ${m.moduleName}`];
    for (const [subsection, kind] of /** @type {[number, string][]} */ ([
      [1, 'function'],
      [7, 'global'],
      [9, 'segment'],
    ])) {
      for (const [index, name] of m.names(subsection)) lines.push(`${kind} ${index} ${name}`);
    }
    return lines;
  },
  // With the instruction that each stands for, read from the code.
  hints(m) {
    const instructions = /** @type {Record<number, string>} */ ({ 0x04: 'if', 0x0d: 'br_if' });
    return m
      .entries('metadata.code.branch_hint', (c) => {
        const index = c.uleb();
        const body = m.bodies.find((b) => b.index === index);
        return c.list(() => {
          const offset = c.uleb();
          const value = [...c.take(c.uleb())].join(' ');
          const instruction = body && instructions[m.bytes[body.start + offset]];
          return `${nameOf(m, index)}: ${instruction ?? 'no branch'} at ${offset}: ${value}`;
        });
      })
      .flat();
  },
  producers: (m) =>
    m.entries('producers', (c) => `${c.name()}: ${c.list(() => `${c.name()} ${c.name()}`.trim()).join(', ')}`),
  features: (m) => m.entries('target_features', (c) => `${String.fromCharCode(c.u8())}${c.name()}`),
};

/**
 * @param {Module} module
 * @param {number} index
 */
export function nameOf(module, index) {
  return module.names(1).get(index) ?? `${index}`;
}

/** The types of relocations that have an addend. */
const withAddend = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25, 27]);

/**
 * The relocations of a section, by number of their type.
 *
 * @param {Module} module
 * @param {string} name
 */
export function relocationsOf(module, name) {
  const c = module.open(`reloc.${name}`);
  if (!c) return [];
  c.uleb(); // the section
  return c.list(() => {
    const type = c.u8();
    const line = `type ${type} at ${c.uleb()}: symbol ${c.uleb()}`;
    return withAddend.has(type) ? `${line} + ${c.sleb()}` : line;
  });
}

/**
 * A copy of an object in which the flags of all data segments are zero.
 *
 * @param {Uint8Array} bytes
 */
export function withoutSegmentFlags(bytes) {
  const copy = Buffer.from(bytes);
  for (const section of new Module(copy).sections) {
    if (section.name !== 'linking') continue;
    const linking = new Cursor(copy, section.start, section.end);
    linking.uleb(); // version
    while (!linking.done) {
      const kind = linking.u8();
      const size = linking.uleb();
      const part = new Cursor(copy, linking.at, linking.at + size);
      linking.take(size);
      if (kind !== 5) continue;
      part.list(() => {
        part.name();
        part.uleb(); // alignment
        copy[part.at] = 0;
        part.uleb();
      });
    }
  }
  return copy;
}
