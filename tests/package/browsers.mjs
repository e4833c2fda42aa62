// @ts-check
// Which engines run the package's code: node tests/package/browsers.mjs [-v]
//
// What the code uses is read from its types, and when engines got it from MDN's tables.
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** @type {import('@mdn/browser-compat-data').CompatData} */
const bcd = createRequire(import.meta.url)('@mdn/browser-compat-data');

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The engines that a page may meet. `nodejs` is not asked: the package's tests run in its oldest release. */
export const engines = /** @type {const} */ (['chrome', 'firefox', 'safari', 'safari_ios']);
/** @typedef {(typeof engines)[number]} Engine */

/** Used where they are there. The code goes on without them. */
const optional = new Set([
  'javascript.builtins.Error.captureStackTrace',
  'javascript.builtins.Symbol.dispose',
  'webassembly.api.compileStreaming_static',
]);

/** What only some callers need, by the rows of the guide's table. */
export const parts = {
  'linking, in the thread of the page': [],
  'linking in a worker': ['api.Worker.Worker.options_type_parameter'],
  'a `signal` that stops a link': ['api.AbortSignal.throwIfAborted', 'api.AbortSignal.reason'],
  'a `sysroot` from an archive with gzip': ['api.DecompressionStream', 'api.ReadableStream.pipeThrough'],
};
const special = new Set(Object.values(parts).flat());

/** @type {ReadonlyMap<ts.SyntaxKind, string>} */
const syntax = new Map([
  [ts.SyntaxKind.ClassStaticBlockDeclaration, 'javascript.classes.static.initialization_blocks'],
  [ts.SyntaxKind.PropertyDeclaration, 'javascript.classes.public_class_fields'],
  [ts.SyntaxKind.PrivateIdentifier, 'javascript.classes.private_class_fields'],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, 'javascript.operators.nullish_coalescing_assignment'],
  [ts.SyntaxKind.QuestionDotToken, 'javascript.operators.optional_chaining'],
  [ts.SyntaxKind.BigIntLiteral, 'javascript.builtins.BigInt'],
  [ts.SyntaxKind.ImportKeyword, 'javascript.operators.import'],
]);

