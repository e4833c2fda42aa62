// The classes of units, as far as they are always loaded. build.mjs exports `Unit` and `Code` of this file, which say what
// `instanceof` asks, in the place of the true ones, which are loaded together with the persistent linker.
import type { Diagnostic } from './types.js';

/** @internal The true classes, once they are loaded. */
export const loaded: Partial<Record<'Unit' | 'Code', NewableFunction>> = {};

export class Unit {
  static [Symbol.hasInstance](value: unknown): boolean {
    return loaded.Unit !== undefined && value instanceof loaded.Unit;
  }
}

export class Code {
  static [Symbol.hasInstance](value: unknown): boolean {
    return loaded.Code !== undefined && value instanceof loaded.Code;
  }
}

/** Thrown if an edit was refused. The unit is as it was before the edit. */
export class EditError extends Error {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static override readonly name = 'EditError';
  constructor(
    /** What is wrong with the edit. */
    readonly diagnostics: readonly Diagnostic[],
  ) {
    super(diagnostics.map((diagnostic) => diagnostic.text).join('\n'));
    this.name = 'EditError';
  }
}
