// What a link made, opened: its sections, and what the engine says that it imports and exports.
import { readSections, type Section } from './wasm_sections';

export interface Output {
  name: string;
  /** Its bytes: a large one is not to be in the page's memory, where hardly anything needs it. */
  file: Blob;
  size: number;
  sections: Section[];
  /** Why the engine refuses it, as it does with an object (`-r`). */
  refusal?: string;
  imports: WebAssembly.ModuleImportDescriptor[];
  exports: WebAssembly.ModuleExportDescriptor[];
  /** Unless the engine refuses it. */
  compile(): Promise<WebAssembly.Module>;
}

/** A larger one is compiled again before it runs. Bytes. */
const mostCompiled = 4 << 20;

export async function openOutput(bytes: Uint8Array, name: string, file?: Blob): Promise<Output> {
  const kept = file ?? new Blob([bytes as BlobPart]);
  let module: WebAssembly.Module | undefined;
  const output: Output = {
    name,
    file: kept,
    size: bytes.length,
    sections: readSections(bytes),
    imports: [],
    exports: [],
    compile: async () => module ?? WebAssembly.compile(await kept.arrayBuffer()),
  };
  try {
    const compiled = await WebAssembly.compile(bytes as BufferSource);
    output.imports = WebAssembly.Module.imports(compiled);
    output.exports = WebAssembly.Module.exports(compiled);
    if (bytes.length <= mostCompiled) module = compiled;
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
  const { refusal, imports } = output;
  if (refusal !== undefined) return 'The engine does not accept this module.';
  const draws = isAnimation(output);
  if (!draws && !exportsFunction(output, '_start')) return 'It exports no _start, so it is not a WASI command.';
  const given = ['wasi_snapshot_preview1', ...(draws ? ['canvas'] : [])];
  const other = imports.find((i) => !given.includes(i.module) && i.kind === 'function'); // the rest can be made
  if (other) return `It imports ${other.module}.${other.name}, which this page does not provide.`;
  return undefined;
}

export function download(name: string, content: Uint8Array | Blob, type = 'application/octet-stream'): void {
  const url = URL.createObjectURL(new Blob([content as BlobPart], { type }));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
