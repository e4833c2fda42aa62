// Owns the linker, so that the page never waits for it. Files stay here once they have come: a link names them.
import { link, version, type LinkResult } from 'wasm-weld';

export interface LinkInput {
  key: number;
  name: string;
  wholeArchive: boolean;
}
export type Request =
  | { kind: 'add'; key: number; bytes: Uint8Array }
  | { kind: 'remove'; key: number }
  | { kind: 'link'; id: number; inputs: LinkInput[]; args: string[] };
export interface Response {
  id: number;
  version: string;
  result?: LinkResult;
  /** The linker could not be loaded, or was used wrongly. */
  error?: string;
}

const contents = new Map<number, Uint8Array>();

self.onmessage = async ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'add') contents.set(data.key, data.bytes);
  else if (data.kind === 'remove') contents.delete(data.key);
  else {
    const response: Response = { id: data.id, version };
    const transfer: Transferable[] = [];
    try {
      const inputs = data.inputs.map(({ key, name, wholeArchive }) => ({ name, wholeArchive, bytes: contents.get(key)! }));
      response.result = await link({ inputs, args: data.args });
      if (response.result.output) transfer.push(response.result.output.buffer as ArrayBuffer);
    } catch (error) {
      response.error = error instanceof Error ? error.message : String(error);
    }
    self.postMessage(response, { transfer });
  }
};
