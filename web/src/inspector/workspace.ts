// What the worker has: the inputs' bytes, the linker that stays, the newest link, and on demand what is in each file
// and the report of the link.
import { createLinker, initializeInspect, inlineSourceMap, inspect, link, openReport } from 'wasm-weld';
import type { Linker, LinkOptions, LinkResult, Metafile } from 'wasm-weld';
import { baseName } from './base_name';
import { Content, giveBack, type KeptPart } from './contents';
import { changeInputs, type LinkInput } from './linker_inputs';
import { filesOf, Inspections, lookedOutput, outputFile, type LookedFile } from './looked_files';
import { Reports, sizeOf, smallInputs, type LinkedInputs, type LinkReport } from './reports';

export type { LinkInput } from './linker_inputs';
export { outputFile, type LookedFile } from './looked_files';
export type { LinkReport } from './reports';

/** A file that is not linked: a finished module, or what a link said of its output. */
export interface Looked {
  key: number;
  name: string;
  /** As the page calls it: `module`, `component`, `metafile`. */
  kind: string;
}

/**
 * Links ask the browser whether it takes the output, unless the arguments say otherwise. What it does not know may be known
 * where the output will run.
 */
const checked: LinkOptions = { validate: true, logOverride: { 'unknown-to-engine': 'warning' } };

/** A smaller output is kept. A larger one is had from the linker again: the page has it already. Bytes. */
const smallOutput = 4 << 20;

export class Workspace {
  #contents = new Map<number, Content>();
  #linker: { linker: Linker; args: string; inputs: LinkInput[] } | undefined;
  /** What that linker was given of what is not in memory otherwise. */
  #given: Uint8Array[] = [];
  #hasLinked = false;
  #inputs: LinkInput[] = [];
  #linked: LinkedInputs | undefined;
  /** The newest two that succeeded. */
  #succeeded: LinkedInputs[] = [];
  #files = new Map<number | typeof outputFile, Promise<LookedFile[]>>();
  #inspections = new Inspections();
  #reports = new Reports();
  /** What is looked at instead of the newest link, and what it is compared with. */
  #looked: { at: Looked; against: Looked | typeof outputFile | undefined } | undefined;
  #lookedReports = new Map<number, Promise<LinkReport | undefined>>();
  /** Goes up with each link: what was told of an older one is out of date. */
  generation = 0;
  #output: Uint8Array | undefined;
  /** Of the output; undefined: there is none. */
  outputSize: number | undefined;

  /** `kept`: where the browser keeps these bytes. */
  add(key: number, bytes: Uint8Array, kept?: KeptPart): void {
    this.#contents.set(key, new Content(bytes, kept));
  }

