// @ts-check
// What stands in functions of random programs: expressions and statements of the variables and functions that there are.
import { Random } from './random.mjs';

/**
 * @typedef {object} Variable a global
 * @property {string} name
 * @property {string} type
 * @property {number} count elements of an array; 0: no array
 * @property {number} unit the file that defines it
 * @property {boolean} isStatic
 * @property {boolean} isConst
 * @property {boolean} isThreadLocal
 * @property {string} definition
 * @property {string} [declaration] in other files
 *
 * @typedef {object} Parameter
 * @property {string} type
 * @property {boolean} isRead
 *
 * @typedef {object} Callable a function
 * @property {string} name
 * @property {string} result
 * @property {Parameter[]} parameters
 * @property {number} unit
 * @property {boolean} isStatic
 * @property {string} attributes
 * @property {string} body with its braces
 * @property {number} cost about how many statements it runs
 * @property {boolean} usesStatics of its file
 *
 * @typedef {object} FunctionTable an array of pointers to functions of one type
 * @property {string} name
 * @property {number} count a power of two
 * @property {number} unit
 * @property {boolean} isStatic
 * @property {boolean} hasNames its elements are of type `struct operation`
 * @property {boolean} isConst
 * @property {string} definition
 * @property {string} declaration
 * @property {number} from how many functions there were when it was made
 * @property {number} cost
 *
 * @typedef {object} Scope where a statement stands
 * @property {number} unit
 * @property {{name: string, type: string, isFixed?: boolean}[]} locals
 * @property {number} times how often it runs, in one call
 * @property {{cost: number, usesStatics: boolean, names: number}} made of the whole function
 * @property {string} result the function's
 *
 * @typedef {object} Traits what a program has that others have not
 * @property {boolean} [hasThreadLocals] some variables are thread-local
 * @property {boolean} [keepsStatics] compilers leave static variables as they are, so that each version of a program has them
 */

export const integers = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'];
export const texts = [
  '',
  'a',
  'ready',
  'already',
  'steady',
  'not ready',
  'weld',
  'to weld',
  '%d of %s',
  'a longer line of text',
];
/** What there is of a program, and code that uses it. */
export class Bodies {
  /** @param {number} seed @param {Traits} traits */
  constructor(seed, traits) {
    this.traits = traits;
    this.random = new Random(seed);
    /** For what only programs with traits have, so that the others stay what they are. */
    this.choices = new Random(seed + 0x10000000);
    /** About how many statements a function may run. */
    this.mostCost = 4000;
    /** The number of the first variable of a body. */
    this.firstName = 0;
    /** @type {Variable[]} */
    this.variables = [];
    /** @type {Callable[]} */
    this.functions = [];
    /** @type {FunctionTable[]} */
    this.tables = [];
  }

  // --- constants

  constant() {
    const { random } = this;
    const common = [0, 1, 2, 3, 7, 63, 64, 127, 128, 255, 256, 8191, 8192, 65535, 0x7fffffff, 0x80000000, 0xffffffff];
    return `${random.once(3) ? random.next() : random.pick(common)}u`;
  }

  wideConstant() {
    const { random } = this;
    return random.once(2) ? this.constant() : `0x${random.next().toString(16)}${random.next().toString(16)}ull`;
  }

  /** A constant of a scalar type. @param {string} type */
  initial(type) {
    if (type === 'float' || type === 'double') return `${this.random.between(-4000, 4000) / 8}`;
    return `(${type})${type.endsWith('64') ? this.wideConstant() : this.constant()}`;
  }

  /** @param {string} type */
  initialStruct(type) {
    const { random } = this;
    if (type === 'struct pair') return `{${this.initial('u32')}, ${this.initial('u64')}}`;
    const values = Array.from({ length: random.between(1, 4) }, () => this.initial('u32'));
    return `{${this.initial('u8')}, ${this.initial('i16')}, {${values}}, ${this.initial('double')}}`;
  }

  // --- expressions

  /** The variables that a scope sees. @param {Scope} scope */
  visible(scope) {
    return this.variables.filter((one) => one.unit === scope.unit || !one.isStatic);
  }

  /** Of a static variable. @param {boolean} [isThreadLocal] */
  staticWords(isThreadLocal = Boolean(this.traits.hasThreadLocals) && this.choices.once(2)) {
    return `static ${this.traits.keepsStatics ? '__attribute__((used)) ' : ''}${isThreadLocal ? '_Thread_local ' : ''}`;
  }

