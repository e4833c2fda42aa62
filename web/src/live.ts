// A program that keeps running while it is edited: each change of the inputs becomes a patch of it, or a new program with
// the reason why. Fetched with the first animation.
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import type { Input } from './input';
import type { LiveAnswer, LiveRequest } from './live.worker';
import { isAnimation, openOutput, whyNotRun, type Output } from './output';
import type { Playground } from './playground';
import type { Program } from './program';

/** What it uses of the session. */
export interface LiveSession {
  readonly linked: ReadonlySignal<readonly Input[]>;
  readonly args: ReadonlySignal<string[]>;
  readonly program: Program;
  readonly playground: Playground;
}

/** Of a patch, in milliseconds. */
export interface PatchTimes {
  /** Missing if nothing was compiled here. */
  compile?: number;
  link: number;
  patch: number;
  apply: number;
  /** From the key, or else from the new input, until the first frame with it was drawn; until then undefined. */
  total?: number;
  /** Between the frame before the patch and the one after it. */
  gap?: number;
}
export type LiveNews =
  | { kind: 'patched'; changed: string[]; kept: string[]; times: PatchTimes; isFirst: boolean }
  | { kind: 'restarted'; why: string[] }
  /** The edit changes nothing in it. */
  | { kind: 'same' }
  /** It keeps running as it is. */
  | { kind: 'errors'; errors: string[] };

export class Live {
  readonly isOn = signal(false);
  /** The program that runs: linked for patches, so it is not what the views show. */
  readonly output = signal<Output | undefined>(undefined);
  readonly news = signal<LiveNews | undefined>(undefined);
  /** How many patches the program has. */
  readonly patches = signal(0);

  #session: LiveSession;
  #worker: Worker | undefined;
  #answer: ((answer: LiveAnswer) => void) | undefined;
  #stop: (() => void) | undefined;
  #changes = 0;
  #busy = false;
  #isStopped = false;
  /** Since it was switched on: in the first patch, engines compile the linker itself. */
  #isFirst = true;

  constructor(session: LiveSession) {
    this.#session = session;
  }

  /** The program is started anew, as soon as it is linked so that it can be patched. Until then, the one that runs keeps running. */
  async turnOn(): Promise<void> {
    this.isOn.value = true;
    this.#isStopped = false;
    this.#isFirst = true;
    const { linked, args, playground } = this.#session;
    await playground.takeWholeLibraries();
    if (!this.isOn.peek() || this.#stop) return;
    void playground.compileEachEdit(true);
    this.#stop = effect(() => {
      linked.value;
      args.value;
      this.#changes++;
      void this.#follow();
    });
  }

  /** What runs keeps running, and takes no more edits. */
  turnOff(): void {
    if (!this.isOn.peek()) return;
    this.isOn.value = false;
    this.#stop?.();
    this.#stop = undefined;
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#answer?.({ kind: 'errors', errors: [] });
    this.news.value = undefined;
    this.output.value = undefined;
    void this.#session.playground.compileEachEdit(false);
  }

  /** The program with all edits, from its beginning. */
  start(): void {
    this.#isStopped = false;
    this.#session.program.replace();
    this.#changes++;
    void this.#follow();
  }

  /** What changes from now on is in the program when it is started. */
  stop(): void {
    this.#isStopped = true;
    this.#session.program.stop();
  }

  /** One after the other: what changes meanwhile is one edit. */
  async #follow(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let done = -1; this.isOn.peek() && done !== this.#changes; ) {
        done = this.#changes;
        await this.#update();
      }
    } catch (error) {
      this.news.value = { kind: 'errors', errors: [error instanceof Error ? error.message : String(error)] };
    } finally {
      this.#busy = false;
    }
  }

  async #update(): Promise<void> {
    const { linked, args, program, playground } = this.#session;
    const begin = performance.now();
    const compiled = playground.takeCompiled();
    const inputs = linked.peek().map(({ key, name, wholeArchive, file }) => ({ key, name, wholeArchive, file }));
    if (this.#isStopped) return;
    const state = this.output.peek() && program.liveState.peek();
    const answer = await this.#ask({ inputs, args: args.peek(), state });
    if (!this.isOn.peek() || this.#isStopped) return;
    if (answer.kind === 'errors' || answer.kind === 'same') this.news.value = answer;
    else if (answer.kind === 'program') await this.#run(answer.output, answer.restart);
    else {
      // It has ended or was started anew since: the next update has the edit.
      if (program.liveState.peek() === undefined) return;
      const { patch, changed, kept, linkMs, patchMs } = answer;
      try {
        const { ms, drawn } = await program.patch(patch);
        const times: PatchTimes = { compile: compiled?.ms, link: linkMs, patch: patchMs, apply: ms };
        const news: LiveNews = { kind: 'patched', changed, kept, times, isFirst: this.#isFirst };
        this.#isFirst = false;
        this.news.value = news;
        this.patches.value++;
        const since = compiled?.edited ?? begin;
        void drawn.then(({ at, gapMs }) => {
          if (this.news.peek() !== news) return;
          this.news.value = { ...news, times: { ...times, total: at - performance.timeOrigin - since, gap: gapMs } };
        });
      } catch (error) {
        // It does not return from a frame, or the page does not have what the patch imports.
        if (!this.isOn.peek() || this.#isStopped) return;
        const why = error instanceof Error ? error.message : String(error);
        const anew = await this.#ask({ inputs, args: args.peek() });
        if (anew.kind === 'program') await this.#run(anew.output, [why]);
        else if (anew.kind === 'errors') this.news.value = anew;
      }
    }
  }

  async #run(bytes: Uint8Array, why: string[]): Promise<void> {
    const { program } = this.#session;
    const output = await openOutput(bytes, 'output.wasm');
    if (!this.isOn.peek() || this.#isStopped) return;
    const isNoAnimation = isAnimation(output) ? undefined : 'the program has no `frame` any more';
    const problem = output.refusal ?? whyNotRun(output) ?? isNoAnimation;
    if (problem !== undefined) {
      this.news.value = { kind: 'errors', errors: [...why, problem] };
      return;
    }
    this.output.value = output;
    this.patches.value = 0;
    this.news.value = why.length > 0 ? { kind: 'restarted', why } : undefined;
    program.startLive(output);
    // Before, nobody can say which patches it takes.
    await new Promise<void>((resolve) => {
      const stop = effect(() => {
        if (program.liveState.value !== undefined || program.state.value.kind !== 'running')
          queueMicrotask(() => (stop(), resolve()));
      });
    });
  }

  #ask(request: LiveRequest): Promise<LiveAnswer> {
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(request);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL('./live.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data }: MessageEvent<LiveAnswer>) => this.#answer?.(data);
    worker.onerror = (event) => {
      if (worker !== this.#worker) return;
      this.#worker = undefined;
      const error = event.message || 'the linker could not be loaded; check the network connection';
      this.#answer?.({ kind: 'errors', errors: [error] });
    };
    return worker;
  }
}
