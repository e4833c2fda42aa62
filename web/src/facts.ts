// The page's side of the worker that looks into files.
import { signal, type Signal } from '@preact/signals';
import type { Answered, Answers, Asked, FileFacts, Question } from './facts.worker';

type Of<Kind> = Extract<Question, { kind: Kind }>;

export class Facts {
  #worker: Worker | undefined;
  #nextId = 1;
  #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  #facts = new Map<number, Signal<FileFacts | undefined>>();

  ask<Kind extends Question['kind']>(question: Of<Kind>): Promise<Answers[Kind]> {
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      worker.postMessage({ ...question, id } as Asked);
    });
  }

  /** What is in an input; undefined until it is known. */
  of({ key, name, file }: { key: number; name: string; file: Blob }): Signal<FileFacts | undefined> {
    let facts = this.#facts.get(key);
    if (!facts) {
      this.#facts.set(key, (facts = signal(undefined)));
      this.ask<'facts'>({ kind: 'facts', key, name, file }).then(
        (value) => (facts!.value = value),
        () => {}, // the linker says what is wrong
      );
    }
    return facts;
  }

  forget(key: number): void {
    this.#facts.delete(key);
  }

  #start(): Worker {
    const worker = new Worker(new URL('./facts.worker.ts', import.meta.url), { type: 'module' });
    worker.onmessage = ({ data: { id, value, error } }: MessageEvent<Answered>) => {
      const { resolve, reject } = this.#waiting.get(id)!;
      this.#waiting.delete(id);
      error === undefined ? resolve(value) : reject(new Error(error));
    };
    worker.onerror = (event) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(event.message || 'the code that inspects files could not be loaded'));
      this.#waiting.clear();
    };
    return worker;
  }
}
