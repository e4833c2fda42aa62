// Makes what the page offers and fetches only when somebody asks for it: samples as compilers leave them, the libraries
// that they are linked with, and the compiler of the playground. The C library is the one of the playground's compiler
// (npm's @yowasp/clang), so a sample that is edited there fits; the objects come from clang 19 on the machine, and those of
// Rust, with its own libraries, from a rustc that has them for WASI: without one the page does not offer that sample.
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import wabtModule from 'wabt';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'public', 'samples');
const compilerOut = join(here, 'public', 'clang');
const toolchain = dirname(createRequire(import.meta.url).resolve('@yowasp/clang'));

/** Of the compiler's C and C++ library: what programs are linked with, and what diagnostics advise. */
const emulated = ['getpid', 'mman', 'process-clocks', 'signal'].map((name) => `libwasi-emulated-${name}.a`);
const libraries = ['crt1-command.o', 'crt1-reactor.o', 'libc.a', 'libc++.a', 'libc++abi.a', 'libsetjmp.a', ...emulated];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const sources = readdirSync(join(here, 'samples'));
for (const name of sources) copyFileSync(join(here, 'samples', name), join(out, name));
const wabt = await wabtModule();
sources.forEach(compile);
copyLibraries();
takeParts('hello', ['hello.o'], ['libc.a']);
takeParts('main', ['main.o', 'inventory.o'], ['libc++.a', 'libc++abi.a', 'libc.a', 'libclang_rt.builtins-wasm32.a']);
takeParts(
  'bodies',
  ['bodies.o'],
  ['libc.a', 'libclang_rt.builtins-wasm32.a'],
  ['--entry=_initialize', 'crt1-reactor.o'],
);
packCompiler();

function compile(name) {
  const [, stem, kind] = /^(.*)\.(\w+)$/.exec(name);
  const object = join(out, `${stem}.o`);
  // With the lines of its instructions, and without this machine's paths.
  const clang = (program, ...flags) =>
    execFileSync(
      program,
      ['--target=wasm32-wasi', '-O2', '-g1', '-fdebug-compilation-dir=.', ...flags, '-c', name, '-o', object],
      { cwd: out },
    );
  if (kind === 'c') clang('clang-19');
  else if (kind === 'cpp') clang('clang++-19', '-std=c++20', '-fno-exceptions');
  else if (kind === 'wat')
    writeFileSync(
      object,
      wabt.parseWat(name, readFileSync(join(out, name), 'utf8')).toBinary({ relocatable: true }).buffer,
    );
  else if (kind === 'rs') compileRust(name, stem);
}

/** A rustc that has its standard library for WASI. */
function findRustc() {
  for (const rustc of [process.env.WELD_RUSTC ?? 'rustc', '/usr/bin/rustc'])
    for (const target of ['wasm32-wasip1', 'wasm32-wasi'])
      try {
        const folder = execFileSync(rustc, ['--print', 'target-libdir', '--target', target], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        }).trim();
        if (readdirSync(folder).some((file) => file.startsWith('libstd-'))) return { rustc, target };
      } catch {
        // not this one
      }
  return undefined;
}

/**
 * What rustc gives its linker: the program's objects and its own start file, and of its libraries, which have some hundred
 * megabytes, the members that the link takes, without debug information.
 */
