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
import type { RunnableComponent } from './component_run';
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
      /** What is run in place of the module: a component that was made of it. */
      component?: RunnableComponent;
      /** Where it draws, of an animation. */
      canvas?: OffscreenCanvas;
      args: string[];
      stdin: string;
      files: NamedFile[];
    }
  /** After `ready`. An i64 is a BigInt. */
  | { kind: 'call'; id: number; name: string; args: (number | bigint)[] }
  | StageRequest;
type Start = Extract<RunRequest, { kind: 'start' }>;
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

function printer(stream: Stream): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (bytes) => post({ kind: 'printed', stream, text: decoder.decode(bytes, { stream: true }) });
}

const sink = (stream: Stream) => new ConsoleStdout(printer(stream));

let exports: WebAssembly.Exports | undefined;
let animation: Promise<Animation> | undefined;

self.onmessage = async ({ data }: MessageEvent<RunRequest>) => {
  if (data.kind === 'call') return call(data.id, data.name, data.args);
  if (data.kind !== 'start') return (await animation)?.hear(data);
  if (data.component) return runComponent(data.component, data);
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
      post({ kind: 'exited', code, ms, files: changed(filesIn(root), data.files) });
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

async function runComponent(component: RunnableComponent, { args, stdin, files }: Start): Promise<void> {
  try {
    const { runComponent } = await import('./component_run');
    const ended = await runComponent(component, { args, stdin, files, out: printer('out'), err: printer('err') });
    post({ kind: 'exited', ...ended, files: changed(ended.files, files) });
  } catch (error) {
    fail(error, (line) => line.includes('wasm://') && !line.includes(component.added));
  }
}

/** `isOfModule`: the lines of a stack that are of the module's functions. Others have those of other modules, too. */
function fail(error: unknown, isOfModule?: (line: string) => boolean): void {
  const why = error instanceof WASIProcExit ? `it ended with exit code ${error.code}` : reasonOf(error);
  post({ kind: 'failed', why, ...stackOf(error, isOfModule) });
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
function stackOf(error: unknown, isOfModule?: (line: string) => boolean): { stack?: Frame[] } {
  if (!(error instanceof Error)) return {};
  const lines = (error.stack ?? '').split('\n');
  const text = (isOfModule ? lines.filter(isOfModule) : lines).join('\n');
  const frames = [...text.matchAll(/wasm-function\[(\d+)\](?::0x([\da-f]+))?/g)].map(
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

function filesIn(root: Map<string, Inode>): NamedFile[] {
  const files: NamedFile[] = [];
  const waiting: [string, Map<string, Inode>][] = [['', root]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [folder, contents] = next;
    for (const [name, inode] of contents) {
      if (inode instanceof Directory) waiting.push([`${folder}${name}/`, inode.contents]);
      if (inode instanceof File) files.push({ name: folder + name, bytes: inode.data });
    }
  }
  return files;
}

/** What was made or changed. */
function changed(files: NamedFile[], before: NamedFile[]): NamedFile[] {
  let total = 0;
  return files.filter(({ name, bytes }) => {
    const old = before.find((file) => file.name === name);
    const same = old?.bytes.length === bytes.length && old.bytes.every((byte, i) => byte === bytes[i]);
    return !same && (total += bytes.length) <= mostFileBytes;
  });
}
