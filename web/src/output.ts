// What a link made, opened: its sections, and what the engine says that it imports and exports.
import { readSections, type Section } from './wasm_sections';

export interface Output {
  name: string;
  bytes: Uint8Array;
  sections: Section[];
  /** Undefined when the engine refuses it, as it does with an object (`-r`). */
  module?: WebAssembly.Module;
  /** Why the engine refuses it. */
  refusal?: string;
  imports: WebAssembly.ModuleImportDescriptor[];
  exports: WebAssembly.ModuleExportDescriptor[];
}

export async function openOutput(bytes: Uint8Array, name: string): Promise<Output> {
  const output: Output = { name, bytes, sections: readSections(bytes), imports: [], exports: [] };
  try {
    output.module = await WebAssembly.compile(bytes as BufferSource);
    output.imports = WebAssembly.Module.imports(output.module);
    output.exports = WebAssembly.Module.exports(output.module);
  } catch (error) {
    output.refusal = error instanceof Error ? error.message : String(error);
  }
  return output;
}

/** Why this cannot be run as a WASI command, or nothing. */
export function whyNotRun({ module, imports, exports }: Output): string | undefined {
  if (!module) return 'The engine does not accept this module.';
  if (!exports.some((e) => e.name === '_start' && e.kind === 'function'))
    return 'It exports no _start, so it is not a WASI command.';
  const other = imports.find((i) => i.module !== 'wasi_snapshot_preview1' && i.kind === 'function'); // the rest can be made
  if (other) return `It imports ${other.module}.${other.name}, which this page does not provide.`;
  return undefined;
}

export function download(name: string, bytes: Uint8Array, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([bytes as BlobPart], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
