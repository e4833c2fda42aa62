// What definitions of a unit are told: how others see them, and what data is.
import { array, checkKeys, flag, misfit, powerOfTwo, suggestion, text } from './check.js';
import { Code } from './code.js';
import { bytesOf } from './files.js';
import { fixupRows } from './fixups.js';
import { declaration as declarationOf, variableRows } from './source.js';
import type { Binding, CodeArrays, DataOptions, FunctionOptions, LateContent, ValueType } from './types.js';
import type { FunctionContent } from './unit_content.js';
import type { Owner } from './unit_symbol.js';

// Numbers of core/unit/unit.h.
const flags = { weak: 1, local: 2, hidden: 4, keep: 0x80 } as const;
const none = 0xffffffff;
const dataFlags = { strings: 1, threadLocal: 2, keep: 4, readOnly: 8 } as const;
const bindings = { global: 0, weak: flags.weak, local: flags.local };
export const bindingNames = ['binding', 'hidden', 'keep'];
export const lateNames = ['align', 'readOnly', 'threadLocal', 'section', ...bindingNames];
export const dataNames = ['fixups', 'strings', ...lateNames];

/** Flags of a definition. */
export function bindingFlags(of: string, options: Binding, names = bindingNames): number {
  checkKeys(options, 'a definition', names);
  const { binding = 'global', hidden, keep } = options;
  const known = Object.keys(bindings);
  if (!known.includes(binding))
    throw new TypeError(`\`binding\` must be ${known.join(', ')}${suggestion(String(binding), known)}`);
  const isHidden = flag(of, '`hidden`', hidden);
  return bindings[binding] | (isHidden ? flags.hidden : 0) | (flag(of, '`keep`', keep) ? flags.keep : 0);
}

/** For a definition of which nothing else is said. */
export const noOptions: FunctionOptions = {};
const noLocals: readonly ValueType[] = [];

/** What arrays of a global and of a function may have besides code, because reading back gives it. */
export const globalKeys = bindingNames;
export const functionKeys = ['locals', ...bindingNames];

/** The locals of code that was read back. */
export const localsOf = (code: CodeArrays): readonly ValueType[] =>
  (!(code instanceof Code) && (code as Partial<FunctionContent> | undefined)?.locals) || noLocals;

/** Options, and what they do not say as it was read back with the code. */
export function withBinding<T extends Binding>(code: unknown, options: T): T {
  if (typeof code !== 'object' || code === null || code instanceof Code) return options;
  const { binding, hidden, keep } = code as Binding;
  const isThere = binding !== undefined || hidden !== undefined || keep !== undefined;
  return isThere && typeof options === 'object' ? { binding, hidden, keep, ...options } : options;
}

/** Checks what a declaration is given first; returns its flags. */
export function declaration(of: string, name: string, options: { weak?: boolean } = {}, known = ['weak']): number {
  if (text(of, 'the name', name) === '') throw new TypeError(`${of}: the name is empty`);
  checkKeys(options, 'a symbol', known);
  return flag(of, '`weak`', options.weak) ? flags.weak : 0;
}

const mostAlign = 2 ** 31;
export const alignment = (of: string, align: unknown) => powerOfTwo(of, '`align`', align ?? 1, mostAlign);

/** What the core is told about data beside its content. */
export function dataTraits(of: string, options: DataOptions, names: string[]) {
  const binding = bindingFlags(of, options, names);
  const { readOnly, strings, threadLocal, keep, section = '' } = options;
  let bits = (flag(of, '`readOnly`', readOnly) ? dataFlags.readOnly : 0) | (keep ? dataFlags.keep : 0);
  bits |= flag(of, '`strings`', strings) ? dataFlags.strings : 0;
  bits |= flag(of, '`threadLocal`', threadLocal) ? dataFlags.threadLocal : 0;
  const traits = [alignment(of, options.align), bits, binding] as const;
  return { traits, section: text(of, '`section`', section), fixups: array(of, '`fixups`', options.fixups ?? []) };
}

export function contentOf(of: string, content: unknown, expected: string): Uint8Array {
  const bytes = bytesOf(content, 'content');
  if (!bytes) throw misfit(of, 'the content', content, expected);
  if (bytes.length >= none) throw new RangeError(`${of}: the content has 4 GiB or more`);
  return bytes;
}

/** The content of late data: bytes, and rows of fixups. */
export function lateRows(given: unknown, unit: Owner): { bytes: Uint8Array; fixups: Uint8Array } {
  const of = 'the content of late data';
  if (typeof (given as PromiseLike<unknown> | undefined)?.then === 'function')
    throw new TypeError(`${of} is a promise, and a link cannot wait: have it ready before the link`);
  const isBytes = bytesOf(given, 'content') !== undefined;
  if (!isBytes) checkKeys(given, of, ['bytes', 'fixups']);
  const { bytes: content, fixups = [] } = isBytes ? { bytes: given } : (given as LateContent);
  const bytes = contentOf(of, content, 'a Uint8Array');
  const rows = fixupRows(of, array(of, '`fixups`', fixups), bytes.length, unit);
  return { bytes, fixups: new Uint8Array(rows.buffer) };
}

const noVariables = variableRows('', []);

/** What the core is told of a function beside its code. */
export function functionTraits(of: string, options: FunctionOptions) {
  const bits = bindingFlags(of, options, ['source', ...bindingNames]);
  const { source = {} } = options;
  checkKeys(source, '`source`', ['line', 'file', 'variables']);
  const { numbers, names } = source.variables ? variableRows(of, source.variables) : noVariables;
  return { bits, ...declarationOf(of, source), numbers, names };
}
