// @ts-check
// Options under which every program is linked by weld and by wasm-ld, to the same bytes.

/**
 * The sets of options, each under the name that its test has.
 *
 * @type {Record<string, (program: {exported: string}) => string[]>}
 */
export const optionSets = {
  default: () => [],
  O0: () => ['-O0'],
  O2: () => ['-O2'],
  'strip-all': () => ['--strip-all'],
  'strip-debug': () => ['--strip-debug'],
  'no-gc-sections': () => ['--no-gc-sections'],
  'print-gc-sections': () => ['--print-gc-sections'],
  'stack-first': () => ['--stack-first'],
  'export-all': () => ['--export-all'],
  'export-dynamic': () => ['--export-dynamic'],
  'no-entry': (program) => ['--no-entry', `--export=${program.exported}`],
  'no-entry-missing-export': () => ['--no-entry', '--export=not_there'],
  'import-memory': () => ['--import-memory'],
  'import-and-export-memory': () => ['--import-memory=env,heap', '--export-memory=heap'],
  'import-undefined': () => ['--import-undefined'],
  'no-demangle': () => ['--no-demangle'],
  'no-merge-data-segments': () => ['--no-merge-data-segments'],
  'stack-size': () => ['-z', 'stack-size=262144'],
  'stack-size-unaligned': () => ['-z', 'stack-size=1000'],
  'global-base': () => ['--global-base=4096'],
  'initial-memory': () => ['--initial-memory=16777216'],
  'initial-memory-too-small': () => ['--initial-memory=65536'],
  'max-memory': () => ['--max-memory=67108864'],
  'export-table': () => ['--export-table'],
  'growable-table': () => ['--export-table', '--growable-table'],
  'import-table': () => ['--import-table', '--table-base=16'],
  'build-id': () => ['--build-id=fast'],
  'build-id-sha1': () => ['--build-id=sha1'],
  'print-map': () => ['--print-map'],
  'print-map-O0-strip-debug': () => ['-M', '-O0', '--strip-debug', '--compress-relocations', '--no-demangle'],
  'trace-symbol': () => ['--trace-symbol=malloc'],
};
