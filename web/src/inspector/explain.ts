// The story of a link, told on the program that was linked: what each step had before it and what it decided. Each chapter
// has as much as can be read; `total` says how much there is.
import { inspect, type Inspection, type MemoryRegion } from 'wasm-weld';
import { linkerName, lostOf } from './link_story';
import { finishedChapter, finishedNumbers, type FinishedChapter } from './explain_finished';
import { explainRelocation, type RelocationStory } from './explain_relocation';
import { functionNamed } from './code';
import {
  indexOf,
  isDefined,
  itemDefining,
  objectsOf,
  ownObjects,
  short,
  type NumbersChapter,
  type Sources,
  type StoryName,
} from './story_facts';
import type { SymbolTable } from './symbols';

export type { NumbersChapter };

export const storySteps = [
  'finished',
  'objects',
  'archives',
  'choices',
  'kept',
  'numbers',
  'addresses',
  'relocation',
  'made',
  'output',
] as const;
export type StoryStep = (typeof storySteps)[number];

export interface Need extends StoryName {
  /** Whether the linker makes it, the host gives it, or a weak reference stays without it. */
  from: 'input' | 'linker' | 'host' | 'nobody';
}
export interface ObjectStory {
  file: string;
  bytes: number;
  offers: StoryName[];
  offerCount: number;
  needs: Need[];
  needCount: number;
}
export interface ObjectsChapter {
  step: 'objects';
  objects: ObjectStory[];
  objectCount: number;
  archiveCount: number;
}

export interface MemberNode {
  file: string;
  /** Needed by the node above. */
  symbol: string;
  display: string;
  bytes: number;
  children: MemberNode[];
  /** Members that it made necessary and that are not listed. */
  more: number;
}
export interface ArchivesChapter {
  step: 'archives';
  /** Objects and options that needed members. */
  roots: { file: string; children: MemberNode[]; more: number }[];
  archives: { name: string; taken: number; total: number; bytes: number }[];
  taken: number;
}

export interface Choice {
  name: string;
  display: string;
  taken: string;
  takenAt: number | undefined;
  lost: { file: string; why: string }[];
}
export interface ChoicesChapter {
  step: 'choices';
  choices: Choice[];
  total: number;
  /** There are too many files to compare them all. */
  tooMany: boolean;
}

export interface KeptChapter {
  step: 'kept';
  /** Of a finished module: nobody knows what was left out. */
  isFinished: boolean;
  gc: boolean;
  roots: { reason: string; symbol: string }[];
  kept: { functions: number; data: number };
  removed: (StoryName & { bytes: number; referrers: string[]; referrerCount: number })[];
  removedCount: number;
  removedBytes: number;
  /** A way from a root to something far from it. */
  path: StoryName[];
}

export interface AddressesChapter {
  step: 'addresses';
  regions: MemoryRegion[];
  pages: number;
  pageSize: number;
  data: (StoryName & {
    address: number;
    size: number;
    segment: string;
    align: number | undefined;
    /** What it says, if it is text. */
    text?: string;
  })[];
  dataCount: number;
}

export interface MadeChapter {
  step: 'made';
  things: { name: string; kind: string; value?: string; bytes: number; calls: StoryName[] }[];
  memory: { pages: number; pageSize: number; maxPages: number; shared: boolean };
  stack?: { address: number; size: number };
  heap?: { address: number; size: number };
}

export interface OutputChapter {
  step: 'output';
  size: number;
  sections: { name: string; bytes: number }[];
  imports: { module: string; name: string; kind: string }[];
  importCount: number;
  exports: { name: string; kind: string }[];
  exportCount: number;
}

export type Chapter =
  | FinishedChapter
  | ObjectsChapter
  | ArchivesChapter
  | ChoicesChapter
  | KeptChapter
  | NumbersChapter
  | AddressesChapter
  | RelocationStory
  | MadeChapter
  | OutputChapter;

