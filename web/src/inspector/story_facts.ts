// What the story of a link is made of: the metafile's tables by name, and which inputs are worth telling of.
import type { Inspection, Metafile } from 'wasm-weld';
import { inputName, type Files } from './code';
import { linkerName } from './link_story';
import type { LinkInput, LinkReport, LookedFile } from './workspace';

/** A name that a page shows, and where it leads. */
export interface StoryName {
  name: string;
  display: string;
  /** `function`, `data`, ... */
  kind: string;
  /** The file that defines it; `linkerName`. */
  file: string;
}

/** What the story is told from. */
export interface Sources {
  files: Files;
  inputs: readonly LinkInput[];
  link: LinkReport;
  output: Inspection;
}

export interface NumbersChapter {
  step: 'numbers';
  imported: { index: number; module: string; name: string }[];
  importedCount: number;
  functionCount: number;
  functions: (StoryName & { before: number | undefined; after: number })[];
  slots: (StoryName & { slot: number; index: number })[];
  slotCount: number;
  types: { before: number; after: number };
}

export const short = (text: string) => text.slice(0, 500);

export interface Index {
  /** Items by name, those in the output first. An alias names its item. */
  named(name: string): readonly number[];
  fileOf(item: number): string;
  nameOf(item: number): StoryName;
  /** A name of a file as people read it. */
  displayOf(name: string, file: string): string;
}

const indices = new WeakMap<LinkReport, Index>();
const noItems: readonly number[] = [];

export function indexOf(link: LinkReport): Index {
  const known = indices.get(link);
  if (known) return known;
  const { metafile, report } = link;
  const { items, symbols } = metafile;
  // Nearly every name has one item, and there may be hundreds of thousands.
  const byName = new Map<string, number | number[]>();
  const add = (name: string, item: number) => {
    const list = byName.get(name);
    if (list === undefined) byName.set(name, item);
    else if (typeof list === 'number') list === item || byName.set(name, [list, item]);
    else if (!list.includes(item)) list.push(item);
  };
  items.name.forEach(add);
  symbols.name.forEach((name, s) => add(name, symbols.item[s]!));
  const displays = new Map<string, string>();
  const displayOf = (name: string, file: string): string => {
    if (!/^[_.$]/.test(name)) return name;
    const key = `${file}\0${name}`;
    let display = displays.get(key);
    if (display === undefined) {
      const { matches } = report.why(name);
      display = (matches.find((match) => (match.file ?? linkerName) === file) ?? matches[0])?.display ?? name;
      displays.set(key, display);
    }
    return display;
  };
  const fileOf = (item: number) => (items.input[item]! < 0 ? linkerName : inputName(metafile, items.input[item]!));
  const made: Index = {
    named(name) {
      const found = byName.get(name);
      return found === undefined ? noItems : typeof found === 'number' ? [found] : found;
    },
    fileOf,
    displayOf,
    nameOf(item) {
      const [name, file] = [items.name[item]!, fileOf(item)];
      return {
        name: short(name),
        display: short(displayOf(name, file)),
        kind: items.kinds[items.kind[item]!]!,
        file: short(file),
      };
    },
  };
  indices.set(link, made);
  return made;
}

/** The item that a name is bound to: one that is in the output, and not another object's local one. */
export function itemNamed(link: LinkReport, name: string, kinds: readonly string[]): number | undefined {
  const { items } = link.metafile;
  const found = indexOf(link)
    .named(name)
    .filter((item) => kinds.includes(items.kinds[items.kind[item]!]!));
  return found.find((item) => item < items.live) ?? found[0];
}

/** The same for a name that another object needs. Of several items of this name, one may be a local symbol's. */
export async function itemDefining(
  link: LinkReport,
  files: Files,
  name: string,
  kinds: readonly string[],
): Promise<number | undefined> {
  const { items } = link.metafile;
  const index = indexOf(link);
  const found = index
    .named(name)
    .filter((item) => item < items.live && kinds.includes(items.kinds[items.kind[item]!]!));
  if (found.length < 2) return itemNamed(link, name, kinds);
  for (const item of found) {
    const symbols = (await files.named(index.fileOf(item)))?.inspection.symbols;
    for (let s = 0; symbols && s < symbols.length; s++) {
      const { name: other, flags } = symbols.get(s);
      if (other === name && isDefined(flags) && !flags.includes('local')) return item;
    }
  }
  return found[0];
}

const isStart = (name: string) => /(^|\/)(crt|start)[^/]*\.o$/.test(name);

/** The objects that were given by themselves: a program's own first, then what starts it. */
export function ownObjects(metafile: Metafile): string[] {
  const { path, member } = metafile.inputs;
  const own = [...new Set(path.filter((_, i) => member[i] === ''))];
  return [...own.filter((name) => !isStart(name)), ...own.filter(isStart)];
}

export const isDefined = (flags: readonly string[]) => !flags.includes('undefined');

export async function objectsOf({ files, link }: Sources, most: number): Promise<LookedFile[]> {
  const found: LookedFile[] = [];
  for (const name of ownObjects(link.metafile)) {
    if (found.length === most) break;
    const file = await files.named(name);
    if (file && file.inspection.symbols.length > 0) found.push(file);
  }
  return found;
}
