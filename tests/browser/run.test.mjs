// @ts-check
// Programs and exports that run in the page.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { eachMapping, originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { symbolize } from '../../js/dist/index.js';
import { SourceMap } from '../support/source_map.mjs';
import {
  add,
  browserSuite,
  button,
  compile,
  expect,
  linked,
  native,
  prints,
  sample,
  upload,
  work,
} from './harness.mjs';

const around = () => [
  upload('crt1-command.o', sample('crt1-command.o')),
  upload('libc.a', sample('libc.a')),
  upload('builtins.a', sample('libclang_rt.builtins-wasm32.a')),
];
/** @param {import('./harness.mjs').Page} page @param {string} name @param {string} source @param {string} exported */
async function library(page, name, source, exported) {
  await page.getByLabel('No entry: a library').check();
  await page.getByRole('textbox', { name: 'Exports' }).fill(exported);
  await add(page, [compile(name, source)]);
  await linked(page);
}

/**
 * @typedef {Awaited<ReturnType<ReturnType<import('./harness.mjs').Page['context']>['newCDPSession']>>} Session
 * @typedef {{type: string, externalURL?: string}} Symbols
 * @typedef {object} Thread
 * @property {string} scriptId of the newest module
 * @property {(method: string, params?: object) => Promise<any>} send
 * @property {(pause: any) => void} [onPause]
 */

/**
 * What does not happen is a failure. @template T @param {string} what @param {(resolve: (value: T) => void) => void} start
 * @returns {Promise<T>}
 */
