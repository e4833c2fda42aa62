// Checks of arguments that callers pass, and suggestions for misspelt names.

export const isText = (value: unknown) => typeof value === 'string';
/** `every` and `map` pass over what a sparse array lacks. */
export const areTexts = (value: unknown): value is string[] => Array.isArray(value) && Array.from(value).every(isText);

export function checkKeys(value: unknown, what: string, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${what} must be an object`);
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw new TypeError(`${what} has no \`${key}\`${suggestion(key, known)}`);
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
