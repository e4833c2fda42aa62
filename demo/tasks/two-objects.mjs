// Links two objects in Node, and runs what came.
import { formatMessages, link } from 'wasm-weld';

const folder = new URL('./', import.meta.url);
const { ok, output, diagnostics } = await link({
  inputs: ['main.o', 'twice.o'],
  options: { entry: false },
  files: folder,
});
if (!ok) throw new Error(formatMessages(diagnostics).join('\n'));
const { instance } = await WebAssembly.instantiate(output);
console.log(instance.exports.answer());
