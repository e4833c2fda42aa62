// Which view is open, and what it looks at: in the address, behind `#`, so that it can be kept, sent and gone back to.
// What somebody shares may stand there too (state.ts); the address of a place is without it.
import { computed, signal } from '@preact/signals';

export const views = [
  'result',
  'size',
  'symbols',
  'code',
  'story',
  'sections',
  'memory',
  'resolution',
  'output',
] as const;
export type View = (typeof views)[number];

export interface Place {
  view: View;
  /** The name of a file that is looked at in place of the link. A place that does not say stays with what is looked at. */
  of?: string | undefined;
  /** What it is compared with: the name of another such file, or the link's output. */
  against?: string | undefined;
  /** As people call it: `output`, `main.o`, `libc.a(printf.o)`. */
  file?: string;
  /** As in the object. */
  symbol?: string;
  /** In the file, in bytes. Of a symbol: where it is, by which it is told from others of its name (`SymbolId`). */
  offset?: number;
  /** Of the map of sizes: the names of the parts that were opened one in the other. */
  within?: string[];
  /** Of a table: what is searched for and how it is sorted, in the words of the view. */
  find?: string;
  /** Of the story of the link. */
  step?: string;
}

/** The page is in a frame of another page, and its address says `?embed`: see embed.ts. */
export const isEmbedded = window.parent !== window && new URLSearchParams(location.search).has('embed');

/** Names of a megabyte are no part of an address. */
const longest = 2000;

function read(): Place {
  const from = new URLSearchParams(location.hash.slice(1));
  const view = views.find((name) => name === from.get('view')) ?? 'result';
  const place: Place = { view };
  const [file, symbol, offset] = [from.get('file'), from.get('symbol'), Number.parseInt(from.get('offset') ?? '', 16)];
  const step = from.get('step');
  if (step !== null) place.step = step;
  if (file !== null) place.file = file;
  if (symbol !== null) place.symbol = symbol;
  if (offset >= 0) place.offset = offset;
  const [of, against] = [from.get('of'), from.get('against')];
  if (of !== null) place.of = of;
  if (of !== null && against !== null) place.against = against;
  const [within, find] = [from.getAll('in'), from.get('find')];
  if (within.length > 0) place.within = within;
  if (find !== null) place.find = find;
  return place;
}

export const place = signal<Place>(read());
// Their own, because most links follow these alone.
const lookedOf = computed(() => place.value.of);
const lookedAgainst = computed(() => place.value.against);

/** The address of a place. */
export function hrefOf(to: Place): string {
  const all = new URLSearchParams();
  const entries = {
    view: to.view === 'result' ? undefined : to.view,
    of: 'of' in to ? to.of : lookedOf.value,
    against: 'of' in to ? to.against : lookedAgainst.value,
    file: to.file,
    step: to.step,
    symbol: to.symbol,
    offset: to.offset?.toString(16),
    find: to.find,
  };
  for (const [key, value] of Object.entries(entries))
    if (value !== undefined && value.length <= longest) all.set(key, value);
  const within = to.within ?? [];
  if (within.reduce((sum, name) => sum + name.length, 0) <= longest) for (const name of within) all.append('in', name);
  return `#${all.toString()}`;
}

/** Opens a view; the browser's back button leads back. */
export function go(place_: Place): void {
  const { of, against } = place.peek();
  const to = 'of' in place_ ? place_ : { ...place_, ...(of === undefined ? {} : { of, against }) };
  const href = hrefOf(to);
  // What an address cannot say (names too long, or that are not Unicode) is looked at all the same.
  if (href.slice(1) !== location.hash.slice(1))
    history.pushState(null, '', href === '#' ? location.pathname + location.search : href);
  place.value = to;
}

/** Changes what is said of the open view, without a step for the back button: while one types, say. */
export function amend(change: Partial<Place>): void {
  const to = { ...place.peek(), ...change };
  for (const key of Object.keys(to) as (keyof Place)[]) if (to[key] === undefined) delete to[key];
  history.replaceState(history.state, '', hrefOf(to).replace(/^#$/, location.pathname + location.search));
  place.value = to;
}

/** The address has changed. */
export const follow = () => (place.value = read());
addEventListener('popstate', follow);
addEventListener('hashchange', follow);
