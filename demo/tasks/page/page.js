// Links C with its library in a page, and runs it. Beside the page: hello.o, and a folder with the library.
import { ConsoleStdout, File, OpenFile, WASI } from '@bjorn3/browser_wasi_shim';
import { link } from 'wasm-weld';
import { sysroot } from 'wasm-weld/wasi';

const library = await sysroot({ from: 'sysroot/' });
const { output } = await link(library.request({ inputs: ['hello.o'], files: new URL('./', location.href) }));
const print = ConsoleStdout.lineBuffered((line) => document.body.append(line));
const wasi = new WASI(['hello'], [], [new OpenFile(new File([])), print, print]);
wasi.start((await WebAssembly.instantiate(output, { wasi_snapshot_preview1: wasi.wasiImport })).instance);
