// The memory in which arrays are handed to the core and back.
import type { LinkerModule } from './linker_module.js';

export type NumberArray = Uint8Array | Uint16Array | Uint32Array;

/** Lays arrays one after the other where the core reads them. */
export function put(core: LinkerModule, arrays: readonly NumberArray[]): void {
  let size = 0;
  for (const array of arrays) size += array.byteLength;
  let at = core.scratch(size);
  for (const array of arrays) {
    core.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
}

/** A copy of what the core has laid there. */
export function take(core: LinkerModule, size: number): Uint8Array {
  const at = core.scratch(0);
  return core.HEAPU8.slice(at, at + size);
}
