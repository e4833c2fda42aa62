import type { SymbolId } from '../inspector/symbols';
import { linkerName, symbolItems } from '../inspector/link_story';
import { outputFile } from '../inspector/workspace';
import { hrefOf, place, type Place } from '../place';
import { Name } from './name';

interface SymbolProps {
  file?: string | undefined;
  name: string;
  /** Its address in memory, else where it begins in the file: a file may have several of one name. */
  at?: number | undefined;
  display: string;
  most?: number;
}

/** Where a symbol is looked at. */
export function placeOf({ file, name, at }: SymbolId): Place {
  return {
    view: 'symbols',
    symbol: name,
    ...(file === undefined ? {} : { file }),
    ...(at === undefined ? {} : { offset: at }),
  };
}

/** A symbol, which opens there. */
export function SymbolLink({ file, name, at, display, most = 120 }: SymbolProps) {
  return (
    <a href={hrefOf(placeOf({ file, name, at }))}>
      <Name text={display} most={most} />
    </a>
  );
}

interface ItemProps extends SymbolProps {
  /** `ReportKind` */
  kind: string;
}

/** Where an item of a report is defined; undefined for items that are no symbols. */
export function placeOfItem({ kind, file = linkerName, name, at }: Omit<ItemProps, 'display'>): Place | undefined {
  if (!symbolItems.includes(kind)) return undefined;
  // All symbols of a finished module are its own.
  if (place.value.of !== undefined) return placeOf({ file: outputFile, name, at });
  // An import has no definition. What the linker made is in the output only.
  return placeOf({ file: kind === 'import' ? undefined : file === linkerName ? outputFile : file, name, at });
}

/** An item of a report, which opens where it is defined: names of the output's functions may be others, for people. */
export function ItemLink(item: ItemProps) {
  const to = placeOfItem(item);
  const name = <Name text={item.display} most={item.most ?? 120} />;
  return to ? <a href={hrefOf(to)}>{name}</a> : name;
}

/** A place in a file's bytes. */
export function BytesLink({ file, offset, text }: { file: string; offset: number; text?: string }) {
  return (
    <a class="offset" href={hrefOf({ view: 'sections', file, offset })}>
      {text ?? `0x${offset.toString(16)}`}
    </a>
  );
}

export function FileLink({ file, most = 80 }: { file: string; most?: number }) {
  return (
    <a href={hrefOf({ view: 'sections', file })}>
      <Name text={file} most={most} />
    </a>
  );
}
