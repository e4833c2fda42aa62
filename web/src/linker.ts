// The page's side of the linker's worker.
import type { Linked, LinkInput, Request, Response } from './linker.worker';

export class Linker {
  #worker = new Worker(new URL('./linker.worker.ts', import.meta.url), { type: 'module' });
  #answer: ((linked: Linked) => void) | undefined;
  #dead: string | undefined;

  constructor(onReady: (version: string) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => {
      if (data.kind === 'ready') onReady(data.version);
      else this.#settle({ result: data.result, error: data.error });
    };
    this.#worker.onerror = (event) => {
      this.#dead = event.message || 'the linker could not be loaded: is the network there?';
      this.#settle({ error: this.#dead });
    };
  }

  #settle(linked: Linked): void {
    this.#answer?.(linked);
    this.#answer = undefined;
  }

  #send(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  /** The bytes move to the worker: they are gone here. */
  add(key: number, bytes: Uint8Array): void {
    this.#send({ kind: 'add', key, bytes }, [bytes.buffer as ArrayBuffer]);
  }

  remove(key: number): void {
    this.#send({ kind: 'remove', key });
  }

  /** One at a time. */
  link(inputs: LinkInput[], args: string[]): Promise<Linked> {
    if (this.#dead !== undefined) return Promise.resolve({ error: this.#dead });
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#send({ kind: 'link', inputs, args });
    });
  }
}
