// What the views may ask the worker. Each answer is plain data.
import type { SizeGroups } from '../../wasm-weld-views/src/size_groups';
import type { Keeper, SizeAnswer, SizeQuery, SizeSummary } from '../../wasm-weld-views/src/size_source';
import {
  beginning,
  codeOf,
  framesOf,
  functionsOf,
  type Code,
  type Files,
  type Frame,
  type FramePlace,
  type FunctionLine,
} from './code';
import { detailOf, type SymbolDetail } from './detail';
import { explain, type Asked as AskedStory, type Chapter } from './explain';
import { disassemble, type Disassembly } from './disassembly';
import { Decisions, memoryParts, memoryStory, type MemoryPart, type MemoryStory, type Resolution } from './link_story';
import { largestCosts, linkedMembersOf, overviewOf, stripOf, type Story, type StripPart } from './overview';
import { NamePool } from './name_pool';
import { compressedSize, sizesOf } from './sizes';
import { partAt, structureOf, touching, type Part, type RelocationMark, type SectionPart } from './structure';
import { SymbolTable, type SymbolFilter, type SymbolId, type SymbolLine } from './symbols';
import { outputFile, type LookedFile, type Workspace } from './workspace';

/** What to look at: everything that is given, one input, one member, the output. */
export const everything = '';

export interface FileLine {
  /** `libc.a(printf.o)` */
  name: string;
  size: number;
  /** Of an archive. */
  members: { name: string; size: number }[];
}

/** Of the symbols of `scope` that a filter leaves. */
export interface SymbolCount {
  scope: string;
  total: number;
  count: number;
  bytes: number;
  /** It is known what became of them. */
  isTold: boolean;
}

/** The start of a file's bytes, and what is in it. */
export interface FileStructure {
  name: string;
  description: string;
  size: number;
  sections: SectionPart[];
}

export interface HexWindow {
  from: number;
  bytes: Uint8Array;
  parts: Part[];
  relocations: RelocationMark[];
}

interface Compared {
  /** With the older output. */
  compares: boolean;
}

/** A table of symbols, before and after it is known what became of them. They are the same when that takes no time. */
interface Table {
  first: Promise<SymbolTable>;
  told: Promise<SymbolTable>;
}

export class Questions {
  #tables = new Map<string, Table>();
  /** By whether they are compared with an older output. */
  #sizeGroups = new Map<boolean, Promise<SizeGroups | undefined>>();
  #decisions: Promise<Decisions | undefined> | undefined;
  #generation = -1;
  /** They stay while links have mostly the same. */
  #names = new NamePool();

  constructor(private readonly workspace: Workspace) {}

