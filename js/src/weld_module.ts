// weld.wasm as far as a link needs it. See js/native/weld_module.cpp.
import type { Bridge, Host } from './bridge.js';

export class Weld {
  constructor(readonly bridge: Bridge) {}

  /** Runs the tool; returns its exit code. */
  run(argv: readonly string[], host: Host, terminals: number): number {
    const { bridge } = this;
    bridge.host = host;
    bridge.texts(argv);
    try {
      return bridge.exports['run']!(terminals);
    } finally {
      bridge.host = undefined; // which has the files
    }
  }

  version(): string {
    return this.bridge.textResult(() => this.bridge.exports['version']!());
  }

  get HEAPU8(): Uint8Array {
    return this.bridge.HEAPU8;
  }
}
