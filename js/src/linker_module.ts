// weld.wasm as a linker that keeps its inputs: one for an instance. See js/native/weld_module.cpp and unit_module.cpp.
import type { Bridge, Call, Host, Late, Views } from './bridge.js';
import type { OwnBytes } from './types.js';

export interface LinkerModule {
  // Exit codes, as of `Weld.run`.
  link(argv: readonly string[]): number;
  /** Returns false if the bytes are malformed. The next `link` reports the problem. */
  replace(name: string, bytes: Uint8Array): boolean;
  leaveRoom(wanted: boolean): void;
  relink(): number;
  /** Without arguments, those of the last link. `state`: of the program that runs. */
  patch(argv: readonly string[], state: bigint): number;
  save(argv: readonly string[]): OwnBytes | undefined;
  /**
   * Names, each followed by 1 (the whole archive), 2 (lazy), 4 (a unit) and 8 (of 64-bit memory) added up; undefined:
   * refused, see the report.
   */
  restore(snapshot: { size: number; read(to: Uint8Array, offset: number): void }): (string | number)[] | undefined;

  // js/native/unit_module.cpp
  scratch(size: number): number;
  takeDiagnostics(): string;
  addUnit(name: string, is64: boolean): number;
  removeUnit(name: string): void;
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
    ask: Late,
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

  readonly views: Views;
  readonly HEAPU8: Uint8Array;
}

/** Calls that give a text. */
const giving = [...['takeDiagnostics', 'instructions', 'unitInfo', 'unitSymbols', 'unitContent', 'unitTypeDefinition']];
/** Calls that take texts, or a function, among their numbers. */
const naming = [
  ...['addUnit', 'removeUnit', 'unitDeclare', 'unitDeclareTable', 'unitDeclareSegment'],
  ...['unitSourceFile', 'unitSourceType'],
  ...['unitData', 'unitZeros', 'unitLateData', 'unitSection'],
  ...['unitImport', 'unitExport', 'unitUnexport', 'unitFeatures', 'unitProducers', 'unitComdat', 'unitFind'],
];

/** Opens a linker on an instance that is new. `isLive`: for patches of the programs that it links. */
export function openLinker(bridge: Bridge, host: Host, isLive: boolean): LinkerModule {
  const { exports } = bridge;
  const calls: Record<string, unknown> = {
    link: (argv: readonly string[]) => (bridge.texts(argv), exports['link']!()),
    replace: (name: string, bytes: Uint8Array) => {
      bridge.texts([name]);
      return exports['replace']!(...bridge.bytes(bytes)) !== 0;
    },
    leaveRoom: exports['leaveRoom'],
    relink: exports['relink'],
    patch: (argv: readonly string[], state: bigint) => {
      bridge.texts(argv);
      return exports['patch']!(Number(state & 0xffffffffn), Number((state >> 32n) & 0xffffffffn));
    },
    save: (argv: readonly string[]) => (bridge.texts(argv), bridge.result(exports['save']!)),
    restore: ({ size, read }: Parameters<LinkerModule['restore']>[0]) => {
      bridge.fetch = read;
      const inputs = bridge.textResult(() => exports['restore']!(size));
      return inputs === '' ? undefined : JSON.parse(inputs);
    },
    scratch: (size: number) => exports['scratch']!(size) >>> 0,
  };
  for (const [name, call] of Object.entries(exports as Record<string, Call>))
    if (/^unit/.test(name)) calls[name] = call;
  for (const name of giving)
    calls[name] = (...numbers: number[]) => bridge.textResult(() => exports[name]!(...numbers));
  for (const name of naming) {
    const call = exports[name]!;
    calls[name] = (...given: unknown[]) => {
      const texts: string[] = [];
      const numbers: number[] = [];
      for (const value of given)
        if (typeof value === 'string') texts.push(value);
        else numbers.push(typeof value === 'function' ? bridge.lateNumber(value as Late) : (value as number));
      bridge.texts(texts);
      return call(...numbers);
    };
  }
  Object.defineProperty(calls, 'views', { get: () => bridge.views });
  Object.defineProperty(calls, 'HEAPU8', { get: () => bridge.HEAPU8 });
  bridge.host = host;
  exports['open']!(Number(isLive));
  return calls as unknown as LinkerModule;
}