const mostObjects = 4;
const mostNames = 14;
const mostRows = 12;
const mostNodes = 70;
const mostChildren = 12;
/** With more objects than this, definitions are not compared: every file would have to be read. */
const mostCompared = 400;

export interface Asked {
  step: StoryStep;
  /** Of the relocation that is told of. */
  file?: string | undefined;
  offset?: number | undefined;
}

export async function explain(
  sources: Sources,
  table: () => Promise<SymbolTable>,
  { step, file, offset }: Asked,
): Promise<Chapter> {
  if (step === 'finished') return finishedChapter(sources);
  if (step === 'objects') return objectsChapter(sources);
  if (step === 'archives') return archivesChapter(sources);
  if (step === 'choices') return choicesChapter(sources, table);
  if (step === 'kept') return keptChapter(sources);
  if (step === 'numbers') return sources.link.isFinished ? finishedNumbers(sources, mostRows) : numbersChapter(sources);
  if (step === 'addresses') return addressesChapter(sources);
  if (step === 'relocation') return explainRelocation(sources, file, offset);
  if (step === 'made') return madeChapter(sources);
  return outputChapter(sources);
}

async function objectsChapter(sources: Sources): Promise<ObjectsChapter> {
  const { link, inputs } = sources;
  const objects: ObjectStory[] = [];
  for (const { name: file, inspection } of await objectsOf(sources, mostObjects)) {
    const offers: StoryName[] = [];
    const needs: Need[] = [];
    for (let s = 0; s < inspection.symbols.length; s++) {
      const { kind, flags, name } = inspection.symbols.get(s);
      if (name === undefined || kind === 'section' || flags.includes('local')) continue;
      const shown = { name: short(name), display: short(inspection.symbols.display(s) ?? name), kind, file };
      if (isDefined(flags)) offers.push(shown);
      else needs.push({ ...shown, ...(await providerOf(sources, name, kind)) });
    }
    // Functions first, and first of them what another input gives.
    const rank = ({ kind }: StoryName) => (kind === 'function' ? 0 : kind === 'data' ? 1 : 2);
    offers.sort((a, b) => rank(a) - rank(b));
    const order = { input: 0, host: 1, nobody: 2, linker: 3 };
    needs.sort((a, b) => order[a.from] - order[b.from] || rank(a) - rank(b));
    objects.push({
      file: short(file),
      bytes: inspection.bytes.length,
      offers: offers.slice(0, mostNames),
      offerCount: offers.length,
      needs: needs.slice(0, mostNames),
      needCount: needs.length,
    });
  }
  const own = ownObjects(link.metafile).length;
  return { step: 'objects', objects, objectCount: own, archiveCount: inputs.length - own };
}

/** Who gives what an object needs. */
async function providerOf({ link, files }: Sources, name: string, kind: string): Promise<Pick<Need, 'file' | 'from'>> {
  const index = indexOf(link);
  const { items } = link.metafile;
  // Data may lie in a segment with other data, whose name is another one.
  const item = await itemDefining(
    link,
    files,
    name,
    kind === 'data' ? ['data', 'strings', 'global'] : [kind, 'import'],
  );
  if (item === undefined || (item >= items.live && items.input[item]! < 0))
    return kind === 'function' || kind === 'tag' ? { file: '', from: 'nobody' } : { file: linkerName, from: 'linker' };
  if (items.kinds[items.kind[item]!] === 'import') return { file: '', from: 'host' };
  const file = short(index.fileOf(item));
  return { file, from: file === linkerName ? 'linker' : 'input' };
}

