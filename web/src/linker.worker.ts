// Owns the linker, so that the page never waits for it. Files stay here once they have come: a link names them.
import { createLinker, initialize, link as linkOnce, version, type Linker, type LinkResult } from 'wasm-weld';

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
  else if (data.kind === 'remove') {
    contents.delete(data.key);
    if (contents.size === 0) forget();
  } else {
    try {
      const result = await link(data.inputs, data.args);
      const made = [result.output, ...Object.values(result.files)].filter((bytes) => bytes !== undefined);
      post({ kind: 'linked', result }, [...new Set(made.map((bytes) => bytes.buffer as ArrayBuffer))]);
    } catch (error) {
      forget(); // whatever state it is in
      post({ kind: 'linked', error: error instanceof Error ? error.message : String(error) });
    }
  }
};

const filled = ({ key, name, wholeArchive }: LinkInput) => ({ name, wholeArchive, bytes: contents.get(key)! });

/** Inputs stay parsed from link to link, as long as the arguments are the same. */
let kept: { linker: Linker; args: string; inputs: Map<string, LinkInput> } | undefined;

function forget(): void {
  kept?.linker.dispose();
  kept = undefined;
}

async function link(inputs: LinkInput[], args: string[]): Promise<LinkResult> {
  if (kept?.args !== args.join('\0')) {
    forget();
    kept = { linker: await createLinker({ args }), args: args.join('\0'), inputs: new Map() };
  }
  const { linker, inputs: before } = kept;
  const names = new Set(inputs.map(({ name }) => name));
  for (const { name } of [...before.values()]) if (!names.has(name)) (linker.remove(name), before.delete(name));
  for (const input of inputs) {
    const old = before.get(input.name);
    if (old && old.wholeArchive !== input.wholeArchive) linker.remove(input.name);
    if (!old || old.wholeArchive !== input.wholeArchive) linker.add(filled(input));
    else if (old.key !== input.key) linker.replace(input.name, contents.get(input.key)!);
    before.set(input.name, input);
  }
  linker.reorder(inputs.map(({ name }) => name));
  const result = linker.link();
  if (!result.diagnostics.some(({ id }) => id === 'internal')) return result;
  forget(); // it crashed: once more from nothing, which says whether it crashes there too
  return linkOnce({ inputs: inputs.map(filled), args });
}

// A failure comes again, with its reason, at the first link.
initialize().then(
  () => post({ kind: 'ready', version }),
  () => {},
);
