// @ts-check
// node wasi_child.mjs MODULE DATA_FOLDER ARGS...: runs a command, or initialises a reactor.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { WASI } from 'node:wasi';

const [module, data, ...args] = process.argv.slice(2);
const wasi = new WASI({
  version: 'preview1',
  args: [path.basename(module), ...args],
  env: process.env,
  preopens: { '/data': data },
  returnOnExit: true,
});
try {
  const { instance } = await WebAssembly.instantiate(readFileSync(module), /** @type {any} */ (wasi.getImportObject()));
  if ('_start' in instance.exports) process.exitCode = wasi.start(instance);
  else wasi.initialize(instance);
} catch (error) {
  // The stack of a trap names functions by the output's name section, which is not what a run is about.
  console.error(`${error}`);
  process.exitCode = 125;
}
