// Diagnostics as text, as the program `weld` prints them.
import { checkKeys } from './check.js';
import type { Diagnostic, FormatOptions, Location, Note } from './types.js';

// Diagnostics that an option such as `trace` asks for. They are text for other programs, one line each.
const listings: ReadonlySet<string> = new Set(['removed-section', 'trace-file', 'trace-symbol', 'verbose']);

/** Formats each diagnostic as text, without a final line break. */
export function formatMessages(diagnostics: readonly Diagnostic[], options: FormatOptions = {}): string[] {
  if (!Array.isArray(diagnostics as unknown)) throw new TypeError('`formatMessages` takes `result.diagnostics`');
  checkKeys(options, 'a format', ['color', 'program']);
  const { color = false, program = 'weld' } = options;
  return diagnostics.map((diagnostic) => {
    const { severity, text, location, notes } = diagnostic;
    if (severity === 'message' && listings.has(diagnostic.id))
      return diagnostic.id === 'verbose' ? `${program}: ${text}` : text;
    const word = color
      ? `\x1b[1;3${{ error: 1, warning: 5, message: 6 }[severity]}m${severity}: \x1b[0m`
      : `${severity}: `;
    const lines = [`${program}: ${word}${text}`];
    if (location) lines.push(`in ${printable(placeOf(location))}`);
    return [...lines, ...notes.map((note) => `note: ${note.text}${behind(note)}`)].join('\n  ');
  });
}

const behind = ({ location }: Note) => (location ? `: ${printable(placeOf(location))}` : '');

/** What could restyle a terminal or begin a line is escaped, as the core does in texts and notes: core/base/utf8.h. */
function printable(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\udc80-\udcff]/gu, (c) => {
    const bytes = c < '\udc80' ? encodeURIComponent(c) : `%${(c.charCodeAt(0) & 0xff).toString(16)}`; // a byte that is not UTF-8
    return bytes.toLowerCase().replaceAll('%', '\\x');
  });
}

/** ``liba.a(m.o), section CODE, offset 0x12, in `f`, at m.c:3:9``: as much as is known. */
function placeOf({ input, member, section, offset, instruction, symbol, source }: Location): string {
  let place = member === undefined ? input : `${input}(${member})`;
  if (section !== undefined) place += `, section ${section}`;
  if (offset !== undefined) place += `, offset 0x${offset.toString(16)}`;
  if (instruction !== undefined) place += `, instruction ${instruction}`;
  if (symbol !== undefined) place += `, in \`${symbol.display}\``;
  if (source !== undefined)
    place += `, at ${[source.file, source.line, source.column].filter((part) => part !== undefined).join(':')}`;
  return place;
}
