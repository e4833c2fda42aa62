// Runs a linked WASI command. The page ends it by ending this worker.
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';

export interface RunRequest {
  bytes: Uint8Array;
  args: string[];
}
export type RunMessage = { kind: 'text'; stream: 'out' | 'err'; text: string } | { kind: 'exit'; code: number } | { kind: 'failed'; message: string };

const post = (message: RunMessage) => self.postMessage(message);

self.onmessage = async ({ data }: MessageEvent<RunRequest>) => {
  const decoders = { out: new TextDecoder(), err: new TextDecoder() };
  const sink = (stream: 'out' | 'err') =>
    new ConsoleStdout((bytes) => post({ kind: 'text', stream, text: decoders[stream].decode(bytes, { stream: true }) }));
  const wasi = new WASI(data.args, [], [new OpenFile(new File([])), sink('out'), sink('err'), new PreopenDirectory('/', new Map())], { debug: false });
  try {
    const module = await WebAssembly.compile(data.bytes as BufferSource);
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport });
    const code = wasi.start(instance as Parameters<WASI['start']>[0]);
    post({ kind: 'exit', code });
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};
