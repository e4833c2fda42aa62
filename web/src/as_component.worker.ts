// Makes a component of a command for WASI 0.1, and of the component what a browser runs: core modules, and the JavaScript that
// joins them. The tools are fetched with this worker.
import { $init, generate } from '@bytecodealliance/jco-transpile/component';
import { makeComponent } from 'wasm-weld/component';

export interface ComponentRequest {
  id: number;
  module: Uint8Array;
}
export type ComponentAnswer = { id: number } & (
  | {
      component: Uint8Array;
      /** By the names that the script has for them. The first is the module. */
      cores: [string, Uint8Array][];
      script: string;
      /** The interfaces that the component imports. */
      imports: string[];
    }
  | { why: string }
);

let adapter: Promise<Uint8Array> | undefined;

self.onmessage = async ({ data: { id, module } }: MessageEvent<ComponentRequest>) => {
  const post = (message: ComponentAnswer) => self.postMessage(message);
  try {
    adapter ??= fetchAdapter();
    adapter.catch(() => (adapter = undefined)); // with the next request, it is asked for again
    const component = await makeComponent(module, { adapters: { wasi_snapshot_preview1: await adapter } });
    await $init;
    const { files, imports } = generate(component, {
      name: 'component', // names of the visitor's files are no part of the script
      instantiation: { tag: 'async' },
      noTypescript: true,
      noNodejsCompat: true,
      noComponentErrorWrapping: true,
      base64Cutoff: 0,
    });
    const script = files.find(([name]) => name.endsWith('.js'))![1];
    const cores = files.filter(([name]) => name.endsWith('.wasm'));
    post({ id, component, cores, script: new TextDecoder().decode(script), imports });
  } catch (error) {
    post({ id, why: error instanceof Error ? error.message : String(error) });
  }
};

async function fetchAdapter(): Promise<Uint8Array> {
  const response = await fetch(new URL('../adapter/wasi_snapshot_preview1.command.wasm', import.meta.url));
  if (!response.ok) throw new Error(`the adapter cannot be fetched: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}
