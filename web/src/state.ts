// What outlives the page: inputs, options and sources, kept in the browser's private file system (OPFS) where there is one;
// and a link that holds them when they are small. What the page can fetch from its own place is named, not kept.
//
// Each tab has a state of its own, `state-TAB.json`, which names the files that keep its inputs; a new tab begins with a copy
// of the newest. A link that is looked at is kept by the tab alone, until something is changed.
//
// Inputs that are saved together share a file: to make one costs browsers milliseconds, and there may be thousands. A file goes
// when no input in it is wanted any more.
import { effect, signal } from '@preact/signals';
import type { Input, Inputs, NewInput } from './input';
import type { FilePart } from './linker.worker';
import type { Values } from './options';
import { zip, type Dropped } from './dropped_files';
import { follow, hrefOf, isEmbedded, place } from './place';
import type { Playground } from './playground';
import type { Program } from './program';
import { fetchOwn, samples, type SampleKind } from './sample';
import { listed, plural, shown } from './text';

interface SavedInput {
  name: string;
  wholeArchive: boolean;
  /** Where it comes from: beside the page, from a file of the store, or from so many bytes of the link. */
  origin?: string;
  stored?: string;
  /** Of the stored file; missing: all of it, as older versions of the page have it. */
  part?: FilePart;
  bytes?: number;
}
interface Saved {
  version: 1;
  inputs: SavedInput[];
  values: Values;
  sources: Record<string, string>;
  /** The sources' objects are up to date. */
  compiled: boolean;
  flags: string;
  args: string;
  /** Missing: no. */
  asComponent?: boolean;
}
/** What a saved project says of itself, in a zip beside its inputs and sources. */
interface Project extends Omit<Saved, 'sources'> {
  /** Where they are in the zip, by the inputs' numbers. */
  files: string[];
  /** In their order. */
  sources: string[];
  /** Of the page's address: what is shown. */
  place: string;
}
export const projectFile = 'weld.json';
export const projectEnd = '.weld';

const pauseMs = 400;
/** The folder of the store, and so much of inputs in one file: then others of the worker's tasks have their turn. */
const folderName = 'weld';
const mostBatchBytes = 2 ** 22;
/** Of a link: longer ones are cut by what they are sent with. */
const mostLinkLetters = 30_000;
/** A link may say that it unpacks to anything. */
const mostLinkBytes = 2 ** 24;
/** Of the address, what is behind `#`: the parameter that holds a link's content. */
const linkParameter = 'weld';
/** Of an entry of the browser's history: its link was made here, and going back to it opens nothing. */
const madeHere = { linkIs: 'made here' };
const isMadeHere = () => (history.state as typeof madeHere | null)?.linkIs === madeHere.linkIs;
/** In the tab's own storage: its name, and the link that it looks at. */
const tabItem = 'weld-tab';
const linkItem = 'weld-link';
const addressItem = 'weld-address';
/** So many of the newest states are kept, and those of open tabs. */
const mostStates = 3;
const stateOf = (tab: string) => `state-${tab}.json`;
const isState = (name: string) => /^state.*\.json$/.test(name);

/** What is kept, and brought back. */
interface Kept extends Inputs {
  readonly playground: Playground;
  readonly program: Program;
  clear(): void;
  /** Everything goes, and can be brought back while the news say this. */
  replaceAll(news: string): void;
  /** Nobody's work is here. */
  isSample(): boolean;
  openSample(kind: SampleKind, first: boolean): Promise<void>;
  openAddress(address: string): Promise<void>;
  /** The bytes of inputs, written into a file of the browser's private ones. */
  store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]>;
  /** What was stored stays. */
  stored(): void;
}

/** Who comes for the first time sees a link, unless the address says `?start=empty`, as a page that embeds this one may. */
const startsWithSample = () => new URLSearchParams(location.search).get('start') !== 'empty';
/** Of the address: another one, whose file is opened. */
const addressToOpen = () => new URLSearchParams(location.search).get('open');

