// @ts-check
// Build systems that link with weld, set up as js/docs/toolchains.md says: the test takes the settings from there. clang,
// rustc, Emscripten and Meson (tests/python) have tests of their own.
//
// Cargo is optional: WELD_CARGO names one other than Debian's, which goes with WELD_RUSTC.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { run, runOrThrow } from '../support/processes.mjs';
import { makeProject, prints, settings } from '../support/projects.mjs';

for (const weld of welds) {
  describe(`CMake with ${weld.name}`, () => {
    /** @param {'wasm-ld' | 'weld'} as @param {string} options */
    async function buildTwice(as, options) {
      const folder = makeProject(`cmake-${as}`, weld, {
        'wasi.cmake': settings('cmake').replace('.bin/wasm-ld', `.bin/${as}`),
        'CMakeLists.txt': `cmake_minimum_required(VERSION 3.20)
project(sample C CXX)
add_library(twice STATIC twice.c)
add_executable(sample main.cpp)
target_link_libraries(sample PRIVATE twice ${options})
`,
        'main.cpp': '#include <cstdio>\nextern "C" int twice(int);\nint main() { std::printf("%d\\n", twice(21)); }\n',
        'twice.c': 'int twice(int x) { return 2 * x; }\n',
      });
      const build = path.join(folder, 'build');
      await runOrThrow('cmake', ['-B', 'build', '-G', 'Ninja', '--toolchain', 'wasi.cmake'], { cwd: folder });
      const { stdout } = await runOrThrow('cmake', ['--build', 'build', '--verbose'], { cwd: folder });
      assert.ok(stdout.includes(`-fuse-ld=${folder}/node_modules/.bin/${as}`), stdout);
      const output = path.join(build, 'sample.wasm');
      await prints(output, '42\n');
      const source = path.join(folder, 'twice.c');
      writeFileSync(source, 'int twice(int x) { return 2 * x + 1; }\n');
      const later = new Date(Date.now() + 5000);
      utimesSync(source, later, later);
      await runOrThrow('cmake', ['--build', 'build'], { cwd: folder });
      await prints(output, '43\n');
      return build;
    }

    test('builds a program with a library, and links again when the library has changed', async () => {
      await buildTwice('wasm-ld', '');
    });

    test('is told which files were linked', async () => {
      const build = await buildTwice('weld', '-Wl,--dependency-file=${CMAKE_BINARY_DIR}/linked.d');
      const files = readFileSync(path.join(build, 'linked.d'), 'utf8');
      for (const file of ['libtwice.a', 'main.cpp.o', 'libc.a'])
        assert.ok(files.includes(file), `${file} is not in\n${files}`);
    });
  });

  const cargo = process.env.WELD_CARGO ?? '/usr/bin/cargo';
  const rustc = process.env.WELD_RUSTC ?? '/usr/bin/rustc';
  const missing = [cargo, rustc].find((program) => !existsSync(program));
  describe(`Cargo with ${weld.name}`, { skip: missing && `${missing} is not installed` }, () => {
    test('builds and links a program', async (t) => {
      const { stdout: sysroot } = await runOrThrow(rustc, ['--print', 'sysroot']);
      if (!existsSync(path.join(sysroot.trim(), 'lib/rustlib/wasm32-wasi')))
        return t.skip('rustc has no library for wasm32-wasi');
      const folder = makeProject('cargo', weld, {
        '.cargo/config.toml': settings('toml'),
        'Cargo.toml': '[package]\nname = "sample"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/main.rs': 'fn main() { println!("{}", [20, 22].iter().sum::<i32>()); }\n',
      });
      const args = ['build', '--offline', '--verbose'];
      const env = { ...process.env, RUSTC: rustc, CARGO_HOME: path.join(folder, 'home') };
      const { code, stderr } = await run(cargo, args, { cwd: folder, env });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /-C linker=\S*node_modules\/\.bin\/wasm-ld/);
      await prints(path.join(folder, 'target/wasm32-wasi/debug/sample.wasm'), '42\n');
    });
  });
}
