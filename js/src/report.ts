// The part of `openReport` that is always loaded. The rest is loaded on first use.
import { bytesFor } from './files.js';
import type { Report } from './report_types.js';
import type { Content } from './types.js';

/**
 * Opens a metafile and answers questions about the output that it describes. The metafile is `result.metafile` of a
 * link with `options.metafile`, or the file that `--metafile=` wrote. The first call loads `inspect.wasm`.
 *
 * @throws TypeError if the bytes are not a metafile
 */
export async function openReport(metafile: Content): Promise<Report> {
  const bytes = await bytesFor('openReport', metafile);
  const { instances, OpenReport } = await import('./inspect_report.js');
  await instances.load();
  return new OpenReport(bytes);
}
