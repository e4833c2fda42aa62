// The sizes of the newest link, or what differs from the one before it, for the view of sizes: the items stay in this
// worker, since an output may have hundreds of thousands.
import { SizeGroups } from '../../wasm-weld-views/src/size_groups';
import type { LinkReport } from './workspace';

export function sizesOf({ report }: LinkReport, before: LinkReport | undefined): SizeGroups {
  return new SizeGroups(report.sizeModel(before ? { before: before.report } : {}));
}

/** How many bytes it takes when it is compressed; undefined: this browser does not compress so. */
export async function compressedSize(bytes: Uint8Array, format: string): Promise<number | undefined> {
  if (typeof CompressionStream === 'undefined') return undefined;
  let stream: CompressionStream;
  try {
    stream = new CompressionStream(format as CompressionFormat);
  } catch {
    return undefined;
  }
  const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(stream);
  let size = 0;
  const reader = body.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) size += read.value.length;
  return size;
}
