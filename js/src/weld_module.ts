// weld.wasm as far as a link needs it. See js/native/weld_module.cpp.
import type { Bridge, Host } from './bridge.js';

export class Weld {
  constructor(readonly bridge: Bridge) {}

  /** Runs the tool; returns its exit code. */
  run(argv: readonly string[], host: Host, terminals: number): number {
    this.bridge.host = host;
    this.bridge.texts(argv);
    return this.bridge.exports['run']!(terminals);
  }

  version(): string {
    return this.bridge.textResult(() => this.bridge.exports['version']!());
  }

  get HEAPU8(): Uint8Array {
    return this.bridge.HEAPU8;
  }
}