/** @param {string} name as `javascript.builtins.Array.at` */
function supportOf(name) {
  /** @type {any} */
  let at = bcd;
  for (const part of name.split('.')) {
    if (!Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return /** @type {import('@mdn/browser-compat-data').CompatStatement | undefined} */ (at.__compat)?.support;
}

/** The number of the release, or undefined: not known. @param {string} name @param {Engine} engine */
function since(name, engine) {
  const said = supportOf(name)?.[engine];
  const ways = Array.isArray(said) ? said : [said];
  const way = ways.find((way) => way && !way.flags && !way.prefix && !way.alternative_name && !way.version_removed);
  if (!way) return undefined;
  if (typeof way.version_added !== 'string') return Infinity;
  return Number.parseFloat(way.version_added.replace('≤', '')) || Infinity;
}

/** What the package's code uses of the library and of the language, as the tables call it. */
export function findUsed() {
  const { config } = ts.readConfigFile(path.join(root, 'js/tsconfig.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, path.join(root, 'js'));
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  /** @type {Map<string, string>} where each is used */
  const used = new Map();
  for (const source of program.getSourceFiles()) {
    // The command runs in Node alone.
    if (program.isSourceFileFromExternalLibrary(source) || source.isDeclarationFile) continue;
    if (path.basename(source.fileName) === 'cli.ts') continue;
    /** @param {ts.Node} node */
    const visit = (node) => {
      if (ts.isInterfaceDeclaration(node) || ts.isTypeNode(node) || ts.isTypeAliasDeclaration(node)) return;
      const where = `${path.basename(source.fileName)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      const note = (/** @type {string} */ name) => void (used.has(name) || used.set(name, where));
      const kind = syntax.get(node.kind);
      if (kind) note(kind);
      if (ts.isRegularExpressionLiteral(node)) {
        if (/\(\?<[=!]/.test(node.text)) note('javascript.regular_expressions.lookbehind_assertion');
        for (const flag of /\w*$/.exec(node.text)?.[0] ?? '') {
          const name = { d: 'hasIndices', s: 'dotAll', v: 'unicodeSets' }[flag];
          if (name) note(`javascript.builtins.RegExp.${name}`);
        }
      }
      if (ts.isIdentifier(node)) for (const name of namesOf(checker, program, node)) note(name);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return used;
}

/** @param {ts.TypeChecker} checker @param {ts.Program} program @param {ts.Identifier} node */
function namesOf(checker, program, node) {
  const symbol = checker.getSymbolAtLocation(node);
  /** @type {Set<string>} */
  const names = new Set();
  for (const declaration of symbol?.declarations ?? []) {
    if (!program.isSourceFileDefaultLibrary(declaration.getSourceFile())) continue;
    const own = node.text;
    const { parent } = declaration;
    if (ts.isInterfaceDeclaration(parent)) {
      const owner = parent.name.text;
      const plain = owner.replace(/Constructor$/, '');
      for (const area of ['javascript.builtins', 'api'])
        if (owner === plain) {
          // Typed arrays share their methods in the tables.
          names.add(`${area}.${owner}.${own}`);
          if (/^(Uint|Int|Float|BigInt|BigUint)\d+(Clamped)?Array$/.test(owner)) names.add(`${area}.TypedArray.${own}`);
        } else names.add(`${area}.${plain}.${own}`);
    } else if (ts.isTypeLiteralNode(parent)) {
      // `declare var Response: { json(): ... }`: what the constructor has.
      const variable = parent.parent;
      if (ts.isVariableDeclaration(variable)) names.add(`api.${variable.name.getText()}.${own}_static`);
    } else if (ts.isModuleBlock(parent)) {
      const module = parent.parent.name.getText();
      names.add(`webassembly.api.${own}`);
      names.add(`webassembly.api.${own}_static`);
      names.add(`javascript.builtins.${module}.${own}`);
    } else {
      names.add(`javascript.builtins.${own}`);
      names.add(`api.${own}`);
    }
  }
  return [...names].filter(supportOf);
}

/** What the package's modules of WebAssembly may need. */
const wasmFeatures = ['webassembly.bulk-memory-operations', 'webassembly.sign-extension-operations'];

/** What the tables must know, for this to say anything. */
export const unknown = () =>
  [...syntax.values(), ...wasmFeatures, ...special, 'javascript.regular_expressions.lookbehind_assertion'].filter(
    (name) => !supportOf(name),
  );

/**
 * The first release of each engine that has all that is used and `needed`, and what made it that one.
 *
 * @param {Iterable<string>} used @param {readonly string[]} needed
 */
export function oldest(used, needed) {
  const releases = /** @type {Record<Engine, number>} */ ({});
  const because = /** @type {Record<Engine, string[]>} */ ({});
  const all = [...used].filter((name) => !optional.has(name) && !special.has(name));
  for (const engine of engines) {
    releases[engine] = 0;
    for (const name of [...all, ...wasmFeatures, ...needed]) {
      const release = since(name, engine) ?? 0;
      if (release > releases[engine]) [releases[engine], because[engine]] = [release, []];
      if (release === releases[engine]) because[engine]?.push(name);
    }
  }
  return { releases, because };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const used = findUsed();
  for (const [part, needed] of Object.entries(parts)) {
    const { releases, because } = oldest(used.keys(), needed);
    console.log(part, releases);
    for (const engine of engines)
      for (const name of because[engine]) console.log(' ', engine, name, used.get(name) ?? '');
  }
  if (process.argv.includes('-v'))
    for (const [name, where] of used) console.log(name, where, engines.map((engine) => since(name, engine)).join(' '));
}
