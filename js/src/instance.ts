// A module as an instance that is alive: made when it is needed, thrown away when it crashed.
import { checkKeys } from './check.js';
import { Crash } from './crash.js';
import type { Fault } from './engine.js';
import { compile } from './load.js';
import type { InitializeOptions } from './types.js';
import { version } from './version.js';

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

/** What js/native/CMakeLists.txt lets the glue's caller say. */
export interface GlueOptions {
  instantiateWasm(imports: object, receive: (instance: WebAssembly.Instance) => void): object;
  print(text: string): void;
  printErr(text: string): void;
}

/**
 * Emscripten's glue. Fills and resolves to the object that it is given. When `instantiateWasm` calls `receive` before
 * it returns, so is the module ready when this returns.
 */
export type Glue<M> = (options: GlueOptions) => Promise<M>;

// Wasm memory never shrinks. After a call that took more than this, a new instance is made for the next one.
const memoryToKeep = 512 << 20;

export class Instances<M extends { HEAPU8: Uint8Array }> {
  private compiling: Promise<WebAssembly.Module> | undefined;
  private compiled: WebAssembly.Module | undefined;
  private starting: Promise<void> | undefined;
  private alive: M | undefined;
  private isChecked = false;

  /**
   * `initialize`, `first`: what the caller has to call, and before what, for messages. `isOurs`: whether it is this
   * version's. `more`: options besides the module's.
   */
  constructor(
    private readonly glue: Glue<M>,
    private readonly wasm: () => URL,
    private readonly initialize: string,
    private readonly first: string,
    private readonly isOurs: (instance: M) => boolean,
    private readonly more: string[] = [],
  ) {}

  /** Says where the module comes from, and begins to get it. */
  configure(options: InitializeOptions): void {
    checkKeys(options, `the argument of \`${this.initialize}\``, ['wasmURL', 'wasmBinary', 'wasmModule', ...this.more]);
    if (this.compiling && Object.keys(options).length > 0)
      throw new TypeError(
        `weld is initialized already: call \`${this.initialize}\` before the first ${this.first}, once`,
      );
    this.compiling ??= compile(options, this.wasm, this.initialize);
    this.compiling.catch(() => {}); // `compile` says it
  }

  async compile(): Promise<WebAssembly.Module> {
    this.compiling ??= compile({}, this.wasm, this.initialize);
    try {
      return (this.compiled = await this.compiling);
    } catch (error) {
      this.compiling = undefined; // so that it can be tried again
      throw error;
    }
  }

  async load(options?: InitializeOptions): Promise<void> {
    if (options !== undefined) this.configure(options);
    const module = await this.compile();
    if (this.alive) return;
    // Many may wait for the first: a page has room for some hundred memories.
    this.starting ??= this.instantiate(module)
      .then((instance) => void (this.alive ??= instance))
      .finally(() => (this.starting = undefined));
    await this.starting;
  }

  /**
   * Runs `action` on the current instance. If `action` throws, the next call uses a new instance.
   *
   * @throws Crash of `action`
   */
  use<T>(action: (instance: M) => T): T {
    const instance = (this.alive ??= this.instantiateNow());
    this.alive = undefined; // after a trap its memory is in any state
    const result = attempt(instance, action);
    if (instance.HEAPU8.length <= memoryToKeep) this.alive ??= instance;
    return result;
  }

  // Browsers' main threads may refuse to instantiate a module at once, so it is done while we may wait.
  private instantiate(module: WebAssembly.Module): Promise<M> {
    return new Promise<M>((resolve, reject) => {
      void this.glue({
        ...streams,
        instantiateWasm(imports, receive) {
          WebAssembly.instantiate(module, imports as WebAssembly.Imports)
            .then(receive)
            .catch(reject);
          return {};
        },
      }).then(resolve, reject);
    }).then(
      (instance) => this.checked(instance),
      (error: unknown) => this.checked(undefined, error),
    );
  }

  /**
   * A module that does not match this glue may fail in any way, or appear to work: its exports may have the same names.
   */
  private checked(instance: M | undefined, cause?: unknown): M {
    if (instance && (this.isChecked ||= this.isOurs(instance))) return instance;
    if (cause instanceof RangeError) throw cause; // no room for another memory
    this.compiling = this.compiled = undefined; // so that it can be tried again with another
    throw new Error(`the module is not that of weld ${version}: see \`${this.initialize}\``, { cause });
  }

  /** Makes a new instance: for a persistent linker, for `linkSync`, and for the link after a crash. */
  instantiateNow(): M {
    if (!this.compiled)
      throw new Error(`weld is not initialized: \`await ${this.initialize}()\` comes before \`${this.first}Sync\``);
    const module = this.compiled;
    let failure: unknown;
    const options = {
      ...streams,
      instantiateWasm(imports: object, receive: (instance: WebAssembly.Instance) => void) {
        try {
          const instance = new WebAssembly.Instance(module, imports as WebAssembly.Imports);
          receive(instance);
          return instance.exports;
        } catch (error) {
          failure = error; // the glue would keep it to itself
          throw error;
        }
      },
    };
    try {
      void this.glue(options);
    } catch (error) {
      failure ??= error; // of another module, whose exports the glue calls
    }
    return this.checked(failure === undefined ? (options as unknown as M) : undefined, failure);
  }
}

/** @throws Crash of `action` */
export function attempt<M extends { HEAPU8: Uint8Array }, T>(instance: M, action: (instance: M) => T): T {
  try {
    return action(instance);
  } catch (error) {
    throw new Crash(error, instance.HEAPU8.length);
  }
}

// Emscripten prints what an abort was about; we report it.
const streams = { print() {}, printErr() {} };
