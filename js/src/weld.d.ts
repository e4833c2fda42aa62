// The glue that Emscripten makes beside weld.wasm, as far as we use it: see js/native/weld_embind.cpp.
import type { Host } from './core.js';

export interface WeldModule {
  run(argv: readonly string[], host: Host, errHasColors: boolean): number;
  version(): string;
  // A linker that keeps its inputs: one for an instance. Exit codes as of `run`.
  open(host: Host): void;
  link(argv: readonly string[]): number;
  /** False: what is wrong with the bytes is said by the next `link`. */
  replace(name: string, bytes: Uint8Array): boolean;
  relink(): number;
  save(): Uint8Array;
  /** Names, each followed by 1 (the whole archive) and 2 (lazy) added up; undefined: refused, see the report. */
  restore(snapshot: Uint8Array): (string | number)[] | undefined;
  HEAPU8: Uint8Array;
}

export interface WeldModuleOptions {
  instantiateWasm(
    imports: WebAssembly.Imports,
    receive: (instance: WebAssembly.Instance) => void,
  ): WebAssembly.Exports | Record<string, never>;
  print(text: string): void;
  printErr(text: string): void;
}

// Fills and resolves to the object that it is given. When `instantiateWasm` calls `receive` before it returns, so is the
// module ready when this returns.
export default function createWeld(options: WeldModuleOptions): Promise<WeldModule>;
