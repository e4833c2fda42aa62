// The options of a link as a form and as a command line: each is made from the other. The names and helps are those of the
// package's contract (option_table.mjs); here is how wasm-ld spells them.
import contract from './option_table.json';

/** By option; what is absent has its default. `more`: the arguments that the form does not know. */
export type Values = Readonly<Record<string, string | boolean>>;

export type OptionKind = 'flag' | 'text' | 'number' | 'list' | 'choice' | 'flag-or-text';
export interface Option {
  name: string;
  kind: OptionKind;
  group: string;
  label: string;
  help: string;
  /** As wasm-ld spells it, up to the value. */
  flag: string;
  /** How a flag is turned off, where it can be. */
  off?: string;
  /** What it is when nothing is said. */
  initial: string | boolean;
  choices?: string[];
  placeholder?: string;
  /** A list that is one argument, with commas. */
  commas?: boolean;
}

/** What most people want is in front. */
const commonGroup = 'Common';
const common: Record<string, string> = {
  entry: 'Entry',
  export: 'Exports',
  noEntry: 'No entry: a library',
  allowUndefined: 'Import undefined functions',
  stackSize: 'Stack',
  initialMemory: 'Initial memory',
  maxMemory: 'Memory limit',
  optimize: 'Optimize',
  importMemory: 'Import the memory',
  stripDebug: 'Remove debug information',
  stripAll: 'Remove names and debug information',
  gcSections: 'Remove unused code',
  demangle: 'Readable C++ and Rust names',
};
const spelled: Record<string, string> = {
  outputName: '-o',
  bsymbolic: '-Bsymbolic',
  map: '--Map=',
  machine: '-m',
  optimize: '-O',
  stackSize: '-z stack-size=',
  libraryPath: '-L',
  buildId: '--build-id',
};
// biome-ignore format: a table
const offWithNo = [
  'pie', 'mergeDataSegments', 'exportDynamic', 'allowMultipleDefinition', 'shlibSigcheck', 'demangle', 'stackFirst', 'growableMemory',
  'checkFeatures', 'gcSections', 'printGcSections', 'fatalWarnings', 'validate',
];
const onAtFirst = [
  'mergeDataSegments',
  'shlibSigcheck',
  'demangle',
  'stackFirst',
  'growableMemory',
  'checkFeatures',
  'gcSections',
  'validate',
];
/** There is nothing to say for them, only against. */
const offOnly = ['shlibSigcheck', 'growableMemory'];
const placeholders: Record<string, string> = {
  entry: '_start',
  export: 'run malloc free',
  stackSize: '64K',
  initialMemory: 'as needed',
  maxMemory: 'no limit',
  outputName: 'output.wasm',
  importMemory: 'env,memory',
  exportMemory: 'memory',
  buildId: 'fast',
  metafile: 'meta.json',
  logOverride: 'undefined-symbol=warning',
};

/** Where the package's words speak of its own form, or the page has another default. */
const helps: Record<string, string> = {
  outputName: `The output's file name, which is also the module's name in the name section. Default: output.wasm.`,
  optimize: '0: no optimization. 1 (default) or more: merge strings. z: make the output as small as possible.',
  buildId: 'Write a build id: fast (default), sha1, tree, uuid, or bytes as 0xHEX.',
  entry: 'The function at which the program starts. Default: _start.',
  exportMemory: 'Export the memory under this name. Without a name: memory.',
  importMemory: 'Import the memory: NAME of the module env, or MODULE,NAME. Without a name: memory of env.',
  allowUndefinedFile:
    'Files that list the names that may be imported, one name per line. Only for a terminal: the page has no such files.',
  stackFirst:
    'Put the stack before the data. This is the default, except with -Oz, --compat=lld-14 and --compat=lld-19, and if --global-base leaves no room for the stack.',
  growableMemory: 'If this is not ticked, the memory cannot grow.',
  validate:
    'Ask the browser whether it takes the output, and report each function that it refuses. The native program has no engine to ask: there, run wasm-validate.',
  libraryPath: 'Directories in which weld looks for libraries. Only for a terminal: in the page, libraries are inputs.',
  separateDwarf:
    'Write debug information to a module of its own, which the output names. Without a name: the name of the output with .debug.wasm behind it.',
  logOverride:
    'Changes the severity of diagnostics by id: undefined-symbol=warning. It also turns on diagnostics that are silent by default. Errors that leave no usable output always stay errors.',
};

const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
const spaced = (name: string) => {
  const text = kebab(name).replaceAll('-', ' ');
  return text[0]!.toUpperCase() + text.slice(1);
};

