// Saves a linker that has C's library parsed, for the page to begin with: public/library.snapshot.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from './src/session.js';
import { library } from './src/library.js';

const session = await Session.open({ inputs: library() });
// Members of an archive are parsed when they are needed first: those that print are always.
const { problems } = session.build('fn main() { print("parsed"); }');
if (problems.length > 0) throw new Error(problems[0].message);
const { linker, program } = session;
linker.remove(program.unit.name);
linker.setOptions({ entry: false });
linker.link();
const folder = new URL('./public/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('library.snapshot', folder), linker.save());
