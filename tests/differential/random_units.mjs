// @ts-check
// Random programs of two units, which use each other's functions and data. Results of functions do not depend on addresses or
// table slots, so that they are equal however the units are linked.
/**
 * @typedef {import('../../js/dist/index.js').Unit} Unit
 * @typedef {import('../../js/dist/index.js').Code} Code
 * @typedef {import('../../js/dist/index.js').ValueType} ValueType
 * @typedef {'i32' | 'i64' | 'f32' | 'f64'} Num
 * @typedef {{name: string, home: number, params: Num[], results: Num[], exported: boolean, start: boolean}} Fn
 * @typedef {{name: string, home: number, type: Num, mutable: boolean}} Global
 * @typedef {{name: string, home: number, size: number}} Data plain numbers
 * @typedef {{name: string, home: number, targets: {offset: number, data?: Data, function?: Fn}[]}} Pointers
 */

const numbers = /** @type {const} */ (['i32', 'i64', 'f32', 'f64']);
const sizes = { i32: 4, i64: 8, f32: 4, f64: 8 };
// biome-ignore format: a table
const integerOps = ['add', 'sub', 'mul', 'and', 'or', 'xor', 'shl', 'shr_s', 'shr_u', 'rotl', 'rotr', 'div_u', 'rem_s'];
const floatOps = ['add', 'sub', 'mul', 'div', 'min', 'max', 'copysign'];

/** Numbers that depend on `seed` alone: mulberry32. @param {number} seed */
function random(seed) {
  let state = (seed + 1) * 0x9e3779b9;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  const below = (/** @type {number} */ n) => next() % n;
  return { next, below, pick: (/** @type {readonly any[]} */ list) => list[below(list.length)] };
}

/** The names and types of a program. @param {number} seed */
export function plan(seed) {
  const r = random(seed);
  const types = (/** @type {number} */ most) => Array.from({ length: r.below(most + 1) }, () => r.pick(numbers));
  /** @type {Fn[]} */
  const functions = Array.from({ length: 4 + r.below(8) }, (_, i) => {
    const start = r.below(6) === 0;
    const [params, results] = start ? [[], []] : [types(3), types(r.below(4) === 0 ? 2 : 1)];
    return { name: `f${i}`, home: r.below(2), params, results, start, exported: i < 2 || r.below(2) === 0 };
  });
  /** @type {Global[]} */
  const globals = Array.from({ length: 1 + r.below(3) }, (_, i) => {
    return { name: `g${i}`, home: r.below(2), type: r.pick(numbers), mutable: r.below(3) !== 0 };
  });
  /** @type {Data[]} */
  const data = Array.from({ length: 1 + r.below(4) }, (_, i) => {
    return { name: `d${i}`, home: r.below(2), size: 16 + 8 * r.below(6) };
  });
  /** @type {Pointers[]} */
  const pointers = Array.from({ length: 1 + r.below(2) }, (_, i) => {
    const targets = Array.from({ length: 1 + r.below(4) }, (_, k) => {
      return { offset: 4 * k, ...(r.below(2) ? { data: r.pick(data) } : { function: r.pick(functions) }) };
    });
    return { name: `p${i}`, home: r.below(2), targets };
  });
  return { seed, functions, globals, data, pointers };
}

/** @typedef {ReturnType<typeof plan>} Plan */

/** Fills unit `home` of a program. @param {Plan} program @param {Unit} unit @param {number} home */
export function fill(program, unit, home) {
  const fn = (/** @type {Fn} */ f) => unit.function(f.name, f.params, f.results);
  const isHere = (/** @type {{home: number}} */ row) => row.home === home;
  program.globals.filter(isHere).forEach((g, i) => {
    const value = g.type === 'i64' ? BigInt(i) * 77n : i * 3 + 1;
    unit.setGlobal(unit.global(g.name, g.type, { mutable: g.mutable }), g.type, value);
  });
  for (const d of program.data.filter(isHere)) {
    const bytes = Uint8Array.from({ length: d.size }, (_, i) => (i * 37 + d.size) & 255);
    unit.setData(unit.data(d.name), bytes, { align: 8, readOnly: false });
  }
  for (const p of program.pointers.filter(isHere)) {
    const fixups = p.targets.map(({ offset, data, function: target }) =>
      target
        ? { offset, function: fn(target) }
        : { offset, data: unit.data(/** @type {Data} */ (data).name), addend: 8 },
    );
    unit.setData(unit.data(p.name), new Uint8Array(4 * p.targets.length), { align: 4, fixups, keep: true });
  }
  program.functions.forEach((f, i) => {
    if (!isHere(f)) return;
    const locals = [...numbers, 'i32'];
    const code = new Body(program, unit, i).write();
    unit.setFunction(fn(f), code, /** @type {ValueType[]} */ (locals));
    if (f.exported) unit.export(fn(f));
    if (f.start) unit.runAtStart(fn(f), 100 + i);
  });
}

/** The instructions of a function. Functions call later ones only, so that every program ends. */
class Body {
  /** @param {Plan} program @param {Unit} unit @param {number} index */
  constructor(program, unit, index) {
    this.program = program;
    this.unit = unit;
    this.index = index;
    this.self = program.functions[index];
    this.random = random(program.seed * 1000 + index);
    this.code = unit.code();
    this.blocks = 0; // of loops that go on
    /** @type {Num[]} */
    this.locals = [...this.self.params, ...numbers];
    this.counter = this.locals.length;
  }

