// A report: a metafile that an instance of the second module has read, and questions to it.
import { checkKeys, suggestion } from './check.js';
import { instances, type InspectModule } from './inspect_module.js';
import { attempt } from './instance.js';
import type {
  Cost,
  ImportUse,
  MemoryMap,
  RemovedRow,
  GroupDiffRow,
  Report,
  ReportDiff,
  RetainedRow,
  SizeBy,
  SizeModel,
  SizeOptions,
  SizeRow,
  Why,
} from './report_types.js';

export { instances };

// biome-ignore format: a table
const groups = [
  'input', 'member', 'object', 'directory', 'section', 'kind', 'symbol', 'function', 'namespace', 'crate',
  'source', 'line',
];
// A module does not say from which files it was linked.
const groupsOfFiles = ['input', 'member', 'object', 'directory'];
const groupsOfLines = ['source', 'line'];

export class OpenReport implements Report {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Report';
  // Each report has its own instance, which is freed together with the report: callers need not dispose of anything.
  private instance: InspectModule | undefined;
  private readonly content: Uint8Array;
  private readonly name: string;
  private number = 0;
  private hasLines = false; // it was opened with the lines that its code comes from
  readonly explains: boolean;

  constructor(content: Uint8Array, name: string) {
    this.content = content.slice();
    this.name = name;
    this.explains = content[0] !== 0; // a module begins so, and no metafile
    this.open();
  }

  private open(): InspectModule {
    const instance = instances.instantiateNow();
    this.number = reportOf(attempt(instance, () => instance.openReport(this.content, this.name, this.hasLines)));
    return (this.instance = instance);
  }

  private needMetafile(what: string): void {
    if (!this.explains) throw new TypeError(`a module does not say ${what}: open the metafile of its link`);
  }

  private needLines(): void {
    if (this.explains)
      throw new TypeError('a metafile does not say from which lines of sources the code comes: open the module');
    if (!this.hasLines) {
      this.hasLines = true;
      this.open();
    }
    if (!this.use((instance, report) => instance.reportHasLines(report)))
      throw new TypeError('the module has no debug information, which says from which lines its code comes');
  }

  /** Opens the other report beside this one, for one question. */
  private beside<T>(other: Report, question: (instance: InspectModule, report: number, other: number) => T): T {
    if (!(other instanceof OpenReport)) throw new TypeError('the other one must be a report too');
    const { content, name } = other;
    const opened = reportOf(this.use((instance) => instance.openReport(content, name, this.hasLines)));
    try {
      return this.use((instance, report) => question(instance, report, opened));
    } finally {
      this.instance?.closeReport(opened);
    }
  }

  /** Calls the module, and nothing else. After a crash the next question has another instance. */
  private use<T>(question: (instance: InspectModule, report: number) => T): T {
    const instance = this.instance ?? this.open();
    this.instance = undefined;
    const answer = attempt(instance, () => question(instance, this.number));
    this.instance = instance;
    return answer;
  }

  private ask(question: (instance: InspectModule, report: number) => string): unknown {
    return JSON.parse(this.use(question));
  }

  size(options: SizeOptions = {}): SizeRow[] {
    const limit = limitOf(options, ['by', 'limit']);
    const by = this.groupOf(options.by ?? (this.explains ? 'input' : 'function'));
    return this.ask((instance, report) => instance.reportSize(report, by, false, limit)) as SizeRow[];
  }

  private groupOf(by: SizeBy): SizeBy {
    if (!groups.includes(by))
      throw new TypeError(`\`by\` must be one of ${groups.join(', ')}${suggestion(String(by), groups)}`);
    if (groupsOfFiles.includes(by)) this.needMetafile('from which files it was linked');
    if (groupsOfLines.includes(by)) this.needLines();
    return by;
  }

  sizeModel(options: { before?: Report; limit?: number } = {}): SizeModel {
    const limit = limitOf(options, ['before', 'limit']);
    const json =
      options.before === undefined
        ? this.use((instance, report) => instance.reportModel(report, -1, limit))
        : this.beside(options.before, (instance, report, before) => instance.reportModel(report, before, limit));
    return JSON.parse(json) as SizeModel;
  }

  costs(): Cost[] {
    this.needMetafile('what keeps what');
    return this.ask((instance, report) => instance.reportCosts(report)) as Cost[];
  }

  retained(options: { limit?: number } = {}): RetainedRow[] {
    this.needMetafile('what keeps what');
    const limit = limitOf(options);
    return this.ask((instance, report) => instance.reportSize(report, 'symbol', true, limit)) as RetainedRow[];
  }

  why(symbol: string): Why {
    this.needMetafile('what keeps what');
    if (typeof symbol !== 'string') throw new TypeError('a symbol must be a string');
    return this.ask((instance, report) => instance.reportWhy(report, symbol)) as Why;
  }

  removed(options: { limit?: number } = {}): RemovedRow[] {
    this.needMetafile('what was removed from it');
    const limit = limitOf(options);
    return this.ask((instance, report) => instance.reportRemoved(report, limit)) as RemovedRow[];
  }

  memoryMap(): MemoryMap {
    this.needMetafile('what is where in memory');
    return this.ask((instance, report) => instance.reportMemory(report)) as MemoryMap;
  }

  imports(): ImportUse[] {
    return this.ask((instance, report) => instance.reportImports(report)) as ImportUse[];
  }

  importStub(): string {
    return this.use((instance, report) => instance.reportImportStub(report));
  }

  diff(newer: Report, options?: { limit?: number }): ReportDiff;
  diff(newer: Report, options: { by: SizeBy; limit?: number }): GroupDiffRow[];
  diff(newer: Report, options: { by?: SizeBy; limit?: number } = {}): ReportDiff | GroupDiffRow[] {
    const limit = limitOf(options, ['by', 'limit']);
    const by = options.by === undefined ? undefined : this.groupOf(options.by);
    if (by !== undefined && newer instanceof OpenReport) newer.groupOf(by); // it has to know as much
    return JSON.parse(
      this.beside(newer, (instance, report, other) =>
        by === undefined ? instance.reportDiff(report, other, limit) : instance.reportDiffBy(report, other, by, limit),
      ),
    );
  }
}

function reportOf(json: string): number {
  const answer = JSON.parse(json) as number | { error: string; offset: number };
  if (typeof answer === 'number') return answer;
  throw new TypeError(
    `no metafile of this version of weld, and no module: ${answer.error}, at offset ${answer.offset}`,
  );
}

function limitOf(options: { limit?: number }, known: readonly string[] = ['limit']): number {
  checkKeys(options, 'the last argument', known);
  const limit = options.limit ?? 0;
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xffffffff)
    throw new TypeError('`limit` must be a whole number');
  return limit;
}
