// @ts-check
// Objects of other compilers, linked with objects of clang as js/docs/toolchains.md says: the same bytes as wasm-ld's, and
// they run. Zig is PyPI's `ziglang` (`sh tests/steps/python.sh` installs it), LDC Debian's `ldc`.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { welds } from '../support/linkers.mjs';
import { buildDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { makeProject } from '../support/projects.mjs';
import { wasmLd, wasmLd22 } from '../support/toolchain.mjs';
import { validate } from '../support/validate.mjs';

const python = path.join(buildDir, 'python/bin/python');
const ldc = '/usr/bin/ldc2';

const twice = 'int twice(int x) { return 2 * x; }\n';

/** @param {string} file */
async function sumOf(file) {
  const bytes = new Uint8Array(readFileSync(file));
  assert.equal(await validate(bytes), '');
  const module = await WebAssembly.compile(bytes);
  /** @type {WebAssembly.Imports} */
  const imports = {}; // of WASI, by the code that tells of a panic
  for (const { module: from, name } of WebAssembly.Module.imports(module)) (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(module, imports);
  return /** @type {any} */ (exports).sum();
}

/**
 * With wasm-ld 19 and 22, and with weld by these names.
 *
 * @param {string} folder
 * @param {import('../support/linkers.mjs').Linker} weld
 * @param {string[]} args
 */
async function linksAsWasmLd(folder, weld, args) {
  for (const [lld, as] of /** @type {const} */ ([
    [wasmLd, 'wasm-ld'],
    [wasmLd22, 'wasm-ld-22'],
  ])) {
    if (!existsSync(lld)) continue;
    // The file's name is in the module.
    const [theirs, ours] = ['theirs', 'ours'].map((whose) => path.join(folder, `${as}-${whose}`, 'main.wasm'));
    for (const file of [theirs, ours]) mkdirSync(path.dirname(file), { recursive: true });
    await runOrThrow(lld, [...args, '-o', theirs], { cwd: folder });
    await runOrThrow(weld.program(as), [...args, '-o', ours], { cwd: folder });
    assert.equal(await sumOf(ours), 20);
    assert.ok(readFileSync(ours).equals(readFileSync(theirs)), `${ours} is not ${theirs}`);
  }
}

for (const weld of welds) {
  describe(`Zig with ${weld.name}`, { skip: !existsSync(python) && `${python} is not installed` }, () => {
    /** @type {string} */
    let folder;
    const zig = (/** @type {string[]} */ ...args) =>
      runOrThrow(python, ['-m', 'ziglang', ...args], {
        cwd: folder,
        env: {
          ...process.env,
          ZIG_GLOBAL_CACHE_DIR: path.join(buildDir, 'zig'),
          ZIG_LOCAL_CACHE_DIR: path.join(folder, 'cache'),
        },
      });
    before(async () => {
      folder = makeProject('zig', weld, {
        'main.zig': `extern fn twice(x: i32) i32;
var table = [_]i32{ 1, 2, 3, 4 };
export fn sum() i32 {
    var result: i32 = 0;
    for (table) |x| result += twice(x);
    return result;
}
`,
        'twice.c': twice,
      });
      await runOrThrow('clang-19', ['--target=wasm32-wasi', '-c', 'twice.c'], { cwd: folder });
    });

    for (const mode of ['Debug', 'ReleaseSafe', 'ReleaseFast', 'ReleaseSmall'])
      test(`objects, built for ${mode}`, async () => {
        await zig('build-obj', 'main.zig', '-target', 'wasm32-wasi', '-fcompiler-rt', '-O', mode, '--name', mode);
        const args = [`${mode}.o`, 'twice.o', '--no-entry', '--export=sum'];
        await linksAsWasmLd(folder, weld, args);
        const output = path.join(folder, `${mode}.wasm`);
        await runOrThrow(weld.program('weld'), [...args, '-o', output], { cwd: folder });
        assert.equal(await sumOf(output), 20);
      });

    test('a static library', async () => {
      await zig(
        'build-lib',
        'main.zig',
        '-target',
        'wasm32-wasi',
        '-fcompiler-rt',
        '-O',
        'ReleaseSmall',
        '--name',
        'sum',
      );
      await linksAsWasmLd(folder, weld, ['libsum.a', 'twice.o', '--no-entry', '--export=sum']);
    });
  });

  describe(`LDC with ${weld.name}`, { skip: !existsSync(ldc) && `${ldc} is not installed` }, () => {
    test('links with weld', async () => {
      const folder = makeProject('ldc', weld, {
        'main.d': `extern(C):
int twice(int x);
__gshared int[4] table = [1, 2, 3, 4];
export int sum() { int result = 0; foreach (x; table) result += twice(x); return result; }
`,
        'twice.c': twice,
      });
      await runOrThrow('clang-19', ['--target=wasm32', '-c', 'twice.c'], { cwd: folder });
      const options = ['-mtriple=wasm32-unknown-unknown-wasm', '-betterC', '-O2'];
      const linker = ['--linker=node_modules/.bin/wasm-ld', '-L--no-entry', '-v'];
      const { stdout } = await runOrThrow(ldc, [...options, 'main.d', 'twice.o', ...linker, '-of=main.wasm'], {
        cwd: folder,
      });
      assert.match(stdout, /node_modules\/\.bin\/wasm-ld main\.o/);
      assert.equal(await sumOf(path.join(folder, 'main.wasm')), 20);
      await linksAsWasmLd(folder, weld, ['main.o', 'twice.o', '--no-entry', '--export-dynamic']);
    });
  });
}
