// The libraries with which programs for WASI are linked: wasi-libc, compiler-rt's builtins, libc++.
import { areTexts, checkKeys } from './check.js';
import { read, readyBytes, normalize, type Bytes } from './files.js';
import { nameOf } from './input_list.js';
import { makePlan } from './link.js';
import { createLinker } from './create_linker.js';
import { nodeModule } from './load.js';
import { readTar } from './tar.js';
import type * as host from './host_types.js';
import type { Linker, LinkerRequest } from './linker_types.js';
import type { Content, Input, LinkRequest, OwnBytes } from './types.js';

/** What `sysroot` finds, and where. */
export interface SysrootOptions {
  /**
   * Where the files are: a folder (in Node a path, elsewhere a URL that ends in `/`), the URL of a tar archive (`.tar`,
   * `.tar.gz`, `.tgz`), the bytes of a tar archive, or files by path. The files may be in one folder, or arranged as in
   * Debian's `/usr`, wasi-sdk or wasi-sysroot. If there are several places, each file comes from the first place that
   * has it.
   */
  from: SysrootPlace | readonly SysrootPlace[];
  /** `c++` adds libc++ and libc++abi. Default: `c`. */
  language?: 'c' | 'c++';
  /**
   * `command` (default) is a program that runs once and starts at `_start`. `reactor` is a library whose exports are
   * called; it starts at `_initialize`.
   */
  model?: 'command' | 'reactor';
  /** Use C++ libraries that can throw exceptions (`eh/` of wasi-sdk). Debian has none. Default: false. */
  exceptions?: boolean;
  /**
   * The name of the folder with the libraries. Default: `wasm32-wasip1`, or `wasm32-wasi` if that folder is missing.
   */
  target?: string;
  /** More libraries: `['wasi-emulated-signal']`. */
  libraries?: readonly string[];
  /**
   * Where files from `http` URLs are kept: in pages the name of a cache of the Cache API, in Node a folder. The default
   * is `wasm-weld`; in Node it is in the user's cache folder. A file that was kept is not requested again. `false`:
   * files are not kept.
   */
  cache?: string | false;
}

/** A place with the files of a sysroot: see {@link SysrootOptions.from}. */
export type SysrootPlace =
  | string
  | host.URL
  | Uint8Array
  | ArrayBuffer
  | host.Blob
  | Record<string, Content>
  | ReadonlyMap<string, Content>;

/** The libraries with which programs for WASI are linked. */
export interface Sysroot {
  /** The inputs that come before a program's own objects: crt1. */
  readonly before: readonly Input[];
  /** The inputs that come after a program's own objects, in link order. */
  readonly after: readonly Input[];
  /** Returns the request with its inputs between `before` and `after`. Pass the result to {@link link}. */
  request(request: LinkRequest): LinkRequest;
  /**
   * Makes a persistent linker with the inputs of the request between `before` and `after`, restored from {@link
   * Sysroot.snapshot}.
   */
  linker(request?: Omit<LinkerRequest, 'snapshot'>): Promise<Linker>;
  /**
   * The parsed sysroot, for `createLinker({ snapshot })`. It can be sent to another page or worker. It is made once.
   */
  snapshot(): Promise<OwnBytes>;
}

const optionNames = ['from', 'language', 'model', 'exceptions', 'target', 'libraries', 'cache'];

/**
 * Finds and fetches the libraries with which programs for WASI are linked, and keeps those that came over the network.
 *
 * @throws Error if a file is missing
 */
