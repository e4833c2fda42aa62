// The reports of links: each costs a link of its own, which ordinary links are not to pay for.
import { link, openReport, type Metafile, type Report } from 'wasm-weld';
import type { Content } from './contents';
import type { Reported, ReportRequest } from './report.worker';

export interface LinkReport {
  report: Report;
  metafile: Metafile;
  /** It was made from a finished module, which does not say from what it was linked. */
  isFinished?: boolean;
}

/** What was linked. */
export interface LinkedInputs {
  inputs: { name: string; wholeArchive: boolean; content: Content }[];
  args: string[];
}

/** The report of larger inputs is made in a worker. Bytes. */
export const smallInputs = 16 << 20;

export const sizeOf = ({ inputs }: LinkedInputs): number => inputs.reduce((sum, { content }) => sum + content.size, 0);

interface Made {
  metafile: Metafile;
  /** As the linker wrote it. */
  bytes: Uint8Array;
  opened: Promise<Report> | undefined;
  /** Since somebody asked. */
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * An open report has several times the memory of the metafile. A large one, of which nobody has asked anything for this long, is
 * opened again for the next question, which takes some tenths of a second.
 */
const patienceMs = 10_000;
const smallMetafile = 2 << 20;

export class Reports {
  readonly #made = new WeakMap<LinkedInputs, Promise<Made | undefined>>();

  #of(linked: LinkedInputs): Promise<Made | undefined> {
    let made = this.#made.get(linked);
    if (!made) this.#made.set(linked, (made = make(linked)));
    return made;
  }

  /** As the linker wrote it. */
  async bytes(linked: LinkedInputs): Promise<Uint8Array | undefined> {
    return (await this.#of(linked))?.bytes.slice();
  }

  /** What the linker says of its output. Questions about it take longer: see {@link report}. */
  async metafile(linked: LinkedInputs): Promise<Metafile | undefined> {
    return (await this.#of(linked))?.metafile;
  }

  async report(linked: LinkedInputs): Promise<LinkReport | undefined> {
    const made = await this.#of(linked);
    if (!made) return undefined;
    made.opened ??= openReport(made.bytes);
    clearTimeout(made.timer);
    if (made.bytes.length > smallMetafile) made.timer = setTimeout(() => (made.opened = undefined), patienceMs);
    return { metafile: made.metafile, report: await made.opened };
  }
}

async function make(linked: LinkedInputs): Promise<Made | undefined> {
  const bytes = await metafileOf(linked);
  if (!bytes) return undefined;
  const metafile = JSON.parse(new TextDecoder().decode(bytes)) as Metafile;
  return { metafile, bytes, opened: undefined, timer: undefined };
}

async function metafileOf(linked: LinkedInputs): Promise<Uint8Array | undefined> {
  if (sizeOf(linked) > smallInputs && typeof Worker === 'function') return metafileOfWorker(linked);
  const inputs = linked.inputs.map(({ content, ...input }) => ({ ...input, bytes: content.bytes }));
  return (await link({ inputs, args: linked.args, options: { metafile: true } })).metafile;
}

/** Looks into the inputs meanwhile, and the memory is freed with the worker. */
function metafileOfWorker({ inputs, args }: LinkedInputs): Promise<Uint8Array | undefined> {
  const worker = new Worker(new URL('./report.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Uint8Array | undefined>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reported>) =>
      'error' in data ? reject(new Error(data.error)) : resolve(data.metafile);
    // Where a worker cannot have another one.
    worker.onerror = (event) => {
      event.preventDefault();
      const here = inputs.map(({ content, ...input }) => ({ ...input, bytes: content.bytes }));
      link({ inputs: here, args, options: { metafile: true } }).then(({ metafile }) => resolve(metafile), reject);
    };
    const request: ReportRequest = {
      inputs: inputs.map(({ content, ...input }) => ({ ...input, content: content.away ?? content.bytes })),
      args,
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
