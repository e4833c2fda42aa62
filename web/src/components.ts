// A component holds core modules, in components of its own too.

export interface CoreModule {
  offset: number;
  size: number;
}

const most = 1000;

/** Where the core modules are; what does not read well ends the list. */
export function coreModules(bytes: Uint8Array): CoreModule[] {
  const found: CoreModule[] = [];
  // Components in components are looked into by a list of what is left, not by calls: anything may come here.
  const waiting = [{ begin: 8, end: bytes.length }];
  for (let next = waiting.pop(); next && found.length < most; next = waiting.pop()) {
    let { begin: at } = next;
    while (at < next.end && found.length < most) {
      const id = bytes[at++];
      let size = 0;
      for (let shift = 0; at < next.end && shift < 35; shift += 7) {
        const byte = bytes[at++]!;
        size += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
      if (at + size > next.end) break;
      if (id === 1) found.push({ offset: at, size });
      else if (id === 4 && size > 8) waiting.push({ begin: at + 8, end: at + size });
      at += size;
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}
