// What a unit says of itself, as it is given.
import { misfit, text } from './check.js';

/** What each property of an object becomes. Names are not empty. */
export function entriesOf(
  of: string,
  what: string,
  value: unknown,
  row: (name: string, value: unknown) => string,
): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit(of, what, value, 'an object');
  return Object.entries(value).map(([name, entry]) => {
    if (plainText(of, `a name of ${what}`, name) === '') throw new TypeError(`${of}: a name of ${what} is empty`);
    return row(name, entry);
  });
}

export function plainText(of: string, what: string, value: unknown): string {
  const plain = text(of, what, value);
  if (plain.includes('\0')) throw new TypeError(`${of}: ${what} has a zero character`);
  return plain;
}
