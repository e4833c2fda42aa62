// Links as people do who link something for the first time, with a module that notes which functions run:
//   node train.mjs DIST INSTRUMENTED PROFILE
// DIST has the JavaScript of the package; js/split.mjs runs this. js/test/parts.test.mjs links other programs in the same
// ways, where the second module must not be loaded. No link here fails: messages need the second module.
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

async function links(request) {
  const { ok, diagnostics } = await link(request);
  if (!ok) throw new Error(`a training link failed: ${diagnostics.map(({ text }) => text).join('; ')}`);
}

try {
  const c = await sysroot({ from: '/usr' });
  const cpp = await sysroot({ from: '/usr', language: 'c++' });
  for (const flags of [['-O0', '-g'], ['-O2'], ['-Os', '-ffunction-sections', '-fdata-sections']]) {
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
  }
  const streams = compile('program.cpp', '-O1', '-g'); // once: it takes half of the time of the training
  for (const options of [{}, { stripDebug: true }]) await links(cpp.request({ inputs: [streams], options }));
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