  /**
   * A scalar in a global, and its type. What a type has no name for is read as u32.
   *
   * @param {Scope} scope
   * @param {Variable} variable
   */
  place(scope, variable) {
    const { random } = this;
    const { name, count } = variable;
    if (variable.isStatic) scope.made.usesStatics = true;
    const index = random.once(2) ? String(random.between(0, count - 1)) : `${this.number(scope, 0)} % ${count}u`;
    const base = count ? `${name}[${index}]` : name;
    if (variable.type === 'struct pair')
      return random.once(2) ? { text: `${base}.first`, type: 'u32' } : { text: `${base}.second`, type: 'u64' };
    if (variable.type === 'struct record')
      return random.pick([
        { text: `${base}.kind`, type: 'u8' },
        { text: `${base}.level`, type: 'i16' },
        { text: `${base}.values[${this.number(scope, 0)} & 3]`, type: 'u32' },
        { text: `${base}.weight`, type: 'double' },
      ]);
    return { text: base, type: variable.type };
  }

  /**
   * Text of some type as a number of 32 bits.
   *
   * @param {{text: string, type: string}} value
   */
  asNumber({ text, type }) {
    return type === 'u32' ? text : type === 'float' || type === 'double' ? `(u32)bits(${text})` : `(u32)${text}`;
  }

  /**
   * An expression of type u32.
   *
   * @param {Scope} scope
   * @param {number} depth
   * @returns {string}
   */
  number(scope, depth) {
    const { random } = this;
    if (depth <= 0) {
      const local = random.pick(scope.locals.filter(({ type }) => !type.includes('*')));
      if (local && !random.once(3)) return this.asNumber({ text: local.name, type: local.type });
      const seen = this.visible(scope).filter(({ count }) => !count);
      if (seen.length && random.once(2)) return this.asNumber(this.place(scope, random.pick(seen)));
      return this.constant();
    }
    const next = () => this.number(scope, depth - random.between(1, 2));
    const seen = this.visible(scope);
    switch (random.between(0, 15)) {
      case 0:
      case 1:
        return `(${next()} ${random.pick(['+', '-', '*', '&', '|', '^'])} ${next()})`;
      case 2:
        return `(${next()} ${random.pick(['/', '%'])} (${next()} | 1u))`;
      case 3:
        return `(${next()} ${random.pick(['<<', '>>'])} (${next()} & 31))`;
      case 4:
        return `(u32)((${random.pick(['i32', 'i8', 'i16'])})${next()} >> ${random.between(1, 7)})`;
      case 5:
        return `(${next()} ${random.pick(['<', '>', '==', '!=', '<='])} ${next()} ? ${next()} : ${next()})`;
      case 6:
        return `((i32)${next()} < (i32)${next()})`;
      case 7:
        return `(u32)(${this.wide(scope, depth - 1)} >> ${random.between(0, 40)})`;
      case 8:
        return `(u32)bits(${this.real(scope, depth - 1)})`;
      case 9:
        return `text_sum("${random.pick(texts)}")`;
      case 10:
        return random.once(2) ? `turn(${next()}, ${next()})` : `steps(${next()})`;
      case 11:
        return `add_all(3, ${next()}, ${next()}, ${next()})`;
      case 12:
      case 13:
        return seen.length ? this.asNumber(this.place(scope, random.pick(seen))) : next();
      case 14:
        return this.indirectCall(scope, next) ?? next();
      default: {
        const call = this.call(scope, depth - 1);
        return call ? this.asNumber(call) : next();
      }
    }
  }

  /** An expression of type u64. @param {Scope} scope @param {number} depth @returns {string} */
  wide(scope, depth) {
    const { random } = this;
    if (depth <= 0) return random.once(2) ? `(u64)${this.number(scope, 0)}` : `(u64)${this.wideConstant()}`;
    const next = () => this.wide(scope, depth - 1);
    return random.pick([
      () => `(${next()} ${random.pick(['+', '-', '*', '^'])} ${next()})`,
      () => `(${next()} / (${next()} | 1))`,
      () => `((u64)${this.number(scope, depth - 1)} << ${random.between(0, 32)})`,
      () => `bits(${this.real(scope, depth - 1)})`,
    ])();
  }

