// @ts-check
// Servers on this machine only: a static one for any folder, and those that people see the built pages from.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

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
      response
        .writeHead(200, { 'content-type': types[path.extname(name)] ?? 'application/octet-stream', ...headers })
        .end(body);
    } catch {
      missing.push(pathname);
      response.writeHead(404, headers).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}${prefix}`, requests, missing, close: () => void server.close() };
}

/**
 * The server of `vite preview`, as demo/run.sh starts it, with the project's own settings; only its port and its path are others.
 *
 * @param {string} project The folder of a Vite project that is built.
 * @param {string} prefix The path under which it is served, with `/` at both ends.
 */
export async function preview(project, prefix) {
  const vite = createRequire(path.join(project, 'package.json')).resolve('vite');
  const { preview } = /** @type {typeof import('../../web/node_modules/vite/dist/node/index.d.ts')} */ (
    await import(pathToFileURL(vite).href)
  );
  /** @type {string[]} What was asked for, and what of it was not there. */
  const requests = [];
  /** @type {string[]} */
  const missing = [];
  const server = await preview({
    root: project,
    base: prefix,
    logLevel: 'error',
    preview: { port: 0, host: '127.0.0.1' },
    plugins: [
      {
        name: 'requests',
        configurePreviewServer: ({ middlewares }) =>
          void middlewares.use((request, response, next) => {
            const { pathname } = new URL(request.url ?? '/', 'http://localhost');
            requests.push(pathname);
            response.on('finish', () => void (response.statusCode === 404 && missing.push(pathname)));
            next();
          }),
      },
    ],
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.httpServer.address());
  return { url: `http://127.0.0.1:${port}${prefix}`, requests, missing, close: () => void server.close() };
}

/** Python's static server, which many people have at hand. @param {string} folder */
export async function servePython(folder) {
  const python = spawn('python3', ['-u', '-m', 'http.server', '0', '--bind', '127.0.0.1', '--directory', folder], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = /** @type {[Buffer]} */ (await once(python.stdout, 'data'));
  const port = / port (\d+) /.exec(String(line))?.[1];
  if (port === undefined) throw new Error(`python3 -m http.server says ${line}`);
  return { url: `http://127.0.0.1:${port}/`, close: () => void python.kill() };
}
