// @ts-check
// Makes C programs of several files from a number. What matters in them is what a linker sees: symbols of every binding
// across files, data with addresses of data and functions in it, equal functions and constants, functions with parameters
// that nothing reads, constructors, sections with a start and a stop. The programs have no undefined behaviour, and never
// depend on addresses: that two functions or strings are distinct is not something that they can tell.
import { Bodies, integers, texts } from './bodies.mjs';
import { commonCode, prelude } from './prelude.mjs';

/**
 * @typedef {import('./bodies.mjs').Callable} Callable
 * @typedef {import('./bodies.mjs').Traits} Traits
 *
 * @typedef {object} Changes to the text of a program
 * @property {(text: string) => string} [edited] what stands in place of a declaration or definition
 * @property {string[]} [before] at the top of each file
 * @property {(unit: number) => string[]} [after] at the end of a file
 */

/** A program. */
export class Generator extends Bodies {
  /** @param {number} seed @param {Traits} [traits] */
  constructor(seed, traits = {}) {
    super(seed, traits);
    this.seed = seed;
    this.units = this.random.between(2, 4);
    /** @type {string[][]} further declarations and definitions of each file */
    this.others = Array.from({ length: this.units }, () => []);
    /** @type {string[]} declarations that every file has */
    this.declarations = [];
    /** @type {string[]} statements of main */
    this.mainLines = [];
    this.generate();
    this.mainText = this.main();
  }

  // --- data

  addVariable() {
    const { random } = this;
    const name = `g${this.variables.length}`;
    const type = random.pick([...integers, 'u32', 'u32', 'float', 'double', 'struct pair', 'struct record']);
    const count = random.once(2) ? 0 : random.pick([2, 3, 4, 8, 17]);
    const isConst = random.once(4);
    const isStatic = random.once(2);
    const unit = random.between(0, this.units - 1);
    const value = this.initialOf(type, count);
    const isZero = !isConst && random.once(3);
    const isThreadLocal = Boolean(this.traits.hasThreadLocals) && !isConst && this.choices.once(3);
    const text = `${isConst ? 'const ' : ''}${type} ${name}${count ? `[${count}]` : ''}`;
    const words = isStatic ? this.staticWords(isThreadLocal) : isThreadLocal ? '_Thread_local ' : '';
    const definition = `${words}${text}${isZero ? '' : ` = ${value}`};`;
    const declaration = isStatic ? undefined : `extern ${isThreadLocal ? '_Thread_local ' : ''}${text};`;
    this.variables.push({ name, type, count, unit, isStatic, isConst, isThreadLocal, definition, declaration });
    if (declaration) this.declarations.push(declaration);
  }

  /** The initial value of a variable. @param {string} type @param {number} count of its elements, or 0 */
  initialOf(type, count) {
    const one = () => (type.startsWith('struct') ? this.initialStruct(type) : this.initial(type));
    return count ? `{${Array.from({ length: this.random.between(1, count) }, one).join(', ')}}` : one();
  }

  /** Data whose content is addresses. */
  addPointers() {
    const { random } = this;
    const unit = random.between(0, this.units - 1);
    const number = this.others.flat().length;
    const target = this.variables.find(
      ({ type, count, isConst, isThreadLocal, isStatic, unit: home }) =>
        type === 'u32' && count && !isConst && !isThreadLocal && (home === unit || !isStatic),
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
    const type = this.traits.hasThreadLocals && this.choices.once(2) ? '_Thread_local u32' : 'u32';
    for (let unit = 0; unit < this.units; unit++)
      this.others[unit].push(`${unit === strong ? '' : '__attribute__((weak)) '}${type} ${name} = ${this.constant()};`);
    this.declarations.push(`extern ${type} ${name};`);
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

  // --- functions

  /** @param {Callable} one */
  signature({ name, result, parameters }) {
    return `${result} ${name}(${parameters.map(({ type }, i) => `${type} a${i}`).join(', ') || 'void'})`;
  }

  /** @param {Callable} made */
  addFunction(made) {
    this.functions.push(made);
    const declaration = `${made.isStatic ? 'static ' : ''}${this.signature(made)};`;
    if (made.isStatic) this.others[made.unit].unshift(declaration);
    else if (!this.declarations.includes(declaration)) this.declarations.push(declaration);
    this.others[made.unit].push(this.definition(made));
    return made;
  }

  /** @param {Callable} made */
  definition(made) {
    return `${made.isStatic ? 'static ' : ''}${made.attributes}${this.signature(made)} ${made.body}`;
  }

  nextName() {
    return `f${this.functions.length}`;
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
    const known = this.operations(unit, Infinity);
    if (!known.length) return;
    const count = random.pick([2, 4, 8]);
    const entries = Array.from({ length: count }, () => random.pick(known));
    const hasNames = random.once(2);
    const isStatic = random.once(2);
    const name = `table${this.tables.length}`;
    const isConst = random.once(2);
    const type = `${isConst ? 'const ' : ''}${hasNames ? 'struct operation' : 'operation_function'}`;
    const declaration = `${isStatic ? 'static' : 'extern'} ${type} ${name}[${count}];`;
    const words = isStatic ? 'static ' : '';
    const definition = `${words}${type} ${name}[${count}] = ${this.tableOf(entries, hasNames)};`;
    this.others[unit].push(definition);
    if (isStatic) this.others[unit].unshift(declaration);
    else this.declarations.push(declaration);
    const cost = Math.max(...entries.map((one) => one.cost));
    const from = this.functions.length;
    this.tables.push({ name, count, unit, isStatic, hasNames, isConst, definition, declaration, from, cost });
  }

  /** The functions of the type that tables have. @param {number} unit that sees them @param {number} cost at most */
  operations(unit, cost) {
    return this.functions.filter(
      (one) =>
        one.result === 'u32' &&
        one.parameters.length === 2 &&
        one.parameters.every(({ type }) => type === 'u32') &&
        (one.unit === unit || !one.isStatic) &&
        one.cost <= cost,
    );
  }

  /** @param {Callable[]} entries @param {boolean} hasNames */
  tableOf(entries, hasNames) {
    const values = entries.map((one) =>
      hasNames ? `{"${this.random.pick(texts)}", ${one.name}, ${this.wideConstant()}}` : one.name,
    );
    return `{${values.join(', ')}}`;
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

  /**
   * The files, by name.
   *
   * @param {Changes} [changes]
   */
  files({ edited = (text) => text, before = [], after = () => [] } = {}) {
    /** @type {Record<string, string>} */
    const files = {};
    for (let unit = 0; unit < this.units; unit++) {
      const own = this.variables.filter((one) => one.unit === unit).map(({ definition }) => definition);
      const code = [...own, ...this.others[unit]].map(edited);
      const parts = [prelude, ...before, ...this.declarations.map(edited), ...(unit ? [] : [commonCode]), ...code];
      const text = [`// program ${this.seed}`, ...parts, ...after(unit), ...(unit ? [] : [this.mainText])];
      files[`unit${unit}.c`] = `${text.join('\n')}\n`;
    }
    return files;
  }
}

/**
 * The files of a program, by name.
 *
 * @param {number} seed
 * @param {Traits} [traits]
 */
export const generate = (seed, traits) => new Generator(seed, traits).files();
