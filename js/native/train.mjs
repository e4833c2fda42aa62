// Links as people do who link something for the first time, with a module that notes which functions run:
//   node train.mjs DIST INSTRUMENTED PROFILE
// DIST has the JavaScript of the package; js/split.mjs runs this. Everything that is linked here is linked again by
// js/test/parts.test.mjs, with other programs, where the second module must not be loaded.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [dist = '', instrumented = '', profile = ''] = process.argv.slice(2);
const sources = path.join(path.dirname(fileURLToPath(import.meta.url)), 'training');
const folder = mkdtempSync(path.join(tmpdir(), 'weld-training-'));

/** Compiles a source; returns an input. */
function compile(source, ...flags) {
  const name = `${[source, ...flags].join('').replaceAll(/[^\w.]/g, '_')}.o`;
  const clang = source.endsWith('.c') ? 'clang-19' : 'clang++-19';
  const all = ['--target=wasm32-wasi', '-fno-exceptions', ...flags, '-c', source, '-o', path.join(folder, name)];
  execFileSync(clang, all, { cwd: sources });
  return { name, bytes: readFileSync(path.join(folder, name)) };
}

function archive(name, ...members) {
  execFileSync('llvm-ar-19', ['rcs', name, ...members.map((member) => member.name)], { cwd: folder });
  return { name, bytes: readFileSync(path.join(folder, name)) };
}

/** The instance that links. */
let instance;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (module, imports) => {
  const made = await instantiate(module, imports);
  if (imports.host) instance = made; // Node makes some for itself
  return made;
};

const { initialize, link } = await import(pathToFileURL(path.join(dist, 'index.js')));
const { sysroot } = await import(pathToFileURL(path.join(dist, 'wasi.js')));
initialize({ wasmBinary: readFileSync(instrumented), worker: false }).catch(() => {});

let failed = 0;
async function links(request) {
  const { ok, diagnostics } = await link(request);
  if (!ok) throw new Error(`a training link failed: ${diagnostics.map(({ text }) => text).join('; ')}`);
}
async function fails(request) {
  const { ok } = await link(request);
  if (ok) throw new Error('a training link that must fail did not');
  failed++;
}

try {
  const c = await sysroot({ from: '/usr' });
  const cpp = await sysroot({ from: '/usr', language: 'c++' });
  for (const flags of [['-O0'], ['-O0', '-g'], ['-O2'], ['-Os', '-g', '-ffunction-sections', '-fdata-sections']]) {
    const program = compile('program.c', ...flags);
    const library = compile('library.c', ...flags);
    const lib = archive(`lib${flags.join('')}.a`, library);
    await links(c.request({ inputs: [program, library] }));
    await links(c.request({ inputs: [program, lib] }));
    // Files that take time, as a worker's do: the first run does not find them.
    const files = { [program.name]: program.bytes, [library.name]: library.bytes, 'libown.a': lib.bytes };
    const later = c.request({ inputs: [program.name, 'libown.a'] });
    await links({ ...later, files: async (file) => files[file] ?? (await later.files?.(file)) });
    for (const options of [
      { exportAll: true },
      { exportDynamic: true, importMemory: true },
      { export: ['shared'], gcSections: false },
      { export: ['shared'], stripAll: true, stackSize: 1 << 16, initialMemory: 1 << 21, exportTable: true },
      { export: ['shared'], stripDebug: true, importTable: true, allowUndefined: true, optimize: 0 },
      { exportIfDefined: ['no'], undefined: ['shared'], maxMemory: 1 << 24, growableTable: true },
    ])
      await links({ inputs: [library], options: { entry: false, ...options } });

    // What goes wrong.
    await fails(c.request({ inputs: [program] }));
    await fails(c.request({ inputs: [program, library, { ...library, name: 'again.o' }] }));
    await links(c.request({ inputs: [compile('program.c', ...flags, '-DTELLS'), library] }));
  }
  for (const flags of [['-O0', '-g'], ['-O2']]) {
    await links(cpp.request({ inputs: [compile('program.cpp', ...flags)] }));
    await fails(cpp.request({ inputs: [compile('program.cpp', ...flags, '-DUNDEFINED')] }));
  }
  const nothing = { name: 'text.o', bytes: new TextEncoder().encode('int main;') };
  const program = compile('program.c');
  await fails({ inputs: [nothing] });
  await fails({ inputs: [{ name: 'empty.o', bytes: new Uint8Array() }] });
  await fails({ inputs: [{ name: 'cut.o', bytes: program.bytes.subarray(0, program.bytes.length - 100) }] });
  await fails({ inputs: ['missing.o'], files: () => undefined });
  await fails({ inputs: ['-lmissing'], files: {} });
  await fails({ args: ['--no-such-option'] });
  await fails({ inputs: [] });
  await fails({ inputs: [compile('library.c')] }); // no `_start`
  await fails({ inputs: [compile('library.c')], options: { entry: false, export: ['missing'] } });
  const mismatch = path.join(folder, 'mismatch.c');
  writeFileSync(mismatch, 'long long shared(long long x, int y) { return x + y; } int counter;');
  execFileSync('clang-19', ['--target=wasm32-wasi', '-c', 'mismatch.c'], { cwd: folder });
  const other = { name: 'mismatch.o', bytes: readFileSync(path.join(folder, 'mismatch.o')) };
  await links(c.request({ inputs: [program, other] }));
  await link({ args: ['--version'] });

  const { allocate, memory, __write_profile: write } = instance.exports;
  const room = 1 << 20;
  const at = allocate(room) >>> 0;
  const size = write(at, room);
  if (size > room) throw new Error('the profile has no room');
  writeFileSync(profile, new Uint8Array(memory.buffer, at, size));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
