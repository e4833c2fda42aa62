// Programs and what they print, mistakes and their places, edits.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { ConsoleStdout, WASI } from '@bjorn3/browser_wasi_shim';
import { library } from '../src/library.js';
import { Module } from '../src/module.js';
import { Session } from '../src/session.js';
import { lineAndColumn } from '../src/syntax.js';

const inputs = library();
const open = () => Session.open({ inputs });
const shared = await open();

/** What a module prints. @param {Uint8Array | undefined} output */
function run(output) {
  assert.ok(output);
  let text = '';
  const out = new ConsoleStdout((bytes) => void (text += new TextDecoder().decode(bytes)));
  const wasi = new WASI([], [], [out, out, out]);
  const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (output));
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport });
  wasi.start(/** @type {any} */ (instance));
  return text;
}

/** @param {string} source @param {import('../src/session.js').Problem[]} problems */
const places = (source, problems) =>
  problems.map(({ message, from }) =>
    from === undefined ? message : `${Object.values(lineAndColumn(source, from)).join(':')} ${message}`,
  );

/** What a program prints. @param {string} source */
function prints(source) {
  const { output, problems } = shared.build(source);
  assert.deepEqual(places(source, problems), []);
  return run(output);
}

/** What is wrong with a program. @param {string} source */
function wrong(source) {
  const { output, problems } = shared.build(source);
  assert.equal(output, undefined);
  return places(source, problems);
}

/** The value of an expression. @param {string} text */
const value = (text) => prints(`fn main() { print(${text}); }`);

test('expressions', () => {
  assert.equal(value('1 + 2 * 3 - 4 / 2 % 2, " ", (1 + 2) * -3, " ", -2147483647 - 1'), '7 -9 -2147483648\n');
  assert.equal(value('1 < 2, 2 <= 1, 3 > 3, 3 >= 3, 1 == 2, 1 != 2, !5, !0'), '10010101\n');
  assert.equal(value('2 && 3, 2 && 0, 0 && 1 / 0, 0 || 7, 0 || 0, 1 || 1 / 0, 0 || 1 && 0'), '1001010\n');
  assert.equal(value('10 - 3 - 2, " ", 100 / 5 / 2'), '5 10\n');
  assert.equal(value(`'A', " ", '\\n', " ", "abc"[1]`), '65 10 98\n');
});

test('print goes through printf', () => {
  assert.equal(value('"100%d of ", 3, "\\t", "\\"quoted\\"", "\\\\"'), '100%d of 3\t"quoted"\\\n');
  assert.equal(value(''), '\n');
  assert.equal(prints('fn main() { write("a", 1); write(); print("b"); }'), 'a1b\n');
  assert.equal(
    value(Array.from({ length: 40 }, (_, i) => i).join(', " ", ')),
    `${Array.from({ length: 40 }, (_, i) => i).join(' ')}\n`,
  );
  // A call among the values prints before, below this one's values.
  assert.equal(
    prints('fn f(n: int): int { print("f", n); return n; } fn main() { print(1, f(2), f(3), 4); }'),
    'f2\nf3\n1234\n',
  );
  assert.equal(
    prints('fn s(): str { return "string"; } fn main() { let t = s(); print(t, " ", s(), " ünï"); }'),
    'string string ünï\n',
  );
});

test('statements', () => {
  assert.equal(
    prints(
      'fn main() { let i = 0; while 1 { i = i + 1; if i == 3 { continue; } if i > 5 { break; } write(i); } print(); }',
    ),
    '1245\n',
  );
  assert.equal(
    prints('fn main() { for i in 1..4 { for j in i..4 { if j == 3 { continue; } write(i, j, " "); } } print(); }'),
    '11 12 22 \n',
  );
  assert.equal(prints('fn main() { let x = 1; { let x = 2; x = 3; write(x); } print(x); }'), '31\n');
  const sign = 'fn sign(n: int): int { if n < 0 { return -1; } else if n == 0 { return 0; } else { return 1; } }';
  assert.equal(prints(`${sign} fn main() { print(sign(-5), sign(0), sign(9)); }`), '-101\n');
  assert.equal(prints('fn main(): int { print("value"); return 3; }'), 'value\n');
});