  /** An expression of type double. @param {Scope} scope @param {number} depth @returns {string} */
  real(scope, depth) {
    const { random } = this;
    if (depth <= 0) return random.once(2) ? `(double)(i32)${this.number(scope, 0)}` : this.initial('double');
    const next = () => this.real(scope, depth - 1);
    return random.pick([
      () => `(${next()} ${random.pick(['+', '-', '*'])} ${next()})`,
      () => `(${next()} / (1.5 + (double)${this.number(scope, 0)}))`,
      () => `(double)${this.number(scope, depth - 1)}`,
      () => `(double)(float)${next()}`,
    ])();
  }

  /** An expression of a scalar type. @param {Scope} scope @param {string} type @param {number} depth */
  value(scope, type, depth) {
    if (type === 'double' || type === 'float') return `(${type})${this.real(scope, depth)}`;
    if (type.endsWith('64')) return `(${type})${this.wide(scope, depth)}`;
    return type === 'u32' ? this.number(scope, depth) : `(${type})${this.number(scope, depth)}`;
  }

  /**
   * What is passed for a parameter.
   *
   * @param {Scope} scope
   * @param {string} type
   * @param {number} depth
   */
  argument(scope, type, depth) {
    const known = (/** @type {string} */ wanted) => scope.locals.filter((local) => local.type === wanted);
    if (type === 'u32 *') return known('u32 *')[0]?.name ?? this.threadLocalRoom(scope) ?? '(u32[4]){1, 2, 3, 4}';
    if (type === 'const struct record *') return '&(struct record){3, -4, {5, 6}, 0.5}';
    if (type === 'struct pair') return `(struct pair){${this.number(scope, depth)}, ${this.wide(scope, 0)}}`;
    return this.value(scope, type, depth);
  }

  /** A thread-local array that is passed by its address, sometimes. @param {Scope} scope */
  threadLocalRoom(scope) {
    if (!this.traits.hasThreadLocals || this.choices.once(3)) return undefined;
    const room = this.visible(scope).find((one) => one.isThreadLocal && one.type === 'u32' && one.count >= 4);
    if (room?.isStatic) scope.made.usesStatics = true;
    return room?.name;
  }

  /**
   * A call of a function that was made before, for its scalar result.
   *
   * @param {Scope} scope
   * @param {number} depth
   */
  call(scope, depth) {
    const { random } = this;
    const { made, times, unit } = scope;
    const known = this.functions.filter(
      (one) =>
        (one.unit === unit || !one.isStatic) && made.cost + times * one.cost <= this.mostCost && one.result !== 'void',
    );
    if (!known.length) return undefined;
    const called = random.pick(known.slice(-12));
    made.cost += times * called.cost;
    if (called.isStatic) made.usesStatics = true;
    const args = called.parameters.map(({ type }) => this.argument(scope, type, depth)).join(', ');
    const text = `${called.name}(${args})`;
    return called.result === 'struct pair' ? { text: `${text}.second`, type: 'u64' } : { text, type: called.result };
  }

  /** A call through a table of functions. @param {Scope} scope @param {() => string} next */
  indirectCall(scope, next) {
    const { made, times, unit } = scope;
    const known = this.tables.filter(
      (one) => (one.unit === unit || !one.isStatic) && made.cost + times * one.cost <= this.mostCost,
    );
    if (!known.length) return undefined;
    const table = this.random.pick(known);
    made.cost += times * table.cost;
    if (table.isStatic) made.usesStatics = true;
    const index = `${next()} & ${table.count - 1}`;
    return `${table.name}[${index}]${table.hasNames ? '.call' : ''}(${next()}, ${next()})`;
  }

  // --- statements

