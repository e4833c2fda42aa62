// What the bytes of a file are: a tree of sections with what is in them, and for a window of bytes the parts and
// relocations that it touches.
import type { Inspection } from 'wasm-weld';

export type PartKind = 'header' | 'section' | 'head' | 'function' | 'segment' | 'payload';

/** A section, or what is in it. Offsets are from the file's first byte. */
export interface Part {
  kind: PartKind;
  name: string;
  display: string;
  begin: number;
  end: number;
  /** Of a function. */
  index?: number;
  /** How many entries it has, of a section. */
  count?: number;
}

export interface SectionPart extends Part {
  /** Where the contents begin. */
  contents: number;
  /** Functions or segments, in order. Many: the page asks for them. */
  children: number;
  relocations: number;
}

export interface RelocationMark {
  begin: number;
  end: number;
  type: string;
  addend: number;
  /** Of what it refers to. */
  name?: string;
  display?: string;
  /** Where that symbol begins in this file, when it is defined here. */
  at?: number;
}

export interface Extent {
  begin: number;
  end: number;
  section: string;
}

const partCache = new WeakMap<
  Inspection,
  { sections: SectionPart[]; parts: Part[][]; offsets: Float64Array; order: Uint32Array }
>();

/** What it is of a module that its own header and sections' heads are. */
export function structureOf(inspection: Inspection) {
  const cached = partCache.get(inspection);
  if (cached) return cached;
  const { relocations } = inspection;
  const column = relocations.columns as Record<string, Uint32Array>;
  const perSection = new Uint32Array(inspection.sections.length);
  // Relocations by where they are in the file.
  const offsets = new Float64Array(relocations.length);
  for (let r = 0; r < relocations.length; r++) {
    const section = column['section']![r]!;
    if (section < perSection.length) perSection[section]!++;
    offsets[r] = (inspection.sections[section]?.payloadOffset ?? 0) + column['offset']![r]!;
  }
  const order = Uint32Array.from(offsets.keys()).sort((a, b) => offsets[a]! - offsets[b]!);

  const parts: Part[][] = [];
  const sections = inspection.sections.map((section, i): SectionPart => {
    const inside = partsOf(inspection, i);
    parts.push(inside);
    const name = section.name ?? section.kind.toLowerCase();
    const begin = headBegin(inspection.bytes, section.offset);
    return {
      kind: 'section',
      name,
      display: name,
      begin,
      contents: section.offset,
      end: section.offset + section.size,
      children: inside.length,
      relocations: perSection[i]!,
      ...(section.count === undefined ? {} : { count: section.count }),
    };
  });
  const made = { sections, parts, offsets, order };
  partCache.set(inspection, made);
  return made;
}

/** A function's body; undefined: it is imported. */
export function functionExtent({ functions }: Inspection, index: number): Extent | undefined {
  if (index >= functions.length) return undefined;
  const { offset, size } = functions.get(index);
  return offset === undefined || size === undefined
    ? undefined
    : { begin: offset, end: offset + size, section: 'code' };
}

/** The bytes of an object's symbol; undefined: it has none in this file. */
export function symbolExtent(inspection: Inspection, symbol: number): Extent | undefined {
  const { kind, flags, index = -1, segment: of = -1, offset, size = 0 } = inspection.symbols.get(symbol);
  if (flags.includes('undefined')) return undefined;
  if (kind === 'function') return functionExtent(inspection, index);
  if (kind === 'section') {
    const section = inspection.sections[index];
    return (
      section && {
        begin: section.payloadOffset,
        end: section.offset + section.size,
        section: section.name ?? section.kind,
      }
    );
  }
  const segment = kind === 'data' ? inspection.dataSegments[of] : undefined;
  if (!segment || offset === undefined) return undefined;
  const begin = segment.offset + offset;
  return { begin, end: Math.min(begin + size, segment.offset + segment.size), section: segment.name ?? 'data' };
}