function optionOf(row: (typeof contract)[number]): Option {
  const { name, help } = row;
  // The package's own flag for it has a file of the package's; on a command line it is the file's name.
  const kind = name === 'metafile' ? 'text' : (row.kind as OptionKind);
  const long = `--${kebab(name)}`;
  return {
    ...row,
    kind,
    group: name in common ? commonGroup : row.group,
    label: common[name] ?? spaced(name),
    help: helps[name] ?? asArguments(help),
    flag: spelled[name] ?? (kind === 'flag' || kind === 'flag-or-text' ? long : `${long}=`),
    off: offWithNo.includes(name)
      ? long.replace('--', '--no-')
      : { buildId: '--build-id=none', warnUnresolvedSymbols: '--error-unresolved-symbols' }[name],
    initial: kind === 'flag' || kind === 'flag-or-text' ? onAtFirst.includes(name) : '',
    placeholder: placeholders[name],
    commas: name === 'features' || name === 'extraFeatures',
  };
}

/** Names of the package's options are spelled as arguments: `unresolvedSymbols: 'ignore-all'`. */
function asArguments(help: string): string {
  const spelledOut = help.replaceAll(/`(\w+)(?:: '([\w-]+)')?`/g, (all, name: string, value?: string) =>
    contract.some((row) => row.name === name) && name !== 'undefined'
      ? `--${kebab(name)}${value === undefined ? '' : `=${value}`}`
      : all,
  );
  return spelledOut.replaceAll('`', '');
}

const known = contract.map(optionOf);
const order = Object.keys(common);
const noEntry: Option = {
  name: 'noEntry',
  kind: 'flag',
  group: commonGroup,
  label: common.noEntry!,
  flag: '--no-entry',
  initial: false,
  help: 'The module has no start function. Its exports are called.',
};
export const options: Option[] = [
  ...[...known, noEntry]
    .filter((o) => o.group === commonGroup)
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)),
  ...known.filter((o) => o.group !== commonGroup),
];
export const groups = [...new Set(options.map((o) => o.group))];
/** Boxes to fill in, then boxes to tick. */
const isTicked = ({ kind }: Option) => kind === 'flag' || kind === 'flag-or-text';
export const optionsIn = (group: string, among = options) => {
  const members = among.filter((o) => o.group === group);
  return group === commonGroup ? members : [...members.filter((o) => !isTicked(o)), ...members.filter(isTicked)];
};
const byName = new Map(options.map((o) => [o.name, o]));

export const initialValues: Values = { more: '' };

export const defaultOutputName = 'output.wasm';