  write() {
    for (let n = 1 + this.random.below(5); n > 0; n--) this.statement(3);
    for (const type of this.self.results) this.value(type, 4);
    return this.code.end();
  }

  /** @param {any} name @param {...any} operands */
  op(name, ...operands) {
    /** @type {any} */ (this.code).op(name, ...operands);
  }

  fn(/** @type {Fn} */ f) {
    return this.unit.function(f.name, f.params, f.results);
  }
  global(/** @type {Global} */ g) {
    return this.unit.global(g.name, g.type, { mutable: g.mutable });
  }

  /** @param {number} depth */
  statement(depth) {
    const { below, pick } = this.random;
    switch (below(depth > 0 ? 7 : 3)) {
      case 0: {
        const local = below(this.locals.length);
        this.value(this.locals[local], depth);
        return this.op('local.set', local);
      }
      case 1: {
        const global = this.program.globals.find((g) => g.mutable);
        if (!global) return this.op('nop');
        this.value(global.type, depth);
        return this.op('global.set', this.global(global));
      }
      case 2: {
        const type = pick(numbers);
        this.op('i32.const', 0);
        this.value(type, depth);
        return this.op(`${type}.store`, this.place(sizes[/** @type {Num} */ (type)]));
      }
      case 3: {
        this.value('i32', depth - 1);
        this.op('if');
        this.statement(depth - 1);
        this.op('else');
        this.statement(depth - 1);
        return this.op('end');
      }
      case 4: {
        this.op('block');
        this.op('block');
        this.value('i32', depth - 1);
        this.op('br_table', [0, 1, 0], 1);
        this.op('end');
        this.statement(depth - 1);
        return this.op('end');
      }
      case 5: {
        if (this.blocks > 0) return this.op('nop');
        this.blocks++;
        this.op('i32.const', 1 + below(4));
        this.op('local.set', this.counter);
        this.op('loop');
        this.statement(depth - 1);
        this.op('local.get', this.counter);
        this.op('i32.const', 1);
        this.op('i32.sub');
        this.op('local.tee', this.counter);
        this.op('br_if', 0);
        this.op('end');
        return this.blocks--;
      }
      default: {
        const called = this.call(undefined, depth);
        for (const _ of called?.results ?? []) this.op('drop');
      }
    }
  }

  /** A place in plain data. @param {number} size */
  place(size) {
    const d = this.random.pick(this.program.data);
    return {
      data: this.unit.data(d.name),
      offset: size * this.random.below(d.size / size),
      align: 1 + this.random.below(2),
    };
  }

  /** Calls a later function with this result, or with any. @param {Num | undefined} type @param {number} depth */
  call(type, depth) {
    const later = this.program.functions
      .slice(this.index + 1)
      .filter(({ start, results }) => !start && (!type || (results.length === 1 && results[0] === type)));
    if (later.length === 0) return undefined;
    const f = this.random.pick(later);
    for (const param of f.params) this.value(param, depth - 1);
    if (this.random.below(3) === 0) {
      this.op('i32.func', this.fn(f));
      this.op('call_indirect', this.unit.type(f.params, f.results));
    } else this.op('call', this.fn(f));
    return f;
  }

  /** @param {Num} type @param {number} depth @returns {void} */
  value(type, depth) {
    const { below, pick, next } = this.random;
    const isInteger = type[0] === 'i';
    switch (below(depth > 0 ? 8 : 4)) {
      case 0:
        return this.op(`${type}.const`, isInteger ? next() : (next() | 0) / 64);
      case 1: {
        const local = this.locals.indexOf(type);
        return this.op('local.get', local);
      }
      case 2: {
        const global = this.program.globals.find((g) => g.type === type);
        return global ? this.op('global.get', this.global(global)) : this.op(`${type}.const`, 5);
      }
      case 3:
        this.op('i32.const', 0);
        return this.op(`${type}.load`, this.place(sizes[type]));
      case 4:
        if (this.call(type, depth)) return;
        return this.value(type, depth - 1);
      case 5: {
        this.value(type, depth - 1);
        this.value(type, depth - 1);
        this.value('i32', depth - 1);
        return this.op('select');
      }
      case 6: {
        // Through a pointer in data, to plain data or to a function that takes and gives nothing else.
        const pointers = pick(this.program.pointers);
        const target = pick(pointers.targets);
        if (!target.data || type !== 'i32') return this.value(type, depth - 1);
        this.op('i32.const', 0);
        this.op('i32.load', { data: this.unit.data(pointers.name), offset: target.offset });
        return this.op('i32.load', 'offset=4');
      }
      default:
        this.value(type, depth - 1);
        this.value(type, depth - 1);
        this.op(`${type}.${pick(isInteger ? integerOps : floatOps)}`);
    }
  }
}

/**
 * What a program does: the results of its exported functions, called one after another, and what they leave in memory that
 * they can read.
 *
 * @param {Uint8Array} bytes
 * @param {Plan} program
 */
export async function outcomeOf(bytes, program) {
  const { instance } = await WebAssembly.instantiate(/** @type {any} */ (bytes));
  const exports = /** @type {Record<string, any>} */ (instance.exports);
  const said = [];
  for (let round = 0; round < 2; round++)
    for (const f of program.functions) {
      if (!f.exported || !exports[f.name]) continue;
      const args = f.params.map((type, i) => (type === 'i64' ? BigInt(round * 1000 + i) : round * 7 - i));
      try {
        said.push(`${f.name}: ${[exports[f.name](...args)].flat().map(String)}`);
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error;
        said.push(`${f.name}: ${error.message}`);
      }
    }
  return said;
}
