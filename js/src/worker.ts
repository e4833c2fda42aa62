// The worker that `link` uses: links what it is sent, one at a time. remote.ts is the other side.
import { configure, setMore } from './core.js';
import { FileSet } from './files.js';
import { performHere } from './link.js';
import { nodeModule } from './load.js';
import type { FromWorker, ToWorker } from './remote.js';

interface Port {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
}
let port: Port;

/** The waiting callers by the path of the file that they asked for. */
const asked = new Map<string, { resolve(bytes: Uint8Array | undefined): void; reject(error: unknown): void }>();

/** Who waits for the second module. */
let waitingForMore: { resolve(module: WebAssembly.Module): void; reject(error: unknown): void } | undefined;

const askForMore = () =>
  new Promise<WebAssembly.Module>((resolve, reject) => {
    waitingForMore = { resolve, reject };
    port.postMessage({ kind: 'more' });
  });

function ask(path: string): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    asked.set(path, { resolve, reject });
    port.postMessage({ kind: 'ask', path });
  });
}

async function link({ argv, names, known, inputs, tree, tells }: ToWorker & { kind: 'link' }): Promise<void> {
  try {
    const files = new FileSet(ask);
    files.addKnown(known);
    for (const [name, content] of inputs) files.addInput(name, content);
    const tell = (phase: string) => port.postMessage({ kind: 'phase', phase });
    const answer = await performHere({ argv, names, files, tree }, undefined, tells ? tell : undefined);
    const made = [answer.stdout, answer.stderr, ...answer.written.values()];
    port.postMessage({ kind: 'answer', answer }, [...new Set(made.map((bytes) => bytes.buffer as ArrayBuffer))]);
  } catch (error) {
    port.postMessage({ kind: 'error', error });
  }
}

function receive(message: ToWorker): void {
  if (message.kind === 'start') {
    configure({ wasmModule: message.module });
    setMore({ from: askForMore });
  } else if (message.kind === 'link') void link(message);
  else if (message.kind === 'more') {
    if (message.module) waitingForMore?.resolve(message.module);
    else waitingForMore?.reject(new Error(message.error));
  } else if ('error' in message) asked.get(message.path)?.reject(new Error(String(message.error)));
  else asked.get(message.path)?.resolve(message.bytes);
}

if (typeof postMessage === 'function') {
  port = globalThis as unknown as Port;
  addEventListener('message', ({ data }: MessageEvent<ToWorker>) => receive(data));
  port.postMessage({ kind: 'ready' });
} else {
  const node = nodeModule('node:worker_threads') as Promise<typeof import('node:worker_threads')>;
  void node.then(({ parentPort }) => {
    port = parentPort as Port;
    parentPort!.on('message', receive);
    port.postMessage({ kind: 'ready' });
  });
}
