// A link that fails, and what its message says to do.
import { formatMessages, link } from 'wasm-weld';
import { sysroot } from 'wasm-weld/wasi';

const program = { inputs: ['words.o'], files: new URL('./', import.meta.url) };
const inC = await link((await sysroot({ from: '/usr' })).request(program));
console.log(formatMessages(inC.diagnostics).join('\n')); // undefined symbol `std::...`: this is C++
const inCpp = await link((await sysroot({ from: '/usr', language: 'c++' })).request(program));
console.log(inCpp.ok ? `${inCpp.output.length} bytes` : formatMessages(inCpp.diagnostics).join('\n'));
