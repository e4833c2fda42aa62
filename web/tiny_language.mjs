// Builds the page of the tiny language (demo/tiny-language) into `public/tiny`, so that it is published with this page. It is
// left out where its packages are not installed.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const from = join(here, '../demo/tiny-language');
const out = join(here, 'public/tiny');

rmSync(out, { recursive: true, force: true });
if (existsSync(join(from, 'node_modules/vite'))) {
  execFileSync('node', ['snapshot.mjs'], { cwd: from, stdio: 'inherit' });
  execFileSync('node', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', '--outDir', out], {
    cwd: from,
    stdio: 'inherit',
    env: { ...process.env, WELD_PAGE: '../' },
  });
} else {
  console.log('The tiny language is left out: install its packages in demo/tiny-language with `npm ci`.');
}
