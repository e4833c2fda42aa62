// @ts-check
// node core/tool/options_table.mjs: writes OPTIONS.md, the docs' table of options, from options.def.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
export const tablePath = fileURLToPath(new URL('OPTIONS.md', here));

/**
 * @typedef {object} OptionRow a row of options.def, in the words of that file
 * @property {string} id
 * @property {string} spelling
 * @property {string} kind
 * @property {string} dashes
 * @property {string} alias
 * @property {string} argument
 * @property {string} help
 * @property {'Lld19' | 'Lld22' | 'Lld23' | 'Weld' | 'Gnu'} since
 * @property {string} group
 * @property {{does: string, weld: string}} [remark]
 */

/** The rows of options.def, in their order. */
export function readOptions() {
  /** @type {OptionRow[]} */
  const rows = [];
  let group = '';
  for (const line of readFileSync(new URL('options.def', here), 'utf8').split('\n')) {
    const macro = /^WELD_OPTION(|_GROUP|_REMARK)\((.*)\)$/.exec(line);
    if (!macro) continue;
    const cells = (macro[2].match(/"(?:[^"\\]|\\.)*"|[^\s,"][^,"]*/g) ?? []).map((cell) =>
      cell.startsWith('"') ? cell.slice(1, -1).replace(/\\(.)/g, '$1') : cell.trim(),
    );
    if (macro[1] === '_GROUP') {
      group = cells[0];
    } else if (macro[1] === '_REMARK') {
      const row = rows.find(({ id }) => id === cells[0]);
      if (!row || cells.length !== 3) throw new Error(`options.def: ${line}`);
      row.remark = { does: cells[1], weld: cells[2] };
    } else {
      const [id, spelling, kind, dashes, alias, argument, help, since] = cells;
      if (cells.length !== 8 || !/^(Lld19|Lld22|Lld23|Weld|Gnu)$/.test(since)) throw new Error(`options.def: ${line}`);
      rows.push({ id, spelling, kind, dashes, alias, argument, help, since: /** @type {any} */ (since), group });
    }
  }
  return rows;
}

/** How an option is written: `--name`; `-name` where only that is possible. @param {OptionRow} row */
export const dashed = (row) => (row.dashes === 'One' ? '-' : '--') + row.spelling;

/** @param {OptionRow} row */
const argumentOf = (row) => row.argument && `\`${row.argument}\``;

const intro = `<!-- Made from options.def by options_table.mjs: do not edit. -->

# Options

Every option that weld knows, and which of wasm-ld 19 (LLVM 19) and wasm-ld 22 (LLVM 22) know it too. A test runs both of them
and compares. Later wasm-ld's options work under every name; those marked ¹ are GNU ld's, and unknown when weld is called as
wasm-ld. Long options may begin with one dash as well as with two, but for those marked ².
`;

/** The text of OPTIONS.md. */
export function optionsTable() {
  const rows = readOptions();
  /** @param {OptionRow} row */
  const isFoldedAlias = (row) =>
    row.alias !== 'none' && rows.some(({ id, since }) => id === row.alias && since === row.since);
  let text = intro;
  let group = '';
  for (const row of rows) {
    if (isFoldedAlias(row)) continue;
    if (row.group !== group) {
      group = row.group;
      text += `\n## ${group}\n\n| option | argument | what it does | wasm-ld 19 | wasm-ld 22 | weld |\n|---|---|---|---|---|---|\n`;
    }
    const aliases = rows.filter((other) => other.alias === row.id && isFoldedAlias(other));
    const names = [row, ...aliases].map((r) => `\`${dashed(r)}\`` + (r.dashes === 'Two' ? '²' : ''));
    const target = rows.find(({ id }) => id === row.alias);
    const does = row.remark?.does ?? (target ? `alias for ${dashed(target)}` : row.help);
    const weld = row.remark?.weld ?? 'yes';
    if (!does) throw new Error(`options.def: ${row.id} has neither help nor a remark`);
    const cells = [
      names.join(', ') + (row.since === 'Gnu' ? '¹' : ''),
      argumentOf(row),
      does,
      row.since === 'Lld19' ? 'yes' : 'no',
      row.since === 'Lld19' || row.since === 'Lld22' ? 'yes' : 'no',
      weld,
    ];
    text += `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;
  }
  return text;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  writeFileSync(tablePath, optionsTable());
}
