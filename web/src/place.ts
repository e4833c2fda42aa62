// Which view is open, and what it looks at: in the address, behind `#`, so that it can be kept, sent and gone back to.
// What somebody shares may stand there too (state.ts); the address of a place is without it.
import { signal } from '@preact/signals';

export const views = ['result', 'size', 'symbols', 'sections', 'memory', 'resolution', 'output'] as const;
export type View = (typeof views)[number];

export interface Place {
  view: View;
  /** As people call it: `output`, `main.o`, `libc.a(printf.o)`. */
  file?: string;
  /** As in the object. */
  symbol?: string;
  /** In the file, in bytes. Of a symbol: where it is, by which it is told from others of its name (`SymbolId`). */
  offset?: number;
}

/** Names of a megabyte are no part of an address. */
const longest = 2000;

function read(): Place {
  const from = new URLSearchParams(location.hash.slice(1));
  const view = views.find((name) => name === from.get('view')) ?? 'result';
  const place: Place = { view };
  const [file, symbol, offset] = [from.get('file'), from.get('symbol'), Number.parseInt(from.get('offset') ?? '', 16)];
  if (file !== null) place.file = file;
  if (symbol !== null) place.symbol = symbol;
  if (offset >= 0) place.offset = offset;
  return place;
}

export const place = signal<Place>(read());

/** The address of a place. */
export function hrefOf(to: Place): string {
  const all = new URLSearchParams();
  const entries = {
    view: to.view === 'result' ? undefined : to.view,
    file: to.file,
    symbol: to.symbol,
    offset: to.offset?.toString(16),
  };
  for (const [key, value] of Object.entries(entries))
    if (value !== undefined && value.length <= longest) all.set(key, value);
  return `#${all.toString()}`;
}

/** Opens a view; the browser's back button leads back. */
export function go(to: Place): void {
  const href = hrefOf(to);
  // What an address cannot say (names too long, or that are not Unicode) is looked at all the same.
  if (href.slice(1) !== location.hash.slice(1))
    history.pushState(null, '', href === '#' ? location.pathname + location.search : href);
  place.value = to;
}

const follow = () => (place.value = read());
addEventListener('popstate', follow);
addEventListener('hashchange', follow);
