import type { FinishedChapter } from '../inspector/explain_finished';
import { samples } from '../sample';
import type { Session } from '../session';
import { plural } from '../text';
import { Name } from './name';
import { Lead, List, number } from './story_parts';

interface FinishedProps extends FinishedChapter {
  session: Session;
}

/** What can be told of a link that was made elsewhere, and how to see the rest. */
export function Finished({ session, functions, named, sourceFiles, madeBy, relocations }: FinishedProps) {
  const [first] = samples;
  return (
    <>
      <Lead>
        This module was linked elsewhere, and its objects are not here. What their linker decided is in the module:
        which functions stay and why, their numbers, the addresses of data, and what the host gives and gets. The next
        steps tell that of this module.
      </Lead>
      <h4>What is in the module</h4>
      <ul class="told-facts">
        <li>
          {named === functions
            ? `Names: its ${plural(functions, 'function')} are called as in their objects.`
            : named === 0
              ? `No names: its ${plural(functions, 'function')} are called by their numbers. They were stripped.`
              : `Names of ${number(named)} of its ${plural(functions, 'function')}.`}
        </li>
        <li>
          {sourceFiles > 0
            ? `Lines of ${plural(sourceFiles, 'source file')}, so that functions lead to their source.`
            : 'No lines: it was compiled without -g, or stripped.'}
        </li>
        {madeBy.length > 0 && (
          <li>
            Which tools made it: <List of={madeBy.map((tool) => <Name text={tool} most={60} />)} />.
          </li>
        )}
        {relocations > 0 && <li>{plural(relocations, 'relocation')}, which its linker was asked to keep.</li>}
      </ul>
      <h4>What is gone</h4>
      <p class="told">
        The names that objects offered and needed, the members that libraries gave and why, what was left out, and the
        bytes before they were relocated. To see these, link here: add the objects and libraries that the module is made
        of.
      </p>
      <p class="buttons">
        <button
          type="button"
          class="primary"
          onClick={() => document.querySelector<HTMLInputElement>('#files')?.click()}
        >
          Add its objects…
        </button>{' '}
        {first && (
          <button type="button" onClick={() => void session.openSample(first)}>
            Read the whole story of the {first.label} sample
          </button>
        )}
      </p>
    </>
  );
}
