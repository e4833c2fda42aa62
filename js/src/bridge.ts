// The calls between JavaScript and a module: js/native/bridge.h is the other side. Numbers are passed as they are. Texts
// and bytes lie in the module's memory, where the caller puts them; views on it are good only until the call ends.
import { copyOf } from './crash.js';
import type { Fault } from './engine.js';
import type { WasmFile } from './wasm_file.js';

/**
 * What the core asks of us while it runs. A view on its memory is good only until we return; nothing may be thrown.
 * If an answer is a string, it is an error message.
 */
export interface Host {
  exists(path: string): boolean;
  read(path: string): Uint8Array | string;
  /** The names of the files in a directory, sorted; none when that is not known. */
  list(directory: string): string[];
  write(path: string, bytes: Uint8Array, executable: boolean): string | undefined;
  /** Changes whenever the file changes. 0 if unknown. */
  stamp(path: string): number;
  canWrite(path: string): string | undefined;
  random(bytes: Uint8Array): string | undefined;
  absolutePath(path: string): string;
  /** Runs a program with `input` as its standard input. Below 0: it was not run, and `errors` says why. */
  runProgram?(command: string[], input: Uint8Array): { exitCode: number; output: Uint8Array; errors: string };
  out(bytes: Uint8Array): void;
  err(bytes: Uint8Array): void;
  report(json: string): void;
  /** What the engine refuses in a module. */
  validate(module: Uint8Array): Fault | undefined;
  /** What is done next. */
  phase(name: string): void;
  /** The page of `weld size --html`, before it has anything to show. */
  sizePage?(): string;
}

/** Gives content that is late, by the symbols that are alive. `undefined`: it failed. */
export type Late = (alive: string) => { bytes: Uint8Array; fixups: Uint8Array } | undefined;

/** A function of a module. A pointer that it returns may be negative: see `Bridge.texts`. */
export type Call = (...numbers: number[]) => number;
// Node's types have no `WebAssembly.Memory`, and no `WebAssembly.Imports`.
type Exports = Record<string, Call> & { memory: { readonly buffer: ArrayBuffer } };

/** The memory of a module. */
export interface Views {
  buffer: ArrayBuffer;
  bytes: Uint8Array;
  halves: Uint16Array;
  words: Uint32Array;
}
const viewsOn = (buffer: ArrayBuffer): Views => ({
  buffer,
  bytes: new Uint8Array(buffer),
  halves: new Uint16Array(buffer),
  words: new Uint32Array(buffer),
});

const encoder = new TextEncoder();
/** As UTF-8. Short names, of which a compiler hands over many, are copied faster than they are encoded. */
const encoded = (text: string): string | Uint8Array =>
  text.length < 64 && isAscii.test(text) ? text : encoder.encode(text);
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const isAscii = /^[\0-\x7f]*$/;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** `makeComponent` is for those who link without a command. */
const noPrograms = {
  exitCode: -1,
  output: new Uint8Array(0),
  errors: 'no programs can be run here: call `makeComponent` of `wasm-weld/component` with the output',
};

/** Thrown when a call needs the second module, which is not there. The instance cannot be used any more. */
export class MoreNeeded extends Error {}

/** Whether js/split.mjs has made these modules of one. */
export function areParts(module: WebAssembly.Module, more: WebAssembly.Module): boolean {
  const [mark, other] = [module, more].map((part) =>
    WebAssembly.Module.customSections(part, 'weld.parts').map((bytes) => new Uint8Array(bytes).join()),
  );
  return String(mark) === String(other);
}

export class Bridge {
  /** Whom the module asks, as long as a call needs somebody. */
  host: Host | undefined;
  /** Fills a part of a snapshot that is restored. */
  fetch!: (to: Uint8Array, offset: number) => void;
  exports!: Exports;
  private given: Uint8Array<ArrayBuffer> | undefined;
  private readonly late = new Map<number, Late>(); // by the number that the module knows
  private lastLate = 0;
  private known = viewsOn(new ArrayBuffer(0));
  private hasMore = false;
  private adding: Promise<unknown> | undefined;

  /** `more`: functions that are not in the module itself. */
  constructor(private readonly more?: WasmFile) {}

  /** With the imports of this bridge. */
  connect(instance: WebAssembly.Instance): void {
    this.exports = instance.exports as Exports;
    this.exports['_initialize']!();
  }

  /** Adds the second module if it is loaded. Its functions replace those that stand for them in the table. */
  async addMore(): Promise<void> {
    if (!this.more?.now || this.hasMore) return;
    this.adding ??= WebAssembly.instantiate(this.more.now, { primary: this.exports });
    try {
      await this.adding;
      this.hasMore = true;
    } finally {
      this.adding = undefined; // where there was no room it is tried again
    }
  }

  /** Calls a function of the second module, which is added if that can be done at once. */
  private callMore(slot: number, args: readonly unknown[]): unknown {
    const { more: file } = this;
    let more = file?.now;
    let why: unknown = file?.failure ?? 'call `await initialize()` first';
    try {
      more ??= file?.read?.();
    } catch (error) {
      why = error;
    }
    if (!more)
      throw new MoreNeeded(`this needs \`weld-more.wasm\`: ${why instanceof Error ? why.message : String(why)}`);
    new WebAssembly.Instance(more, { primary: this.exports });
    this.hasMore = true;
    const table = Object.values(this.exports as object).find((value) => value instanceof WebAssembly.Table)!;
    return (table.get(slot) as (...args: readonly unknown[]) => unknown)(...args);
  }

  /** All of the memory, until it grows. */
  get views(): Views {
    const { buffer } = this.exports.memory;
    return this.known.buffer === buffer ? this.known : (this.known = viewsOn(buffer));
  }
  get HEAPU8(): Uint8Array {
    return this.views.bytes;
  }

