// Runs a WASI command or an animation, or holds a module whose exports are called. The page ends it by ending this worker.
import {
  ConsoleStdout,
  Directory,
  File,
  Inode,
  OpenFile,
  PreopenDirectory,
  WASI,
  WASIProcExit,
} from '@bjorn3/browser_wasi_shim';
import type { Animation, StageMessage, StageRequest } from './animation';
import type { Interface } from './facts.worker';
import type { Frame } from './inspector/code';

export interface NamedFile {
  name: string;
  bytes: Uint8Array;
}
export type RunRequest =
  | {
      kind: 'start';
      module: WebAssembly.Module;
      interface: Interface;
      command: boolean;
      /** Where it draws, of an animation. */
      canvas?: OffscreenCanvas;
      args: string[];
      stdin: string;
      files: NamedFile[];
    }
  /** After `ready`. An i64 is a BigInt. */
  | { kind: 'call'; id: number; name: string; args: (number | bigint)[] }
  | StageRequest;
export type Stream = 'out' | 'err';
export type RunMessage =
  | { kind: 'printed'; stream: Stream; text: string }
  | { kind: 'ready' }
  | { kind: 'returned'; id: number; values: string[]; ms: number }
  | { kind: 'threw'; id: number; why: string; stack?: Frame[] }
  | { kind: 'exited'; code: number; ms: number; files: NamedFile[] }
  | { kind: 'failed'; why: string; stack?: Frame[] }
  | StageMessage;

const post = (message: RunMessage) => self.postMessage(message);
/** A program that recurses without an end has thousands. */
const mostFrames = 30;
// V8 keeps ten frames unless it is told to keep more. Other engines do not read this.
(Error as { stackTraceLimit?: number }).stackTraceLimit = 2 * mostFrames;
/** What a program leaves behind is shown up to here. */
const mostFileBytes = 2 ** 26;

function sink(stream: Stream): ConsoleStdout {
  const decoder = new TextDecoder();
  return new ConsoleStdout((bytes) => post({ kind: 'printed', stream, text: decoder.decode(bytes, { stream: true }) }));
}

let exports: WebAssembly.Exports | undefined;
let animation: Promise<Animation> | undefined;

self.onmessage = async ({ data }: MessageEvent<RunRequest>) => {
  if (data.kind === 'call') return call(data.id, data.name, data.args);
  if (data.kind !== 'start') return (await animation)?.hear(data);
  const { canvas } = data;
  if (canvas) animation = import('./animation').then(({ Animation }) => new Animation(canvas, post, fail));
  const root = new Map<string, Inode>(
    data.files.map(({ name, bytes }) => [name, new File(bytes as Uint8Array<ArrayBuffer>)]),
  );
  const stdin = new OpenFile(new File(new TextEncoder().encode(data.stdin)));
  const wasi = new WASI(data.args, [], [stdin, sink('out'), sink('err'), new PreopenDirectory('/', root)], {
    debug: false, // or it writes to the console
  });
  try {
    const imports = importsOf(data.interface, wasi);
    const stage = await animation;
    if (stage) {
      if (!isFrame(data.interface))
        throw new Error('an animation exports `frame`, which takes an f64 and returns nothing');
      // All of them: a patch may import others than the program.
      Object.assign((imports.canvas ??= {}), stage.functions);
      Object.assign((imports.wasi_snapshot_preview1 ??= {}), wasi.wasiImport);
    }
    const made = await WebAssembly.instantiate(data.module, imports);
    // WASI looks for the memory among the exports; it may be one that was imported.
    const imported = data.interface.imports.find(({ kind }) => kind === 'memory');
    const memory = made.exports.memory ?? (imported && imports[imported.module]![imported.name]);
    const instance = { exports: { ...made.exports, memory } } as Parameters<WASI['start']>[0];
    if (data.command) {
      const begin = performance.now();
      const code = wasi.start(instance);
      const ms = performance.now() - begin;
      post({ kind: 'exited', code, ms, files: filesIn(root, data.files) });
      return;
    }
    exports = made.exports;
    wasi.inst = instance;
    if (typeof exports._initialize === 'function') exports._initialize();
    if (stage) stage.play(made, memory, imports);
    else post({ kind: 'ready' });
  } catch (error) {
    fail(error);
  }
};

