// @ts-check
// Outputs that a fuzzer kept (keep_output.h) are valid modules but for the code of their functions, which comes from the
// inputs as it is: node tests/fuzz/validate.mjs FOLDER
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { frameOf } from '../support/module_frame.mjs';
import { newerNode } from '../support/paths.mjs';

const [folder] = process.argv.slice(2);
if (!folder) throw new Error('usage: validate.mjs FOLDER');

// An engine that knows as much as possible.
if (path.resolve(process.execPath) !== path.resolve(newerNode) && !process.env.WELD_FUZZ_ENGINE) {
  const env = { ...process.env, WELD_FUZZ_ENGINE: newerNode };
  try {
    execFileSync(newerNode, [fileURLToPath(import.meta.url), folder], { stdio: 'inherit', env });
  } catch {
    process.exitCode = 1;
  }
} else {
  const names = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
  let whole = 0;
  for (const name of names) {
    const bytes = Uint8Array.from(readFileSync(path.join(folder, name)));
    if (WebAssembly.validate(bytes)) {
      whole++;
      continue;
    }
    const frame = frameOf(bytes);
    if (WebAssembly.validate(frame)) continue;
    process.exitCode = 1;
    try {
      new WebAssembly.Module(frame);
    } catch (error) {
      console.error(`${path.join(folder, name)}: ${/** @type {Error} */ (error).message}`);
    }
  }
  console.log(`${names.length} outputs, of which ${whole} are valid with their code`);
  if (names.length === 0) {
    console.error('the fuzzer kept no output');
    process.exitCode = 1;
  }
}
