// Links two programs with weld's WebAssembly module and runs them: node link.mjs FOLDER-OF-OBJECTS
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WASI } from 'node:wasi';

import { formatMessages, link, version } from '../../js/dist/index.js';

const objects = process.argv[2];
const libraries = '/usr/lib/wasm32-wasi';
const builtins = join(
  execFileSync('clang-19', ['--print-resource-dir'], { encoding: 'utf8' }).trim(),
  'lib/wasi/libclang_rt.builtins-wasm32.a',
);
const input = (path) => ({ name: path, bytes: readFileSync(path) });
const library = (name) => input(join(libraries, name));

const programs = {
  'primes.wasm': [input(join(objects, 'primes.o')), input(join(objects, 'count.o'))],
  'words.wasm': [input(join(objects, 'words.o')), library('libc++.a'), library('libc++abi.a')],
};

for (const [name, own] of Object.entries(programs)) {
  const inputs = [library('crt1-command.o'), ...own, library('libc.a'), input(builtins)];
  const bytes = inputs.reduce((sum, i) => sum + i.bytes.length, 0);
  const begin = performance.now();
  const result = await link({ inputs, options: { outputName: name } });
  const ms = performance.now() - begin;
  if (!result.ok) {
    console.error(formatMessages(result.diagnostics));
    process.exit(1);
  }
  console.log(
    `weld ${version}: ${inputs.length} inputs (${(bytes / 1e6).toFixed(1)} MB), ${result.stats.objects} objects linked` +
      ` -> ${name} (${result.output.length} bytes) in ${ms.toFixed(1)} ms`,
  );
  writeFileSync(join(objects, name), result.output);

  const wasi = new WASI({ version: 'preview1', args: [name], returnOnExit: true });
  const { instance } = await WebAssembly.instantiate(result.output, wasi.getImportObject());
  const code = wasi.start(instance);
  if (code) process.exit(code);
}
