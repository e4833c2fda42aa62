// @ts-check
// The package's documents: the reference is that of the types, code uses what there is, links lead somewhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { writeApiDocs } from './api_docs.mjs';
import { ofPull } from '../support/tier.mjs';
import { checkTypes, files, folder, project, root, write } from './packed.mjs';

const docs = path.join(root, 'js/docs');
const pages = [
  'js/README.md',
  ...readdirSync(docs, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `js/docs/${name}`),
];
/** @param {string} name */
const read = (name) => readFileSync(path.join(root, name), 'utf8');

// TypeDoc reads all types anew.
test('the reference is up to date: node tests/package/api_docs.mjs', ofPull, async () => {
  await writeApiDocs(path.join(folder, 'api'));
  const made = readdirSync(path.join(folder, 'api'));
  assert.deepEqual(readdirSync(path.join(docs, 'api')), made);
  for (const name of made)
    assert.equal(read(`js/docs/api/${name}`), readFileSync(path.join(folder, 'api', name), 'utf8'), name);
});

test('every export has a description in the reference', () => {
  const text = ['index', 'run', 'wasi', 'component'].map((name) => read(`js/docs/api/${name}.md`)).join('');
  for (const name of [
    'link()',
    'linkOrThrow()',
    'LinkError',
    'linkSync()',
    'createLinker()',
    'context',
    'initialize()',
    'formatMessages()',
    'run()',
    'version',
    'sysroot()',
    'makeComponent()',
    'ComponentError',
    'LinkOptions',
  ])
    assert.match(text, new RegExp(`^### ${name.replace('()', '\\(\\)')}$`, 'm'), name);
});

test('code in documents uses what there is', () => {
  let count = 0;
  /** @type {string[]} */
  const files = [];
  for (const page of pages)
    for (const [, code] of read(page).matchAll(/^```js\n(.*?)^```$/gms)) {
      const name = `block${count++}.mjs`;
      files.push(name);
      write(name, `// @ts-check\n${code}\nexport {};\n`);
    }
  assert.ok(count > 10);
  const compilerOptions = {
    allowJs: true,
    checkJs: true,
    strict: false,
    noEmit: true,
    target: 'esnext',
    module: 'nodenext',
    lib: ['esnext', 'dom', 'dom.iterable'],
    types: ['node'],
    skipLibCheck: true,
    typeRoots: [path.join(root, 'tests/node_modules/@types')],
  };
  const said = checkTypes({ compilerOptions, files });
  // What a sample leaves to the reader: names of its own, other packages, what may be missing, what a module exports.
  const left = /TS(2304|2307|2349|2552|18004|7005|7034|18046|2451|2581|2571|18047|18048)\b/;
  const complaints = said.split('\n').filter((line) => line.includes('error TS') && !left.test(line));
  assert.deepEqual(complaints, []);
});

test('the compiler of its chapter compiles, and says what the chapter says', () => {
  const chapter = read('js/docs/compiler.md');
  /** @param {string} language */
  const blocks = (language) =>
    [...chapter.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);
  const compiler = blocks('js').join('');
  assert.ok(compiler.split('\n').length <= 150, 'it says that it takes less than 150 lines');
  const [program = ''] = blocks('tiny');
  const [printed = '', undefinedSymbol = ''] = blocks('text');
  /** Runs a compiler with a program. @param {string} compiler @param {string} program */
  const run = (compiler, program) => {
    write('tiny.mjs', compiler);
    write('program.tiny', program);
    const { stdout, stderr } = spawnSync(process.execPath, ['tiny.mjs', 'program.tiny'], {
      cwd: project,
      encoding: 'utf8',
    });
    return stdout + stderr;
  };
  assert.equal(run(compiler, program), printed);
  assert.equal(run(compiler, program.slice(program.indexOf('fn main'))), undefinedSymbol);
  // It can be called again: other functions take the place of those that were there.
  const edit = `
    compile('fn twice(a) { return a + a }\\nfn main() { if 1 { print "twice", twice(21) } if 0 == 1 { print "no" } }');
    await run(linker.link().output);
    console.log(unit.symbols().filter(({ kind }) => kind === 'function').map(({ symbol }) => symbol.name).join());
    try { compile('fn main() {\\n  x = 1 }'); } catch (error) { console.log(error.message); }`;
  const lines = run(compiler + edit, 'fn old() { }\nfn main() { print old() }').split('\n');
  assert.deepEqual(lines, [
    '0 ',
    'twice 42 ',
    'print_number,print_text,main,twice',
    'program.tiny:2:3: expected a statement, found x',
    '',
  ]);
});

test('links lead somewhere in the package', () => {
  for (const page of pages)
    for (const [, target = ''] of read(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const to = file === '' ? page : path.join(path.dirname(page), file);
      assert.ok(files.includes(path.relative('js', to)), `${page}: ${target} is not packed`);
      if (!anchor) continue;
      const text = read(to);
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
        heading
          .toLowerCase()
          .replace(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
      // Headings of one name are numbered.
      assert.ok(
        headings.includes(anchor.replace(/-\d+$/, '')) || headings.includes(anchor) || text.includes(`id="${anchor}"`),
        `${page}: ${target}`,
      );
    }
});
