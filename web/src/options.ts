// The options of the form: one row each, from which come the form, the arguments and the command line.

export type Values = Readonly<Record<string, string | boolean>>;

interface AnyOption {
  name: string;
  label: string;
  /** As wasm-ld spells it, for show. */
  flag: string;
  group: Group;
}
export interface Flag extends AnyOption {
  kind: 'flag';
  initial: boolean;
  args(on: boolean, values: Values): string[];
}
export interface Text extends AnyOption {
  kind: 'text' | 'size';
  initial: string;
  placeholder: string;
  args(text: string, values: Values): string[];
}
export interface Choice extends AnyOption {
  kind: 'choice';
  initial: string;
  /** Values and their labels. */
  choices: [string, string][];
  args(choice: string, values: Values): string[];
}
export type Option = Flag | Text | Choice;

export const groups = ['Entry and exports', 'Memory', 'Contents'] as const;
export type Group = (typeof groups)[number];

const flag = (name: string, group: Group, label: string, spelled: string, initial = false): Flag => ({
  kind: 'flag', name, group, label, flag: spelled, initial,
  args: (on) => (on === initial ? [] : [on ? spelled : spelled.replace('--', '--no-')]),
});
const size = (name: string, label: string, spelled: string, placeholder: string): Text => ({
  kind: 'size', name, group: 'Memory', label, flag: spelled, initial: '', placeholder,
  args: (text) => (text.trim() ? (spelled + sizeIn(text)).split(' ') : []),
});

export const options: Option[] = [
  {
    kind: 'text', name: 'entry', group: 'Entry and exports', label: 'Entry', flag: '--entry=', initial: '', placeholder: '_start',
    args: (text, values) => (text.trim() && !values.noEntry ? [`--entry=${text.trim()}`] : []),
  },
  {
    kind: 'text', name: 'exports', group: 'Entry and exports', label: 'Exports', flag: '--export=', initial: '', placeholder: 'run malloc free',
    args: (text) => text.split(/[\s,]+/).filter(Boolean).map((name) => `--export=${name}`),
  },
  flag('noEntry', 'Entry and exports', 'No entry: a library', '--no-entry'),
  flag('allowUndefined', 'Entry and exports', 'Import what nothing defines', '--allow-undefined'),
  size('stackSize', 'Stack', '-z stack-size=', '64K'),
  size('initialMemory', 'At the start', '--initial-memory=', 'as needed'),
  size('maxMemory', 'At most', '--max-memory=', 'no limit'),
  flag('stackFirst', 'Memory', 'Stack before data', '--stack-first', true),
  flag('importMemory', 'Memory', 'Import the memory', '--import-memory'),
  {
    kind: 'choice', name: 'strip', group: 'Contents', label: 'Strip', flag: '--strip-…', initial: 'none',
    choices: [['none', 'nothing'], ['debug', 'debug information'], ['all', 'names and debug information']],
    args: (choice) => (choice === 'none' ? [] : [`--strip-${choice}`]),
  },
  flag('gcSections', 'Contents', 'Leave out what nothing uses', '--gc-sections', true),
  flag('demangle', 'Contents', 'Readable C++ and Rust names', '--demangle', true),
];

export const initialValues: Values = { ...Object.fromEntries(options.map((o) => [o.name, o.initial])), more: '' };

export const defaultOutputName = 'output.wasm';

/** The form's arguments, then those of the free line. */
export function argsOf(values: Values): string[] {
  const args = ['-o', defaultOutputName];
  for (const option of options) {
    const value = values[option.name]!;
    // Each kind of option keeps its own kind of value.
    args.push(...(option.args as (value: string | boolean, values: Values) => string[])(value, values));
  }
  return [...args, ...words(String(values.more))];
}

/** `64K`, `16 MiB`: what people write. Anything else is left for the linker to refuse. */
export function sizeIn(text: string): string {
  const match = /^(\d+)\s*([KMG])(?:i?B)?$/i.exec(text.trim());
  if (!match) return text.trim().replaceAll(/\s+/g, '');
  return String(Number(match[1]) * 1024 ** ('KMG'.indexOf(match[2]!.toUpperCase()) + 1));
}

/** Splits at spaces; quotes keep them. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+|["']/g))
    found.push(word.replaceAll(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''));
  return found;
}

/** As a shell reads it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The last `-o` names the output. */
export function outputNameIn(args: string[]): string {
  let name = defaultOutputName;
  args.forEach((arg, i) => {
    if (arg === '-o' || arg === '--output') name = args[i + 1] ?? name;
    else if (arg.startsWith('--output=')) name = arg.slice('--output='.length);
    else if (/^-o[^-]/.test(arg)) name = arg.slice(2);
  });
  return name.split('/').at(-1) || defaultOutputName;
}
