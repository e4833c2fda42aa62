// What clang and wabt say about sources, with the place of each message: `main.c:3:8: error: expected expression`.

export interface CompilerMessage {
  /** Both begin at 1. The column counts the bytes of the line in UTF-8. */
  line: number;
  column: number;
  severity: 'error' | 'warning' | 'info';
  text: string;
}

const severities: Record<string, CompilerMessage['severity']> = {
  error: 'error',
  'fatal error': 'error',
  warning: 'warning',
  note: 'info',
};
const placed =
  /^(?<file>[^\s:][^:]*):(?<line>\d+):(?<column>\d+): (?<severity>fatal error|error|warning|note): (?<text>.*)$/;

/** What is said about places in one file. */
export function messagesAbout(name: string, output: string): CompilerMessage[] {
  return output.split('\n').flatMap((row) => {
    const { file, line, column, severity, text } = placed.exec(row)?.groups ?? {};
    if (file?.replace(/^\.\//, '') !== name) return []; // an included file is `./file.h`
    return [{ line: Number(line), column: Number(column), severity: severities[severity!]!, text: text! }];
  });
}

/** How many UTF-16 units of the line come before the column. */
export function unitsBefore(line: string, column: number): number {
  let bytes = 1;
  let units = 0;
  for (const letter of line) {
    if (bytes >= column) break;
    bytes += new TextEncoder().encode(letter).length;
    units += letter.length;
  }
  return units;
}