test('functions call each other and C', () => {
  assert.equal(
    prints(
      'fn even(n: int): int { if n == 0 { return 1; } return odd(n - 1); } fn odd(n: int): int { if n == 0 { return 0; } return even(n - 1); } fn main() { print(even(10), odd(10)); }',
    ),
    '10\n',
  );
  const c =
    'extern fn strlen(s: str): int; extern fn malloc(n: int): str; extern fn strcpy(to: str, from: str): str; extern fn toupper(c: int): int;';
  assert.equal(
    prints(`${c} fn main() { let s = malloc(9); strcpy(s, "weld"); s[0] = toupper(s[0]); print(s, strlen(s)); }`),
    'Weld4\n',
  );
  // Names of the program are not C's.
  assert.equal(
    prints(
      'fn puts(s: str, n: int): int { return n; } fn malloc(): int { return 1; } fn main() { print(puts("", 2), malloc()); }',
    ),
    '21\n',
  );
});

test('variables of the program', () => {
  assert.equal(
    prints(
      'let count = -3; let name = "weld"; fn more() { count = count + 5; } fn main() { more(); more(); print(name, count); name = "other"; print(name, name[0]); }',
    ),
    'weld7\nother111\n',
  );
  const words = 'let words = ["none", "one", "none"]; let squares = [0, 1, -4, \'A\', 2147483647];';
  assert.equal(
    prints(
      `${words} fn main() { for i in 0..len(words) { write(words[i], words[i][1], " "); } squares[2] = squares[1] + len(squares); print(squares[2], squares[3], squares[4]); }`,
    ),
    'none111 one110 none111 6652147483647\n',
  );
  assert.equal(
    prints(
      `${words} fn sum(of: [int], most: int): int { let n = 0; for i in 0..most { n = n + of[i]; } return n; } fn last(of: [str]): str { let all = of; all[1] = "new"; return all[1]; } fn main() { print(sum(squares, 4), last(words), words[squares[1]]); let squares = 1; print(squares); }`,
    ),
    '62newnew\n1\n',
  );
  assert.deepEqual(wrong('let a = 1 fn main() {}'), ['1:10 expected `;`, found the end of the variable']);
  assert.deepEqual(wrong('let a = [1, "b"]; let c = []; let d = f(); fn main() {}'), [
    '1:13 this is a string, not a number',
    '1:28 expected a number or a string, found `]`',
    '1:39 expected a number or a string, found `f`',
  ]);
  assert.deepEqual(wrong('let a = [1]; fn main() { a = 1; print(a); b[0] = 1; }'), [
    '1:26 `a` is an array of numbers: set its elements',
  ]);
  assert.deepEqual(wrong('let a = [1]; fn main() { print(a); }'), [
    '1:32 this is an array of numbers: print its elements',
  ]);
  assert.deepEqual(wrong('let a = ["b"]; fn main() { a[0] = 1; }'), ['1:35 this is a number, not a string']);
  assert.deepEqual(wrong('let a = 1; fn a() {} fn main() { a(); }'), [
    '1:15 there is a variable `a` already',
    '1:34 there is no function `a`',
  ]);
  assert.deepEqual(wrong('fn main() { print(len("a")); }'), ['1:23 this is a string, not an array']);
});

test('mistakes have a place', () => {
  assert.deepEqual(wrong('fn f() {}'), ['1:1 a program begins at `fn main()`']);
  assert.deepEqual(wrong('fn main() {\n  let s = "abc;\n}'), ['2:11 this string has no end']);
  assert.deepEqual(wrong('fn main() { print(1 +); }'), ['1:22 expected a value, found `)`']);
  assert.deepEqual(wrong('fn main() { x = 1; }'), ['1:13 there is no variable `x`']);
  assert.deepEqual(wrong('fn main() { f(); }'), ['1:13 there is no function `f`']);
  assert.deepEqual(wrong('fn main() { print("a" + 1); }'), ['1:19 this is a string, not a number']);
  assert.deepEqual(wrong('fn main() { break; }'), ['1:13 `break` is for loops']);
  assert.deepEqual(wrong('fn main() { let a = 2147483648; }'), ['1:21 numbers end at 2147483647']);
  assert.deepEqual(wrong('fn f(a: int, b: int) {} fn main() { f(1); }'), ['1:40 `f(int, int)` takes 2 values']);
  assert.deepEqual(wrong('fn f() {} fn main() { f(1); print(f()); }'), ['1:25 `f()` takes 0 values']);
  assert.deepEqual(wrong('fn f(): int { if 1 { return 1; } } fn main() {}'), [
    '1:34 `f` can end without returning a value',
  ]);
  assert.deepEqual(wrong('fn f() {} fn f() {} fn main() {}'), ['1:14 there is a function `f` already']);
  assert.deepEqual(wrong('extern fn printf(s: str): int; fn main() {}'), ["1:11 `printf` is for the compiler's use"]);
  assert.deepEqual(wrong('if a = 1; fn main() { # }'), [
    '1:1 expected `fn`, `extern fn` or `let`, found `if`',
    '1:23 `#` means nothing here',
  ]);
  assert.deepEqual(wrong('fn main() { let a = 1; let a = 2; }'), ['1:28 there is a variable `a` already']);
});