function fail(error: unknown): void {
  const why = error instanceof WASIProcExit ? `it ended with exit code ${error.code}` : reasonOf(error);
  post({ kind: 'failed', why, ...stackOf(error) });
}

function isFrame({ functions }: Interface): boolean {
  const frame = functions.find(({ name }) => name === 'frame');
  return frame?.params.join() === 'f64' && frame.results.length === 0;
}

function call(id: number, name: string, args: (number | bigint)[]): void {
  try {
    const begin = performance.now();
    const value: unknown = (exports![name] as (...args: unknown[]) => unknown)(...args);
    const ms = performance.now() - begin;
    const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
    post({ kind: 'returned', id, values: values.map(shownValue), ms });
  } catch (error) {
    if (error instanceof WASIProcExit) post({ kind: 'threw', id, why: `it ended with exit code ${error.code}` });
    else post({ kind: 'threw', id, why: reasonOf(error), ...stackOf(error) });
  }
}

function shownValue(value: unknown): string {
  return Object.is(value, -0)
    ? '-0'
    : typeof value === 'function'
      ? 'a function'
      : value === null
        ? 'null'
        : String(value);
}

function reasonOf(error: unknown): string {
  const what = error instanceof Error ? error.message : String(error);
  return error instanceof WebAssembly.RuntimeError ? `trapped: ${what}` : what;
}

/**
 * Where the module's functions were when it was thrown, the innermost first. Engines write them as
 * `wasm-function[12]:0x1a2b`, some without the offset.
 */
function stackOf(error: unknown): { stack?: Frame[] } {
  if (!(error instanceof Error)) return {};
  const frames = [...(error.stack ?? '').matchAll(/wasm-function\[(\d+)\](?::0x([\da-f]+))?/g)].map(
    ([, index, offset]): Frame => ({
      function: Number(index),
      ...(offset === undefined ? {} : { offset: Number.parseInt(offset, 16) }),
    }),
  );
  return frames.length > 0 ? { stack: frames.slice(0, mostFrames) } : {};
}

/** WASI; a memory and a table where they are asked for; functions that say that they are missing. */
function importsOf({ imports }: Interface, wasi: WASI): WebAssembly.Imports {
  const given: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module, name, kind, limits, element, global } of imports) {
    const own = (given[module] ??= {});
    const fromWasi =
      module === 'wasi_snapshot_preview1' ? (wasi.wasiImport as Record<string, () => void>)[name] : undefined;
    if (fromWasi) own[name] = fromWasi;
    else if (kind === 'function')
      own[name] = () => {
        throw new Error(`it called ${module}.${name}, which this page does not have`);
      };
    else if (kind === 'memory') own[name] = new WebAssembly.Memory(limits!);
    else if (kind === 'table')
      own[name] = new WebAssembly.Table({ ...limits!, element: element === 'externref' ? 'externref' : 'anyfunc' });
    else if (kind === 'global')
      own[name] = globalOf(global!.type.split(' ').at(-1) as WebAssembly.ValueType, global!.mutable);
  }
  return given;
}

function globalOf(value: WebAssembly.ValueType, mutable: boolean): WebAssembly.Global {
  return value === 'i64'
    ? new WebAssembly.Global<'i64'>({ value, mutable }, 0n)
    : new WebAssembly.Global({ value, mutable });
}

/** What was made or changed. */
function filesIn(root: Map<string, Inode>, before: NamedFile[]): NamedFile[] {
  const files: NamedFile[] = [];
  const waiting: [string, Map<string, Inode>][] = [['', root]];
  let total = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [folder, contents] = next;
    for (const [name, inode] of contents) {
      if (inode instanceof Directory) waiting.push([`${folder}${name}/`, inode.contents]);
      if (!(inode instanceof File)) continue;
      const path = folder + name;
      const old = before.find((file) => file.name === path);
      const same = old?.bytes.length === inode.data.length && old.bytes.every((byte, i) => byte === inode.data[i]);
      if (!same && (total += inode.data.length) <= mostFileBytes) files.push({ name: path, bytes: inode.data });
    }
  }
  return files;
}
