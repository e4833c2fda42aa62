// Links once more, for the report of a large link: the linker's worker looks into the inputs meanwhile, and this one's memory
// is freed with it.
import { link } from 'wasm-weld';
import type { KeptPart } from './contents';

export interface ReportRequest {
  inputs: { name: string; wholeArchive: boolean; content: Uint8Array | KeptPart }[];
  args: string[];
}
export type Reported = { metafile: Uint8Array | undefined } | { error: string };

self.onmessage = async ({ data: { inputs, args } }: MessageEvent<ReportRequest>) => {
  const post = (message: Reported, transfer: Transferable[] = []) => self.postMessage(message, { transfer });
  try {
    // Many inputs lie in one file.
    const files = new Map<Blob, Promise<ArrayBuffer>>();
    const bytesOf = async (content: Uint8Array | KeptPart) => {
      if (content instanceof Uint8Array) return content;
      const { in: file, from, size } = content;
      let read = files.get(file);
      if (!read) files.set(file, (read = file.arrayBuffer()));
      return new Uint8Array(await read, from, size);
    };
    const read = await Promise.all(
      inputs.map(async ({ content, ...input }) => ({ ...input, bytes: await bytesOf(content) })),
    );
    const { metafile } = await link({ inputs: read, args, options: { metafile: true } });
    post({ metafile }, metafile ? [metafile.buffer] : []);
  } catch (error) {
    post({ error: error instanceof Error ? error.message : String(error) });
  }
};
