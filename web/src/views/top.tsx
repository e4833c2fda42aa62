import { signal } from '@preact/signals';
import { samples } from '../sample';
import type { Session } from '../session';
import { bytesText } from '../text';
import { saveAsFile, shareAsLink } from './share';

/** The palette, which finds everything by its name. */
export const paletteOpen = signal(false);

/** Where this page's source is, for whoever publishes it (`WELD_SOURCE_URL` when it is built). */
declare const __SOURCE_URL__: string;

/** What this is, what to try, and where the rest is. */
export function Top({ session }: { session: Session }) {
  const fetching = session.fetching.value;
  return (
    <header class="top">
      <img src="./icon.svg" alt="" width="26" height="26" />
      <h1>weld</h1>
      <p class="tagline">
        A WebAssembly linker that runs in this page. <span class="private">Nothing is uploaded.</span>
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
    </>
  );
}
