// @ts-check
// Who may import whom in TypeScript and JavaScript. Types count: an `import type`, and an `import(...)` in a comment.
// include_order.test.mjs does the same for the C++.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cruise } from 'dependency-cruiser';
import { buildDir, rootDir } from './paths.mjs';

/** Files that a page loads only when they are needed: the module that inspects, and its report; the persistent linker. */
const loadedLater =
  '^js/src/(inspect_module|inspect_report|inspection|commands_module|symbolization|linker|linker_module)\\.ts$';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
// biome-ignore format: a table
const rules = [
  { name: 'no cycles', from: {}, to: { circular: true } },
  { name: 'every import leads to a file', from: {}, to: { couldNotResolve: true, path: '^\\.' } },

  // The package.
  // But for components, which another package makes.
  {
    name: 'js/src uses nothing but itself and Node',
    from: { path: '^js/src/', pathNot: '^js/src/component\\.ts$' },
    to: { pathNot: '^js/src/', dependencyTypesNot: ['core'] },
  },
  {
    name: 'the contract of js/src uses only the contract, and the classes of units',
    from: { path: '^js/src/(\\w*types|diagnostic_ids)\\.ts$' },
    to: { pathNot: '^js/src/(\\w*types|diagnostic_ids|unit|unit_symbol)\\.ts$' },
  },
  {
    name: 'nothing in js/src imports an entry point',
    from: { path: '^js/src/' },
    to: { path: '^js/src/(index|run|wasi|worker|cli)\\.ts$' },
  },
  {
    name: 'what is loaded later is imported dynamically',
    from: { path: '^js/src/', pathNot: loadedLater },
    to: { path: loadedLater, dynamic: false, dependencyTypesNot: ['type-only', 'type-import'] },
  },
  { name: 'the tests of the package use what is built', from: { path: '^js/test/' }, to: { path: '^(js/src|web|core)/' } },

  // The page and the demos use the package as everybody does.
  { name: 'web and demo use only the public package', from: { path: '^(web|demo)/' }, to: { path: '^js/', pathNot: '^js/dist/(index|component)\\.js$' } },
  { name: 'the page uses nothing from outside its folder', from: { path: '^web/' }, to: { path: '^(core|tests|demo)/' } },
  { name: 'only views use views', from: { path: '^web/src/', pathNot: '^web/src/(views/|main\\.tsx$)' }, to: { path: '^web/src/views/' } },
  { name: 'the inspector of the page stands alone', from: { path: '^web/src/inspector/' }, to: { path: '^web/src/', pathNot: '^web/src/inspector/' } },
  {
    name: 'workers are started, not imported',
    from: { path: '^web/src/' },
    to: { path: '\\.worker\\.ts$', dependencyTypesNot: ['type-only', 'type-import'] },
  },

  // The tests.
  { name: 'only tests use tests', from: { pathNot: '^tests/|^js/test/|^demo/.*\\.test\\.mjs$' }, to: { path: '^tests/' } },
  { name: 'tests use the package as it is built; of its sources, types', from: { path: '^tests/' }, to: { path: '^js/src/', dependencyTypesNot: ['type-only', 'type-import', 'jsdoc'] } },
  { name: 'tests look at the page from outside', from: { path: '^tests/' }, to: { path: '^web/src/' } },
  { name: 'tests/support stands below the tests', from: { path: '^tests/support/' }, to: { path: '^tests/', pathNot: '^tests/(support|node_modules)/' } },
];

/**
 * The breaches of the rules in a tree, as `rule: file -> file`.
 *
 * @param {string} baseDir
 * @param {string[]} folders
 */
async function breaches(baseDir, folders) {
  const { output } = await cruise(
    folders,
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: rules },
      exclude: { path: '(^|/)(dist|build)/|^web/public/' },
      doNotFollow: { path: '(^|/)node_modules/|^js/dist/' },
      tsPreCompilationDeps: true,
      detectJSDocImports: true,
      parser: 'tsc',
      preserveSymlinks: true,
    },
    {
      extensions: ['.ts', '.tsx', '.d.ts', '.mjs', '.js'],
      conditionNames: ['import', 'types', 'default'],
      extensionAlias: { '.js': ['.ts', '.d.ts', '.js'] },
    },
  );
  if (typeof output === 'string') throw new Error(output);
  const { summary } = output;
  return {
    files: output.modules.map(({ source }) => source),
    found: summary.violations.map(
      ({ rule, from, to, cycle }) =>
        `${rule.name}: ${[from, ...(cycle ? cycle.map(({ name }) => name) : [to])].join(' -> ')}`,
    ),
  };
}

