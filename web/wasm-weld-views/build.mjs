// Builds the package into dist/ (modules by Vite, types by tsc), and with `--page` core/tool/size_page.html, what
// `weld size --html` writes its answers into.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const target = path.join(here, '../../core/tool/size_page.html');

/** The text of one module that has everything in it. */
async function bundled(entry) {
  const result = await build({
    configFile: false,
    root: here,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      minify: true,
      lib: { entry: path.join(here, 'src', entry), formats: ['es'], fileName: 'index' },
    },
  });
  const [{ output }] = [result].flat();
  if (output.length !== 1) throw new Error(`${entry}: ${output.length} files instead of one`);
  return output[0].code;
}

/** The page as one file. Its policy names its own script and style and nothing else. */
export async function sizePage() {
  const script = (await bundled('size_page.ts')).replaceAll('</script', '<\\/script').trim();
  const style = readFileSync(path.join(here, 'size_page.css'), 'utf8').replaceAll(/\s+/g, ' ').trim();
  const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return readFileSync(path.join(here, 'size_page.html'), 'utf8')
    .replace(
      '<meta charset="utf-8">',
      (meta) => `${meta}\n    <meta http-equiv="Content-Security-Policy" content="${policy}">`,
    )
    .replace('STYLE', () => style)
    .replace('SCRIPT', () => script);
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--page')) {
    writeFileSync(target, await sizePage());
  } else {
    mkdirSync(path.join(here, 'dist'), { recursive: true });
    writeFileSync(path.join(here, 'dist/index.js'), await bundled('index.ts'));
    execFileSync(process.execPath, [path.join(here, '../node_modules/typescript/bin/tsc'), '-p', here], {
      stdio: 'inherit',
    });
  }
}
