// What one gives to others: a link, or a file with everything in it.
import { signal } from '@preact/signals';
import { download } from '../output';
import type { Session } from '../session';

/** How the newest of these went, to be said where they are asked for. */
export const shared = signal<{ news: string; isTooLarge: boolean } | undefined>(undefined);

const say = (news: string, isTooLarge = false): void => void (shared.value = { news, isTooLarge });

export async function shareAsLink(session: Session): Promise<void> {
  const link = await session.state.share();
  if (link === undefined) {
    say(
      'These inputs are too large for a link, which holds about 20 kB (samples do not count). Save them as a file instead',
      true,
    );
    return;
  }
  const copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  say(
    `${copied ? 'Copied a' : 'The address is now a'} link that contains the inputs and options, and what is shown. They are after its #, which browsers do not send to a server`,
  );
}

export async function saveAsFile(session: Session): Promise<void> {
  try {
    const { name, bytes } = await session.state.saveProject();
    download(name, bytes, 'application/zip');
    say(`Saved ${name}: the inputs, options and sources, and what is shown. Drop it on this page to open it`);
  } catch (error) {
    say(`It cannot be saved: ${error instanceof Error ? error.message : String(error)}`);
  }
}
