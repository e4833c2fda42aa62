// Checks of arguments that callers pass, and suggestions for misspelt names.

export const isText = (value: unknown) => typeof value === 'string';
/** `every` and `map` pass over what a sparse array lacks. */
export const areTexts = (value: unknown): value is string[] => Array.isArray(value) && Array.from(value).every(isText);

export function checkKeys(value: unknown, what: string, known: readonly string[]): void {
  const all = `\`${known.join('`, `')}\``;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError(`${what} must be an object, which may have ${all}`);
  for (const key of Object.keys(value))
    if (!known.includes(key))
      throw new TypeError(`${what} has no \`${key}\`${suggestion(key, known) || `: it may have ${all}`}`);
}

/** `; did you mean ...?`, or nothing when no name is close. */
export function suggestion(name: string, known: readonly string[]): string {
  const plain = (text: string) => text.replaceAll(/[-_]/g, '').toLowerCase();
  let best = '';
  let bestDistance = name.length < 6 ? 2 : 3; // it must be closer than that
  for (const candidate of known) {
    const distance = editDistance(plain(name), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best && `; did you mean \`${best}\`?`;
}

/** Letters that changed places count once. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity;
      next.push(Math.min(swapped, row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    [before, row] = [row, next];
  }
  return row[b.length]!;
}

/** How a message shows a value. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'function') return 'a JavaScript function';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** The error for an argument: `of` is what was called, `what` is the argument. */
export function misfit(of: string, what: string, value: unknown, expected: string, isRange = false): Error {
  const text =
    value === undefined
      ? `${of}: ${what} is missing: it must be ${expected}`
      : `${of}: ${what} must be ${expected}, not ${shown(value)}`;
  return isRange ? new RangeError(text) : new TypeError(text);
}

export function integer(of: string, what: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && value >= least && value <= most && Number.isInteger(value)) return value;
  throw misfit(of, what, value, `an integer from ${least} to ${most}`, Number.isInteger(value));
}

export function integer64(of: string, what: string, value: unknown): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n) return value;
  const expected = 'a bigint from -2n ** 63n to 2n ** 64n - 1n or a safe integer';
  throw misfit(of, what, value, expected, typeof value === 'bigint' || Number.isInteger(value));
}

/** The exponent of an alignment in bytes. */
export function powerOfTwo(of: string, what: string, value: unknown, most: number): number {
  if (typeof value === 'number' && value >= 1 && value <= most && Number.isInteger(Math.log2(value)))
    return Math.log2(value);
  throw misfit(of, what, value, `a power of two from 1 to ${most}`, typeof value === 'number');
}

/** Text that UTF-8 can hold. */
export function text(of: string, what: string, value: unknown): string {
  if (typeof value !== 'string') throw misfit(of, what, value, 'a string');
  if (/\p{Surrogate}/u.test(value)) throw new TypeError(`${of}: ${what} has half of a surrogate pair`);
  return value;
}

/** `undefined` is no. */
export function flag(of: string, what: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw misfit(of, what, value, 'true or false');
}

/** An array, in which `undefined` stands for what a sparse array lacks. */
export function array(of: string, what: string, value: unknown, most = Infinity): readonly unknown[] {
  if (!Array.isArray(value)) throw misfit(of, what, value, 'an array');
  if (value.length > most)
    throw new RangeError(`${of}: ${what} must have at most ${most} entries, not ${value.length}`);
  return value;
}
