// Sources that are written in the page: an edit compiles one file and links again.
import { computed, signal } from '@preact/signals';
import { messagesAbout, type CompilerMessage } from './compiler_messages';
import type { CompileAnswer, CompileRequest } from './compiler.worker';
import type { Inputs, NewInput } from './input';
import { words } from './options';
import { cLibraries, cxxLibraries, fetchOwn, isPart } from './sample';

export interface Source {
  name: string;
  text: string;
  /** Which text this is that came from elsewhere than the editor. The editor opens a new one, and else keeps its own. */
  given: number;
  /** What it becomes among the inputs, which is this name's from then on. */
  object: string;
  /** What the object was made of, or what could not be compiled; undefined before. */
  compiled?: string;
  /** When it was edited last, as `performance.now` says. */
  edited?: number;
  /** What the compiler said. */
  messages: string;
  /** Milliseconds that compiling took; of a sample, it was done before. */
  ms?: number;
  failed?: boolean;
}

const cxx = /\.(cc|cpp|cxx|C)$/;
const header = /\.(h|hh|hpp|hxx|inc)$/;
export const isSource = (name: string) => /\.c$|\.wat$/.test(name) || cxx.test(name) || header.test(name);
export const isCompiled = (name: string) => !header.test(name);

/** An edit is compiled when the writer has paused for this long. */
const pauseMs = 700;
/** If each edit changes a program that runs. It is longer than most keys are apart: a key does not wait for what was made of the one before. */
const livePauseMs = 250;
/** With the lines of the instructions, so that they can be shown side by side. */
const defaultFlags = '-O1 -g1';

