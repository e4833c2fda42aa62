// @ts-check
// A static server for one folder, on this machine only.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

/**
 * @param {string} folder
 * @param {string} prefix The path under which it is served, with `/` at both ends.
 * @param {Record<string, string>} [headers] of every answer
 */
export async function serve(folder, prefix, headers = {}) {
  /** @type {string[]} What was asked for, and what of it was not there. */
  const requests = [];
  /** @type {string[]} */
  const missing = [];
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    try {
      if (!pathname.startsWith(prefix)) throw new Error('not here');
      const name = path.normalize(`/${decodeURIComponent(pathname.slice(prefix.length)) || 'index.html'}`);
      const body = readFileSync(path.join(folder, name));
      response.writeHead(200, { 'content-type': types[path.extname(name)] ?? 'application/octet-stream', ...headers }).end(body);
    } catch {
      missing.push(pathname);
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}${prefix}`, requests, missing, close: () => void server.close() };
}