test('a mistake spoils one function', () => {
  const source = 'fn f() {\n  while 1 {\n}\n\nfn g() {\n  h();\n}\n\nfn main() {\n  print(;\n}';
  assert.deepEqual(wrong(source), [
    '3:2 expected `}`, found the end of the function',
    '6:3 there is no function `h`',
    '10:9 expected a value, found `;`',
  ]);
});

test('what the linker says has a place', () => {
  assert.deepEqual(wrong('extern fn nowhere(n: int): int;\nfn main() {\n  print(1, nowhere(2));\n}'), [
    '3:12 undefined symbol `nowhere`',
  ]);
  const source = 'extern fn strlen(n: int, m: int): int;\nfn main() { print(strlen(1, 2)); }';
  const { problems } = shared.build(source);
  assert.match(places(source, problems).join(), /^1:11 function `strlen` has two signatures/);
  assert.ok(problems[0].warning);
});

/** Where a program traps. @param {string} source */
async function trap(source) {
  const { output, problems } = shared.build(source);
  assert.deepEqual(places(source, problems), []);
  try {
    run(output);
  } catch (error) {
    return places(source, [await shared.explain(error)]).join();
  }
  return 'no trap';
}

test('a trap has a line', async () => {
  const source =
    'fn half(n: int): int {\n  return n\n    / (n - n);\n}\nfn main() {\n  print("before");\n  half(3);\n}';
  assert.equal(await trap(source), '3:5 divide by zero');
  // The function is not compiled again when it moves, and its lines move.
  assert.equal(await trap(`// A comment\n\n${source}`), '5:5 divide by zero');
  assert.equal(await trap(`fn other() {} ${source}`), '3:5 divide by zero');
  assert.equal(await trap('fn main() { print(1 /\n 0); }'), '1:21 divide by zero');
  // In C's library: where the program calls it.
  const c = 'extern fn strlen(s: str): int;\nfn none(): str {\n  let s = "";\n  return s;\n}\n';
  assert.equal(await trap(`${c}fn main() {\n  strlen(none());\n}`), 'no trap');
  const array = (/** @type {string} */ index) => `let list = [1, 2];\nfn main() {\n  print(\n    list[${index}]);\n}`;
  for (const index of ['2', '-1', '1 - 2']) assert.equal(await trap(array(index)), '4:9 there is no such element');
  assert.equal(await trap(array('1')), 'no trap');
  assert.equal(await trap('extern fn abort();\nfn main() {\n  abort();\n}'), '3:3 unreachable');
  const bad = 'extern fn strlen(s: int): int;\nfn main() {\n  print(strlen(-8));\n}';
  assert.equal(await trap(bad), '3:9 memory access out of bounds');
});

test('debug information of a program that was edited is that of a new compiler', async () => {
  const session = await open();
  const f = 'fn f(n: int): int {\n  let twice = n * 2;\n  return twice;\n}\n';
  const sources = [
    `${f}fn main() { print(f(1)); }`,
    `\n\n${f}fn main() {\n  print(f(1)); }`,
    `fn main() {\n  print(f(2));\n}\n${f}`,
  ];
  for (const source of sources) {
    session.build(source);
    const fresh = await open();
    fresh.build(source);
    const [edited, made] = await Promise.all([session.lines, fresh.lines]);
    // The order of functions may be another one.
    const rows = (/** @type {typeof made} */ lines) =>
      [...lines].map(({ file = -1, line, column }) => `${lines.files[file]}:${line}:${column}`).sort();
    assert.deepEqual(rows(edited), rows(made));
    assert.ok(made.files.includes('program1'));
  }
});

