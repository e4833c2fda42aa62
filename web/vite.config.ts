import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

// Everything comes from where the page is; only WebAssembly may be compiled. The development server injects scripts of its
// own, so the policy is put in when the page is built.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'", // Chromium itself sets some on text that is typed over other text; the editor removes them
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
  ],
};

/**
 * `sw.js`: what the page needs offline is kept at the first visit, what is fetched on demand once the page stands still.
 * Samples, the compiler, the encoder for brotli and the tools for components are kept when they are fetched.
 */
const offline: Plugin = {
  name: 'offline',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const onDemand = /\/(?:wabt|editor)-/;
      const whenUsed =
        /\/(?:brotli|as_component|component_run|js-component-bindgen|wasm-tools|wasi_snapshot_preview1)[._-]/;
      const own = Object.keys(bundle).filter((name) => name !== 'index.html' && !whenUsed.test(name));
      const files = ['./', 'icon.svg', ...own.filter((name) => !onDemand.test(name))];
      const later = own.filter((name) => onDemand.test(name));
      const hash = createHash('sha256').update(Object.keys(bundle).join());
      for (const name of sampleFiles) hash.update(readFileSync(join(samples, name)));
      const compiler = readFileSync(join(import.meta.dirname, 'public/clang/version.txt'), 'utf8');
      const worker = readFileSync(join(import.meta.dirname, 'service_worker.js'), 'utf8');
      const values = { files, later, version: hash.update(worker).digest('hex').slice(0, 16), compiler };
      this.emitFile({
        type: 'asset',
        fileName: 'sw.js',
        source: `const built = ${JSON.stringify(values)};\n${worker}`,
      });
    },
  },
};

const samples = join(import.meta.dirname, 'public/samples');
const sampleFiles = readdirSync(samples);

export default defineConfig({
  define: {
    __SAMPLE_FILES__: JSON.stringify(sampleFiles),
    __HAS_TINY__: JSON.stringify(existsSync(join(import.meta.dirname, 'public/tiny/index.html'))),
    __SOURCE_URL__: JSON.stringify(process.env.WELD_SOURCE_URL ?? ''),
  },
  resolve: { dedupe: ['@bytecodealliance/jco-transpile'] }, // the package uses it and does not have it
  base: './', // works under any path
  appType: 'mpa', // like any static host, a missing file is answered with 404 and not with the page
  plugins: [contentSecurityPolicy, offline],
  worker: { format: 'es' },
  server: { fs: { allow: ['.', '../js'] } }, // the package is a link to js/
  preview: { host: 'localhost', port: 8080, strictPort: true },
  optimizeDeps: { exclude: ['wasm-weld', '@bytecodealliance/jco-transpile'], include: ['@bjorn3/browser_wasi_shim'] },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
