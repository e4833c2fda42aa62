import { render } from 'preact';
import { isEmbedded } from './place';
import { Session } from './session';
import { App } from './views/app';
import { keepFocus } from './views/focus';
import { showTipsOnTouch } from './views/tips';

const session = new Session();
render(<App session={session} />, document.getElementById('app')!);
if (isEmbedded) void import('./embed').then(({ listen }) => listen(session));
keepFocus();
showTipsOnTouch();

// Offline from the second visit on. Without it (a private window, an old browser) the page works with the network.
if (import.meta.env.PROD) addEventListener('load', () => void workOffline().catch(() => {}));

/** The editor and wabt, which a page that is only looked at does not fetch, are kept when nothing else is to do. */
async function workOffline(): Promise<void> {
  if (!navigator.serviceWorker) return;
  const { serviceWorker } = navigator;
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  const whenIdle = globalThis.requestIdleCallback ?? ((act: () => void) => setTimeout(act, 2000));
  const keepRest = () => connection?.saveData || whenIdle(() => serviceWorker.controller?.postMessage('keep the rest'));
  serviceWorker.addEventListener('controllerchange', keepRest); // at the first visit, and when there is a newer page
  await serviceWorker.register('./sw.js');
  keepRest();
}