test('an edit compiles what changed', async () => {
  const session = await open();
  const source =
    'fn a(n: int): int { return b(n) + 1; }\nfn b(n: int): int { return n * 2; }\nfn main() { print(a(5)); }';
  /** @param {string} from @param {string} to */
  const edit = (from, to) => {
    const { changed, output } = session.build(source.replaceAll(from, to));
    return [changed, output && run(output)];
  };
  assert.deepEqual(edit('', ''), [['a(int): int', 'b(int): int', 'main()'], '11\n']);
  assert.deepEqual(edit('', ''), [[], '11\n']);
  assert.deepEqual(edit('* 2', '* 3'), [['b(int): int'], '16\n']);
  assert.deepEqual(edit('\nfn b', '\n\n// moved\n\nfn b'), [['b(int): int'], '11\n']);
  assert.deepEqual(edit('fn b(n: int): int', 'fn b(n: int): str'), [['a(int): int', 'b(int): str'], undefined]);
  assert.deepEqual(edit('fn b(n', 'fn c(n'), [['a(int): int', 'c(int): int'], undefined]);
  assert.deepEqual(edit('', ''), [['a(int): int', 'b(int): int'], '11\n']);
});

test('an edit of a variable compiles nothing else, unless its type changes', async () => {
  const session = await open();
  const source =
    'let words = ["a", "b"];\nfn f(): int { return 1; }\nfn main() { for i in 0..len(words) { write(words[i]); } print(); }';
  /** @param {string} from @param {string} to */
  const edit = (from, to) => {
    const { changed, output } = session.build(source.replaceAll(from, to));
    return [changed, output && run(output)];
  };
  assert.deepEqual(edit('', ''), [['words: [str]', 'f(): int', 'main()'], 'ab\n']);
  assert.deepEqual(edit('"b"', '"longer", "c"'), [['words: [str]'], 'alongerc\n']);
  assert.deepEqual(edit('"b"', '"a"'), [['words: [str]'], 'aa\n']);
  assert.deepEqual(edit('["a", "b"]', '[7, 8, 9]'), [['words: [int]', 'main()'], '789\n']);
  assert.deepEqual(edit('let words = ["a", "b"];', ''), [['main()'], undefined]);
  assert.deepEqual(edit('', ''), [['words: [str]', 'main()'], 'ab\n']);
});

