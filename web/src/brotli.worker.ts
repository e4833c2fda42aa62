// Compresses as a host does that keeps its files compressed: browsers have no encoder for pages. It takes a second for a
// megabyte, so nothing else waits for this worker.
import brotli from 'brotli-wasm';

export type Compressed = { size: number } | { error: string };

self.onmessage = async ({ data }: MessageEvent<Blob>) => {
  const post = (message: Compressed) => self.postMessage(message);
  try {
    const bytes = new Uint8Array(await data.arrayBuffer());
    post({ size: (await brotli).compress(bytes, { quality: 11 }).length });
  } catch (error) {
    post({ error: error instanceof Error ? error.message : String(error) });
  }
};
