// `validate` for patches: the core asks the engine about programs alone.
import { faultOf } from './engine.js';
import type { PatchResult } from './live_types.js';
import type { Diagnostic, LogLevel } from './types.js';

const mostNames = 20;

/** The result as it is, unless `args` ask for validation and the engine refuses the patch. */
export function validated(result: PatchResult, args: readonly string[]): PatchResult {
  if (!result.ok || !result.patch || !asksEngine(args)) return result;
  const fault = faultOf(result.patch);
  if (!fault) return result;
  const id = fault.lacks ? 'unknown-to-engine' : 'invalid-module';
  const severity = levelOf(id, args);
  if (severity === 'silent') return result;
  const says = fault.text || 'the engine does not say why';
  const [text, argument, said] = fault.lacks
    ? ['the engine does not know something in the patch', 'something in the patch', [`it says: ${says}`]]
    : [`the patch is invalid: ${says}`, says, []];
  const names = result.changed.slice(0, mostNames).map(({ display }) => `\`${display}\``);
  const more = result.changed.length > mostNames ? ' and more' : '';
  if (names.length > 0) said.push(`the patch has ${names.join(', ')}${more}: \`link\` says what is wrong with each`);
  const notes = said.map((note) => ({ text: note }));
  const diagnostic: Diagnostic = { id, severity, text, arguments: [argument], notes };
  const diagnostics = [...result.diagnostics, diagnostic];
  return severity === 'error' ? { ok: false, diagnostics, stats: result.stats } : { ...result, diagnostics };
}

function asksEngine(args: readonly string[]): boolean {
  const last = args.filter((arg) => /^--?(no-)?validate$/.test(arg)).at(-1);
  return last !== undefined && !last.includes('no-');
}

function levelOf(id: string, args: readonly string[]): LogLevel {
  const pattern = new RegExp(`(?:^| )--?log-override[= ]${id}=(error|warning|message|silent)(?= |$)`, 'g');
  return ([...args.join(' ').matchAll(pattern)].at(-1)?.[1] as LogLevel | undefined) ?? 'error';
}
