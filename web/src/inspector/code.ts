// A function as its source, its instructions and its bytes: which line each instruction comes from, which object it was in
// before the link, and for an engine's stack where each frame is.
import type { Inspection, SourceLine } from 'wasm-weld';
import { disassemble, type DisassembledLine } from './disassembly';
import { linkerName } from './link_story';
import { partAt } from './structure';
import { outputFile, type LinkReport, type LookedFile } from './workspace';

/** A line of a source. */
export interface SourcePlace {
  /** A row of `Code.sources`. */
  source: number;
  line: number;
}
export interface CodeLine extends DisassembledLine {
  /** A row of `Code.places`: the line that it comes from. */
  place?: number;
  column?: number;
}
export interface Code {
  file: string;
  index: number;
  name: string;
  display: string;
  begin: number;
  end: number;
  bytes: Uint8Array;
  lines: CodeLine[];
  truncated: boolean;
  /** The paths of the sources of its lines, as the compiler has them; the one with most instructions first. */
  sources: string[];
  /** Its lines, in the order in which its instructions have them first. */
  places: SourcePlace[];
  /** The same function before or after the link. */
  twin?: { file: string; offset: number };
  /** Lines of these sources that have code in other functions, and where. */
  elsewhere: (SourcePlace & { file: string; offset: number })[];
  /** The address in memory that this function has in the table of functions. */
  slot?: number;
}

/** What a function of the output was. */
interface Found {
  file: LookedFile;
  index: number;
}

const mostElsewhere = 20_000;
const short = (text: string) => text.slice(0, 2000);

/** The name of an input as reports have it. */
export const inputName = ({ inputs }: LinkReport['metafile'], input: number): string =>
  inputs.member[input] ? `${inputs.path[input]}(${inputs.member[input]})` : inputs.path[input]!;

export interface Files {
  named(name: string): Promise<LookedFile | undefined>;
  report(): Promise<LinkReport | undefined>;
  /** Of an input, as it was given. */
  bytesOf(key: number): Uint8Array | undefined;
}

/** The function in an object that became this one of the output. */
export async function originOf(files: Files, output: Inspection, index: number): Promise<Found | undefined> {
  const metafile = (await files.report())?.metafile;
  const input = metafile?.items.input[index] ?? -1;
  // The first items are the functions, in their order.
  if (!metafile || input < 0 || metafile.items.kinds[metafile.items.kind[index]!] !== 'function') return undefined;
  const file = await files.named(inputName(metafile, input));
  const { size } = output.functions.get(index);
  if (!file || size === undefined) return undefined;
  const found = functionNamed(file.inspection, metafile.items.name[index]!, size);
  return found === undefined ? undefined : { file, index: found };
}

/** A function by its name; of several local ones, one of this size. An alias is a symbol of its own. */
export function functionNamed(inspection: Inspection, name: string, size: number): number | undefined {
  const { functions, symbols } = inspection;
  const sizes = functions.columns['size'] as Uint32Array;
  const matches = (f: number) => sizes[f] === size;
  for (let f = 0; f < functions.length; f++) if (matches(f) && functions.name(f) === name) return f;
  for (let s = 0; s < symbols.length; s++) {
    if (symbols.name(s) !== name) continue;
    const { kind, index } = symbols.get(s);
    if (kind === 'function' && index !== undefined && index < functions.length && matches(index)) return index;
  }
  return undefined;
}

/** The function in the output that an object's function became. */
async function becameOf(files: Files, file: LookedFile, index: number): Promise<number | undefined> {
  const metafile = (await files.report())?.metafile;
  const [output, size] = [await files.named(outputFile), file.inspection.functions.get(index).size];
  if (!metafile || !output || size === undefined) return undefined;
  const name = file.inspection.functions.name(index);
  const { items, inputs } = metafile;
  const isHere = inputs.path.map((path, i) => path === file.path && inputs.member[i] === file.member);
  const names = new Set([name, ...aliasesOf(file.inspection, index)]);
  for (let item = 0; item < Math.min(items.live, output.inspection.functions.length); item++)
    if (
      isHere[items.input[item]!] &&
      names.has(items.name[item]!) &&
      output.inspection.functions.get(item).size === size
    )
      return item;
  return undefined;
}

