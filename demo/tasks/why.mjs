// Why a symbol is in the output: who refers to whom, from a root to it, and what it costs.
import { link, openReport } from 'wasm-weld';
import { sysroot } from 'wasm-weld/wasi';

const program = { inputs: ['hello.o'], files: new URL('./', import.meta.url), options: { metafile: true } };
const { metafile } = await link((await sysroot({ from: '/usr' })).request(program));
const { matches } = (await openReport(metafile)).why('writev');
for (const { path, retained } of matches)
  console.log(path.map(({ display, file }) => `${display} in ${file}`).join('\n  -> '), `\n${retained} bytes`);
