// How one relocation became a number: the bytes that the compiler left, what they stand for, and the bytes that the linker
// wrote in their place.
import type { Inspection } from 'wasm-weld';
import { functionNamed } from './code';
import { disassemble } from './disassembly';
import { indexOf, objectsOf, short, type Sources, type StoryName } from './story_facts';
import { partAt, relocationsIn, structureOf, type RelocationMark } from './structure';
import type { LookedFile } from './workspace';

/** What the number counts. */
export type Counted = 'function' | 'slot' | 'address' | 'global' | 'type' | 'table' | 'tag' | 'other';

export interface RelocationChoice {
  file: string;
  offset: number;
  /** The function or data that it is in. */
  where: string;
  display: string;
  type: string;
}
export interface ToldRelocation extends RelocationChoice {
  counted: Counted;
  /** LEB128, signed or not, or a number of four or eight bytes. */
  encoding: 'LEB' | 'SLEB' | 'I32' | 'I64';
  addend: number;
  before: Uint8Array;
  after: Uint8Array;
  /** Where the bytes are in the output. */
  outputOffset: number;
  /** What the bytes stand for now. */
  value: number;
  target: StoryName | undefined;
  /** The target's number or address without the addend. */
  base: number | undefined;
  /** The instruction, as it was and as it is. */
  instruction?: { before: string; after: string };
  /** For functions: how many are imported, and so come first. */
  imported: number;
}
export interface RelocationStory {
  step: 'relocation';
  choices: RelocationChoice[];
  total: number;
  chosen: ToldRelocation | undefined;
}

const mostChoices = 200;
const mostObjects = 4;
/** Those that teach most come first. */
const order: Counted[] = ['function', 'address', 'slot', 'global', 'type', 'table', 'tag', 'other'];

export function countedBy(type: string): Counted {
  if (type.includes('FUNCTION_INDEX')) return 'function';
  if (type.includes('TABLE_INDEX')) return 'slot';
  if (type.includes('MEMORY_ADDR')) return 'address';
  if (type.includes('GLOBAL_INDEX')) return 'global';
  if (type.includes('TYPE_INDEX')) return 'type';
  if (type.includes('TABLE_NUMBER')) return 'table';
  if (type.includes('TAG_INDEX') || type.includes('EVENT_INDEX')) return 'tag';
  return 'other';
}

export async function explainRelocation(
  sources: Sources,
  file: string | undefined,
  offset: number | undefined,
): Promise<RelocationStory> {
  const objects = await objectsOf(sources, mostObjects);
  const asked = file === undefined ? undefined : await sources.files.named(file);
  if (asked && !objects.some(({ name }) => name === asked.name)) objects.unshift(asked);
  const choices: RelocationChoice[] = [];
  let total = 0;
  for (const { name, inspection } of objects) {
    const { parts, sections } = structureOf(inspection);
    sections.forEach((section, i) => {
      if (section.name !== 'code' && section.name !== 'data') return;
      total += section.relocations;
      for (const part of parts[i]!) {
        if (choices.length === mostChoices) return;
        for (const mark of relocationsIn(inspection, part.begin, part.end))
          if (choices.length < mostChoices) choices.push(choiceOf(name, part.display, mark));
      }
    });
  }
  const isAsked = (one: RelocationChoice) => one.offset === offset && (file === undefined || one.file === file);
  const wanted = choices.filter(isAsked);
  if (asked && offset !== undefined && wanted.length === 0) {
    const mark = relocationsIn(asked.inspection, offset, offset + 1)[0];
    const part = partAt(asked.inspection, offset);
    if (mark && part) {
      wanted.push(choiceOf(asked.name, part.display, mark));
      choices.unshift(wanted[0]!);
    }
  }
  const candidates = wanted.length > 0 ? wanted : byTeaching(choices);
  for (const choice of candidates.slice(0, 40)) {
    const object = objects.find(({ name }) => name === choice.file)!;
    const chosen = await tell(sources, object, choice);
    if (chosen) return { step: 'relocation', choices, total, chosen };
  }
  return { step: 'relocation', choices, total, chosen: undefined };
}

function choiceOf(file: string, where: string, mark: RelocationMark): RelocationChoice {
  const named = mark.display ?? mark.name;
  return { file, offset: mark.begin, where: short(where), display: short(named ?? mark.type), type: mark.type };
}

function byTeaching(choices: RelocationChoice[]): RelocationChoice[] {
  const rank = ({ type, where }: RelocationChoice) =>
    order.indexOf(countedBy(type)) * 2 + (/^(main|__main_argc_argv|__original_main)$/.test(where) ? 0 : 1);
  return [...choices].sort((a, b) => rank(a) - rank(b));
}

