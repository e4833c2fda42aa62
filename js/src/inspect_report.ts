// A report: a metafile that an instance of the second module has read, and questions to it.
import { checkKeys, suggestion } from './check.js';
import { instances, type InspectModule } from './inspect_module.js';
import { attempt } from './instance.js';
import type {
  ImportUse,
  MemoryMap,
  RemovedRow,
  Report,
  ReportDiff,
  RetainedRow,
  SizeOptions,
  SizeRow,
  Why,
} from './report_types.js';

export { instances };

const groups = ['input', 'member', 'section', 'symbol', 'kind'];

export class OpenReport implements Report {
  // Each report has its own instance, which is freed together with the report: callers need not dispose of anything.
  private instance: InspectModule | undefined;
  private readonly metafile: Uint8Array;
  private number = 0;

  constructor(metafile: Uint8Array) {
    this.metafile = metafile.slice();
    this.open();
  }

  private open(): InspectModule {
    const instance = instances.instantiateNow();
    this.number = reportOf(attempt(instance, () => instance.openReport(this.metafile)));
    return (this.instance = instance);
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
    const by = options.by ?? 'input';
    if (!groups.includes(by))
      throw new TypeError(`\`by\` must be one of ${groups.join(', ')}${suggestion(String(by), groups)}`);
    return this.ask((instance, report) => instance.reportSize(report, by, false, limit)) as SizeRow[];
  }

  retained(options: { limit?: number } = {}): RetainedRow[] {
    const limit = limitOf(options);
    return this.ask((instance, report) => instance.reportSize(report, 'symbol', true, limit)) as RetainedRow[];
  }

  why(symbol: string): Why {
    if (typeof symbol !== 'string') throw new TypeError('a symbol must be a string');
    return this.ask((instance, report) => instance.reportWhy(report, symbol)) as Why;
  }

  removed(options: { limit?: number } = {}): RemovedRow[] {
    const limit = limitOf(options);
    return this.ask((instance, report) => instance.reportRemoved(report, limit)) as RemovedRow[];
  }

  memoryMap(): MemoryMap {
    return this.ask((instance, report) => instance.reportMemory(report)) as MemoryMap;
  }

  imports(): ImportUse[] {
    return this.ask((instance, report) => instance.reportImports(report)) as ImportUse[];
  }

  importStub(): string {
    return this.use((instance, report) => instance.reportImportStub(report));
  }

  diff(newer: Report, options: { limit?: number } = {}): ReportDiff {
    if (!(newer instanceof OpenReport)) throw new TypeError('`diff` takes another report');
    const limit = limitOf(options);
    const { metafile } = newer;
    const other = reportOf(this.use((instance) => instance.openReport(metafile)));
    try {
      return this.ask((instance, report) => instance.reportDiff(report, other, limit)) as ReportDiff;
    } finally {
      this.instance?.closeReport(other);
    }
  }
}

function reportOf(json: string): number {
  const answer = JSON.parse(json) as number | { error: string; offset: number };
  if (typeof answer === 'number') return answer;
  throw new TypeError(`no metafile of this version of weld: ${answer.error}, at offset ${answer.offset}`);
}

function limitOf(options: { limit?: number }, known: readonly string[] = ['limit']): number {
  checkKeys(options, 'the last argument', known);
  const limit = options.limit ?? 0;
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xffffffff)
    throw new TypeError('`limit` must be a whole number');
  return limit;
}
