// A linked module that runs in a worker of its own, what it prints, and what its exports give.
import { signal } from '@preact/signals';
import type { StageMessage, StageSize } from './animation';
import type { RunnableComponent } from './component_run';
import type { Facts } from './facts';
import type { Frame } from './inspector/code';
import type { Interface } from './facts.worker';
import { words } from './options';
import { isAnimation, whyNotRun, type Output } from './output';
import type { NamedFile, RunMessage, RunRequest, Stream } from './program.worker';

export interface Printed {
  stream: Stream;
  text: string;
}
export type RunState =
  | { kind: 'ready' }
  /** `doing`: what is done before it runs. */
  | { kind: 'running'; doing?: string }
  /** Its exports can be called. */
  | { kind: 'open' }
  | { kind: 'exited'; code: number; ms: number }
  /** `stack`: where it was, when it trapped. */
  | { kind: 'failed'; why: string; stack?: Frame[] };
export interface Call {
  name: string;
  args: string;
  /** Absent while it runs. */
  values?: string[];
  ms?: number;
  why?: string;
  stack?: Frame[];
}

/** A patch that an animation has. */
export interface Applied {
  ms: number;
  /** Of the program, which now has the patch. */
  state: bigint;
  /** The first frame with it. Never, if the program ends before or traps in this frame. */
  drawn: Promise<Extract<StageMessage, { kind: 'drawn' }>>;
}

/** An animation that has not answered by then does not return from a frame. */
const patienceMs = 3000;
/** What a program may print before the page stops listening. */
const mostText = 200_000;
const mostCalls = 50;

export class Program {
  readonly state = signal<RunState>({ kind: 'ready' });
  /** Where an animation draws. Each run has one of its own. */
  readonly canvas = signal<HTMLCanvasElement | undefined>(undefined);
  /** Of an animation that can be patched, once it plays. */
  readonly liveState = signal<bigint | undefined>(undefined);
  /** Neighbours come from different streams. */
  readonly printed = signal<Printed[]>([]);
  readonly args = signal('');
  readonly stdin = signal('');
  /** Commands are made components, and run as such. */
  readonly asComponent = signal(false);
  /** In the folder that the program sees. */
  readonly files = signal<NamedFile[]>([]);
  /** What it wrote. */
  readonly written = signal<NamedFile[]>([]);
  /** The newest first. */
  readonly calls = signal<Call[]>([]);
  /** When somebody debugs: gives the module that is run in place of the output's. */
  readonly debugged = signal<((output: Output) => Promise<WebAssembly.Module>) | undefined>(undefined);

  #facts: Facts;
  #worker: Worker | undefined;
  #interfaces = new WeakMap<Output, Promise<Interface>>();
  #length = 0;
  /** Printed since the last frame. */
  #fresh: Printed[] = [];
  #frame = 0;
  #nextCall = 0;
  #running = new Map<number, Call>();
  /** Calls that wait for the module to be ready. */
  #whenOpen: RunRequest[] = [];
  #size: StageSize | undefined;
  #patching: { resolve(applied: Applied): void; reject(error: Error): void } | undefined;
  #drawn: ((message: Extract<StageMessage, { kind: 'drawn' }>) => void) | undefined;

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  /** There is a new program: the old one ends, what it printed goes. */
  replace(): void {
    this.#end({ kind: 'ready' });
    this.#fresh = [];
    this.printed.value = [];
    this.written.value = [];
    this.calls.value = [];
    this.canvas.value = undefined;
  }

