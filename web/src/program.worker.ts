// Runs a WASI command. The page ends it by ending this worker.
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';

export interface RunRequest {
  module: WebAssembly.Module;
  args: string[];
}
export type Stream = 'out' | 'err';
export type RunMessage =
  | { kind: 'printed'; stream: Stream; text: string }
  | { kind: 'exited'; code: number; ms: number }
  | { kind: 'failed'; why: string };

const post = (message: RunMessage) => self.postMessage(message);

function sink(stream: Stream): ConsoleStdout {
  const decoder = new TextDecoder();
  return new ConsoleStdout((bytes) => post({ kind: 'printed', stream, text: decoder.decode(bytes, { stream: true }) }));
}

self.onmessage = async ({ data: { module, args } }: MessageEvent<RunRequest>) => {
  const wasi = new WASI(args, [], [new OpenFile(new File([])), sink('out'), sink('err'), new PreopenDirectory('/', new Map())], {
    debug: false, // or it writes to the console
  });
  try {
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
    const begin = performance.now();
    const code = wasi.start(instance as Parameters<WASI['start']>[0]);
    post({ kind: 'exited', code, ms: performance.now() - begin });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    post({ kind: 'failed', why: error instanceof WebAssembly.RuntimeError ? `trapped: ${what}` : what });
  }
};