async function archivesChapter({ link, inputs, files }: Sources): Promise<ArchivesChapter> {
  const { metafile, report } = link;
  const { path, member, neededBy, symbol } = metafile.inputs;
  const index = indexOf(link);
  const sizes = new Map(report.size({ by: 'member' }).map(({ name, bytes }) => [name, bytes]));
  const by = new Map<string, number[]>();
  path.forEach((_, i) => {
    if (neededBy[i] === '') return;
    const list = by.get(neededBy[i]!);
    if (list) list.push(i);
    else by.set(neededBy[i]!, [i]);
  });
  const nameOf = (i: number) => (member[i] ? `${path[i]}(${member[i]})` : path[i]!);
  // Breadth first: what is near to the program is worth more. Names of members may come twice.
  let left = mostNodes;
  const told = new Set<number>();
  const nodeOf = (i: number): MemberNode => {
    const file = nameOf(i);
    return {
      file: short(file),
      symbol: short(symbol[i]!),
      display: short(index.displayOf(symbol[i]!, file)),
      bytes: sizes.get(file) ?? 0,
      children: [],
      more: 0,
    };
  };
  const waiting: { name: string; into: { children: MemberNode[]; more: number } }[] = [];
  const isMember = new Set(
    path
      .map((_, i) => i)
      .filter((i) => neededBy[i] !== '')
      .map(nameOf),
  );
  const roots = [...by.keys()]
    .filter((name) => !isMember.has(name))
    .map((file) => ({ file: short(file), children: [] as MemberNode[], more: 0 }));
  for (const root of roots) waiting.push({ name: root.file, into: root });
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const children = (by.get(next.name) ?? []).filter((i) => !told.has(i));
    for (const i of children) told.add(i);
    const shown = children.slice(0, Math.max(0, Math.min(mostChildren, left)));
    left -= shown.length;
    next.into.more = children.length - shown.length;
    for (const i of shown) {
      const node = nodeOf(i);
      next.into.children.push(node);
      waiting.push({ name: nameOf(i), into: node });
    }
  }
  const archives: ArchivesChapter['archives'] = [];
  for (const name of new Set(path.filter((_, i) => member[i] !== ''))) {
    const input = inputs.find((one) => one.name === name);
    const bytes = input && files.bytesOf(input.key);
    const total = bytes ? (await inspect(bytes, { name })).members.length : 0;
    archives.push({
      name: short(name),
      taken: path.filter((one, i) => one === name && member[i] !== '').length,
      total,
      bytes: path.reduce((sum, one, i) => sum + (one === name && member[i] ? (sizes.get(nameOf(i)) ?? 0) : 0), 0),
    });
  }
  return { step: 'archives', roots, archives, taken: member.filter((name) => name !== '').length };
}

async function choicesChapter({ link }: Sources, table: () => Promise<SymbolTable>): Promise<ChoicesChapter> {
  if (link.metafile.inputs.path.length > mostCompared) return { step: 'choices', choices: [], total: 0, tooMany: true };
  const symbols = await table();
  const contests = symbols.contests();
  const choices = contests.slice(0, mostRows).map(({ winner, losers }) => {
    const { name, display, file } = symbols.line(winner);
    return {
      name: short(name),
      display: short(display),
      taken: short(file),
      takenAt: symbols.at(winner),
      lost: losers.slice(0, 4).map((loser) => {
        const { file, why } = lostOf(symbols, winner, loser);
        return { file: short(file), why };
      }),
    };
  });
  return { step: 'choices', choices, total: contests.length, tooMany: false };
}

