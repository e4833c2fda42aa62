// The texts of sources that line tables name: those of the playground, those that come with a sample, and files that somebody
// chose to have them shown. Line tables have paths of the machine that compiled; here, the file's own name decides.
import { signal } from '@preact/signals';
import { fetchOwn, sampleSource, sampleSources } from './sample';
import type { Session } from './session';
import { baseName } from './inspector/base_name';

export interface SourceText {
  text: string;
  /** It was edited after it was compiled: its lines may be others. */
  isNewer: boolean;
}

/** Files that somebody chose, by name. */
const chosen = signal<ReadonlyMap<string, string>>(new Map());
/** Sources of samples that are not in the playground, once they are here. */
const fetched = signal<ReadonlyMap<string, string>>(new Map());
const asked = new Map<string, Promise<void>>();

export async function chooseTexts(files: Iterable<File>): Promise<void> {
  const read = await Promise.all([...files].map(async (file) => [file.name, await file.text()] as const));
  chosen.value = new Map([...chosen.value, ...read]);
}

/** Undefined while it is not here. */
export function sourceText(session: Session, path: string): SourceText | undefined {
  const name = baseName(path);
  const { sources, stale } = session.playground;
  const source = sources.value.find((one) => one.name === name);
  if (source) return { text: source.text, isNewer: stale.value };
  const text = chosen.value.get(name) ?? fetched.value.get(name);
  if (text !== undefined) return { text, isNewer: false };
  void fetchText(session, name);
  return undefined;
}

/** Fetches the source of a sample whose object is among the inputs, once. */
function fetchText(session: Session, name: string): Promise<void> | undefined {
  const origin = sampleSource(name);
  if (origin && !asked.has(name) && session.inputs.value.some((input) => input.origin === origin.of)) {
    const fetching = fetchOwn(origin.path).then(
      async ({ file }) => {
        const text = await file.text();
        fetched.value = new Map([...fetched.value, [name, text]]);
      },
      () => void asked.delete(name),
    );
    asked.set(name, fetching);
  }
  return asked.get(name);
}

/** All that are here, or can be fetched, by file name. */
export async function allTexts(session: Session): Promise<Record<string, string>> {
  await Promise.all(sampleSources.map((name) => fetchText(session, name)));
  const written = session.playground.sources.peek().map(({ name, text }) => [name, text] as const);
  return Object.fromEntries([...fetched.peek(), ...chosen.peek(), ...written]);
}
