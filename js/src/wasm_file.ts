// A module of the package, which is compiled once, when it is wanted.
import { compile, type Place } from './load.js';
import type { InitializeOptions } from './types.js';

export class WasmFile {
  private compiling: Promise<WebAssembly.Module> | undefined;
  /** The module, once it is compiled. */
  now: WebAssembly.Module | undefined;
  /** Why the last load failed. */
  failure: unknown;
  /** How the module is got. */
  from: (options: InitializeOptions) => Promise<WebAssembly.Module>;
  /** Gets the module at once, where that is possible. */
  read: (() => WebAssembly.Module) | undefined;

  constructor(place: Place) {
    this.from = (options) => compile(options, place);
  }

  get isSet(): boolean {
    return this.compiling !== undefined;
  }

  /** Says where the module comes from, and begins to get it. */
  set(options: InitializeOptions): void {
    this.compiling ??= this.from(options);
    this.compiling.catch(() => {}); // `get` says it
  }

  /** A load that failed is tried again at the next call. */
  async get(): Promise<WebAssembly.Module> {
    this.set({});
    const compiling = this.compiling!;
    try {
      const module = await compiling;
      if (this.compiling === compiling) this.now = module;
      return module;
    } catch (error) {
      if (this.compiling === compiling) this.forget(error);
      throw error;
    }
  }

  /** Another may be given then. */
  forget(why?: unknown): void {
    this.compiling = this.now = undefined;
    this.failure = why;
  }
}
