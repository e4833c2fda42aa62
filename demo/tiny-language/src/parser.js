// One function: parsed and turned into instructions in one go. The variables of the program are data.
import { isArray, named, Reader, Strings } from './reader.js';
import { heads } from './syntax.js';

/**
 * @typedef {import('./syntax.js').Item} Item
 * @typedef {import('./syntax.js').Token} Token
 * @typedef {import('./reader.js').Header} Header
 * @typedef {import('./reader.js').Named} Named
 * @typedef {import('./reader.js').Type} Type
 * @typedef {import('wasm-weld').UnitSymbol} UnitSymbol
 * @typedef {import('wasm-weld').Code} Code
 * @typedef {{type: Type, index: number, from: number}} Variable `from`: the first instruction that sees it.
 */

/** @type {Record<string, {level: number, op?: import('wasm-weld').Instruction}>} */
const binary = {
  '||': { level: 1 },
  '&&': { level: 2 },
  '==': { level: 3, op: 'i32.eq' },
  '!=': { level: 3, op: 'i32.ne' },
  '<': { level: 4, op: 'i32.lt_s' },
  '<=': { level: 4, op: 'i32.le_s' },
  '>': { level: 4, op: 'i32.gt_s' },
  '>=': { level: 4, op: 'i32.ge_s' },
  '+': { level: 5, op: 'i32.add' },
  '-': { level: 5, op: 'i32.sub' },
  '*': { level: 6, op: 'i32.mul' },
  '/': { level: 6, op: 'i32.div_s' },
  '%': { level: 6, op: 'i32.rem_s' },
};
const unaryLevel = 7;
/** A function's body. What it is made of stays in fields. */
export class FunctionCompiler extends Reader {
  /** @type {number[]} Where in the source each instruction comes from. */
  places = [];
  /** @type {import('wasm-weld').LocalVariable[]} For debuggers. */
  variables = [];
  /** @type {Map<string, string | undefined>} What is used of the program, by name: its keys. */
  uses = new Map();
  localCount = 0;
  strings = new Strings();
  /** @type {Map<string, Variable>[]} */
  #scopes = [];
  #depth = 0;
  /** @type {{exit: number, again: number}[]} */
  #loops = [];

  /**
   * @param {Item} item @param {Header} header @param {number} body
   * @param {{code: Code, lines: import('./syntax.js').Lines, types: Record<Type, number | undefined>, strings: UnitSymbol, stack: UnitSymbol,
   *   printf: UnitSymbol, find(name: string): Named | undefined}} context
   */
  constructor(item, header, body, context) {
    super(item);
    this.header = header;
    this.context = context;
    this.index = body;
  }

  compile() {
    this.#scopes = [new Map()];
    for (const { name, type } of this.header.params) this.#declare(name, type);
    const ends = this.#block();
    const close = this.tokens[this.index - 1];
    if (this.token.kind !== 'end') this.expected(heads);
    if (this.header.result !== 'none') {
      if (!ends) this.fail(close, `\`${this.header.name}\` can end without returning a value`);
      this.#op(close.at, 'unreachable');
    }
    this.#op(close.at, 'end');
    this.#leaveScope();
    this.localCount -= this.header.params.length;
  }

