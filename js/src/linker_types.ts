// The contract of the persistent linker.
import type { Input, LinkOptions, LinkRequest, LinkResult, OwnBytes } from './types.js';
import type { Unit } from './unit.js';

/**
 * A linker that keeps its inputs parsed between links: for editors and builds that link after each edit. A link gives
 * the bytes that {@link link} gives for the same inputs, and its diagnostics.
 *
 * It answers at once. What takes time in `files` (a promise, a `Blob`, a URL) `createLinker` reads as far as its request
 * names it: inputs, libraries, members of thin archives, `allowUndefinedFile`, `.imports`. What an edit names later has to be
 * there: `link` and `save` throw a `TypeError` that says which file is not, until the edit is taken back or its bytes are
 * given. What nobody named, an added archive's `.imports` and libraries that could have what is undefined, counts as not there.
 */
export interface Linker {
  /** Adds an input, whose bytes have been read, at the end of the link order, or before the one of that name. */
  add(input: Input, before?: string): void;
  /** Puts other bytes in an input's place. What is wrong with them, the next `link` says. */
  replace(name: string, bytes: Uint8Array | ArrayBuffer): void;
  /** Takes an input or a unit out. */
  remove(name: string): void;
  /** Adds a unit, as `add` adds an input: code that comes function by function. */
  unit(name: string, options?: { memory64?: boolean; before?: string }): Unit;
  /** The names of the inputs, in link order. */
  readonly inputs: readonly string[];
  /** Puts the inputs in another order: the same names. */
  reorder(names: readonly string[]): void;
  /** The options of the links from now on. */
  setOptions(options: LinkOptions): void;
  /**
   * Links the inputs as they are now.
   *
   * `into` is memory for the file that is made, such as the last output when nobody needs it any more: fresh memory takes
   * longer than a small edit. `output` is then its beginning; one that does not fit is a new array as ever.
   */
  link(options?: { into?: OwnBytes | undefined }): LinkResult;
  /**
   * The linker's inputs, parsed, in one buffer: `createLinker({ snapshot })` goes on from it without parsing anything.
   * To be restored by the same version of this package. Links nothing. Throws an `Error` when an input cannot be read.
   */
  save(): OwnBytes;
  /** Gives back the memory and the inputs. Afterwards the linker has none, and edits and links throw a `TypeError`. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** What a linker begins with: as a link, and perhaps what another linker saved. */
export interface LinkerRequest extends LinkRequest {
  /**
   * From {@link Linker.save}. Its inputs come before `inputs`. It is read as long as the linker is used: do not change it,
   * and do not transfer its buffer.
   */
  snapshot?: Uint8Array | ArrayBuffer;
}
