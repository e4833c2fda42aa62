// What the worker has: the inputs' bytes, the linker that stays, the newest link, and on demand what is in each file
// and the report of the link. Reports cost a link of their own, so that links stay as fast as they are.
import { createLinker, inlineSourceMap, inspect, link, openReport } from 'wasm-weld';
import type { Inspection, Linker, LinkOptions, LinkResult, Metafile, Report } from 'wasm-weld';
import { baseName } from './base_name';
import { changeInputs, type LinkInput } from './linker_inputs';
import type { Reported, ReportRequest } from './report.worker';

export type { LinkInput } from './linker_inputs';

/** An object, an archive's member or the output, in the order of the link. */
export interface LookedFile {
  /** `libc.a(printf.o)`; {@link outputFile}. No two have the same: of members that an archive has twice, `libc.a(a.o #2)`. */
  name: string;
  /** As reports and diagnostics have it: without the number. */
  reported: string;
  /** The input's name and the archive's member, as reports have them. */
  path: string;
  member: string;
  inspection: Inspection;
  /** Where it begins in what was given: a member in its archive. */
  begin: number;
}

/** A file that is not linked: a finished module, or what a link said of its output. */
export interface Looked {
  key: number;
  name: string;
  /** As the page calls it: `module`, `component`, `metafile`. */
  kind: string;
}

export interface LinkReport {
  report: Report;
  metafile: Metafile;
  bytes: Uint8Array;
  /** It was made from a finished module, which does not say from what it was linked. */
  isFinished?: boolean;
}

/** What the output is called among the files. No input can be: theirs do not begin so. */
export const outputFile = '(output)';

/**
 * Links ask the browser whether it takes the output, unless the arguments say otherwise. What it does not know may be known
 * where the output will run.
 */
const checked: LinkOptions = { validate: true, logOverride: { 'unknown-to-engine': 'warning' } };

/**
 * Larger inputs are not linked once without the linker that stays: they would be in memory twice. And their reports are made
 * in a worker. Bytes.
 */
const smallInputs = 16 << 20;

export class Workspace {
  #contents = new Map<number, Uint8Array>();
  #linker: { linker: Linker; args: string; inputs: LinkInput[] } | undefined;
  #hasLinked = false;
  #inputs: LinkInput[] = [];
  #request: ReportRequest | undefined;
  /** The newest two that succeeded. */
  #succeeded: ReportRequest[] = [];
  #inspections = new Map<number | typeof outputFile, Promise<LookedFile[]>>();
  #reports = new WeakMap<ReportRequest, Promise<LinkReport | undefined>>();
  /** What is looked at instead of the newest link, and what it is compared with. */
  #looked: { at: Looked; against: Looked | typeof outputFile | undefined } | undefined;
  #lookedReports = new Map<number, Promise<LinkReport | undefined>>();
  /** Goes up with each link: what was told of an older one is out of date. */
  generation = 0;
  output: Uint8Array | undefined;

  add(key: number, bytes: Uint8Array): void {
    this.#contents.set(key, bytes);
  }

  remove(key: number): void {
    this.#contents.delete(key);
    this.#inspections.delete(key);
    this.#lookedReports.delete(key);
  }

  /** From now on, questions are about this file, until the next link. */
  look(at: Looked, against: Looked | typeof outputFile | undefined): void {
    this.generation++;
    this.#looked = { at, against };
    this.#inputs = [];
    this.#inspections.delete(outputFile);
    this.#request = undefined;
    this.output = at.kind === 'module' ? this.#contents.get(at.key) : undefined;
  }

  get inputs(): readonly LinkInput[] {
    return this.#inputs;
  }

  bytes(key: number): Uint8Array | undefined {
    return this.#contents.get(key);
  }

