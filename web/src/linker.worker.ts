// Owns the linker and the files, so that the page never waits for them: it links, and answers what the views ask.
import { initialize, link, version, type LinkResult } from 'wasm-weld';
import { kindOf, type Kind } from './file_kinds';
import type { FilePart, KeptPart } from './inspector/contents';
import type { Question, Questions } from './inspector/questions';
import { type Looked, type outputFile, Workspace, type LinkInput } from './inspector/workspace';

export type { FilePart } from './inspector/contents';
export type { LinkInput } from './inspector/workspace';
export type Request =
  | { kind: 'read'; id: number; files: FileToRead[] }
  | { kind: 'remove'; key: number }
  | { kind: 'store'; id: number; folder: string; name: string; keys: number[] }
  | { kind: 'stored' }
  | { kind: 'link'; inputs: LinkInput[]; args: string[] }
  | { kind: 'look'; id: number; at: Looked; against?: Looked | typeof outputFile | undefined }
  | { kind: 'ask'; id: number; question: Question; asked: unknown };
export interface FileToRead {
  key: number;
  /** An ArrayBuffer: the page has read it. */
  file: Blob | ArrayBuffer;
  /** It is kept only if a link takes it. */
  found: boolean;
  /** It is a part of `file`. */
  part?: FilePart;
  /** `file` is the browser's own, and stays as it is. */
  stays?: boolean;
}
/** What a file is, and whether its bytes are here now. */
export interface FileRead {
  kind: Kind;
  size: number;
  kept: boolean;
}
/** What a link says besides its output. */
export type LinkSaid = Omit<LinkResult, 'output'>;
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
let questions: Promise<Questions> | undefined;

// A question is about the link before it, and whatever comes behind the question waits for its answer. Other questions do not:
// one may wait for a report.
let work: Promise<unknown> = Promise.resolve();
const asked = new Set<Promise<unknown>>();

self.onmessage = ({ data }: MessageEvent<Request>) => {
  if (data.kind === 'ask') {
    const answered: Promise<unknown> = work.then(() => serve(data)).then(() => asked.delete(answered));
    asked.add(answered);
  } else work = Promise.all([work, ...asked]).then(() => serve(data));
};

async function serve(data: Request): Promise<void> {
  if (data.kind === 'read') post({ kind: 'answer', id: data.id, answer: await readAll(data.files) });
  else if (data.kind === 'store') {
    try {
      post({ kind: 'answer', id: data.id, answer: await store(data.folder, data.name, data.keys) });
    } catch (error) {
      post({ kind: 'answer', id: data.id, error: messageOf(error) });
    }
  } else if (data.kind === 'stored') {
    for (const [key, kept] of stored) workspace.keptIn(key, kept);
    stored.clear();
    workspace.leaveMemory();
  } else if (data.kind === 'remove') workspace.remove(data.key);
  else if (data.kind === 'look') post({ kind: 'answer', id: data.id, answer: workspace.look(data.at, data.against) });
  else if (data.kind === 'link') {
    try {
      const result = await workspace.link(data.inputs, data.args);
      post({ kind: 'linked', result }, workspace.keepsOutput ? [] : [result.output!.buffer]);
      void initialize().catch(() => {}); // with the second module, which the next link takes; that says why it failed
    } catch (error) {
      post({ kind: 'linked', error: messageOf(error) });
    }
  } else {
    try {
      questions ??= import('./inspector/questions').then(({ Questions }) => new Questions(workspace));
      questions.catch(() => (questions = undefined)); // the next one fetches it again
      const known = await questions;
      const ask = known[data.question] as (asked: unknown) => Promise<unknown>;
      const answer = await ask.call(known, data.asked);
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
      const { file, part } = one;
      if (file instanceof ArrayBuffer) return taken(one, new Uint8Array(file));
      if (!part) return read(one, file);
      let whole = wholes.get(file);
      if (!whole) wholes.set(file, (whole = file.arrayBuffer()));
      const { from, size } = part;
      return whole.then(
        (bytes) => {
          if (from + size > bytes.byteLength) return undefined;
          const content = new Uint8Array(bytes.slice(from, from + size));
          workspace.add(one.key, content, one.stays ? { ...part, in: file } : undefined);
          return { kind: kindOf(content), size, kept: true };
        },
        () => undefined,
      );
    }),
  );
}

/** Of a whole file, keeps what a link takes. */
function taken({ key, found }: FileToRead, bytes: Uint8Array): FileRead {
  const kind = kindOf(bytes);
  const kept = !kind.packed && (!found || kind.linkable || kind.aside === true);
  if (kept) workspace.add(key, bytes);
  return { kind, size: bytes.length, kept };
}

/** What is said when nothing more may be stored. */
const noRoom = 'there is no room for it';

/** Of workers alone, so that TypeScript's types of pages do not have it. */
interface FileInWorker extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<{ write(bytes: Uint8Array, options: { at: number }): number; close(): void }>;
}

/** What was written, and goes unless the page says that a state names it. By the inputs' keys. */
const stored = new Map<number, KeptPart>();

/** Writes inputs one behind another into a file of the browser's private ones; gives where each begins. */
async function store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]> {
  const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle(folder, { create: true });
  const handle = (await directory.getFileHandle(name, { create: true })) as FileInWorker;
  const file = await handle.createSyncAccessHandle();
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
    const kept = await handle.getFile();
    parts.forEach((part, i) => part && stored.set(keys[i]!, { ...part, in: kept }));
    return parts;
  } catch (error) {
    file.close(); // twice is no error
    await directory.removeEntry(name).catch(() => {});
    throw error instanceof DOMException && error.name === 'QuotaExceededError' ? new Error(noRoom) : error;
  }
}

/** So much of a file says what kind it is; but an object's `linking` section is near its end. */
const headSize = 1 << 16;

async function read(one: FileToRead, file: Blob): Promise<FileRead | undefined> {
  try {
    const head = new Uint8Array(await file.slice(0, headSize).arrayBuffer());
    if (head.length === 0) await file.arrayBuffer(); // Chromium gives a slice of a file that is gone as an empty one
    if (head.length === file.size) return taken(one, head);
    const kind = kindOf(head);
    const isOfUse = !kind.packed && (!one.found || kind.linkable || kind.aside || head[0] === 0);
    if (!isOfUse) return { kind, size: file.size, kept: false };
    return taken(one, new Uint8Array(await file.arrayBuffer()));
  } catch {
    return undefined;
  }
}

// Loads the first module alone. A failure comes again, with its reason, at the first link.
link({ args: ['--version'] }).then(
  () => post({ kind: 'ready', version }),
  () => {},
);
