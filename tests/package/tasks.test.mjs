// @ts-check
// The newcomer's tasks in demo/tasks, done as they stand with the packed package.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { serve } from '../browser/serve.mjs';
import { runWasi } from '../support/run_wasi.mjs';
import { project, root, tool, write } from './packed.mjs';
import { chromiumPath } from '../support/chromium.mjs';

const tasks = path.join(root, 'demo/tasks');
cpSync(tasks, project, { recursive: true });

/** @param {string} source @param {string} [output] */
function compile(source, output = source.replace(/\.\w+$/, '.o')) {
  const compiler = source.endsWith('.c') ? 'clang-19' : 'clang++-19';
  execFileSync(compiler, ['--target=wasm32-wasi', '-O1', '-fno-exceptions', '-c', source, '-o', output], {
    cwd: project,
  });
}
/** @param {string} script */
const run = (script) => execFileSync(process.execPath, [script], { cwd: project, encoding: 'utf8' });

test('each is at most ten lines', () => {
  const scripts = readdirSync(tasks, { recursive: true, encoding: 'utf8' }).filter((name) => /\.m?js$/.test(name));
  assert.ok(scripts.length === 5);
  for (const name of scripts) {
    const lines = readFileSync(path.join(tasks, name), 'utf8')
      .split('\n')
      .filter((line) => !/^\s*(\/\/.*)?$/.test(line));
    assert.ok(lines.length <= 10, `${name}: ${lines.length}`);
    assert.ok(
      lines.every((line) => line.length <= 130),
      `${name} has long lines`,
    );
  }
});

test('link two objects in Node', () => {
  compile('main.c');
  compile('twice.c');
  assert.equal(run('two-objects.mjs'), '42\n');
});

test('fix an undefined symbol by what the message says', () => {
  compile('words.cpp');
  const lines = run('undefined-symbol.mjs').trim().split('\n');
  assert.match(lines[0] ?? '', /^weld: error: undefined symbol `.*std::/);
  assert.match(lines.at(-1) ?? '', /^\d+ bytes$/);
});

test('find why a symbol is there', () => {
  compile('hello.c');
  const said = run('why.mjs');
  // `puts` prints with it.
  assert.match(
    said,
    /^_start in crt1-command\.o\n(?: {2}-> .* in .*\n)* {2}-> writev in libc\.a\(writev\.o\) \n\d+ bytes\n$/,
  );
});

test('link C with its library in a page', async () => {
  compile('hello.c', 'page/hello.o');
  mkdirSync(path.join(project, 'page/sysroot'));
  for (const name of [
    '/usr/lib/wasm32-wasi/crt1-command.o',
    '/usr/lib/wasm32-wasi/libc.a',
    '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a',
  ])
    cpSync(name, path.join(project, 'page/sysroot', path.basename(name)), { dereference: true });
  cpSync(path.join(project, 'node_modules'), path.join(project, 'page/node_modules'), { recursive: true });
  cpSync(tool('@bjorn3/browser_wasi_shim'), path.join(project, 'page/node_modules/@bjorn3/browser_wasi_shim'), {
    recursive: true,
  });
  const server = await serve(path.join(project, 'page'), '/');
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.getByText('hello', { exact: true }).waitFor({ timeout: 20_000 });
  } finally {
    await browser.close();
    server.close();
  }
});

test('relink on each edit', async () => {
  compile('hello.c');
  const child = spawn(process.execPath, ['relink.mjs'], { cwd: project, stdio: 'inherit' });
  after(() => child.kill());
  for (const text of ['first', 'second']) {
    write('hello.c', readFileSync(path.join(tasks, 'hello.c'), 'utf8').replace('hello', text));
    const output = path.join(project, 'hello.wasm');
    for (let i = 0; ; i++) {
      assert.ok(i < 30 && child.exitCode === null, 'nothing was linked');
      compile('hello.c'); // the first edit may come before it watches
      await new Promise((resolve) => setTimeout(resolve, 300));
      if (existsSync(output) && (await runWasi(output, {})).stdout === `${text}\n`) break;
    }
  }
});
