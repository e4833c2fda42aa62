// Owns the linker and the files, so that the page never waits for them: it links, and answers what the views ask.
import { initialize, version, type LinkResult } from 'wasm-weld';
import { kindOf, type Kind } from './file_kinds';
import type { Question, Questions } from './inspector/questions';
import { Workspace, type LinkInput } from './inspector/workspace';

export type { LinkInput } from './inspector/workspace';
export type Request =
  | { kind: 'read'; id: number; files: { key: number; file: Blob }[] }
  | { kind: 'remove'; key: number }
  | { kind: 'link'; inputs: LinkInput[]; args: string[] }
  | { kind: 'ask'; id: number; question: Question; asked: unknown };
export interface FileRead {
  kind: Kind;
  size: number;
}
export interface Linked {
  result?: LinkResult;
  error?: string;
}
export type Response =
  | { kind: 'ready'; version: string }
  | ({ kind: 'linked' } & Linked)
  | { kind: 'answer'; id: number; answer?: unknown; error?: string };

const post = (response: Response, transfer: Transferable[] = []) => self.postMessage(response, { transfer });
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const workspace = new Workspace();
/** Fetched when something is asked: a link needs none of it. */
let questions: Questions | undefined;

// One thing after the other: a question is about the link before it.
let work: Promise<unknown> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  work = work.then(() => serve(data));
};

async function serve(data: Request): Promise<void> {
  if (data.kind === 'read') post({ kind: 'answer', id: data.id, answer: await Promise.all(data.files.map(read)) });
  else if (data.kind === 'remove') workspace.remove(data.key);
  else if (data.kind === 'link') {
    try {
      // The output is copied: it stays here to be looked at.
      post({ kind: 'linked', result: await workspace.link(data.inputs, data.args) });
    } catch (error) {
      post({ kind: 'linked', error: messageOf(error) });
    }
  } else {
    try {
      questions ??= new (await import('./inspector/questions')).Questions(workspace);
      const ask = questions[data.question] as (asked: unknown) => Promise<unknown>;
      const answer = await ask.call(questions, data.asked);
      post({ kind: 'answer', id: data.id, answer }, answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : []);
    } catch (error) {
      post({ kind: 'answer', id: data.id, error: messageOf(error) });
    }
  }
}

async function read({ key, file }: { key: number; file: Blob }): Promise<FileRead | undefined> {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    workspace.add(key, bytes);
    return { kind: kindOf(bytes), size: bytes.length };
  } catch {
    return undefined;
  }
}

// A failure comes again, with its reason, at the first link.
initialize().then(
  () => post({ kind: 'ready', version }),
  () => {},
);