  /** @param {Scope} scope @param {number} depth @returns {string} */
  statement(scope, depth) {
    const { random } = this;
    scope.made.cost += scope.times;
    const writable = scope.locals.filter(({ isFixed, type }) => !isFixed && !type.includes('*') && !type.includes(' '));
    const globals = this.visible(scope).filter(({ isConst }) => !isConst);
    switch (random.between(0, depth > 0 ? 11 : 6)) {
      case 0:
      case 1: {
        if (!writable.length) return this.mixed(scope);
        const { name, type } = random.pick(writable);
        return `${name} = ${this.value(scope, type, 3)};`;
      }
      case 2:
      case 3:
      case 4: {
        if (!globals.length) return this.mixed(scope);
        const { text, type } = this.place(scope, random.pick(globals));
        return `${text} = ${this.value(scope, type, 2)};`;
      }
      case 5: {
        const pointer = scope.locals.find(({ type }) => type === 'u32 *');
        return pointer
          ? `${pointer.name}[${this.number(scope, 1)} & 3] = ${this.number(scope, 2)};`
          : this.mixed(scope);
      }
      case 6:
        return this.mixed(scope);
      case 7:
        return `if (${this.number(scope, 2)} & ${random.pick([1, 2, 3, 16])}) ${this.block(scope, depth - 1)} else ${this.block(scope, depth - 1)}`;
      case 8:
        if (scope.result === 'u32') return `if (${this.number(scope, 2)} % 29u == 3) return ${this.number(scope, 1)};`;
        return `if (${this.number(scope, 2)} > ${this.constant()}) ${this.block(scope, depth - 1)}`;
      case 9: {
        const count = random.between(2, 6);
        const name = `n${scope.made.names++}`;
        const inner = { ...scope, times: scope.times * count };
        inner.locals = [...scope.locals, { name, type: 'u32', isFixed: true }];
        return `for (u32 ${name} = 0; ${name} < ${count}; ${name}++) ${this.block(inner, depth - 1)}`;
      }
      case 10: {
        const count = random.between(3, 9);
        const cases = Array.from({ length: count }, (_, i) => {
          const label = random.once(8) ? i * 1000 + 100 : i;
          return `case ${label}: ${this.statement(scope, 0)}${random.once(4) ? '' : ' break;'}`;
        });
        return `switch (${this.number(scope, 2)} % ${count + 2}u) {\n${cases.join('\n')}\ndefault: ${this.statement(scope, 0)}\n}`;
      }
      default: {
        const name = `s${scope.made.names++}`;
        return `{ ${this.staticWords()}u32 ${name} = ${this.constant()}; ${name} += ${this.number(scope, 1)}; mix(${name}); }`;
      }
    }
  }

  /** @param {Scope} scope */
  mixed(scope) {
    return `mix(${this.random.once(2) ? this.wide(scope, 2) : this.number(scope, 3)});`;
  }

  /** @param {Scope} scope @param {number} depth @returns {string} */
  block(scope, depth) {
    const lines = Array.from({ length: this.random.between(1, 3) }, () => this.statement(scope, depth));
    return `{\n${lines.join('\n')}\n}`;
  }

  /**
   * A body for a function.
   *
   * @param {string} result
   * @param {Parameter[]} parameters
   * @param {number} unit
   */
  body(result, parameters, unit) {
    const { random } = this;
    /** @type {Scope} */
    const scope = { unit, locals: [], times: 1, made: { cost: 3, usesStatics: false, names: this.firstName }, result };
    const lines = [];
    parameters.forEach(({ type, isRead }, i) => {
      if (!isRead) return;
      if (type === 'const struct record *') lines.push(`mix(a${i}->values[1] + (u32)a${i}->level);`);
      else if (type === 'struct pair') lines.push(`mix(a${i}.first ^ a${i}.second);`);
      else scope.locals.push({ name: `a${i}`, type });
    });
    if (random.once(4) && !scope.locals.some(({ type }) => type === 'u32 *')) {
      lines.push(`u32 room[4] = {${this.constant()}, ${this.constant()}};`);
      scope.locals.push({ name: 'room', type: 'u32 *', isFixed: true });
    }
    for (const type of ['u32', random.pick(integers), random.pick(['double', 'u64', 'float'])]) {
      const name = `v${scope.made.names++}`;
      lines.push(`${type} ${name} = ${this.initial(type)};`);
      scope.locals.push({ name, type });
    }
    const { made } = scope;
    for (let i = random.between(1, 4); i > 0; i--) lines.push(this.statement(scope, 2));
    if (result === 'struct pair') lines.push(`return (struct pair){${this.number(scope, 2)}, ${this.wide(scope, 2)}};`);
    else if (result !== 'void') lines.push(`return ${this.value(scope, result, 2)};`);
    else lines.push(this.mixed(scope));
    return { text: `{\n${lines.join('\n')}\n}`, cost: made.cost, usesStatics: made.usesStatics };
  }
}
