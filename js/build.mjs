// Builds the package into dist/: the WebAssembly modules (CMake, em++, split.mjs), types (tsc), JavaScript (esbuild). Prints
// how big it is.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { optimize, split } from './split.mjs';

const packageDir = path.dirname(fileURLToPath(import.meta.url));
const rootDir = path.dirname(packageDir);
const distDir = path.join(packageDir, 'dist');
const nativeDir = path.join(rootDir, 'build/wasm/js/native');
// What `weld size --html` writes its answers into: web/views/size_page.mjs makes it.
const sizePage = path.join(rootDir, 'core/tool/size_page.html');

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
run('cmake', ['--build', 'build/wasm', '--target', 'weld_js', 'weld_inspect_js', 'weld_commands_js'], rootDir);

// All that dist/ is made of. What is there already is not made again, nor taken away from who reads it.
const sum = createHash('sha256');
for (const folder of [path.join(packageDir, 'src'), nativeDir])
  for (const name of readdirSync(folder).sort())
    if (/\.(ts|js|wasm)$/.test(name)) sum.update(name).update(readFileSync(path.join(folder, name)));
const training = readdirSync(path.join(packageDir, 'native/training'))
  .sort()
  .map((name) => `native/training/${name}`);
for (const name of [
  'build.mjs',
  'split.mjs',
  'move_data.mjs',
  'native/train.mjs',
  ...training,
  'package-lock.json',
  'tsconfig.json',
])
  sum.update(readFileSync(path.join(packageDir, name)));
sum.update(readFileSync(sizePage));
const stamp = path.join(nativeDir, 'package-made-of');
const madeOf = sum.digest('hex');
if (existsSync(path.join(distDir, 'index.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === madeOf)
  process.exit(0);
rmSync(stamp, { force: true });

if (!existsSync(path.join(packageDir, 'node_modules'))) run('npm', ['ci', '--no-audit', '--no-fund'], packageDir);
for (const name of existsSync(distDir) ? readdirSync(distDir) : []) rmSync(path.join(distDir, name));
run(process.execPath, ['node_modules/typescript/bin/tsc', '--project', '.'], packageDir);
// Types of the entries, and what those need.
const publicTypes = new Set(['index', 'run', 'wasi', 'worker', 'component']);
for (const name of publicTypes)
  for (const [, other] of readFileSync(path.join(distDir, `${name}.d.ts`), 'utf8').matchAll(/from '\.\/(\w+)\.js'/g))
    publicTypes.add(other);
for (const name of readdirSync(distDir))
  if (!publicTypes.has(name.replace('.d.ts', ''))) rmSync(path.join(distDir, name));
copyFileSync(sizePage, path.join(distDir, 'size.html'));
// Few modules, and small ones, for pages that load them as they are.
const { build } = await import('esbuild');
const classes = (build) =>
  build.onResolve({ filter: /^\.\/(unit|code)\.js$/ }, ({ importer }) =>
    importer.endsWith('index.ts') ? { path: path.join(packageDir, 'src/unit_classes.ts') } : undefined,
  );
const { metafile } = await build({
  entryPoints: ['index', 'run', 'wasi', 'worker', 'cli', 'component', 'component_tool'].map((name) =>
    path.join(packageDir, 'src', `${name}.ts`),
  ),
  outdir: distDir,
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  sourcemap: true,
  external: ['./load.js', 'node:*', '@bytecodealliance/jco-transpile/wasm-tools'],
  plugins: [{ name: 'classes', setup: classes }],
  metafile: true,
  absWorkingDir: distDir,
  logLevel: 'warning',
});
// This one is not bundled: bundlers read the comments in it.
const { default: ts } = await import('typescript');
const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
const load = readFileSync(path.join(packageDir, 'src/load.ts'), 'utf8');
writeFileSync(path.join(distDir, 'load.js'), ts.transpileModule(load, { compilerOptions }).outputText);
for (const name of ['here.jsx', 'here.js'])
  copyFileSync(path.join(packageDir, 'src/here.jsx'), path.join(distDir, name));
// Types of the modules, for who imports them.
for (const name of readdirSync(path.join(packageDir, 'src')).filter((name) => name.endsWith('.wasm.d.ts')))
  copyFileSync(path.join(packageDir, 'src', name), path.join(distDir, name));
split(path.join(nativeDir, 'weld.wasm'), distDir);
for (const name of ['inspect.wasm', 'commands.wasm']) optimize(path.join(nativeDir, name), path.join(distDir, name));

/** What a module loads before it runs, or begins to load later. */
function loaded(name, kind, names = new Set()) {
  for (const { path, kind: how, external } of metafile.outputs[name].imports) {
    if (external || names.has(path)) continue;
    if (how === kind) names.add(path);
    if (how === 'import-statement') loaded(path, kind, names);
  }
  return names;
}
const toLink = new Set(['index.js', 'worker.js'].flatMap((name) => [name, ...loaded(name, 'import-statement')]));
/** What is loaded later, with a file of src/ that is imported dynamically. */
function withLater(isOf) {
  const later = [...loaded('index.js', 'dynamic-import')].filter((name) =>
    isOf(metafile.outputs[name].entryPoint ?? ''),
  );
  const names = new Set(later.flatMap((name) => [name, ...loaded(name, 'import-statement')]));
  return [...names].filter((name) => !toLink.has(name));
}
const isLinker = (source) => source.endsWith('src/linker.ts');
// What a page loads, and at most how many bytes that is with brotli.
const groups = [
  { title: 'for plain links', names: [...toLink, 'load.js', 'weld.wasm'], limit: 149_500 },
  { title: 'for all links', names: [...withLater(isLinker), 'weld-more.wasm'], limit: 205_000 },
  { title: 'to inspect', names: [...withLater((source) => !isLinker(source)), 'inspect.wasm'], limit: 111_000 },
  { title: 'for subcommands', names: ['commands.wasm'], limit: 135_000 },
];

const line = ([name, ...sizes]) =>
  console.log(name.padEnd(20) + sizes.map((size) => size.toLocaleString('en').padStart(10)).join(''));
let failed = false;
for (const { title, names, limit } of groups) {
  const rows = names.map((name) => {
    const bytes = readFileSync(path.join(distDir, name));
    const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    return [name, bytes.length, gzipSync(bytes, { level: 9 }).length, brotli.length];
  });
  const sums = [1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0));
  [[title, 'raw', 'gzip', 'brotli'], ...rows, ['all', ...sums]].forEach(line);
  if (sums[2] <= limit) continue;
  console.error(`what is loaded ${title} has outgrown ${limit.toLocaleString('en')} bytes with brotli`);
  failed = true;
}
if (failed) process.exit(1);
writeFileSync(stamp, madeOf);