test('imports go one way', async () => {
  const { files, found } = await breaches(rootDir, ['js', 'web', 'tests', 'demo', 'core']);
  for (const file of [
    'js/src/types.ts',
    'web/src/views/app.tsx',
    'tests/cases.mjs',
    'demo/tiny-language/src/page.js',
    'core/tool/options_table.mjs',
  ])
    assert.ok(files.includes(file), `${file} is not looked at`);
  assert.deepEqual(found, []);
});

// A small tree in which each rule is broken once; `fine` is what must not be reported.
/** @type {Record<string, Record<string, string>>} */
// biome-ignore format: a table
const broken = {
  'no cycles': { 'js/src/a.ts': `import type { B } from './b.js'; export type A = B;`, 'js/src/b.ts': `export type B = import('./a.js').A;` },
  'every import leads to a file': { 'demo/gone.mjs': `import './not_there.js';` },
  'js/src uses nothing but itself and Node': { 'js/src/padded.ts': `import pad from 'left-pad'; pad();` },
  'the contract of js/src uses only the contract, and the classes of units': { 'js/src/more_types.ts': `export type { A } from './link.js';` },
  'nothing in js/src imports an entry point': { 'js/src/deep.ts': `import { version } from './index.js'; version;` },
  'what is loaded later is imported dynamically': { 'js/src/eager.ts': `import { inspect } from './inspection.js'; inspect();` },
  'the tests of the package use what is built': { 'js/test/a.test.mjs': `import '../src/link.js';` },
  'web and demo use only the public package': { 'demo/sources/a.mjs': `/** @type {import('../../js/src/link.js').A} */ let a;` },
  'the page uses nothing from outside its folder': { 'web/src/table.ts': `import '../../core/tool/table.mjs';` },
  'only views use views': { 'web/src/session.ts': `import type { App } from './views/app'; let a: App;` },
  'the inspector of the page stands alone': { 'web/src/inspector/leb.ts': `import { x } from '../place'; x;` },
  'workers are started, not imported': { 'web/src/linker.ts': `import { x } from './linker.worker'; x;` },
  'only tests use tests': { 'core/tool/made.mjs': `import '../../tests/support/paths.mjs';` },
  'tests use the package as it is built; of its sources, types': { 'tests/a.mjs': `import '../js/src/link.js';` },
  'tests look at the page from outside': { 'tests/b.mjs': `/** @type {import('../web/src/place').x} */ let a;` },
  'tests/support stands below the tests': { 'tests/support/c.mjs': `import '../fine.mjs';` },
};
const fine = {
  'js/src/link.ts': `import type { S } from './types.js'; export type A = S; export const inspect = () => import('./inspection.js');`,
  'js/src/types.ts': `import type { Unit } from './unit.js'; export type S = Unit;`,
  'js/src/unit.ts': 'export class Unit {}',
  'js/src/inspection.ts': `import fs from 'node:fs'; export const inspect = () => fs;`,
  'js/src/index.ts': `export const version = '1';`,
  'web/src/place.ts': `import type { y } from './linker.worker'; export const x: y = new Worker(new URL('./linker.worker.ts', import.meta.url));`,
  'web/src/linker.worker.ts': 'export const x = 1; export type y = number;',
  'web/src/views/app.tsx': `import { x } from '../place'; export type App = typeof x;`,
  'demo/a.mjs': `import '../js/dist/index.js'; import 'wasm-weld';`,
  'demo/a.test.mjs': `import '../tests/support/paths.mjs';`,
  'core/tool/table.mjs': 'export {};',
  'tests/support/paths.mjs': 'export {};',
  'tests/fine.mjs': `import './support/paths.mjs'; /** @type {import('../js/src/types.js').S} */ let a;`,
};

test('each rule finds what breaks it', async () => {
  const tree = path.join(buildDir, 'import_rules');
  rmSync(tree, { recursive: true, force: true });
  for (const [name, text] of [...Object.values(broken), fine].flatMap((files) => Object.entries(files))) {
    mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
    writeFileSync(path.join(tree, name), text);
  }
  const { found } = await breaches(tree, ['js', 'web', 'tests', 'demo', 'core']);
  assert.deepEqual(
    Object.keys(broken),
    rules.map(({ name }) => name),
    'each rule has an example',
  );
  for (const [rule, files] of Object.entries(broken)) {
    const by = found.filter((text) => text.startsWith(`${rule}: `));
    assert.equal(by.length, 1, `${rule}: ${JSON.stringify(by)}`);
    assert.ok(
      Object.keys(files).some((name) => by[0]?.includes(name)),
      by[0],
    );
  }
  assert.equal(found.length, rules.length, found.join('\n'));
});
