// Links once more, for the report of a large link: the linker's worker looks into the inputs meanwhile, and this one's memory
// is freed with it.
import { link } from 'wasm-weld';

export interface ReportRequest {
  inputs: { name: string; wholeArchive: boolean; bytes: Uint8Array }[];
  args: string[];
}
export type Reported = { metafile: Uint8Array | undefined } | { error: string };

self.onmessage = async ({ data }: MessageEvent<ReportRequest>) => {
  const post = (message: Reported, transfer: Transferable[] = []) => self.postMessage(message, { transfer });
  try {
    const { metafile } = await link({ ...data, options: { metafile: true } });
    post({ metafile }, metafile ? [metafile.buffer] : []);
  } catch (error) {
    post({ error: error instanceof Error ? error.message : String(error) });
  }
};
