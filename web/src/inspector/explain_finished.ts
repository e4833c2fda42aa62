// What a module that was linked elsewhere still says of its link: its objects and their relocations are gone, and what the
// linker decided is there.
import { indexOf, short, type NumbersChapter, type Sources, type StoryName } from './story_facts';

export interface FinishedChapter {
  step: 'finished';
  /** Functions with a body, and how many of them have names. */
  functions: number;
  named: number;
  /** Source files that its lines name. */
  sourceFiles: number;
  /** `clang 19.1.7` */
  madeBy: string[];
  relocations: number;
}

const mostTools = 4;

export function finishedChapter({ link, output }: Sources): FinishedChapter {
  const { functions, producers, relocations } = output;
  const imported = output.imports.filter(({ kind }) => kind === 'function').length;
  let named = 0;
  for (let f = imported; f < functions.length; f++) if (functions.name(f) !== undefined) named++;
  return {
    step: 'finished',
    functions: functions.length - imported,
    named,
    sourceFiles: link.metafile.inputs.path.length - 1,
    madeBy: producers
      .filter(({ field }) => field === 'processed-by')
      .slice(0, mostTools)
      .map(({ name, version }) => short(`${name} ${version}`.trim())),
    relocations: relocations.length,
  };
}

/** As of a link, without the numbers that functions had in their objects. */
export function finishedNumbers({ link, output }: Sources, most: number): NumbersChapter {
  const { items } = link.metafile;
  const index = indexOf(link);
  const imported = output.imports.filter(({ kind }) => kind === 'function');
  // A module's report has the functions with bodies in their order.
  const bodies: number[] = [];
  for (let item = 0; item < items.live; item++) if (items.kinds[items.kind[item]!] === 'function') bodies.push(item);
  const nameOf = (f: number): StoryName | undefined => {
    const item = bodies[f - imported.length];
    if (item !== undefined) return index.nameOf(item);
    const host = imported[f];
    return host && { name: short(host.name), display: short(host.name), kind: 'import', file: '' };
  };
  const slots: NumbersChapter['slots'] = [];
  let slotCount = 0;
  let element = -1;
  let slot = 0;
  for (const { element: of, function: f } of output.elementItems) {
    const segment = output.elements[of]!;
    if (of !== element) slot = segment.address ?? 0;
    element = of;
    const name = f === undefined ? undefined : nameOf(f);
    if (segment.mode === 'active' && segment.address !== undefined && name) {
      slotCount++;
      if (slots.length < most) slots.push({ ...name, slot, index: f! });
    }
    slot++;
  }
  return {
    step: 'numbers',
    imported: imported
      .slice(0, 5)
      .map(({ index: number, module, name }) => ({ index: number, module: short(module), name: short(name) })),
    importedCount: imported.length,
    functionCount: output.functions.length,
    functions: bodies
      .slice(0, most)
      .map((item, i) => ({ ...index.nameOf(item), before: undefined, after: imported.length + i })),
    slots,
    slotCount,
    types: { before: 0, after: output.types.length },
  };
}
