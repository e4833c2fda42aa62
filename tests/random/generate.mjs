// @ts-check
// Makes C programs of several files from a number. What matters in them is what a linker sees: symbols of every binding
// across files, data with addresses of data and functions in it, equal functions and constants, functions with parameters
// that nothing reads, constructors, sections with a start and a stop. The programs have no undefined behaviour, and never
// depend on addresses: that two functions or strings are distinct is not something that they can tell.
import { commonCode, prelude } from './prelude.mjs';
import { Random } from './random.mjs';

/**
 * @typedef {object} Variable a global
 * @property {string} name
 * @property {string} type
 * @property {number} count elements of an array; 0: no array
 * @property {number} unit the file that defines it
 * @property {boolean} isStatic
 * @property {boolean} isConst
 * @property {string} definition
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
 * @property {number} cost
 *
 * @typedef {object} Scope where a statement stands
 * @property {number} unit
 * @property {{name: string, type: string, isFixed?: boolean}[]} locals
 * @property {number} times how often it runs, in one call
 * @property {{cost: number, usesStatics: boolean, names: number}} made of the whole function
 * @property {string} result the function's
 */

const integers = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'];
const texts = [
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
const mostCost = 4000;

class Generator {
  /** @param {number} seed */
  constructor(seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.units = this.random.between(2, 4);
    /** @type {Variable[]} */
    this.variables = [];
    /** @type {Callable[]} */
    this.functions = [];
    /** @type {FunctionTable[]} */
    this.tables = [];
    /** @type {string[][]} further declarations and definitions of each file */
    this.others = Array.from({ length: this.units }, () => []);
    /** @type {string[]} declarations that every file has */
    this.declarations = [];
    /** @type {string[]} statements of main */
    this.mainLines = [];
  }

  // --- data

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

  addVariable() {
    const { random } = this;
    const name = `g${this.variables.length}`;
    const type = random.pick([...integers, 'u32', 'u32', 'float', 'double', 'struct pair', 'struct record']);
    const count = random.once(2) ? 0 : random.pick([2, 3, 4, 8, 17]);
    const isConst = random.once(4);
    const isStatic = random.once(2);
    const unit = random.between(0, this.units - 1);
    const one = () => (type.startsWith('struct') ? this.initialStruct(type) : this.initial(type));
    const value = count ? `{${Array.from({ length: random.between(1, count) }, one).join(', ')}}` : one();
    const isZero = !isConst && random.once(3);
    const text = `${isConst ? 'const ' : ''}${type} ${name}${count ? `[${count}]` : ''}`;
    const variable = { name, type, count, unit, isStatic, isConst };
    this.variables.push({ ...variable, definition: `${text}${isZero ? '' : ` = ${value}`};` });
    if (!isStatic) this.declarations.push(`extern ${text};`);
  }

  /** Data whose content is addresses. */
  addPointers() {
    const { random } = this;
    const unit = random.between(0, this.units - 1);
    const number = this.others.flat().length;
    const target = this.variables.find(
      (one) => one.type === 'u32' && one.count && !one.isConst && (one.unit === unit || !one.isStatic),
    );
    if (target) {
      this.others[unit].push(`u32 *p${number} = &${target.name}[${random.between(0, target.count - 1)}];`);
      this.declarations.push(`extern u32 *p${number};`);
      this.mainLines.push(`*p${number} += ${this.constant()}; mix(*p${number});`);
    }
    const lines = Array.from({ length: 4 }, () => `"${random.pick(texts)}"`).join(', ');
    this.others[unit].push(`const char *const t${number}[4] = {${lines}};`);
    this.declarations.push(`extern const char *const t${number}[4];`);
    this.mainLines.push(`for (u32 i = 0; i < 4; i++) mix(text_sum(t${number}[i]));`);
  }

  /** A global of every file, of which the first one counts, or a strong one. */
  addWeakVariable() {
    const { random } = this;
    const name = `w${this.declarations.length}`;
    const strong = random.between(-1, this.units - 1);
    for (let unit = 0; unit < this.units; unit++)
      this.others[unit].push(`${unit === strong ? '' : '__attribute__((weak)) '}u32 ${name} = ${this.constant()};`);
    this.declarations.push(`extern u32 ${name};`);
    this.mainLines.push(`mix(${name});`);
  }

  /** Entries of several files in one section, which a program walks from its start to its stop. */
  addSection() {
    const { random } = this;
    for (let unit = 0; unit < this.units; unit++)
      for (let i = random.between(0, 2); i > 0; i--)
        this.others[unit].push(
          `__attribute__((section("entries"), used)) static const u32 entry${i} = ${this.constant()};`,
        );
    this.others[0].push('__attribute__((section("entries"), used)) static const u32 entry = 1;');
    this.declarations.push('extern const u32 __start_entries[], __stop_entries[];');
    this.mainLines.push('for (const u32 *at = __start_entries; at != __stop_entries; at++) mix(*at);');
  }

  // --- expressions

  /** The variables that a scope sees. @param {Scope} scope */
  visible(scope) {
    return this.variables.filter((one) => one.unit === scope.unit || !one.isStatic);
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
    if (type === 'u32 *') return known('u32 *')[0]?.name ?? '(u32[4]){1, 2, 3, 4}';
    if (type === 'const struct record *') return '&(struct record){3, -4, {5, 6}, 0.5}';
    if (type === 'struct pair') return `(struct pair){${this.number(scope, depth)}, ${this.wide(scope, 0)}}`;
    return this.value(scope, type, depth);
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
        (one.unit === unit || !one.isStatic) && made.cost + times * one.cost <= mostCost && one.result !== 'void',
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
      (one) => (one.unit === unit || !one.isStatic) && made.cost + times * one.cost <= mostCost,
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
        return `{ static u32 ${name} = ${this.constant()}; ${name} += ${this.number(scope, 1)}; mix(${name}); }`;
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

  // --- functions

  /** @param {Callable} one */
  signature({ name, result, parameters }) {
    return `${result} ${name}(${parameters.map(({ type }, i) => `${type} a${i}`).join(', ') || 'void'})`;
  }

  /** @param {Callable} made */
  addFunction(made) {
    this.functions.push(made);
    const linkage = made.isStatic ? 'static ' : '';
    const declaration = `${linkage}${this.signature(made)};`;
    if (made.isStatic) this.others[made.unit].unshift(declaration);
    else if (!this.declarations.includes(declaration)) this.declarations.push(declaration);
    this.others[made.unit].push(`${linkage}${made.attributes}${this.signature(made)} ${made.body}`);
    return made;
  }

  nextName() {
    return `f${this.functions.length}`;
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
    const scope = { unit, locals: [], times: 1, made: { cost: 3, usesStatics: false, names: 0 }, result };
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

  /** @param {boolean} isOperation of the type that tables have */
  addPlainFunction(isOperation) {
    const { random } = this;
    const unit = random.between(0, this.units - 1);
    const types = [
      'u32',
      'u32',
      'u64',
      'double',
      'float',
      'u8',
      'i16',
      'u32 *',
      'const struct record *',
      'struct pair',
    ];
    const parameters = Array.from({ length: random.between(0, 4) }, () => ({ type: random.pick(types), isRead: true }));
    if (isOperation) parameters.splice(0, 9, { type: 'u32', isRead: true }, { type: 'u32', isRead: true });
    for (let i = parameters.length - 1; i >= 0 && random.once(3); i--) parameters[i].isRead = false;
    const result = isOperation ? 'u32' : random.pick(['u32', 'u32', 'u64', 'double', 'i16', 'void', 'struct pair']);
    const { text, cost, usesStatics } = this.body(result, parameters, unit);
    const attributes = random.once(3) ? '' : '__attribute__((noinline)) ';
    const shape = { result, parameters, body: text, cost, attributes };
    return this.addFunction({ name: this.nextName(), unit, isStatic: random.once(3), usesStatics, ...shape });
  }

  /** The same function again, or almost, for a linker that makes equal functions one. @param {Callable} one */
  addTwin(one) {
    const { random } = this;
    const unit = one.usesStatics ? one.unit : random.between(0, this.units - 1);
    let { body } = one;
    if (random.once(2)) body = body.replace(/\b(\d+)u\b/, (_, digits) => `${(Number(digits) + 1) % 65536}u`);
    const isStatic = random.once(2);
    this.addFunction({ ...one, name: this.nextName(), unit, body, isStatic, attributes: '__attribute__((noinline)) ' });
  }

  /** A function that only calls another one. @param {Callable} one */
  addForwarder(one) {
    const args = one.parameters.map((_, i) => `a${i}`).join(', ');
    const body = `{ ${one.result === 'void' ? '' : 'return '}${one.name}(${args}); }`;
    const unit = one.isStatic ? one.unit : this.random.between(0, this.units - 1);
    const shape = { name: this.nextName(), unit, body, cost: one.cost + 1, usesStatics: one.isStatic };
    this.addFunction({ ...one, ...shape, isStatic: this.random.once(2), attributes: '__attribute__((noinline)) ' });
  }

  /** One name with a weak definition in every file, and perhaps a strong one in one of them. */
  addWeakFunction() {
    const { random } = this;
    const name = this.nextName();
    const strong = random.between(-1, this.units - 1);
    const parameters = [
      { type: 'u32', isRead: true },
      { type: 'u64', isRead: random.once(2) },
    ];
    /** @type {Callable[]} */
    const made = [];
    for (let unit = 0; unit < this.units; unit++) {
      const { text, cost } = this.body('u32', parameters, unit);
      const attributes = unit === strong ? '' : '__attribute__((weak)) ';
      const shape = { parameters, unit, isStatic: false, attributes, body: text, cost, usesStatics: true };
      made.push({ name, result: 'u32', ...shape });
    }
    const most = Math.max(...made.map(({ cost }) => cost));
    for (const one of made) this.addFunction({ ...one, cost: most });
    this.functions.splice(-made.length, made.length - 1); // one name
  }

  addRecursion() {
    const unit = this.random.between(0, this.units - 1);
    const name = this.nextName();
    const body = `{ return a0 % 20u == 0 ? a1 : ${name}(a0 % 20u - 1, a1 * 7u + a0) ^ ${this.constant()}; }`;
    const number = { type: 'u32', isRead: true };
    const shape = { body, cost: 25, usesStatics: false, attributes: '__attribute__((noinline)) ' };
    this.addFunction({ name, result: 'u32', parameters: [number, number], unit, isStatic: false, ...shape });
  }

  /** A second name for a function. @param {Callable} one */
  addAlias(one) {
    if (one.isStatic || one.attributes.includes('weak')) return;
    const name = this.nextName();
    const made = { ...one, name };
    this.functions.push(made);
    this.declarations.push(`${this.signature(made)};`);
    this.others[one.unit].push(`${this.signature(made)} __attribute__((alias("${one.name}")));`);
  }

  addTable() {
    const { random } = this;
    const unit = random.between(0, this.units - 1);
    const isOperation = (/** @type {Callable} */ { result, parameters }) =>
      result === 'u32' && parameters.length === 2 && parameters.every(({ type }) => type === 'u32');
    const known = this.functions.filter((one) => isOperation(one) && (one.unit === unit || !one.isStatic));
    if (!known.length) return;
    const count = random.pick([2, 4, 8]);
    const entries = Array.from({ length: count }, () => random.pick(known));
    const hasNames = random.once(2);
    const isStatic = random.once(2);
    const name = `table${this.tables.length}`;
    const type = `${random.once(2) ? 'const ' : ''}${hasNames ? 'struct operation' : 'operation_function'}`;
    const values = entries.map((one) =>
      hasNames ? `{"${random.pick(texts)}", ${one.name}, ${this.wideConstant()}}` : one.name,
    );
    this.others[unit].push(`${isStatic ? 'static ' : ''}${type} ${name}[${count}] = {${values.join(', ')}};`);
    if (isStatic) this.others[unit].unshift(`static ${type} ${name}[${count}];`);
    else this.declarations.push(`extern ${type} ${name}[${count}];`);
    this.tables.push({ name, count, unit, isStatic, hasNames, cost: Math.max(...entries.map(({ cost }) => cost)) });
  }

  addConstructors() {
    const { random } = this;
    for (let i = random.between(1, 4); i > 0; i--) {
      const unit = random.between(0, this.units - 1);
      const priority = random.once(2) ? `(${101 + random.between(0, 500)})` : '';
      const scope = { unit, locals: [], times: 1, made: { cost: 0, usesStatics: false, names: 0 }, result: 'void' };
      const line = this.mixed(scope);
      this.others[unit].push(`__attribute__((constructor${priority})) static void begin${i}(void) { ${line} }`);
    }
    if (random.once(2))
      this.others[0].push('__attribute__((destructor)) static void end(void) { printf("end %016llx\\n", state); }');
  }

  addUndefinedWeak() {
    const name = `absent${this.declarations.length}`;
    this.declarations.push(`u32 ${name}(u32) __attribute__((weak));`);
    this.mainLines.push(`mix(${name} ? ${name}(5) : 6);`);
  }

  // --- the whole

  generate() {
    const { random } = this;
    for (let i = random.between(5, 16); i > 0; i--) this.addVariable();
    for (let i = random.between(6, 18); i > 0; i--) {
      const isOperation = random.once(3);
      const one = this.addPlainFunction(isOperation);
      if (random.once(4)) this.addTwin(one);
      if (random.once(5)) this.addForwarder(one);
      if (random.once(9)) this.addAlias(one);
      if (random.once(9)) this.addWeakFunction();
      if (random.once(9)) this.addRecursion();
      if (random.once(3)) this.addTable();
    }
    if (random.once(2)) this.addPointers();
    if (random.once(3)) this.addWeakVariable();
    if (random.once(3)) this.addSection();
    if (random.once(2)) this.addConstructors();
    if (random.once(3)) this.addUndefinedWeak();
    return this.units;
  }

  main() {
    const { random } = this;
    const lines = ['if (csmith_main) csmith_main();', ...this.mainLines];
    const made = { cost: -Infinity, usesStatics: false, names: 0 };
    const scope = { unit: 0, locals: [], times: 1, made, result: 'int' };
    for (const one of this.functions) {
      if (one.isStatic && one.unit !== 0) continue;
      if (random.once(6)) continue; // some are needed by others only, or by none
      const args = one.parameters.map(({ type }) => this.argument(scope, type, 0)).join(', ');
      const call = `${one.name}(${args})`;
      if (one.result === 'void') lines.push(`${call};`);
      else if (one.result === 'struct pair') lines.push(`{ struct pair r = ${call}; mix(r.first ^ r.second); }`);
      else if (one.result === 'double') lines.push(`mix(bits(${call}));`);
      else lines.push(`mix((u64)${call});`);
      lines.push(`printf("${one.name} %016llx\\n", state);`);
    }
    for (const { name, type, count } of this.variables.filter(({ isStatic, unit }) => !isStatic || unit === 0)) {
      const at = count ? `${name}[i]` : name;
      const parts =
        type === 'struct pair'
          ? [`${at}.first`, `${at}.second`]
          : type === 'struct record'
            ? [`${at}.kind`, `(u64)${at}.level`, `${at}.values[3]`, `bits(${at}.weight)`]
            : [type === 'float' || type === 'double' ? `bits(${at})` : `(u64)${at}`];
      const mixes = parts.map((part) => `mix(${part});`).join(' ');
      lines.push(count ? `for (u32 i = 0; i < ${count}; i++) { ${mixes} }` : mixes);
    }
    lines.push('u32 list[6] = {9, 1, 8, 2, (u32)state, 5};', 'qsort(list, 6, 4, compare);');
    lines.push('for (u32 i = 0; i < 6; i++) mix(list[i]);');
    lines.push('printf("%s %016llx\\n", "state", state);', `return (int)(state & 63);`);
    return `int main(void) {\n${lines.join('\n')}\n}`;
  }

  /** @returns {Record<string, string>} */
  files() {
    this.generate();
    const main = this.main();
    /** @type {Record<string, string>} */
    const files = {};
    for (let unit = 0; unit < this.units; unit++) {
      const own = this.variables.filter((one) => one.unit === unit);
      const data = own.map(({ isStatic, definition }) => `${isStatic ? 'static ' : ''}${definition}`);
      const parts = [prelude, ...this.declarations, ...(unit ? [] : [commonCode]), ...data, ...this.others[unit]];
      files[`unit${unit}.c`] = [`// program ${this.seed}`, ...parts, ...(unit ? [] : [main])].join('\n') + '\n';
    }
    return files;
  }
}

/**
 * The files of a program, by name.
 *
 * @param {number} seed
 */
export const generate = (seed) => new Generator(seed).files();
