// The glue that Emscripten makes beside inspect.wasm, as far as we use it: see js/native/inspect_embind.cpp.
import type { GlueOptions, Host } from './instance.js';

export interface InspectModule {
  /** Runs a subcommand. -1: `argv` asks for none. */
  run(argv: readonly string[], host: Host): number;

  HEAPU8: Uint8Array;
}

export default function createInspect(options: GlueOptions): Promise<InspectModule>;
