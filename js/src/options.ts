// Typed options to wasm-ld's arguments.
import { areTexts, isText, suggestion } from './check.js';
import type { LinkOptions, LogLevel, SourceMapOptions } from './types.js';

interface Rule<T> {
  /** For a message: "a string". */
  expected: string;
  accepts(value: unknown): boolean;
  toArgs(value: T): string[];
}

const isNumber = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isFlag = (value: unknown) => typeof value === 'boolean';
const isTextList = (value: unknown) => isText(value) || areTexts(value);
const listOf = (value: string | string[]) => (typeof value === 'string' ? [value] : value);

/** `on` for true, `off` (where there is one) for false. */
const flag = (on?: string, off?: string): Rule<boolean> => ({
  expected: 'a boolean',
  accepts: isFlag,
  toArgs: (value) => [value ? on : off].filter((arg) => arg !== undefined),
});
const text = (prefix: string): Rule<string> => ({
  expected: 'a string',
  accepts: isText,
  toArgs: (value) => [prefix + value],
});
const oneOf = <T extends string>(prefix: string, ...values: T[]): Rule<T> => ({
  expected: values.map((value) => `'${value}'`).join(' or '),
  accepts: (value) => values.includes(value as T),
  toArgs: (value) => [prefix + value],
});
const count = (prefix: string): Rule<number> => ({
  expected: 'a whole number',
  accepts: isNumber,
  toArgs: (value) => [prefix + value],
});
const list = (prefix: string): Rule<string | string[]> => ({
  expected: 'a string or an array of strings',
  accepts: isTextList,
  toArgs: (value) => listOf(value).map((item) => prefix + item),
});
/** The option takes one value, a list with commas. */
const commaList = (prefix: string): Rule<string | string[]> => ({
  ...list(prefix),
  toArgs: (value) => [prefix + listOf(value).join(',')],
});
/** The option may stand alone or have a value. */
const flagOrText = (on: string, off?: string): Rule<boolean | string> => ({
  expected: 'a boolean or a string',
  accepts: (value) => isFlag(value) || isText(value),
  toArgs: (value) => (typeof value === 'string' ? [`${on}=${value}`] : flag(on, off).toArgs(value)),
});

/** The file that a link writes its metafile to, which no file of the caller's is called. */
export const metafileName = '<metafile>';
const logLevel = oneOf<LogLevel>('', 'error', 'warning', 'message', 'silent');

const sourceMapRules: { [K in keyof SourceMapOptions]-?: Rule<NonNullable<SourceMapOptions[K]>> } = {
  url: text('--source-map-url='),
  root: text('--source-map-root='),
  prefix: {
    expected: 'an object of texts',
    accepts: (value) =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).every((row) => areTexts(row) && !row[0].includes('=')),
    toArgs: (value) => Object.entries(value).map(([old, fresh]) => `--source-map-prefix=${old}=${fresh}`),
  },
  sources: flag('--source-map-sources'),
  ignore: {
    expected: 'a boolean, a string or an array of strings',
    accepts: (value) => isFlag(value) || isTextList(value),
    toArgs: (value) =>
      typeof value === 'boolean'
        ? flag('--source-map-ignore').toArgs(value)
        : list('--source-map-ignore=').toArgs(value),
  },
};
const argsOfSourceMap = (options: SourceMapOptions) => argsOf(options, sourceMapRules, 'sourceMap.');

