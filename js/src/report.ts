// `openReport`, as far as everybody loads it: the rest comes when it is first called.
import { bytesOf, read } from './files.js';
import type { Content, Report } from './types.js';

/**
 * Answers about a metafile: `result.metafile` of a link with `options.metafile`, or what `--metafile=` wrote. Where the
 * module that answers is not loaded yet, it is loaded first.
 *
 * @throws TypeError for what is no metafile
 */
export async function openReport(metafile: Content): Promise<Report> {
  const bytes = bytesOf(await read(metafile));
  if (!bytes) throw new TypeError('`openReport` takes a Uint8Array, an ArrayBuffer, a Blob, a URL or a Response');
  const { instances, OpenReport } = await import('./inspect_report.js');
  await instances.load();
  return new OpenReport(bytes);
}