  async #filesNamed(name: string): Promise<LookedFile[]> {
    if (name === outputFile) return this.workspace.files(outputFile);
    if (name === everything) return this.workspace.allFiles();
    for (const { key, name: path } of this.workspace.inputs) {
      if (name === path) return this.workspace.files(key);
      if (name.startsWith(`${path}(`)) {
        const found = (await this.workspace.files(key)).find((file) => file.name === name);
        if (found) return [found];
      }
    }
    return [];
  }

  async #file(name: string): Promise<LookedFile | undefined> {
    return (await this.#filesNamed(name))[0];
  }

  /** What was made for an older link. */
  #forgetOld(): void {
    if (this.#generation === this.workspace.generation) return;
    this.#tables.clear();
    this.#names = this.#names.renewed();
    this.#sizeGroups.clear();
    this.#decisions = undefined;
    this.#generation = this.workspace.generation;
  }

  #table(scope: string): Table {
    this.#forgetOld();
    let table = this.#tables.get(scope);
    if (!table) {
      table = this.#makeTable(scope);
      this.#tables.set(scope, table);
    }
    return table;
  }

  #makeTable(scope: string): Table {
    // It takes longer than looking into the files, which is done meanwhile.
    const metafile = this.workspace.metafile();
    const first = this.#filesNamed(scope).then((files) => new SymbolTable(files, this.#names));
    const told = Promise.all([first, metafile]).then(([table, known]) => {
      table.learn(known);
      return table;
    });
    for (const made of [metafile, first, told]) made.catch(() => {}); // whoever awaits it hears of it
    return scope !== outputFile && this.workspace.isLarge ? { first, told } : { first: told, told };
  }

  /**
   * The functions that objects define for others, without those that are exported anyway; undefined when there are more than
   * `most`. What archives have is not meant, nor are inline functions, which are weak, where there are others.
   */
  async exportable({ most }: { most: number }): Promise<string[] | undefined> {
    const strong = new Set<string>();
    const weak = new Set<string>();
    for (const { key } of this.workspace.inputs) {
      for (const { member, inspection } of await this.workspace.files(key)) {
        if (member !== '' || inspection.kind !== 'object') continue;
        for (let i = 0; i < inspection.symbols.length; i++) {
          const { kind, name, flags } = inspection.symbols.get(i);
          if (
            kind !== 'function' ||
            name === undefined ||
            flags.some((flag) => flag === 'undefined' || flag === 'local' || flag === 'exported')
          )
            continue;
          (flags.includes('weak') ? weak : strong).add(name);
        }
      }
      if (strong.size > most) return undefined;
    }
    const found = strong.size > 0 ? strong : weak;
    return found.size > most ? undefined : [...found];
  }

  /** Inputs in link order, then the output. */
  async files(): Promise<FileLine[]> {
    const lines: FileLine[] = [];
    for (const { key, name } of this.workspace.inputs) {
      const files = await this.workspace.files(key);
      const members = files.filter(({ member }) => member !== '').map(({ name, size }) => ({ name, size }));
      lines.push({ name, size: this.workspace.sizeOf(key), members });
    }
    const { outputSize } = this.workspace;
    if (outputSize !== undefined) lines.push({ name: outputFile, size: outputSize, members: [] });
    return lines;
  }

  /** `early`: before it is known what became of them, when that takes long. Then `isTold` is false. */
  async symbols({
    scope,
    filter,
    early,
  }: {
    scope: string;
    filter: SymbolFilter;
    early?: boolean;
  }): Promise<SymbolCount> {
    const { first, told } = this.#table(scope);
    const needsStates = filter.state !== '' || filter.sort === 'state';
    const table = await (early && !needsStates ? first : told);
    return { scope, total: table.length, ...table.choose(filter), isTold: table.isTold };
  }

  async symbolLines({
    scope,
    from,
    to,
  }: {
    scope: string;
    from: number;
    to: number;
  }): Promise<(SymbolLine & SymbolId)[]> {
    return (await this.#table(scope).first).lines(from, to);
  }

  /** For a search of everything: the definitions whose names fit best. The page's table stays as it is. */
  async bestSymbols({ text, most }: { text: string; most: number }): Promise<(SymbolLine & SymbolId)[]> {
    const table = await this.#table(this.workspace.inputs.length > 0 ? everything : outputFile).first;
    return table.best(text, most);
  }

  /** Of the output's, or of all inputs' table: references come from everywhere, whatever the page's shows. */
  async symbolDetail(symbol: SymbolId): Promise<SymbolDetail | undefined> {
    const table = await this.#table(symbol.file === outputFile ? outputFile : everything).told;
    const row = table.find(symbol);
    return row === undefined ? undefined : detailOf(table, row, await this.workspace.report());
  }

  /** A symbol of the table, and its place among the chosen ones (-1: it has none). */
  async findSymbol({
    scope,
    ...symbol
  }: { scope: string } & SymbolId): Promise<(SymbolId & { place: number }) | undefined> {
    const table = await this.#table(scope).told;
    const row = table.find(symbol);
    return row === undefined
      ? undefined
      : { file: table.file(row).name, name: table.line(row).name, at: table.at(row), place: table.placeOf(row) };
  }

  async structure({ file }: { file: string }): Promise<FileStructure | undefined> {
    const found = await this.#file(file);
    if (!found) return undefined;
    const { sections } = structureOf(found.inspection);
    return {
      name: found.name,
      description: found.inspection.description,
      size: found.inspection.bytes.length,
      sections,
    };
  }

  /** What is in a section: of many, a stretch of those whose name has the text. */
  async parts({
    file,
    section,
    text,
    from,
    to,
  }: {
    file: string;
    section: number;
    text: string;
    from: number;
    to: number;
  }): Promise<{ count: number; parts: Part[] }> {
    const found = await this.#file(file);
    const all = found ? (structureOf(found.inspection).parts[section] ?? []) : [];
    const wanted = text.toLowerCase();
    const chosen =
      wanted === ''
        ? all
        : all.filter(
            ({ name, display }) => name.toLowerCase().includes(wanted) || display.toLowerCase().includes(wanted),
          );
    const parts = chosen
      .slice(from, to)
      .map((part) => ({ ...part, name: part.name.slice(0, 2000), display: part.display.slice(0, 2000) }));
    return { count: chosen.length, parts };
  }

  async partAt({ file, offset }: { file: string; offset: number }): Promise<Part | undefined> {
    const found = await this.#file(file);
    const part = found && partAt(found.inspection, offset);
    return part && { ...part, name: part.name.slice(0, 2000), display: part.display.slice(0, 2000) };
  }

  async hex({ file, from, to }: { file: string; from: number; to: number }): Promise<HexWindow | undefined> {
    const found = await this.#file(file);
    if (!found) return undefined;
    const bytes = found.inspection.bytes.slice(from, to);
    const { parts, relocations } = touching(found.inspection, from, from + bytes.length);
    const short = <T extends { name?: string; display?: string }>(row: T): T => ({
      ...row,
      ...(row.name === undefined ? {} : { name: row.name.slice(0, 2000) }),
      ...(row.display === undefined ? {} : { display: row.display.slice(0, 2000) }),
    });
    return { from, bytes, parts: parts.map(short), relocations: relocations.map(short) };
  }

  async disassembly({ file, index }: { file: string; index: number }): Promise<Disassembly | undefined> {
    const found = await this.#file(file);
    return found && disassemble(found.inspection, index);
  }

  /** Files by their names, and the report: what code is looked up in. */
  readonly #files: Files = {
    named: (name) => this.#file(name),
    report: () => this.workspace.report(),
    bytesOf: (key) => this.workspace.bytes(key),
  };

  /** The function with the byte at `offset`; without an offset, where a person begins to read. */
  async code({ file, offset }: { file: string; offset: number | undefined }): Promise<Code | undefined> {
    const found = await this.#file(file);
    const at = found && (offset ?? beginning(found));
    return at === undefined ? undefined : codeOf(this.#files, found!, at);
  }

  async functions({
    file,
    text,
    most,
  }: {
    file: string;
    text: string;
    most: number;
  }): Promise<{ count: number; rows: FunctionLine[] } | undefined> {
    const found = await this.#file(file);
    return found && functionsOf(found, text, most);
  }

  /** Where the frames of an engine's stack are in the output, and in the sources. */
  async frames({ frames }: { frames: Frame[] }): Promise<FramePlace[]> {
    return framesOf(this.#files, frames);
  }

  /** Undefined, here and below: there is no link that succeeded. */
  async memory(): Promise<MemoryStory | undefined> {
    const report = await this.workspace.report();
    return report && memoryStory(report);
  }

  async memoryParts({
    begin,
    end,
    most,
  }: {
    begin: number;
    end: number;
    most: number;
  }): Promise<{ count: number; parts: MemoryPart[] }> {
    const report = await this.workspace.report();
    const parts = report
      ? memoryParts(report).filter(({ address, size }) => address < end && address + size > begin)
      : [];
    return { count: parts.length, parts: parts.slice(0, most) };
  }

  async overview(): Promise<Story | undefined> {
    const report = await this.workspace.report();
    if (!report) return undefined;
    return overviewOf(report, await this.workspace.memberCount());
  }

  /** Whose the output's bytes are: objects, then members of archives, the largest first. */
  async strip(): Promise<{ total: number; parts: StripPart[] } | undefined> {
    const report = await this.workspace.report();
    return report && stripOf(report);
  }

  /** How many members of each archive were linked. */
  async linkedMembers(): Promise<Record<string, number> | undefined> {
    const report = await this.workspace.report();
    return report && linkedMembersOf(report);
  }

  /** Whether there is an older output to compare with: the successful link before, or what was chosen. */
  async hasBefore(): Promise<boolean> {
    return this.workspace.hasBefore();
  }

  async sizeSummary({ compares }: Compared): Promise<SizeSummary | undefined> {
    const [sizes, report] = await Promise.all([this.#sizes(compares), this.workspace.report()]);
    if (!sizes || !report) return undefined;
    const summary = sizes.summary();
    return { ...summary, costs: report.report.explains ? largestCosts(report, summary.costs) : [] };
  }

  async sizeView({ compares, query }: Compared & { query: SizeQuery }): Promise<SizeAnswer | undefined> {
    return (await this.#sizes(compares))?.view(query);
  }

  /** The items without which the output would lack most. */
  async sizeKeepers({ most }: { most: number }): Promise<{ rows: Keeper[]; count: number } | undefined> {
    return (await this.#sizes(false))?.keepers(most);
  }

  async sizeCompressed(): Promise<{ gzip: number | undefined; brotli: number | undefined } | undefined> {
    const output = this.workspace.output();
    if (!output) return undefined;
    const [gzip, brotli] = await Promise.all(['gzip', 'brotli'].map((format) => compressedSize(output, format)));
    return { gzip, brotli };
  }

  #sizes(compares: boolean): Promise<SizeGroups | undefined> {
    this.#forgetOld();
    let made = this.#sizeGroups.get(compares);
    if (!made) {
      made = Promise.all([this.workspace.report(), compares ? this.workspace.report('before') : undefined]).then(
        ([newest, before]) => (newest && (before || !compares) ? sizesOf(newest, before) : undefined),
      );
      this.#sizeGroups.set(compares, made);
    }
    return made;
  }

  /** With `text` in a name or a file; an empty one: all. */
  async resolution({ text }: { text: string }): Promise<Resolution | undefined> {
    this.#forgetOld();
    this.#decisions ??= Promise.all([this.workspace.report(), this.#table(everything).told]).then(
      ([report, table]) => report && new Decisions(report, table),
    );
    return (await this.#decisions)?.choose(text);
  }

  async metafile(): Promise<Uint8Array | undefined> {
    return this.workspace.metafileBytes();
  }

  /** A step of the link, told on this program. */
  async explain(asked: AskedStory): Promise<Chapter | undefined> {
    const [link, [output]] = [await this.workspace.report(), await this.workspace.files(outputFile)];
    if (!link || !output) return undefined;
    const { inputs } = this.workspace;
    const sources = { files: this.#files, inputs, link, output: output.inspection };
    return explain(sources, () => this.#table(everything).told, asked);
  }

  /** Undefined: no input has lines. */
  async withSourceMap({ texts }: { texts: Record<string, string> }): Promise<Uint8Array | undefined> {
    return this.workspace.withSourceMap(texts);
  }

  async importStub(): Promise<string | undefined> {
    return (await this.workspace.report())?.report.importStub();
  }

  async map(): Promise<string | undefined> {
    return this.workspace.map();
  }
}

export type Question = Exclude<keyof Questions, never>;
export type Asked<Q extends Question> = Parameters<Questions[Q]>[0];
export type Answer<Q extends Question> = Awaited<ReturnType<Questions[Q]>>;
