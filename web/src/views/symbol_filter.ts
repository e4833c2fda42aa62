// The filter of the table of symbols, and how the page's address spells it: `kind:function sort:-size printf`.
import { symbolKinds, symbolStates, type SymbolFilter } from '../inspector/symbols';

export const noFilter: SymbolFilter = {
  text: '',
  kind: '',
  binding: '',
  defined: '',
  state: '',
  sort: '',
  descending: false,
  raw: false,
};

/** What each word of the address may be. */
const choices: Record<string, readonly string[]> = {
  kind: symbolKinds,
  binding: ['global', 'weak', 'local'],
  defined: ['defined', 'undefined'],
  state: symbolStates,
  sort: ['name', 'kind', 'size', 'file', 'state', 'binding'].flatMap((column) => [column, `-${column}`]),
  names: ['raw'],
};
const word = /^(kind|binding|defined|state|sort|names|text):/;

/** Undefined: nothing is filtered. */
export function spelledFilter({ text, sort, descending, raw, ...chosen }: SymbolFilter): string | undefined {
  const words = Object.entries(chosen).flatMap(([key, choice]) => (choice === '' ? [] : `${key}:${choice}`));
  if (sort !== '') words.push(`sort:${descending ? '-' : ''}${sort}`);
  if (raw) words.push('names:raw');
  if (text !== '') words.push(word.test(text) || text !== text.trim() ? `text:${text}` : text);
  return words.length === 0 ? undefined : words.join(' ');
}

/** An address comes from anybody: what is no filter is searched for. */
export function filterOf(spelled: string): SymbolFilter {
  const filter: Record<string, string | boolean> = { ...noFilter };
  let rest = spelled;
  for (let found = word.exec(rest); found; found = word.exec(rest)) {
    const key = found[1]!;
    if (key === 'text') return { ...filter, text: rest.slice('text:'.length) } as unknown as SymbolFilter;
    const [choice] = /^\S*/.exec(rest.slice(found[0].length))!;
    if (!choices[key]!.includes(choice)) break;
    if (key === 'names') filter.raw = true;
    else if (key === 'sort')
      Object.assign(filter, { sort: choice.replace('-', ''), descending: choice.startsWith('-') });
    else filter[key] = choice;
    rest = rest.slice(found[0].length + choice.length).replace(/^ /, '');
  }
  return { ...filter, text: rest } as unknown as SymbolFilter;
}
