import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { samples } from '../sample';
import type { Session } from '../session';
import { bytesText } from '../text';
import { saveAsFile, shareAsLink, shared } from './share';

/** The palette, which finds everything by its name. */
export const paletteOpen = signal(false);

/** Where this page's source is, for whoever publishes it (`WELD_SOURCE_URL` when it is built). */
declare const __SOURCE_URL__: string;

/** Whether the page of the tiny language stands beside this one. */
declare const __HAS_TINY__: boolean;

/** What this is, what to try, and where the rest is. */
export function Top({ session }: { session: Session }) {
  const fetching = session.fetching.value;
  return (
    <header class="top">
      <img src="./icon.svg" alt="" width="26" height="26" />
      <h1>weld</h1>
      <p class="tagline">
        A WebAssembly linker in this page. <span class="private">Nothing is uploaded.</span>
      </p>
      <nav class="try" aria-label="Examples">
        {samples.map((kind) => (
          <button
            key={kind.label}
            type="button"
            title={kind.about}
            aria-label={`Open the ${kind.label} sample`}
            aria-busy={fetching?.kind === kind}
            onClick={() => void session.openSample(kind)}
          >
            {fetching?.kind === kind && fetching.bytes > 0 ? bytesText(fetching.bytes) : kind.label}
          </button>
        ))}
        {__HAS_TINY__ && (
          <a
            class="sample"
            href="./tiny/"
            title="A language of one’s own: its compiler gives each function to the linker, at each key"
          >
            tiny
          </a>
        )}
        <span class="muted">or drop anything</span>
      </nav>
      <nav class="links" aria-label="About weld">
        <button
          type="button"
          class="plain"
          aria-haspopup="dialog"
          title="Find views, symbols, files, options and actions: Ctrl-K or /"
          onClick={() => (paletteOpen.value = true)}
        >
          Find <kbd>Ctrl K</kbd>
        </button>
        <Share session={session} />
        <a href="./docs/guide.html">Docs</a>
        {__SOURCE_URL__ && <a href={__SOURCE_URL__}>Source</a>}
      </nav>
    </header>
  );
}

function Share({ session }: { session: Session }) {
  const isEmpty = session.inputs.value.length === 0 && session.playground.sources.value.length === 0;
  return (
    <>
      <button type="button" class="plain" disabled={isEmpty} onClick={() => void shareAsLink(session)}>
        Share as a link
      </button>
      <button type="button" class="plain" disabled={isEmpty} onClick={() => void saveAsFile(session)}>
        Save as a file
      </button>
      <Shared session={session} />
    </>
  );
}

/** Long enough to be read. */
const readMs = 8000;

/** What came of it, below the buttons: the news are far from them, and on a small screen in another place. */
function Shared({ session }: { session: Session }) {
  const said = shared.value;
  useEffect(() => {
    if (!said || said.isTooLarge) return;
    const timer = setTimeout(() => (shared.value = undefined), readMs);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div class={said ? 'shared' : 'unseen'} role="status">
      {said && (
        <>
          <p>{said.news}.</p>
          <p>
            {said.isTooLarge && (
              <button type="button" class="primary" onClick={() => void saveAsFile(session)}>
                Save it as a file
              </button>
            )}{' '}
            <button type="button" onClick={() => (shared.value = undefined)}>
              Close
            </button>
          </p>
        </>
      )}
    </div>
  );
}
