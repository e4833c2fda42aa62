// The metafile of a module that another linker, or an optimizer, made: what the module itself says, in the format of a link's
// metafile, so that all that looks into links looks into finished modules too.
import { openReport, type Inspection, type Metafile, type ReportKind } from 'wasm-weld';
import { functionsIn } from './code_scan';
import { addUnwritten } from './module_memory';
import type { LinkReport } from './reports';

const kinds: ReportKind[] = ['function', 'data', 'custom', 'import', 'section'];
const none = 0xffffffff;

export async function moduleReport(name: string, inspection: Inspection): Promise<LinkReport> {
  const metafile = metafileOf(name, inspection);
  const report = await openReport(new TextEncoder().encode(JSON.stringify(metafile)));
  return { metafile, report, isFinished: true };
}

/** Items and the bytes that are theirs, as they are found from the first byte to the last. */
class Items {
  readonly kind: number[] = [];
  readonly name: string[] = [];
  readonly input: number[] = [];
  readonly size: number[] = [];
  readonly segment: number[] = [];
  readonly address: number[] = [];
  readonly edges: number[][] = [];
  readonly layout = { item: [] as number[], size: [] as number[] };
  #end = 0;

  add(kind: ReportKind, name: string, input: number, size = 0, segment = -1, address = -1): number {
    this.kind.push(kinds.indexOf(kind));
    this.name.push(name);
    this.input.push(input);
    this.size.push(size);
    this.segment.push(segment);
    this.address.push(address);
    return this.edges.push([]) - 1;
  }

