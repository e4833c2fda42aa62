// What is being linked, with which options, and what came of it. Views read the signals and call the methods; whatever
// changes, the session links again.
import { computed, effect, signal } from '@preact/signals';
import { argsOf, initialValues, outputNameIn, type Values } from './options';
import { coreModules } from './components';
import { fetchAddress, unpack, type Dropped } from './dropped_files';
import { Facts } from './facts';
import type { Input, Inputs, NewInput } from './input';
import type { Answer, Asked, Question } from './inspector/questions';
import { outputFile, type Looked } from './inspector/workspace';
import { Linker } from './linker';
import type { Live } from './live';
import type { FilePart, LinkSaid } from './linker.worker';
import { isAnimation, openOutput, whyNotRun, type Output } from './output';
import { go, place } from './place';
import { isSource, Playground, type Source } from './playground';
import { Program } from './program';
import { fetchSample, type SampleKind } from './sample';
import { projectEnd, projectFile, State } from './state';
import { listed, plural, shown } from './text';

/** What `NewInput` becomes when its bytes are in the worker. */
type ReadInput = Omit<Input, 'wholeArchive'> & Pick<NewInput, 'wholeArchive'>;

/** The newest link that has ended. */
export interface Outcome {
  /** Missing when the linker itself failed. */
  result?: LinkSaid;
  /** The first one compiles the linker itself. */
  isFirst?: boolean;
  /** Why the linker failed: it could not be loaded, or was given something that it does not take. */
  error?: string;
  /** What the link made, opened for display. */
  output?: Output;
  /** This is no link: a file that is not linked is looked at. */
  looked?: Input;
}

/** What somebody had before something else took its place. */
interface Before {
  /** The news that say so: with other news, it is too late. */
  news: string;
  inputs: Input[];
  values: Values;
  sources: Source[];
  current: string;
  flags: string;
}

/** Of two builds of one name, both are kept, so that they can be compared: `app.wasm`, `app (2).wasm`. */
function nameBeside(name: string, inputs: Input[]): string {
  const [, stem, end] = /^(.*?)((?:\.\w+)?)$/s.exec(name)!;
  for (let n = 1; ; n++) {
    const free = n === 1 ? name : `${stem} (${n})${end}`;
    if (!inputs.some((input) => input.name === free)) return free;
  }
}

/** Typing goes on for this long before it is worth a link. */
const pauseMs = 60;
/** Of a zip or a tar. */
const nothingOfUse = 'it has no objects, no archives and no modules';
/** A component may have any number of modules. */
const mostModules = 100;