/** Where its words match what is typed. */
export function matches({ name, label, help, flag, off }: Option, search: string): boolean {
  const text = `${name} ${label} ${help} ${flag} ${off ?? ''}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The form's arguments, then those that it does not know. */
export function argsOf(values: Values): string[] {
  const args = ['-o', String(values.outputName || defaultOutputName)];
  for (const option of options) {
    const value = values[option.name];
    if (value === undefined || value === '' || option.name === 'outputName') continue;
    if (option.name === 'entry' && values.noEntry === true) continue;
    args.push(...argsOfOne(option, value));
  }
  return [...args, ...words(String(values.more ?? ''))];
}

/** One option that has this value. */
export function argsOfOne(option: Option, value: string | boolean): string[] {
  const { name, kind, flag, off, commas } = option;
  if (value === true) return offOnly.includes(name) ? [] : [flag];
  if (value === false) return off ? [off] : [];
  const text = value.trim();
  if (text === '') return kind === 'flag-or-text' ? [flag] : [];
  if (kind === 'flag-or-text') return [`${flag}=${text}`];
  if (kind === 'list') {
    const items = words(commas ? text.replaceAll(',', ' ') : text);
    if (commas) return [flag + items.join(',')];
    return items.flatMap((item) => (flag === '-L' ? [flag, item] : [flag + item]));
  }
  if (name === 'stackSize') return ['-z', `stack-size=${sizeIn(text)}`];
  if (name === 'outputName') return [flag, text];
  return [flag + (kind === 'number' ? sizeIn(text) : text)];
}

/** Short names that take no value, and long ones of more than one name. */
const alone: Record<string, [string, boolean]> = {
  '-r': ['relocatable', true],
  '-s': ['stripAll', true],
  '-S': ['stripDebug', true],
  '-M': ['printMap', true],
  '-t': ['trace', true],
  '-E': ['exportDynamic', true],
  '-pie': ['pie', true],
  '-shared': ['shared', true],
  '--no-entry': ['noEntry', true],
};
/** Short names that take a value, which may stand behind a space. */
const withValue: Record<string, string> = {
  '-o': 'outputName',
  '--output': 'outputName',
  '-e': 'entry',
  '-u': 'undefined',
  '-y': 'traceSymbol',
  '-m': 'machine',
  '-L': 'libraryPath',
};

for (const { name, kind, flag, off } of options) {
  if (kind === 'flag' && !offOnly.includes(name)) alone[flag] ??= [name, true];
  if (off) alone[off] ??= [name, false];
}

/**
 * The form of a command line; what it does not know is kept in `more`, in its order.
 *
 * @param inputs Names of inputs: they are no part of the form. For those that the line names, the value becomes whether
 * the whole archive is linked.
 */
export function valuesOf(args: readonly string[], inputs = new Map<string, boolean | undefined>()): Values {
  const values: Record<string, string | boolean> = { more: '' };
  const more: string[] = [];
  const take = (name: string, text: string) => {
    const option = byName.get(name)!;
    if (option.kind !== 'list') values[name] = text;
    else {
      const before = values[name] as string | undefined;
      const items = option.commas ? text.split(',').filter(Boolean) : [text];
      values[name] = [before, ...items.map(quoted)].filter(Boolean).join(' ');
    }
    if (name === 'entry') delete values.noEntry;
  };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const next = args[at + 1];
    const long = /^(--[\w-]+)(?:=(.*))?$/s.exec(arg);
    if (Object.hasOwn(alone, arg)) {
      const [name, on] = alone[arg]!;
      values[name] = on;
      if (name === 'noEntry') delete values.entry;
    } else if (inputs.has(arg)) inputs.set(arg, false);
    else if (arg === '--whole-archive' && next !== undefined && inputs.has(next)) {
      for (at++; at < args.length && inputs.has(args[at]!); at++) inputs.set(args[at]!, true);
      if (args[at] !== '--no-whole-archive') at--;
    } else if (arg === '-z' && next?.startsWith('stack-size='))
      take('stackSize', next.slice('stack-size='.length)), at++;
    else if (arg.startsWith('-zstack-size=')) take('stackSize', arg.slice('-zstack-size='.length));
    else if (Object.hasOwn(withValue, arg) && next !== undefined) take(withValue[arg]!, next), at++;
    else if (/^-O[0-3sz]$/.test(arg)) take('optimize', { 3: '2', s: 'z' }[arg[2]!] ?? arg[2]!);
    else if (/^-[eyumLo][^-]/.test(arg) && !arg.startsWith('-mllvm')) take(withValue[arg.slice(0, 2)]!, arg.slice(2));
    else if (long) {
      const option = options.find((o) => o.flag.replace(/=$/, '') === long[1]);
      if (!option && long[1] === '--output' && long[2] !== undefined) take('outputName', long[2]);
      else if (option?.kind === 'flag-or-text') values[option.name] = long[2] ?? true;
      else if (option && option.kind !== 'flag' && long[2] !== undefined && fits(option, long[2]))
        take(option.name, long[2]);
      else if (option && option.kind !== 'flag' && long[2] === undefined && next !== undefined && fits(option, next))
        take(option.name, next), at++;
      else more.push(arg);
    } else more.push(arg);
  }
  if (values.outputName === defaultOutputName) delete values.outputName;
  values.more = more.map(quoted).join(' ');
  return values;
}

function fits({ choices }: Option, text: string): boolean {
  return !choices || choices.includes(text);
}

/** `64K`, `16 MiB`: what people write. Anything else is left for the linker to refuse. */
export function sizeIn(text: string): string {
  const match = /^(\d+)\s*([KMG])(?:i?B)?$/i.exec(text.trim());
  if (!match) return text.trim().replaceAll(/\s+/g, '');
  return String(Number(match[1]) * 1024 ** ('KMG'.indexOf(match[2]!.toUpperCase()) + 1));
}

/** Splits at spaces; quotes keep them, as a shell does. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+|["'\\]/gs))
    found.push(
      word.replaceAll(
        /"([^"]*)"|'([^']*)'|\\(.)/gs,
        (_, double?: string, single?: string, escaped?: string) => double ?? single ?? escaped ?? '',
      ),
    );
  return found;
}

/** As a shell reads it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The last `-o` names the output. */
export function outputNameIn(args: string[]): string {
  const { outputName } = valuesOf(args);
  return (
    String(outputName ?? defaultOutputName)
      .split('/')
      .at(-1) || defaultOutputName
  );
}
