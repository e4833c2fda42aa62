// What an animation draws with, and its frames, in the worker of the program. Fetched with the first animation. The functions
// that it imports from `canvas` are declared in samples/canvas.h.
import { applyPatchSync, liveState } from 'wasm-weld';

/** In pixels of the page. */
export interface StageSize {
  width: number;
  height: number;
  /** Of the screen's pixels in one of the page's. */
  ratio: number;
}
export type StageRequest =
  /** Before the first one, no frame is drawn. */
  | { kind: 'size'; size: StageSize }
  | { kind: 'pointer'; x: number; y: number; pressed: boolean }
  | { kind: 'patch'; patch: Uint8Array };
export type StageMessage =
  /** `state`: of a program that was linked with `live`. */
  | { kind: 'playing'; state?: bigint }
  /** The next frame has the patch. `ms`: for applying it. */
  | { kind: 'patched'; ms: number; state: bigint }
  /** The program is as it was. */
  | { kind: 'refused'; why: string }
  /** The first frame with the patch: when it was drawn, since 1970, and how long after the one before it began. */
  | { kind: 'drawn'; at: number; gapMs?: number };

export class Animation {
  /** What a program may import from `canvas`. */
  readonly functions: Record<string, (...values: number[]) => number | void>;
  #canvas: OffscreenCanvas;
  #context: OffscreenCanvasRenderingContext2D;
  #size: StageSize | undefined;
  #pointer = { x: 0, y: 0, pressed: false };
  #post: (message: StageMessage) => void;
  #fail: (error: unknown) => void;
  #program: { instance: WebAssembly.Instance; memory: unknown; imports: WebAssembly.Imports } | undefined;
  /** Of the stack pointer, between frames: a trap leaves it where it was. */
  #stack: number | undefined;
  #begun: number | undefined;
  /** When the newest frame began. */
  #newest: number | undefined;
  #isPatched = false;
  /** A frame has trapped: the next one is that with a patch. */
  #stands = false;
  #next = 0;

  constructor(canvas: OffscreenCanvas, post: (message: StageMessage) => void, fail: (error: unknown) => void) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#post = post;
    this.#fail = fail;
    this.functions = this.#makeFunctions();
  }

  /** `memory`: of the program, which texts are read from. */
  play(instance: WebAssembly.Instance, memory: unknown, imports: WebAssembly.Imports): void {
    this.#program = { instance, memory, imports };
    const isLive = '__weld_live.state' in instance.exports;
    this.#post(isLive ? { kind: 'playing', state: liveState(instance) } : { kind: 'playing' });
    this.#goOn();
  }

  hear(request: StageRequest): void {
    if (request.kind === 'pointer') this.#pointer = request;
    else if (request.kind === 'patch') this.#patch(request.patch);
    else {
      this.#size = request.size;
      this.#goOn();
    }
  }

  #goOn(): void {
    if (this.#program && this.#size && !this.#stands) this.#next ||= requestAnimationFrame(this.#frame);
  }

  #patch(patch: Uint8Array): void {
    const { instance, imports } = this.#program!;
    try {
      const begin = performance.now();
      applyPatchSync(instance, patch as Uint8Array<ArrayBuffer>, imports as Record<string, Record<string, unknown>>);
      const ms = performance.now() - begin;
      this.#isPatched = true;
      this.#stands = false; // the patch may mend it
      this.#post({ kind: 'patched', ms, state: liveState(instance) });
    } catch (error) {
      this.#post({ kind: 'refused', why: error instanceof Error ? error.message : String(error) });
    }
    this.#goOn();
  }

  #frame = (now: number): void => {
    this.#next = 0;
    const { frame, __stack_pointer: stack } = this.#program!.instance.exports as {
      frame(ms: number): void;
      __stack_pointer?: WebAssembly.Global<'i32'>;
    };
    const begin = performance.now();
    this.#fit();
    this.#begun ??= now;
    try {
      if (stack) this.#stack ??= stack.value;
      frame(now - this.#begun);
    } catch (error) {
      if (stack) stack.value = this.#stack!;
      this.#newest = undefined;
      this.#stands = true;
      return this.#fail(error);
    }
    if (this.#isPatched) {
      const at = performance.timeOrigin + performance.now();
      this.#post({ kind: 'drawn', at, ...(this.#newest === undefined ? {} : { gapMs: begin - this.#newest }) });
    }
    this.#isPatched = false;
    this.#newest = begin;
    this.#goOn();
  };

  /** The canvas has the size that it is shown in. A canvas whose size is set is empty, and its settings are gone. */
  #fit(): void {
    const { width, height, ratio } = this.#size!;
    const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
    const canvas = this.#canvas;
    if (canvas.width === across && canvas.height === down) return;
    canvas.width = across;
    canvas.height = down;
    this.#context.scale(ratio, ratio);
  }

  #makeFunctions(): Animation['functions'] {
    const context = this.#context;
    const style = (colour: number) => `#${(colour & 0xffffff).toString(16).padStart(6, '0')}`;
    return {
      width: () => this.#size!.width,
      height: () => this.#size!.height,
      clear: (colour) => {
        const { fillStyle, globalAlpha } = context;
        context.globalAlpha = 1;
        context.fillStyle = style(colour!);
        context.fillRect(0, 0, this.#size!.width, this.#size!.height);
        context.globalAlpha = globalAlpha;
        context.fillStyle = fillStyle;
      },
      colour: (colour, opacity) => {
        context.fillStyle = context.strokeStyle = style(colour!);
        context.globalAlpha = Math.min(1, Math.max(0, opacity!));
      },
      circle: (x, y, radius) => {
        context.beginPath();
        context.arc(x!, y!, Math.max(0, radius!), 0, 2 * Math.PI);
        context.fill();
      },
      rectangle: (x, y, width, height) => context.fillRect(x!, y!, width!, height!),
      line: (x1, y1, x2, y2, width) => {
        context.lineWidth = width!;
        context.beginPath();
        context.moveTo(x1!, y1!);
        context.lineTo(x2!, y2!);
        context.stroke();
      },
      text: (x, y, size, address) => {
        context.font = `${size}px system-ui, sans-serif`;
        context.fillText(this.#textAt(address!), x!, y!);
      },
      pointer_x: () => this.#pointer.x,
      pointer_y: () => this.#pointer.y,
      pointer_pressed: () => Number(this.#pointer.pressed),
    };
  }

  /** UTF-8 that ends with a zero. */
  #textAt(address: number): string {
    const memory = this.#program?.memory;
    if (!(memory instanceof WebAssembly.Memory))
      throw new Error('`canvas_text` needs a program that exports its memory');
    const bytes = new Uint8Array(memory.buffer);
    const end = bytes.indexOf(0, address >>> 0);
    return new TextDecoder().decode(bytes.slice(address >>> 0, end < 0 ? undefined : end));
  }
}
