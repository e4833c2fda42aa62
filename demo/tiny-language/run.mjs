// Compiles, links and runs a program, and says how long each took: node run.mjs [FILE...]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';
import { library } from './src/library.js';
import { Session } from './src/session.js';
import { lineAndColumn } from './src/syntax.js';

/** @param {number | undefined} ms */
const micros = (ms) => `${Math.round((ms ?? 0) * 1000).toLocaleString('en')} µs`;

const begin = performance.now();
const session = await Session.open({ inputs: library() });
console.error(`linker with C's library: ${micros(performance.now() - begin)}`);

const files = process.argv.slice(2);
if (files.length === 0) files.push(fileURLToPath(new URL('examples/tour.tiny', import.meta.url)));
for (const file of files) {
  const source = readFileSync(file, 'utf8');
  /** @param {import('./src/session.js').Problem[]} problems */
  const report = (problems) => {
    for (const { message, from, warning } of problems) {
      const place = from === undefined ? file : `${file}:${Object.values(lineAndColumn(source, from)).join(':')}`;
      console.error(`${place}: ${warning ? 'warning' : 'error'}: ${message}`);
    }
  };
  const { output, problems, compileMs, linkMs } = session.build(source);
  report(problems);
  if (!output) {
    process.exitCode = 1;
    continue;
  }
  const built = performance.now();
  const wasi = new WASI({ version: 'preview1', args: [file], returnOnExit: true });
  const instance = new WebAssembly.Instance(
    new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (output)),
    /** @type {WebAssembly.Imports} */ (wasi.getImportObject()),
  );
  const loaded = performance.now();
  try {
    wasi.start(instance);
  } catch (error) {
    report([await session.explain(error)]);
    process.exitCode = 1;
  }
  const times = { compile: compileMs, link: linkMs, load: loaded - built, run: performance.now() - loaded };
  console.error(
    `${output.length.toLocaleString('en')} bytes; ${Object.entries(times)
      .map(([what, ms]) => `${what} ${micros(ms)}`)
      .join(', ')}`,
  );
}