export class Session implements Inputs {
  /** In link order. */
  readonly inputs = signal<Input[]>([]);
  /** Of the inputs, those that are linked, and those that are only looked at. */
  readonly linked = computed(() => this.inputs.value.filter(({ kind }) => !kind.aside));
  readonly aside = computed(() => this.inputs.value.filter(({ kind }) => kind.aside));
  /** What the address says is looked at in place of the link: keys of inputs, and `outputFile` for what the link made. */
  readonly #looked = computed(() => {
    const keyOf = (name: string | undefined) => this.aside.value.find((input) => input.name === name)?.key;
    const { of, against } = place.value;
    const at = keyOf(of);
    return at === undefined ? '' : [at, against === outputFile ? outputFile : (keyOf(against) ?? '')].join(' ');
  });
  /** What the form says. */
  readonly values = signal<Values>(initialValues);
  /** What the form stands for, as wasm-ld spells it. The same arguments stay the same array: nothing is linked again for them. */
  readonly args = computed<string[]>(() => JSON.parse(this.#spelled.value));
  /** The sample that is being fetched, and how much of it is here. */
  readonly fetching = signal<{ kind: SampleKind; bytes: number } | undefined>(undefined);
  readonly #before = signal<Before | undefined>(undefined);
  /** What was replaced can be brought back. */
  readonly canBringBack = computed(
    () => this.#before.value !== undefined && this.#before.value.news === this.news.value,
  );
  readonly #spelled = computed(() => JSON.stringify(argsOf(this.values.value)));
  /** Undefined until the first link ended, and when there is nothing to link. It may be older than the inputs: see `linking`. */
  readonly outcome = signal<Outcome | undefined>(undefined);
  #isFirst = true;
  /** Something has changed since `outcome`. */
  readonly linking = signal(false);
  /** The last thing that happened, for screen readers and the line under the inputs. */
  readonly news = signal('');
  /** The linker's version; empty until it is loaded. */
  readonly version = signal('');
  readonly facts = new Facts();
  readonly program = new Program(this.facts);
  readonly playground = new Playground(this);
  /** What edits an animation while it runs, once somebody has one. */
  readonly live = signal<Live | undefined>(undefined);
  readonly state = new State(this);

  #linker = new Linker((version) => (this.version.value = version));
  #nextKey = 1;
  #changes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #adding: Promise<unknown> = Promise.resolve();
  /** What there is, as `#content` says it, when it is a sample that nobody has changed. */
  #sampleAs: string | undefined;
  /** The next link's output is run. */
  #runsNext = false;

  constructor() {
    effect(() => {
      this.inputs.value;
      this.args.value;
      this.#looked.value;
      this.#changed();
    });
    void this.state.start();
  }

  /** All that a person may change. */
  #content(): string {
    const { sources, flags } = this.playground;
    return JSON.stringify([
      this.inputs.peek().map(({ key, wholeArchive }) => [key, wholeArchive]),
      this.values.peek(),
      sources.peek().map(({ name, text }) => [name, text]),
      flags.peek(),
    ]);
  }

  /** What is here is a sample as it was opened: nobody's work. */
  isSample(): boolean {
    return this.#sampleAs !== undefined && this.#sampleAs === this.#content();
  }

  #isEmpty(): boolean {
    return this.inputs.peek().length === 0 && this.playground.sources.peek().length === 0;
  }

  /** Everything goes; what was there can be brought back while the news say this. */
  replaceAll(news: string): void {
    const { sources, current, flags } = this.playground;
    const before = {
      news,
      inputs: this.inputs.peek(),
      values: this.values.peek(),
      sources: sources.peek(),
      current: current.peek(),
      flags: flags.peek(),
    };
    const wasEmpty = this.#isEmpty();
    this.clear();
    this.#before.value = wasEmpty ? undefined : before;
    this.news.value = wasEmpty ? '' : news;
  }

  async bringBack(): Promise<void> {
    const before = this.#before.peek();
    if (!before) return;
    const { inputs, values } = before;
    this.clear();
    this.values.value = values;
    await this.addInputs(inputs.map(({ name, file, origin, wholeArchive }) => ({ name, file, origin, wholeArchive })));
    this.playground.bringBack(before);
    this.news.value = 'Everything is as it was';
  }

  /** When what has changed is linked. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const stop = effect(() => {
        if (!this.linking.value) queueMicrotask(() => (stop(), resolve()));
      });
    });
  }

  /** A file that comes again under the same name is a new version of it: it keeps its place. Sources go to the playground. */
  add(reading: Dropped[] | Promise<Dropped[]>): Promise<void> {
    this.news.value = 'Reading…';
    return this.#inTurn(() => this.#add(reading)).then((project) => project && this.state.openProject(project));
  }

  /** Gives the files of a saved project, which takes the place of everything. */
  async #add(reading: Dropped[] | Promise<Dropped[]>): Promise<Dropped[] | undefined> {
    try {
      const dropped = await reading;
      const saved = dropped.find(({ path, found }) => !found && path.endsWith(projectEnd));
      if (saved) {
        const files = await unpack(saved.file);
        if (files.some(({ path }) => path === projectFile)) return files;
      }
      if (dropped.length > 0 && this.isSample()) this.replaceAll('Reading…');
      const isText = ({ file, found }: Dropped) => !found && isSource(file.name);
      const sources = dropped.filter(isText);
      for (const { file } of sources) this.playground.take(file.name, await file.text());
      const before = new Set(this.aside.peek().map(({ key }) => key));
      const { taken, skipped, refused } = await this.#opened(dropped.filter((one) => !isText(one)));
      this.#take(taken, true);
      const isLinked = taken.some(({ kind }) => !kind.aside) || sources.length > 0;
      await this.#openAside(
        this.aside.peek().filter(({ key }) => !before.has(key)),
        isLinked,
      );
      if (skipped > 0)
        this.news.value = `${this.news.value || 'Added nothing'}; left out ${skipped} that cannot be linked`;
      if (sources.length > 0)
        this.news.value = [`${plural(sources.length, 'source')} opened in the playground`, this.news.value]
          .filter(Boolean)
          .join('; ');
      if (refused.length > 0) this.news.value = `Not everything could be read: ${shown(refused.join('; '))}`;
      if (this.#before.value?.news === 'Reading…')
        this.#before.value = { ...this.#before.value, news: this.news.value };
    } catch (error) {
      this.news.value = `Not everything could be read: ${error instanceof Error ? shown(error.message) : String(error)}`;
    }
    return undefined;
  }

  /** What cannot be linked is looked at: the newest, compared with what was there or came with it. */
  async #openAside(added: Input[], isLinked: boolean): Promise<void> {
    const { news } = this;
    const said = news.peek();
    for (const component of added.filter(({ kind }) => kind.name === 'component')) {
      const { name, file } = component;
      const modules = coreModules(new Uint8Array(await file.arrayBuffer())).slice(0, mostModules);
      const parts = modules.map(({ offset, size }, i) => ({
        name: `${name}(${i})`,
        file: file.slice(offset, offset + size),
        part: { of: file, from: offset, size },
      }));
      await this.#addInputs(parts);
      news.value = `${shown(name, 80)} is a component. ${plural(parts.length, 'core module')} of it can be looked at`;
    }
    const newest = added.at(-1);
    if (!newest) {
      // What was dropped is what is seen.
      if (isLinked && place.peek().of !== undefined) go({ view: 'result', of: undefined });
      return;
    }
    if (isLinked) return void (news.value = `${said}. ${shown(newest.name, 80)} is not linked: it can be looked at`);
    const isComponent = newest.kind.name === 'component';
    const other = added.length > 1 ? added.at(-2) : this.aside.peek().find(({ name }) => name === place.peek().of);
    const against = other && other.key !== newest.key && other.kind.name !== 'component' ? other.name : undefined;
    if (isComponent) go({ view: 'result', of: newest.name });
    else go({ view: 'size', of: newest.name, against });
  }

  /** Opens what is at an address. Its server has to allow that. */
  async openAddress(address: string): Promise<void> {
    const text = address.trim();
    this.news.value = `Fetching ${shown(text, 120)}…`;
    try {
      await this.add([await fetchAddress(text)]);
    } catch (error) {
      this.news.value = shown(error instanceof Error ? error.message : String(error), 500);
    }
  }

  /** Gives the names of those that cannot be read. */
  addInputs(added: NewInput[]): Promise<string[]> {
    return this.#inTurn(() => this.#addInputs(added));
  }

  /** What comes later is newer, whatever takes longer to read. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#adding.then(act);
    this.#adding = done;
    return done;
  }

  async #addInputs(added: NewInput[]): Promise<string[]> {
    try {
      const read = await this.#read(added.map((input) => ({ ...input, found: false })));
      const unreadable = added.filter((_, i) => !read[i]).map(({ name }) => name);
      this.#take(read.filter((input) => input !== undefined).filter(({ kept }) => kept));
      if (unreadable.length > 0) this.news.value = `Cannot be read: ${listed(unreadable)}`;
      return unreadable;
    } catch (error) {
      this.news.value = error instanceof Error ? shown(error.message) : String(error);
      return added.map(({ name }) => name);
    }
  }

  /** Zips are opened. Of them, and of folders, only what a link takes is taken. `refused`: zips that cannot be opened. */
  async #opened(dropped: Dropped[]): Promise<{ taken: ReadInput[]; skipped: number; refused: string[] }> {
    const opened = { taken: [] as ReadInput[], skipped: 0, refused: [] as string[] };
    const read = await this.#read(dropped.map(({ file, path, found }) => ({ name: path, file, found })));
    for (const [i, one] of read.entries()) {
      const { file, path, found } = dropped[i]!;
      if (!one) {
        opened.refused.push(`${shown(path, 80)} cannot be read`);
        continue;
      }
      const { kept, ...input } = one;
      if (kept) opened.taken.push(input);
      else if (found) opened.skipped++;
      else {
        try {
          const { taken, skipped, refused } = await this.#opened(await unpack(file));
          opened.taken.push(...taken);
          opened.skipped += skipped;
          opened.refused.push(...refused);
          if (taken.length + refused.length === 0) opened.refused.push(`${shown(path, 80)}: ${nothingOfUse}`);
        } catch (error) {
          opened.refused.push(error instanceof Error ? error.message : String(error));
        }
      }
    }
    // Beside what can be linked, finished modules are what a build made of it.
    const isExtra = ({ name, kind }: ReadInput) =>
      kind.aside && dropped.some(({ path, found }) => found && path === name);
    if (opened.taken.some(({ kind }) => !kind.aside)) {
      const extra = opened.taken.filter(isExtra);
      for (const { key } of extra) this.#linker.remove(key);
      opened.taken = opened.taken.filter((input) => !isExtra(input));
      opened.skipped += extra.length;
    }
    return opened;
  }

  /** The worker reads them and keeps their bytes. Undefined: it cannot be read. */
  async #read(added: (NewInput & { found: boolean })[]): Promise<((ReadInput & { kept: boolean }) | undefined)[]> {
    const keyed = added.map((input) => ({ ...input, key: this.#nextKey++ }));
    const files = keyed.map(({ key, file, found, part }) =>
      part
        ? { key, file: part.of, found, part: { from: part.from, size: part.size }, stays: part.stays === true }
        : { key, file, found },
    );
    const read = await this.#linker.read(files);
    return keyed.map(({ found: _, part: __, ...input }, i) => read[i] && { ...input, ...read[i] });
  }

  /** `loose`: a file without a folder may be a new version of one that came with its folder. */
  #take(added: ReadInput[], loose = false): void {
    this.news.value = '';
    if (added.length === 0) return;
    const inputs = [...this.inputs.value];
    const places = new Map(inputs.map((input, place) => [input.name, place]));
    // By name alone; undefined where there are several.
    const inFolders = new Map<string, string | undefined>();
    for (const { name } of loose ? inputs : []) {
      const base = name.split('/').at(-1)!;
      if (base !== name) inFolders.set(base, inFolders.has(base) ? undefined : name);
    }
    const replaced: string[] = [];
    for (const input of added) {
      const plain = /^[-@]/.test(input.name) ? `./${input.name}` : input.name; // or it would be an option
      const name = input.kind.aside ? nameBeside(plain, inputs) : plain;
      const place = places.get(name) ?? places.get(inFolders.get(name) ?? name) ?? inputs.length;
      const old = inputs[place];
      inputs[place] = {
        ...input,
        name: old?.name ?? name,
        wholeArchive: input.wholeArchive ?? old?.wholeArchive ?? false,
      };
      places.set(name, place);
      if (!old) continue;
      replaced.push(old.name);
      this.#drop(old);
    }
    this.inputs.value = inputs;
    const count = added.length - replaced.length;
    const fresh = count === 0 ? '' : added.length === 1 ? shown(added[0]!.name, 80) : plural(count, 'file');
    const renewed =
      replaced.length === 0 ? '' : replaced.length === 1 ? shown(replaced[0]!, 80) : plural(replaced.length, 'file');
    this.news.value = [fresh && `Added ${fresh}`, renewed && `${fresh ? 'replaced' : 'Replaced'} ${renewed}`]
      .filter(Boolean)
      .join(', ');
  }

  /** A sample takes the place of everything. `first`: only while nothing is here, for somebody may be faster than the network. */
  async openSample(kind: SampleKind, first = false): Promise<void> {
    if (this.fetching.peek()) return;
    this.fetching.value = { kind, bytes: 0 };
    try {
      const { files, sources, values } = await fetchSample(kind, (bytes) => (this.fetching.value = { kind, bytes }));
      await this.#adding; // what was added meanwhile
      if (first && !this.#isEmpty()) return;
      const wasSample = this.isSample();
      this.replaceAll(`The ${kind.label} sample took the place of what was here`);
      if (wasSample) {
        this.#before.value = undefined;
        this.news.value = '';
      }
      const said = this.news.value;
      this.values.value = { ...initialValues, ...values };
      this.#runsNext = true;
      await this.addInputs(files);
      this.playground.open(sources);
      this.news.value = said;
      this.#sampleAs = this.#content();
    } catch (error) {
      this.news.value = `The sample cannot be fetched: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.fetching.value = undefined;
    }
  }

  #drop({ key }: Input): void {
    this.#linker.remove(key);
    this.facts.forget(key);
  }

  change(key: number, change: Partial<Pick<Input, 'wholeArchive'>>): void {
    this.inputs.value = this.inputs.value.map((input) => (input.key === key ? { ...input, ...change } : input));
  }

  move(key: number, to: number): void {
    const list = [...this.inputs.value];
    const from = list.findIndex((input) => input.key === key);
    if (from < 0 || to < 0 || to >= list.length || to === from) return;
    const [input] = list.splice(from, 1);
    list.splice(to, 0, input!);
    this.inputs.value = list;
    this.news.value = `${shown(input!.name, 80)} is now number ${to + 1} of ${list.length}`;
  }

  remove(key: number): void {
    const input = this.inputs.value.find((other) => other.key === key);
    if (!input) return;
    this.#drop(input);
    this.inputs.value = this.inputs.value.filter((other) => other.key !== key);
    this.news.value = `Removed ${shown(input.name, 80)}`;
  }

  /** Inputs and sources go, and the options, which were theirs. */
  clear(): void {
    this.live.peek()?.turnOff();
    for (const input of this.inputs.value) this.#drop(input);
    this.inputs.value = [];
    const hadOptions = this.args.value.join('\0') !== argsOf(initialValues).join('\0');
    this.values.value = initialValues;
    this.playground.clear();
    this.news.value = `Removed all inputs${hadOptions ? '; the options have their defaults again' : ''}`;
  }

  /** The bytes of inputs, written into a file of the browser's private ones: see `Linker.store`. */
  store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]> {
    return this.#linker.store(folder, name, keys);
  }

  /** What was stored stays: see `Linker.stored`. */
  stored(): void {
    this.#linker.stored();
  }

  /** What the views want to know of the newest link and its files. */
  ask<Q extends Question>(question: Q, asked?: Asked<Q>): Promise<Answer<Q>> {
    return this.#linker.ask(question, asked);
  }

  /** `undefined`: as the linker does by itself. */
  set(name: string, value: string | boolean | undefined): void {
    const { [name]: _, ...others } = this.values.value;
    this.values.value = value === undefined ? others : { ...others, [name]: value };
  }

  #changed(): void {
    this.#changes++;
    this.linking.value = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#link(), pauseMs);
  }

  // One link at a time: what changes meanwhile is linked afterwards, once.
  async #link(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let linked = -1; linked !== this.#changes; ) {
      linked = this.#changes;
      const outcome = await this.#linkOnce();
      if (linked !== this.#changes) continue;
      const live = this.live.peek();
      const output = outcome?.output;
      // Another kind of program takes its place.
      if (outcome?.looked || (output && !isAnimation(output) && whyNotRun(output) === undefined)) live?.turnOff();
      if (!live?.isOn.peek()) this.program.replace();
      this.outcome.value = outcome;
    }
    this.#busy = false;
    this.linking.value = false;
    const output = this.outcome.peek()?.output;
    if (this.#runsNext && output && whyNotRun(output) === undefined) this.program.start(output);
    if (output) this.#runsNext = false;
  }

  /** The file that is looked at, opened. */
  async #look(): Promise<Outcome | undefined> {
    const inputs = this.aside.peek();
    const [at, against] = this.#looked.peek().split(' ');
    const looked = inputs.find(({ key }) => String(key) === at);
    if (!looked) return undefined;
    const asLooked = ({ key, name, kind }: Input): Looked => ({ key, name, kind: kind.name });
    const other = inputs.find(({ key }) => String(key) === against);
    await this.#linker.look(asLooked(looked), against === outputFile ? outputFile : other && asLooked(other));
    if (looked.kind.name !== 'module') return { looked };
    const bytes = new Uint8Array(await looked.file.arrayBuffer());
    return { looked, output: await openOutput(bytes, looked.name.split('/').at(-1)!, looked.file) };
  }

  async #linkOnce(): Promise<Outcome | undefined> {
    if (this.#looked.peek() !== '') return this.#look();
    const inputs = this.linked.peek().map(({ key, name, wholeArchive }) => ({ key, name, wholeArchive }));
    if (inputs.length === 0) return undefined;
    const args = this.args.peek();
    const isFirst = this.#isFirst;
    const { result, error } = await this.#linker.link(inputs, args);
    if (!result) return { error };
    this.#isFirst = false;
    const { output, ...said } = result;
    if (!output) return { result: said, isFirst };
    return { result: said, isFirst, output: await openOutput(output, outputNameIn(args)) };
  }
}
