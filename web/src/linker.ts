// The page's side of the linker's worker.
import type { Answer, Asked, Question } from './inspector/questions';
import type { Looked, outputFile } from './inspector/workspace';
import type { FilePart, FileRead, FileToRead, Linked, LinkInput, Request, Response } from './linker.worker';

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
      this.#dead = event.message || 'the linker could not be loaded; check the network connection';
      this.#settle({ error: this.#dead });
      for (const { reject } of this.#asked.values()) reject(new Error(this.#dead));
      this.#asked.clear();
    };
  }

  #settle(linked: Linked): void {
    this.#answer?.(linked);
    this.#answer = undefined;
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }

  /** Files that the worker is to read, and to keep unless they are zips or of no use. Undefined: it cannot be read. */
  async read(files: FileToRead[]): Promise<(FileRead | undefined)[]> {
    // Browsers take 0.2 ms to send a file: thousands at once would be noticed.
    const answers: Promise<(FileRead | undefined)[]>[] = [];
    for (let at = 0, end = 0; at < files.length; at = end) {
      if (at > 0) await new Promise((resolve) => setTimeout(resolve));
      // Parts of one file go together.
      const { file, part } = files[at]!;
      end = at + (part ? 1 : 100);
      while (part && end < files.length && files[end]!.part && files[end]!.file === file) end++;
      const [from, to] = [at, end];
      const answer = this.#request<(FileRead | undefined)[]>((id) => ({
        kind: 'read',
        id,
        files: files.slice(from, to),
      }));
      answer.catch(() => {}); // it is listened to below
      answers.push(answer);
    }
    return (await Promise.all(answers)).flat();
  }

  /** Into one file of a folder of the browser's private files: where each is in it, or undefined for what was removed. */
  store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]> {
    return this.#request((id) => ({ kind: 'store', id, folder, name, keys }));
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

  /** From now on, questions are about a file that is not linked, until the next link. */
  look(at: Looked, against: Looked | typeof outputFile | undefined): Promise<void> {
    return this.#request((id) => ({ kind: 'look', id, at, against }));
  }

  /** About the newest link and its files. */
  ask<Q extends Question>(question: Q, asked?: Asked<Q>): Promise<Answer<Q>> {
    return this.#request((id) => ({ kind: 'ask', id, question, asked }));
  }

  #request<T>(make: (id: number) => Request): Promise<T> {
    if (this.#dead !== undefined) return Promise.reject(new Error(this.#dead));
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#nextQuestion++;
      this.#asked.set(id, { resolve, reject });
      this.#send(make(id));
    }) as Promise<T>;
  }
}
