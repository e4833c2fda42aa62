// Names come from strangers: whatever would draw, order or hide text is written out, and what is too long is clipped.

// Controls; direction marks and overrides; zero-width characters; bytes that were not UTF-8 (lone surrogates).
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const unseenButLines = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function writtenOut(char: string): string {
  const code = char.codePointAt(0)!;
  return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code & 0xff).toString(16)}` : `\\u{${code.toString(16)}}`;
}

/** Of a long text, its beginning and its end. */
function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const part = Math.floor((most - 1) / 2);
  return `${text.slice(0, part)}…${text.slice(-part)}`;
}

/** A name, safe to show in one line. */
export function shown(name: string, most = 240): string {
  return clipped(name, most).replaceAll(unseen, writtenOut);
}

/** The same for text of several lines. */
export function shownLines(text: string, most = 4000): string {
  return clipped(text, most).replaceAll(unseenButLines, writtenOut);
}

/** What the linker says: each name in it is clipped, so that what is said of a long one is still seen. */
export function shownMessage(text: string, mostOfName = 240): string {
  const short = text
    .replaceAll(/`([^`\n]+)`/g, (_, name: string) => `\`${clipped(name, mostOfName)}\``)
    .replaceAll(/[^\s`]+/g, (word) => clipped(word, mostOfName));
  return shownLines(short);
}

export function bytesText(n: number): string {
  return n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(2)} MB`;
}

export function msText(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** Names in one line: the first of them, and how many others there are. */
export function listed(names: string[], most = 5): string {
  const others = names.length - most;
  return [
    ...names.slice(0, most).map((name) => shown(name, 80)),
    ...(others > 0 ? [`${others.toLocaleString('en')} others`] : []),
  ].join(', ');
}
