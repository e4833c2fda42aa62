// The glue that Emscripten makes beside inspect.wasm, declared as far as we use it. See js/native/inspect_embind.cpp.
import type { GlueOptions, Host } from './instance.js';

export interface InspectModule {
  /** Runs a subcommand. -1: `argv` asks for none. */
  run(argv: readonly string[], host: Host): number;
  /** What the tables are, as JSON: see core/inspect/encode.h. */
  schema(): string; // no other module of ours has it
  /** The tables, encoded, with a summary behind them as JSON. `withLines`: the line tables too. */
  inspect(bytes: Uint8Array, name: string, member: string, withLines: boolean): Uint8Array;
  /** `Symbolization` as JSON, or what is wrong with the content. */
  symbolize(content: Uint8Array, name: string, trace: string): string;
  /** A symbol's name as people read it; undefined: as it is. */
  display(name: Uint8Array): Uint8Array | undefined;

  // js/native/report_embind.cpp: answers are JSON. Where a `limit` is taken, 0 is none.
  /** The report's number, or `{error, offset}`. */
  openReport(metafile: Uint8Array, name: string): string;
  closeReport(report: number): void;
  reportSize(report: number, by: string, withRetained: boolean, limit: number): string;
  reportWhy(report: number, symbol: string): string;
  reportRemoved(report: number, limit: number): string;
  reportMemory(report: number): string;
  reportImports(report: number): string;
  reportImportStub(report: number): string;
  reportDiff(before: number, after: number, limit: number): string;
  reportDiffBy(before: number, after: number, by: string, limit: number): string;
  reportCosts(report: number): string;
  /** `before`: the older report's number; -1: none. */
  reportModel(report: number, before: number, limit: number): string;

  HEAPU8: Uint8Array;
}

export default function createInspect(options: GlueOptions): Promise<InspectModule>;
