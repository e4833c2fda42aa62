// @ts-check
// weld in wasm-ld's place inside Emscripten. em++ finds its tools in one folder, EM_LLVM_ROOT: it gets a folder of links to
// the usual tools, and a `wasm-ld` that calls the linker under test.
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageFiles, scriptPath, weldPath, welds } from './linkers.mjs';
import { wasmLd } from './toolchain.mjs';

/** What em++ needs to know. */
export const environment = { ...process.env, NODE_PATH: '/usr/share/nodejs' };

/**
 * How a shell script calls a linker; what it does is decided by the files.
 *
 * @typedef {{name: string, command: string, files: string[]}} Called
 */

/**
 * @param {14 | 19} version the LLD that weld stands in for
 * @returns {Called[]}
 */
export const weldsAs = (version) =>
  welds.map(({ name }) =>
    name === 'native'
      ? { name, command: `exec -a wasm-ld-${version} '${weldPath}'`, files: [weldPath] }
      : {
          name,
          command: `exec '${process.execPath}' --no-warnings '${scriptPath}' --compat=lld-${version}`,
          files: packageFiles(),
        },
  );

/** @type {Record<14 | 19, Called>} */
export const lld = {
  14: { name: 'wasm-ld-14', command: 'exec /usr/bin/wasm-ld-14', files: ['/usr/bin/wasm-ld-14'] }, // comes with Emscripten
  19: { name: 'wasm-ld-19', command: `exec -a wasm-ld '${wasmLd}'`, files: [wasmLd] },
};

/**
 * Makes a folder with em++'s tools in which `wasm-ld` is the given linker. It keeps what it wrote in the file that
 * WELD_KEEP_LINKED names, and its arguments beside it.
 *
 * @param {Called} linker
 * @param {string} folder
 */
export function toolsWith(linker, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync('/usr/bin')) {
    if (/^(clang(\+\+)?|llvm-[a-z]+)(-14)?$/.test(name))
      symlinkSync(path.join('/usr/bin', name), path.join(folder, name));
  }
  writeFileSync(
    path.join(folder, 'wasm-ld'),
    `#!/bin/bash
[ -n "$WELD_KEEP_LINKED" ] || ${linker.command} "$@"
previous=
printf '%s\\0' "$@" > "$WELD_KEEP_LINKED.args"
for argument; do [ "$previous" = -o ] && output=$argument; previous=$argument; done
( ${linker.command} "$@" ) && cp "$output" "$WELD_KEEP_LINKED"
`,
    { mode: 0o755 },
  );
  symlinkSync('wasm-ld', path.join(folder, 'wasm-ld-14')); // Debian's em++ adds the version to the names
}
