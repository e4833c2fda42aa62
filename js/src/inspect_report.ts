// A report: a metafile that an instance of the second module has read, and questions to it.
import { instances } from './inspect_module.js';
import type { InspectModule } from './inspect_core.js';
import { suggestion } from './options.js';
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
} from './types.js';

export { instances };

const groups = ['input', 'member', 'section', 'symbol', 'kind'];

export class OpenReport implements Report {
  // An instance of its own: it goes when the report does, and nobody has to give anything back.
  private readonly instance: InspectModule = instances.instantiateNow();
  private readonly metafile: Uint8Array;
  private readonly number: number;

  constructor(metafile: Uint8Array) {
    this.metafile = metafile.slice();
    this.number = read(this.instance, this.metafile);
  }

  size(options: SizeOptions = {}): SizeRow[] {
    const limit = limitOf(options, ['by', 'limit']);
    const by = options.by ?? 'input';
    if (!groups.includes(by)) throw new TypeError(`\`by\` must be one of ${groups.join(', ')}${suggestion(String(by), groups)}`);
    return JSON.parse(this.instance.reportSize(this.number, by, false, limit)) as SizeRow[];
  }

  retained(options: { limit?: number } = {}): RetainedRow[] {
    return JSON.parse(this.instance.reportSize(this.number, 'symbol', true, limitOf(options))) as RetainedRow[];
  }

  why(symbol: string): Why {
    if (typeof symbol !== 'string') throw new TypeError('a symbol must be a string');
    return JSON.parse(this.instance.reportWhy(this.number, symbol)) as Why;
  }

  removed(options: { limit?: number } = {}): RemovedRow[] {
    return JSON.parse(this.instance.reportRemoved(this.number, limitOf(options))) as RemovedRow[];
  }

  memoryMap(): MemoryMap {
    return JSON.parse(this.instance.reportMemory(this.number)) as MemoryMap;
  }

  imports(): ImportUse[] {
    return JSON.parse(this.instance.reportImports(this.number)) as ImportUse[];
  }

  importStub(): string {
    return this.instance.reportImportStub(this.number);
  }

  diff(newer: Report, options: { limit?: number } = {}): ReportDiff {
    if (!(newer instanceof OpenReport)) throw new TypeError('`diff` takes another report');
    const limit = limitOf(options);
    const other = read(this.instance, newer.metafile);
    try {
      return JSON.parse(this.instance.reportDiff(this.number, other, limit)) as ReportDiff;
    } finally {
      this.instance.closeReport(other);
    }
  }
}

function read(instance: InspectModule, metafile: Uint8Array): number {
  const answer = JSON.parse(instance.openReport(metafile)) as number | { error: string; offset: number };
  if (typeof answer === 'number') return answer;
  throw new TypeError(`no metafile of this version of weld: ${answer.error}, at offset ${answer.offset}`);
}

function limitOf(options: { limit?: number }, known: readonly string[] = ['limit']): number {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw new TypeError(`there is no option \`${key}\`${suggestion(key, known)}`);
  const limit = options.limit ?? 0;
  if (!Number.isInteger(limit) || limit < 0 || limit > 0xffffffff) throw new TypeError('`limit` must be a whole number');
  return limit;
}