async function keptChapter({ link }: Sources): Promise<KeptChapter> {
  const { metafile, report } = link;
  const { items, roots, output } = metafile;
  const index = indexOf(link);
  const count = (kind: string) => {
    let n = 0;
    for (let i = 0; i < items.live; i++) if (items.kinds[items.kind[i]!] === kind) n++;
    return n;
  };
  const all = report.removed();
  const own = new Set(ownObjects(metafile));
  // What a person wrote is what a person wonders about.
  const removed = [...all].sort(
    (a, b) => Number(own.has(b.file ?? '')) - Number(own.has(a.file ?? '')) || b.bytes - a.bytes,
  );
  return {
    step: 'kept',
    isFinished: link.isFinished === true,
    gc: output.gc,
    roots: roots.reason
      .map((reason, i) => ({
        reason,
        symbol: short(roots.symbol[i] || (items.name[roots.item[i]!] ?? '')),
        item: roots.item[i]!,
      }))
      .filter(({ reason, item }) => reason !== 'input' && items.kinds[items.kind[item]!] === 'function')
      .slice(0, 6)
      .map(({ reason, symbol }) => ({ reason, symbol })),
    kept: { functions: count('function'), data: count('data') },
    removed: removed.slice(0, mostRows).map(({ name, display, kind, file = linkerName, bytes, referrers }) => ({
      name: short(name),
      display: short(display),
      kind,
      file: short(file),
      bytes,
      referrers: referrers.slice(0, 2).map((one) => short(one.display)),
      referrerCount: referrers.length,
    })),
    removedCount: all.length,
    removedBytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    path: examplePath(),
  };

  /** To the largest function of a library, or to anything: through the program's own code. */
  function examplePath(): StoryName[] {
    for (const row of report.retained({ limit: 60 })) {
      if (row.kind !== 'function' || row.file === undefined) continue;
      // A finished module does not say what is of a library.
      if (!link.isFinished && own.has(row.file)) continue;
      const match = report.why(row.name).matches.find(({ file, removed }) => !removed && file === row.file);
      if (
        !match ||
        match.path.length < (link.isFinished ? 4 : 3) ||
        !match.path.some(({ file }) => file !== undefined && own.has(file))
      )
        continue;
      return match.path.slice(0, 9).map(({ name, display, kind, file = linkerName }) => ({
        name: short(name),
        display: short(display),
        kind,
        file: short(file),
      }));
    }
    const first = roots.item.find((item) => items.kinds[items.kind[item]!] === 'function');
    return first === undefined ? [] : [index.nameOf(first)];
  }
}

async function numbersChapter(sources: Sources): Promise<NumbersChapter> {
  const { link, output, files } = sources;
  const { items } = link.metafile;
  const index = indexOf(link);
  const imported = output.imports.filter(({ kind }) => kind === 'function');
  const own = ownObjects(link.metafile).slice(0, mostObjects);
  const functions: NumbersChapter['functions'] = [];
  const slots: NumbersChapter['slots'] = [];
  let typesBefore = 0;
  let slotCount = 0;
  for (let item = 0; item < Math.min(items.live, output.functions.length); item++) {
    if (items.kinds[items.kind[item]!] !== 'function') continue;
    const isTold = functions.length < mostRows && own.includes(index.fileOf(item));
    if (!isTold && items.slot[item]! < 0) continue;
    const name = index.nameOf(item);
    if (isTold) {
      const object = await files.named(name.file);
      const { size } = output.functions.get(item);
      const before =
        object && size !== undefined ? functionNamed(object.inspection, items.name[item]!, size) : undefined;
      functions.push({ ...name, before, after: item });
    }
    if (items.slot[item]! >= 0) {
      slotCount++;
      if (slots.length < mostRows) slots.push({ ...name, slot: items.slot[item]!, index: item });
    }
  }
  for (const { inspection } of await objectsOf(sources, mostObjects)) typesBefore += inspection.types.length;
  slots.sort((a, b) => a.slot - b.slot);
  return {
    step: 'numbers',
    imported: imported
      .slice(0, 5)
      .map(({ index, module, name }) => ({ index, module: short(module), name: short(name) })),
    importedCount: imported.length,
    functionCount: output.functions.length,
    functions,
    slots,
    slotCount,
    types: { before: typesBefore, after: output.types.length },
  };
}