export class Playground {
  readonly sources = signal<Source[]>([]);
  /** The file that is edited. */
  readonly current = signal('');
  readonly flags = signal(defaultFlags);
  /** What is being done, in words; empty when nothing is. */
  readonly busy = signal('');
  /** How much of the compiler has come, from 0 to 1, while it is fetched. */
  readonly fetched = signal<number | undefined>(undefined);
  /** Why compiling did not work, when it is not the sources' fault. */
  readonly failure = signal('');
  /** The compiler is here: from then on, edits are compiled by themselves. */
  readonly compiles = signal(false);
  /** What the compiler refused the last time. The inputs have an older object of it, or none. */
  readonly failed = computed(() => this.sources.value.filter((s) => s.failed).map((s) => s.name));
  readonly stale = computed(() => this.sources.value.some((s) => isCompiled(s.name) && !this.#isUpToDate(s)));

  #inputs: Inputs;
  #worker: Worker | undefined;
  #answer: ((answer: CompileAnswer) => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #compiling: Promise<boolean> | undefined;
  #lastGiven = 0;
  /** Something was edited while it was compiled. */
  #again = false;
  #isLive = false;
  #compiled: { edited: number; ms: number } | undefined;
  /** When everything was compiled last, as `performance.now` says. */
  #begun = 0;

  constructor(inputs: Inputs) {
    this.#inputs = inputs;
  }

  /** Sources that are compiled already, as they came with a sample. */
  open(texts: Record<string, string>): void {
    for (const [name, text] of Object.entries(texts)) this.#put(this.#new(name, text));
    for (const source of this.sources.value)
      if (source.name in texts) this.#put({ ...source, compiled: this.#compiledAs(source) });
    this.current.value = Object.keys(texts)[0] ?? '';
  }

  /** A source from somewhere else; of the same name, it is a new version. */
  take(name: string, text: string): void {
    const old = this.sources.value.find((s) => s.name === name);
    this.#put({ ...this.#new(name, text), compiled: old?.compiled });
    this.current.value = name;
  }

  /** Sources as they were once. */
  bringBack({ sources, current, flags }: { sources: Source[]; current: string; flags: string }): void {
    this.sources.value = sources.map((source) => ({ ...source, given: ++this.#lastGiven }));
    this.current.value = current;
    this.flags.value = flags;
  }

  /** `given`: of the text that was edited. An edit of a text that has been replaced since is dropped. */
  edit(name: string, text: string, given: number): void {
    const source = this.#source(name);
    if (!source || source.given !== given || source.text === text) return;
    this.#put({ ...source, text, edited: performance.now() });
    clearTimeout(this.#timer);
    // Before the compiler has been asked for, an edit fetches nothing.
    if (this.compiles.value) this.#timer = setTimeout(() => void this.compile(), this.#isLive ? livePauseMs : pauseMs);
  }

  /** On: each edit is compiled at once. The compiler is fetched now, and has run when the first edit comes. */
  async compileEachEdit(on: boolean): Promise<void> {
    this.#isLive = on;
    if (on) await this.compile();
  }

  /** What is compiled here may need more of the libraries than the sample of which they are parts. */
  async takeWholeLibraries(): Promise<void> {
    if (!this.#inputs.inputs.value.some(({ origin }) => isPart(origin))) return;
    try {
      await this.#inputs.addInputs(await this.#libraries());
    } catch (error) {
      this.#fail(error);
    }
    this.busy.value = '';
  }

  /** What was compiled for the newest inputs, once: when it was edited, and how long the compiler took. */
  takeCompiled(): { edited: number; ms: number } | undefined {
    const compiled = this.#compiled;
    this.#compiled = undefined;
    return compiled;
  }

  /** What the compiler said about places in this file as it is now. Undefined until it is compiled, by itself or in a source. */
  messagesOf(name: string): CompilerMessage[] | undefined {
    const compiled = this.sources.value.filter(
      (s) => (isCompiled(name) ? s.name === name : isCompiled(s.name)) && s.compiled === this.#compiledAs(s),
    );
    if (compiled.length === 0) return undefined;
    // Several sources may include one header, and all say the same about it.
    const all = compiled
      .flatMap(({ messages }) => messagesAbout(name, messages))
      .map((message) => [JSON.stringify(message), message] as const);
    return [...new Map(all).values()];
  }

  remove(name: string): void {
    const objectName = this.#objectOf(name);
    this.sources.value = this.sources.value.filter((s) => s.name !== name);
    if (this.current.value === name) this.current.value = this.sources.value[0]?.name ?? '';
    const object = this.#inputs.inputs.value.find((input) => input.name === objectName);
    if (object && isCompiled(name)) this.#inputs.remove(object.key);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.sources.value = [];
    this.current.value = '';
    this.compiles.value = false;
    this.failure.value = '';
    this.flags.value = defaultFlags;
  }

  /** Compiles what has changed and puts it among the inputs. True when all of it could be. */
  compile(): Promise<boolean> {
    this.#again = this.#compiling !== undefined;
    return (this.#compiling ??= this.#compileAll());
  }

  async #compileAll(): Promise<boolean> {
    let good: boolean;
    do {
      this.#again = false;
      good = await this.#compileOnce();
    } while (this.#again);
    this.#compiling = undefined;
    this.busy.value = '';
    this.fetched.value = undefined;
    return good;
  }

  async #compileOnce(): Promise<boolean> {
    this.failure.value = '';
    let good = true;
    // Of the newest edit since the last time, in whatever file; or now, if something else was changed.
    const newest = Math.max(0, ...this.sources.value.map(({ edited = 0 }) => edited));
    const edited = newest > this.#begun ? newest : performance.now();
    this.#begun = performance.now();
    const made: { name: string; as: string; input: NewInput; ms: number }[] = [];
    try {
      if (this.#isLive && !this.compiles.value) {
        this.busy.value = 'Fetching the compiler…';
        const first = this.sources.value.find(({ name }) => isCompiled(name) && !name.endsWith('.wat'));
        if (first) await this.#run({ name: first.name, text: '' });
        this.compiles.value = true;
      }
      for (const { name } of this.sources.value.filter((s) => isCompiled(s.name))) {
        const source = this.#source(name);
        if (!source) continue;
        if (this.#isUpToDate(source)) {
          good &&= !source.failed;
          continue;
        }
        const as = this.#compiledAs(source);
        this.busy.value = `Compiling ${name}…`;
        const { object, messages, ms } = await this.#run(source);
        this.compiles.value = true;
        const now = this.#source(name);
        if (!now) continue;
        this.#put({ ...now, compiled: object ? now.compiled : as, messages, ms, failed: !object });
        if (object) made.push({ name, as, input: { name: now.object, file: new Blob([object as BlobPart]) }, ms });
        else good = false;
      }
    } catch (error) {
      good = this.#fail(error);
    }
    // What could be made is linked, even when it was stopped.
    const added = made.filter(({ name }) => this.#source(name));
    if (added.length > 0) {
      const libraries = await this.#libraries().catch((error: unknown) => {
        good = this.#fail(error);
        return [];
      });
      const inputs = [...added.map(({ input }) => input), ...libraries];
      const isLibrary = this.#isLibrary();
      const ms = added.reduce((sum, one) => sum + one.ms, 0);
      this.#compiled = { edited, ms };
      if (isLibrary) this.#inputs.values.value = { ...this.#inputs.values.value, noEntry: true };
      await this.#inputs.addInputs(
        inputs.sort((a, b) => Number(b.name.startsWith('crt1')) - Number(a.name.startsWith('crt1'))),
      );
      for (const { name, as } of added) {
        const now = this.#source(name);
        if (now) this.#put({ ...now, compiled: as });
      }
      if (isLibrary) this.#inputs.news.value = 'Linked as a library, because the wat files have no _start';
    }
    return good;
  }

  /** There is nothing but wat files without a start, and nobody has said where the program begins. */
  #isLibrary(): boolean {
    const { inputs, values } = this.#inputs;
    if (values.peek().entry !== undefined || values.peek().noEntry !== undefined) return false;
    const sources = this.sources.peek();
    const objects = new Set(sources.map(({ object }) => object));
    return (
      sources.every(({ name, text }) => name.endsWith('.wat') && !/_start\b/.test(text)) &&
      inputs.peek().every(({ name }) => objects.has(name))
    );
  }

  #fail(error: unknown): false {
    this.failure.value = error instanceof Error ? error.message : String(error);
    return false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#again = false;
    this.#end();
    this.#answer?.({ error: 'stopped' });
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #source(name: string): Source | undefined {
    return this.sources.value.find((s) => s.name === name);
  }

  #new(name: string, text: string): Source {
    return { name, text, given: ++this.#lastGiven, object: this.#objectOf(name), messages: '' };
  }

  /** Two sources do not become one object: of `util.c` and `util.wat`, the second is `util.wat.o`. */
  #objectOf(name: string): string {
    const known = this.#source(name);
    if (known) return known.object;
    const isFree = (object: string) => !this.sources.value.some((s) => isCompiled(s.name) && s.object === object);
    const names = [name.replace(/\.\w+$/, '.o'), `${name}.o`].filter(isFree);
    const inputs = new Set(this.#inputs.inputs.value.map((input) => input.name));
    return names.find((object) => inputs.has(object)) ?? names[0] ?? `${name}.o`;
  }

  /** It was compiled as it is, and its object is there; or it cannot be. */
  #isUpToDate(source: Source): boolean {
    if (this.#compiledAs(source) !== source.compiled) return false;
    return source.failed === true || this.#inputs.inputs.value.some(({ name }) => name === source.object);
  }

  /** What an object depends on: its source, the headers, the flags. */
  #compiledAs({ name, text }: Source): string {
    if (name.endsWith('.wat')) return text;
    return [this.flags.value, text, ...this.sources.value.filter((s) => header.test(s.name)).map((s) => s.text)].join(
      '\0',
    );
  }

  #put(source: Source): void {
    const at = this.sources.value.findIndex((s) => s.name === source.name);
    this.sources.value = at < 0 ? [...this.sources.value, source] : this.sources.value.with(at, source);
  }

  /** Of the C and C++ libraries, what is not among the inputs. */
  async #libraries(): Promise<NewInput[]> {
    const names = this.sources.value.map((s) => s.name);
    if (names.every((name) => name.endsWith('.wat'))) return [];
    this.busy.value = 'Fetching the C library…';
    // A part of a library is replaced by the whole: what is edited may need more of it.
    const whole = this.#inputs.inputs.value.filter(({ origin }) => !isPart(origin));
    const there = new Set(whole.map((input) => input.name.split('/').at(-1)!));
    // One start file is enough, and a library has none.
    const starts = this.#inputs.values.value.noEntry !== true && ![...there].some((name) => name.startsWith('crt1'));
    const wanted = (names.some((name) => cxx.test(name)) ? cxxLibraries : cLibraries).filter(
      (name) => !there.has(name) && (starts || !name.startsWith('crt1')),
    );
    const fetched = await Promise.all(wanted.map((name) => fetchOwn(`samples/${name}`)));
    return fetched.map(({ file, origin }) => ({ name: file.name, file, origin }));
  }

  #run({ name, text }: Pick<Source, 'name' | 'text'>): Promise<{ object?: Uint8Array; messages: string; ms: number }> {
    const headers = Object.fromEntries(
      this.sources.value.filter((s) => header.test(s.name)).map((s) => [s.name, s.text]),
    );
    const request: CompileRequest = { name, text, headers, flags: words(this.flags.value) };
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#answer = (answer) => {
        this.fetched.value = undefined;
        if ('error' in answer) reject(new Error(answer.error));
        else if ('messages' in answer) resolve(answer);
      };
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL('./compiler.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<CompileAnswer>) => {
      if ('fetched' in data) return void (this.fetched.value = data.fetched);
      if ('error' in data) this.#end(); // what could not be loaded is loaded again by another one
      this.#answer?.(data);
    };
    worker.onerror = (event) => {
      this.#end();
      this.#answer?.({ error: event.message || 'the compiler could not be loaded; check the network connection' });
    };
    return worker;
  }
}
