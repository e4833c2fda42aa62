// @ts-check
// Writes the API's reference, js/docs/api/, from the types: node tests/package/api_docs.mjs [FOLDER]
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application } from 'typedoc';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** @param {string} out a folder */
export async function writeApiDocs(out) {
  /** @type {Record<string, unknown>} */
  const options = {
    name: 'wasm-weld',
    out,
    entryPoints: ['index', 'run', 'wasi', 'component'].map((name) => path.join(root, `js/src/${name}.ts`)),
    tsconfig: path.join(root, 'js/tsconfig.json'),
    plugin: [fileURLToPath(import.meta.resolve('typedoc-plugin-markdown'))],
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeExternals: true,
    excludeInternal: true,
    sort: ['source-order'],
    groupOrder: ['Functions', 'Variables', 'Interfaces', 'Type Aliases', 'Classes'],
    logLevel: 'Warn',
    treatWarningsAsErrors: true,
    // One page for each entry point.
    outputFileStrategy: 'modules',
    flattenOutputFiles: true,
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  };
  const app = await Application.bootstrapWithPlugins(options);
  const project = await app.convert();
  if (!project) throw new Error('the types could not be read');
  await app.generateOutputs(project);
  // The modules have the names of their files.
  for (const [name, module] of [
    ['index', 'wasm-weld'],
    ['run', 'wasm-weld/run'],
    ['wasi', 'wasm-weld/wasi'],
    ['component', 'wasm-weld/component'],
  ]) {
    const file = path.join(out, `${name}.md`);
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        /^# .*\n/,
        `# ${module}\n\nMade from the types by tests/package/api_docs.mjs.\n`,
      ),
    );
  }
  rmSync(path.join(out, 'README.md'));
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('see above');
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeApiDocs(process.argv[2] ?? path.join(root, 'js/docs/api'));
