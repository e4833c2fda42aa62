// When the core does not come to an end: it trapped, which is a mistake in weld, or there was no memory left.
import type { Diagnostic } from './types.js';
import { version } from './version.js';

export class Crash extends Error {
  /** How many bytes there was no memory for. Missing after a trap. */
  private readonly wanted: number | undefined;

  /** `memoryBytes`: what the instance had. */
  constructor(
    override readonly cause: unknown,
    readonly memoryBytes: number,
  ) {
    super();
    // js/native/memory.cpp and `copyOf` say it; the words of engines differ, and traps speak of memory too.
    this.wanted = (cause as { wanted?: number } | undefined)?.wanted;
    const { text, notes } = this.diagnostic();
    this.message = [text, ...notes.map((note) => note.text)].join('; ');
  }

  /** `inputBytes`: how much was read. */
  diagnostic(inputBytes = 0): Diagnostic {
    const [what, ...said] = this.wanted === undefined ? this.mistake() : this.exhaustion(this.wanted, inputBytes);
    const notes = said.map((note) => ({ text: note }));
    return { id: 'internal', severity: 'error', text: `internal: ${what}`, arguments: [what], notes };
  }

  private exhaustion(wanted: number, inputBytes: number): [string, ...string[]] {
    const what = `out of memory: the linker has ${megabytes(this.memoryBytes)}, and ${megabytes(wanted)} more cannot be had`;
    const note = `${inputBytes ? `files of ${megabytes(inputBytes)} were read: those` : 'objects'} without debug information are smaller`;
    return [what, note, 'WebAssembly has 4,096 MB at most; the native program has no such limit'];
  }

  private mistake(): [string, ...string[]] {
    const { message, stack = '' } = this.cause instanceof Error ? this.cause : new Error(String(this.cause));
    const places = stack.split('\n').flatMap((line) => placeIn(line) ?? []);
    const where = places.length > 0 ? `, at ${places.slice(0, 5).join(' < ')}` : '';
    return [
      message,
      `this is a mistake in weld: please report it, with the inputs if you can, and this: ${message}${where}, version ${version}`,
    ];
  }
}

/** A line of a stack as far as it is about a module: js/split.mjs names both, and numbers the functions of each anew. */
function placeIn(line: string): string | undefined {
  const [place] = /wasm-function\[\d+\](:0x[\da-f]+)?/.exec(line) ?? [];
  return place && line.includes('weld-more') ? `${place} of weld-more.wasm` : place;
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;

/** A copy of bytes; where there is no room for it, an error that `Crash` knows. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  try {
    return bytes.slice() as Uint8Array<ArrayBuffer>;
  } catch (cause) {
    throw Object.assign(new Error('out of memory', { cause }), { wanted: bytes.length });
  }
}
