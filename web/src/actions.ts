// Of what diagnostics' notes advise, what the page can do.
import type { Diagnostic } from 'wasm-weld';
import { valuesOf } from './options';
import { fetchOwn, ownLibraries } from './sample';
import type { Session } from './session';

export interface Action {
  label: string;
  act(): void;
}

/** `--initial-memory=131072` in a note: an option with a value that needs no thinking about, nor quoting, and that a button can show. */
const optionInNote = /(?<![\w-])(--(?!log-override)[a-z][a-z-]*=[\w.,+-]{0,80}\w)(?=[.,;:)]?(?:\s|$))/g;
const asksForLibrary = /\b(?:add|link) (?:-l|lib)/;
const libraryInNote = /(?<![\w-])(?:-l([\w+-]+)|(lib[\w.+-]+\.a))/g;

export function actionsOf(session: Session, { id, notes }: Diagnostic): Action[] {
  const actions: Action[] = [];
  const once = (action: Action) => {
    if (!actions.some(({ label }) => label === action.label)) actions.push(action);
  };
  for (const note of notes) {
    for (const [, option] of note.matchAll(optionInNote)) if (isOwn(option!)) once({ label: labelOf(option!), act: () => addOption(session, option!) });
    if (asksForLibrary.test(note)) {
      const names = [...note.matchAll(libraryInNote)].map(([, short, name]) => name ?? `lib${short}.a`);
      const here = names.filter((name) => ownLibraries.includes(name) && !session.inputs.peek().some((input) => input.name === name));
      if (here.length > 0) once({ label: `Add ${here.join(' and ')}`, act: () => void addOwn(session, here) });
      else once({ label: `Add ${names[0]}…`, act: pickFiles });
    }
    if (note.startsWith('add the object or library')) once({ label: 'Add files…', act: pickFiles });
  }
  if (id === 'undefined-symbol') once({ label: 'Import what nothing defines', act: () => session.set('allowUndefined', true) });
  return actions;
}

/** Notes also advise what to tell a compiler. */
function isOwn(option: string): boolean {
  return valuesOf([option]).more === '';
}

function labelOf(option: string): string {
  const [, name] = /^--allow-undefined-symbol=(.*)$/.exec(option) ?? [];
  return name ? `Import ${name}` : `Add ${option}`;
}

function addOption(session: Session, option: string): void {
  const args = session.args.peek();
  if (!args.includes(option)) session.values.value = valuesOf([...args, option]);
}

/** Libraries that the page has itself. */
async function addOwn(session: Session, names: string[]): Promise<void> {
  try {
    const files = await Promise.all(names.map((name) => fetchOwn(`samples/${name}`)));
    await session.addInputs(files.map(({ file, origin }) => ({ name: file.name, file, origin })));
  } catch (error) {
    session.news.value = `It cannot be fetched: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Where inputs come from: see views/inputs.tsx. */
function pickFiles(): void {
  document.getElementById('files')?.click();
}
