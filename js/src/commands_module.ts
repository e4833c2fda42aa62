// The module of the subcommands. Whoever wants it imports this file when it is wanted. See js/native/commands_module.cpp.
import type { Bridge, Host } from './bridge.js';
import { besideWeld } from './core.js';
import { Instances } from './instance.js';
import { version } from './version.js';

class CommandsModule {
  constructor(readonly bridge: Bridge) {}

  /** Runs a subcommand. -1: `argv` asks for none. */
  run(argv: readonly string[], host: Host): number {
    this.bridge.host = host;
    this.bridge.texts(argv);
    try {
      return this.bridge.exports['run']!();
    } finally {
      this.bridge.host = undefined; // which has the files
    }
  }
  version(): string {
    return this.bridge.textResult(() => this.bridge.exports['version']!());
  }

  get HEAPU8(): Uint8Array {
    return this.bridge.HEAPU8;
  }
}

export const instances = new Instances(
  (bridge) => new CommandsModule(bridge),
  () => besideWeld('commands.wasm') ?? new URL('./commands.wasm', import.meta.url),
  'initialize',
  'run',
  (module) => module.version() === version,
);
