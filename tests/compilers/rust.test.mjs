// @ts-check
// A Rust that is newer than Debian's `rustc` links with weld, with the library for WebAssembly compiled from its sources,
// and wasm-bindgen takes what weld writes. `sh tests/steps/rust.sh` installs both.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { buildDir, scratchDir, testsDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { missing22, wasmLd22 } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const rust = path.join(buildDir, 'rust');
const folder = path.join(scratchDir, 'rust-new');
const target = 'wasm32-unknown-unknown';

describe('Rust and wasm-bindgen', { skip: !existsSync(path.join(rust, 'ready')) && `${rust} is not installed` }, () => {
  const output = (/** @type {string} */ linker) => path.join(folder, `${linker}.wasm`);

  before(async () => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(path.join(testsDir, 'compilers/rust'), folder, { recursive: true });
    // The linker that rustc calls: each linker in turn, with the same arguments.
    const linkers = welds.flatMap((weld) => [
      [`${weld.name}-22`, weld.program('wasm-ld-22')],
      [weld.name, weld.program('weld')],
    ]);
    if (!missing22) linkers.unshift(['wasm-ld-22', wasmLd22]);
    const script = `#!/bin/sh
set -e
for argument; do
  [ "$before" != -o ] || file=$argument
  before=$argument
done
${linkers.map(([name, program]) => `'${program}' "$@"\ncp "$file" '${output(name ?? '')}'\n`).join('')}`;
    const linker = path.join(folder, 'bin/wasm-ld');
    mkdirSync(path.dirname(linker));
    writeFileSync(linker, script, { mode: 0o755 });
    const args = ['build', '--quiet', '--locked', '--release', '-Zbuild-std=std,panic_abort', `--target=${target}`];
    await runOrThrow('cargo', [...args, `--config=target.${target}.linker="${linker}"`], {
      cwd: folder,
      timeout: 1_800_000,
      env: {
        ...process.env,
        PATH: `${rust}/usr/bin:${process.env['PATH']}`,
        LD_LIBRARY_PATH: `${rust}/usr/lib/x86_64-linux-gnu`,
        RUSTC_BOOTSTRAP: '1',
        CARGO_TARGET_DIR: path.join(rust, 'target'),
      },
    });
  });

  for (const weld of welds) {
    test(`${weld.name} gives the bytes of wasm-ld 22`, { skip: missing22 }, async () => {
      assert.ok(readFileSync(output(`${weld.name}-22`)).equals(readFileSync(output('wasm-ld-22'))));
    });

    test(`wasm-bindgen takes what ${weld.name} links`, async () => {
      assert.equal(await validate(readFileSync(output(weld.name))), '');
      const bound = path.join(folder, `${weld.name}-bound`);
      const options = ['--target=nodejs', '--out-name=words', `--out-dir=${bound}`];
      await runOrThrow(path.join(rust, 'wasm-bindgen/bin/wasm-bindgen'), [...options, output(weld.name)]);
      /** @type {string[]} */
      const reports = [];
      Object.assign(globalThis, { report: (/** @type {string} */ text) => reports.push(text) });
      const { Words } = createRequire(import.meta.url)(path.join(bound, 'words.js'));
      const words = new Words();
      const lines = ['The linker and the loader', 'the größte'];
      words.read({ line: () => lines.shift() });
      assert.deepEqual(reports, ['5 words']);
      assert.equal(words.count('the'), 3);
      assert.equal(words.count('größte'), 1);
      assert.throws(() => words.count('compiler'), /compiler was not read/);
      words.free();
    });
  }
});