/** Text that ends in a zero, as C has it. */
function textAt({ dataSegments, bytes }: Inspection, address: number, size: number): { text?: string } {
  const segment = dataSegments.find(
    ({ address: begin, size: length }) => begin !== undefined && address >= begin && address + size <= begin + length,
  );
  if (!segment || size < 2 || size > 400) return {};
  const from = segment.offset + address - segment.address!;
  const content = bytes.subarray(from, from + size);
  if (content.at(-1) !== 0) return {};
  const text = [...content.subarray(0, -1)];
  if (!text.every((byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a)) return {};
  return { text: String.fromCharCode(...text).replaceAll('\n', '\\n') };
}

async function addressesChapter(sources: Sources): Promise<AddressesChapter> {
  const { link, output } = sources;
  const { metafile, report } = link;
  const { items, memory } = metafile;
  const index = indexOf(link);
  const own = new Set(ownObjects(metafile));
  const all: number[] = [];
  for (let item = 0; item < items.live; item++) if (items.address[item]! >= 0 && items.size[item]! > 0) all.push(item);
  const isOwn = (item: number) => own.has(index.fileOf(item));
  const chosen = [...all.filter(isOwn), ...all.filter((item) => !isOwn(item))].slice(0, mostRows);
  const objects = await objectsOf(sources, mostObjects);
  const data = chosen.map((item) => {
    const name = index.nameOf(item);
    const segment = objects
      .find(({ name: file }) => file === name.file)
      ?.inspection.dataSegments.find(({ name: of }) => of !== undefined && of.endsWith(items.name[item]!));
    return {
      ...name,
      address: items.address[item]!,
      size: items.size[item]!,
      segment: short(memory.segments.name[items.segment[item]!] ?? ''),
      align: segment?.p2align === undefined ? undefined : 2 ** segment.p2align,
      ...textAt(output, items.address[item]!, items.size[item]!),
    };
  });
  const { regions, pages, pageSize } = report.memoryMap();
  return {
    step: 'addresses',
    regions,
    pages,
    pageSize,
    data: data.sort((a, b) => a.address - b.address),
    dataCount: all.length,
  };
}

async function madeChapter({ link, output }: Sources): Promise<MadeChapter> {
  const { metafile, report } = link;
  const { items, edges, memory } = metafile;
  const index = indexOf(link);
  const bytes = new Map(
    report
      .size({ by: 'symbol' })
      .filter(({ file }) => file === undefined)
      .map(({ name, bytes }) => [name, bytes]),
  );
  const starts: number[] = [];
  let at = 0;
  for (const count of edges.count) {
    starts.push(at);
    at += count;
  }
  const things: MadeChapter['things'] = [];
  for (let item = 0; item < items.live; item++) {
    const kind = items.kinds[items.kind[item]!]!;
    if (items.input[item]! >= 0 || !['function', 'global', 'table', 'tag'].includes(kind)) continue;
    const name = items.name[item]!;
    const value =
      kind === 'global'
        ? output.globals.find((global) => global.name === name)?.value
        : kind === 'table'
          ? output.tables[0] && `${output.tables[0].minimum} slots`
          : undefined;
    const to = edges.to.slice(starts[item]!, starts[item]! + edges.count[item]!);
    const called = to.filter((other) => items.kinds[items.kind[other]!] === 'function');
    if (things.length < 40)
      things.push({
        name: short(name),
        kind,
        bytes: bytes.get(name) ?? 0,
        calls: called.slice(0, 6).map((other) => index.nameOf(other)),
        ...(value === undefined ? {} : { value: short(value) }),
      });
  }
  return {
    step: 'made',
    things,
    memory: { pages: memory.pages, pageSize: memory.pageSize, maxPages: memory.maxPages, shared: memory.shared },
    ...(memory.stack ? { stack: memory.stack } : {}),
    ...(memory.heap ? { heap: memory.heap } : {}),
  };
}

async function outputChapter({ link, output }: Sources): Promise<OutputChapter> {
  const { metafile } = link;
  const { sections } = metafile.output;
  return {
    step: 'output',
    size: metafile.output.size,
    sections: sections.name.map((name, i) => ({ name: short(name), bytes: sections.size[i]! })),
    imports: output.imports
      .slice(0, mostRows)
      .map(({ module, name, kind }) => ({ module: short(module), name: short(name), kind })),
    importCount: output.imports.length,
    exports: output.exports.slice(0, mostRows).map(({ name, kind }) => ({ name: short(name), kind })),
    exportCount: output.exports.length,
  };
}
