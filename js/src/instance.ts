// A module as an instance that is alive: made when it is needed, thrown away when it crashed.
import { Bridge, MoreNeeded } from './bridge.js';
import { checkKeys } from './check.js';
import { Crash } from './crash.js';
import type { InitializeOptions } from './types.js';
import { version } from './version.js';
import { WasmFile } from './wasm_file.js';

// Wasm memory never shrinks. After a call that took more than this, a new instance is made for the next one.
const memoryToKeep = 512 << 20;

export class Instances<M extends { bridge: Bridge; HEAPU8: Uint8Array }> {
  private readonly file: WasmFile;
  private starting: Promise<void> | undefined;
  private alive: M | undefined;
  private isChecked = false;

  /**
   * `initialize`, `first`: what the caller has to call, and before what, for messages. `isOurs`: whether it is this
   * version's. `options`: those besides the module's.
   */
  constructor(
    private readonly make: (bridge: Bridge) => M,
    wasm: () => URL,
    private readonly initialize: string,
    private readonly first: string,
    private readonly isOurs: (instance: M) => boolean,
    private readonly options: string[] = [],
    private readonly more?: WasmFile,
  ) {
    this.file = new WasmFile({ wasm, initialize, prefix: 'wasm' });
  }

  /** Says where the module comes from, and begins to get it. */
  configure(options: InitializeOptions): void {
    checkKeys(options, `the argument of \`${this.initialize}\``, [
      ...['wasmURL', 'wasmBinary', 'wasmModule'],
      ...this.options,
    ]);
    if (this.file.isSet && Object.keys(options).length > 0)
      throw new TypeError(
        `weld is initialized already: call \`${this.initialize}\` before the first ${this.first}, once`,
      );
    this.file.set(options);
  }

  compile(): Promise<WebAssembly.Module> {
    return this.file.get();
  }

  async load(options?: InitializeOptions): Promise<void> {
    if (options !== undefined) this.configure(options);
    const module = await this.compile();
    if (!this.alive) {
      // Many may wait for the first: a page has room for some hundred memories.
      this.starting ??= this.instantiate(module)
        .then((instance) => void (this.alive ??= instance))
        .finally(() => (this.starting = undefined));
      await this.starting;
    }
    await this.alive?.bridge.addMore();
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
  private async instantiate(module: WebAssembly.Module): Promise<M> {
    const bridge = new Bridge(this.more);
    try {
      bridge.connect(await WebAssembly.instantiate(module, bridge.imports as WebAssembly.Imports));
    } catch (error) {
      return this.checked(undefined, error);
    }
    return this.checked(this.make(bridge));
  }

  /**
   * A module that does not match this package may fail in any way, or appear to work: its exports may have the same
   * names.
   */
  private checked(instance: M | undefined, cause?: unknown): M {
    try {
      if (instance && (this.isChecked ||= this.isOurs(instance))) return instance;
    } catch (error) {
      cause = error; // it lacks what was called
    }
    if (cause instanceof RangeError) throw cause; // no room for another memory
    this.file.forget(); // so that it can be tried again with another
    throw new Error(`the module is not that of weld ${version}: see \`${this.initialize}\``, { cause });
  }

  /** Makes a new instance: for a persistent linker, for `linkSync`, and for the link after a crash. */
  instantiateNow(): M {
    const { now } = this.file;
    if (!now)
      throw new Error(`weld is not initialized: \`await ${this.initialize}()\` comes before \`${this.first}Sync\``);
    const bridge = new Bridge(this.more);
    try {
      bridge.connect(new WebAssembly.Instance(now, bridge.imports as WebAssembly.Imports));
    } catch (error) {
      return this.checked(undefined, error);
    }
    return this.checked(this.make(bridge));
  }
}

/** @throws Crash of `action` */
export function attempt<M extends { HEAPU8: Uint8Array }, T>(instance: M, action: (instance: M) => T): T {
  try {
    return action(instance);
  } catch (error) {
    throw error instanceof MoreNeeded ? error : new Crash(error, instance.HEAPU8.length);
  }
}
