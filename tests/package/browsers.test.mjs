// @ts-check
// The guide says which browsers run the package: those that have what its code uses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ofPull } from '../support/tier.mjs';
import { engines, findUsed, oldest, parts, unknown } from './browsers.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

test('the guide names the first releases that have what the code uses: node tests/package/browsers.mjs', ofPull, () => {
  assert.deepEqual(unknown(), []);
  const used = findUsed();
  // Some that are used, of each kind: the types were read.
  for (const name of [
    'javascript.builtins.Object.hasOwn',
    'javascript.classes.private_class_fields',
    'webassembly.api.compile_static',
    'api.AbortSignal.throwIfAborted',
    'api.fetch',
  ])
    assert.ok(used.has(name), `${name} is not found: ${[...used.keys()].join(' ')}`);
  const guide = readFileSync(path.join(root, 'js/docs/guide.md'), 'utf8');
  for (const [part, needed] of Object.entries(parts)) {
    const { releases, because } = oldest(used.keys(), needed);
    const row = `| ${part} | ${engines.map((engine) => releases[engine]).join(' | ')} |`;
    assert.ok(guide.includes(row), `the guide should have\n${row}\n${JSON.stringify(because)}`);
  }
});

test('the modules use no newer features of WebAssembly', () => {
  for (const name of ['weld', 'weld-more', 'inspect', 'commands']) {
    const newer = ['simd', 'multi-value', 'reference-types', 'saturating-float-to-int'].map(
      (feature) => `--disable-${feature}`,
    );
    const { status, stderr } = spawnSync('wasm-validate', [...newer, path.join(root, `js/dist/${name}.wasm`)], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
  }
});
