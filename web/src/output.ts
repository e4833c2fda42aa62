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

const exportsFunction = ({ exports }: Output, name: string) =>
  exports.some((e) => e.name === name && e.kind === 'function');

/** The page calls its `frame` before each repaint: see samples/canvas.h. */
export const isAnimation = (output: Output): boolean =>
  exportsFunction(output, 'frame') && !exportsFunction(output, '_start');

/** Why this can be run neither as a WASI command nor as an animation, or nothing. */
export function whyNotRun(output: Output): string | undefined {
  const { module, imports } = output;
  if (!module) return 'The engine does not accept this module.';
  const draws = isAnimation(output);
  if (!draws && !exportsFunction(output, '_start')) return 'It exports no _start, so it is not a WASI command.';
  const given = ['wasi_snapshot_preview1', ...(draws ? ['canvas'] : [])];
  const other = imports.find((i) => !given.includes(i.module) && i.kind === 'function'); // the rest can be made
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
