// Where inputs come from: files, folders, what holds files, and addresses.
import type { ToUnpack, Unpacked } from './unpack.worker';

export interface Dropped {
  file: File;
  /** Its name, with the folders that it was in. */
  path: string;
  /** It was in a folder or a zip, and nobody named it: it is of interest only if a link takes it. */
  found: boolean;
}

/** Everything that was dropped. Call it in the drop event: later there is nothing. */
export async function readDropped(transfer: DataTransfer): Promise<Dropped[]> {
  const plain = [...transfer.files];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => !!entry);
  const folders = entries.filter((entry) => entry.isDirectory) as FileSystemDirectoryEntry[];
  if (folders.length === 0) return plain.map(named);

  const dropped: Dropped[] = [];
  for (const entry of entries) {
    if (entry.isFile) dropped.push(named(await fileOf(entry as FileSystemFileEntry)));
  }
  const waiting = [...folders];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    const children = await childrenOf(folder);
    for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (child.isDirectory) waiting.push(child as FileSystemDirectoryEntry);
      else
        dropped.push({
          file: await fileOf(child as FileSystemFileEntry),
          path: child.fullPath.replace(/^\//, ''),
          found: true,
        });
    }
  }
  return dropped;
}

/** A file that was dropped or picked by itself. */
export const named = (file: File): Dropped => ({ file, path: file.name, found: false });

/** Of `<input webkitdirectory>`. */
export const inFolder = (file: File): Dropped => ({ file, path: file.webkitRelativePath || file.name, found: true });

/** What is in a zip, a tar or a file that gzip compressed. */
export async function unpack(file: File): Promise<Dropped[]> {
  const files = await inWorker({ file, name: file.name }, file.name);
  return files.map((inside) => ({ file: inside, path: inside.name, found: true }));
}

/** A file from elsewhere. Its server has to allow that. */
export async function fetchAddress(address: string): Promise<Dropped> {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) throw new Error(`${address} is no web address`);
  const [file] = await inWorker({ address }, address);
  return named(file!);
}

/** A zip of files. */
export async function zip(files: { name: string; content: Blob }[]): Promise<Uint8Array> {
  const [made] = await inWorker({ zip: files }, 'the zip');
  return new Uint8Array(await made!.arrayBuffer());
}

async function inWorker(asked: ToUnpack, about: string): Promise<File[]> {
  const worker = new Worker(new URL('./unpack.worker.ts', import.meta.url), { type: 'module' });
  try {
    const answer = await new Promise<Unpacked>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Unpacked>) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message || 'the code that opens files could not be loaded'));
      worker.postMessage(asked);
    });
    if ('error' in answer) throw new Error(`${about}: ${answer.error}`);
    return answer.files.map(({ name, bytes }) => new File([bytes as BlobPart], name));
  } finally {
    worker.terminate();
  }
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
