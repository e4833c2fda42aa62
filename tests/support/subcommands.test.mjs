// @ts-check
// The package's script knows the names of the subcommands, to load the module that they are in.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rootDir } from './paths.mjs';

/** The words in quotes. @param {string} file @param {RegExp} list */
const words = (file, list) => {
  const [, text = ''] = list.exec(readFileSync(path.join(rootDir, file), 'utf8')) ?? [];
  return [...text.matchAll(/["']([^"']*)["']/g)].map(([, word]) => word);
};

test('both have the same', () => {
  const core = words('core/tool/subcommand_names.h', /subcommand_names\[\] = \{([^}]*)\}/);
  assert.ok(core.length > 5);
  assert.deepEqual(words('js/src/subcommands.ts', /const names = \[([^\]]*)\]/), [
    '',
    '-h',
    ...core.filter((name) => name !== 'patch'),
  ]);
});