test('whatever was edited, the module is what a new compiler makes', async () => {
  const heads = ['extern fn strlen(s: str): int;', 'let list =', 'fn f(n: int): int', 'fn g(n: int): int', 'fn main()'];
  const bodies = [
    ['', '// C', '// C here'],
    ['["one", "two"]', '["two", "one", "three"]', '["one"]', '["f ", "f "]'],
    [
      'return n;',
      'if n > 9 { return g(n - 1); } return f(n + 1);',
      'print("f ", n); return n + strlen("four");',
      'return ;',
      'return g(n) * 2;',
    ],
    [
      'return n + 1;',
      'let s = "text"; print(s, s[1]); return 2;',
      'return strlen("one") + strlen("other");',
      'list[0] = list[len(list) - 1]; print(list[0]); return len(list);',
      'for i in 0..n { write(i, "one"); } return 7;',
    ],
    [
      'print(f(3));',
      'print("f ", f(1), g(2)); g(3);',
      'x();',
      'print(g(1));',
      'let n = 2; while n { n = n - 1; print("n ", n); }',
    ],
  ];
  const state = [0, 0, 0, 0, 0];
  const source = () =>
    heads
      .map((head, i) => {
        const body = bodies[i][state[i]];
        return i === 0 ? `${head}${body}` : head.startsWith('let') ? `${head} ${body};` : `${head} { ${body} }`;
      })
      .join('\n');
  const session = await open();
  session.build(source());
  let seed = 7;
  const random = (/** @type {number} */ below) => ((seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8) % below;
  let same = 0;
  for (let step = 0; step < 60; step++) {
    const i = random(5);
    state[i] = random(bodies[i].length);
    const edited = session.build(source());
    const fresh = (await open()).build(source());
    assert.deepEqual(edited.problems, fresh.problems, source());
    if (!fresh.output || !edited.output) continue;
    assert.ok(Buffer.from(edited.output).equals(fresh.output), source());
    same++;
  }
  assert.ok(same > 20, `${same} edits of 60 could be linked`);
});

test('a program typed key by key, and taken back', async () => {
  const session = await open();
  const empty = session.build('');
  for (const name of ['queens.tiny', 'tour.tiny']) {
    const source = readFileSync(new URL(`../examples/${name}`, import.meta.url), 'utf8');
    for (let i = 1; i <= source.length; i++) session.build(source.slice(0, i));
    assert.equal(run(session.build(source).output), prints(source));
    for (let i = source.length; i >= 0; i -= 7) session.build(source.slice(0, i));
    assert.deepEqual(session.build('').problems, empty.problems);
  }
});

test('functions come, go, move and change their types', async () => {
  const session = await open();
  const f = 'fn f(n: int): int { return n + 1; }';
  const sources = [
    `${f} fn main() { print(f(1)); }`,
    `fn main() { print(f(1)); } ${f}`,
    `fn main() { print(f("abc")); } fn f(s: str): int { return s[0]; }`,
    `extern fn strlen(s: str): int; fn main() { print(strlen("abc")); }`,
    `extern fn strlen(s: int): int; fn main() { print(strlen(70000) >= 0); }`,
    `extern fn strlen(s: str): int; fn main() { print(f("abc")); } fn f(s: str): int { return strlen(s); }`,
    `fn strlen(s: int): int { return s; } fn main() { print(strlen(4)); }`,
    `fn main(): int { print("end"); return 1; }`,
    `${f} fn main() { print(f(1)); }`,
  ];
  for (const source of sources) {
    const { output, problems } = session.build(source);
    assert.deepEqual(problems, []);
    assert.equal(run(output), run((await open()).build(source).output), source);
  }
});

test('a snapshot has the library', async () => {
  const { linker, program } = await open();
  linker.remove(program.unit.name);
  linker.setOptions({ entry: false });
  linker.link();
  const session = await Session.open({ snapshot: linker.save() });
  const source = 'extern fn strlen(s: str): int; fn main() { print(strlen("abc")); }';
  const { output } = session.build(source);
  assert.equal(run(output), '3\n');
  assert.ok(
    Buffer.from(/** @type {Uint8Array} */ (output)).equals(
      /** @type {Uint8Array} */ ((await open()).build(source).output),
    ),
  );
});

test('the examples, and their instructions', async () => {
  const folder = new URL('../examples/', import.meta.url);
  const ends = { 'tour.tiny': '17 primes\n', 'queens.tiny': '92 ways to place 8 queens\n', 'ball.tiny': '' };
  for (const name of readdirSync(folder)) {
    const source = readFileSync(new URL(name, folder), 'utf8');
    if (name === 'wrong.tiny') {
      assert.equal(wrong(source).length, 2);
      continue;
    }
    assert.ok(prints(source).endsWith(ends[/** @type {keyof typeof ends} */ (name)]), name);
    for (const { key, rows } of shared.listings()) {
      assert.ok(rows.length > 3 && rows.every(({ place }) => place !== undefined), key);
      assert.equal(rows[rows.length - 1].text, 'end');
      for (const { call, bytes } of rows) if (call) assert.equal(bytes.length, 2);
    }
  }
  assert.equal(new Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])).functionNames.size, 0);
});

test('a mistake of the compiler is an error at its place', async () => {
  const session = await open();
  const source = 'fn f(): int {\n  return 1 + 2;\n}\nfn main() { print(f()); }';
  assert.ok(session.build(source).output);
  const { unit } = session.program;
  const f = unit.function('f(): int', [], ['i32']);
  unit.setFunction(f, unit.code().op('i32.const', 1).op('f32.const', 2).op('i32.add').end());
  const { output, problems } = session.build(source); // no function has changed
  assert.equal(output, undefined);
  assert.match(places(source, problems).join(), /^2:14 the code of `f\(\): int` is invalid: i32\.add.*f32/);
});