const soon = (what, start) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not come`)), 60_000);
    start((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });

/**
 * Debuggers of the page and of its workers. @param {Session} cdp
 */
async function debuggers(cdp) {
  /** @type {((found: {thread: Thread, symbols: Symbols[]}) => boolean)[]} */
  let waiting = [];
  /** @param {Thread} thread @param {string} method @param {any} params */
  const hear = (thread, method, params) => {
    if (method === 'Debugger.paused') thread.onPause?.(params);
    if (method !== 'Debugger.scriptParsed' || params.scriptLanguage !== 'WebAssembly') return;
    thread.scriptId = params.scriptId;
    waiting = waiting.filter((takes) => !takes({ thread, symbols: params.debugSymbols }));
  };
  /** @type {Thread} */
  const main = { scriptId: '', send: (method, params) => cdp.send(/** @type {any} */ (method), params) };
  for (const method of /** @type {const} */ (['Debugger.scriptParsed', 'Debugger.paused']))
    cdp.on(method, (params) => hear(main, method, params));
  cdp.on('Target.attachedToTarget', ({ sessionId }) => {
    let last = 0;
    /** @type {Map<number, (result: any) => void>} */
    const asked = new Map();
    /** @type {Thread} */
    const thread = {
      scriptId: '',
      send: (method, params = {}) => {
        const message = JSON.stringify({ id: ++last, method, params });
        void cdp.send('Target.sendMessageToTarget', { sessionId, message });
        return new Promise((resolve) => asked.set(last, resolve));
      },
    };
    cdp.on('Target.receivedMessageFromTarget', ({ sessionId: from, message }) => {
      if (from !== sessionId) return;
      const { id, method, params, result } = JSON.parse(message);
      if (id === undefined) hear(thread, method, params);
      else asked.get(id)?.(result);
    });
    void thread.send('Debugger.enable');
  });
  await cdp.send('Debugger.enable');
  await cdp.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return {
    /** The next module that has debug information at such an address. @returns {Promise<{thread: Thread, symbols: Symbols[]}>} */
    nextModule: (address = '') =>
      soon('a module', (resolve) =>
        waiting.push((found) => {
          const fits = found.symbols.some(({ externalURL }) => externalURL?.startsWith(address));
          if (fits) resolve(found);
          return fits;
        }),
      ),
  };
}

/**
 * Sets a breakpoint where the map has a line first, and runs. Returns the locals there.
 * @param {Thread} thread @param {TraceMap} map @param {number} line @param {() => Promise<unknown>} runs
 */
async function stopsAtLine(thread, map, line, runs) {
  /** @type {number[]} */
  const offsets = [];
  eachMapping(map, ({ originalLine, generatedColumn }) => originalLine === line && offsets.push(generatedColumn));
  const [offset = NaN] = offsets;
  const location = { scriptId: thread.scriptId, lineNumber: 0, columnNumber: offset };
  const { breakpointId, actualLocation } = await thread.send('Debugger.setBreakpoint', { location });
  assert.deepEqual(actualLocation, location);
  /** @type {Promise<any>} */
  const pausing = soon('a pause', (resolve) => (thread.onPause = resolve));
  const running = runs();
  const { callFrames, hitBreakpoints } = await pausing;
  assert.deepEqual(hitBreakpoints, [breakpointId]);
  assert.deepEqual(callFrames[0].location, location);
  assert.equal(originalPositionFor(map, { line: 1, column: callFrames[0].location.columnNumber }).line, line);
  // The place of a caller is that of its call.
  assert.equal(originalPositionFor(map, { line: 1, column: callFrames[1].location.columnNumber }).line, 7);
  const { objectId } = callFrames[0].scopeChain.find((/** @type {any} */ { type }) => type === 'local').object;
  const { result } = await thread.send('Runtime.getProperties', { objectId, generatePreview: true });
  await thread.send('Debugger.removeBreakpoint', { breakpointId });
  await thread.send('Debugger.resume');
  await running;
  return result.map((/** @type {any} */ { value }) =>
    Number(value.preview.properties.find((/** @type {any} */ { name }) => name === 'value').value),
  );
}

describe('run', { timeout: 900_000 }, () => {
  const { pageTest } = browserSuite();

  pageTest('gives a program its standard input and files, and gives back what it writes', async (page) => {
    const source = `#include <stdio.h>
      int main(void) {
        char line[64], word[64];
        FILE *in = fopen("given.txt", "r"), *out = fopen("made.txt", "w");
        if (!in || !out) return 3;
        fgets(line, sizeof line, stdin);
        fgets(word, sizeof word, in);
        fprintf(out, "%s%s", line, word);
        printf("read %s", line);
        return 0; }`;
    await add(page, [...around(), compile('files', source)]);
    await linked(page);
    await page.getByText('Standard input and files').click();
    await page.getByRole('textbox', { name: 'Standard input' }).fill('from stdin\n');
    await page.setInputFiles('#program-files', [upload('given.txt', 'from a file\n')]);
    await page.getByText('given.txt').waitFor();
    await button(page, 'Run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, 'read from stdin\n');
    const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Download made.txt').click()]);
    assert.equal(readFileSync(await download.path(), 'utf8'), 'from stdin\nfrom a file\n');
  });

  pageTest('calls exports with numbers of every type, and keeps the module between calls', async (page) => {
    const source = `static int count;
      int next(void) { return ++count; }
      long long wide(long long a, int b) { return a * b; }
      double half(double x) { return x / 2; }
      float third(float x) { return x / 3; }
      void nothing(void) {}
      int broken(void) { __builtin_trap(); }`;
    await library(page, 'exports', source, 'next wide half third nothing broken');
    const calls = page.getByRole('list', { name: 'Calls' });
    await button(page, 'Call next').click();
    await calls.getByText('= 1', { exact: true }).waitFor();
    await button(page, 'Call next').click();
    await calls.getByText('= 2', { exact: true }).waitFor();
    await page.getByText('(i64, i32) → i64').waitFor();
    await page.getByLabel('wide: argument 1, i64').fill('4611686018427387904');
    await page.getByLabel('wide: argument 2, i32').fill('-1');
    await button(page, 'Call wide').click();
    await calls.getByText('= -4611686018427387904', { exact: true }).waitFor();
    await page.getByLabel('half: argument 1, f64').fill('-1e308');
    await button(page, 'Call half').click();
    await calls.getByText('= -5e+307', { exact: true }).waitFor();
    await page.getByLabel('third: argument 1, f32').fill('inf');
    await button(page, 'Call third').click();
    await calls.getByText('= Infinity', { exact: true }).waitFor();
    await button(page, 'Call nothing').click();
    await calls.getByText('returned').waitFor();
    await button(page, 'Call broken').click();
    await calls.getByText('trapped: unreachable').waitFor();
    await page.getByLabel('wide: argument 2, i32').fill('4294967296'); // no i32
    await expect(button(page, 'Call wide')).toHaveAttribute('aria-disabled', 'true');
    await button(page, 'Start over').click();
    await button(page, 'Call next').click();
    await calls.getByText('= 1', { exact: true }).waitFor();
  });

  pageTest('stops a call that does not return', async (page) => {
    await library(page, 'endless', 'void endless(void) { for (volatile int i = 0;; i++); }', 'endless');
    await button(page, 'Call endless').click();
    await page.getByText('running…').waitFor();
    await button(page, 'Stop').click();
    await page.getByRole('list', { name: 'Calls' }).getByText('stopped').waitFor();
  });

  pageTest(
    'gives a module the memory that it imports, and says which function is missing when it is called',
    async (page) => {
      await page.getByLabel('Import the memory').check();
      await page.getByLabel('Import undefined functions').check();
      await library(
        page,
        'asks',
        'int missing(void); static int cell = 5; int get(void) { return cell++; } int ask(void) { return missing(); }',
        'get ask',
      );
      await button(page, 'Call get').click();
      await page.getByText('= 5', { exact: true }).waitFor();
      await button(page, 'Call ask').click();
      await page.getByText('it called env.missing, which this page does not have').waitFor();
    },
  );

  pageTest('runs a command whose memory is imported', async (page) => {
    await page.getByLabel('Import the memory').check();
    await add(page, [
      ...around(),
      compile(
        'imports',
        '#include <stdio.h>\nint main(void) { printf("in %d pages\\n", (int)__builtin_wasm_memory_size(0) > 0); return 4; }',
      ),
    ]);
    await linked(page);
    await button(page, 'Run').click();
    await page.getByText('exit code 4').waitFor();
    await prints(page, 'in 1 pages\n');

    // With a function that is not here, it can still be called.
    await page.getByLabel('Import undefined functions').check();
    await add(page, [
      compile('imports', 'int missing(void); int main(int argc, char **argv) { return argc > 9 ? missing() : 5; }'),
    ]);
    await page.getByText('It imports env.missing, which this page does not provide').waitFor();
    await button(page, 'Call _start').click();
    await page.getByText('it ended with exit code 5').waitFor();
  });

  pageTest('starts a reactor before its exports are called', async (page) => {
    const source = `static int ready; __attribute__((constructor)) static void start(void) { ready = 11; }
      void __wasm_call_ctors(void);
      __attribute__((export_name("_initialize"))) void initialize(void) { __wasm_call_ctors(); }
      int state(void) { return ready; }`;
    await library(page, 'reactor', source, 'state');
    await button(page, 'Call state').click();
    await page.getByText('= 11', { exact: true }).waitFor();
    // It was compiled without lines, and runs all the same, from its start.
    await page.getByLabel('Debug in DevTools').check();
    await page.getByText('No input has line tables').waitFor();
    await expect(page.getByText('= 11', { exact: true })).toHaveCount(0);
    await button(page, 'Call state').click();
    await page.getByText('= 11', { exact: true }).waitFor();
  });

  pageTest('is debugged in C: traps and breakpoints are at their lines', async (page) => {
    const text = `static int line;
