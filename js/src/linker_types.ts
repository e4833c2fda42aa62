// The contract of the persistent linker.
/// <reference lib="esnext.disposable" preserve="true" />
import type { Instance } from './host_types.js';
import type { PatchResult } from './live_types.js';
import type { Input, LinkOptions, LinkRequest, LinkResult, OwnBytes } from './types.js';
import type { Unit } from './unit.js';

/**
 * A persistent linker: it keeps its inputs parsed between links, for editors and builds that link after each edit. A
 * link gives the bytes and the diagnostics that {@link link} gives for the same inputs, unless it is `incremental`.
 *
 * Its methods are synchronous. `createLinker` reads the files in `files` that take time (promises, Blobs, URLs) if its
 * request names them: inputs, libraries, members of thin archives, `allowUndefinedFile`, and `.imports` files.
 *
 * If a later edit names a file that would take time, `link` and `save` throw a `TypeError` that names the file, until
 * the edit is undone or the bytes are given. Files that no request named, such as the `.imports` file of an archive
 * that was added later, are treated as missing.
 */
export interface Linker {
  /** Adds an input at the end of the link order, or before the input named `before`. Its bytes must have been read. */
  add(input: Input, before?: string): void;
  /** Replaces the bytes of an input, which is not a unit. If they are malformed, the next `link` reports it. */
  replace(name: string, bytes: Uint8Array | ArrayBuffer): void;
  /** Removes an input or a unit. Another one can have its name at once. */
  remove(name: string): void;
  /**
   * Adds a unit, which is an input whose code is added function by function. If the linker was restored from a snapshot that
   * has the unit, it is returned with its contents; `before` then moves it if it is behind that input.
   */
  unit(name: string, options?: { memory64?: boolean; before?: string }): Unit;
  /** The names of the inputs, in link order. */
  readonly inputs: readonly string[];
  /** Changes the order of the inputs. `names` must be the names of all inputs. */
  reorder(names: readonly string[]): void;
  /**
   * Replaces all options for later links. It does not merge them with the old ones: pass all that should hold, as
   * `setOptions({ ...options, stripAll: true })`.
   */
  setOptions(options: LinkOptions): void;
  /**
   * Links the current inputs.
   *
   * `into` is memory for the output, such as the last output if it is not needed any more. Reusing memory saves time,
   * because allocating it can take longer than linking a small edit. If the output fits, `output` is the beginning of
   * `into`; otherwise it is a new array.
   */
  link(options?: { into?: OwnBytes | undefined }): LinkResult;
  /**
   * Makes a patch that brings the edits into a running program, or says why only a new program can have them. The linker
   * must have been created with `live`, and the program must come from one of its links.
   *
   * `running` is the program: an instance, or what `liveState` says of it if it runs in another thread. Its state says which
   * patches it has. So nobody has to tell the linker whether a patch was applied, failed, or was never used, and a program
   * that was not restarted can be patched when the edit is undone. `applyPatch` and `applyPatchSync` apply the result.
   */
  patch(running: Instance | bigint): PatchResult;
  /**
   * Saves the parsed inputs of the linker in one buffer, a snapshot. `createLinker({ snapshot })` restores them without
   * parsing. A snapshot has no options: pass them to `createLinker` again. The last link is saved too if nothing was
   * edited since. If the restored linker first links with the same options, that link writes only what was edited, as the
   * next link of this linker would. Only the version of this package that made a snapshot can restore it. `save` does not
   * link. It throws an `Error` if an input cannot be read.
   */
  save(): OwnBytes;
  /** Releases the memory and the inputs. Afterwards, edits and links throw a `TypeError`. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a persistent linker starts with: the request of a link, and optionally a snapshot of another linker. */
export interface LinkerRequest extends LinkRequest {
  /**
   * A snapshot from {@link Linker.save}. Its inputs come before `inputs`. It has no options: `options` and `args` are those
   * of this request. The linker reads the snapshot as long as the
   * linker is in use, so do not change the snapshot or transfer its buffer. Do not restore snapshots from untrusted
   * sources.
   */
  snapshot?: Uint8Array | ArrayBuffer;
  /**
   * Link programs that can be edited while they run: see {@link Linker.patch}. `true`: the functions of objects and units can
   * be replaced, `'all'`: those of archives too. Such programs are larger, because functions call each other through the
   * function table.
   */
  live?: boolean | 'all';
  /** With `live`: how many bytes of memory a program leaves free for the data that patches bring. Default: 1,048,576. */
  liveRoom?: number;
  /**
   * Leaves room in the output, so that functions and data of units can be added, removed and resized without a link of
   * everything. The default is `false`, or what the linker of the snapshot had.
   *
   * The output then differs from that of {@link link}: addresses and indices have another order, the memory has unused
   * bytes, and what nothing refers to any more may stay. The program does the same. Where there is no room, the
   * linker links everything, and `stats.full` says what there was no room for. Make a release with a linker that does
   * not set `incremental`.
   */
  incremental?: boolean;
}
