// An input of the link, and the part of the session that has the inputs.
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Kind } from './file_kinds';
import type { FilePart } from './linker.worker';
import type { Values } from './options';

export interface Input {
  /** The worker's name for the bytes. A new version of a file has a new one. */
  key: number;
  name: string;
  size: number;
  kind: Kind;
  file: Blob;
  /** Where the page itself has this file, as a path beside it. */
  origin?: string;
  /** Link every member of this archive. */
  wholeArchive: boolean;
}

export interface NewInput {
  name: string;
  file: Blob;
  origin?: string;
  wholeArchive?: boolean;
  /** `file` is a part of another, which is read instead. `stays`: that one is the browser's own, and stays as it is. */
  part?: FilePart & { of: Blob; stays?: boolean };
}

/** What parts of the session may use of it. */
export interface Inputs {
  /** In link order. */
  readonly inputs: ReadonlySignal<readonly Input[]>;
  /** What the options' form says. */
  readonly values: Signal<Values>;
  /** The last thing that happened, in words. */
  readonly news: Signal<string>;
  /** Gives the names of those that cannot be read. */
  addInputs(added: NewInput[]): Promise<string[]>;
  remove(key: number): void;
}
