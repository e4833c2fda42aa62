// The glue that Emscripten makes beside weld.wasm, declared as far as we use it. See js/native/weld_embind.cpp.
import type { GlueOptions, Host } from './instance.js';
import type { OwnBytes } from './types.js';

export interface WeldModule {
  run(argv: readonly string[], host: Host, terminals: number): number;
  /** Missing: this is another module. */
  version?(): string;
  // A linker that keeps its inputs: one for an instance. Exit codes as of `run`.
  open(host: Host): void;
  link(argv: readonly string[]): number;
  /** Returns false if the bytes are malformed. The next `link` reports the problem. */
  replace(name: string, bytes: Uint8Array): boolean;
  relink(): number;
  save(argv: readonly string[]): OwnBytes | undefined;
  /**
   * Names, each followed by 1 (the whole archive), 2 (lazy), 4 (a unit) and 8 (of 64-bit memory) added up; undefined:
   * refused, see the report.
   */
  restore(snapshot: { size: number; read(to: Uint8Array, offset: number): void }): (string | number)[] | undefined;

  // js/native/unit_embind.cpp
  scratch(size: number): number;
  takeDiagnostics(): string;
  addUnit(name: string, is64: boolean): number;
  instructions(): string;
  unitType(unit: number, params: number, results: number): number;
  unitDefineTypes(unit: number, count: number): boolean;
  unitTypeDefinition(unit: number, type: number): string;
  unitDeclare(unit: number, kind: number, name: string, a: number, b: number, flags: number): number;
  unitDeclareTable(
    unit: number,
    name: string,
    element: number,
    limits: number,
    minimum: number,
    maximum: number,
  ): number;
  unitDeclareSegment(unit: number, name: string, kind: number): number;
  unitSegment(unit: number, symbol: number, elements: boolean, count: number): boolean;
  unitFunction(
    unit: number,
    symbol: number,
    type: number,
    count: number,
    extra: number,
    locals: number,
    flags: number,
    lines: number,
    variables: number,
    line: number,
    file: number,
  ): boolean;
  unitLines(unit: number, symbol: number, count: number, line: number, file: number): boolean;
  unitVariables(unit: number, symbol: number, count: number): boolean;
  unitSourceFile(unit: number, path: string): number;
  unitSourceType(unit: number, name: string, encoding: number, bytes: number): number;
  unitData(
    unit: number,
    symbol: number,
    size: number,
    fixups: number,
    p2align: number,
    dataFlags: number,
    flags: number,
    section: string,
  ): boolean;
  unitZeros(
    unit: number,
    symbol: number,
    size: number,
    p2align: number,
    dataFlags: number,
    flags: number,
    section: string,
  ): boolean;
  unitLateData(
    unit: number,
    symbol: number,
    p2align: number,
    dataFlags: number,
    flags: number,
    section: string,
    ask: (alive: string) => { bytes: Uint8Array; fixups: Uint8Array } | undefined,
  ): boolean;
  unitSection(unit: number, symbol: number, size: number, fixups: number, section: string): boolean;
  unitConstant(unit: number, size: number, fixups: number, p2align: number): number;
  unitGlobal(unit: number, symbol: number, flags: number): boolean;
  unitGlobalCode(unit: number, symbol: number, count: number, extra: number, flags: number): boolean;
  unitTable(unit: number, symbol: number, count: number, first: number, flags: number): boolean;
  unitMemory(unit: number, symbol: number, flags: number): boolean;
  unitTag(unit: number, symbol: number, flags: number): boolean;
  unitAlias(unit: number, symbol: number, target: number, flags: number): boolean;
  unitImport(unit: number, symbol: number, module: string, field: string): boolean;
  unitExport(unit: number, symbol: number, name: string): boolean;
  unitUnexport(unit: number, symbol: number, name: string): boolean;
  unitStart(unit: number, symbol: number, priority: number): boolean;
  unitFeatures(unit: number, names: string): boolean;
  unitProducers(unit: number, fieldsNamesVersions: string): boolean;
  unitComdat(unit: number, symbol: number, group: string): boolean;
  unitFind(unit: number, name: string): number;
  unitInfo(unit: number, symbol: number): string;
  unitSymbols(unit: number): string;
  unitContent(unit: number, symbol: number): string;
  unitRemove(unit: number, symbol: number, what: number): boolean;

  HEAPU8: Uint8Array;
}

export default function createWeld(options: GlueOptions): Promise<WeldModule>;
