import { hrefOf } from '../place';
import { Name } from './name';

interface SymbolProps {
  file?: string | undefined;
  name: string;
  display: string;
  most?: number;
}

/** A symbol, which opens there. */
export function SymbolLink({ file, name, display, most = 120 }: SymbolProps) {
  return (
    <a href={hrefOf({ view: 'symbols', symbol: name, ...(file === undefined ? {} : { file }) })}>
      <Name text={display} most={most} />
    </a>
  );
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
