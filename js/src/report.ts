// `openReport`, as far as everybody loads it: the rest comes when it is first called.
import { bytesFor } from './files.js';
import type { Report } from './report_types.js';
import type { Content } from './types.js';

/**
 * Answers about a metafile: `result.metafile` of a link with `options.metafile`, or what `--metafile=` wrote. Where the
 * module that answers is not loaded yet, it is loaded first.
 *
 * @throws TypeError for what is no metafile
 */
export async function openReport(metafile: Content): Promise<Report> {
  const bytes = await bytesFor('openReport', metafile);
  const { instances, OpenReport } = await import('./inspect_report.js');
  await instances.load();
  return new OpenReport(bytes);
}
