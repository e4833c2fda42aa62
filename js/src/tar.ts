// Files of a tar archive, as it is or compressed with gzip.
import { normalize, type Bytes } from './files.js';

/** Files by path. Views of `bytes`, if that is not compressed. */
export async function readTar(bytes: Bytes): Promise<Map<string, Bytes>> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const text = (from: number, size: number) => {
    const field = bytes.subarray(from, from + size);
    const end = field.indexOf(0);
    return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
  };
  const files = new Map<string, Bytes>();
  const links = new Map<string, string>();
  let longName: string | undefined; // of the entry that follows
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const isPosix = text(at + 257, 5) === 'ustar';
    const size = parseInt(text(at + 124, 12), 8);
    const begin = at + 512;
    if (!isPosix || !(size >= 0) || begin + size > bytes.length)
      throw new Error(`no tar archive, or a broken one: at byte ${at}`);
    const kind = text(at + 156, 1);
    if (kind === 'L') longName = text(begin, size);
    else if (kind === 'x') longName = /^\d+ path=(.*)$/m.exec(text(begin, size))?.[1] ?? longName;
    else {
      const folder = text(at + 345, 155);
      const name = normalize(longName ?? (folder ? `${folder}/` : '') + text(at, 100));
      const target = text(at + 157, 100);
      if (kind === '0' || kind === '') files.set(name, bytes.subarray(begin, begin + size));
      else if (kind === '1') links.set(name, normalize(target));
      else if (kind === '2') links.set(name, normalize(`${name}/../${target}`));
      longName = undefined;
    }
    at = begin + Math.ceil(size / 512) * 512;
  }
  for (const [name, target] of links) {
    const file = files.get(links.get(target) ?? target);
    if (file) files.set(name, file);
  }
  return files;
}
