// Patches of programs that run: the side of the program. It needs nothing of the linker, which may be in another thread.
import type { Instance } from './host_types.js';
import type { PatchResult } from './live_types.js';
import type { OwnBytes } from './types.js';

/** The functions that a patch adds to the exports of a program, by name. */
// biome-ignore lint/suspicious/noExplicitAny: as in the exports of an instance
export type PatchExports = Record<string, (...values: any[]) => any>;
/** The imports of a program, by module and name. */
export type PatchImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * A program refuses a patch that was not made for it: it is of another build, it has the patch already, or it lacks a
 * patch that was made before this one. Nothing has changed in the program.
 */
export class PatchError extends Error {
  /** Tells it from other errors where `instanceof` cannot. */
  override readonly name = 'PatchError';
}

// The engine's objects, as far as they are used here: the package's types do without those of pages.
interface Engine {
  Module: {
    new (bytes: Uint8Array): WebAssembly.Module;
    customSections(module: WebAssembly.Module, name: string): ArrayBuffer[];
  };
  Instance: new (module: WebAssembly.Module, imports: object) => { exports: PatchExports };
  compile(bytes: Uint8Array): Promise<WebAssembly.Module>;
  instantiate(module: WebAssembly.Module, imports: object): Promise<{ exports: PatchExports }>;
}
const engine = WebAssembly as unknown as Engine;

/**
 * The state of a program that was linked with `live`: it says which build it is, and which patches it has. If the program
 * runs where the linker is not, send the state to the linker, for {@link Linker.patch}.
 *
 * @throws TypeError if the program was not linked with `live`
 */
export function liveState(running: Instance): bigint {
  const exports = (running as { exports?: Record<string, { value?: unknown }> } | undefined)?.exports;
  const state = exports?.['__weld_live.state']?.value;
  if (typeof state !== 'bigint') throw new TypeError('the running program was not linked with `live`');
  return BigInt.asUintN(64, state);
}

/** What can be applied: the result of {@link Linker.patch}, or the patch alone, which may come from another thread. */
export type Patch = PatchResult | Uint8Array | ArrayBuffer;

/**
 * Brings a patch into a running program. Functions that are running go on with their old code; later calls reach the new
 * one. Memory, variables and the exports of the program stay. The promise resolves to the functions that the patch adds to
 * the exports, which `running.exports` cannot get.
 *
 * `imports` are those of the program. They are needed if the patch imports functions that the program did not import.
 *
 * A patch is applied as a whole or not at all. It is a {@link PatchError} if it was not made for the state that the program
 * is in; an error of the engine, if an import is missing. Then the program is as it was, and {@link Linker.patch} makes the
 * next patch for what the program is.
 */
export async function applyPatch(running: Instance, patch: Patch, imports: PatchImports = {}): Promise<PatchExports> {
  const bytes = bytesOf(patch);
  if (!bytes) return {};
  const module = await engine.compile(bytes);
  const application = new Application(running, module, imports);
  try {
    return (await engine.instantiate(module, application.imports)).exports;
  } catch (error) {
    throw application.explained(error);
  }
}

/**
 * The same at once, so that the new code is there when the call returns. Engines allow it in workers, in Node, and in pages
 * as far as they compile modules of this size at once: some pages' main threads only compile modules up to 4 KB, and throw a
 * `RangeError` for larger ones.
 */
export function applyPatchSync(running: Instance, patch: Patch, imports: PatchImports = {}): PatchExports {
  const bytes = bytesOf(patch);
  if (!bytes) return {};
  const module = new engine.Module(bytes);
  const application = new Application(running, module, imports);
  try {
    return new engine.Instance(module, application.imports).exports;
  } catch (error) {
    throw application.explained(error);
  }
}

/** Undefined: the program has everything already. */
function bytesOf(patch: Patch): OwnBytes | undefined {
  if (patch instanceof Uint8Array) return patch as OwnBytes;
  if (Object.prototype.toString.call(patch) === '[object ArrayBuffer]') return new Uint8Array(patch as ArrayBuffer);
  const { ok, restart, patch: bytes } = patch as PatchResult;
  if (ok === false) throw new TypeError('there is no patch: the edited inputs could not be linked');
  if (restart)
    throw new TypeError(`only a new program can have these edits: ${restart.map(({ text }) => text).join('; ')}`);
  if (ok !== true) throw new TypeError('a patch must be the result of `linker.patch`, or its bytes');
  return bytes;
}

/** A patch on its way into a program. */
class Application {
  readonly imports: object;
  private readonly before: bigint;
  private readonly after: bigint;

  constructor(
    private readonly running: Instance,
    module: WebAssembly.Module,
    imports: PatchImports,
  ) {
    const [section] = engine.Module.customSections(module, 'weld.live');
    if (section?.byteLength !== 16) throw new TypeError('the module is not a patch');
    const view = new DataView(section);
    this.before = view.getBigUint64(0, true);
    this.after = view.getBigUint64(8, true);
    const refused = this.refusal();
    if (refused) throw refused;
    const { exports } = running as unknown as { exports: object };
    // Imports may be a proxy, or have a prototype.
    this.imports = Object.create(imports, { __weld_live: { value: exports, enumerable: true } }) as object;
  }

  /** An error of the engine. The program looks at its state itself before anything in it changes. */
  explained(error: unknown): unknown {
    const refused = this.refusal(error); // another patch may have come between
    if (refused) return refused;
    const isTrap = error instanceof Error && error.name === 'RuntimeError';
    return isTrap ? new PatchError('the function table of the program cannot grow', { cause: error }) : error;
  }

  private refusal(cause?: unknown): PatchError | undefined {
    const state = liveState(this.running);
    if (state === this.before) return undefined;
    if (state === this.after) return new PatchError('the program has this patch already', { cause });
    return new PatchError(
      `the patch is for a program in the state ${show(this.before)}, and this one is in the state ${show(state)}: it is of another build, or does not have the same patches`,
      { cause },
    );
  }
}

const show = (state: bigint) => state.toString(16).padStart(16, '0');
