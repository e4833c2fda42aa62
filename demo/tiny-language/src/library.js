// C's library, from the machine's wasi-libc. For Node.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The archives that a program is linked with. @returns {import('wasm-weld').Input[]} */
export function library() {
  const resources = execFileSync('clang-19', ['--print-resource-dir'], { encoding: 'utf8' }).trim();
  const files = ['/usr/lib/wasm32-wasi/libc.a', path.join(resources, 'lib/wasi/libclang_rt.builtins-wasm32.a')];
  return files.map((file) => ({ name: path.basename(file), bytes: readFileSync(file) }));
}
