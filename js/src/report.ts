// The part of `openReport` that is always loaded. The rest is loaded on first use.
import { bytesFor } from './files.js';
import type { Report } from './report_types.js';
import type { Content } from './types.js';

/**
 * Opens a metafile and answers questions about the output that it describes. The metafile is `result.metafile` of a
 * link with `options.metafile`, or the file that `--metafile=` wrote. The first call loads `inspect.wasm`.
 *
 * A WebAssembly module without its metafile can be opened too, under the name `options.name`. Such a report answers
 * `size`, `sizeModel`, `diff` and `imports` from the sections and names of the module. Other questions throw, because a
 * module does not say what keeps what, nor from which files it was linked ({@link Report.explains}).
 *
 * @throws TypeError if the bytes are neither a metafile nor a module
 */
export async function openReport(content: Content, options: { name?: string } = {}): Promise<Report> {
  const bytes = await bytesFor('openReport', content);
  const { instances, OpenReport } = await import('./inspect_report.js');
  await instances.load();
  return new OpenReport(bytes, options.name ?? 'module.wasm');
}
