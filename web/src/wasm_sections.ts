// The heads of a module's sections: enough for a table. Anything may come here; what does not read well ends the list.

export interface Section {
  id: number;
  /** A custom section's own name, or what its id means. */
  name: string;
  /** Of the payload, from the module's first byte. */
  offset: number;
  size: number;
  /** Entries, in sections that count them. */
  count?: number;
}

// biome-ignore format: a table
const names = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'elem', 'code', 'data', 'datacount', 'tag'];
const countless = [0, 8];
const mostSections = 10_000;
const longestName = 1000;

/** All of the bytes are sections. */
export function isWhole(bytes: Uint8Array, sections: Section[]): boolean {
  const last = sections.at(-1);
  return (last === undefined ? 8 : last.offset + last.size) === bytes.length;
}

export function readSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  let at = 8;
  const uleb = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 35; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length && sections.length < mostSections) {
    const id = bytes[at++]!;
    const before = at;
    const size = uleb();
    if (at === before || bytes[at - 1]! >= 0x80) break; // the size is cut off
    const offset = at;
    if (offset + size > bytes.length) break;
    const section: Section = { id, name: names[id] ?? `section ${id}`, offset, size };
    if (id === 0) {
      const length = uleb();
      section.name = new TextDecoder().decode(bytes.subarray(at, at + Math.min(length, size, longestName)));
    } else if (!countless.includes(id)) section.count = uleb();
    sections.push(section);
    at = offset + size;
  }
  return sections;
}
