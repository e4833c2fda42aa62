// @ts-check
// The types of `inspect` are those of core/inspect/tables.def: every table and column, which of them may be absent, and the
// words of columns that have words.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { rootDir } from './paths.mjs';

/** @param {string} name */
const read = (name) => readFileSync(path.join(rootDir, name), 'utf8');
/** @typedef {typeof sources} Sources */
const sources = {
  tables: read('core/inspect/tables.def'),
  words: read('core/inspect/columns.h') + read('core/inspect/columns.cpp'),
  kinds: read('core/inspect/inspection.cpp'),
  relocations: read('core/wasm/relocations.def'),
  types: read('js/src/inspect_types.ts'),
  reader: read('js/src/inspection.ts'),
};

/** What these tables have as `lines`, and not as arrays of their own. */
const inLines = ['lines', 'sourceFiles'];
/** Words that a column of its table does not have although its list has them. */
const unusedWords = { dataSegments: { mode: ['declarative'] } };

/** As `camel_case` of core/inspect/columns.cpp. @param {string} name */
const camelCase = (name) => name.replace(/_(.?)/g, (_, letter) => letter.toUpperCase());

/** @param {string} text */
const stringsIn = (text) => [...text.matchAll(/"([^"]*)"/g)].map(([, word = '']) => word);

