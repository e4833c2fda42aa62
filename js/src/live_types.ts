// The contract of programs that are edited while they run.
import type { Diagnostic, LinkStats, OwnBytes, SymbolName } from './types.js';

/** Why something needs a new program, or what a patch leaves as it is. */
export interface PatchReason {
  /** What it is about. Missing if it is about the whole program, such as other options. */
  symbol?: SymbolName;
  /** A sentence with the symbol in its readable form, such as `` `v` has another size: 8 bytes and not 4 ``. */
  text: string;
}

/** What all results of {@link Linker.patch} have. */
interface AnyPatchResult {
  /** Errors, warnings and messages of the link that the patch was made from. */
  diagnostics: Diagnostic[];
  /** The stats of the link that the patch was made from. `full` is missing if only edited functions were looked at. */
  stats: LinkStats;
}

/** The running program can have the edits. */
export interface PatchSuccess extends AnyPatchResult {
  /** The edited inputs could be linked. */
  ok: true;
  /**
   * The patch, a small module for `applyPatch`. It is plain data: it can be sent to the worker or the page in which the
   * program runs. Missing if the program has everything already.
   */
  patch?: OwnBytes;
  /** The functions that the patch replaces or adds. */
  changed: SymbolName[];
  /** What the program keeps although it was edited, such as the values of variables with other initial values. */
  kept: PatchReason[];
  /** Missing: no restart is needed. */
  restart?: undefined;
  /** Missing: there is no new program. */
  output?: undefined;
}

/** Only a new program can have the edits. The one that runs is not touched. */
export interface PatchRestart extends AnyPatchResult {
  /** The edited inputs could be linked. */
  ok: true;
  /** Why, with the symbols. There is at least one reason. */
  restart: PatchReason[];
  /** The new program. Later patches can be made for it, or for the old one if it goes on running. */
  output: OwnBytes;
  /** Missing: there is no patch. */
  patch?: undefined;
}

/** The edited inputs cannot be linked. The program goes on as it is. */
export interface PatchFailure extends AnyPatchResult {
  /** `diagnostics` say why. */
  ok: false;
  /** Missing: there is no patch. */
  patch?: undefined;
  /** Missing: it is not known whether a restart is needed. */
  restart?: undefined;
  /** Missing: there is no new program. */
  output?: undefined;
}

/** The result of {@link Linker.patch}. Edits that cannot be linked have a result with `ok: false`; it does not throw. */
export type PatchResult = PatchSuccess | PatchRestart | PatchFailure;
