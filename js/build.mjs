// Builds the package into dist/: weld.wasm and its glue (CMake and em++), the rest (tsc). Prints how big it is.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const packageDir = path.dirname(fileURLToPath(import.meta.url));
const rootDir = path.dirname(packageDir);
const distDir = path.join(packageDir, 'dist');
// What a page loads, and at most how many bytes that is with brotli.
const groups = [
  { title: 'to link', has: (name) => !/^(cli|run|subcommands|wasi|tar)\.|^inspect(ion|_|\.wasm)/.test(name), limit: 225_000 },
  { title: 'to inspect', has: (name) => /^inspect(ion|_|\.wasm)/.test(name), limit: 120_000 },
];

function run(command, args, cwd) {
  try {
    execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
  } catch (error) {
    process.stdout.write(error.stdout ?? '');
    process.exit(1);
  }
}

// Debian's em++ looks for its JavaScript packages here.
process.env.NODE_PATH ??= '/usr/share/nodejs';
if (!existsSync(path.join(rootDir, 'build/wasm/build.ninja'))) run('cmake', ['--preset', 'wasm'], rootDir);
run('cmake', ['--build', 'build/wasm', '--target', 'weld_js', 'weld_inspect_js'], rootDir);

if (!existsSync(path.join(packageDir, 'node_modules'))) run('npm', ['ci', '--no-audit', '--no-fund'], packageDir);
run(process.execPath, ['node_modules/typescript/bin/tsc', '--project', '.'], packageDir);
// Comments stay in the sources and the types: they are a sixth of what a page without a bundler loads. load.js keeps its own,
// which bundlers read.
const { default: ts } = await import('typescript');
const compilerOptions = { removeComments: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
for (const name of readdirSync(path.join(packageDir, 'src'))) {
  if (!/^(?!load\.).*(?<!\.d)\.ts$/.test(name)) continue;
  const file = path.join(distDir, name.replace(/ts$/, 'js'));
  writeFileSync(file, ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText);
}
// Types of the glue, which other types mention.
for (const name of readdirSync(path.join(packageDir, 'src')).filter((name) => name.endsWith('.d.ts')))
  copyFileSync(path.join(packageDir, 'src', name), path.join(distDir, name));

const line = ([name, ...sizes]) =>
  console.log(name.padEnd(20) + sizes.map((size) => size.toLocaleString('en').padStart(10)).join(''));
let failed = false;
for (const { title, has, limit } of groups) {
  const rows = readdirSync(distDir)
    .filter((name) => /\.(js|wasm)$/.test(name) && has(name))
    .map((name) => {
      const bytes = readFileSync(path.join(distDir, name));
      const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
      return [name, bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
    });
  const sums = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0));
  [[title, 'raw', 'gzip', 'brotli'], ...rows, ['all', ...sums]].forEach(line);
  if (sums[2] <= limit) continue;
  console.error(`what is needed ${title} has outgrown ${limit.toLocaleString('en')} bytes with brotli`);
  failed = true;
}
if (failed) process.exit(1);
