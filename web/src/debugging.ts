// Modules with source maps, for the browser's debugger.
import type { Output } from './output';
import type { Session } from './session';
import { allTexts } from './source_texts';
import { readSections } from './wasm_sections';

const made = new WeakMap<Output, Promise<WebAssembly.Module | undefined>>();

/**
 * Undefined: no input has lines. The page keeps the module as long as the output, so that a debugger shows its sources also
 * when the program does not run.
 */
function mapped(session: Session, output: Output): Promise<WebAssembly.Module | undefined> {
  let module = made.get(output);
  if (!module) {
    module = make(session);
    made.set(output, module);
    module.catch(() => made.delete(output));
  }
  return module;
}

async function make(session: Session): Promise<WebAssembly.Module | undefined> {
  const bytes = await session.ask('withSourceMap', { texts: await allTexts(session) });
  return bytes && WebAssembly.compile(await withoutDwarf(bytes).arrayBuffer());
}

/** The output's own if no input has lines. */
export async function debuggedModule(session: Session, output: Output): Promise<WebAssembly.Module> {
  return (await mapped(session, output)) ?? output.compile();
}

/** Makes the module, so that breakpoints can be set before it runs. Returns what to do then. */
export async function prepare(session: Session, output: Output): Promise<string> {
  return (await mapped(session, output))
    ? 'Open DevTools of Chrome or Edge. Its Sources have the files under wasm://. Set a breakpoint there, then run.'
    : 'No input has line tables. Compile with -g1 or -g.';
}

/**
 * DevTools takes DWARF before a map, and shows nothing of it without an extension. The linker could leave it out, but with -Oz
 * code may be smaller if it need not be described, and the rest of the page is about the code that is described.
 */
function withoutDwarf(module: Uint8Array): Blob {
  const kept = [module.subarray(0, 8)];
  let begin = 8;
  for (const { name, offset, size } of readSections(module)) {
    const end = offset + size;
    if (!name.startsWith('.debug_')) kept.push(module.subarray(begin, end));
    begin = end;
  }
  return new Blob(kept as BlobPart[]);
}
