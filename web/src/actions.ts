// Of what diagnostics' notes advise, what the page can do.
import type { Diagnostic } from 'wasm-weld';
import { quoted, words } from './options';
import type { Session } from './session';

export interface Action {
  label: string;
  act(): void;
}

/** `--initial-memory=131072` in a note: an option with a value that needs no thinking about. */
const optionInNote = /(?<![\w-])(--(?!log-override|allow-undefined-file)[a-z][a-z-]*=[\w.,+-]*\w)/g;
const libraryInNote = /\b(?:add|link) (?:(-l[\w+-]+)|(lib[\w.+-]+\.a))/;

export function actionsOf(session: Session, { id, notes }: Diagnostic): Action[] {
  const actions: Action[] = [];
  const once = (action: Action) => {
    if (!actions.some(({ label }) => label === action.label)) actions.push(action);
  };
  for (const note of notes) {
    for (const [, option] of note.matchAll(optionInNote)) once({ label: `Add ${option}`, act: () => addOption(session, option!) });
    const library = libraryInNote.exec(note);
    if (library) once({ label: `Add ${library[2] ?? `lib${library[1]!.slice(2)}.a`}…`, act: pickFiles });
    else if (note.startsWith('add the object or library')) once({ label: 'Add files…', act: pickFiles });
  }
  if (id === 'undefined-symbol') once({ label: 'Import what nothing defines', act: () => session.set('allowUndefined', true) });
  return actions;
}

function addOption(session: Session, option: string): void {
  const line = String(session.values.peek()['more'] ?? '');
  if (!words(line).includes(option)) session.set('more', `${line} ${quoted(option)}`.trim());
}

/** Where inputs come from: see views/inputs.tsx. */
function pickFiles(): void {
  document.getElementById('files')?.click();
}
