// What one gives to others: a link, or a file with everything in it.
import { download } from '../output';
import type { Session } from '../session';

export async function shareAsLink(session: Session): Promise<void> {
  const link = await session.state.share();
  if (link === undefined) {
    session.news.value =
      'These inputs are too large for a link, which holds about 20 kB (samples do not count). Save them as a file instead';
    return;
  }
  const copied = await navigator.clipboard?.writeText(link).then(
    () => true,
    () => false,
  );
  session.news.value = `${copied ? 'Copied a' : 'The address is now a'} link that contains the inputs and options. They are after its #, which browsers do not send to a server`;
}

export async function saveAsFile(session: Session): Promise<void> {
  try {
    const { name, bytes } = await session.state.saveProject();
    download(name, bytes, 'application/zip');
    session.news.value = `Saved ${name}: the inputs, options and sources, and what is shown. Drop it on this page to open it`;
  } catch (error) {
    session.news.value = `It cannot be saved: ${error instanceof Error ? error.message : String(error)}`;
  }
}
