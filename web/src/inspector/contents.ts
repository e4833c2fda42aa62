// The bytes of files. Those that the browser keeps in a file of its own need not be in memory as well: they are read again when
// somebody wants them.

/** So many bytes of a file, from `from` on. */
export interface FilePart {
  from: number;
  size: number;
}
/** They stay as they are for as long as somebody has this content. */
export interface KeptPart extends FilePart {
  in: Blob;
}

const archiveStart = 0x21; // `!<arch>` and `!<thin>`

export class Content {
  readonly size: number;
  readonly isArchive: boolean;
  #bytes: Uint8Array | undefined;
  /** Where else they are. */
  #kept: KeptPart | undefined;

  constructor(bytes: Uint8Array, kept?: KeptPart) {
    this.#bytes = bytes;
    this.size = bytes.length;
    this.isArchive = bytes[0] === archiveStart;
    if (kept) this.keptIn(kept);
  }

  /** For who does not keep them: nobody may change them or give them away. */
  get bytes(): Uint8Array {
    if (this.#bytes) return this.#bytes;
    const { in: file, from, size } = this.#kept!;
    return new Uint8Array(readAgain(file), from, size);
  }

  /** Where they are, if they are not in memory. */
  get away(): KeptPart | undefined {
    return this.#bytes ? undefined : this.#kept;
  }

  keptIn(kept: KeptPart): void {
    if (kept.size === this.size) this.#kept = kept;
  }

  /** If they are elsewhere too, whoever has these bytes does without them from now on. */
  leaveMemory(): void {
    if (!this.#kept || !this.#bytes) return;
    giveBack(this.#bytes);
    this.#bytes = undefined;
  }

  /** Where they are kept, they will not be any more. */
  stayInMemory(): void {
    this.#bytes ??= this.bytes.slice();
    this.#kept = undefined;
  }
}

/** Frees memory that others hold. */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength)
    structuredClone(buffer, { transfer: [buffer] });
}

// Of workers alone, so that TypeScript's types of pages do not have it.
declare class FileReaderSync {
  readAsArrayBuffer(file: Blob): ArrayBuffer;
}

/** Many inputs lie in one file, one behind another, and are mostly wanted in this order. */
const mostRead = 3;
const lastRead: { file: Blob; buffer: ArrayBuffer }[] = [];

function readAgain(file: Blob): ArrayBuffer {
  const place = lastRead.findIndex((one) => one.file === file);
  const [read] = place < 0 ? [] : lastRead.splice(place, 1);
  const newest = read ?? { file, buffer: readNow(file) };
  lastRead.unshift(newest);
  lastRead.length = Math.min(lastRead.length, mostRead);
  return newest.buffer;
}

function readNow(file: Blob): ArrayBuffer {
  try {
    return new FileReaderSync().readAsArrayBuffer(file);
  } catch {
    throw new Error('the browser has deleted the inputs that it kept for this page: add them again');
  }
}
