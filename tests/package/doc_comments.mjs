// @ts-check
// Finds what a package exports without a doc comment: node tests/package/doc_comments.mjs FILE...
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * The exports of these modules that have no doc comment, and members without one of what they export or mention: as
 * `Linker.add`.
 *
 * @param {string[]} entries files of types
 */
export function findUndocumented(entries) {
  // Without the library, since only these files are asked about.
  const program = ts.createProgram(entries, {
    noLib: true,
    types: [],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2022,
    jsx: ts.JsxEmit.Preserve,
    allowJs: true,
  });
  const checker = program.getTypeChecker();
  /** @type {Set<string>} */
  const found = new Set();
  /** @type {Set<ts.Symbol>} */
  const seen = new Set();

  /** @param {ts.Symbol} symbol */
  const isDocumented = (symbol) => symbol.getDocumentationComment(checker).length > 0;

  /** @param {ts.Symbol} symbol @param {string} name */
  function visit(symbol, name) {
    if (symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    if (seen.has(symbol)) return;
    seen.add(symbol);
    if (!isDocumented(symbol)) found.add(name);
    for (const declaration of symbol.declarations ?? []) visitType(declaration, name);
  }

  /** The members of an interface or a class. @param {ts.Node} node @param {string} name */
  function visitType(node, name) {
    ts.forEachChild(node, (child) => {
      // Members of a type without a name are explained with what has the type.
      if (ts.isTypeLiteralNode(child)) return;
      if (ts.isTypeElement(child) || ts.isClassElement(child)) visitMember(child, name);
      else if (!ts.isBlock(child) && !ts.isExpression(child)) visitType(child, name);
    });
  }

  /** @param {ts.TypeElement | ts.ClassElement} member @param {string} owner */
  function visitMember(member, owner) {
    const isHidden = ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected);
    if (isHidden || !member.name || ts.isPrivateIdentifier(member.name) || ts.isConstructorDeclaration(member)) return;
    const symbol = checker.getSymbolAtLocation(member.name);
    if (ts.getJSDocTags(member).some((tag) => tag.tagName.text === 'internal')) return;
    const name = `${owner}.${member.name.getText()}`;
    // `[Symbol.dispose]` is known by its name.
    if (ts.isComputedPropertyName(member.name)) return;
    // Of overloads, one may say it for all.
    if (symbol ? !isDocumented(symbol) : ts.getJSDocCommentsAndTags(member).length === 0) found.add(name);
    visitType(member, name);
  }

  for (const entry of entries) {
    const source = program.getSourceFile(entry);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${entry} is no module`);
    for (const symbol of checker.getExportsOfModule(module)) visit(symbol, symbol.name);
  }
  return [...found];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(findUndocumented(process.argv.slice(2)).join('\n'));
