// @ts-check
// Which folder of C++ may include which, and that no files include each other in a circle. imports.test.mjs does the same
// for TypeScript and JavaScript.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildDir, rootDir } from './paths.mjs';

const input = ['core/base', 'core/wasm', 'core/dwarf', 'core/input'];
const link = [...input, 'core/unit', 'core/link'];
/** The stages of a link, each after those that it may read. */
const stages = ['resolve', 'live', 'layout', 'scan', 'reduce', 'index', 'write'].map((name) => `core/link/${name}`);
/** @param {string} last */
const stagesTo = (last) => [...link, ...stages.slice(0, stages.indexOf(last) + 1)];
/** The files that run the stages, and what a relink asks of them. The others of core/link are what stages share. */
const runners = [
  'link',
  'relink',
  'grow_link',
  'grow_references',
  'splice_output',
  'reference_check',
  'fences',
].flatMap((name) => [`core/link/${name}.h`, `core/link/${name}.cpp`]);
const linkers = [
  ...link,
  ...stages,
  'core/link/explain',
  'core/link/debug',
  'core/link/patch',
  'core/link/metafile',
  ...runners,
];
const tool = [...linkers, 'core/session', 'core/inspect', 'core/report', 'core/tool'];
/** A folder, or a file that has a row, may include itself and these. A folder in it that has no row of its own belongs to it. */
const order = {
  'core/base': [],
  'core/wasm': ['core/base'],
  'core/dwarf': ['core/base'],
  'core/input': input,
  'core/include': [],
  'core/unit': [...input, 'core/include'],
  'core/link': link,
  ...Object.fromEntries(runners.map((file) => [file, linkers])),
  ...Object.fromEntries(stages.map((stage) => [stage, stagesTo(stage)])),
  'core/link/explain': [...link, 'core/link/resolve'], // messages
  'core/link/scan': [...stagesTo('core/link/scan'), 'core/link/explain'],
  'core/link/write': [...stagesTo('core/link/write'), 'core/link/explain'],
  'core/link/debug': stagesTo('core/link/write'),
  'core/link/metafile': stagesTo('core/link/write'),
  'core/link/patch': stagesTo('core/link/write'),
  'core/session': linkers,
  'core/api': [...linkers, 'core/session', 'core/include'],
  'core/inspect': input,
  'core/inspect/disassemble.cpp': [...input, 'core/include', 'core/unit', 'core/inspect'], // the table of instructions
  'core/report': [...input, 'core/inspect'],
  'core/tool': tool,
  'js/native': tool,
  'tests/unit': [...tool, 'core/include'], // the public face is tested there too
  'tests/fuzz': [...tool, 'tests/unit'],
  'tests/bench/native': [...tool, 'tests/unit'],
};
/** Includes that the order forbids, each with the reason why it is there. */
const exceptions = /** @type {string[]} */ ([]);

/**
 * The row of a file: its own, that of its folder, or of the nearest folder around it.
 *
 * @param {string} file
 * @param {Record<string, string[]>} order
 */
function rowOf(file, order) {
  let row = file;
  while (!Object.hasOwn(order, row) && row !== '.') row = path.posix.dirname(row);
  return row;
}

/**
 * Files of these folders, by name: what each includes.
 *
 * @param {string} root
 * @param {string[]} folders
 */
function readIncludes(root, folders) {
  /** @type {Map<string, string[]>} */
  const includes = new Map();
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(cpp|h|def)$/.test(entry)) continue;
      const file = `${folder}/${entry}`;
      // The public face is installed, so it says `weld/`.
      const names = [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].map(
        ([, name = '']) => name.replace(/^weld\//, 'core/include/weld/'),
      );
      for (const name of names)
        assert.ok(existsSync(path.join(root, name)), `${file} includes "${name}", which is no path from the top`);
      includes.set(file, names);
    }
  }
  return includes;
}

/**
 * The breaches of the order, as `file includes file`.
 *
 * @param {Map<string, string[]>} includes
 * @param {Record<string, string[]>} order
 * @param {string[]} exceptions
 */
