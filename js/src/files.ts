// The files of a link: the named inputs, and what `files` has. The core asks for them and cannot wait, so one that
// takes time is noted when it is asked for; the link is done again when it has come.
import { readURL } from './load.js';
import type { Content, Files, OwnBytes } from './types.js';

export type Bytes = Uint8Array;

/** Bytes that are there already; undefined for what has to be read, and for what is no content at all. */
export function bytesOf(content: unknown, name = 'content'): Bytes | undefined {
  try {
    if (ArrayBuffer.isView(content)) return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    // `instanceof` does not know buffers of other frames.
    const isBuffer = /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(content));
    return isBuffer ? new Uint8Array(content as ArrayBuffer) : undefined;
  } catch (cause) {
    throw new TypeError(`\`${name}\` was given away: its buffer was transferred`, { cause });
  }
}

/** `Blob`, `Promise`, ...; undefined for what does not take time. */
export function kindOfLater(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || ArrayBuffer.isView(content)) return undefined;
  if ('then' in content) return 'Promise';
  if (content instanceof URL) return 'URL';
  return 'arrayBuffer' in content ? (content instanceof Response ? 'Response' : 'Blob') : undefined;
}

/** Waits for what takes time; undefined when there is no such file. */
export async function read(later: unknown): Promise<unknown> {
  let content = await later;
  if (content instanceof URL) content = await readURL(content);
  if (content instanceof Response) {
    // Servers of pages answer with a page to every question.
    if (
      content.status === 404 ||
      content.status === 410 ||
      /^text\/html/.test(content.headers.get('content-type') ?? '')
    )
      return undefined;
    if (!content.ok) throw new Error(`${content.status} ${content.statusText}`.trim());
  }
  return kindOfLater(content) ? (content as Blob).arrayBuffer() : content;
}

