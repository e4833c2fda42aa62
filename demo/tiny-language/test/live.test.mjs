// Programs that keep running while they are edited.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { library } from '../src/library.js';
import { Live } from '../src/live.js';
import { Session } from '../src/session.js';

/** @param {{step?: number, head?: string, also?: string}} [how] */
const program = ({ step = 1, head = 'step ', also = '' } = {}) => `
let n = 0;
fn next(of: int): int { return of + ${step}; }
fn frame() { n = next(n); ${also} write("${head}", n); }
fn main() { print("never seen"); }
`;

test('an edit goes into the program that runs, which keeps its variables', async () => {
  const live = new Live(await Session.openLive({ inputs: library() }));
  /** @param {Parameters<typeof program>} what */
  const build = (...what) => {
    const { problems, why, patches } = live.build(program(...what));
    assert.deepEqual(problems, []);
    return { why, patches };
  };
  assert.deepEqual(build(), { why: [], patches: 0 });
  assert.equal(live.frame(), 'step 1');
  assert.equal(live.frame(), 'step 2');
  for (let patches = 1; patches <= 20; patches++) {
    assert.deepEqual(build({ step: 10 * patches }), { why: [], patches });
    const [, n] = /step (\d+)/.exec(live.frame()) ?? [];
    assert.equal(Number(n), 2 + (10 * patches * (patches + 1)) / 2);
  }
  build({ head: 'a longer text: ' });
  assert.equal(live.frame(), 'a longer text: 2103');

  // What does not compile or link is not in it.
  assert.equal(live.build(program({ also: 'nothing();' })).problems.length, 1);
  assert.equal(live.build(`extern fn nowhere(): int; ${program({ also: 'nowhere();' })}`).problems.length, 1);
  assert.equal(live.frame(), 'a longer text: 2104');

  // After a trap it continues from where it was.
  build({ also: 'print(1 / (n - n));' });
  assert.throws(() => live.frame(), /divide by zero/);
  build();
  assert.equal(live.frame(), 'step 2106');
});

test('an edit that only a new program can have starts it anew, and says why', async () => {
  const live = new Live(await Session.openLive({ inputs: library() }));
  const source = (/** @type {string} */ list) =>
    `let n = 0; let list = ${list}; fn frame() { n = n + 1; print(n, " ", len(list)); } fn main() {}`;
  live.build(source('[1, 2]'));
  live.frame();
  assert.equal(live.frame(), '2 2\n');
  const { why } = live.build(source('[1, 2, 3]'));
  assert.equal(why.length, 1);
  assert.match(why[0] ?? '', /list.* has another size: 16 bytes and not 12/);
  assert.equal(live.frame(), '1 3\n');
  live.build(source('[4, 5, 6]')); // the values that it has stay
  assert.equal(live.frame(), '2 3\n');
});

test('a program whose beginning traps does not run, and says why', async () => {
  const live = new Live(await Session.openLive({ inputs: library() }));
  const source = (/** @type {string} */ number) =>
    `let n = ${number}; fn frame() { print(n); } fn main() { print(6 / n); }`;
  const { problems, trap } = live.build(source('0'));
  assert.deepEqual(problems, []);
  assert.match(String(trap?.error), /divide by zero/);
  assert.equal(live.isRunning, false);
  assert.equal(live.build(source('2')).trap, undefined);
  assert.equal(live.frame(), '2\n');
});
