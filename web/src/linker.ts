// The page's side of the linker's worker.
import type { Answer, Asked, Question } from './inspector/questions';
import type { Linked, LinkInput, Request, Response } from './linker.worker';

export class Linker {
  #worker = new Worker(new URL('./linker.worker.ts', import.meta.url), { type: 'module' });
  #answer: ((linked: Linked) => void) | undefined;
  #dead: string | undefined;
  #asked = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  #nextQuestion = 1;

  constructor(onReady: (version: string) => void) {
    this.#worker.onmessage = ({ data }: MessageEvent<Response>) => {
      if (data.kind === 'ready') onReady(data.version);
      else if (data.kind === 'answer') {
        const asked = this.#asked.get(data.id);
        this.#asked.delete(data.id);
        if (data.error === undefined) asked?.resolve(data.answer);
        else asked?.reject(new Error(data.error));
      } else this.#settle({ result: data.result, error: data.error });
    };
    this.#worker.onerror = (event) => {
      this.#dead = event.message || 'the linker could not be loaded: is the network there?';
      this.#settle({ error: this.#dead });
      for (const { reject } of this.#asked.values()) reject(new Error(this.#dead));
      this.#asked.clear();
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

  /** About the newest link and its files. */
  ask<Q extends Question>(question: Q, asked?: Asked<Q>): Promise<Answer<Q>> {
    if (this.#dead !== undefined) return Promise.reject(new Error(this.#dead));
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#nextQuestion++;
      this.#asked.set(id, { resolve, reject });
      this.#send({ kind: 'ask', id, question, asked });
    }) as Promise<Answer<Q>>;
  }
}
