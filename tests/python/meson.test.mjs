// @ts-check
// Meson links with weld, set up as js/docs/toolchains.md says.
import path from 'node:path';
import { test } from 'node:test';
import { rootDir } from '../support/paths.mjs';
import { runOrThrow } from '../support/processes.mjs';
import { makeProject, prints, settings } from '../support/projects.mjs';
import { welds } from '../support/linkers.mjs';

const python = path.resolve(rootDir, process.env.WELD_PYTHON ?? 'build/python/bin/python');

for (const weld of welds) {
  test(`Meson with ${weld.name}`, async () => {
    const folder = makeProject('meson', weld, {
      'wasi.ini': settings('ini'),
      'meson.build': `project('sample', ['c', 'cpp'])
twice = static_library('twice', 'twice.c')
executable('sample', 'main.cpp', link_with: twice, name_suffix: 'wasm')
`,
      'main.cpp': '#include <cstdio>\nextern "C" int twice(int);\nint main() { std::printf("%d\\n", twice(21)); }\n',
      'twice.c': 'int twice(int x) { return 2 * x; }\n',
    });
    const meson = path.join(path.dirname(python), 'meson');
    await runOrThrow(meson, ['setup', 'build', '--cross-file', 'wasi.ini'], { cwd: folder });
    await runOrThrow(meson, ['compile', '-C', 'build'], { cwd: folder });
    await prints(path.join(folder, 'build/sample.wasm'), '42\n');
  });
}
