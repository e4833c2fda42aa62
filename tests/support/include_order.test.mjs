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
const tool = [...link, 'core/session', 'core/inspect', 'core/report', 'core/tool'];
/** A folder may include itself and these. A folder in it that has no row of its own belongs to it. */
const order = {
  'core/base': [],
  'core/wasm': ['core/base'],
  'core/dwarf': ['core/base'],
  'core/input': input,
  'core/unit': input,
  'core/link': link,
  'core/session': link,
  'core/inspect': input,
  'core/report': ['core/base'],
  'core/tool': tool,
  'js/native': tool,
  'tests/unit': tool,
  'tests/fuzz': [...tool, 'tests/unit'],
  'tests/bench/native': tool,
};
/** Includes that the order forbids, and why they are there. */
const exceptions = [
  // The names of a metafile, which the linker writes and reports read. The file includes nothing of the linker.
  'core/report/report.h includes core/link/metafile/kinds.h',
];

/**
 * The row of a file: its folder, or the nearest around it.
 *
 * @param {string} file
 * @param {Record<string, string[]>} order
 */
function rowOf(file, order) {
  let folder = path.posix.dirname(file);
  while (!Object.hasOwn(order, folder) && folder !== '.') folder = path.posix.dirname(folder);
  return folder;
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
      const names = [...readFileSync(path.join(root, file), 'utf8').matchAll(/^\s*#\s*include\s*"([^"]+)"/gm)].map(
        ([, name = '']) => name,
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

const includes = readIncludes(rootDir, Object.keys(order));

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
      new Map(Object.entries(order).map(([folder, allowed]) => [folder, allowed.filter((name) => name !== folder)])),
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
