import { render } from 'preact';
import { Session } from './session';
import { App } from './views/app';

render(<App session={new Session()} />, document.getElementById('app')!);

// Offline from the second visit on. Without it (a private window, an old browser) the page works with the network.
if (import.meta.env.PROD) addEventListener('load', () => void navigator.serviceWorker?.register('./sw.js').catch(() => {}));
