// Opens a zip. Here, because the page must not wait for it, and its policy allows no workers made of text.
import { unzipSync } from 'fflate';

/** What is said about the size of the contents is believed up to here. */
const mostBytes = 2 ** 30;

export type Unzipped = { files: { name: string; bytes: Uint8Array }[] } | { error: string };

self.onmessage = async ({ data }: MessageEvent<Blob>) => {
  try {
    let total = 0;
    const entries = unzipSync(new Uint8Array(await data.arrayBuffer()), {
      filter: ({ originalSize, name }) => {
        if (name.endsWith('/')) return false;
        if ((total += originalSize) > mostBytes) throw new Error('it unpacks to more than a gigabyte');
        return true;
      },
    });
    const files = Object.entries(entries).map(([name, bytes]) => ({ name, bytes }));
    const answer: Unzipped = { files };
    self.postMessage(answer, { transfer: [...new Set(files.map(({ bytes }) => bytes.buffer as ArrayBuffer))] });
  } catch (error) {
    const answer: Unzipped = { error: error instanceof Error ? error.message : String(error) };
    self.postMessage(answer);
  }
};
