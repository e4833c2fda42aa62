// The form's options, and the arguments that they stand for.

export interface FormOptions {
  entry: string;
  noEntry: boolean;
  exports: string;
  allowUndefined: boolean;
  gcSections: boolean;
  strip: 'none' | 'debug' | 'all';
  demangle: boolean;
  stackFirst: boolean;
  stackSize: string;
  initialMemory: string;
  maxMemory: string;
  importMemory: boolean;
  more: string;
}

export const defaultOptions: FormOptions = {
  entry: '',
  noEntry: false,
  exports: '',
  allowUndefined: false,
  gcSections: true,
  strip: 'none',
  demangle: true,
  stackFirst: true,
  stackSize: '',
  initialMemory: '',
  maxMemory: '',
  importMemory: false,
  more: '',
};

export const outputName = 'output.wasm';

/** Splits at spaces; quotes keep them. */
export function words(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2] ?? m[3] ?? '');
}

export function argsOf(o: FormOptions): string[] {
  const args = ['-o', outputName];
  if (o.noEntry) args.push('--no-entry');
  else if (o.entry.trim()) args.push(`--entry=${o.entry.trim()}`);
  for (const name of o.exports.split(/[\s,]+/)) if (name) args.push(`--export=${name}`);
  if (o.allowUndefined) args.push('--allow-undefined');
  if (!o.gcSections) args.push('--no-gc-sections');
  if (o.strip !== 'none') args.push(`--strip-${o.strip}`);
  if (!o.demangle) args.push('--no-demangle');
  if (!o.stackFirst) args.push('--no-stack-first');
  if (o.stackSize.trim()) args.push('-z', `stack-size=${o.stackSize.trim()}`);
  if (o.initialMemory.trim()) args.push(`--initial-memory=${o.initialMemory.trim()}`);
  if (o.maxMemory.trim()) args.push(`--max-memory=${o.maxMemory.trim()}`);
  if (o.importMemory) args.push('--import-memory');
  return [...args, ...words(o.more)];
}
