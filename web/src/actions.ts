// Of what diagnostics' notes advise, what the page can do: by the diagnostic's id. Values come from what a diagnostic is made
// of, or from its notes, which name an option as it can be given.
import type { Diagnostic } from 'wasm-weld';
import type { Input } from './input';
import { valuesOf } from './options';
import { cLibraries, cxxLibraries, fetchOwn, isPart, ownLibraries, reactorStart } from './sample';
import type { Session } from './session';
import { plural, shown } from './text';

export interface Action {
  label: string;
  act(): void | Promise<void>;
}

type Offer = (session: Session, diagnostic: Diagnostic) => (Action | undefined)[];

const offers: Partial<Record<Diagnostic['id'], Offer>> = {
  'entry-not-defined': (session, diagnostic) => {
    const entry = nameAt(diagnostic, 0);
    if (entry === '_initialize') return [asReactor(session), asLibrary(session)];
    if (entry !== '_start')
      return [{ label: 'Start at _start', act: () => session.set('entry', undefined) }, asLibrary(session)];
    return [asProgram(session), asLibrary(session)];
  },
  'undefined-symbol': (session, diagnostic) => [
    ...librariesIn(session, diagnostic),
    ...(isOfMain(diagnostic) ? [asLibrary(session), asReactor(session)] : []),
    says(diagnostic, /^add the object or library/) ? { label: 'Add files…', act: pickFiles } : undefined,
    says(diagnostic, /--allow-undefined-symbol=/) ? importing(session, nameAt(diagnostic, 0)) : undefined,
    importingAll(session),
  ],
  'undefined-allowed': (session, diagnostic) => [
    ...librariesIn(session, diagnostic),
    importing(session, nameAt(diagnostic, 0)),
  ],
  // The page's libraries are built without exceptions.
  'undefined-exception-runtime': (session) => [{ label: 'Add files…', act: pickFiles }, importingAll(session)],
  'duplicate-symbol': (session, diagnostic) => [
    leavingOut(session, inputAt(session, diagnostic, 2)),
    leavingOut(session, inputAt(session, diagnostic, 1)),
  ],
  'export-not-found': (session, diagnostic) => {
    const name = nameAt(diagnostic, 0);
    return [
      {
        label: `Do not export ${name}`,
        act: () =>
          setArgs(
            session,
            session.args.peek().filter((arg) => arg !== `--export=${name}`),
          ),
      },
    ];
  },
  'nothing-exported': (session, diagnostic) => [
    giving(session, diagnostic, /--export=\S*[^\s,]/, (option) => `Export ${option.slice('--export='.length)}`),
    says(diagnostic, /could be exported: .*,/)
      ? { label: 'Export all functions of the objects', act: async () => void (await exportAll(session)) }
      : undefined,
  ],
  'entry-signature': (session, diagnostic) => [
    giving(session, diagnostic, /--no-entry --export=\S+/, () => `Export ${nameAt(diagnostic, 0)}`),
  ],
  'exports-wrapped': (session) => [asReactor(session)],
  'weak-undefined-call': (session, diagnostic) => [
    extracting(session, diagnostic),
    ...(isOfMain(diagnostic) ? [asLibrary(session), asReactor(session)] : []),
  ],
  'weak-not-extracted': (session, diagnostic) => [extracting(session, diagnostic)],
  'function-signature-mismatch': (session, diagnostic) => [
    [2, 4].every((i) => isOfLibrary(String(diagnostic.arguments[i]))) ? replacing(session) : undefined,
    giving(session, diagnostic, /--no-shlib-sigcheck/),
  ],
  'feature-not-allowed': (session, diagnostic) => {
    const feature = nameAt(diagnostic, 0);
    return [{ label: `Allow ${feature}`, act: () => give(session, `--features=${feature}`) }];
  },
  'memory-too-small': (session, diagnostic) => [giving(session, diagnostic, sizeOption)],
  'memory-alignment': (session, diagnostic) => [giving(session, diagnostic, sizeOption)],
  'stack-frame-too-large': (session, diagnostic) => [giving(session, diagnostic, /-z stack-size=\d+/)],
  'stack-after-data': (session, diagnostic) => [giving(session, diagnostic, /--stack-first/)],
  unsupported: (session, diagnostic) => [
    giving(session, diagnostic, /--strip-debug/),
    ...leavingOutOf(session, diagnostic),
  ],
  'unknown-argument': (session, diagnostic) => [rewriting(session, diagnostic)],
  'too-many-errors': (session) => [{ label: 'Show all errors', act: () => give(session, '--error-limit=0') }],
};

