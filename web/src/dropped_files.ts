// Files, folders and zips that were dropped or picked.
import { kindOf } from './file_kinds';
import type { Unzipped } from './zip.worker';

/** How much of a file says what kind it is. */
const headSize = 1 << 16;

export interface Dropped {
  files: File[];
  /** With the folders that it was found in. */
  path(file: File): string;
  /** Files of folders that a link has no use for. */
  skipped: number;
}

/** Everything that was dropped by name, and of folders what can be linked. Read it in the drop event: later it is empty. */
export async function readDropped(transfer: DataTransfer): Promise<Dropped> {
  const plain = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => !!entry);
  const folders = entries.filter((entry) => entry.isDirectory) as FileSystemDirectoryEntry[];
  if (folders.length === 0) return { files: plain, path: (file) => file.name, skipped: 0 };

  const paths = new Map<File, string>();
  const found: File[] = [];
  for (const entry of entries) {
    if (entry.isFile) paths.set(await fileOf(entry as FileSystemFileEntry), entry.name);
  }
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    const children = await childrenOf(folder);
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (child.isDirectory) waiting.push(child as FileSystemDirectoryEntry);
      else {
        const file = await fileOf(child as FileSystemFileEntry);
        paths.set(file, child.fullPath.replace(/^\//, ''));
        found.push(file);
      }
    }
  }
  const useful = await linkable(found);
  const named = [...paths.keys()].filter((file) => !found.includes(file));
  return { files: [...named, ...useful], path: (file) => paths.get(file) ?? file.name, skipped: found.length - useful.length };
}

/** From `<input webkitdirectory>`. */
export async function readPickedFolder(files: File[]): Promise<Dropped> {
  const useful = await linkable(files);
  return { files: useful, path: (file) => file.webkitRelativePath || file.name, skipped: files.length - useful.length };
}

/** In their order, many at a time: a file by itself waits mostly for its turn. */
export async function readAll<T, R>(items: readonly T[], read: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += 100) results.push(...(await Promise.all(items.slice(at, at + 100).map(read))));
  return results;
}

/** The same with zips opened: of them, what can be linked. */
export async function unzipped({ files, path, skipped }: Dropped): Promise<Dropped> {
  const paths = new Map<File, string>();
  const heads = await readAll(files, async (file) => String.fromCharCode(...new Uint8Array(await file.slice(0, 4).arrayBuffer())));
  for (const [i, file] of files.entries()) {
    if (heads[i] !== 'PK\x03\x04') {
      paths.set(file, path(file));
      continue;
    }
    const inside = (await unzip(file)).map(({ name, bytes }) => new File([bytes as BlobPart], name));
    const useful = await linkable(inside);
    skipped += inside.length - useful.length;
    for (const member of useful) paths.set(member, member.name);
  }
  return { files: [...paths.keys()], path: (file) => paths.get(file)!, skipped };
}

async function unzip(file: File): Promise<{ name: string; bytes: Uint8Array }[]> {
  const worker = new Worker(new URL('./zip.worker.ts', import.meta.url), { type: 'module' });
  try {
    const answer = await new Promise<Unzipped>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Unzipped>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message || 'what opens zips could not be loaded'));
      worker.postMessage(file);
    });
    if ('error' in answer) throw new Error(`${file.name}: ${answer.error}`);
    return answer.files;
  } finally {
    worker.terminate();
  }
}

async function linkable(files: File[]): Promise<File[]> {
  const useful: File[] = [];
  for (const file of files) {
    const head = new Uint8Array(await file.slice(0, headSize).arrayBuffer());
    // An object's `linking` section is near its end: of a wasm file, the head does not say whether it is one.
    const whole = head[0] === 0 && file.size > headSize ? new Uint8Array(await file.arrayBuffer()) : head;
    if (kindOf(whole).linkable) useful.push(file);
  }
  return useful;
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** The reader gives a hundred at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children;
    children.push(...some);
  }
}
