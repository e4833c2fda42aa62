// Makes src/option_table.json of the package's contract: the name, kind, group and help of each option of a link.
import { existsSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const contract = join(realpathSync(join(here, 'node_modules/wasm-weld')), 'src/types.ts');
// The package's compiler: the page's own, TypeScript 7, only checks types.
const ts = createRequire(contract)('typescript');
const source = ts.createSourceFile(contract, readFileSync(contract, 'utf8'), ts.ScriptTarget.ES2022, true);
const options = source.statements.find((s) => ts.isInterfaceDeclaration(s) && s.name.text === 'LinkOptions');

let group = '';
const rows = options.members.map((member) => {
  const comments = source.text.slice(member.pos, member.getStart(source, true));
  group = /^ *\/\/ (.+)$/m.exec(comments)?.[1] ?? group;
  const help = member.jsDoc
    .map(({ comment }) => ts.getTextOfJSDocComment(comment))
    .join(' ')
    .replaceAll(/\s+/g, ' ');
  return {
    name: member.name.text,
    group,
    help: help.replaceAll(/\{@link [\w.]+\}/g, 'the result'),
    ...kindOf(member.type),
  };
});
const table = join(here, 'src/option_table.json');
const text = `${JSON.stringify(rows, null, 1)}\n`;
if (!existsSync(table) || readFileSync(table, 'utf8') !== text) writeFileSync(table, text); // or the page would seem to be out of date

function kindOf(type) {
  const parts = (ts.isUnionTypeNode(type) ? [...type.types] : [type]).map((part) => part.getText(source));
  const is = (...wanted) => wanted.join() === parts.join();
  if (is('boolean')) return { kind: 'flag' };
  if (is('string')) return { kind: 'text' };
  if (is('boolean', 'SourceMapOptions')) return { kind: 'flag' };
  if (is('number')) return { kind: 'number' };
  if (is('string', 'string[]')) return { kind: 'list' };
  if (is('boolean', 'string') || is('true', 'string')) return { kind: 'flag-or-text' };
  if (/^Partial<Record</.test(parts.join())) return { kind: 'list' }; // of `key=value`
  if (is('string', 'false')) return { kind: 'text' }; // its `false` is a row of its own
  if (is('number', `'size'`)) return { kind: 'choice', choices: ['0', '1', '2', 'z'] };
  if (parts.every((part) => /^'.*'$/.test(part)))
    return { kind: 'choice', choices: parts.map((part) => part.slice(1, -1)) };
  throw new Error(`no form for ${type.getText(source)}`);
}