  /** What is before `end` and nobody's yet is this item's. */
  upTo(end: number, item: number): void {
    if (end <= this.#end) return;
    this.layout.item.push(item);
    this.layout.size.push(end - this.#end);
    this.#end = end;
  }
}

function metafileOf(name: string, inspection: Inspection): Metafile {
  const { bytes, sections, functions, imports, exports, dataSegments, elements, memories } = inspection;
  const items = new Items();
  const inputs = new Map([[name, 0]]);
  const inputOf = sourcesOf(inspection, name, inputs);
  const rows: Metafile['output']['sections'] = { id: [], name: [], offset: [], size: [] };
  const functionItems = new Int32Array(functions.length).fill(-1);
  const importItems: number[] = [];
  const segments: Metafile['memory']['segments'] = { name: [], kind: [], address: [], size: [] };
  const framed: { item: number; kind: string }[] = [];

  items.upTo(8, items.add('section', 'header', 0));
  for (const section of sections) {
    const isCustom = section.kind === 'custom';
    const kind = section.kind.toLowerCase();
    const title = isCustom ? (section.name ?? 'custom') : kind;
    rows.id.push(sectionId(section.kind));
    rows.name.push(title);
    rows.offset.push(section.offset);
    rows.size.push(section.size);
    const frame = items.add(isCustom ? 'custom' : 'section', title, 0, isCustom ? section.size : 0);
    framed.push({ item: frame, kind });
    if (kind === 'import') {
      items.upTo(imports[0]?.offset ?? section.offset + section.size, frame);
      imports.forEach((row, i) => {
        const item = items.add('import', row.name, 0);
        importItems.push(item);
        if (row.kind === 'function') functionItems[row.index] = item;
        items.upTo(imports[i + 1]?.offset ?? section.offset + section.size, item);
      });
    } else if (kind === 'code') {
      const { offset, size } = functions.columns as Record<string, Uint32Array>;
      for (let f = 0; f < functions.length; f++) {
        const begin = offset![f]!;
        if (begin === none || functionItems[f]! >= 0) continue;
        const end = begin + size![f]!;
        // The count of bodies, before the first, and the size before each.
        const item = items.add('function', functions.name(f) ?? `function ${f}`, inputOf(f), size![f]!);
        if (!framed.some((one) => one.kind === 'first body')) {
          items.upTo(begin - lebSize(size![f]!), frame);
          framed.push({ item: frame, kind: 'first body' });
        }
        functionItems[f] = item;
        items.upTo(end, item);
      }
    } else if (kind === 'data') {
      dataSegments.forEach(({ offset, size, address, name: given }, i) => {
        const segment = given ?? (address === undefined ? `data segment ${i}` : `data at 0x${address.toString(16)}`);
        if (address !== undefined) {
          segments.name.push(segment);
          segments.kind.push('data');
          segments.address.push(address);
          segments.size.push(size);
        }
        const row = address === undefined ? -1 : segments.name.length - 1;
        const item = items.add('data', segment, 0, size, row, address ?? -1);
        items.edges[frame]!.push(item);
        items.upTo(offset + size, item);
      });
    }
    items.upTo(section.offset + section.size, frame);
  }

  const known = (f: number) => ((functionItems[f] ?? -1) >= 0 ? functionItems[f] : undefined);
  const { offset, size } = functions.columns as Record<string, Uint32Array>;
  let isComplete = true;
  for (let f = 0; f < functions.length; f++) {
    const begin = offset![f]!;
    if (begin === none) continue;
    const found = functionsIn(bytes, begin, begin + size![f]!);
    isComplete &&= found !== undefined;
    const item = known(f);
    if (item !== undefined) items.edges[item] = (found ?? []).flatMap((to) => known(to) ?? []);
  }
  const frameOf = (kind: string) => framed.find((one) => one.kind === kind)?.item;
  const inTables = frameOf('elem') ?? frameOf('element');
  if (inTables !== undefined && elements.length > 0)
    for (const { function: f, value } of inspection.elementItems) {
      const number = f ?? Number(/^ref\.func (\d+)$/.exec(value ?? '')?.[1] ?? Number.NaN);
      const item = known(number);
      if (item !== undefined) items.edges[inTables]!.push(item);
    }
  const roots: Metafile['roots'] = { item: [], reason: [], symbol: [] };
  const root = (item: number | undefined, reason: string, symbol: string) => {
    if (item === undefined) return;
    roots.item.push(item);
    roots.reason.push(reason);
    roots.symbol.push(symbol);
  };
  for (const row of exports) if (row.kind === 'function') root(known(row.index), 'exported as', row.name);
  for (const row of inspection.start) root(known(row.function), 'entry', row.name ?? 'start');
  // Tables, globals and memories may be imported and not used by code: nothing says what for.
  importItems.forEach((item, i) => imports[i]!.kind !== 'function' && root(item, 'linker', ''));

  const count = items.kind.length;
  const [limits] = memories;
  const memory: Metafile['memory'] = {
    pageSize: limits?.pageSize ?? 65536,
    pages: limits?.minimum ?? 0,
    maxPages: limits?.maximum ?? 0,
    shared: limits?.shared ?? false,
    segments,
  };
  addUnwritten(memory, inspection);
  return {
    format: 'weld-metafile',
    version: 1,
    output: { name, kind: 'executable', size: bytes.length, gc: isComplete, sections: rows },
    inputs: {
      path: [...inputs.keys()],
      member: [...inputs.keys()].map(() => ''),
      neededBy: [...inputs.keys()].map(() => ''),
      symbol: [...inputs.keys()].map(() => ''),
    },
    items: {
      live: count,
      kinds,
      kind: items.kind,
      name: items.name,
      input: items.input,
      size: items.size,
      segment: items.segment,
      address: items.address,
      slot: items.kind.map(() => -1),
    },
    symbols: { name: [], item: [], offset: [], size: [] },
    edges: { count: items.edges.map((to) => to.length), to: items.edges.flat() },
    roots,
    layout: items.layout,
    imports: {
      module: imports.map(({ module }) => module),
      name: imports.map((row) => row.name),
      kind: imports.map(({ kind }) => kind),
      type: imports.map(({ type }) => type ?? ''),
      item: importItems,
    },
    exports: {
      name: exports.map((row) => row.name),
      kind: exports.map(({ kind }) => kind),
      item: exports.map(({ kind, index }) => (kind === 'function' ? (known(index) ?? -1) : -1)),
    },
    memory,
  };
}

/** The source file that most of a function's lines are from, where the module has lines; else the module. */
function sourcesOf(inspection: Inspection, name: string, inputs: Map<string, number>): (index: number) => number {
  const { lines } = inspection;
  if (lines.length === 0) return () => 0;
  return (index) => {
    const counts = new Map<string, number>();
    for (const { file } of lines.ofFunction(index))
      if (file !== undefined) counts.set(file, (counts.get(file) ?? 0) + 1);
    let best = name;
    for (const [file, count] of counts) if (count > (counts.get(best) ?? 0)) best = file;
    const known = inputs.get(best);
    if (known !== undefined) return known;
    inputs.set(best, inputs.size);
    return inputs.size - 1;
  };
}

const lebSize = (value: number) =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;

// biome-ignore format: a table
const sectionIds = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'elem', 'code', 'data', 'datacount', 'tag'];
function sectionId(kind: string): number {
  const word = kind
    .toLowerCase()
    .replace('element', 'elem')
    .replace(/^data_?count$/, 'datacount');
  const id = sectionIds.indexOf(word);
  return id < 0 ? 0 : id;
}