function compileRust(name, stem) {
  const found = findRustc();
  if (!found) return console.log(`${name}: no rustc with a library for WASI`);
  const work = mkdtempSync(join(tmpdir(), 'weld-rust-'));
  try {
    const linker = join(work, 'linker');
    const trace = join(work, 'trace');
    const kept = join(work, 'objects');
    mkdirSync(kept);
    // Its objects are gone when rustc ends; rlibs contain what wasm-ld warns of.
    const script = `#!/bin/bash\nfor file; do case $file in *.rcgu.o) cp "$file" ${kept};; esac; done\nexec -a wasm-ld wasm-ld-19 "\${@/#--fatal-warnings/--no-fatal-warnings}" --trace >${trace}\n`;
    writeFileSync(linker, script, { mode: 0o755 });
    const flags = [
      '--edition=2021',
      `--target=${found.target}`,
      '-O',
      '-C',
      'codegen-units=1',
      '-C',
      'debuginfo=1',
      `--remap-path-prefix=${out}=.`,
      '-C',
      `linker=${linker}`,
    ];
    execFileSync(found.rustc, [...flags, join(out, name), '-o', join(work, 'program.wasm')], {
      cwd: work,
      stdio: ['ignore', 'pipe', 'pipe'],
    });

    const libraries = new Map();
    const objects = [];
    for (const line of readFileSync(trace, 'utf8').split('\n').filter(Boolean)) {
      const [, archive, member] = /^(.*)\((.*)\)$/.exec(line) ?? [];
      if (archive) libraries.set(archive, [...(libraries.get(archive) ?? []), member]);
      else if (basename(line).startsWith('crt1')) copyFileSync(line, join(out, 'crt1-rust.o'));
      else if (existsSync(join(kept, basename(line)))) objects.push(join(kept, basename(line)));
    }
    const [program, allocator, ...others] = objects;
    if (!program || !allocator || others.length > 0)
      throw new Error(`rustc links ${objects.length} objects, and not the program and its allocator`);
    copyFileSync(program, join(out, `${stem}.o`));
    copyFileSync(allocator, join(out, `${stem}_allocator.o`));
    const parts = { std: [], c: [] };
    for (const [archive, members] of libraries) {
      const folder = mkdtempSync(join(work, 'members-'));
      execFileSync('llvm-ar-19', ['x', archive, ...members], { cwd: folder });
      const part = join(work, `${basename(archive).replace(/^lib|-[0-9a-f]+\.rlib$|\.a$/g, '')}.o`);
      execFileSync('wasm-ld-19', ['-r', '--strip-debug', '-o', part, ...members], { cwd: folder });
      parts[archive.endsWith('.a') ? 'c' : 'std'].push(part);
    }
    for (const [library, of] of Object.entries({ 'libstd.a': parts.std, 'libc-rust.a': parts.c }))
      execFileSync('llvm-ar-19', ['rcsD', join(out, library), ...of]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** From the compiler's tar of headers and libraries. */
function copyLibraries() {
  const tar = readFileSync(join(toolchain, 'llvm-resources.tar'));
  const wanted = new Map([
    ['lib/wasm32-unknown-wasip1/libclang_rt.builtins.a', 'libclang_rt.builtins-wasm32.a'],
    ...libraries.map((name) => [`lib/wasm32-wasip1/${name}`, name]),
  ]);
  const text = (from, length) => tar.toString('latin1', from, from + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= tar.length; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    const name = wanted.get(text(at, 100));
    if (name) {
      writeFileSync(join(out, name), tar.subarray(at + 512, at + 512 + size));
      wanted.delete(text(at, 100));
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  if (wanted.size > 0) throw new Error(`not in @yowasp/clang: ${[...wanted.keys()].join(', ')}`);
}

/**
 * Of the libraries, what a sample links: the first link of a visitor needs some ten kilobytes of them, and not megabytes. As
 * soon as something is compiled in the page, the whole libraries take their place.
 */
function takeParts(sample, objects, libraries, start = ['crt1-command.o']) {
  const options = { cwd: out, encoding: 'utf8' };
  const trace = execFileSync(
    'wasm-ld-19',
    ['--trace', '-o', join(tmpdir(), `${sample}-${process.pid}.wasm`), ...start, ...objects, ...libraries],
    options,
  );
  rmSync(join(tmpdir(), `${sample}-${process.pid}.wasm`));
  const linked = trace.split('\n');
  for (const library of libraries) {
    const members = linked
      .filter((line) => line.startsWith(`${library}(`))
      .map((line) => line.slice(library.length + 1, -1));
    const all = execFileSync('llvm-ar-19', ['t', library], options).trim().split('\n');
    const work = mkdtempSync(join(tmpdir(), 'weld-part-'));
    // In the order of the library. Of a name that it has twice, both are taken.
    const seen = new Map();
    const files = [];
    for (const member of all) {
      const count = (seen.get(member) ?? 0) + 1;
      seen.set(member, count);
      if (!members.includes(member)) continue;
      const folder = join(work, String(count));
      mkdirSync(folder, { recursive: true });
      execFileSync('llvm-ar-19', ['xN', String(count), '--output', folder, library, member], options);
      files.push(join(folder, member));
    }
    execFileSync('llvm-ar-19', ['qcsD', join(out, `${sample}-part-${library}`), ...files]);
    rmSync(work, { recursive: true });
  }
}

/**
 * Compressed here, because many hosts do not compress such files. They are not called `.gz`: some hosts would send them with a
 * `Content-Encoding`, others would not.
 */
function packCompiler() {
  const version = `${JSON.parse(readFileSync(join(toolchain, '../package.json'), 'utf8')).version}-packed`;
  const stamp = join(compilerOut, 'version.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === version) return;
  rmSync(compilerOut, { recursive: true, force: true });
  mkdirSync(compilerOut, { recursive: true });
  for (const name of readdirSync(toolchain)) {
    const bytes = readFileSync(join(toolchain, name));
    if (name.endsWith('.js')) writeFileSync(join(compilerOut, name), bytes);
    else writeFileSync(join(compilerOut, `${name}.packed`), gzipSync(bytes, { level: 9 }));
  }
  writeFileSync(stamp, version);
}