/** The tables of tables.def. @param {Sources} sources */
function readTables({ tables }) {
  return [...tables.matchAll(/^WELD_TABLE\((\w+), (\w+), .*\n([^]*?)^WELD_TABLE_END$/gm)].map(
    ([, row = '', name = '', body = '']) => ({
      row,
      name: camelCase(name),
      columns: [...body.matchAll(/^ *WELD_COLUMN\(\w+, (\w+), (\w+), (.+)\)$/gm)].map(
        ([, column = '', show = '', words = '']) => ({ name: camelCase(column), show, words }),
      ),
    }),
  );
}

/** The lists of words, by name. @param {Sources} sources */
function readWords({ words, relocations }) {
  const lists = new Map(
    [...words.matchAll(/string_view (\w+)\[\] = \{([^}]*)\}/g)].map(([, name = '', list = '']) => [
      name,
      stringsIn(list),
    ]),
  );
  lists.set(
    'relocation_types',
    [...relocations.matchAll(/^WELD_RELOC\((\w+),/gm)].map(([, name]) => `R_WASM_${name}`),
  );
  lists.set('member_kinds', lists.get('file_kind_words') ?? []);
  return lists;
}

/**
 * What the types get wrong.
 *
 * @param {Sources} sources
 */
function complaintsAbout(sources) {
  /** @type {string[]} */
  const complaints = [];
  const file = ts.createSourceFile('inspect_types.ts', sources.types, ts.ScriptTarget.ES2022, true);
  /** @type {Map<string, ts.InterfaceDeclaration>} */
  const interfaces = new Map();
  /** @type {Map<string, ts.TypeNode>} */
  const aliases = new Map();
  for (const statement of file.statements) {
    if (ts.isInterfaceDeclaration(statement)) interfaces.set(statement.name.text, statement);
    if (ts.isTypeAliasDeclaration(statement)) aliases.set(statement.name.text, statement.type);
  }
  /** @param {ts.NodeArray<ts.TypeElement>} members */
  const propertiesOf = (members) =>
    new Map(
      members
        .filter(ts.isPropertySignature)
        .map((member) => [
          member.name.getText(),
          { type: /** @type {ts.TypeNode} */ (member.type), optional: member.questionToken !== undefined },
        ]),
    );

  /** The words of a type, or undefined for any. @param {ts.TypeNode} type @returns {string[] | undefined} */
  const wordsOf = (type) => {
    if (ts.isParenthesizedTypeNode(type)) return wordsOf(type.type);
    if (ts.isArrayTypeNode(type)) return wordsOf(type.elementType);
    if (ts.isUnionTypeNode(type))
      return type.types
        .filter((part) => !/^\(?string & \{\}/.test(part.getText()))
        .flatMap((part) => wordsOf(part) ?? []);
    if (ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal)) return [type.literal.text];
    const alias = ts.isTypeReferenceNode(type) ? aliases.get(type.getText()) : undefined;
    return alias && wordsOf(alias);
  };
  /** @param {ts.TypeNode} type */
  const isWord = (type) => type.getText() === 'string' || wordsOf(type) !== undefined;
  /** By how a column is shown: its type, and whether it may be absent (undefined: as it likes). */
  /** @type {Record<string, {is: (type: ts.TypeNode) => boolean, optional?: boolean}>} */
  const expected = {
    Number: { is: (type) => type.getText() === 'number', optional: false },
    Offset: { is: (type) => type.getText() === 'number', optional: false },
    Optional: { is: (type) => type.getText() === 'number', optional: true },
    OptionalOffset: { is: (type) => type.getText() === 'number', optional: true },
    Boolean: { is: (type) => type.getText() === 'boolean', optional: false },
    Word: { is: isWord, optional: false },
    Flags: { is: (type) => ts.isArrayTypeNode(type) && isWord(type), optional: false },
    List: { is: (type) => type.getText() === 'string[]' },
    Name: { is: (type) => type.getText() === 'string' },
    Symbol: { is: (type) => type.getText() === 'string' },
  };

  const tables = readTables(sources);
  const lists = readWords(sources);
  const inspection = propertiesOf(/** @type {ts.InterfaceDeclaration} */ (interfaces.get('Inspection')).members);
  const columnar = stringsIn((/const columnar = \[(.*)\]/.exec(sources.reader)?.[1] ?? '').replaceAll("'", '"'));
  for (const table of tables) {
    const property = inspection.get(table.name);
    if (inLines.includes(table.name)) {
      if (property && table.name !== 'lines') complaints.push(`\`${table.name}\` is a table of its own`);
    } else if (!property) {
      complaints.push(`there is no table \`${table.name}\``);
      continue;
    }
    if (table.name === 'sourceFiles') continue; // `lines.files`, which are paths
    // `readonly Row[]`, `ColumnarTable<Row>`, or `readonly { ... }[]`.
    const text = property?.type.getText() ?? '';
    const isColumnar = text.startsWith('ColumnarTable<') || text === 'Lines';
    if (isColumnar !== (columnar.includes(table.name) || table.name === 'lines'))
      complaints.push(`\`${table.name}\` is ${isColumnar ? '' : 'not '}columnar in the types only`);
    const literal =
      property && ts.isTypeOperatorNode(property.type) && ts.isArrayTypeNode(property.type.type)
        ? property.type.type.elementType
        : undefined;
    const members =
      literal && ts.isTypeLiteralNode(literal) ? literal.members : interfaces.get(`${table.row}Row`)?.members;
    if (
      !members ||
      (!(literal && ts.isTypeLiteralNode(literal)) && !text.includes(`${table.row}Row`) && text !== 'Lines')
    ) {
      complaints.push(`\`${table.name}\` is not of \`${table.row}Row\``);
      continue;
    }
    const row = propertiesOf(members);
    for (const column of table.columns) {
      const where = `\`${table.name}.${column.name}\``;
      const found = row.get(column.name);
      row.delete(column.name);
      const rule = expected[column.show];
      if (!rule) complaints.push(`${where} is shown as ${column.show}, which this test does not know`);
      else if (!found) complaints.push(`there is no ${where}`);
      else if (!rule.is(found.type))
        complaints.push(`${where} is of type ${found.type.getText()}, but it is shown as ${column.show}`);
      else if (rule.optional !== undefined && rule.optional !== found.optional)
        complaints.push(`${where} may ${rule.optional ? '' : 'not '}be absent`);
      if (column.show === 'Symbol') {
        const display = row.get('display');
        row.delete('display');
        if (display?.type.getText() !== 'string' || display.optional !== found?.optional)
          complaints.push(`${where} has no \`display\` like itself`);
      }
      if (column.words === '{}' || !found) continue;
      const list = lists.get(column.words);
      const named = wordsOf(found.type);
      if (!list) complaints.push(`${where} has the words ${column.words}, which were not found`);
      else if (named && !(column.words === 'member_kinds' && found.type.getText() === 'InspectedKind'))
        complain(where, named, list, unusedIn(table.name, column.name));
    }
    for (const name of row.keys()) complaints.push(`no table has \`${table.name}.${name}\``);
  }
  /** @param {string} table @param {string} column @returns {string[]} */
  function unusedIn(table, column) {
    return /** @type {Record<string, Record<string, string[]>>} */ (unusedWords)[table]?.[column] ?? [];
  }
  /** @param {string} where @param {string[]} named @param {string[]} list @param {string[]} unused */
  function complain(where, named, list, unused = []) {
    const words = list.filter((word) => word !== '' && !unused.includes(word));
    for (const word of words) if (!named.includes(word)) complaints.push(`${where} lacks '${word}'`);
    for (const word of named) if (!words.includes(word)) complaints.push(`${where} cannot be '${word}'`);
  }
  // What a file is: the kinds of files, of which `wasm` is looked into.
  const looked = stringsIn(/string_view words\[\] = \{([^}]*)\}/.exec(sources.kinds)?.[1] ?? '');
  complain('`InspectedKind`', wordsOf(/** @type {ts.TypeNode} */ (aliases.get('InspectedKind'))) ?? [], [
    ...(lists.get('file_kind_words') ?? []),
    ...looked,
  ]);

  // What is no table is what the class of inspections has itself.
  const others = ['kind', 'description', 'remedy', 'bytes', 'codeOffset', 'diagnostics', 'lines'];
  for (const name of inspection.keys())
    if (!others.includes(name) && !tables.some((table) => table.name === name))
      complaints.push(`no table is called \`${name}\``);
  return complaints;
}

