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
  /** What the caller's function answered where it should have answered with bytes. */
  misuse: TypeError | undefined;

  private readonly contents = new Map<string, Bytes | undefined>(); // by normalized path; undefined: asked for in vain
  private readonly inputs = new Set<string>();
  private readonly stamps = new Map<string, number>();
  private readonly find: ((path: string) => unknown) | undefined;

  constructor(files: Files | undefined) {
    if (files === undefined) return;
    if (typeof files === 'function') this.find = files;
    else if (typeof files !== 'object' || files === null)
      throw new TypeError('`files` must be an object or a function');
    else for (const [path, content] of Object.entries(files)) this.contents.set(normalize(path), contentOf(content, path));
  }

  /** An input that brings its bytes along. */
  addInput(name: string, content: Content): void {
    const key = normalize(name);
    this.inputs.add(key);
    this.contents.set(key, contentOf(content, name));
  }

  /** An input whose bytes the linker has, from a snapshot. */
  addKept(name: string): void {
    const key = normalize(name);
    this.inputs.add(key);
    this.contents.set(key, new Uint8Array());
  }

  hasInput(name: string): boolean {
    return this.inputs.has(normalize(name));
  }

  /** Puts other bytes in the place of an input's. */
  replaceInput(name: string, content: Content): void {
    const key = normalize(name);
    this.contents.set(key, contentOf(content, name));
    this.stamps.set(key, this.stamp(name) + 1);
  }

  removeInput(name: string): void {
    const key = normalize(name);
    this.contents.delete(key);
    this.inputs.delete(key);
    this.stamps.set(key, this.stamp(name) + 1);
  }

  /** Changes with the bytes. */
  stamp(path: string): number {
    return this.stamps.get(normalize(path)) ?? 1;
  }

  /** The names of the files in a directory, sorted: of those that are known without asking the caller's function. */
  list(directory: string): string[] {
    const path = normalize(directory);
    const prefix = path === '' ? '' : `${path}/`;
    const names: string[] = [];
    for (const [key, bytes] of this.contents)
      if (bytes && key.startsWith(prefix) && !key.includes('/', prefix.length)) names.push(key.slice(prefix.length));
    return names.sort((a, b) => (a < b ? -1 : 1));
  }

  /** The bytes, or undefined. What the caller's function throws is thrown. */
  get(path: string): Bytes | undefined {
    const key = normalize(path);
    if (this.contents.has(key) || !this.find) return this.contents.get(key);
    const content = this.find(path);
    let bytes: Bytes | undefined;
    try {
      if (content !== undefined && content !== null) bytes = contentOf(content, path);
    } catch (error) {
      this.misuse ??= error as TypeError;
    }
    this.contents.set(key, bytes);
    return bytes;
  }
}

function contentOf(content: unknown, path: string): Bytes {
  const bytes = bytesOf(content);
  if (bytes) return bytes;
  if (isBlob(content)) throw new TypeError(`\`${path}\` is a Blob: give it to \`link\` as an input or in an object of files`);
  throw new TypeError(`\`${path}\` must be a Uint8Array, an ArrayBuffer or a Blob`);
}
