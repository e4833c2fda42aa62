// Opens what holds other files (zip, tar, gzip), makes zips, and fetches addresses. Here, because the page must not wait for it, and because
// its policy allows no addresses but its own: nothing else of the page can be sent anywhere.
import { unzipSync, zipSync } from 'fflate';
import { unpackTar } from 'modern-tar';

/** What is said about the size of the contents is believed up to here. */
const mostBytes = 2 ** 30;

export type ToUnpack = { file: Blob; name: string } | { address: string } | { zip: { name: string; content: Blob }[] };
export type Unpacked = { files: { name: string; bytes: Uint8Array }[] } | { error: string };

self.onmessage = async ({ data }: MessageEvent<ToUnpack>) => {
  try {
    const files =
      'address' in data
        ? [await fetched(data.address)]
        : 'zip' in data
          ? [{ name: 'zip', bytes: await zipped(data.zip) }]
          : await unpacked(data.file, data.name);
    const answer: Unpacked = { files };
    self.postMessage(answer, { transfer: [...new Set(files.map(({ bytes }) => bytes.buffer as ArrayBuffer))] });
  } catch (error) {
    const answer: Unpacked = { error: error instanceof Error ? error.message : String(error) };
    self.postMessage(answer);
  }
};

async function unpacked(file: Blob, name: string): Promise<{ name: string; bytes: Uint8Array }[]> {
  let bytes = new Uint8Array(await file.arrayBuffer());
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return ofZip(bytes);
  let inside = name;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    bytes = await read(file.stream().pipeThrough(new DecompressionStream('gzip')));
    inside = /\.tgz$/i.test(name) ? name : name.replace(/\.gz$/i, '');
  }
  if (new TextDecoder().decode(bytes.subarray(257, 262)) !== 'ustar') return [{ name: inside, bytes }];
  const entries = await unpackTar(bytes);
  const files = new Map(entries.flatMap(({ header, data }) => (data ? [[plain(header.name), data] as const] : [])));
  // A link to a file of the archive is the file under another name.
  for (const { header } of entries) {
    if (header.type !== 'link' && header.type !== 'symlink') continue;
    const target = header.linkname ?? '';
    const folder = header.type === 'link' ? '' : `${plain(header.name)}/../`;
    const data = files.get(plain(folder + target));
    if (data) files.set(plain(header.name), data.slice());
  }
  return [...files].map(([name, bytes]) => ({ name, bytes }));
}

async function zipped(files: { name: string; content: Blob }[]): Promise<Uint8Array> {
  const entries: Record<string, Uint8Array> = {};
  for (const { name, content } of files) entries[name] = new Uint8Array(await content.arrayBuffer());
  return zipSync(entries);
}

function ofZip(bytes: Uint8Array): { name: string; bytes: Uint8Array }[] {
  let total = 0;
  const entries = unzipSync(bytes, {
    filter: ({ originalSize, name }) => {
      if (name.endsWith('/')) return false;
      if ((total += originalSize) > mostBytes) throw new Error(tooLarge);
      return true;
    },
  });
  return Object.entries(entries).map(([name, bytes]) => ({ name, bytes }));
}

const tooLarge = 'it unpacks to more than a gigabyte';

/** A stranger's: it may say that it is anything. */
async function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if ((total += value!.length) > mostBytes) throw new Error(tooLarge);
    chunks.push(value!);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** Without `.` and `..`. */
function plain(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/'))
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return parts.join('/');
}

async function fetched(address: string): Promise<{ name: string; bytes: Uint8Array }> {
  const url = new URL(address);
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
  } catch {
    // Browsers do not tell a page which of the two it was.
    throw new Error(
      `${url.host} cannot be reached, or it does not allow other pages to read this file (it sends no Access-Control-Allow-Origin). Download the file and drop it here`,
    );
  }
  if (!response.ok || !response.body)
    throw new Error(`${url.host} answers ${response.status} ${response.statusText}`.trim());
  const bytes = await read(response.body);
  if (/^text\/html\b/.test(response.headers.get('content-type') ?? '') && bytes[0] === 0x3c)
    throw new Error(`${url.host} sends a web page and not a file. The address of the file itself is needed`);
  const name = decodeURIComponent(new URL(response.url || url).pathname.split('/').at(-1) ?? '');
  return { name: name || 'file', bytes };
}
