// What there is to say of a link in a few sentences: what costs most and why it is there, where the bytes are from, what is
// imported, and what was left out.
import type { Cost as ReportCost, Metafile, ReportItem } from 'wasm-weld';
import { linkerName } from './link_story';
import type { LinkReport } from './workspace';

/** An item, or the file that needs the first of a path. */
export interface Step {
  kind: string;
  name: string;
  display: string;
  file: string;
}
export interface Cost {
  item: Step & { retained: number };
  /** From where the program begins to what refers to the item, without what is in between when that is long. */
  path: Step[];
}
export interface Story {
  size: number;
  costs: Cost[];
  /** Bytes of debug information. */
  debug: number;
  /** The largest first. Of a finished module: source files, as far as it names them. */
  inputs: { name: string; bytes: number }[];
  /** Of archives. */
  members: { taken: number; total: number };
  removed: { count: number; bytes: number };
  imports: { module: string; names: string[]; count: number }[];
  exported: { names: string[]; count: number };
}
export interface StripPart {
  name: string;
  bytes: number;
  /** An object that was given by itself, a library's member, or the linker. Of a finished module: what the bytes are. */
  from: 'object' | 'library' | 'linker' | 'code' | 'data' | 'names' | 'debug';
}

const mostCosts = 3;
const mostSteps = 5;
const mostNames = 4;
const mostInputs = 3;
/**
 * What keeps more than this share of the output by what it refers to is the program itself, and what keeps less is not worth a
 * sentence.
 */
const wholeShare = 0.7;
const leastShare = 0.04;

const short = (text: string) => text.slice(0, 2000);
const stepOf = ({ kind, name, display, file }: ReportItem): Step => ({
  kind,
  name: short(name),
  display: short(display),
  file: file ?? linkerName,
});

const isDebug = (section: string) => section.startsWith('.debug');

/** Debug information weighs most where it is, but it is loaded by no engine, and left out with an option. */
const debugOf = ({ output: { sections } }: Metafile): number =>
  sections.name.reduce((sum, name, i) => sum + (isDebug(name) ? sections.size[i]! : 0), 0);

/**
 * The items that keep most of what is no debug information, each in a part of the output of its own. `known`: those of which the
 * path is known already, since it takes long to ask for.
 */
export function largestCosts({ report, metafile }: LinkReport, known: readonly ReportCost[]): ReportCost[] {
  const size = metafile.output.size - debugOf(metafile);
  const costs: ReportCost[] = [];
  const told = new Set<string>();
  for (const row of report.retained({ limit: 200 })) {
    if (costs.length === mostCosts || row.retained < size * leastShare) break;
    if (row.kind === 'section' || isDebug(row.name)) continue;
    if (row.retained > size * wholeShare && row.bytes < row.retained / 2) continue;
    // What was written for this program is expected to be there, and to keep what it uses: it is told of if it is large itself.
    const isOfLibrary = row.file?.endsWith(')') === true;
    if (!isOfLibrary && row.bytes < size * leastShare) continue;
    const path =
      known.find(({ kind, name, file }) => kind === row.kind && name === row.name && file === row.file)?.path ??
      report
        .why(row.name)
        .matches.find(({ file, removed }) => file === row.file && !removed)
        ?.path.slice(0, -1);
    if (!path) continue;
    // What another keeps is told of with it.
    if ([...path, row].some(({ name, file }) => told.has(`${file}\0${name}`))) continue;
    told.add(`${row.file}\0${row.name}`);
    costs.push({ ...row, path });
  }
  return costs;
}

function costOf({ path, retained, ...item }: ReportCost): Cost {
  const steps = path.map(stepOf);
  const shown =
    steps.length <= mostSteps
      ? steps
      : [...steps.slice(0, 2), { kind: '', name: '', display: '', file: '' }, ...steps.slice(2 - mostSteps)];
  return { item: { ...stepOf(item), retained }, path: shown };
}

/** `memberCount`: how many the archives have. */
export function overviewOf(link: LinkReport, memberCount: number): Story {
  const { report, metafile, isFinished } = link;
  const { size } = metafile.output;
  const inputs = report.size({ by: 'input' });
  const removed = report.removed();
  const modules = new Map<string, string[]>();
  for (const { module, name } of report.imports()) modules.set(module, [...(modules.get(module) ?? []), name]);
  return {
    size,
    costs: report.explains ? largestCosts(link, report.costs()).map(costOf) : [],
    debug: debugOf(metafile),
    inputs: (isFinished ? inputs.filter(({ name }) => name !== metafile.inputs.path[0]) : inputs)
      .slice(0, mostInputs)
      .map(({ name, bytes }) => ({ name: short(name), bytes })),
    members: { taken: metafile.inputs.member.filter((member) => member !== '').length, total: memberCount },
    removed: { count: removed.length, bytes: removed.reduce((sum, { bytes }) => sum + bytes, 0) },
    imports: [...modules].slice(0, mostNames).map(([module, names]) => ({
      module: short(module),
      names: names.slice(0, mostNames).map(short),
      count: names.length,
    })),
    exported: { names: metafile.exports.name.slice(0, mostNames).map(short), count: metafile.exports.name.length },
  };
}

/** By the archive's name. */
export function linkedMembersOf({ metafile: { inputs } }: LinkReport): Record<string, number> {
  const counts: Record<string, number> = {};
  inputs.path.forEach((path, i) => {
    if (inputs.member[i] !== '') counts[path] = (counts[path] ?? 0) + 1;
  });
  return counts;
}

export function stripOf({ report, metafile, isFinished }: LinkReport): { total: number; parts: StripPart[] } {
  if (isFinished) return { total: metafile.output.size, parts: sectionsOf(metafile) };
  const parts = report.size({ by: 'member' }).map(({ name, bytes }): StripPart => {
    const from = name.endsWith(')') && name !== linkerName ? 'library' : name === linkerName ? 'linker' : 'object';
    return { name: short(name), bytes, from };
  });
  // The programmer's own comes first.
  const order: Partial<Record<StripPart['from'], number>> = { object: 0, library: 1, linker: 2 };
  parts.sort((a, b) => order[a.from]! - order[b.from]! || b.bytes - a.bytes);
  return { total: metafile.output.size, parts };
}

/** Of a finished module: its sections, the largest first. Those of debug information are one. */
function sectionsOf({ output: { sections } }: Metafile): StripPart[] {
  const kinds = { code: 'code', data: 'data', name: 'names' } as const;
  const parts = new Map<string, StripPart>();
  sections.name.forEach((section, i) => {
    const name = isDebug(section) ? 'debug information' : section;
    const from = isDebug(section) ? 'debug' : (kinds[section as keyof typeof kinds] ?? 'linker');
    const part = parts.get(name) ?? { name: short(name), bytes: 0, from };
    parts.set(name, { ...part, bytes: part.bytes + sections.size[i]! });
  });
  return [...parts.values()].sort((a, b) => b.bytes - a.bytes);
}