  /** What can be called, and what it must be given. */
  interfaceOf(output: Output): Promise<Interface> {
    let known = this.#interfaces.get(output);
    if (!known) {
      known = this.#facts.ask<'interface'>({
        kind: 'interface',
        name: output.name,
        file: output.file,
      });
      this.#interfaces.set(output, known);
    }
    return known;
  }

  /** Runs a command or an animation. */
  start(output: Output): void {
    this.replace();
    this.#begin(output, isAnimation(output) ? 'animation' : 'command');
  }

  /** Runs an animation that was linked so that it can be patched. */
  startLive(output: Output): void {
    this.replace();
    this.#begin(output, 'live');
  }

  /** The size of the place in which an animation is shown. */
  resize(size: StageSize): void {
    this.#size = size;
    this.#worker?.postMessage({ kind: 'size', size } satisfies RunRequest);
  }

  /** Where the pointer is in that place. */
  point(x: number, y: number, pressed: boolean): void {
    this.#worker?.postMessage({ kind: 'pointer', x, y, pressed } satisfies RunRequest);
  }

  /** Brings a patch into the animation that runs, between two of its frames. Rejected: it is as it was, or hangs, or has ended. */
  patch(patch: Uint8Array): Promise<Applied> {
    return new Promise((resolve, reject) => {
      if (!this.#worker || this.liveState.peek() === undefined) return reject(new Error('the program has ended'));
      const timer = setTimeout(() => reject(new Error('the program does not return from `frame`')), patienceMs);
      this.#patching = {
        resolve: (applied) => (clearTimeout(timer), resolve(applied)),
        reject: (error) => (clearTimeout(timer), reject(error)),
      };
      this.#worker.postMessage({ kind: 'patch', patch } satisfies RunRequest, [patch.buffer as ArrayBuffer]);
    });
  }

  /** Calls an export; the module stays between calls. */
  call(output: Output, name: string, args: (number | bigint)[]): void {
    const { kind } = this.state.peek();
    if (kind !== 'open' && kind !== 'running') this.#begin(output, 'library');
    const id = this.#nextCall++;
    const call: Call = { name, args: args.join(', ') };
    this.#running.set(id, call);
    this.calls.value = [call, ...this.calls.value].slice(0, mostCalls);
    const request: RunRequest = { kind: 'call', id, name, args };
    if (kind === 'open') this.#worker!.postMessage(request);
    else this.#whenOpen.push(request);
    this.state.value = { kind: 'running' };
  }

  #begin(output: Output, kind: 'command' | 'library' | 'animation' | 'live'): void {
    this.#length = 0;
    const canvas = kind === 'animation' || kind === 'live' ? document.createElement('canvas') : undefined;
    if (canvas && !('transferControlToOffscreen' in canvas))
      return this.#end({ kind: 'failed', why: 'this browser cannot draw in workers' });
    const drawnOn = canvas?.transferControlToOffscreen();
    this.canvas.value = canvas;
    this.state.value = { kind: 'running' };
    const worker = new Worker(new URL('./program.worker.ts', import.meta.url), { type: 'module' });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<RunMessage>) => {
      if (worker === this.#worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      if (worker !== this.#worker) return;
      this.#end({ kind: 'failed', why: event.message || 'the runner could not be loaded' });
    };
    // The debugger's module is linked anew from the inputs, and takes no patches.
    const debugged = kind === 'live' ? undefined : this.debugged.peek();
    const module = debugged?.(output);
    const component = kind === 'command' && this.asComponent.peek() ? this.#componentOf(output, module) : undefined;
    Promise.all([this.interfaceOf(output), module ?? output.compile(), component]).then(
      ([known, module, component]) => {
        const request: RunRequest = {
          kind: 'start',
          module,
          interface: known,
          command: kind === 'command',
          ...(component && { component }),
          ...(drawnOn && { canvas: drawnOn }),
          args: [output.name, ...words(this.args.peek())],
          stdin: this.stdin.peek(),
          files: this.files.peek(),
        };
        worker.postMessage(request, drawnOn ? [drawnOn] : []);
        if (drawnOn && this.#size) this.resize(this.#size); // what was sent before came too early
      },
      (error: unknown) => worker === this.#worker && this.#end({ kind: 'failed', why: String(error) }),
    );
  }

  async #componentOf(output: Output, module?: Promise<WebAssembly.Module>): Promise<RunnableComponent> {
    const worker = this.#worker;
    this.state.value = { kind: 'running', doing: 'making a component…' };
    const { runnable } = await import('./as_component');
    const main = await module;
    const component = await runnable(output, main).catch(() => Promise.reject('no component')); // why is shown beside it
    if (worker === this.#worker) this.state.value = { kind: 'running' };
    return component;
  }

  stop(): void {
    this.#end({ kind: 'failed', why: 'stopped' });
  }

  async addFiles(files: Iterable<File>): Promise<void> {
    const added = await Promise.all(
      [...files].map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
    );
    this.files.value = [...this.files.value.filter((old) => added.every(({ name }) => name !== old.name)), ...added];
  }

  #hear(message: RunMessage): void {
    if (message.kind === 'printed') this.#take(message);
    else if (message.kind === 'playing') this.liveState.value = message.state;
    else if (message.kind === 'patched') {
      const { ms, state } = message;
      this.liveState.value = state;
      this.state.value = { kind: 'running' }; // also after a trap
      this.#patching?.resolve({ ms, state, drawn: new Promise((resolve) => (this.#drawn = resolve)) });
    } else if (message.kind === 'refused') this.#patching?.reject(new Error(message.why));
    else if (message.kind === 'drawn') this.#drawn?.(message);
    else if (message.kind === 'failed' && this.liveState.peek() !== undefined) this.state.value = message;
    else if (message.kind === 'ready') {
      this.state.value = { kind: this.#whenOpen.length > 0 ? 'running' : 'open' };
      for (const request of this.#whenOpen.splice(0)) this.#worker!.postMessage(request);
    } else if (message.kind === 'returned' || message.kind === 'threw') {
      const { id, kind, ...what } = message;
      this.#settle(id, what);
      if (this.#running.size === 0) this.state.value = { kind: 'open' };
    } else if (message.kind === 'exited') {
      this.written.value = message.files;
      this.#end({ kind: 'exited', code: message.code, ms: message.ms });
    } else this.#end(message);
  }

  #settle(id: number, what: Partial<Call>): void {
    const call = this.#running.get(id);
    this.#running.delete(id);
    this.calls.value = this.calls.value.map((other) => (other === call ? { ...call, ...what } : other));
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
    this.#whenOpen = [];
    this.liveState.value = undefined;
    this.#patching?.reject(new Error('the program has ended'));
    this.#patching = undefined;
    for (const id of [...this.#running.keys()])
      this.#settle(id, { why: state.kind === 'failed' ? state.why : 'ended' });
    this.#show();
    this.state.value = state;
  }
}

/** Why it cannot even be made an instance of. */
export function whyNotCall(output: Output): string | undefined {
  return output.refusal === undefined ? undefined : whyNotRun(output);
}
