// The page's side of the linker's worker. Of links that overlap only the newest answers.
import type { LinkResult } from 'wasm-weld';
import type { LinkInput, Request, Response } from './linker.worker';

export interface Outcome {
  result?: LinkResult;
  error?: string;
}

export class Linker {
  #worker = new Worker(new URL('./linker.worker.ts', import.meta.url), { type: 'module' });
  #id = 0;
  #waiting?: (outcome: Outcome) => void;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => {
      if (data.id === this.#id) this.#waiting?.({ result: data.result, error: data.error });
    };
    this.#worker.onerror = (event) => this.#waiting?.({ error: event.message || 'the linker could not be loaded' });
  }

  #send(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  add(key: number, bytes: Uint8Array): void {
    this.#send({ kind: 'add', key, bytes }, [bytes.buffer as ArrayBuffer]);
  }

  remove(key: number): void {
    this.#send({ kind: 'remove', key });
  }

  link(inputs: LinkInput[], args: string[]): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#send({ kind: 'link', id: ++this.#id, inputs, args });
    });
  }
}