int lastLine(void) { return line; }
__attribute__((noinline)) static int divide(int a, int b) {
  return line = __LINE__, a / b;
}
int run(int n) {
  int sum = divide(n + 1, n - 3);
  return sum + n;
}
`;
    writeFileSync(path.join(work, 'debugged.c'), text);
    const flags = ['--target=wasm32', '-g', '-O1', '-fdebug-compilation-dir=.', '-c', 'debugged.c'];
    execFileSync('clang-19', flags, { cwd: work });
    const cdp = await page.context().newCDPSession(page);
    const threads = await debuggers(cdp);
    const args = ['--no-entry', '--export=run', '--export=lastLine', '--source-map', '-S', 'debugged.o'];
    for (const more of [[], ['-Oz', '--compress-relocations']]) {
      const file = path.join(work, `debugged${more.length}.wasm`);
      execFileSync(native, [...args, ...more, '-o', file], { cwd: work });
      const map = new SourceMap(file);
      const script = threads.nextModule();
      const { stack, line } = await page.evaluate(
        async (bytes) => {
          const { instance } = await WebAssembly.instantiate(Uint8Array.from(bytes));
          const exports = /** @type {{run(n: number): number, lastLine(): number}} */ (instance.exports);
          Object.assign(globalThis, { run: exports.run });
          try {
            exports.run(3);
          } catch (error) {
            return { stack: /** @type {Error} */ (error).stack ?? '', line: exports.lastLine() };
          }
          return { stack: '', line: 0 };
        },
        [...readFileSync(file)],
      );
      const mapped = [...stack.matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset = '']) =>
        map.at(parseInt(offset, 16)).place.replace(/:\d+$/, ''),
      );
      assert.deepEqual(mapped, [`./debugged.c:${line}`, './debugged.c:7']);
      const { places } = await symbolize(readFileSync(`${file}.map`), stack);
      assert.deepEqual(
        places.map(({ frames: [frame] }) => `${frame?.file}:${frame?.line}`),
        mapped,
      );

      const { thread, symbols } = await script;
      assert.deepEqual(symbols, [{ type: 'SourceMap', externalURL: `${path.basename(file)}.map` }]);
      await stopsAtLine(thread, map.map, line, () => page.evaluate('run(4)'));
    }

    // With the page's own switch, in the worker that runs the module.
    await page.getByLabel('No entry: a library').check();
    await page.getByRole('textbox', { name: 'Exports' }).fill('run');
    await add(page, [upload('debugged.o', readFileSync(path.join(work, 'debugged.o'))), upload('debugged.c', text)]);
    await linked(page);
    const ofPage = threads.nextModule('data:');
    await page.getByLabel('Debug in DevTools').check();
    await page.getByText('Set a breakpoint there, then run').waitFor();
    assert.equal((await ofPage).symbols.length, 1);
    await page.getByLabel('run: argument 1, i32').fill('4');
    const ofWorker = threads.nextModule('data:');
    await button(page, 'Call run').click();
    await page.getByText('= 9', { exact: true }).waitFor();
    const { thread, symbols } = await ofWorker;
    const json = Buffer.from(symbols[0]?.externalURL?.split(',')[1] ?? '', 'base64').toString();
    const { sources, sourcesContent } = JSON.parse(json);
    assert.equal(sourcesContent[sources.indexOf('./debugged.c')], text);
    const locals = await stopsAtLine(thread, new TraceMap(json), 4, () => button(page, 'Call run').click());
    assert.deepEqual(locals, [5, 1]);
    await expect(page.getByText('= 9', { exact: true })).toHaveCount(2);
  });
});
