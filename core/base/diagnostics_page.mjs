// @ts-check
// node core/base/diagnostics_page.mjs: writes js/docs/diagnostics.md, what each diagnostic means and what to do, and
// js/src/diagnostic_ids.ts, the type of their ids, from diagnostics.def and explanations.md.
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = new URL('.', import.meta.url);
export const pagePath = fileURLToPath(new URL('../../js/docs/diagnostics.md', here));
export const typesPath = fileURLToPath(new URL('../../js/src/diagnostic_ids.ts', here));

/**
 * @typedef {object} DiagnosticRow a row of diagnostics.def
 * @property {string} id
 * @property {'Error' | 'SoftError' | 'Warning' | 'Message' | 'Silent'} severity
 * @property {string} code
 * @property {string} text weld's
 * @property {string} lldText wasm-ld's; empty: the same
 * @property {boolean} isOwn wasm-ld has nothing like it
 * @property {string} group
 */

/** The rows of diagnostics.def, in their order. */
export function readDiagnostics() {
  /** @type {DiagnosticRow[]} */
  const rows = [];
  let group = '';
  for (const line of readFileSync(new URL('diagnostics.def', here), 'utf8').split('\n')) {
    const title = /^\/\/ ([A-Z][^.:]*)$/.exec(line);
    if (title) group = title[1];
    const macro = /^WELD_(OWN_)?DIAGNOSTIC\((\w+), (\w+), (.*)\)$/.exec(line);
    if (!macro) continue;
    const texts = (macro[4].match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((text) => /** @type {string} */ (JSON.parse(text)));
    const [code, text, lldText = ''] = texts;
    if (texts.length !== (macro[1] ? 2 : 3) || !/^(Error|SoftError|Warning|Message|Silent)$/.test(macro[3]))
      throw new Error(`diagnostics.def: ${line}`);
    rows.push({
      id: macro[2],
      severity: /** @type {any} */ (macro[3]),
      code,
      text,
      lldText,
      isOwn: Boolean(macro[1]),
      group,
    });
  }
  return rows;
}

/** What explanations.md says, by id. @returns {Map<string, { meaning: string, remedy: string }>} */
export function readExplanations() {
  const text = readFileSync(new URL('explanations.md', here), 'utf8');
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const [code, meaning, ...remedy] = section.trim().split(/\n+/);
        if (!meaning || remedy.length === 0) throw new Error(`explanations.md: ${code} needs a meaning and a remedy`);
        return [code, { meaning, remedy: remedy.join('\n\n') }];
      }),
  );
}

const severities = {
  Error: 'error',
  SoftError: 'error, which may be lowered',
  Warning: 'warning',
  Message: 'message, when it is asked for',
  Silent: 'silent, until `--log-override` raises it',
};

const intro = `<!-- Made from core/base/diagnostics.def and explanations.md by core/base/diagnostics_page.mjs: do not edit. -->

# Diagnostics

Every message of weld has an id, which stays the same when the wording changes: \`diagnostic.id\` in the API. What each means,
and what to do. In the texts, \`$0\` and so on stand for names and numbers.

\`--log-override=ID=LEVEL\` makes all diagnostics of an id an \`error\`, a \`warning\`, a \`message\`, or \`silent\`; in the API that is
the option \`logOverride: { 'undefined-symbol': 'warning' }\`. An error can be lowered where it says so here: the output is
usable all the same. It also turns on what is silent: reports that are worth a look when something is wrong, and that
ordinary programs would give too. Called as \`wasm-ld\` (or with \`--compat=lld-...\`), weld says what wasm-ld says, and of
those marked with * only what is asked for so.
`;

/** The text of js/docs/diagnostics.md. */
export function diagnosticsPage() {
  const explanations = readExplanations();
  /** @type {Map<string, DiagnosticRow[]>} */
  const byCode = new Map();
  for (const row of readDiagnostics()) byCode.set(row.code, [...(byCode.get(row.code) ?? []), row]);
  for (const code of explanations.keys())
    if (!byCode.has(code)) throw new Error(`explanations.md: there is no ${code}`);

  let text = intro;
  let group = '';
  for (const [code, rows] of byCode) {
    if (rows[0].group !== group) {
      group = rows[0].group;
      text += `\n## ${group}\n\n`;
      for (const [other, [row]] of byCode) if (row.group === group) text += `- [${other}](#${other})\n`;
    }
    const explanation = explanations.get(code);
    if (!explanation) throw new Error(`explanations.md: ${code} is missing`);
    text += `\n### ${code}\n\n*${severities[rows[0].severity]}*${rows[0].isOwn ? ' \\*' : ''}\n\n`;
    for (const row of rows) if (row.text !== '$0') text += `\`\`\`\n${row.text}\n\`\`\`\n\n`;
    text += `${explanation.meaning}\n\n**What to do.** ${explanation.remedy}\n`;
  }
  return text;
}

/** The text of js/src/diagnostic_ids.ts. */
export function diagnosticTypes() {
  const codes = [...new Set(readDiagnostics().map(({ code }) => code))];
  return `// Made from core/base/diagnostics.def by core/base/diagnostics_page.mjs: do not edit.

/** What kinds of diagnostics there are: docs/diagnostics.md explains each. */
export type DiagnosticId =
${codes.map((code) => `  | '${code}'`).join('\n')};
`;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  mkdirSync(path.dirname(pagePath), { recursive: true });
  writeFileSync(pagePath, diagnosticsPage());
  writeFileSync(typesPath, diagnosticTypes());
}
