// Reads what a table of sections shows: only the heads of a module's sections. The linker writes them, so they are
// well-formed; a file that is not simply ends the list.

export interface Section {
  name: string;
  /** Of the payload, from the module's first byte. */
  offset: number;
  size: number;
}

const names = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'elem', 'code', 'data', 'datacount', 'tag'];

export function readSections(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  let at = 8;
  const uleb = () => {
    let value = 0;
    for (let shift = 0; at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const id = bytes[at++]!;
    const size = uleb();
    const offset = at;
    let name = names[id] ?? `section ${id}`;
    if (id === 0) {
      const length = uleb();
      name = new TextDecoder().decode(bytes.subarray(at, at + length));
    }
    sections.push({ name, offset, size });
    at = offset + size;
  }
  return sections;
}
