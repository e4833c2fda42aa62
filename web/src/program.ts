// A linked program that runs in a worker of its own, and what it prints.
import { signal } from '@preact/signals';
import type { Output } from './output';
import { words } from './options';
import type { RunMessage, RunRequest, Stream } from './program.worker';

export interface Printed {
  stream: Stream;
  text: string;
}
export type RunState =
  | { kind: 'ready' }
  | { kind: 'running' }
  | { kind: 'exited'; code: number; ms: number }
  | { kind: 'failed'; why: string };

/** What a program may print before the page stops listening. */
const mostText = 200_000;

export class Program {
  readonly state = signal<RunState>({ kind: 'ready' });
  /** Neighbours come from different streams. */
  readonly printed = signal<Printed[]>([]);
  readonly args = signal('');

  #worker: Worker | undefined;
  #length = 0;
  /** Printed since the last frame. */
  #fresh: Printed[] = [];
  #frame = 0;

  /** There is a new program: the old one ends, what it printed goes. */
  replace(): void {
    this.#end({ kind: 'ready' });
    this.#fresh = [];
    this.printed.value = [];
  }

  start({ module, name }: Output): void {
    this.replace();
    this.#length = 0;
    this.state.value = { kind: 'running' };
    const worker = new Worker(new URL('./program.worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      if (worker !== this.#worker) return;
      if (data.kind === 'printed') this.#take(data);
      else this.#end(data);
    };
    worker.onerror = (event) => this.#end({ kind: 'failed', why: event.message || 'the runner could not be loaded' });
    const request: RunRequest = { module: module!, args: [name, ...words(this.args.peek())] };
    worker.postMessage(request);
  }

  stop(): void {
    this.#end({ kind: 'failed', why: 'stopped' });
  }

  #take({ stream, text }: Printed): void {
    this.#length += text.length;
    this.#fresh.push({ stream, text });
    if (this.#length > mostText) this.#end({ kind: 'failed', why: 'stopped: it printed too much' });
    this.#frame ||= requestAnimationFrame(() => this.#show());
  }

  #show(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#fresh.length === 0) return;
    const printed = [...this.printed.peek()];
    for (const { stream, text } of this.#fresh.splice(0)) {
      const last = printed.at(-1);
      if (last?.stream === stream) printed[printed.length - 1] = { stream, text: last.text + text };
      else printed.push({ stream, text });
    }
    this.printed.value = printed;
  }

  #end(state: RunState): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#show();
    this.state.value = state;
  }
}
