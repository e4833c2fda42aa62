// Names come from strangers: whatever would draw, order or hide text is written out, and what is too long is clipped.

// Controls; direction marks and overrides; zero-width characters; bytes that were not UTF-8 (lone surrogates).
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function writtenOut(char: string): string {
  const code = char.codePointAt(0)!;
  return code >= 0xdc80 && code <= 0xdcff ? `\\x${(code & 0xff).toString(16)}` : `\\u{${code.toString(16)}}`;
}

/** Of a long text, its beginning and its end. */
export function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const part = Math.floor((most - 1) / 2);
  return `${text.slice(0, part)}…${text.slice(-part)}`;
}

/** A name, safe to show in one line. */
export function shown(name: string, most = 240): string {
  return clipped(name, most).replaceAll(unseen, writtenOut);
}

export function bytesText(n: number): string {
  return n < 1000 ? `${n} B` : n < 1e6 ? `${(n / 1000).toFixed(1)} kB` : `${(n / 1e6).toFixed(2)} MB`;
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** A difference, with its sign. */
export function signed(n: number): string {
  return n > 0 ? `+${n.toLocaleString('en')}` : n < 0 ? `−${(-n).toLocaleString('en')}` : '±0';
}

/** The same in kilobytes and the like. */
export function signedBytes(n: number): string {
  return n > 0 ? `+${bytesText(n)}` : n < 0 ? `−${bytesText(-n)}` : '±0';
}

export function share(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;
}