  /** Hands over the texts of the next call. */
  texts(texts: readonly string[]): void {
    const all = texts.map(encoded);
    let size = 0;
    for (const { length } of all) size += length;
    const begin = this.exports['texts']!(all.length, size) >>> 0;
    const { bytes, words } = this.views;
    let at = begin + 4 * all.length;
    for (const [i, text] of all.entries()) {
      words[(begin >>> 2) + i] = text.length;
      if (typeof text === 'string') for (let k = 0; k < text.length; k++) bytes[at + k] = text.charCodeAt(k);
      else bytes.set(text, at);
      at += text.length;
    }
  }

  /** Puts bytes into memory of their own, which the module frees. The result is for arguments: where, and how many. */
  bytes(bytes: Uint8Array): [at: number, size: number] {
    const at = this.exports['allocate']!(bytes.length) >>> 0;
    this.HEAPU8.set(bytes, at);
    return [at, bytes.length];
  }

  /** A number for a function, until the module says that it does not need the function any more. */
  lateNumber(late: Late): number {
    this.late.set(++this.lastLate, late);
    return this.lastLate;
  }

  /** What a call gives; `undefined`: nothing. */
  result(call: () => void): Uint8Array<ArrayBuffer> | undefined {
    this.given = undefined;
    call();
    const { given } = this;
    this.given = undefined;
    return given;
  }

  textResult(call: () => void): string {
    return decoder.decode(this.result(call));
  }

  private part(at: number, size: number): Uint8Array {
    return this.HEAPU8.subarray(at >>> 0, (at >>> 0) + (size >>> 0));
  }
  private text(at: number, size: number): string {
    return decoder.decode(this.part(at, size));
  }
  /** Puts numbers where the module wants them. */
  private put(at: number, ...numbers: number[]): void {
    new Uint32Array(this.exports.memory.buffer, at >>> 0, numbers.length).set(numbers);
  }
  private putText(at: number, text: string): void {
    this.put(at, ...this.bytes(encoder.encode(text)));
  }
  /** Whether that is no error message. */
  private done(error: string | undefined, at: number): boolean {
    if (error !== undefined) this.putText(at, error);
    return error === undefined;
  }

  readonly imports: Record<string, object> = {
    placeholder: new Proxy<WebAssembly.ModuleImports>(
      {},
      {
        get:
          (_, slot) =>
          (...args: unknown[]) =>
            this.callMore(Number(slot), args),
      },
    ),
    host: {
      exists: (path: number, size: number) => this.host!.exists(this.text(path, size)),
      read: (path: number, size: number, to: number) => {
        const content = this.host!.read(this.text(path, size));
        if (typeof content === 'string') return this.done(content, to);
        this.put(to, ...this.bytes(content));
        return true;
      },
      list: (directory: number, size: number, to: number) =>
        this.putText(
          to,
          this.host!.list(this.text(directory, size))
            .map((name) => `${name}\0`)
            .join(''),
        ),
      write: (path: number, pathSize: number, at: number, size: number, executable: number, to: number) =>
        this.done(this.host!.write(this.text(path, pathSize), this.part(at, size), executable !== 0), to),
      stamp: (path: number, size: number) => this.host!.stamp(this.text(path, size)),
      canWrite: (path: number, size: number, to: number) => this.done(this.host!.canWrite(this.text(path, size)), to),
      random: (at: number, size: number, to: number) => this.done(this.host!.random(this.part(at, size)), to),
      absolutePath: (path: number, size: number, to: number) =>
        this.putText(to, this.host!.absolutePath(this.text(path, size))),
      runProgram: (command: number, commandSize: number, at: number, size: number, to: number, errorsTo: number) => {
        const words = this.text(command, commandSize).split('\0').slice(0, -1);
        const { exitCode, output, errors } = this.host!.runProgram?.(words, copyOf(this.part(at, size))) ?? noPrograms;
        this.put(to, ...this.bytes(output));
        this.putText(errorsTo, errors);
        return exitCode;
      },
      sizePage: (to: number) => this.putText(to, this.host!.sizePage?.() ?? ''),
      late: (late: number, at: number, size: number, bytesTo: number, fixupsTo: number) => {
        const content = this.late.get(late)!(this.text(at, size));
        if (!content) return false;
        this.put(bytesTo, ...this.bytes(content.bytes));
        this.put(fixupsTo, ...this.bytes(content.fixups));
        return true;
      },
      forgetLate: (late: number) => void this.late.delete(late),
      validate: (at: number, size: number, to: number) => {
        const fault = this.host!.validate(this.part(at, size));
        if (fault) this.put(to, ...this.bytes(encoder.encode(fault.text)), fault.offset, fault.function, fault.lacks);
        return !fault;
      },
      phase: (name: number, size: number) => this.host!.phase(this.text(name, size)),
      out: (at: number, size: number) => this.host!.out(this.part(at, size)),
      err: (at: number, size: number) => this.host!.err(this.part(at, size)),
      report: (at: number, size: number) => this.host!.report(this.text(at, size)),
      fetch: (at: number, size: number, offset: number) => this.fetch(this.part(at, size), offset >>> 0),
      give: (at: number, size: number) => void (this.given = copyOf(this.part(at, size))),
      copy: (to: number, from: number, size: number) =>
        void this.HEAPU8.copyWithin(to >>> 0, from >>> 0, (from >>> 0) + (size >>> 0)),
      now: () => performance.now(),
      // `Crash` knows it.
      exhausted: (wanted: number) => {
        throw Object.assign(new Error('out of memory'), { wanted });
      },
    },
  };
}
