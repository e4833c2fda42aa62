// One symbol: where it is defined, who refers to it, what it refers to, and why it is in the output.
import type { Explanation } from 'wasm-weld';
import { partAt, structureOf, touching, type Extent, type RelocationMark } from './structure';
import type { SymbolId, SymbolLine, SymbolTable } from './symbols';
import type { LinkReport } from './workspace';

export interface Occurrence {
  file: string;
  /** The function, segment or section. */
  where: string;
  display: string;
  /** Of a function; undefined: `where` is no symbol's name. */
  at?: number;
  /** In the file. */
  offset: number;
  /** How many relocations, in that part. */
  count: number;
}

export interface SymbolDetail extends SymbolLine {
  /** See {@link SymbolId}. */
  at?: number | undefined;
  /** In the file. */
  begin?: number;
  end?: number;
  section?: string;
  /** In its file's functions. */
  function?: number;
  type?: string;
  /** Other definitions of the name. */
  others: { file: string; binding: string; state: string; at: number | undefined }[];
  references: Occurrence[];
  /** How many there are in all. */
  referenceCount: number;
  relocations: RelocationMark[];
  relocationCount: number;
  /** The bytes, or the first of them. */
  bytes?: Uint8Array;
  why: Explanation[];
}

const mostReferences = 300;
const mostRelocations = 500;
const mostBytes = 1 << 14;

export function detailOf(table: SymbolTable, row: number, report: LinkReport | undefined): SymbolDetail {
  const { inspection } = table.file(row);
  const name = table.name(row);
  const place = placeOf(table, row, report);
  const { references, count } = table.isLocal(row)
    ? referencesIn(table, [row])
    : referencesIn(table, table.named(name).length > 0 ? table.named(name) : [row]);
  const own =
    place &&
    touching(inspection, place.begin, place.end).relocations.filter(
      ({ begin }) => begin >= place.begin && begin < place.end,
    );
  return {
    ...table.line(row),
    at: table.at(row),
    name: name.slice(0, 100_000),
    display: table.display(row).slice(0, 100_000),
    ...place,
    others: table.isLocal(row)
      ? []
      : table.named(name).flatMap((other) => {
          if (other === row || !table.isDefined(other)) return [];
          const { file, binding, state } = table.line(other);
          return { file, binding, state, at: table.at(other) };
        }),
    references,
    referenceCount: count,
    relocations: own?.slice(0, mostRelocations) ?? [],
    relocationCount: own?.length ?? 0,
    ...(place ? { bytes: inspection.bytes.slice(place.begin, Math.min(place.end, place.begin + mostBytes)) } : {}),
    why: report ? whyOf(table, row, report) : [],
  };
}

function placeOf(
  table: SymbolTable,
  row: number,
  report: LinkReport | undefined,
): (Extent & Pick<SymbolDetail, 'function' | 'type'>) | undefined {
  if (!table.isDefined(row)) return undefined;
  const { inspection } = table.file(row);
  const line = table.line(row);
  const extent = table.extent(row);
  if (extent && line.kind === 'function') {
    const index = inspection.symbols.length > 0 ? inspection.symbols.get(table.symbol(row)).index! : table.symbol(row);
    const { type } = inspection.functions.get(index);
    return { ...extent, function: index, ...(type === undefined ? {} : { type }) };
  }
  if (extent) return extent;
  // Data of a module, by its address.
  if (!report || line.address === undefined) return undefined;
  const address = line.address;
  const segment = inspection.dataSegments.find(
    (s) => s.address !== undefined && address >= s.address && address < s.address + s.size,
  );
  if (!segment) return undefined;
  const begin = segment.offset + address - segment.address!;
  return {
    begin,
    end: Math.min(begin + (line.size ?? 0), segment.offset + segment.size),
    section: segment.name ?? 'data',
  };
}

function referencesIn(table: SymbolTable, rows: readonly number[]): { references: Occurrence[]; count: number } {
  const references = new Map<string, Occurrence>();
  let count = 0;
  for (const row of rows) {
    const file = table.file(row);
    const { inspection } = file;
    if (inspection.symbols.length === 0) continue;
    const symbols = inspection.relocations.columns['symbol'] as Uint32Array;
    const { offsets } = structureOf(inspection);
    const wanted = table.symbol(row);
    for (let r = symbols.indexOf(wanted); r >= 0; r = symbols.indexOf(wanted, r + 1)) {
      count++;
      const part = partAt(inspection, offsets[r]!);
      const key = `${file.name}\0${part?.begin}`;
      const known = references.get(key);
      if (known) known.count++;
      else if (references.size < mostReferences)
        references.set(key, {
          file: file.name,
          where: part?.name.slice(0, 2000) ?? '',
          display: part?.display.slice(0, 2000) ?? '',
          offset: offsets[r]!,
          count: 1,
          ...(part?.kind === 'function' ? { at: part.begin } : {}),
        });
    }
  }
  return { references: [...references.values()], count };
}

function whyOf(table: SymbolTable, row: number, { report }: LinkReport): Explanation[] {
  const { matches } = report.why(table.name(row));
  const { reported } = table.file(row);
  // A local symbol's name may be that of others.
  const here = matches.filter(({ file }) => file === reported);
  return (here.length > 0 ? here : matches)
    .slice(0, 8)
    .map((match) => ({ ...match, path: match.path.slice(0, 200), referrers: match.referrers.slice(0, 100) }));
}