function findBreaches(includes, order, exceptions = []) {
  const breaches = [...includes].flatMap(([file, names]) =>
    names
      .filter((name) => {
        const [from, to] = [rowOf(file, order), rowOf(name, order)];
        return from !== to && !order[from]?.includes(to);
      })
      .map((name) => `${file} includes ${name}`),
  );
  const unused = exceptions.filter((breach) => !breaches.includes(breach));
  return [
    ...breaches.filter((breach) => !exceptions.includes(breach)),
    ...unused.map((breach) => `not needed any more: ${breach}`),
  ];
}

/**
 * A circle as the names of its files, or undefined.
 *
 * @param {Map<string, string[]>} includes
 */
function findCircle(includes) {
  /** @type {Set<string>} */
  const done = new Set();
  /** @type {string[]} */
  const way = [];
  /** @type {(file: string) => string[] | undefined} */
  const visit = (file) => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    way.push(file);
    for (const name of includes.get(file) ?? []) {
      const circle = visit(name);
      if (circle) return circle;
    }
    way.pop();
    done.add(file);
    return undefined;
  };
  for (const file of includes.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
}

const includes = readIncludes(
  rootDir,
  Object.keys(order).filter((name) => !path.extname(name)),
);

test('includes follow the order of the folders', () => {
  for (const folder of readdirSync(path.join(rootDir, 'core'), { withFileTypes: true }))
    if (folder.isDirectory())
      assert.ok(`core/${folder.name}` in order, `core/${folder.name} has no place in the order`);
  assert.ok(includes.size > 200, `${includes.size} files were read`);
  assert.deepEqual(findBreaches(includes, order, exceptions), []);
});

test('no files include each other in a circle', () => {
  assert.equal(findCircle(includes)?.join(' -> '), undefined);
});

test('the order itself has no circle', () => {
  assert.equal(
    findCircle(
      new Map(
        Object.entries(order).map(([row, allowed]) => [
          row,
          allowed.filter((name) => name !== row && !(runners.includes(row) && runners.includes(name))),
        ]),
      ),
    ),
    undefined,
  );
});

test('breaches and circles are found', () => {
  const tree = path.join(buildDir, 'include_order');
  rmSync(tree, { recursive: true, force: true });
  const files = {
    'low/a.h': '#pragma once\n#include <vector>\n#include "high/b.h"\n// #include "nowhere.h"\n',
    'low/a.cpp': '#include "low/a.h"\n',
    'high/b.h': '  #  include "low/c.h"\n',
    'low/c.h': '#include "high/d.def"\n',
    'high/d.def': '#include "low/a.h"\n',
    'low/deep/e.h': '#include "low/a.h"\n#include "high/d.def"\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(tree, name)), { recursive: true });
    writeFileSync(path.join(tree, name), text);
  }
  const made = readIncludes(tree, ['low', 'high']);
  const madeOrder = { low: [], high: ['low'] };
  assert.deepEqual(findBreaches(made, madeOrder).sort(), [
    'low/a.h includes high/b.h',
    'low/c.h includes high/d.def',
    'low/deep/e.h includes high/d.def',
  ]);
  assert.deepEqual(
    findBreaches(made, madeOrder, [
      'low/a.h includes high/b.h',
      'low/c.h includes high/d.def',
      'high/b.h includes low/c.h',
    ]),
    ['low/deep/e.h includes high/d.def', 'not needed any more: high/b.h includes low/c.h'],
  );
  assert.deepEqual(findCircle(made), ['low/a.h', 'high/b.h', 'low/c.h', 'high/d.def', 'low/a.h']);
  made.set('high/d.def', []);
  assert.equal(findCircle(made), undefined);
  writeFileSync(path.join(tree, 'high/b.h'), '#include "b.h"\n');
  assert.throws(() => readIncludes(tree, ['low', 'high']), /high\/b\.h includes "b\.h", which is no path from the top/);
});