export async function sysroot(options: SysrootOptions): Promise<Sysroot> {
  checkKeys(options, 'a sysroot', optionNames);
  const { language = 'c', model = 'command', exceptions = false, target, libraries = [] } = options;
  if (language !== 'c' && language !== 'c++') throw new TypeError("`language` must be 'c' or 'c++'");
  if (model !== 'command' && model !== 'reactor') throw new TypeError("`model` must be 'command' or 'reactor'");
  if (!areTexts(libraries)) throw new TypeError('`libraries` must be an array of strings');
  const list = (Array.isArray(options.from) ? options.from : [options.from]) as SysrootPlace[];
  const places = await Promise.all(list.map((from) => placeOf(from, options.cache)));

  const where = list.map(show).join(', ');

  const find = async (paths: string[]): Promise<Input | undefined> => {
    for (const place of places) {
      const bytes = await place(paths);
      if (bytes) return { name: fileName(paths[0]!), bytes };
    }
    return undefined;
  };
  const folders = (target === undefined ? ['wasm32-wasip1', 'wasm32-wasi'] : [target]).flatMap((name) => [
    `lib/${name}/`,
    `share/wasi-sysroot/lib/${name}/`,
  ]);
  const libraryIn = (folders: string[], name: string) => [name, ...folders.map((folder) => folder + name)];
  const library = async (name: string) => {
    const found = await find(libraryIn(folders, name));
    if (!found) throw new Error(`there is no ${name} in ${where}: neither flat nor in ${folders.join(', ')}`);
    return found;
  };

  const wanted = [library(model === 'command' ? 'crt1-command.o' : 'crt1-reactor.o')];
  for (const name of libraries) wanted.push(library(`lib${name}.a`));
  if (language === 'c++') {
    // wasi-sdk has both forms in folders of their own; the plain one is the one without.
    const kind = exceptions ? 'eh/' : 'noeh/';
    const inFolder = async (name: string) =>
      (await find(folders.map((folder) => folder + kind + name))) ?? library(name);
    wanted.push(inFolder('libc++.a'), inFolder('libc++abi.a'));
    const unwind = () =>
      inFolder('libunwind.a').catch((error: Error) => {
        const remedy = 'compile with -fno-exceptions, or take a sysroot that has them, as `eh/` of wasi-sdk';
        throw new Error(`the C++ libraries in ${where} are without exceptions: ${remedy}`, { cause: error });
      });
    if (exceptions) wanted.push(unwind());
  }
  wanted.push(library('libc.a'));
  const builtins = () =>
    find([...libraryIn(folders, builtinsNames[0]!), ...libraryIn(folders, builtinsNames[1]!), ...builtinsPaths]);
  // Which a sysroot may be without: not every program needs them.
  const [found, rest] = await Promise.all([Promise.allSettled(wanted), builtins()]);
  const [crt1, ...after] = found.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return new FoundSysroot([crt1!], rest ? [...after, rest] : after, model);
}

/** compiler-rt's builtins have their place with the compiler. */
const builtinsNames = ['libclang_rt.builtins-wasm32.a', 'libclang_rt.builtins.a'];
const builtinsPaths = [
  'lib/wasm32-unknown-wasip1/libclang_rt.builtins.a',
  ...['', 'lib/llvm-*/'].flatMap((prefix) => [
    `${prefix}lib/clang/*/lib/wasm32-unknown-wasip1/libclang_rt.builtins.a`,
    `${prefix}lib/clang/*/lib/wasip1/libclang_rt.builtins-wasm32.a`,
    `${prefix}lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a`,
  ]),
];

class FoundSysroot implements Sysroot {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'Sysroot';
  private saved: Promise<OwnBytes> | undefined;

  constructor(
    readonly before: readonly Input[],
    readonly after: readonly Input[],
    private readonly model: 'command' | 'reactor',
  ) {}

  request(request: LinkRequest): LinkRequest {
    makePlan(request); // says what is wrong with it
    const inputs = [...this.before, ...(request.inputs ?? []), ...this.after];
    return { ...request, inputs, options: this.options(request) };
  }

  async linker(request: Omit<LinkerRequest, 'snapshot'> = {}): Promise<Linker> {
    const { live, liveRoom, ...link } = request;
    makePlan(link);
    const inputs = request.inputs ?? [];
    const linker = await createLinker({ ...request, options: this.options(link), snapshot: await this.snapshot() });
    linker.reorder([...this.before, ...inputs, ...this.after].map(nameOf));
    return linker;
  }

  snapshot(): Promise<OwnBytes> {
    return (this.saved ??= this.save());
  }

  private async save(): Promise<OwnBytes> {
    const options = { entry: false, allowUndefined: true } as const; // there is no `main`
    const linker = await createLinker({ inputs: [...this.before, ...this.after], options });
    linker.link(); // which parses what every program has
    const snapshot = linker.save();
    linker.dispose();
    return snapshot;
  }

  private options({ options = {} }: LinkRequest): NonNullable<LinkRequest['options']> {
    return this.model === 'reactor' ? { entry: '_initialize', ...options } : options;
  }
}

/** Has the first of these paths, in which `*` is any version, or none of them. */
type Place = (paths: string[]) => Promise<Bytes | undefined>;

async function placeOf(from: SysrootPlace, cache: string | false | undefined): Promise<Place> {
  if (typeof from === 'string') from = await urlOf(from);
  if (from instanceof URL) return placeAt(from, cache);
  if (from instanceof Blob || from instanceof ArrayBuffer || ArrayBuffer.isView(from)) {
    const bytes = readyBytes(await read(from), 'from');
    return placeIn(await readTar(bytes));
  }
  if (typeof from !== 'object' || from === null)
    throw new TypeError('`from` must be a folder, a URL, files by path or the bytes of a tar archive');
  const files: [string, Content][] = from instanceof Map ? [...from] : Object.entries(from);
  return placeIn(new Map(files.map(([path, content]) => [normalize(path), content])));
}

async function urlOf(path: string): Promise<URL> {
  if (/^[a-z][a-z\d+.-]+:/i.test(path)) return new URL(path);
  if (typeof location === 'object') return new URL(path, location.href);
  const { pathToFileURL } = (await nodeModule('node:url')) as typeof import('node:url');
  return pathToFileURL(/\.(tar|tgz|tar\.gz)$/.test(path) ? path : `${path}/`);
}

