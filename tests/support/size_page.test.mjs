// @ts-check
// The page that the programs contain is what its sources make.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rootDir } from './paths.mjs';

test('core/tool/size_page.html is up to date', async (t) => {
  if (!existsSync(path.join(rootDir, 'web/node_modules/vite')))
    return t.skip('the packages of the page are not installed');
  const { sizePage } = await import(path.join(rootDir, 'web/wasm-weld-views/build.mjs'));
  const made = readFileSync(path.join(rootDir, 'core/tool/size_page.html'), 'utf8');
  assert.ok(made === (await sizePage()), 'run `node web/wasm-weld-views/build.mjs --page`');
});
