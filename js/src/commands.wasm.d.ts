// `wasm-weld/commands.wasm`, as bundlers and runtimes import it.
import type { WasmImport } from './types.js';

declare const wasm: WasmImport;
export default wasm;
