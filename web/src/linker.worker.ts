// Owns the linker, so that the page never waits for it. Files stay here once they have come: a link names them.
import { initialize, link, version, type LinkResult } from 'wasm-weld';

export interface LinkInput {
  key: number;
  name: string;
  wholeArchive: boolean;
}
export type Request =
  | { kind: 'add'; key: number; bytes: Uint8Array }
  | { kind: 'remove'; key: number }
  | { kind: 'link'; inputs: LinkInput[]; args: string[] };
export interface Linked {
  result?: LinkResult;
  error?: string;
}
export type Response = { kind: 'ready'; version: string } | ({ kind: 'linked' } & Linked);

const post = (response: Response, transfer: Transferable[] = []) => self.postMessage(response, { transfer });
const contents = new Map<number, Uint8Array>();

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'add') contents.set(data.key, data.bytes);
  else if (data.kind === 'remove') contents.delete(data.key);
  else {
    const inputs = data.inputs.map(({ key, name, wholeArchive }) => ({ name, wholeArchive, bytes: contents.get(key)! }));
    try {
      const result = await link({ inputs, args: data.args });
      const made = [result.output, ...Object.values(result.files)].filter((bytes) => bytes !== undefined);
      post({ kind: 'linked', result }, [...new Set(made.map((bytes) => bytes.buffer as ArrayBuffer))]);
    } catch (error) {
      post({ kind: 'linked', error: error instanceof Error ? error.message : String(error) });
    }
  }
};

// A failure comes again, with its reason, at the first link.
initialize().then(
  () => post({ kind: 'ready', version }),
  () => {},
);
