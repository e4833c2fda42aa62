// @ts-check
// options.def against the linkers themselves: every option that wasm-ld 19 and wasm-ld 22 list is there, every row says
// rightly which of them knows it, and the docs' table is up to date.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { dashed, optionsTable, readOptions, tablePath } from '../../core/tool/options_table.mjs';
import { reference, reference22 } from './linkers.mjs';
import { rootDir } from './paths.mjs';
import { missing22, wasmLd22 } from './toolchain.mjs';

const rows = readOptions();

/**
 * What a wasm-ld prints.
 *
 * @param {import('./linkers.mjs').Reference} linker
 * @param {string[]} args
 */
async function say(linker, args) {
  const { stdout, stderr } = await linker.link(args, { cwd: rootDir });
  return stdout + stderr;
}

// With the rows that each should know.
const linkers = [
  { linker: reference, knows: ['Lld19'], skip: /** @type {const} */ (false) },
  { linker: reference22, knows: ['Lld19', 'Lld22'], skip: missing22 },
];

/** The options in what --help prints: `--color-diagnostics=[auto,...]`, `-L <dir>`. @param {string} help */
function listedOptions(help) {
  const listed = [...help.matchAll(/^ {2}(--?[^\s<[=]+)(=?)/gm)].map((match) => ({ name: match[1], equals: match[2] }));
  return listed.map(({ name, equals }) => (/^--(lto-CGO|lto-O)/.test(name) ? name : name + equals));
}

/** Does the row, under any of its spellings, take what --help calls `option`? @param {string} option */
const rowsFor = (option) =>
  rows.filter((row) => {
    const takesEquals = row.kind === 'Eq' ? [dashed(row), `${dashed(row)}=`] : [dashed(row)];
    return takesEquals.includes(option);
  });

/** One use of the option, as it has to be written. @param {import('../../core/tool/options_table.mjs').OptionRow} row */
function useOf(row) {
  if (row.kind === 'Eq') return [`${dashed(row)}=1`];
  if (row.kind === 'Separate') return [dashed(row), '1'];
  return [row.kind === 'Flag' ? dashed(row) : `${dashed(row)}1`];
}

describe('the table of options', () => {
  test('OPTIONS.md is up to date', () => {
    assert.equal(readFileSync(tablePath, 'utf8'), optionsTable(), 'run node core/tool/options_table.mjs');
  });

  for (const { linker, knows, skip } of linkers) {
    describe(linker.name, { skip }, () => {
      /** @type {string} */
      let help;
      before(async () => {
        help = await say(linker, ['--help']);
      });

      test('every option of its --help is known, and known to be its own', () => {
        const listed = listedOptions(help);
        assert.ok(listed.length > 100, help);
        for (const option of listed) {
          const found = rowsFor(option);
          assert.ok(found.length, `${option} is not in options.def`);
          for (const { id, since } of found) assert.ok(knows.includes(since), `${id} is marked ${since}`);
        }
      });

      test('every row says whether it takes the option', async () => {
        // Complaints about arguments come before everything else; only 20 errors are printed at a time.
        for (let i = 0; i < rows.length; i += 15) {
          const some = rows.slice(i, i + 15);
          const said = await say(linker, [...some.flatMap(useOf), '--help']);
          const unknown = [...said.matchAll(/error: unknown argument:? '?([^'\s]+)/g)].map((match) => match[1]);
          for (const row of some) {
            const refused = unknown.includes(useOf(row)[0]);
            assert.equal(!refused, knows.includes(row.since), `${row.id} is marked ${row.since}`);
          }
        }
      });
    });
  }

  // --help does not list everything. In the program the names of the linker's options lie next to each other.
  test('the options that wasm-ld 22 does not list are known too', { skip: missing22 }, () => {
    const program = readFileSync(wasmLd22);
    const inside = program.indexOf('\0--no-shlib-sigcheck\0');
    assert.ok(inside > 0);
    const begin = program.lastIndexOf('\0<unknown>\0', inside) + '\0<unknown>\0'.length;
    const names = program.subarray(begin, program.indexOf('\0\0', begin)).toString().split('\0');
    assert.ok(names.includes('-z') && names.length > 140, names.join(' '));
    for (const name of names) {
      const found = rowsFor(name);
      assert.ok(found.length, `${name} is not in options.def`);
      for (const { id, since } of found) assert.match(since, /^Lld/, `${id} is marked ${since}`);
    }
  });
});