/** The file of such a diagnostic is not linked as it is. */
const ofBadFiles: Diagnostic['id'][] = [
  'unknown-file-type',
  'not-relocatable',
  'bitcode-input',
  'malformed-object',
  'malformed-archive',
  'malformed-stub',
  'thin-member-not-found',
  'wasm64-in-wasm32',
  'wasm32-in-wasm64',
  'static-link-of-shared',
  'table-symbols-mismatch',
  'table-definition-without-symbol',
  'table-imports-without-symbol',
  'table-import-without-symbol',
];
for (const id of ofBadFiles) offers[id] = leavingOutOf;

export function actionsOf(session: Session, diagnostic: Diagnostic): Action[] {
  const actions: Action[] = [];
  for (const action of offers[diagnostic.id]?.(session, diagnostic) ?? [])
    if (action && !actions.some(({ label }) => label === action.label)) actions.push(action);
  return actions;
}

// What diagnostics say.

function nameAt({ arguments: made }: Diagnostic, i: number): string {
  const argument = made[i] ?? '';
  return typeof argument === 'object' ? argument.name : String(argument);
}

const says = ({ notes }: Diagnostic, what: RegExp) => notes.some(({ text }) => what.test(text));
const isOfMain = (diagnostic: Diagnostic) =>
  /^(?:main|__main_argc_argv)$/.test(nameAt(diagnostic, 0)) && says(diagnostic, /is linked as a reactor/);

/** The input of which a diagnostic says `libc.a(printf.o)`. */
function inputAt(session: Session, diagnostic: Diagnostic, i: number): Input | undefined {
  return inputNamed(session, nameAt(diagnostic, i));
}

function inputNamed(session: Session, file: string): Input | undefined {
  const inputs = session.inputs.peek();
  return inputs.find(({ name }) => name === file) ?? inputs.find(({ name }) => file.startsWith(`${name}(`));
}

// Options.

const sizeOption = /--(?:initial-memory|max-memory|initial-heap)=\d+/;

function setArgs(session: Session, args: string[]): void {
  session.values.value = valuesOf(args);
}

function give(session: Session, ...args: string[]): void {
  setArgs(session, [...session.args.peek(), ...args]);
}

/** The option that a note names. */
function giving(
  session: Session,
  { notes }: Diagnostic,
  option: RegExp,
  labelOf = (option: string) => `Add ${option}`,
): Action | undefined {
  const found = notes.map(({ text }) => option.exec(text)?.[0]).find((text) => text !== undefined);
  return found === undefined ? undefined : { label: labelOf(found), act: () => give(session, ...found.split(' ')) };
}

function importing(session: Session, name: string): Action {
  return { label: `Import ${name}`, act: () => give(session, `--allow-undefined-symbol=${name}`) };
}

function importingAll(session: Session): Action {
  return { label: 'Import undefined functions', act: () => session.set('allowUndefined', true) };
}

function extracting(session: Session, diagnostic: Diagnostic): Action | undefined {
  const option = `--undefined=${nameAt(diagnostic, 0)}`;
  return says(diagnostic, /--undefined=/) ? { label: `Add ${option}`, act: () => give(session, option) } : undefined;
}

