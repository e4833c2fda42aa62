// What a unit hands out to be named in its code and data. Each knows its unit, so that another unit can refuse it.

/** What a symbol stands for. */
export type SymbolKind =
  | 'function'
  | 'data'
  | 'global'
  | 'table'
  | 'memory'
  | 'tag'
  | 'section'
  | 'passive data'
  | 'passive elements';

/** The unit, as far as its symbols and code know it. */
export interface Owner {
  readonly name: string;
  readonly memory64: boolean;
}

/** Something that a unit declares. Only methods of the unit make it, and only the same unit takes it. */
export class UnitSymbol {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'UnitSymbol';
  #unit: Owner | undefined;

  /** @internal */
  constructor(
    unit: Owner,
    /** What the symbol stands for. */
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

/** A type of a unit: a function type, a struct or an array. */
export class UnitType {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static readonly name = 'UnitType';
  readonly #unit: Owner;
  #id: number;

  /** @internal */
  constructor(unit: Owner, id: number) {
    this.#unit = unit;
    this.#id = id;
  }

  /** The number that operands of instructions use. */
  get id(): number {
    return this.#id;
  }
  /** The type of references to it that are never null. */
  get ref(): { ref: UnitType } {
    return { ref: this };
  }
  /** The type of references to it that may be null. */
  get refNull(): { ref: UnitType; null: true } {
    return { ref: this, null: true };
  }

  /** @internal Its group is defined: it has the number from now on. */
  defined(id: number): void {
    this.#id = id;
  }

  /** @internal The unit that a value is a type of. */
  static unitOf(value: unknown): Owner | undefined {
    return typeof value === 'object' && value !== null && #unit in value ? value.#unit : undefined;
  }
}