/** A path that is not one file's name may have folders before it: those that an archive was packed with. */
function placeIn(files: Map<string, Content>): Place {
  return async (paths) => {
    for (const path of paths) {
      const pattern = new RegExp(
        `^${path.includes('/') ? '(.*/)?' : ''}${path.replace(/[.+]/g, '\\$&').replaceAll('*', '[^/]+')}$`,
      );
      const found = newest([...files.keys()].filter((name) => pattern.test(name)));
      const content = found !== undefined && (await read(files.get(found)));
      if (content) return readyBytes(content, found);
    }
    return undefined;
  };
}

async function placeAt(url: URL, cache: string | false | undefined): Promise<Place> {
  const isLocal = url.protocol === 'file:';
  const isArchive = /\.(tar|tgz|tar\.gz)$/.test(url.pathname);
  if (!isArchive && !url.pathname.endsWith('/'))
    throw new TypeError(`${url.href} is neither a folder, which ends in \`/\`, nor a tar archive`);
  let archive: Promise<Place> | undefined;
  const fetched: Place = async (paths) => {
    if (isArchive) return (await (archive ??= readArchive(url)))(paths);
    for (const path of isLocal ? (await Promise.all(paths.map((path) => expand(url, path)))).flat() : paths) {
      const content = path.includes('*') ? undefined : await read(new URL(path, url));
      if (content) return readyBytes(content, path);
    }
    return undefined;
  };
  if (isLocal || cache === false) return fetched;
  const store = await storeOf(cache);
  if (!store) return fetched;
  return async (paths) => {
    const key = `${url.href}?${isArchive ? 'member' : 'file'}=${encodeURIComponent(paths.join())}`;
    const kept = await store.get(key);
    if (kept) return kept;
    const bytes = await fetched(paths);
    if (bytes) await store.put(key, bytes).catch(() => {}); // no room
    return bytes;
  };
}

async function readArchive(url: URL): Promise<Place> {
  const content = await read(url);
  if (!content) throw new Error(`${url.href} is not there`);
  return placeIn(await readTar(readyBytes(content, url.href)));
}

/** What is there for `*`, the newest first. */
async function expand(url: URL, path: string): Promise<string[]> {
  const star = path.indexOf('*');
  if (star < 0) return [path];
  const folder = path.slice(0, path.lastIndexOf('/', star) + 1);
  const begin = path.slice(folder.length, star);
  const fs = (await nodeModule('node:fs/promises')) as typeof import('node:fs/promises');
  const names = (await fs.readdir(new URL(folder, url)).catch(() => [])).filter((name) => name.startsWith(begin));
  const rest = path.slice(star + 1);
  return (
    await Promise.all(
      names
        .sort(byVersion)
        .reverse()
        .map((name) => expand(url, folder + name + rest)),
    )
  ).flat();
}

const byVersion = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true });
const newest = (names: string[]) => names.sort(byVersion).at(-1);

interface Store {
  get(key: string): Promise<Bytes | undefined>;
  put(key: string, bytes: Bytes): Promise<void>;
}

async function storeOf(cache = 'wasm-weld'): Promise<Store | undefined> {
  if (typeof caches === 'object') {
    // A private window or a page without a secure context has no cache.
    const kept = await caches.open(cache).catch(() => undefined);
    return (
      kept && {
        get: async (key) => {
          const response = await kept.match(key);
          return response && new Uint8Array(await response.arrayBuffer());
        },
        put: (key, bytes) => kept.put(key, new Response(bytes as Uint8Array<ArrayBuffer>)),
      }
    );
  }
  if (typeof process !== 'object') return undefined;
  const fs = (await nodeModule('node:fs/promises')) as typeof import('node:fs/promises');
  const { homedir } = (await nodeModule('node:os')) as typeof import('node:os');
  const { createHash } = (await nodeModule('node:crypto')) as typeof import('node:crypto');
  const { join } = (await nodeModule('node:path')) as typeof import('node:path');
  const folder =
    cache === 'wasm-weld' ? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), cache) : cache;
  const fileOf = (key: string) => join(folder, createHash('sha256').update(key).digest('hex'));
  return {
    get: (key) => fs.readFile(fileOf(key)).catch(() => undefined),
    put: async (key, bytes) => {
      await fs.mkdir(folder, { recursive: true });
      const temporary = `${fileOf(key)}.${process.pid}`;
      await fs.writeFile(temporary, bytes);
      await fs.rename(temporary, fileOf(key));
    },
  };
}

const fileName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const show = (place: SysrootPlace) =>
  typeof place === 'string'
    ? place
    : place instanceof URL
      ? place.href
      : ArrayBuffer.isView(place) || 'byteLength' in place
        ? 'the archive'
        : 'the files';