export class State {
  #session: Kept;
  #folder: FileSystemDirectoryHandle | undefined;
  #tab = crypto.randomUUID() as string;
  /** The tab whose state is this one's at the start: its own, or the one of which it is a copy. */
  #tabBefore: string | null = null;
  /** How far saving has come, while it takes long. */
  readonly saving = signal<{ bytes: number; total: number } | undefined>(undefined);
  /** Why something will be lost with the page; empty when nothing will. */
  readonly problem = signal('');
  /** Where an input is kept, by the input's key. */
  #stored = new Map<number, { stored: string; part?: FilePart | undefined }>();
  /** Counts what happened that is to be kept, and how much of it is. */
  #changes = 0;
  #changesKept = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();
  #opening = false;
  /** There may be files that nobody has: from before, or of inputs that are gone. */
  #untidy = true;
  /** What was brought back, as `#now` says it, until something else is there: it is not kept again. */
  #asOpened: string | undefined;

  constructor(session: Kept) {
    this.#session = session;
  }

  /** Brings back what was there, then keeps what changes. */
  async start(): Promise<void> {
    if (isEmbedded) return this.#startEmbedded();
    const session = this.#session;
    try {
      const root = await navigator.storage.getDirectory();
      this.#folder = await root.getDirectoryHandle(folderName, { create: true });
      this.#tabBefore = sessionStorage.getItem(tabItem);
      if (this.#tabBefore !== null && (await hold(this.#tabBefore))) this.#tab = this.#tabBefore;
      else await hold(this.#tab);
      sessionStorage.setItem(tabItem, this.#tab);
    } catch {
      this.#folder = undefined; // none here, or not allowed: nothing is kept
    }
    const link = linkInAddress();
    const lookedAt = kept(linkItem);
    // Once: after a reload it is here already, with what was done with it.
    const address = addressToOpen();
    const isNew = address !== null && kept(addressItem) !== address;
    if (isNew) keep(addressItem, address);
    const isOpen =
      (link !== undefined && !isMadeHere() && (await this.#openLink(link))) ||
      (lookedAt !== null && (await this.#openLink(lookedAt)));
    if (!isOpen) {
      const failure = session.news.value;
      const isRestored = !isNew && (await this.#restoreStored());
      if (!isRestored && link !== undefined && isMadeHere()) await this.#openLink(link);
      else if (failure !== '') session.news.value = failure;
      else if (isNew) await session.openAddress(address);
      else if (!isRestored && startsWithSample()) await session.openSample(samples[0]!, true);
    }
    if (session.isSample()) this.#asOpened ??= this.#now();
    // An empty page at the start says nothing: what is kept may just not have been readable.
    if (session.inputs.value.length === 0 && session.playground.sources.value.length === 0)
      this.#asOpened ??= this.#now();
    addEventListener('hashchange', () => {
      const link = linkInAddress();
      if (link === undefined || isMadeHere()) return;
      clearTimeout(this.#timer); // what has just been changed is kept before
      void (this.#saving = this.#saving.then(() => this.#save())).then(() => this.#openLink(link));
    });
    effect(() => {
      session.inputs.value;
      session.values.value;
      session.playground.sources.value;
      session.playground.flags.value;
      session.program.args.value;
      session.program.asComponent.value;
      this.#changes++;
      addEventListener('beforeunload', this.#warn);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => (this.#saving = this.#saving.then(() => this.#save())), pauseMs);
    });
  }

  /** What is in a frame belongs to the page around it: nothing is kept, and nothing of what was kept is opened. */
  async #startEmbedded(): Promise<void> {
    const link = linkInAddress();
    const address = addressToOpen();
    if (link !== undefined) await this.#openLink(link);
    else if (address !== null) await this.#session.openAddress(address);
  }

  /** The browser asks whether the page is to be left. */
  #warn = (event: BeforeUnloadEvent) => {
    if (this.#asOpened !== this.#now()) event.preventDefault();
  };

  /** Puts a link to this page with all that is in it into the address, and gives it; undefined when it would be too long. */
  async share(): Promise<string | undefined> {
    const session = this.#session;
    const saved = this.#saved();
    const parts: Uint8Array[] = [];
    let total = 0;
    for (const [i, input] of session.inputs.value.entries()) {
      if (input.origin !== undefined) continue;
      if ((total += input.size) > mostLinkBytes / 2) return undefined;
      parts.push(new Uint8Array(await input.file.arrayBuffer()));
      saved.inputs[i]!.bytes = input.size;
    }
    const head = new TextEncoder().encode(JSON.stringify(saved));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, head.length);
    const packed = new Blob([length, head, ...parts] as BlobPart[])
      .stream()
      .pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    if (bytes.length > (mostLinkLetters * 3) / 4) return undefined;
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
    const looksAt = hrefOf(place.peek()).slice(1);
    history.replaceState(madeHere, '', `#${linkParameter}=${text}${looksAt && `&${looksAt}`}`);
    return location.href;
  }

  /** Everything in one file, which anybody can open: a zip. */
  async saveProject(): Promise<{ name: string; bytes: Uint8Array }> {
    const { inputs, playground } = this.#session;
    const { sources, ...saved } = this.#saved();
    const nameOf = (name: string) => name.split('/').at(-1)!;
    const files = inputs.value.map(({ name }, i) => `inputs/${i}/${nameOf(name)}`);
    const project: Project = { ...saved, files, sources: Object.keys(sources), place: hrefOf(place.peek()).slice(1) };
    const bytes = await zip([
      { name: projectFile, content: new Blob([JSON.stringify(project, undefined, 1)]) },
      ...Object.entries(sources).map(([name, text]) => ({ name: `sources/${name}`, content: new Blob([text]) })),
      ...inputs.value.map(({ file }, i) => ({ name: files[i]!, content: file })),
    ]);
    const [first] = playground.sources.value.length > 0 ? playground.sources.value : inputs.value;
    return { name: `${nameOf(first?.name ?? 'project').replace(/\.\w+$/, '')}${projectEnd}`, bytes };
  }

  /** Opens what `saveProject` made. */
  async openProject(found: Dropped[]): Promise<void> {
    const session = this.#session;
    try {
      const entries = new Map(found.map(({ path, file }) => [path, file]));
      const project = JSON.parse(await entries.get(projectFile)!.text()) as Partial<Project>;
      const { files, sources, place: shows = '' } = project;
      const areTexts = (list: unknown): list is string[] =>
        Array.isArray(list) && list.every((text) => typeof text === 'string');
      if (!areTexts(files) || !areTexts(sources) || typeof shows !== 'string') throw new Error('it is incomplete');
      const texts: Record<string, string> = {};
      for (const name of sources) texts[name] = (await entries.get(`sources/${name}`)?.text()) ?? '';
      const saved = checked({ ...project, sources: texts });
      if (!saved) throw new Error('it was made by another version of this page');
      const inputs = saved.inputs.map(({ name, wholeArchive, origin }, i): NewInput => {
        const file = entries.get(files[i] ?? '');
        if (!file) throw new Error(`it does not contain ${shown(name, 80)}`);
        return { name, wholeArchive, file, ...(origin === undefined ? {} : { origin }) };
      });
      const isEmpty = session.inputs.value.length === 0 && session.playground.sources.value.length === 0;
      const news = isEmpty ? 'Opened the project' : 'Opened the project, which took the place of what was here';
      session.replaceAll(news);
      await this.#restore(saved, inputs);
      this.#asOpened = undefined; // it is this browser's from here on
      if (shows !== '') {
        history.pushState(null, '', `#${shows}`);
        follow();
      }
      session.news.value = news;
    } catch (error) {
      session.news.value = `The project cannot be opened: ${error instanceof Error ? shown(error.message) : String(error)}`;
    }
  }

  #saved(): Saved {
    const { inputs, values, playground, program } = this.#session;
    return {
      version: 1,
      inputs: inputs.value.map(({ name, wholeArchive, origin }) => ({ name, wholeArchive, origin })),
      values: values.value,
      sources: Object.fromEntries(playground.sources.value.map((s) => [s.name, s.text])),
      compiled: !playground.stale.value,
      flags: playground.flags.value,
      args: program.args.value,
      ...(program.asComponent.value && { asComponent: true }),
    };
  }

  /** All that is kept: equal when nothing has changed. */
  #now(): string {
    return JSON.stringify([this.#session.inputs.value.map(({ key }) => key), this.#saved()]);
  }

  async #save(): Promise<void> {
    const changes = this.#changes;
    if (this.#opening) return;
    if (this.#asOpened !== this.#now()) {
      this.#asOpened = undefined;
      keep(linkItem, undefined); // from here on it is this browser's
      const { inputs, playground } = this.#session;
      const isEmpty = inputs.value.length === 0 && playground.sources.value.length === 0;
      if (!this.#folder) {
        this.problem.value = isEmpty
          ? ''
          : 'This browser does not allow the page to save anything. A reload loses the inputs, options and sources.';
        return;
      }
      try {
        await navigator.locks.request(storeLock, () => this.#write());
        this.problem.value = '';
      } catch (error) {
        const lost = this.#unsaved();
        const what = lost.length === 0 ? 'the newest changes' : plural(lost.length, 'file');
        const loses = `a reload loses ${lost.length === 1 ? 'it' : 'them'}`;
        const isFull =
          error instanceof Error &&
          (error.name === 'QuotaExceededError' || error.message === 'there is no room for it');
        this.problem.value = isFull
          ? `There is no room in this browser for ${what}: ${loses}. Remove inputs, or free space on this device.`
          : `This browser cannot save ${what}: ${loses} (${error instanceof Error ? error.message : String(error)}).`;
        return;
      } finally {
        this.saving.value = undefined;
      }
    }
    this.#changesKept = changes;
    if (this.#changesKept === this.#changes) removeEventListener('beforeunload', this.#warn);
  }

  /** Inputs that are neither in the store nor beside the page. */
  #unsaved(): Input[] {
    return this.#session.inputs.value.filter(({ key, origin }) => origin === undefined && !this.#stored.has(key));
  }

  async #write(): Promise<void> {
    const unsaved = this.#unsaved();
    const total = unsaved.reduce((sum, { size }) => sum + size, 0);
    // What takes long may be cut short: the next visit then knows what is missing.
    if (total > mostBatchBytes) await this.#writeState();
    let bytes = 0;
    for (let at = 0; at < unsaved.length; ) {
      const batch: Input[] = [];
      for (let size = 0; at < unsaved.length && (size === 0 || size + unsaved[at]!.size <= mostBatchBytes); at++) {
        batch.push(unsaved[at]!);
        size += unsaved[at]!.size;
      }
      if (total > mostBatchBytes) this.saving.value = { bytes, total };
      const stored = `${crypto.randomUUID()}.input`;
      this.#untidy = true; // until a state names it
      const parts = await this.#session.store(
        folderName,
        stored,
        batch.map(({ key }) => key),
      );
      for (const [i, { key, size }] of batch.entries()) {
        if (parts[i]) this.#stored.set(key, { stored, part: parts[i] });
        bytes += size;
      }
    }
    await this.#writeState();
    this.#session.stored();
    const keys = new Set(this.#session.inputs.value.map(({ key }) => key));
    for (const key of this.#stored.keys()) if (!keys.has(key)) this.#untidy = this.#stored.delete(key);
    if (!this.#untidy) return;
    await this.#forget();
    this.#untidy = false;
  }

  async #writeState(): Promise<void> {
    const saved = this.#saved();
    for (const [i, { key, origin }] of this.#session.inputs.value.entries())
      if (origin === undefined) Object.assign(saved.inputs[i]!, this.#stored.get(key));
    await this.#writeFile(stateOf(this.#tab), JSON.stringify(saved));
  }

  async #writeFile(name: string, content: string): Promise<void> {
    const writable = await (await this.#folder!.getFileHandle(name, { create: true })).createWritable();
    await writable.write(content);
    await writable.close();
  }

  /** What no open tab and no state of the newest has. */
  async #forget(): Promise<void> {
    const folder = this.#folder!;
    const { held = [] } = await navigator.locks.query();
    const open = new Set(held.map(({ name }) => name));
    const wanted = new Set<string>();
    for (const [i, { name, text }] of (await this.#states()).entries()) {
      if (i >= mostStates && !open.has(lockOf(name))) continue;
      wanted.add(name);
      for (const { stored } of parsed(text)?.inputs ?? []) if (stored !== undefined) wanted.add(stored);
    }
    for (const name of await namesIn(folder)) if (!wanted.has(name)) await folder.removeEntry(name).catch(() => {});
  }

  /** Of all tabs, the newest first. */
  async #states(): Promise<{ name: string; text: string }[]> {
    const names = (await namesIn(this.#folder!)).filter(isState);
    const files = await Promise.all(
      names.map(async (name) => ({ name, file: await (await this.#folder!.getFileHandle(name)).getFile() })),
    );
    files.sort((a, b) => b.file.lastModified - a.file.lastModified);
    return Promise.all(files.map(async ({ name, file }) => ({ name, text: await file.text() })));
  }

  async #restoreStored(): Promise<boolean> {
    const folder = this.#folder;
    if (!folder) return false;
    try {
      const found = await navigator.locks.request(storeLock, async () => {
        const states = await this.#states();
        const own =
          this.#tabBefore === null ? undefined : states.find(({ name }) => name === stateOf(this.#tabBefore!));
        for (const { name, text } of own ? [own, ...states] : states) {
          const saved = parsed(text);
          if (!saved) continue;
          // From now on these files are this tab's too.
          if (name !== stateOf(this.#tab)) await this.#writeFile(stateOf(this.#tab), text).catch(() => {});
          const files = new Map<string | undefined, File>();
          for (const stored of new Set(saved.inputs.map((input) => input.stored)))
            if (stored !== undefined)
              await folder
                .getFileHandle(stored)
                .then(async (handle) => files.set(stored, await handle.getFile()))
                .catch(() => {});
          return { saved, files };
        }
        return undefined;
      });
      if (!found) return false;
      const { saved, files } = found;
      const inputs = await Promise.all(
        saved.inputs.map((input) => inputOf(input, files.get(input.stored)).catch(() => undefined)),
      );
      const wasteful = await this.#leaveWasteful(saved.inputs, inputs, files);
      const session = this.#session;
      if (session.inputs.value.length > 0) return true; // somebody was faster
      const unreadable = await this.#restore(
        saved,
        inputs.filter((input) => input !== undefined),
      );
      const storedAs = new Map(
        saved.inputs.map(({ name, stored, part }) => [
          name,
          stored === undefined || wasteful.has(stored) ? undefined : { stored, part },
        ]),
      );
      for (const { key, name, origin } of session.inputs.value) {
        const stored = storedAs.get(name);
        if (stored && origin === undefined) this.#stored.set(key, stored);
      }
      const lost = [...saved.inputs.filter((_, i) => inputs[i] === undefined).map(({ name }) => name), ...unreadable];
      if (lost.length > 0)
        session.news.value = `This browser has lost these of your last inputs: ${listed(lost)}. Add them again`;
      else if (session.inputs.value.length > 0)
        session.news.value = 'Your last inputs were restored. They were saved in this browser';
      return true;
    } catch {
      return false;
    }
  }

  /** Of a stored file of which most is not wanted any more, the rest is taken out: it is saved anew with the next change. */
  async #leaveWasteful(
    saved: SavedInput[],
    inputs: (NewInput | undefined)[],
    files: Map<string | undefined, File>,
  ): Promise<Set<string>> {
    const used = new Map<string, number>();
    for (const { stored, part } of saved)
      if (stored !== undefined && part) used.set(stored, (used.get(stored) ?? 0) + part.size);
    const wasteful = new Set(
      [...used].filter(([stored, size]) => size < (files.get(stored)?.size ?? 0) / 2).map(([stored]) => stored),
    );
    for (const [i, input] of inputs.entries()) {
      if (!input?.part || !wasteful.has(saved[i]!.stored ?? '')) continue;
      const { part: _, ...own } = input;
      inputs[i] = { ...own, file: new Blob([await input.file.arrayBuffer()]) };
    }
    return wasteful;
  }

  /** False when it cannot be opened, which the news say. */
  async #openLink(text: string): Promise<boolean> {
    const session = this.#session;
    this.#opening = true;
    try {
      // What is looked at stays in the address.
      if (linkInAddress() !== undefined)
        history.replaceState(null, '', hrefOf(place.peek()).replace(/^#$/, location.pathname + location.search));
      const bytes = await unpack(
        Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0)),
      );
      const length = new DataView(bytes.buffer).getUint32(0);
      const saved = checked(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))));
      if (!saved) throw new Error('it was made by another version of this page');
      let at = 4 + length;
      const inputs = saved.inputs.map((input) =>
        inputOf(input, input.bytes === undefined ? undefined : new Blob([bytes.slice(at, (at += input.bytes))])),
      );
      const read = await Promise.all(inputs);
      session.clear();
      await this.#restore(saved, read);
      if (read.length > 0) session.news.value = 'Opened from a link';
      if (!isEmbedded) keep(linkItem, text);
      return true;
    } catch (error) {
      session.news.value = `The link cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
      return false;
    } finally {
      this.#opening = false;
    }
  }

  /** Gives the names of inputs that cannot be read. */
  async #restore(saved: Saved, inputs: NewInput[]): Promise<string[]> {
    const session = this.#session;
    session.values.value = saved.values;
    session.playground.flags.value = saved.flags;
    session.program.args.value = saved.args;
    session.program.asComponent.value = saved.asComponent ?? false;
    const unreadable = await session.addInputs(inputs);
    if (Object.keys(saved.sources).length > 0) {
      if (saved.compiled) session.playground.open(saved.sources);
      else for (const [name, text] of Object.entries(saved.sources)) session.playground.take(name, text);
    }
    this.#asOpened = this.#now();
    return unreadable;
  }
}

/** One tab at a time reads or writes what is kept. */
const storeLock = 'weld-store';
/** Held by the tab whose state it is, as long as it is open. */
const lockOf = (state: string) => `weld-${state}`;

/** False when another tab has it: this one is its copy. */
function hold(tab: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const whenHeld = (lock: Lock | null) => {
      resolve(lock !== null);
      return lock && new Promise<never>(() => {});
    };
    navigator.locks.request(lockOf(stateOf(tab)), { ifAvailable: true }, whenHeld).catch(reject);
  });
}

async function namesIn(folder: FileSystemDirectoryHandle): Promise<string[]> {
  const names: string[] = [];
  for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) names.push(name);
  return names;
}

function linkInAddress(): string | undefined {
  return new URLSearchParams(location.hash.slice(1)).get(linkParameter) ?? undefined;
}

function kept(item: string): string | null {
  try {
    return sessionStorage.getItem(item);
  } catch {
    return null;
  }
}

function keep(item: string, text: string | undefined): void {
  try {
    if (text === undefined) sessionStorage.removeItem(item);
    else sessionStorage.setItem(item, text);
  } catch {
    // Not allowed, or too long: a reload brings back what was there before.
  }
}

/** `file`: its bytes, unless the page has it itself. */
async function inputOf({ name, wholeArchive, origin, part }: SavedInput, file: Blob | undefined): Promise<NewInput> {
  if (file && part)
    return {
      name,
      wholeArchive,
      origin,
      file: file.slice(part.from, part.from + part.size),
      part: { ...part, of: file, stays: true },
    };
  const bytes = file ?? (origin === undefined ? undefined : (await fetchOwn(origin)).file);
  if (!bytes) throw new Error(`it does not contain ${shown(name, 80)}`);
  return { name, wholeArchive, origin, file: bytes };
}

/** At most so many bytes, whatever is packed. */
async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  const reader = new Blob([packed as BlobPart])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if ((total += value!.length) > mostLinkBytes) throw new Error('it is too large');
    chunks.push(value!);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

function parsed(text: string): Saved | undefined {
  try {
    return checked(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A link comes from anybody. */
function checked(value: unknown): Saved | undefined {
  const saved = value as Partial<Saved> | null;
  const isRecord = (record: unknown, types: string[]) =>
    typeof record === 'object' &&
    record !== null &&
    !Array.isArray(record) &&
    Object.values(record).every((v) => types.includes(typeof v));
  if (
    saved?.version !== 1 ||
    !Array.isArray(saved.inputs) ||
    typeof saved.flags !== 'string' ||
    typeof saved.args !== 'string' ||
    !['undefined', 'boolean'].includes(typeof saved.asComponent)
  )
    return undefined;
  if (!isRecord(saved.values, ['string', 'boolean']) || !isRecord(saved.sources, ['string'])) return undefined;
  const isCount = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
  const fine = saved.inputs.every(
    (input: Partial<SavedInput> | null) =>
      typeof input?.name === 'string' &&
      typeof input.wholeArchive === 'boolean' &&
      (input.origin === undefined || /^samples\/[\w+-][\w.+-]*$/.test(input.origin)) &&
      (input.stored === undefined || /^[\w-]+\.input$/.test(input.stored)) &&
      (input.part === undefined || (isCount(input.part?.from) && isCount(input.part.size))) &&
      (input.bytes === undefined || isCount(input.bytes)),
  );
  return fine ? (saved as Saved) : undefined;
}