function rewriting(session: Session, diagnostic: Diagnostic): Action | undefined {
  const [, meant] = /^did you mean `(.*)`\?$/.exec(diagnostic.notes[0]?.text ?? '') ?? [];
  if (meant === undefined) return undefined;
  const wrong = nameAt(diagnostic, 0);
  const right = meant.endsWith('=') ? meant + wrong.slice(wrong.indexOf('=') + 1) : meant;
  return {
    label: `Write ${right}`,
    act: () =>
      setArgs(
        session,
        session.args.peek().map((arg) => (arg === wrong ? right : arg)),
      ),
  };
}

// What is linked.

function leavingOut(session: Session, input: Input | undefined): Action | undefined {
  return input && { label: `Leave out ${shown(input.name, 60)}`, act: () => session.remove(input.key) };
}

/** The file that a diagnostic is about, and all that are as bad. */
function leavingOutOf(session: Session, diagnostic: Diagnostic): (Action | undefined)[] {
  const about = (one: Diagnostic) => inputNamed(session, one.location?.input ?? nameAt(one, 0));
  const diagnostics = session.outcome.peek()?.result?.diagnostics ?? [];
  const all = new Set(diagnostics.filter(({ id }) => ofBadFiles.includes(id)).flatMap((one) => about(one) ?? []));
  const one = about(diagnostic);
  const leaveAll = () => {
    for (const { key } of all) session.remove(key);
    session.news.value = `Left out ${plural(all.size, 'file')}`;
  };
  return [
    leavingOut(session, one),
    all.size > 1 ? { label: `Leave out all ${all.size} such files`, act: leaveAll } : undefined,
  ];
}

const baseOf = (name: string) => name.split('/').at(-1)!;
const isStart = (name: string) => /^crt1[\w-]*\.o$/.test(baseOf(name));
/** All of it: a sample has only parts of libraries. */
const isThere = (session: Session, name: string) =>
  session.inputs.peek().some((input) => baseOf(input.name) === name && !isPart(input.origin));
/** Of a file in a diagnostic: a start file, or a member of the C or C++ library. */
const isOfLibrary = (file: string) => isStart(file) || cxxLibraries.includes(baseOf(file.replace(/\(.*\)$/, '')));

const shortNames: Record<string, string> = {
  'crt1-command.o': 'crt1',
  'libc.a': 'libc',
  'libclang_rt.builtins-wasm32.a': 'builtins',
};
const list = (names: string[]) => names.map((name) => shortNames[name] ?? name).join(' + ');

/** What clang links a program with. Of C++, the libraries are added when the first link asks for them. */
function asProgram(session: Session): Action | undefined {
  const wanted = cLibraries.filter((name) => !isThere(session, name));
  if (wanted.length === 0) return undefined;
  const act = async () => {
    await addOwn(session, wanted);
    await session.settled();
    const asked =
      session.outcome
        .peek()
        ?.result?.diagnostics.flatMap(({ notes }) => notes.flatMap(({ text }) => librariesOf(text))) ?? [];
    if (!asked.some((name) => name.startsWith('libc++'))) return;
    await addOwn(
      session,
      cxxLibraries.filter((name) => !isThere(session, name)),
    );
  };
  return { label: `Add ${list(wanted)}`, act };
}

/** More would not be read in the field of exports. */
const mostExports = 100;

async function exportAll(session: Session): Promise<string> {
  const found = await session.ask('exportable', { most: mostExports });
  if (!found) {
    give(session, '--export-all');
    return 'everything';
  }
  // What starts a program is no function of a library; clang gives `main` other names besides.
  const starts = ['_start', '_initialize', ...(found.includes('main') ? ['__main_void', '__original_main'] : [])];
  const options = found.filter((name) => !starts.includes(name)).map((name) => `--export=${name}`);
  give(session, ...options.filter((option) => !session.args.peek().includes(option)));
  return options.length === 0 ? 'what is marked as exported' : plural(options.length, 'function');
}

