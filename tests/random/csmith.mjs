// @ts-check
// Programs of csmith, a well-known generator of C programs without undefined behaviour. It writes one file in which all is
// static: here its functions and variables are shared out to several files, so that a linker has something to do.
import { existsSync } from 'node:fs';
import { runOrThrow } from '../support/processes.mjs';

const headers = '/usr/include/csmith';
/** Is it there? */
export const hasCsmith = existsSync('/usr/bin/csmith') && existsSync(headers);

export const csmithFlags = ['-isystem', headers, '-w'];

// Without constants: with --icf=all equal ones may have one address, and csmith compares addresses.
// biome-ignore format: a table
const options = [
  '--no-argc', '--no-consts', '--concise', '--max-funcs', '6', '--max-block-size', '3', '--max-block-depth', '3',
];

/**
 * The files of a program, by name. Its main function is called `csmith_main`, and prints checksums of all variables.
 *
 * @param {number} seed
 * @param {number} units how many files
 * @param {string} folder for what csmith itself writes
 */
export async function csmithFiles(seed, units, folder) {
  const { stdout } = await runOrThrow('csmith', [...options, '--seed', String(seed)], { cwd: folder });
  return shareOut(stdout, units);
}

/**
 * @param {string} text
 * @param {number} units
 * @returns {Record<string, string>}
 */
function shareOut(text, units) {
  /** @type {string[]} what every file has: types and declarations */
  const shared = [];
  /** @type {string[][]} */
  const parts = Array.from({ length: units }, () => []);
  let definitions = 0;
  let own = shared;
  for (const line of text.replace(/\/\*[^]*?\*\//g, '').split('\n')) {
    const variable = /^static (.*\bg_\d+(?:\[\d+\])*) = (.*)/.exec(line);
    const declaration = /^static (.*\bfunc_\d+\(.*\);)$/.exec(line);
    const begin = /^static (.*\bfunc_\d+\(.*\))$/.exec(line);
    if (variable) {
      shared.push(`extern ${variable[1]};`);
      parts[definitions++ % units].push(`${variable[1]} = ${variable[2]}`);
    } else if (declaration) shared.push(declaration[1]);
    else if (begin) {
      own = parts[definitions++ % units];
      own.push(begin[1]);
    } else if (line.startsWith('int main')) {
      own = parts[0];
      own.push('int csmith_main(void)');
    } else own.push(line.replace('int print_hash_value = 0', 'int print_hash_value = 1'));
  }
  return Object.fromEntries(parts.map((lines, unit) => [`csmith${unit}.c`, [...shared, ...lines].join('\n')]));
}
