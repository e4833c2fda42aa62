import { defineConfig, type Plugin } from 'vite';

// Everything comes from where the page is; only WebAssembly may be compiled. The development server injects scripts of its
// own, so the policy is put in when the page is built.
const policy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
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

export default defineConfig({
  base: './', // works under any path
  plugins: [contentSecurityPolicy],
  worker: { format: 'es' },
  server: { fs: { allow: ['.', '../js'] } }, // the package is a link to js/
  optimizeDeps: { exclude: ['wasm-weld'], include: ['@bjorn3/browser_wasi_shim'] },
  build: { target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
});
