// @ts-check
// Names that a person types: of steps, cases, programs, options. A name that nothing has is an error, so that a
// misspelt name never runs nothing and succeeds.
import { closest } from 'fastest-levenshtein';

/**
 * Fails for names that nothing has, with the nearest one that there is.
 *
 * @param {string} what what the names are of, as in "case"
 * @param {readonly string[]} known
 * @param {readonly string[]} asked
 */
export function checkNames(what, known, asked) {
  const unknown = asked.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  console.error(
    unknown.map((name) => `there is no ${what} \`${name}\`; did you mean \`${closest(name, known)}\`?`).join('\n'),
  );
  process.exit(2);
}

/**
 * Which of the known names an environment variable asks for: a list with commas, or all of them when it is not set.
 *
 * @param {string} variable
 * @param {string} what
 * @param {readonly string[]} known
 * @returns {(name: string) => boolean}
 */
export function wantedBy(variable, what, known) {
  const asked = (process.env[variable] ?? '').split(',').filter((name) => name !== '');
  checkNames(`${what} (${variable})`, known, asked);
  return (name) => asked.length === 0 || asked.includes(name);
}
