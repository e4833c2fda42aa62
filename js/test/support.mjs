// What the package's tests share: objects made by the compilers, and runs of programs.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const packageDir = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const distDir = path.join(packageDir, 'dist');
export const script = path.join(packageDir, 'bin/weld.mjs');

const nativePath = process.env.WELD ?? path.join(path.dirname(packageDir), 'build/native/weld');
/** The native program, or undefined where it is not built. */
export const native = existsSync(nativePath) ? nativePath : undefined;

/** A folder of this test file's own. */
export const folder = mkdtempSync(path.join(tmpdir(), 'weld-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;

/** An object of assembly text. */
export function assemble(text) {
  const object = path.join(folder, `${made++}.o`);
  execFileSync('llvm-mc-19', ['-triple=wasm32-unknown-unknown', '-filetype=obj', '-o', object], { input: text });
  return readFileSync(object);
}

/** An object of C or C++ text, by the file name's extension. */
export function compile(name, text, flags = ['-O2']) {
  const source = path.join(folder, name);
  const object = `${source.slice(0, source.lastIndexOf('.'))}.o`;
  writeFileSync(source, text);
  const compiler = name.endsWith('.c') ? 'clang-19' : 'clang++-19';
  execFileSync(compiler, ['--target=wasm32-wasi', '-fno-exceptions', ...flags, '-c', name, '-o', object], {
    cwd: folder,
  });
  return readFileSync(object);
}

/** An archive of objects. */
export function archive(members, flags = 'rcsD') {
  const dir = mkdtempSync(path.join(folder, 'ar-'));
  for (const [name, bytes] of Object.entries(members)) writeFileSync(path.join(dir, name), bytes);
  execFileSync('llvm-ar-19', [flags, 'lib.a', ...Object.keys(members)], { cwd: dir });
  return readFileSync(path.join(dir, 'lib.a'));
}

/** Runs a program to its end. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = { stdout: [], stderr: [] };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (chunk) => chunks[name].push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const [stdout, stderr] = [chunks.stdout, chunks.stderr].map((all) => Buffer.concat(all));
      resolve({ code: signal ?? code, stdout: stdout.toString(), stderr: stderr.toString(), stdoutBytes: stdout });
    });
  });
}

/** Runs module text in a Node of its own, which has not loaded weld; what it prints is the result. */
export async function runModule(text, flags = []) {
  const prelude = `import * as weld from ${JSON.stringify(path.join(distDir, 'index.js'))};\n`;
  const file = path.join(folder, `module${made++}.mjs`); // with `-e` there could be no workers
  writeFileSync(file, prelude + text);
  const outcome = await run(process.execPath, [...flags, '--no-warnings', file]);
  if (outcome.code !== 0) throw new Error(outcome.stderr);
  return outcome.stdout.trim();
}

export const wasiLib = '/usr/lib/wasm32-wasi';
export const builtins = '/usr/lib/llvm-19/lib/clang/19/lib/wasi/libclang_rt.builtins-wasm32.a';
/** A provider of files from the disk. */
export const fromDisk = (file) => (existsSync(file) ? readFileSync(file) : undefined);

/** `_start` that calls `f`, and `f` that returns a number. */
export const caller = `
	.functype f () -> (i32)
	.globl _start
_start:
	.functype _start () -> ()
	call f
	drop
	end_function
`;
export const callee = (name, value) => `
	.globl ${name}
${name}:
	.functype ${name} () -> (i32)
	i32.const ${value}
	end_function
`;

/** A module with other limits of its memory: growth then fails soon. */
export function withMemoryLimit(bytes, pages) {
  const leb = (at) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return [value, at];
    }
  };
  const encode = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...encode(value >> 7)]);
  for (let at = 8; at < bytes.length; ) {
    const [size, begin] = leb(at + 1);
    if (bytes[at] === 5) {
      const [initial] = leb(begin + 2);
      const payload = [1, 1, ...encode(initial), ...encode(pages)];
      const section = [5, ...encode(payload.length), ...payload];
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(section), bytes.subarray(begin + size)]);
    }
    at = begin + size;
  }
  throw new Error('there is no memory');
}
