// What a unit hands out to be named in its code and data. Each knows its unit, so that another unit can refuse it.

/** What a symbol stands for. */
export type SymbolKind = 'function' | 'data' | 'global' | 'table' | 'tag' | 'passive data' | 'passive elements';

/** @internal The unit, as far as its symbols and code know it. */
export interface Owner {
  readonly name: string;
  readonly memory64: boolean;
}

/** Something that a unit declares. Only methods of the unit make it, and only the same unit takes it. */
export class UnitSymbol {
  #unit: Owner | undefined;

  /** @internal */
  constructor(
    unit: Owner,
    readonly kind: SymbolKind,
    /** The number that operands of instructions use. */
    readonly id: number,
    /** Empty: a constant. */
    readonly name: string,
  ) {
    this.#unit = unit;
  }

  /** @internal The unit that a value is a symbol of. `null`: it is a symbol that was removed. */
  static unitOf(value: unknown): Owner | null | undefined {
    return typeof value === 'object' && value !== null && #unit in value ? (value.#unit ?? null) : undefined;
  }

  /** @internal It stands for nothing from now on. */
  removed(): void {
    this.#unit = undefined;
  }
}

/** A function type of a unit, for blocks and for calls through a table. */
export class UnitType {
  readonly #unit: Owner;

  /** @internal */
  constructor(
    unit: Owner,
    /** The number that operands of instructions use. */
    readonly id: number,
  ) {
    this.#unit = unit;
  }

  /** @internal The unit that a value is a type of. */
  static unitOf(value: unknown): Owner | undefined {
    return typeof value === 'object' && value !== null && #unit in value ? value.#unit : undefined;
  }
}
