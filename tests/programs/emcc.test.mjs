// @ts-check
// emcc and em++ with weld for their linker: C, C++, threads, Embind, a main module and its side module. What runs prints
// the same as when wasm-ld 14 linked it, the LLD that Debian's Emscripten is made for.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { cachedValue, hash, hashFiles } from '../support/content_cache.mjs';
import { environment, lld, toolsWith, weldsAs } from '../support/emscripten.mjs';
import { rootDir, scratchDir } from '../support/paths.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { patience, testsAll, testsPull } from '../support/tier.mjs';
import { versionOf } from '../support/toolchain.mjs';

const sources = path.join(rootDir, 'tests/programs/emcc');
// Node's own `fetch` misleads Emscripten 3.1.6 into thinking that it is in a page.
const node = ['--no-experimental-fetch'];
const hello = 'hello from C 1 3.25 unset\n';
const animals = 'animal cat one=1 two=2 caught\n';
const modules = 'side: 100 3\n186\nside: 100 3\n186 42\n';

/**
 * Commands that build a program (the first word is the compiler, names of sources are below tests/programs/emcc), and what
 * it prints.
 *
 * @type {Record<string, {build: string[], script?: string, stdout: string, code?: number}>}
 */
const programs = {
  'C, -O1': { build: ['emcc -O1 hello.c -o out.js'], stdout: hello, code: 3 },
  'C, -O0 -g': { build: ['emcc -O0 -g hello.c -o out.js'], stdout: hello, code: 3 },
  'C++ with exceptions in JavaScript': {
    build: ['em++ -std=c++17 -fexceptions -O1 hello.cpp -o out.js'],
    stdout: animals,
  },
  'C++ with exceptions in WebAssembly, -g': {
    build: ['em++ -std=c++17 -fwasm-exceptions -g hello.cpp -o out.js'],
    stdout: animals,
  },
  'setjmp in WebAssembly': {
    build: ['emcc -O1 -sSUPPORT_LONGJMP=wasm setjmp.c -o out.js'],
    stdout: 'jumped 1 2 3\n',
  },
  threads: {
    build: ['emcc -O1 -pthread -sPROXY_TO_PTHREAD -sEXIT_RUNTIME threads.c -o out.js'],
    stdout: 'shared 2000, results 2011, own 5\n',
  },
  'threads, C++': { build: ['em++ -std=c++17 -O1 -fexceptions -pthread hello.cpp -o out.js'], stdout: animals },
  Embind: {
    build: ['em++ -O1 -lembind -sMODULARIZE embind.cpp -o out.js'],
    script: 'require("./out.js")().then((m) => console.log(m.greet("you"), m.sum({ x: 2, y: 3 })))',
    stdout: 'hello you 5\n',
  },
  'a main module with everything in it': {
    build: ['emcc -O1 -sSIDE_MODULE=1 side.c -o side.wasm', 'emcc -O1 -sMAIN_MODULE=1 main.c side.wasm -o out.js'],
    stdout: modules,
  },
  'a main module with what is used': {
    build: [
      'emcc -O1 -sSIDE_MODULE=2 -sEXPORTED_FUNCTIONS=_side_function,_side_number side.c -o side.wasm',
      'emcc -O1 -sMAIN_MODULE=2 main.c side.wasm -o out.js',
    ],
    stdout: modules,
  },
  dlopen: {
    build: ['emcc -O1 -sSIDE_MODULE=1 side.c -o side.wasm', 'emcc -O1 -sMAIN_MODULE=1 dlopen.c -o out.js'],
    stdout: 'side: 100 3\n186 42\n',
  },
};

/**
 * @param {string} name
 * @param {import('../support/emscripten.mjs').Called} linker
 */
async function buildAndRun(name, linker) {
  const program = programs[name];
  assert.ok(program);
  const words = program.build.map((command) =>
    command.split(' ').map((word) => (/^\w+\.c(pp)?$/.test(word) ? path.join(sources, word) : word)),
  );
  const files = words.flat().filter((word) => word.startsWith(sources));
  const key = hash(
    hashFiles([...linker.files, ...files]),
    linker.command,
    JSON.stringify(program),
    await versionOf('emcc'),
  );
  return cachedValue('emcc', key, async () => {
    const folder = path.join(scratchDir, 'emcc', name.replaceAll(/\W+/g, '_'), linker.name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const tools = path.join(folder, 'tools');
    toolsWith(linker, tools);
    for (const [compiler = '', ...args] of words)
      await runOrThrow(compiler, args, { cwd: folder, env: { ...environment, EM_LLVM_ROOT: tools }, timeout: 300_000 });
    const script = program.script ? ['-e', program.script] : ['out.js'];
    return run(process.execPath, [...node, ...script], { cwd: folder, timeout: 60_000 });
  });
}

// Of the quick tier: C++ with most of what Emscripten does to a program.
const quick = ['Embind'];
// Left out when not everything is tested: each is close to another.
const similar = [
  'C, -O0 -g',
  'C++ with exceptions in JavaScript',
  'threads, C++',
  'a main module with everything in it',
  'dlopen',
];

describe('emcc with weld for wasm-ld', () => {
  for (const [name, program] of Object.entries(programs)) {
    if ((!testsAll && similar.includes(name)) || (!testsPull && !quick.includes(name))) continue;
    test(name, { timeout: patience * 600_000 }, async () => {
      const wanted = { code: program.code ?? 0, stdout: program.stdout, stderr: '' };
      for (const linker of [lld[14], ...weldsAs(14)])
        assert.deepEqual(await buildAndRun(name, linker), wanted, linker.name);
    });
  }
});