const rules: { [K in keyof LinkOptions]-?: Rule<NonNullable<LinkOptions[K]>> } = {
  outputName: { ...text(''), toArgs: (value) => ['-o', value] },
  relocatable: flag('--relocatable'),
  shared: flag('--shared'),
  pie: flag('--pie', '--no-pie'),
  emitRelocs: flag('--emit-relocs'),
  soname: text('--soname='),
  rpath: list('--rpath='),
  stripAll: flag('--strip-all'),
  stripDebug: flag('--strip-debug'),
  keepSection: list('--keep-section='),
  compressRelocations: flag('--compress-relocations'),
  icf: oneOf('--icf=', 'none', 'safe', 'all'),
  optimize: {
    expected: "a number or 'size'",
    accepts: (value) => value === 'size' || count('-O').accepts(value),
    toArgs: (value) => (value === 'size' ? ['-Oz'] : count('-O').toArgs(value)),
  },
  mergeDataSegments: flag('--merge-data-segments', '--no-merge-data-segments'),
  buildId: flagOrText('--build-id', '--build-id=none'),
  noinhibitExec: flag('--noinhibit-exec'),

  entry: {
    expected: 'a string or false',
    accepts: (value) => isText(value) || value === false,
    toArgs: (value) => [value === false ? '--no-entry' : `--entry=${value}`],
  },
  export: list('--export='),
  exportIfDefined: list('--export-if-defined='),
  exportAll: flag('--export-all'),
  exportDynamic: flag('--export-dynamic', '--no-export-dynamic'),
  exportMemory: {
    ...flagOrText('--export-memory'),
    expected: 'true or a string', // wasm-ld cannot be told not to
    accepts: (value) => isText(value) || value === true,
  },
  importMemory: flagOrText('--import-memory'),
  exportTable: flag('--export-table'),
  importTable: flag('--import-table'),
  growableTable: flag('--growable-table'),

  undefined: list('--undefined='),
  unresolvedSymbols: oneOf('--unresolved-symbols=', 'report-all', 'ignore-all', 'import-dynamic'),
  warnUnresolvedSymbols: flag('--warn-unresolved-symbols', '--error-unresolved-symbols'),
  importUndefined: flag('--import-undefined'),
  allowUndefined: flag('--allow-undefined'),
  allowUndefinedFile: list('--allow-undefined-file='),
  allowUndefinedSymbol: list('--allow-undefined-symbol='),
  allowMultipleDefinition: flag('--allow-multiple-definition', '--no-allow-multiple-definition'),
  wrap: list('--wrap='),
  bsymbolic: flag('-Bsymbolic'),
  shlibSigcheck: flag(undefined, '--no-shlib-sigcheck'),
  experimentalPic: flag('--experimental-pic'),
  demangle: flag('--demangle', '--no-demangle'),

  stackSize: { ...count(''), toArgs: (value) => ['-z', `stack-size=${value}`] },
  stackFirst: flag('--stack-first', '--no-stack-first'),
  globalBase: count('--global-base='),
  initialMemory: count('--initial-memory='),
  initialHeap: count('--initial-heap='),
  maxMemory: count('--max-memory='),
  growableMemory: flag(undefined, '--no-growable-memory'),
  sharedMemory: flag('--shared-memory'),
  maxFunctionBodySize: count('--max-function-body-size='),
  cooperativeThreading: flag('--cooperative-threading'),
  pageSize: count('--page-size='),
  tableBase: count('--table-base='),

  features: commaList('--features='),
  extraFeatures: commaList('--extra-features='),
  checkFeatures: flag('--check-features', '--no-check-features'),

  gcSections: flag('--gc-sections', '--no-gc-sections'),
  machine: oneOf('-m', 'wasm32', 'wasm64'),
  libraryPath: { ...list(''), toArgs: (value) => listOf(value).flatMap((path) => ['-L', path]) },

  sourceMap: {
    expected: 'a boolean or an object',
    accepts: (value) => isFlag(value) || (typeof value === 'object' && value !== null && !Array.isArray(value)),
    toArgs: (value) =>
      typeof value === 'object' ? ['--source-map', ...argsOfSourceMap(value)] : flag('--source-map').toArgs(value),
  },
  separateDwarf: flagOrText('--separate-dwarf'),
  validate: flag('--validate', '--no-validate'),
  metafile: flag(`--metafile=${metafileName}`),
  map: text('--Map='),
  printMap: flag('--print-map'),
  printGcSections: flag('--print-gc-sections', '--no-print-gc-sections'),
  trace: flag('--trace'),
  traceSymbol: list('--trace-symbol='),
  whyExtract: text('--why-extract='),
  reproduce: text('--reproduce='),
  errorLimit: count('--error-limit='),
  fatalWarnings: flag('--fatal-warnings', '--no-fatal-warnings'),
  logOverride: {
    expected: 'an object of levels by id',
    accepts: (value) => typeof value === 'object' && value !== null,
    toArgs: (value) =>
      Object.entries(value).flatMap(([id, level]) => {
        if (level === undefined) return [];
        if (!logLevel.accepts(level))
          throw new TypeError(`\`logOverride\` of \`${id}\` must be ${logLevel.expected}, not ${show(level)}`);
        return [`--log-override=${id}=${level}`];
      }),
  },
  compat: oneOf('--compat=', 'weld', 'lld-14', 'lld-19', 'lld-22', 'lld-23'),
};

export const optionNames = Object.keys(rules) as (keyof LinkOptions)[];

/**
 * How the option that is `flag` on the command line is written in the API, in backquotes. `value`: what follows `=`; `false`:
 * the option is turned off. Undefined if there is no such option.
 */
export function optionNamed(flag: string, value: string | false | undefined): string | undefined {
  const name = flag.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const rule = Object.hasOwn(rules, name) ? (rules[name as keyof LinkOptions] as Rule<never>) : undefined;
  if (!rule && !/^live(Room)?$/.test(name)) return undefined;
  if (value === undefined) return rule?.accepts(true) ? `\`${name}: true\`` : `\`${name}\``;
  if (value === false || /^\d+$/.test(value)) return `\`${name}: ${value}\``;
  const [id = '', ...level] = value.split('=').map((text) => `'${text.replace(/[\\']/g, '\\$&')}'`);
  return `\`${name}: ${name === 'logOverride' ? `{ ${id}: ${level.join('=')} }` : `'${value.replace(/[\\']/g, '\\$&')}'`}\``;
}

/** @throws TypeError for an option that does not exist or has a wrong value */
export function argsOfOptions(options: LinkOptions): string[] {
  return argsOf(options, rules, '');
}

function argsOf<T extends object>(
  options: T,
  rules: { [K in keyof T]-?: Rule<NonNullable<T[K]>> },
  prefix: string,
): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`unknown option \`${prefix}${name}\`${suggestion(name, Object.keys(rules))}`);
    if (value === undefined) return [];
    const rule = rules[name as keyof T] as Rule<unknown>;
    if (!rule.accepts(value))
      throw new TypeError(`option \`${prefix}${name}\` must be ${rule.expected}, not ${show(value)}`);
    return rule.toArgs(value);
  });
}

function show(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' ? JSON.stringify(value) : String(value);
  return Array.isArray(value) ? 'an array' : 'an object';
}
