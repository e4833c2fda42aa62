// Owns the linker and the files, so that the page never waits for them: it links, and answers what the views ask.
import { initialize, link, version, type LinkResult } from 'wasm-weld';
import { kindOf, type Kind } from './file_kinds';
import type { Question, Questions } from './inspector/questions';
import { type Looked, type outputFile, Workspace, type LinkInput } from './inspector/workspace';

export type { LinkInput } from './inspector/workspace';
export type Request =
  | { kind: 'read'; id: number; files: FileToRead[] }
  | { kind: 'remove'; key: number }
  | { kind: 'store'; id: number; folder: string; name: string; keys: number[] }
  | { kind: 'link'; inputs: LinkInput[]; args: string[] }
  | { kind: 'look'; id: number; at: Looked; against?: Looked | typeof outputFile | undefined }
  | { kind: 'ask'; id: number; question: Question; asked: unknown };
export interface FileToRead {
  key: number;
  file: Blob;
  /** It is kept only if a link takes it. */
  found: boolean;
  /** It is a part of `file`. */
  part?: FilePart;
}
export interface FilePart {
  from: number;
  size: number;
}
/** What a file is, and whether its bytes are here now. */
export interface FileRead {
  kind: Kind;
  size: number;
  kept: boolean;
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
  if (data.kind === 'read') post({ kind: 'answer', id: data.id, answer: await readAll(data.files) });
  else if (data.kind === 'store') {
    try {
      post({ kind: 'answer', id: data.id, answer: await store(data.folder, data.name, data.keys) });
    } catch (error) {
      post({ kind: 'answer', id: data.id, error: messageOf(error) });
    }
  } else if (data.kind === 'remove') workspace.remove(data.key);
  else if (data.kind === 'look') post({ kind: 'answer', id: data.id, answer: workspace.look(data.at, data.against) });
  else if (data.kind === 'link') {
    try {
      // The output is copied: it stays here to be looked at.
      post({ kind: 'linked', result: await workspace.link(data.inputs, data.args) });
      void initialize().catch(() => {}); // with the second module, which the next link takes; that says why it failed
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

/** Of parts, the whole is read once: browsers take a millisecond for each part. */
function readAll(files: FileToRead[]): Promise<(FileRead | undefined)[]> {
  const wholes = new Map<Blob, Promise<ArrayBuffer>>();
  return Promise.all(
    files.map((one) => {
      if (!one.part) return read(one);
      let whole = wholes.get(one.file);
      if (!whole) wholes.set(one.file, (whole = one.file.arrayBuffer()));
      const { from, size } = one.part;
      return whole.then(
        (bytes) =>
          from + size > bytes.byteLength ? undefined : keep(one.key, new Uint8Array(bytes.slice(from, from + size))),
        () => undefined,
      );
    }),
  );
}

function keep(key: number, bytes: Uint8Array): FileRead {
  workspace.add(key, bytes);
  return { kind: kindOf(bytes), size: bytes.length, kept: true };
}

/** What is said when nothing more may be stored. */
const noRoom = 'there is no room for it';

/** Of workers alone, so that TypeScript's types of pages do not have it. */
interface FileInWorker extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{ write(bytes: Uint8Array, options: { at: number }): number; close(): void }>;
}

/** Writes inputs one behind another into a file of the browser's private ones; gives where each begins. */
async function store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]> {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  const file = await ((await directory.getFileHandle(name, { create: true })) as FileInWorker).createSyncAccessHandle();
  try {
    const all = keys.map((key) => workspace.bytes(key)); // undefined: it was removed meanwhile
    // At once: each write of its own asks the browser for room.
    const bytes = new Uint8Array(all.reduce((sum, one) => sum + (one?.length ?? 0), 0));
    let at = 0;
    const parts = all.map((one) => {
      if (!one) return undefined;
      bytes.set(one, at);
      at += one.length;
      return { from: at - one.length, size: one.length };
    });
    // Where there is no room, some browsers throw, and others write less.
    if (file.write(bytes, { at: 0 }) < bytes.length) throw new Error(noRoom);
    file.close();
    return parts;
  } catch (error) {
    file.close(); // twice is no error
    await directory.removeEntry(name).catch(() => {});
    throw error instanceof DOMException && error.name === 'QuotaExceededError' ? new Error(noRoom) : error;
  }
}

/** So much of a file says what kind it is; but an object's `linking` section is near its end. */
const headSize = 1 << 16;

async function read({ key, file, found }: FileToRead): Promise<FileRead | undefined> {
  try {
    const head = new Uint8Array(await file.slice(0, headSize).arrayBuffer());
    if (head.length === 0) await file.arrayBuffer(); // Chromium gives a slice of a file that is gone as an empty one
    const isWhole = head.length === file.size;
    const isWasm = head[0] === 0;
    const kind = kindOf(head);
    const isOfUse = !kind.packed && (!found || kind.linkable || kind.aside || (isWasm && !isWhole));
    if (!isOfUse) return { kind, size: file.size, kept: false };
    const bytes = isWhole ? head : new Uint8Array(await file.arrayBuffer());
    const read = { kind: isWhole ? kind : kindOf(bytes), size: bytes.length };
    const kept = !found || read.kind.linkable || read.kind.aside === true;
    if (kept) workspace.add(key, bytes);
    return { ...read, kept };
  } catch {
    return undefined;
  }
}

// Loads the first module alone. A failure comes again, with its reason, at the first link.
link({ args: ['--version'] }).then(
  () => post({ kind: 'ready', version }),
  () => {},
);
