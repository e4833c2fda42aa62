// Links again whenever the object changes: it alone is parsed again, the library is not.
import { readFile, watch, writeFile } from 'node:fs/promises';
import { sysroot } from 'wasm-weld/wasi';

const libc = await sysroot({ from: '/usr' });
const linker = await libc.linker({ inputs: ['hello.o'], files: new URL('./', import.meta.url) });
for await (const { filename } of watch('.')) {
  if (filename !== 'hello.o') continue;
  linker.replace('hello.o', await readFile('hello.o'));
  const { ok, output } = linker.link();
  if (ok) await writeFile('hello.wasm', output);
}