test('the types of `inspect` are those of the tables', () => {
  const tables = readTables(sources);
  assert.equal(tables.length, sources.tables.match(/^WELD_TABLE\(/gm)?.length);
  assert.equal(tables.flatMap(({ columns }) => columns).length, sources.tables.match(/^ +WELD_COLUMN\(/gm)?.length);
  assert.deepEqual(complaintsAbout(sources), []);
});

test('a difference is found', () => {
  /** @type {[keyof typeof sources, string, string, string][]} */
  // biome-ignore format: a table
  const differences = [
    ['tables', 'WELD_TABLE(Start, start, "Start function")\n', 'WELD_TABLE(Start, first, "Start function")\n', 'there is no table `first`'],
    ['tables', '  WELD_COLUMN(uint32_t, priority, Number, {})\n', '', 'no table has `initFunctions.priority`'],
    ['tables', 'WELD_COLUMN(uint32_t, comdat, Number, {})', 'WELD_COLUMN(uint32_t, comdat, Optional, {})', '`comdatEntries.comdat` may be absent'],
    ['tables', 'WELD_COLUMN(Text, field, Name, {})', 'WELD_COLUMN(Text, field, Boolean, {})', '`producers.field` is of type string, but it is shown as Boolean'],
    ['tables', 'WELD_TABLE(Relocation, relocations', 'WELD_TABLE(Reloc, relocations', '`relocations` is not of `RelocRow`'],
    ['words', '"epilogue-begin"', '"epilogue-start"', "`lines.flags` lacks 'epilogue-start'"],
    ['words', '"web-page"', '"page"', "`InspectedKind` lacks 'page'"],
    ['types', 'addend: number;', 'addend?: number;', '`relocations.addend` may not be absent'],
    ['types', "kind: 'function' | 'struct' | 'array' | 'continuation';", "kind: 'function' | 'struct' | 'array';", "`types.kind` lacks 'continuation'"],
    ['types', 'readonly names: ColumnarTable<NameRow>', 'readonly names: readonly NameRow[]', '`names` is not columnar in the types only'],
    ['types', 'readonly members:', 'readonly parts: readonly MemberRow[];\n  readonly members:', 'no table is called `parts`'],
  ];
  for (const [name, before, after, complaint] of differences) {
    assert.ok(sources[name].includes(before), before);
    const complaints = complaintsAbout({ ...sources, [name]: sources[name].replace(before, after) });
    assert.ok(complaints.includes(complaint), `${after}: ${JSON.stringify(complaints)}`);
  }
});
