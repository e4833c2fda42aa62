// The page's side of the linker's worker.
import type { Answer, Asked, Question } from './inspector/questions';
import type { Looked, outputFile } from './inspector/workspace';
import type { FilePart, FileRead, FileToRead, Linked, LinkInput, Request, Response } from './linker.worker';

/** So many files are small ones. The worker reads fewer than that: only the beginning of those that no link takes. */
const few = 20;
const mostAtOnce = 40;

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

  #send(request: Request, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }

  /** Files that the worker is to read, and to keep unless they are zips or of no use. Undefined: it cannot be read. */
  async read(files: FileToRead[]): Promise<(FileRead | undefined)[]> {
    const answers: Promise<(FileRead | undefined)[]>[] = [];
    const ask = (some: FileToRead[], transfer: Transferable[] = []) => {
      const answer = this.#request<(FileRead | undefined)[]>((id) => ({ kind: 'read', id, files: some }), transfer);
      answer.catch(() => {}); // it is listened to below
      answers.push(answer);
    };
    for (let at = 0, end = 0; at < files.length; at = end) {
      const { file, part } = files[at]!;
      // Parts of one file go together.
      end = at + 1;
      if (part) while (end < files.length && files[end]!.part && files[end]!.file === file) end++;
      else while (end < files.length && end < at + mostAtOnce && !files[end]!.part) end++;
      const some = files.slice(at, end);
      if (part || files.length <= few) {
        ask(some);
        await new Promise((resolve) => setTimeout(resolve));
      } else {
        // Browsers take twice as long to send a file as to read it here, and have to be given time for other things.
        const buffers = await Promise.all(some.map(({ file }) => (file as Blob).arrayBuffer().catch(() => undefined)));
        ask(
          some.map((one, i) => ({ ...one, file: buffers[i] ?? one.file })),
          buffers.filter((buffer) => buffer !== undefined),
        );
      }
    }
    return (await Promise.all(answers)).flat();
  }

  /** Into one file of a folder of the browser's private files: where each is in it, or undefined for what was removed. */
  store(folder: string, name: string, keys: number[]): Promise<(FilePart | undefined)[]> {
    return this.#request((id) => ({ kind: 'store', id, folder, name, keys }));
  }

  /** What was stored is named by a state that is kept. */
  stored(): void {
    this.#send({ kind: 'stored' });
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

  #request<T>(make: (id: number) => Request, transfer?: Transferable[]): Promise<T> {
    if (this.#dead !== undefined) return Promise.reject(new Error(this.#dead));
    return new Promise<unknown>((resolve, reject) => {
      const id = this.#nextQuestion++;
      this.#asked.set(id, { resolve, reject });
      this.#send(make(id), transfer);
    }) as Promise<T>;
  }
}
