// A command for WASI 0.1 as a component for WASI 0.2. All of this is fetched when somebody runs or downloads one.
import { signal } from '@preact/signals';
import type { ComponentAnswer, ComponentRequest } from './as_component.worker';
import type { RunnableComponent } from './component_run';
import type { Output } from './output';
import { readSections } from './wasm_sections';

export interface Component {
  bytes: Uint8Array;
  /** What it consists of, by the names that the script has for them. The first is the module that was linked. */
  cores: { name: string; bytes: Uint8Array; module: WebAssembly.Module }[];
  /** JavaScript that makes instances of the core modules, and joins them. */
  script: string;
}

/** The newest: what became of it. */
export const newest = signal<{ output: Output; component?: Component; why?: string } | undefined>(undefined);

/** In the names of the modules that are not the program's own, by which their functions are told apart in a stack. */
const added = 'added-to-the-component';

const made = new WeakMap<Output, Promise<Component>>();
const waiting = new Map<number, (answer: ComponentAnswer) => void>();
let worker: Worker | undefined;
let nextId = 0;

export function componentOf(output: Output): Promise<Component> {
  let component = made.get(output);
  if (!component) {
    component = make(output);
    made.set(output, component);
    component.catch(() => made.delete(output)); // the network may be back
  }
  newest.value = { output };
  component.then(
    (component) => newest.peek()?.output === output && (newest.value = { output, component }),
    (error: unknown) =>
      newest.peek()?.output === output && (newest.value = { output, why: (error as Error).message ?? String(error) }),
  );
  return component;
}

/** As it is run. `main`: in place of the module, one that is the same but for what a debugger reads. */
export async function runnable(output: Output, main?: WebAssembly.Module): Promise<RunnableComponent> {
  const { script, cores } = await componentOf(output);
  const modules = Object.fromEntries(cores.map(({ name, module }) => [name, module]));
  const { name } = cores[0]!;
  if (main) modules[name] = main;
  return { script, main: name, cores: modules, added };
}

async function make(output: Output): Promise<Component> {
  const lacks = whatLacks(output);
  if (lacks !== undefined) throw new Error(lacks);
  const module = new Uint8Array(await output.file.arrayBuffer());
  const answer = await ask(module);
  if ('why' in answer) throw new Error(plainly(answer.why));
  const { component, script, imports } = answer;
  const unknown = imports.find((name) => !/^wasi:(cli|clocks|filesystem|io|random|sockets)\//.test(name));
  if (unknown !== undefined) throw new Error(`The component imports ${unknown}, which this page does not provide.`);
  const cores = answer.cores.map(async ([name, bytes], i) => ({
    name,
    bytes,
    module:
      i === 0 && isSame(bytes, module)
        ? await output.compile()
        : await WebAssembly.compile((i === 0 ? bytes : await named(bytes)) as BufferSource),
  }));
  return { bytes: component, script, cores: await Promise.all(cores) };
}

function ask(module: Uint8Array): Promise<ComponentAnswer> {
  const id = nextId++;
  worker ??= start();
  worker.postMessage({ id, module } satisfies ComponentRequest);
  return new Promise((resolve) => waiting.set(id, resolve));
}

function start(): Worker {
  const started = new Worker(new URL('./as_component.worker.ts', import.meta.url), { type: 'module' });
  started.onmessage = ({ data }: MessageEvent<ComponentAnswer>) => {
    waiting.get(data.id)?.(data);
    waiting.delete(data.id);
  };
  started.onerror = () => {
    for (const [id, settle] of waiting) settle({ id, why: 'The tools for components cannot be loaded.' });
    waiting.clear();
    started.terminate();
    worker = undefined;
  };
  return started;
}

/** What a component needs of a module that is a WASI command already. The tools say it in words of their own. */
function whatLacks({ imports, exports }: Output): string | undefined {
  const given = imports.find(({ kind }) => kind !== 'function');
  if (given)
    return `It imports the ${given.kind} ${given.module}.${given.name}. The module of a component may import only functions.`;
  if (!exports.some(({ name, kind }) => name === 'memory' && kind === 'memory'))
    return 'It exports no memory with the name `memory`, which the adapter to WASI 0.2 needs.';
  return undefined;
}

/** What the tools say of modules that can be linked here. */
function plainly(why: string): string {
  const missing = /adapter module did not export `([^`]*)`/.exec(why);
  if (missing)
    return `It imports wasi_snapshot_preview1.${missing[1]}, which the adapter from WASI 0.1 to WASI 0.2 does not have.`;
  if (why.includes('mismatch in index type used for memories'))
    return 'Its memory has 64-bit addresses. The adapter to WASI 0.2 needs a memory with 32-bit addresses.';
  if (why.includes('mismatch in the shared flag for memories'))
    return 'Its memory is shared between threads. The adapter to WASI 0.2 needs a memory that is not shared.';
  const mismatch = /type mismatch for function `([^`]*)`: expected `([^`]*)` but found `([^`]*)`/.exec(why);
  if (mismatch)
    return `It imports wasi_snapshot_preview1.${mismatch[1]} with the type ${mismatch[2]}. The adapter has it with the type ${mismatch[3]}.`;
  return `Making it failed: ${why}`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The module with `added` as its name, which engines write into stacks. */
async function named(module: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(added);
  const names = [4, ...new TextEncoder().encode('name'), 0, text.length + 1, text.length, ...text];
  const parts = [module.subarray(0, 8)];
  let begin = 8;
  for (const { id, name, offset, size } of readSections(module)) {
    if (id !== 0 || name !== 'name') parts.push(module.subarray(begin, offset + size));
    begin = offset + size;
  }
  parts.push(Uint8Array.of(0, names.length, ...names));
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}
