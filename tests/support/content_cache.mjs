// @ts-check
// Results that are kept under the hash of all they were made from. Nothing is ever checked for age: another input
// is another key.
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildDir } from './paths.mjs';

const cacheDir = path.join(buildDir, 'cache');

/** @param {...(string | Uint8Array)} parts */
export function hash(...parts) {
  const sum = createHash('sha256');
  for (const part of parts) {
    sum.update(`${part.length}:`);
    sum.update(part);
  }
  return sum.digest('hex').slice(0, 32);
}

/** @param {string[]} files */
export function hashFiles(files) {
  return hash(...files.flatMap((file) => [path.basename(file), readFileSync(file)]));
}

/**
 * The path of a cached file. When it is missing, `make` writes it at the path it is given. Two processes may make
 * the same file at once: the last one to finish wins, and nobody sees half a file.
 *
 * @param {string} kind a folder of the cache
 * @param {string} key
 * @param {string} name the file's name
 * @param {(temporary: string) => Promise<unknown>} make
 */
export async function cachedFile(kind, key, name, make) {
  const folder = path.join(cacheDir, kind, key);
  const file = path.join(folder, name);
  if (existsSync(file)) return file;
  const work = `${folder}.${process.pid}.${randomBytes(4).toString('hex')}`;
  mkdirSync(work, { recursive: true });
  try {
    await make(path.join(work, name));
    mkdirSync(folder, { recursive: true });
    renameSync(path.join(work, name), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

/**
 * A cached value that JSON can hold.
 *
 * @template T
 * @param {string} kind
 * @param {string} key
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
export async function cachedValue(kind, key, make) {
  const file = await cachedFile(kind, key, 'value.json', async (temporary) => {
    writeFileSync(temporary, JSON.stringify(await make()));
  });
  return JSON.parse(readFileSync(file, 'utf8'));
}