  remove(key: number): void {
    const content = this.#contents.get(key);
    if (content && this.#succeeded.some(({ inputs }) => inputs.some((input) => input.content === content)))
      content.stayInMemory(); // a report may be wanted of it
    if (content) this.#inspections.forget(content);
    this.#contents.delete(key);
    this.#files.delete(key);
    this.#lookedReports.delete(key);
  }

  /** The browser keeps the bytes of this input, too. */
  keptIn(key: number, kept: KeptPart): void {
    this.#contents.get(key)?.keptIn(kept);
  }

  /**
   * Of large inputs, what the browser keeps need not be here as well: the linker has copies. It asks for an object's bytes again
   * if it has to start anew, and for those of an archive.
   */
  leaveMemory(): void {
    if (!this.#linker || !this.isLarge) return;
    for (const { content } of this.#linked!.inputs) if (!content.isArchive) content.leaveMemory();
    for (const bytes of this.#given) giveBack(bytes);
    this.#given = [];
  }

  /** From now on, questions are about this file, until the next link. */
  look(at: Looked, against: Looked | typeof outputFile | undefined): void {
    this.generation++;
    this.#looked = { at, against };
    this.#inputs = [];
    this.#forgetOutput();
    this.#linked = undefined;
    this.#setOutput(at.kind === 'module' ? this.#contents.get(at.key)?.bytes : undefined);
  }

  #forgetOutput(): void {
    this.#files.delete(outputFile);
    this.#inspections.forget(outputFile);
  }

  #setOutput(output: Uint8Array | undefined): void {
    this.#output = output;
    this.outputSize = output?.length;
  }

  get inputs(): readonly LinkInput[] {
    return this.#inputs;
  }

  /** Its report takes long. */
  get isLarge(): boolean {
    return this.#linked !== undefined && sizeOf(this.#linked) > smallInputs;
  }

  bytes(key: number): Uint8Array | undefined {
    return this.#contents.get(key)?.bytes;
  }

  /** In bytes. */
  sizeOf(key: number): number {
    return this.#contents.get(key)?.size ?? 0;
  }

  /** What the newest link made may be given away otherwise. */
  get keepsOutput(): boolean {
    return this.#output !== undefined || this.outputSize === undefined;
  }

  /** What the newest link made, or the module that is looked at. */
  output(): Uint8Array | undefined {
    if (this.#output || this.outputSize === undefined) return this.#output;
    const { output } = this.#linker!.linker.link();
    if (!output) throw new Error('the linker does not make its output again');
    return output;
  }

  async link(inputs: LinkInput[], args: string[]): Promise<LinkResult> {
    this.generation++;
    this.#looked = undefined;
    this.#inputs = inputs;
    this.#forgetOutput();
    this.#setOutput(undefined);
    const linked: LinkedInputs = {
      args,
      inputs: inputs.map(({ key, name, wholeArchive }) => ({ name, wholeArchive, content: this.#contents.get(key)! })),
    };
    this.#linked = linked;
    const result = (await this.#linkFirst(linked)) ?? (await this.#linkAgain(inputs, args));
    if (result.ok) {
      this.outputSize = result.output.length;
      if (!this.#linker || result.output.length <= smallOutput) this.#output = result.output;
      this.#succeeded = [...this.#succeeded.slice(-1), linked];
    }
    this.leaveMemory();
    return result;
  }

  /**
   * The first link, when the linker's first module is enough for it: the linker that stays takes the second one, which is
   * larger, and is loaded while the result is looked at. Undefined: that linker has to do it. Larger inputs would be in memory
   * twice.
   */
  async #linkFirst(linked: LinkedInputs): Promise<LinkResult | undefined> {
    if (this.#hasLinked) return undefined;
    this.#hasLinked = true;
    if (sizeOf(linked) > smallInputs) return undefined;
    const inputs = linked.inputs.map(({ content, ...input }) => ({ ...input, bytes: content.bytes }));
    const result = await link({ inputs, args: linked.args });
    // What is wrong with it, the linker that stays says.
    if (result.ok && !WebAssembly.validate(result.output)) return undefined;
    return result;
  }

  async #linkAgain(inputs: LinkInput[], args: string[]): Promise<LinkResult> {
    const linker = await this.#upToDate(inputs, args);
    try {
      return linker.link();
    } catch (error) {
      // It crashed before, and what it was given is not there any more.
      if (!(error instanceof TypeError) || !this.#linked!.inputs.some(({ content }) => content.away)) throw error;
      this.#linker = undefined;
      linker.dispose();
      return (await this.#upToDate(inputs, args)).link();
    }
  }

  /** The linker that stays, with these inputs. Other arguments need another one. */
  async #upToDate(inputs: LinkInput[], args: string[]): Promise<Linker> {
    const old = this.#linker;
    this.#linker = undefined; // if anything throws, the next link starts anew
    const spelled = JSON.stringify(args);
    if (!old || old.args !== spelled) {
      old?.linker.dispose();
      const given = inputs.map(({ key, ...input }) => ({ ...input, bytes: this.#give(key) }));
      const linker = await createLinker({ args, inputs: given, options: checked });
      this.#linker = { linker, args: spelled, inputs };
      return linker;
    }
    const { linker } = old;
    changeInputs(linker, old.inputs, inputs, (key) => this.#give(key));
    this.#linker = { linker, args: spelled, inputs };
    return linker;
  }

  /** The bytes of an input, for the linker that stays. */
  #give(key: number): Uint8Array {
    const content = this.#contents.get(key)!;
    if (!content.away) return content.bytes;
    const bytes = content.bytes.slice();
    this.#given.push(bytes);
    return bytes;
  }

  /** What is in an input, an archive's members each; or in the output. */
  files(which: number | typeof outputFile): Promise<LookedFile[]> {
    let found = this.#files.get(which);
    if (!found) this.#files.set(which, (found = this.#findFiles(which)));
    return found;
  }

  async #findFiles(which: number | typeof outputFile): Promise<LookedFile[]> {
    await initializeInspect();
    if (which === outputFile) {
      return this.outputSize === undefined
        ? []
        : [lookedOutput(this.outputSize, () => this.output()!, this.#inspections)];
    }
    const content = this.#contents.get(which);
    const input = this.#inputs.find(({ key }) => key === which);
    return content && input ? filesOf(content, input.name, this.#inspections) : [];
  }

  /** All that is linked or could be. */
  async allFiles(): Promise<LookedFile[]> {
    const files: LookedFile[] = [];
    for (const { key } of this.#inputs) for (const file of await this.files(key)) files.push(file);
    return files;
  }

  /** How many members the archives have. */
  async memberCount(): Promise<number> {
    let count = 0;
    for (const { key } of this.#inputs) {
      if (!this.#contents.get(key)?.isArchive) continue;
      count += (await this.files(key)).filter(({ member }) => member !== '').length;
    }
    return count;
  }

  /** There is something to compare with. Whether it can be read shows when it is. */
  async hasBefore(): Promise<boolean> {
    if (this.#looked) return (await this.report('before')) !== undefined;
    return this.#requested('before') !== undefined;
  }

  #requested(which: 'newest' | 'before'): LinkedInputs | undefined {
    const hasNewest = this.outputSize !== undefined;
    return which === 'before'
      ? this.#succeeded.at(hasNewest ? -2 : -1)
      : hasNewest
        ? this.#succeeded.at(-1)
        : undefined;
  }

  /** Reports of the newest link, when it succeeded, or of the successful one before it. */
  async report(which: 'newest' | 'before' = 'newest'): Promise<LinkReport | undefined> {
    const looked = this.#lookedFor(which);
    if (looked) return this.#lookedReport(looked);
    const linked = this.#linkedFor(which);
    return linked && this.#reports.report(linked);
  }

  /** A part of the newest report, which is there sooner. */
  async metafile(): Promise<Metafile | undefined> {
    const looked = this.#lookedFor('newest');
    if (looked) return (await this.#lookedReport(looked))?.metafile;
    const linked = this.#linkedFor('newest');
    return linked && this.#reports.metafile(linked);
  }

  /** As the linker writes it. */
  async metafileBytes(): Promise<Uint8Array | undefined> {
    const looked = this.#lookedFor('newest');
    if (looked) {
      if (looked.kind === 'metafile') return this.#contents.get(looked.key)?.bytes.slice();
      const report = await this.#lookedReport(looked);
      return report && new TextEncoder().encode(JSON.stringify(report.metafile));
    }
    const linked = this.#linkedFor('newest');
    return linked && this.#reports.bytes(linked);
  }

  #lookedFor(which: 'newest' | 'before'): Looked | undefined {
    const one = which === 'newest' ? this.#looked?.at : this.#looked?.against;
    return one === outputFile ? undefined : one;
  }

  #linkedFor(which: 'newest' | 'before'): LinkedInputs | undefined {
    if (!this.#looked) return this.#requested(which);
    return which === 'before' && this.#looked.against === outputFile ? this.#succeeded.at(-1) : undefined;
  }

  #lookedReport({ key, name, kind }: Looked): Promise<LinkReport | undefined> {
    const bytes = this.#contents.get(key)?.bytes;
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
    // Behind the others, so that these count.
    const mapped = ['--source-map', '--source-map-url=', '--source-map-sources', '--source-map-ignore'];
    const encoder = new TextEncoder();
    const files = (path: string) => {
      const name = baseName(path);
      return Object.hasOwn(texts, name) ? encoder.encode(texts[name]) : undefined;
    };
    const result = await this.#linkOtherwise({ args: mapped, files });
    if (!result) return undefined;
    const { output, sourceMap, diagnostics } = result;
    if (!output || !sourceMap) throw new Error(diagnostics.map(({ text }) => text).join('\n'));
    const { sources } = JSON.parse(new TextDecoder().decode(sourceMap)) as { sources: string[] };
    return sources.length > 0 ? inlineSourceMap(output, sourceMap) : undefined;
  }

  /** The linker's map of the output. */
  async map(): Promise<string | undefined> {
    return (await this.#linkOtherwise({ options: { printMap: true } }))?.stdout;
  }

  /** The newest link, which succeeded, with more than it was asked for. */
  async #linkOtherwise({ args = [], ...more }: Parameters<typeof link>[0]): Promise<LinkResult | undefined> {
    if (this.outputSize === undefined || !this.#linked) return undefined;
    const inputs = this.#linked.inputs.map(({ content, ...input }) => ({ ...input, bytes: content.bytes }));
    return link({ ...more, inputs, args: [...this.#linked.args, ...args] });
  }
}

async function openMetafile(bytes: Uint8Array): Promise<LinkReport> {
  const report = await openReport(bytes);
  return { report, metafile: JSON.parse(new TextDecoder().decode(bytes)) as Metafile };
}