async function tell(
  sources: Sources,
  object: LookedFile,
  choice: RelocationChoice,
): Promise<ToldRelocation | undefined> {
  const { inspection } = object;
  const mark = relocationsIn(inspection, choice.offset, choice.offset + 1)[0];
  const part = mark && partAt(inspection, mark.begin);
  if (!mark || part?.index === undefined) return undefined;
  const place =
    part.kind === 'function' ? functionIn(sources, object, part.index) : segmentIn(sources, object, part.index);
  if (!place) return undefined;
  const { output, link } = sources;
  const outputOffset = place.offset + mark.begin - place.from;
  const encoding =
    mark.type.endsWith('SLEB') || mark.type.endsWith('SLEB64')
      ? 'SLEB'
      : /LEB(64)?$/.test(mark.type)
        ? 'LEB'
        : mark.type.endsWith('I64')
          ? 'I64'
          : 'I32';
  const after = output.bytes.slice(outputOffset, outputOffset + mark.end - mark.begin);
  const value = valueOf(after, encoding);
  if (value === undefined) return undefined;
  const counted = countedBy(choice.type);
  const [target, base] = targetOf(sources, mark, counted, value);
  return {
    ...choice,
    counted,
    encoding,
    addend: mark.addend,
    before: inspection.bytes.slice(mark.begin, mark.end),
    after,
    outputOffset,
    value,
    target: target === undefined ? undefined : indexOf(link).nameOf(target),
    base,
    imported: output.imports.filter(({ kind }) => kind === 'function').length,
    ...(part.kind === 'function' ? { instruction: instructions(part.index, place.index) } : {}),
  };

  function instructions(before: number, after: number) {
    const textAt = (of: Inspection, index: number, at: number, from?: { inspection: Inspection; begin: number }) => {
      const line = disassemble(of, index, from).lines.find(({ begin, end }) => at >= begin && at < end);
      return short(line ? `${line.text}${line.display ?? ''}${line.rest ?? ''}`.trim() : '');
    };
    return {
      before: textAt(inspection, before, mark!.begin),
      after: textAt(output, after, outputOffset, { inspection, begin: place!.from }),
    };
  }
}

/** Where a function's body begins in the object and in the output. */
function functionIn({ link, output }: Sources, { inspection, path, member }: LookedFile, index: number) {
  const { items, inputs } = link.metafile;
  const { offset: from, size } = inspection.functions.get(index);
  if (from === undefined || size === undefined) return undefined;
  for (let item = 0; item < Math.min(items.live, output.functions.length); item++) {
    const input = items.input[item]!;
    if (input < 0 || inputs.path[input] !== path || inputs.member[input] !== member) continue;
    const { offset, size: now } = output.functions.get(item);
    // A function that was rewritten has other places.
    if (offset !== undefined && now === size && functionNamed(inspection, items.name[item]!, size) === index)
      return { from, offset, index: item };
  }
  return undefined;
}

/** Where a segment's bytes begin in the object and in the output. */
function segmentIn({ link, output }: Sources, { inspection, path, member }: LookedFile, index: number) {
  const { items, inputs } = link.metafile;
  const segment = inspection.dataSegments[index];
  const names = new Set([segment?.name]);
  for (let s = 0; s < inspection.symbols.length; s++) {
    const { kind, segment: of, name, offset } = inspection.symbols.get(s);
    if (kind === 'data' && of === index && offset === 0) names.add(name);
  }
  const found: number[] = [];
  for (let item = 0; item < items.live; item++) {
    const input = items.input[item]!;
    if (input >= 0 && inputs.path[input] === path && inputs.member[input] === member && names.has(items.name[item]))
      if (items.size[item] === segment?.size && items.address[item]! >= 0) found.push(item);
  }
  if (!segment || found.length !== 1) return undefined;
  const address = items.address[found[0]!]!;
  const of = output.dataSegments.find(
    ({ address: begin, size }) => begin !== undefined && address >= begin && address < begin + size,
  );
  return of && { from: segment.offset, offset: of.offset + address - of.address!, index: found[0]! };
}

/**
 * The item that it refers to, and its number without the addend. Objects may have local symbols of one name: the right one is
 * that whose number is in the output.
 */
function targetOf(
  { link, output }: Sources,
  { name, addend }: RelocationMark,
  counted: Counted,
  value: number,
): [item: number | undefined, base: number | undefined] {
  const { items, symbols } = link.metafile;
  if (name === undefined) return [undefined, undefined];
  const isOf = (item: number, kinds: string[]) => item < items.live && kinds.includes(items.kinds[items.kind[item]!]!);
  for (const item of indexOf(link).named(name)) {
    if ((counted === 'function' || counted === 'slot') && isOf(item, ['function', 'import'])) {
      const base = counted === 'function' ? item : items.slot[item];
      if (base === value) return [item, base];
    }
    if (counted === 'global' && isOf(item, ['global', 'import']) && output.globals[value]?.name === name)
      return [item, value];
    if (counted === 'address' && isOf(item, ['data', 'strings']) && items.address[item]! >= 0) {
      const offsets = symbols.item.flatMap((of, s) =>
        of === item && symbols.name[s] === name ? symbols.offset[s]! : [],
      );
      for (const offset of [0, ...offsets]) {
        const base = items.address[item]! + offset;
        if (base + addend === value) return [item, base];
      }
    }
  }
  return [undefined, undefined];
}

function valueOf(bytes: Uint8Array, encoding: ToldRelocation['encoding']): number | undefined {
  if (encoding === 'I32' || encoding === 'I64') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    return encoding === 'I32'
      ? bytes.length < 4
        ? undefined
        : view.getUint32(0, true)
      : bytes.length < 8
        ? undefined
        : Number(view.getBigUint64(0, true));
  }
  let value = 0n;
  for (let i = 0; i < bytes.length; i++) {
    value |= BigInt(bytes[i]! & 0x7f) << BigInt(7 * i);
    if (bytes[i]! & 0x80) continue;
    if (encoding === 'SLEB' && bytes[i]! & 0x40) value -= 1n << BigInt(7 * i + 7);
    return Number(value);
  }
  return undefined;
}