  async link(inputs: LinkInput[], args: string[]): Promise<LinkResult> {
    this.generation++;
    this.#looked = undefined;
    this.#inputs = inputs;
    this.#inspections.delete(outputFile);
    this.output = undefined;
    this.#request = {
      args,
      inputs: inputs.map(({ key, name, wholeArchive }) => ({ name, wholeArchive, bytes: this.#contents.get(key)! })),
    };
    const request = this.#request;
    const result = (await this.#linkFirst(request)) ?? (await this.#upToDate(inputs, args)).link();
    if (result.ok) {
      this.output = result.output;
      this.#succeeded = [...this.#succeeded.slice(-1), request];
    }
    return result;
  }

  /**
   * The first link, when the linker's first module is enough for it: the linker that stays takes the second one, which is
   * larger, and is loaded while the result is looked at. Undefined: that linker has to do it.
   */
  async #linkFirst({ inputs, args }: ReportRequest): Promise<LinkResult | undefined> {
    if (this.#hasLinked) return undefined;
    this.#hasLinked = true;
    if (sizeOf(inputs) > smallInputs) return undefined;
    const result = await link({ inputs, args });
    // What is wrong with it, the linker that stays says.
    if (result.ok && !WebAssembly.validate(result.output)) return undefined;
    return result;
  }

  /** The linker that stays, with these inputs. Other arguments need another one. */
  async #upToDate(inputs: LinkInput[], args: string[]): Promise<Linker> {
    const old = this.#linker;
    this.#linker = undefined; // if anything throws, the next link starts anew
    const spelled = JSON.stringify(args);
    if (!old || old.args !== spelled) {
      old?.linker.dispose();
      const linker = await createLinker({ args, inputs: this.#request!.inputs, options: checked });
      this.#linker = { linker, args: spelled, inputs };
      return linker;
    }
    const { linker } = old;
    changeInputs(linker, old.inputs, inputs, (key) => this.#contents.get(key)!);
    this.#linker = { linker, args: spelled, inputs };
    return linker;
  }

  /** What is in an input, an archive's members each; or in the output. */
  files(which: number | typeof outputFile): Promise<LookedFile[]> {
    let found = this.#inspections.get(which);
    if (!found) this.#inspections.set(which, (found = this.#inspected(which)));
    return found;
  }

  async #inspected(which: number | typeof outputFile): Promise<LookedFile[]> {
    if (which === outputFile) {
      if (!this.output) return [];
      return [
        {
          name: outputFile,
          reported: outputFile,
          path: outputFile,
          member: '',
          begin: 0,
          inspection: await inspect(this.output, { name: 'output' }),
        },
      ];
    }
    const bytes = this.#contents.get(which);
    const input = this.#inputs.find(({ key }) => key === which);
    if (!bytes || !input) return [];
    const path = input.name;
    const inspection = await inspect(bytes, { name: path });
    if (inspection.kind !== 'archive') return [{ name: path, reported: path, path, member: '', begin: 0, inspection }];
    const taken = new Set<string>();
    return inspection.members.flatMap(({ name: member, offset }, i) => {
      const reported = `${path}(${member})`;
      let name = reported;
      for (let n = 2; taken.has(name); n++) name = `${path}(${member} #${n})`;
      taken.add(name);
      try {
        return { name, reported, path, member, begin: offset, inspection: inspection.member(i) };
      } catch {
        return []; // a member that leaves the archive: the link says so
      }
    });
  }

  /** All that is linked or could be. */
  async allFiles(): Promise<LookedFile[]> {
    const files: LookedFile[] = [];
    for (const { key } of this.#inputs) for (const file of await this.files(key)) files.push(file);
    return files;
  }

  /** How many members the archives have. Objects have none, and are not looked into for that. */
  async memberCount(): Promise<number> {
    let count = 0;
    for (const { key } of this.#inputs) {
      if (this.#contents.get(key)?.[0] !== 0x21) continue; // `!<arch>` and `!<thin>`
      count += (await this.files(key)).filter(({ member }) => member !== '').length;
    }
    return count;
  }

  /** Reports of the newest link, when it succeeded, or of the successful one before it. */
  report(which: 'newest' | 'before' = 'newest'): Promise<LinkReport | undefined> {
    if (this.#looked) {
      const { at, against } = this.#looked;
      const one = which === 'newest' ? at : against;
      const linked = this.#succeeded.at(-1);
      if (one === outputFile) return linked ? this.#reportOf(linked) : Promise.resolve(undefined);
      return one ? this.#lookedReport(one) : Promise.resolve(undefined);
    }
    const newest = this.output && this.#succeeded.at(-1);
    const request = which === 'newest' ? newest : this.#succeeded.at(newest ? -2 : -1);
    if (!request || (which === 'before' && request === newest)) return Promise.resolve(undefined);
    return this.#reportOf(request);
  }

  #reportOf(request: ReportRequest): Promise<LinkReport | undefined> {
    let made = this.#reports.get(request);
    if (!made) this.#reports.set(request, (made = makeReport(request)));
    return made;
  }

  #lookedReport({ key, name, kind }: Looked): Promise<LinkReport | undefined> {
    const bytes = this.#contents.get(key);
    if (!bytes || kind === 'component') return Promise.resolve(undefined);
    let made = this.#lookedReports.get(key);
    if (!made) {
      made =
        kind === 'metafile'
          ? openMetafile(bytes)
          : Promise.all([inspect(bytes, { name }), import('./module_report')]).then(([inspection, { moduleReport }]) =>
              moduleReport(name, inspection),
            );
      this.#lookedReports.set(key, made);
    }
    return made;
  }

  /**
   * The output with a source map in it, for the browser's debugger. `texts`: sources by file name. Undefined: no input has
   * lines.
   */
  async withSourceMap(texts: Record<string, string>): Promise<Uint8Array | undefined> {
    if (!this.output || !this.#request) return undefined;
    const { inputs, args } = this.#request;
    // Behind the others, so that these count.
    const mapped = ['--source-map', '--source-map-url=', '--source-map-sources', '--source-map-ignore'];
    const encoder = new TextEncoder();
    const files = (path: string) => {
      const name = baseName(path);
      return Object.hasOwn(texts, name) ? encoder.encode(texts[name]) : undefined;
    };
    const { output, sourceMap, diagnostics } = await link({ inputs, args: [...args, ...mapped], files });
    if (!output || !sourceMap) throw new Error(diagnostics.map(({ text }) => text).join('\n'));
    const { sources } = JSON.parse(new TextDecoder().decode(sourceMap)) as { sources: string[] };
    return sources.length > 0 ? inlineSourceMap(output, sourceMap) : undefined;
  }

  /** The linker's map of the output. */
  async map(): Promise<string | undefined> {
    if (!this.output || !this.#request) return undefined;
    const { inputs, args } = this.#request;
    return (await link({ inputs, args, options: { printMap: true } })).stdout;
  }
}

async function openMetafile(bytes: Uint8Array): Promise<LinkReport> {
  const report = await openReport(bytes);
  return { bytes, report, metafile: JSON.parse(new TextDecoder().decode(bytes)) as Metafile };
}

async function makeReport(request: ReportRequest): Promise<LinkReport | undefined> {
  const isLarge = sizeOf(request.inputs) > smallInputs && typeof Worker === 'function';
  const bytes = isLarge ? await metafileOfWorker(request) : await metafileOf(request);
  if (!bytes) return undefined;
  const metafile = JSON.parse(new TextDecoder().decode(bytes)) as Metafile;
  return { bytes, metafile, report: await openReport(bytes) };
}

const sizeOf = (inputs: ReportRequest['inputs']): number => inputs.reduce((sum, { bytes }) => sum + bytes.length, 0);

async function metafileOf(request: ReportRequest): Promise<Uint8Array | undefined> {
  return (await link({ ...request, options: { metafile: true } })).metafile;
}

function metafileOfWorker(request: ReportRequest): Promise<Uint8Array | undefined> {
  const worker = new Worker(new URL('./report.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Uint8Array | undefined>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Reported>) =>
      'error' in data ? reject(new Error(data.error)) : resolve(data.metafile);
    // Where a worker cannot have another one.
    worker.onerror = (event) => {
      event.preventDefault();
      resolve(metafileOf(request));
    };
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}
