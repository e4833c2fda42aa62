// The module that looks at files and does not link. Whoever wants it imports this file when it is wanted. See
// js/native/inspect_module.cpp and report_module.cpp.
import type { Bridge } from './bridge.js';
import { besideWeld } from './core.js';
import { Instances } from './instance.js';

export class InspectModule {
  constructor(readonly bridge: Bridge) {}

  /** What the tables are, as JSON: see core/inspect/encode.h. */
  schema(): string {
    return this.text('schema');
  }
  /** The tables, encoded, with a summary behind them as JSON. `withLines`: the line tables too. */
  inspect(bytes: Uint8Array, name: string, member: string, withLines: boolean): Uint8Array {
    this.bridge.texts([name, member]);
    return this.bridge.result(() => this.call('inspect', ...this.bridge.bytes(bytes), Number(withLines)))!;
  }
  /** `Symbolization` as JSON, or what is wrong with the content. */
  symbolize(content: Uint8Array, name: string, trace: string): string {
    this.bridge.texts([name, trace]);
    return this.bridge.textResult(() => this.call('symbolize', ...this.bridge.bytes(content)));
  }
  /** A symbol's name as people read it; undefined: as it is. */
  display(name: Uint8Array): Uint8Array | undefined {
    return this.bridge.result(() => this.call('display', ...this.bridge.bytes(name)));
  }

  // Of metafiles. Answers are JSON. Where a `limit` is taken, 0 is none.

  /** The report's number, or `{error, offset}`. `withLines`: of a module, from which lines its code comes. */
  openReport(content: Uint8Array, name: string, withLines: boolean): string {
    this.bridge.texts([name]);
    return this.bridge.textResult(() => this.call('openReport', ...this.bridge.bytes(content), Number(withLines)));
  }
  closeReport(report: number): void {
    this.call('closeReport', report);
  }
  reportHasLines(report: number): boolean {
    return this.call('reportHasLines', report) !== 0;
  }
  reportSize(report: number, by: string, withRetained: boolean, limit: number): string {
    this.bridge.texts([by]);
    return this.text('reportSize', report, Number(withRetained), limit);
  }
  reportWhy(report: number, symbol: string): string {
    this.bridge.texts([symbol]);
    return this.text('reportWhy', report);
  }
  reportRemoved(report: number, limit: number): string {
    return this.text('reportRemoved', report, limit);
  }
  reportMemory(report: number): string {
    return this.text('reportMemory', report);
  }
  reportImports(report: number): string {
    return this.text('reportImports', report);
  }
  reportImportStub(report: number): string {
    return this.text('reportImportStub', report);
  }
  reportDiff(before: number, after: number, limit: number): string {
    return this.text('reportDiff', before, after, limit);
  }

  reportDiffBy(before: number, after: number, by: string, limit: number): string {
    this.bridge.texts([by]);
    return this.text('reportDiffBy', before, after, limit);
  }
  reportCosts(report: number): string {
    return this.text('reportCosts', report);
  }
  /** `before`: the older report's number; -1: none. */
  reportModel(report: number, before: number, limit: number): string {
    return this.text('reportModel', report, before, limit);
  }

  get HEAPU8(): Uint8Array {
    return this.bridge.HEAPU8;
  }

  private call(name: string, ...numbers: number[]): number {
    return this.bridge.exports[name]!(...numbers);
  }
  private text(name: string, ...numbers: number[]): string {
    return this.bridge.textResult(() => this.call(name, ...numbers));
  }
}

export const instances = new Instances(
  (bridge) => new InspectModule(bridge),
  () => besideWeld('inspect.wasm') ?? new URL('./inspect.wasm', import.meta.url),
  'initializeInspect',
  'inspect',
  (module) => module.schema() !== '',
);