/** The size before the contents is a LEB128, and before it is the id. */
function headBegin(bytes: Uint8Array, contents: number): number {
  let at = contents - 2;
  while (at > 8 && bytes[at]! >= 0x80 && contents - at < 6) at--;
  return Math.max(at, 8);
}

function partsOf(inspection: Inspection, section: number): Part[] {
  const { kind } = inspection.sections[section]!;
  if (kind === 'CODE') {
    const { functions } = inspection;
    const { offset, size } = functions.columns as Record<string, Uint32Array>;
    const parts: Part[] = [];
    for (let f = 0; f < functions.length; f++) {
      if (offset![f] === 0xffffffff) continue;
      const name = functions.name(f) ?? `function ${f}`;
      parts.push({
        kind: 'function',
        name,
        display: functions.display(f) ?? name,
        begin: offset![f]!,
        end: offset![f]! + size![f]!,
        index: f,
      });
    }
    return parts;
  }
  if (kind === 'DATA')
    return inspection.dataSegments.map(({ name, offset, size }, i) => {
      const text = name ?? `segment ${i}`;
      return { kind: 'segment', name: text, display: text, begin: offset, end: offset + size, index: i };
    });
  return [];
}

/** The parts and relocations that touch the bytes from `from` to `to`. */
export function touching(
  inspection: Inspection,
  from: number,
  to: number,
): { parts: Part[]; relocations: RelocationMark[] } {
  const { sections, parts } = structureOf(inspection);
  const found: Part[] = [];
  if (from < 8 && inspection.sections.length > 0)
    found.push({ kind: 'header', name: 'magic and version', display: 'magic and version', begin: 0, end: 8 });
  sections.forEach((section, i) => {
    if (section.end <= from || section.begin >= to) return;
    found.push({
      kind: 'head',
      name: section.name,
      display: `head of ${section.name}`,
      begin: section.begin,
      end: section.contents,
    });
    found.push({ ...section, kind: 'payload', begin: section.contents });
    const inside = parts[i]!;
    for (
      let p = lowerBound(inside.length, (k) => inside[k]!.end > from);
      p < inside.length && inside[p]!.begin < to;
      p++
    )
      found.push(inside[p]!);
  });
  return { parts: found, relocations: relocationsIn(inspection, from - 9, to) };
}

/** The relocations that begin from `from` to `to`, in the order of the bytes. */
export function relocationsIn(inspection: Inspection, from: number, to: number): RelocationMark[] {
  const { offsets, order } = structureOf(inspection);
  const relocations: RelocationMark[] = [];
  for (
    let r = lowerBound(order.length, (k) => offsets[order[k]!]! >= from);
    r < order.length && offsets[order[r]!]! < to;
    r++
  ) {
    const row = inspection.relocations.get(order[r]!);
    const begin = offsets[order[r]!]!;
    const at = row.symbol === undefined ? undefined : symbolExtent(inspection, row.symbol)?.begin;
    relocations.push({
      begin,
      end: begin + widthOf(row.type),
      type: row.type,
      addend: row.addend,
      ...(row.name === undefined ? {} : { name: row.name, display: row.display ?? row.name }),
      ...(at === undefined ? {} : { at }),
    });
  }
  return relocations;
}

/** Bytes that a relocation changes. */
export function widthOf(type: string): number {
  if (type.endsWith('LEB64')) return 10;
  if (type.endsWith('LEB')) return 5;
  return type.endsWith('I64') ? 8 : 4;
}

/** The function or segment that has the byte at `offset`. */
export function partAt(inspection: Inspection, offset: number): Part | undefined {
  const { sections, parts } = structureOf(inspection);
  const section = sections.findIndex(({ begin, end }) => offset >= begin && offset < end);
  if (section < 0) return undefined;
  const inside = parts[section]!;
  const part = inside[lowerBound(inside.length, (k) => inside[k]!.end > offset)];
  return part && part.begin <= offset ? part : sections[section];
}

/** The first of `count` for which it is so, when it is so for all behind it. */
function lowerBound(count: number, isSo: (k: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
