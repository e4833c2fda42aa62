import { defineConfig } from 'vite';

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

/** @type {import('vite').Plugin} */
const contentSecurityPolicy = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
  ],
};

/** Where weld's page is, if this page is published with it. */
const weldPage = process.env.WELD_PAGE;
/** @type {import('vite').Plugin} */
const wayBack = {
  name: 'way-back',
  transformIndexHtml: () =>
    weldPage
      ? [{ tag: 'a', attrs: { class: 'back', href: weldPage }, children: '← weld', injectTo: 'body-prepend' }]
      : [],
};

// Pages that are isolated have a finer clock.
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './', // works under any path
  appType: 'mpa', // like any static host, a missing file is answered with 404 and not with the page
  plugins: [contentSecurityPolicy, wayBack],
  worker: { format: 'es' },
  server: { headers, fs: { allow: ['.', '../../js'] } }, // the package is a link to js/
  preview: { headers, host: 'localhost', port: 8081, strictPort: true },
  optimizeDeps: { exclude: ['wasm-weld'] },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