/** Without what starts a program; what the objects define can be called. */
function asLibrary(session: Session): Action {
  const act = async () => {
    const exported = await exportAll(session);
    give(session, '--no-entry');
    for (const { key, name } of session.inputs.peek()) if (isStart(name)) session.remove(key);
    session.news.value = `Linked as a library, which exports ${exported}`;
  };
  return { label: 'Link as a library', act };
}

/** A library of C whose `_initialize` is called once, and then its functions. */
function asReactor(session: Session): Action {
  const act = async () => {
    if (
      !(await addOwn(
        session,
        [reactorStart, ...cLibraries.filter((name) => !isStart(name))].filter((name) => !isThere(session, name)),
      ))
    )
      return;
    const exported = await exportAll(session);
    give(session, '--entry=_initialize');
    for (const { key, name } of session.inputs.peek())
      if (isStart(name) && baseOf(name) !== reactorStart) session.remove(key);
    session.news.value = `Linked as a reactor, which exports ${exported}: call _initialize first`;
  };
  return { label: 'Link as a reactor', act };
}

// Libraries.

/** Files of the libraries that a note advises to add. */
function librariesOf(note: string): string[] {
  if (!/\b(?:add|link) (?:-l|lib)|: -l/.test(note)) return [];
  return [...note.matchAll(/(?<![\w-])(?:-l([\w+-]+)|(lib[\w.+-]+\.a))/g)].map(
    ([, short, name]) => name ?? `lib${short}.a`,
  );
}

function librariesIn(session: Session, diagnostic: Diagnostic): (Action | undefined)[] {
  return diagnostic.notes.map(({ text: note }) => {
    if (/ is linked and does not define it/.test(note)) return replacing(session);
    const names = librariesOf(note);
    if (names.length === 0) return undefined;
    const here = names.filter((name) => ownLibraries.includes(name) && !isThere(session, name));
    return here.length > 0
      ? { label: `Add ${here.join(' and ')}`, act: async () => void (await addOwn(session, here)) }
      : { label: `Add ${names[0]}…`, act: pickFiles };
  });
}

/** Start files and libraries of C and C++ that came from elsewhere, by those of the page, which fit one another. */
function replacing(session: Session): Action | undefined {
  const isStrange = (origin: string | undefined) => origin === undefined || isPart(origin);
  const strange = session.inputs.peek().filter(({ name, origin }) => isStrange(origin) && isOfLibrary(name));
  if (strange.length === 0) return undefined;
  const act = async () => {
    const ownOf = (name: string) =>
      !isStart(name) ? baseOf(name) : /reactor/.test(name) ? reactorStart : 'crt1-command.o';
    const isIn = new Set(strange.map(({ name }) => ownOf(name)));
    const missing = cLibraries.filter((name) => !isStart(name) && !isIn.has(name) && !isThere(session, name));
    await addOwn(session, [
      ...strange.map(({ name }) => ({ name, own: ownOf(name) })),
      ...missing.map((name) => ({ name, own: name })),
    ]);
  };
  return { label: `Replace ${strange.map(({ name }) => shown(baseOf(name), 40)).join(' and ')} by what fits`, act };
}

/** Adds files that the page has itself. False when they cannot be fetched, which the news say. */
async function addOwn(session: Session, wanted: (string | { name: string; own: string })[]): Promise<boolean> {
  try {
    const files = wanted.map(async (one) => {
      const { name, own } = typeof one === 'string' ? { name: one, own: one } : one;
      return { name, ...(await fetchOwn(`samples/${own}`)) };
    });
    await session.addInputs(await Promise.all(files));
    return true;
  } catch (error) {
    session.news.value = `It cannot be fetched: ${error instanceof Error ? error.message : String(error)}`;
    return false;
  }
}

/** Where inputs come from: see views/inputs.tsx. */
function pickFiles(): void {
  document.getElementById('files')?.click();
}
