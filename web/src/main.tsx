import { render } from 'preact';
import { Session } from './session';
import { App } from './views/app';

render(<App session={new Session()} />, document.getElementById('app')!);
