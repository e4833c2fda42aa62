// Several workers: as many links at the same time, and the others wait.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { initialize, link } from '../dist/index.js';
import { assemble, callee, caller } from './support.mjs';

const main = assemble(caller);
const f = assemble(callee('f', 42));
const contents = { 'main.o': main, 'f.o': f };

test('a wrong number is a TypeError, and changes nothing', async () => {
  for (const workers of [0, -1, 1.5, NaN, Infinity, '2', null])
    await assert.rejects(initialize({ workers }), { name: 'TypeError', message: /^`workers` must be a whole number/ });
  await assert.rejects(initialize({ workers: 2, worker: false }), { name: 'TypeError', message: /there is none/ });
});

test('as many links as there are workers wait for their files at the same time', { timeout: 60_000 }, async (t) => {
  await initialize({ workers: 3 });
  /** Links one program, whose first file comes when `until` is done. */
  const begun = [];
  const linkOnce = (number, until, signal) =>
    link(
      {
        inputs: ['main.o', 'f.o'],
        files: async (name) => {
          if (name === 'main.o') {
            begun.push(number);
            await until(number);
          }
          return contents[name];
        },
      },
      { signal },
    );
  const expected = (await linkOnce(0, () => {})).output;
  begun.length = 0;

  await t.test('and those that came later wait for a worker', async () => {
    let open;
    const opened = new Promise((resolve) => (open = resolve));
    const until = () => {
      // None of the three is done before all three have begun: with fewer workers, this would wait for ever.
      if (begun.length === 3) open();
      return opened;
    };
    const results = await Promise.all([1, 2, 3, 4, 5].map((number) => linkOnce(number, until)));
    assert.deepEqual(begun.slice(0, 3).sort(), [1, 2, 3]); // workers that were free answer in any order
    assert.deepEqual(begun.slice(3).sort(), [4, 5]);
    for (const { output } of results) assert.deepEqual(output, expected);
  });

  await t.test('one that is aborted ends alone', async () => {
    const terminate = t.mock.method(Worker.prototype, 'terminate');
    const controller = new AbortController();
    begun.length = 0;
    let open;
    const opened = new Promise((resolve) => (open = resolve));
    const until = () => {
      if (begun.length === 3) controller.abort();
      return opened;
    };
    const links = [1, 2, 3].map((number) => linkOnce(number, until, number === 2 ? controller.signal : undefined));
    await assert.rejects(links[1], { name: 'AbortError' });
    const next = linkOnce(4, () => {}); // before the other two are done
    assert.deepEqual((await next).output, expected);
    open();
    for (const one of [links[0], links[2]]) assert.deepEqual((await one).output, expected);
    assert.equal(terminate.mock.callCount(), 1);
  });
});
