// The files of a link: the named inputs, and what `files` has.
import type { Content, Files } from './types.js';

export type Bytes = Uint8Array;

/** Bytes that are there already; undefined for a Blob and for what is no content at all. */
export function bytesOf(content: unknown): Bytes | undefined {
  if (ArrayBuffer.isView(content)) return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  // `instanceof` does not know buffers of other frames.
  const isBuffer = /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(content));
  return isBuffer ? new Uint8Array(content as ArrayBuffer) : undefined;
}

export function isBlob(content: unknown): content is Blob {
  return typeof (content as Blob | undefined)?.arrayBuffer === 'function' && !bytesOf(content);
}

/** `./a//b/../c` is `a/c`. */
export function normalize(path: string): string {
  if (!/(^|\/)(\.{0,2}\/|\.{1,2}$)/.test(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(part);
  }
  return (path.startsWith('/') ? '/' : '') + parts.join('/');
}

export class FileSet {
  private readonly found = new Map<string, Bytes | undefined>(); // by normalized path
  private readonly find: ((path: string) => unknown) | undefined;

  constructor(files: Files | undefined) {
    if (typeof files === 'function') {
      this.find = files;
      return;
    }
    if (files === undefined) return;
    if (typeof files !== 'object' || files === null) throw new TypeError('`files` must be an object or a function');
    for (const [path, content] of Object.entries(files)) this.found.set(normalize(path), contentOf(content, path));
  }

  add(path: string, content: Content): void {
    const key = normalize(path);
    if (this.find === undefined ? this.named.has(key) : this.found.has(key))
      throw new TypeError(`two inputs are named \`${path}\`: names tell inputs apart, so give them different ones`);
    this.named.add(key);
    this.found.set(key, contentOf(content, path));
  }
  private readonly named = new Set<string>();

  /** The bytes, or undefined; what goes wrong in the caller's function is thrown. */
  get(path: string): Bytes | undefined {
    const key = normalize(path);
    if (this.found.has(key) || !this.find) return this.found.get(key);
    const content = this.find(path);
    const bytes = content === undefined || content === null ? undefined : contentOf(content, path);
    this.found.set(key, bytes);
    return bytes;
  }
}

function contentOf(content: unknown, path: string): Bytes {
  const bytes = bytesOf(content);
  if (bytes) return bytes;
  if (isBlob(content)) throw new TypeError(`\`${path}\` is a Blob: only \`link\` can read one, \`linkSync\` cannot`);
  throw new TypeError(`\`${path}\` must be a Uint8Array, an ArrayBuffer or a Blob`);
}
