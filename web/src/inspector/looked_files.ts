// What is looked into: objects, members of archives, the output. A file is inspected when somebody wants to see what is in it, and
// inspections of many files are not kept, since they are larger than the files.
import { inspectSync, type Inspection } from 'wasm-weld';
import type { Content } from './contents';

/** An object, an archive's member or the output, in the order of the link. */
export interface LookedFile {
  /** `libc.a(printf.o)`; {@link outputFile}. No two have the same: of members that an archive has twice, `libc.a(a.o #2)`. */
  readonly name: string;
  /** As reports and diagnostics have it: without the number. */
  readonly reported: string;
  /** The input's name and the archive's member, as reports have them. */
  readonly path: string;
  readonly member: string;
  /** Where it begins in what was given: a member in its archive. */
  readonly begin: number;
  readonly size: number;
  /** As they are at the moment: nobody keeps them. */
  readonly bytes: Uint8Array;
  readonly inspection: Inspection;
}

/** What the output is called among the files. No input can be: theirs do not begin so. */
export const outputFile = '(output)';

/** Of the files whose inspections are kept. */
const mostBytes = 24 << 20;

/** The newest inspections, the last used one last. */
export class Inspections {
  readonly #kept = new Map<LookedFile | Content | typeof outputFile, { inspection: Inspection; size: number }>();
  #size = 0;

  of(file: LookedFile | Content | typeof outputFile, size: number, inspect: () => Inspection): Inspection {
    const known = this.#kept.get(file);
    if (known) {
      this.#kept.delete(file);
      this.#kept.set(file, known);
      return known.inspection;
    }
    const made = { inspection: inspect(), size };
    this.#kept.set(file, made);
    this.#size += size;
    for (const [old, { size }] of this.#kept) {
      if (this.#size <= mostBytes || this.#kept.size === 1) break;
      this.#kept.delete(old);
      this.#size -= size;
    }
    return made.inspection;
  }

  /** It is another one now. */
  forget(file: Content | typeof outputFile): void {
    this.#size -= this.#kept.get(file)?.size ?? 0;
    this.#kept.delete(file);
  }
}

/** What is in an input: of an archive, the members each. */
export function filesOf(content: Content, path: string, inspections: Inspections): LookedFile[] {
  const whole = () => inspections.of(content, content.size, () => inspectSync(content.bytes, { name: path }));
  if (!content.isArchive) {
    const { size } = content;
    const file = { name: path, reported: path, path, member: '', begin: 0, size };
    return [looked(file, () => content.bytes, whole)];
  }
  const { kind, members } = whole();
  if (kind === 'thin-archive') return []; // its members are elsewhere
  const taken = new Set<string>();
  return members.flatMap(({ name: member, offset, size }, i) => {
    const reported = `${path}(${member})`;
    let name = reported;
    for (let n = 2; taken.has(name); n++) name = `${path}(${member} #${n})`;
    taken.add(name);
    const file: LookedFile = looked(
      { name, reported, path, member, begin: offset, size: Math.max(0, Math.min(size, content.size - offset)) },
      () => content.bytes.subarray(offset, offset + size),
      () => inspections.of(file, size, () => whole().member(i)),
    );
    return file;
  });
}

export function lookedOutput(size: number, output: () => Uint8Array, inspections: Inspections): LookedFile {
  // Which has a copy of the bytes.
  const inspection = () => inspections.of(outputFile, size, () => inspectSync(output(), { name: 'output' }));
  return looked(
    { name: outputFile, reported: outputFile, path: outputFile, member: '', begin: 0, size },
    () => inspection().bytes,
    inspection,
  );
}

function looked(
  file: Omit<LookedFile, 'bytes' | 'inspection'>,
  bytes: () => Uint8Array,
  inspect: () => Inspection,
): LookedFile {
  return Object.defineProperties(file as LookedFile, { bytes: { get: bytes }, inspection: { get: inspect } });
}