function aliasesOf({ symbols }: Inspection, index: number): string[] {
  const { kind, index: of } = symbols.columns as Record<string, Uint32Array>;
  const functionKind = symbols.words['kind']?.indexOf('function');
  const names: string[] = [];
  for (let s = 0; s < symbols.length; s++)
    if (kind![s] === functionKind && of![s] === index) names.push(symbols.name(s) ?? '');
  return names;
}

export async function codeOf(files: Files, file: LookedFile, offset: number): Promise<Code | undefined> {
  const { inspection } = file;
  const part = partAt(inspection, offset);
  if (part?.kind !== 'function' || part.index === undefined || offset < part.begin) return undefined;
  const { index, begin, end } = part;
  const isOutput = file.name === outputFile;
  const origin = isOutput ? await originOf(files, inspection, index) : undefined;
  const originBegin = origin && origin.file.inspection.functions.get(origin.index).offset!;
  const became = isOutput ? undefined : await becameOf(files, file, index);
  const { lines, truncated } = disassemble(
    inspection,
    index,
    origin && { inspection: origin.file.inspection, begin: originBegin! },
  );

  // The output's own lines; a link that leaves them out leaves them in the objects.
  let from: { file: LookedFile; begin: number; rows: SourceLine[] } = {
    file,
    begin,
    rows: inspection.lines.ofFunction(index),
  };
  if (from.rows.length === 0 && origin)
    from = { file: origin.file, begin: originBegin!, rows: origin.file.inspection.lines.ofFunction(origin.index) };
  const counts = new Map<string, number>();
  const rowOf = rowFinder(from, begin);
  for (const line of lines) {
    const path = rowOf(line.begin)?.file;
    if (path !== undefined) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const sources = [...counts].sort((a, b) => b[1] - a[1]).map(([path]) => path);
  const places: SourcePlace[] = [];
  const known = new Map<string, number>();
  const placed = lines.map((line): CodeLine => {
    const row = rowOf(line.begin);
    if (row?.file === undefined || row.line === 0) return line;
    const key = `${row.line}\0${row.file}`;
    let place = known.get(key);
    if (place === undefined) {
      known.set(key, (place = places.length));
      places.push({ source: sources.indexOf(row.file), line: row.line });
    }
    return { ...line, place, ...(row.column > 0 ? { column: row.column } : {}) };
  });
  const slot = isOutput ? (await files.report())?.metafile.items.slot[index] : undefined;
  return {
    file: file.name,
    index,
    name: short(part.name),
    display: short(part.display),
    begin,
    end,
    bytes: inspection.bytes.slice(begin, end),
    lines: placed,
    truncated,
    sources: sources.map(short),
    places,
    ...twinOf(origin, originBegin, became, await files.named(outputFile)),
    elsewhere: elsewhereOf(from.file, sources, places),
    ...(slot !== undefined && slot >= 0 ? { slot } : {}),
  };
}

function twinOf(
  origin: Found | undefined,
  originBegin: number | undefined,
  became: number | undefined,
  output: LookedFile | undefined,
): Pick<Code, 'twin'> {
  if (origin) return { twin: { file: origin.file.name, offset: originBegin! } };
  const offset = became === undefined ? undefined : output?.inspection.functions.get(became).offset;
  return offset === undefined ? {} : { twin: { file: outputFile, offset } };
}

/** The row of the line table for an offset in the shown file. */
function rowFinder(from: { file: LookedFile; begin: number; rows: SourceLine[] }, begin: number) {
  const code = from.file.inspection.codeOffset ?? 0;
  return (offset: number): SourceLine | undefined => {
    const address = offset - begin + from.begin - code;
    let [low, high] = [0, from.rows.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (from.rows[middle]!.address <= address) low = middle + 1;
      else high = middle;
    }
    return from.rows[low - 1];
  };
}

/** Where else there is code of these sources, so that one may go on reading. */
function elsewhereOf(file: LookedFile, sources: string[], places: SourcePlace[]): Code['elsewhere'] {
  const { lines, codeOffset = 0 } = file.inspection;
  const { address, file: of, line } = lines.columns as Record<string, Uint32Array>;
  const rows = lines.files.map((path) => sources.indexOf(path));
  const seen = new Set(places.map(({ source, line }) => `${source}/${line}`));
  const found: Code['elsewhere'] = [];
  for (let row = 0; row < lines.length && found.length < mostElsewhere; row++) {
    const source = rows[of![row]!] ?? -1;
    const key = `${source}/${line![row]}`;
    if (source < 0 || line![row] === 0 || seen.has(key)) continue;
    seen.add(key);
    found.push({ source, line: line![row]!, file: file.name, offset: address![row]! + codeOffset });
  }
  return found;
}

export interface FunctionLine {
  display: string;
  offset: number;
  size: number;
}

/** The functions of a file in their order, those whose name has the text. */
export function functionsOf(
  { inspection }: LookedFile,
  text: string,
  most: number,
): { count: number; rows: FunctionLine[] } {
  const { functions } = inspection;
  const { offset, size } = functions.columns as Record<string, Uint32Array>;
  const wanted = text.toLowerCase();
  const rows: FunctionLine[] = [];
  let count = 0;
  for (let f = 0; f < functions.length; f++) {
    if (offset![f] === 0xffffffff) continue;
    if (wanted === '' && count >= most) {
      count++;
      continue;
    }
    const display = functions.display(f) ?? `function ${f}`;
    if (wanted !== '' && !display.toLowerCase().includes(wanted)) continue;
    if (count++ < most) rows.push({ display: short(display), offset: offset![f]!, size: size![f]! });
  }
  return { count, rows };
}

/** Where a person begins to read: `main`, else the first function with lines, else the first. */
export function beginning({ inspection }: LookedFile): number | undefined {
  const { functions } = inspection;
  let [first, withLines]: (number | undefined)[] = [undefined, undefined];
  const hasLines = inspection.lines.length > 0;
  for (let f = 0; f < functions.length; f++) {
    const { offset, name } = functions.get(f);
    if (offset === undefined) continue;
    if (name !== undefined && /^(__original_main|__main_argc_argv|main)$/.test(name)) return offset;
    first ??= offset;
    if (hasLines) withLines ??= inspection.lines.ofFunction(f).length > 0 ? offset : undefined;
  }
  return withLines ?? first;
}

/** A frame of an engine's stack. */
export interface Frame {
  function: number;
  /** In the module; not all engines say it. */
  offset?: number;
}
export interface FramePlace extends Frame {
  display: string;
  /** Undefined: it is imported, or not known. */
  offset: number;
  from: string;
  source?: string;
  line?: number;
  column?: number;
}

/** Where the frames of a trap are. */
export async function framesOf(files: Files, frames: Frame[]): Promise<FramePlace[]> {
  const output = await files.named(outputFile);
  if (!output) return [];
  const { inspection } = output;
  const metafile = (await files.report())?.metafile;
  const found: FramePlace[] = [];
  for (const frame of frames) {
    const index = frame.function;
    const row = index < inspection.functions.length ? inspection.functions.get(index) : undefined;
    if (row?.offset === undefined) continue;
    const input = metafile?.items.input[index] ?? -1;
    const offset = frame.offset ?? row.offset;
    const line = frame.offset === undefined ? undefined : await lineAt(files, output, index, frame.offset);
    found.push({
      function: index,
      offset,
      display: short(inspection.functions.display(index) ?? `function ${index}`),
      from: metafile && input >= 0 ? short(inputName(metafile, input)) : linkerName,
      ...(line?.file === undefined || line.line === 0
        ? {}
        : { source: short(line.file), line: line.line, column: line.column }),
    });
  }
  return found;
}

async function lineAt(
  files: Files,
  output: LookedFile,
  index: number,
  offset: number,
): Promise<SourceLine | undefined> {
  const own = output.inspection.lines.findInFile(offset);
  if (own) return own;
  const origin = await originOf(files, output.inspection, index);
  if (!origin) return undefined;
  const [begin, now] = [origin.file.inspection.functions.get(origin.index), output.inspection.functions.get(index)];
  return origin.file.inspection.lines.findInFile(offset - now.offset! + begin.offset!);
}