/** Reads what `taker` was given. */
export async function bytesFor(taker: string, given: unknown): Promise<Bytes> {
  const content = await given;
  const found = await read(content);
  if (found === undefined && kindOfLater(content))
    throw new Error(`${(content as URL).href ?? (content as Response).url} is not there`);
  const bytes = bytesOf(found);
  if (!bytes) throw new TypeError(`\`${taker}\` takes a Uint8Array, an ArrayBuffer, a Blob, a URL or a Response`);
  return bytes;
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

/** Finds a folder's files by path. On a disk a path may lead out of it; on a server not, as archives name files too. */
function filesOf(folder: URL): (path: string) => URL | undefined {
  if (!folder.pathname.endsWith('/')) throw new TypeError(`${folder.href} is not a folder, which ends in \`/\``);
  const isLocal = folder.protocol === 'file:';
  const top = new URL('./', folder).href;
  return (path) => {
    // A name may look like an address, have a `#` or what is escaped already.
    const escaped = encodeURI(path).replace(/[?#]/g, encodeURIComponent);
    const url = new URL(escaped.replace(/^\/+/, '/').replace(/^(?!\/)/, './'), top);
    return isLocal || url.href.startsWith(top) ? url : undefined;
  };
}

/** In place of a function of the caller's. */
function notGiven(): never {
  throw new Error('names are looked up in `files`, which was not given');
}

export class FileSet {
  /**
   * What is to be thrown after the link, once: an answer that is no bytes, or one that takes time when nobody waits.
   */
  misuse: unknown;
  /**
   * Whether the caller can wait for a file and ask again. If not, files that no request named are treated as missing.
   */
  waits = true;

  // All by normalized path.
  private readonly contents = new Map<string, Bytes | undefined>(); // undefined: asked for in vain
  private readonly later = new Map<string, unknown>(); // contents that take time, not read yet
  private readonly failures = new Map<string, unknown>(); // why they could not be read
  private readonly awaited = new Map<string, string>(); // asked for and not read yet, with the path as it was asked for
  private readonly named = new Set<string>(); // that `find` has, as it is known
  private readonly inputs = new Set<string>();
  private readonly stamps = new Map<string, number>();
  private readonly find: ((path: string) => unknown) | undefined;

  constructor(files: Files | undefined) {
    if (files === undefined) this.find = notGiven;
    else if (typeof files === 'function') this.find = files;
    else if (files instanceof URL) this.find = filesOf(files);
    else if (typeof files !== 'object' || files === null)
      throw new TypeError('`files` must be an object, a Map, a URL or a function');
    else
      for (const [path, content] of files instanceof Map ? files : Object.entries(files))
        this.put(normalize(path), content, path);
  }

  /** An input that brings its bytes along. */
  addInput(name: string, content: Content): void {
    const key = normalize(name);
    this.inputs.add(key);
    this.put(key, content, name);
  }

  /** An input whose bytes the linker has, from a snapshot. */
  addKept(name: string): void {
    this.addInput(name, new Uint8Array());
  }

  hasInput(name: string): boolean {
    return this.inputs.has(normalize(name));
  }

  /** Puts other bytes in the place of an input's. */
  replaceInput(name: string, content: Uint8Array | ArrayBuffer): void {
    this.contents.set(normalize(name), readyBytes(content, name));
    this.touch(name);
  }

  removeInput(name: string): void {
    const key = normalize(name);
    if (this.inputs.delete(key)) this.contents.delete(key); // else it is a file that may be named again
    this.touch(name);
  }

  /** Its bytes are others now. */
  touch(name: string): void {
    this.stamps.set(normalize(name), this.stamp(name) + 1);
  }

  /** Changes with the bytes. */
  stamp(path: string): number {
    return this.stamps.get(normalize(path)) ?? 1;
  }

  /** The names of the files in a directory, sorted: of those that are known without asking the caller's function. */
  list(directory: string): string[] {
    const path = normalize(directory);
    const prefix = path === '' ? '' : `${path}/`;
    const names = (this.waits ? this.known() : this.present()).filter(
      (key) => key.startsWith(prefix) && !key.includes('/', prefix.length),
    );
    return names.map((key) => key.slice(prefix.length)).sort((a, b) => (a < b ? -1 : 1));
  }

  /** The paths of these files. */
  known(): string[] {
    return [...new Set([...this.present(), ...this.later.keys(), ...this.named])];
  }

  private present(): string[] {
    return [...this.contents].filter(([, bytes]) => bytes).map(([key]) => key);
  }

  /** Files that the caller's function has. */
  addKnown(paths: readonly string[]): void {
    for (const path of paths) this.named.add(normalize(path));
  }

  /**
   * The bytes, or undefined: there are none, or they take time. What the caller's function throws is thrown. `isNamed`:
   * the caller wants this file, so it is misuse when nobody can wait for it.
   */
  get(path: string, isNamed = true): Bytes | undefined {
    const key = normalize(path);
    if (this.failures.has(key)) throw this.failures.get(key);
    if (this.contents.has(key)) return this.kept(key, path);
    if (!this.later.has(key)) this.take(key, this.find?.(path), path);
    if (this.later.has(key)) {
      if (this.waits) this.awaited.set(key, path);
      else if (isNamed) this.misuse ??= lateError(path, this.later.get(key));
    }
    return this.contents.get(key);
  }

  private kept(key: string, path: string): Bytes | undefined {
    const bytes = this.contents.get(key);
    try {
      return bytes?.length === 0 ? readyBytes(bytes, path) : bytes;
    } catch (error) {
      this.misuse ??= error; // it was given away since
      throw error;
    }
  }

  /** Something was asked for that is not there yet. */
  get isWaiting(): boolean {
    return this.awaited.size > 0;
  }

  isAwaited(path: string): boolean {
    return this.awaited.has(normalize(path));
  }

  /** Whether something may have to be waited for. */
  get mayWait(): boolean {
    return (this.find !== undefined && this.find !== notGiven) || this.later.size > 0;
  }

  /** Asks for these, so that the first link finds them. */
  request(paths: Iterable<string>): void {
    for (const path of paths) {
      try {
        this.get(path);
      } catch {
        // It is thrown again when the core asks.
      }
    }
  }

  /** Waits for what was asked for. */
  async settle(): Promise<void> {
    const awaited = [...this.awaited];
    this.awaited.clear();
    const reading = awaited.map(async ([key, path]) => {
      try {
        this.take(key, await read(this.later.get(key)), path);
      } catch (error) {
        this.failures.set(key, error);
      }
      this.later.delete(key);
    });
    await Promise.all(reading);
  }

  /** Same as `get`, but waits for a file that takes time. */
  async getLater(path: string): Promise<Bytes | undefined> {
    const bytes = this.get(path);
    if (!this.isAwaited(path)) return bytes;
    await this.settle();
    return this.get(path);
  }

  /** The inputs' contents that can go to a worker as they are. */
  *given(): Iterable<[string, Bytes | Blob]> {
    for (const name of this.inputs) {
      const bytes = this.contents.get(name);
      if (bytes) yield [name, readyBytes(bytes, name)];
      else if (kindOfLater(this.later.get(name)) === 'Blob') yield [name, this.later.get(name) as Blob];
    }
  }

  private put(key: string, content: unknown, path: string): void {
    if (kindOfLater(content)) {
      this.later.set(key, content);
      Promise.resolve(content).catch(() => {}); // whoever waits for the file gets the error; without this line, an unused file would be an unhandled rejection
    } else this.contents.set(key, readyBytes(content, path));
  }

  private take(key: string, content: unknown, path: string): void {
    try {
      if (content === undefined || content === null) this.contents.set(key, undefined);
      else this.put(key, content, path);
    } catch (error) {
      this.misuse ??= error;
      this.contents.set(key, undefined);
    }
  }
}

export function readyBytes(content: unknown, path: string): Bytes {
  const bytes = bytesOf(content, path);
  if (bytes) return bytes;
  if (kindOfLater(content)) throw lateError(path, content);
  throw new TypeError(`\`${path}\` must be a Uint8Array, an ArrayBuffer, a Blob, a URL or a Response`);
}

function lateError(path: string, content: unknown): TypeError {
  return new TypeError(
    `\`${path}\` is a ${kindOfLater(content)}, which takes time to read: \`link\` waits for it, \`createLinker\` for what its request names; elsewhere read it first`,
  );
}

export function joined(chunks: readonly Uint8Array[]): OwnBytes {
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