  /**
   * @template {import('wasm-weld').Instruction} Name
   * @param {number} place
   * @param {Name} name
   * @param {import('wasm-weld').OperandsOf<Name>} operands
   */
  #op(place, name, ...operands) {
    const { code, lines } = this.context;
    if (place !== this.places[this.places.length - 1]) {
      const { line, column } = lines.find(place);
      code.at(line, column);
    }
    this.places.push(place);
    code.op(name, ...operands);
    if (name === 'block' || name === 'loop' || name === 'if') this.#depth++;
    else if (name === 'end') this.#depth--;
  }

  /** @param {Token} name @param {Type} type */
  #declare(name, type) {
    const scope = this.#scopes[this.#scopes.length - 1];
    if (scope.has(name.text)) this.fail(name, `there is a variable \`${name.text}\` already`);
    scope.set(name.text, { type, index: this.localCount++, from: this.places.length });
    return this.localCount - 1;
  }

  #leaveScope() {
    for (const [name, { type, index, from }] of this.#scopes.pop() ?? [])
      if (from < this.places.length)
        this.variables.push({
          name,
          local: index,
          type: this.context.types[type],
          begin: from,
          end: this.places.length,
        });
  }

  /** @param {Token} name @returns {Variable | Named} of the function, or of the program */
  #variable(name) {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const variable = this.#scopes[i].get(name.text);
      if (variable) return variable;
    }
    const found = this.context.find(name.text);
    this.uses.set(name.text, found?.header.key);
    if (!found?.header.isData) return this.fail(name, `there is no variable \`${name.text}\``);
    return found;
  }

  /** The value of a variable. @param {Token} name @returns {Type} */
  #get(name) {
    const variable = this.#variable(name);
    if ('index' in variable) {
      this.#op(name.at, 'local.get', variable.index);
      return variable.type;
    }
    const { symbol, header } = variable;
    this.#op(name.at, 'i32.data', symbol);
    if (!isArray(header.result)) this.#op(name.at, 'i32.load');
    return header.result;
  }

  // Statements. Each says whether what comes after it is never reached.
  #block() {
    this.expect('{');
    this.#scopes.push(new Map());
    let ends = false;
    while (!this.accept('}')) ends = this.#statement() || ends;
    this.#leaveScope();
    return ends;
  }

  /** @returns {boolean} */
  #statement() {
    const { token } = this;
    const { at } = token;
    if (token.kind === 'end') this.expected('`}`');
    if (token.text === '{') return this.#block();
    if (this.accept('if')) return this.#if(at);
    if (this.accept('while')) return this.#while(at);
    if (this.accept('for')) return this.#for(at);
    this.#simpleStatement(token, at);
    this.expect(';');
    return token.text === 'return' || token.text === 'break' || token.text === 'continue';
  }

  /** @param {Token} token @param {number} at */
  #simpleStatement(token, at) {
    if (this.accept('let')) {
      const name = this.name();
      this.expect('=');
      const type = this.#value();
      this.#op(at, 'local.set', this.#declare(name, type));
    } else if (this.accept('return')) {
      const { result, name } = this.header;
      if (result !== 'none') this.#value(result);
      else if (this.token.text !== ';') this.fail(this.token, `\`${name}\` returns nothing: its head has no type`);
      this.#op(at, 'return');
    } else if (this.accept('break') || this.accept('continue')) {
      const loop = this.#loops[this.#loops.length - 1];
      if (!loop) this.fail(token, `\`${token.text}\` is for loops`);
      this.#op(at, 'br', this.#depth - (token.text === 'break' ? loop.exit : loop.again));
    } else if (this.accept('print')) {
      this.#print(token, '\n');
    } else if (this.accept('write')) {
      this.#print(token, '');
    } else {
      const name = this.name('a statement');
      if (this.token.text === '(') {
        if (this.#call(name) !== 'none') this.#op(at, 'drop');
        return;
      }
      if (this.token.text === '[') {
        const type = this.#get(name);
        if (isArray(type)) {
          const element = this.#element(type);
          const store = this.expect('=');
          this.#value(element);
          this.#op(store.at, 'i32.store', { offset: 4 });
          return;
        }
        this.#need('str', type, name);
        this.next();
        this.#value('int');
        this.expect(']');
        const store = this.expect('=');
        this.#op(store.at, 'i32.add');
        this.#value('int');
        this.#op(store.at, 'i32.store8');
        return;
      }
      const variable = this.#variable(name);
      const set = this.expect('=');
      if ('index' in variable) {
        this.#value(variable.type);
        this.#op(set.at, 'local.set', variable.index);
      } else {
        const { symbol, header } = variable;
        if (isArray(header.result)) this.fail(name, `\`${name.text}\` is ${named[header.result]}: set its elements`);
        this.#op(name.at, 'i32.data', symbol);
        this.#value(header.result);
        this.#op(set.at, 'i32.store');
      }
    }
  }

  /** @param {number} at @returns {boolean} */
  #if(at) {
    this.#value('int');
    this.#op(at, 'if');
    let ends = this.#block();
    const { token } = this;
    if (this.accept('else')) {
      this.#op(token.at, 'else');
      const next = this.token;
      const otherEnds = this.accept('if') ? this.#if(next.at) : this.#block();
      ends &&= otherEnds;
    } else {
      ends = false;
    }
    this.#op(at, 'end');
    return ends;
  }

  /** @param {number} at */
  #while(at) {
    this.#op(at, 'block');
    const exit = this.#depth;
    this.#op(at, 'loop');
    const again = this.#depth;
    this.#value('int');
    this.#op(at, 'i32.eqz');
    this.#op(at, 'br_if', this.#depth - exit);
    this.#loops.push({ exit, again });
    this.#block();
    this.#loops.pop();
    this.#op(at, 'br', this.#depth - again);
    this.#op(at, 'end');
    this.#op(at, 'end');
    return false;
  }

  /** `for i in from..to`. @param {number} at */
  #for(at) {
    const name = this.name();
    this.expect('in');
    this.#value('int');
    this.expect('..');
    this.#scopes.push(new Map());
    const limit = this.localCount++;
    this.#value('int');
    const i = this.#declare(name, 'int');
    this.#op(at, 'local.set', limit);
    this.#op(at, 'local.set', i);
    this.#op(at, 'block');
    const exit = this.#depth;
    this.#op(at, 'loop');
    const head = this.#depth;
    this.#op(at, 'local.get', i);
    this.#op(at, 'local.get', limit);
    this.#op(at, 'i32.ge_s');
    this.#op(at, 'br_if', this.#depth - exit);
    this.#op(at, 'block');
    this.#loops.push({ exit, again: this.#depth });
    this.#block();
    this.#loops.pop();
    this.#op(at, 'end');
    this.#op(at, 'local.get', i);
    this.#op(at, 'i32.const', 1);
    this.#op(at, 'i32.add');
    this.#op(at, 'local.set', i);
    this.#op(at, 'br', this.#depth - head);
    this.#op(at, 'end');
    this.#op(at, 'end');
    this.#leaveScope();
    return false;
  }

  /**
   * One call of printf. Text goes into its format; values go where C's convention has them, below the stack pointer.
   * @param {Token} token @param {string} end
   */
  #print(token, end) {
    const { code, stack, printf, strings } = this.context;
    const { at } = token;
    const frame = this.localCount++;
    this.#op(at, 'global.get', stack);
    const sizes = [code.length]; // instructions whose operand is the size of the frame, known at the end
    this.#op(at, 'i32.const', 0);
    this.#op(at, 'i32.sub');
    this.#op(at, 'local.tee', frame);
    this.#op(at, 'global.set', stack);
    let format = '';
    let count = 0;
    this.expect('(');
    for (let first = true; !this.accept(')'); first = false) {
      if (!first) this.expect(',');
      const after = this.tokens[this.index + 1]?.text;
      if (this.token.kind === 'string' && (after === ',' || after === ')')) {
        format += this.unescape(this.next()).replaceAll('%', '%%');
        continue;
      }
      this.#op(at, 'local.get', frame);
      const { token } = this;
      const type = this.#value();
      if (isArray(type)) this.fail(token, `this is ${named[type]}: print its elements`);
      format += type === 'int' ? '%d' : '%s';
      this.#op(at, 'i32.store', { offset: 4 * count++ });
    }
    this.#op(at, 'i32.data', strings, this.strings.place(format + end));
    this.#op(at, 'local.get', frame);
    this.#op(at, 'call', printf);
    this.#op(at, 'drop');
    this.#op(at, 'local.get', frame);
    sizes.push(code.length);
    this.#op(at, 'i32.const', 0);
    this.#op(at, 'i32.add');
    this.#op(at, 'global.set', stack);
    const size = 16 * Math.ceil(count / 4); // the stack stays aligned
    for (const i of sizes) code.operands[i] = size;
  }

  /**
   * Behind the address of an array, an index in brackets: gives the address 4 bytes before the element, for the length is
   * there, and what the element is.
   * @param {Type} type @returns {Type}
   */
  #element(type) {
    const { at } = this.expect('[');
    const [array, index] = [this.localCount++, this.localCount++];
    this.#op(at, 'local.set', array);
    this.#value('int');
    this.expect(']');
    this.#op(at, 'local.tee', index);
    this.#op(at, 'local.get', array);
    this.#op(at, 'i32.load');
    this.#op(at, 'i32.ge_u');
    this.#op(at, 'if');
    this.#op(at, 'unreachable');
    this.#op(at, 'end');
    this.#op(at, 'local.get', array);
    this.#op(at, 'local.get', index);
    this.#op(at, 'i32.const', 2);
    this.#op(at, 'i32.shl');
    this.#op(at, 'i32.add');
    return type === '[str]' ? 'str' : 'int';
  }

  // Expressions: their value stays on the stack.
  /** @param {Type} wanted @param {Type} type @param {Token} token */
  #need(wanted, type, token) {
    if (type !== wanted) this.fail(token, `this is ${named[type]}, not ${named[wanted]}`);
  }

  /** A value of this type, or of any. @param {Type} [wanted] @returns {Type} */
  #value(wanted) {
    const { token } = this;
    const type = this.#expression(1);
    if (wanted) this.#need(wanted, type, token);
    else if (type === 'none') this.fail(token, `\`${token.text}\` returns nothing`);
    return type;
  }

  /** Operators of this level and above. @param {number} level @returns {Type} */
  #expression(level) {
    const first = this.token;
    let type = this.#operand();
    for (;;) {
      const { token } = this;
      const row = token.kind === 'mark' ? binary[token.text] : undefined;
      if (!row || row.level < level) return type;
      if (type !== 'int') this.#need('int', type, first);
      this.next();
      // The right side is evaluated only when it matters.
      if (token.text === '&&' || token.text === '||') this.#op(token.at, 'if', 'i32');
      if (token.text === '||') {
        this.#op(token.at, 'i32.const', 1);
        this.#op(token.at, 'else');
      }
      const right = this.token;
      this.#need('int', this.#expression(row.level + 1), right);
      if (row.op) {
        this.#op(token.at, row.op);
      } else {
        this.#op(token.at, 'i32.const', 0);
        this.#op(token.at, 'i32.ne');
        if (token.text === '&&') {
          this.#op(token.at, 'else');
          this.#op(token.at, 'i32.const', 0);
        }
        this.#op(token.at, 'end');
      }
      type = 'int';
    }
  }

  /** @returns {Type} */
  #operand() {
    const { token } = this;
    const { at, kind } = token;
    if (this.accept('-')) {
      this.#op(at, 'i32.const', 0);
      const operand = this.token;
      this.#need('int', this.#expression(unaryLevel), operand);
      this.#op(at, 'i32.sub');
      return 'int';
    }
    if (this.accept('!')) {
      const operand = this.token;
      this.#need('int', this.#expression(unaryLevel), operand);
      this.#op(at, 'i32.eqz');
      return 'int';
    }
    /** @type {Type} */
    let type = 'int';
    if (this.accept('(')) {
      type = this.#value();
      this.expect(')');
    } else if (kind === 'number') {
      this.#op(at, 'i32.const', this.number());
    } else if (kind === 'char') {
      const text = this.unescape(this.next());
      this.#op(at, 'i32.const', text.codePointAt(0) ?? 0);
    } else if (kind === 'string') {
      this.#op(at, 'i32.data', this.context.strings, this.strings.place(this.unescape(this.next())));
      type = 'str';
    } else if (this.accept('len')) {
      this.expect('(');
      const array = this.token;
      const found = this.#value();
      if (!isArray(found)) this.fail(array, `this is ${named[found]}, not an array`);
      this.expect(')');
      this.#op(at, 'i32.load');
    } else {
      const name = this.name('a value');
      type = this.token.text === '(' ? this.#call(name) : this.#get(name);
    }
    while (isArray(type) && this.token.text === '[') {
      const { at } = this.token;
      type = this.#element(type);
      this.#op(at, 'i32.load', { offset: 4 });
    }
    while (type === 'str' && this.token.text === '[') {
      const open = this.next();
      this.#value('int');
      this.expect(']');
      this.#op(open.at, 'i32.add');
      this.#op(open.at, 'i32.load8_u');
      type = 'int';
    }
    return type;
  }

  /** @param {Token} name @returns {Type} */
  #call(name) {
    const callee = this.context.find(name.text);
    this.uses.set(name.text, callee?.header.key);
    if (!callee || callee.header.isData) return this.fail(name, `there is no function \`${name.text}\``);
    const { header, symbol } = callee;
    this.expect('(');
    for (const [i, { type }] of header.params.entries()) {
      if (this.token.text === ')') this.fail(this.token, `\`${header.key}\` takes ${header.params.length} values`);
      if (i > 0) this.expect(',');
      this.#value(type);
    }
    if (this.token.text === ',' || (this.token.text !== ')' && header.params.length === 0))
      this.fail(this.token, `\`${header.key}\` takes ${header.params.length} values`);
    this.expect(')');
    this.#op(name.at, 'call', symbol);
    return header.result;
  }
}
