// What outlives the page: inputs, options and sources, kept in the browser's private file system (OPFS) where there is one;
// and a link that holds them when they are small. What the page can fetch from its own place is named, not kept.
import { effect } from '@preact/signals';
import { fetchOwn } from './sample';
import type { Values } from './options';
import type { NewInput, Session } from './session';

interface SavedInput {
  name: string;
  wholeArchive: boolean;
  /** Where it comes from: beside the page, from a file of the store, or from so many bytes of the link. */
  origin?: string;
  stored?: string;
  bytes?: number;
}
interface Saved {
  version: 1;
  inputs: SavedInput[];
  values: Values;
  sources: Record<string, string>;
  /** The sources' objects are up to date. */
  compiled: boolean;
  flags: string;
  args: string;
}

const pauseMs = 400;
/** Of a link: longer ones are cut by what they are sent with. */
const mostLinkLetters = 30_000;
/** A link may say that it unpacks to anything. */
const mostLinkBytes = 2 ** 24;
const linkMark = '#weld=';

export class State {
  #session: Session;
  #folder: FileSystemDirectoryHandle | undefined;
  /** The file that keeps an input, by the input's key. */
  #stored = new Map<number, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Brings back what was there, then keeps what changes. */
  async start(): Promise<void> {
    const session = this.#session;
    try {
      const root = await navigator.storage.getDirectory();
      this.#folder = await root.getDirectoryHandle('weld', { create: true });
    } catch {
      // None here, or not allowed: nothing is kept.
    }
    const restored = (await this.#restoreLink()) || (await this.#restoreStored());
    if (restored && session.inputs.value.length > 0) session.news.value = restored;
    addEventListener('hashchange', () => void this.#restoreLink());
    if (!this.#folder) return;
    // An empty page at the start says nothing: what is kept may just not have been readable while another page wrote it.
    let isUntouched = session.inputs.value.length === 0 && session.playground.sources.value.length === 0;
    effect(() => {
      session.inputs.value;
      session.values.value;
      session.playground.sources.value;
      session.playground.flags.value;
      session.program.args.value;
      if (isUntouched) {
        isUntouched = false;
        return;
      }
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => (this.#saving = this.#saving.then(() => this.#save())), pauseMs);
    });
  }

  /** A link to this page with all that is in it; undefined when it would be too long. */
  async link(): Promise<string | undefined> {
    const session = this.#session;
    const saved = this.#saved();
    const parts: Uint8Array[] = [];
    let total = 0;
    for (const [i, input] of session.inputs.value.entries()) {
      if (input.origin !== undefined) continue;
      if ((total += input.size) > mostLinkBytes / 2) return undefined;
      parts.push(new Uint8Array(await input.file.arrayBuffer()));
      saved.inputs[i]!.bytes = input.size;
    }
    const head = new TextEncoder().encode(JSON.stringify(saved));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, head.length);
    const packed = new Blob([length, head, ...parts] as BlobPart[]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
    if (bytes.length > (mostLinkLetters * 3) / 4) return undefined;
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    return location.href.replace(/#.*$/, '') + linkMark + text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }

  #saved(): Saved {
    const { inputs, values, playground, program } = this.#session;
    return {
      version: 1,
      inputs: inputs.value.map(({ name, wholeArchive, origin }) => ({ name, wholeArchive, origin })),
      values: values.value,
      sources: Object.fromEntries(playground.sources.value.map((s) => [s.name, s.text])),
      compiled: !playground.stale.value,
      flags: playground.flags.value,
      args: program.args.value,
    };
  }

  async #save(): Promise<void> {
    const folder = this.#folder!;
    const inputs = this.#session.inputs.value;
    const saved = this.#saved();
    try {
      for (const [i, { key, file, origin }] of inputs.entries()) {
        if (origin !== undefined) continue;
        const stored = this.#stored.get(key) ?? `${crypto.randomUUID()}.input`;
        if (!this.#stored.has(key)) {
          const writable = await (await folder.getFileHandle(stored, { create: true })).createWritable();
          await writable.write(file);
          await writable.close();
          this.#stored.set(key, stored);
        }
        saved.inputs[i]!.stored = stored;
      }
      const writable = await (await folder.getFileHandle('state.json', { create: true })).createWritable();
      await writable.write(JSON.stringify(saved));
      await writable.close();
      const keys = new Set(inputs.map(({ key }) => key));
      for (const [key, stored] of [...this.#stored]) {
        if (keys.has(key)) continue;
        this.#stored.delete(key);
        await folder.removeEntry(stored);
      }
    } catch {
      // No room: the page works on without.
    }
  }

  async #restoreStored(): Promise<string | undefined> {
    const folder = this.#folder;
    if (!folder) return undefined;
    try {
      const text = await (await (await folder.getFileHandle('state.json')).getFile()).text();
      const saved = checked(JSON.parse(text));
      if (!saved) return undefined;
      const keptIn = new Map(saved.inputs.map(({ name, stored }) => [name, stored]));
      const files = await Promise.all(saved.inputs.map(async ({ stored }) => (stored === undefined ? undefined : (await folder.getFileHandle(stored)).getFile())));
      await this.#restore(saved, files);
      for (const { key, name, origin } of this.#session.inputs.value) {
        const stored = keptIn.get(name);
        if (stored !== undefined && origin === undefined) this.#stored.set(key, stored);
      }
      // What another page left behind.
      const wanted = new Set([...this.#stored.values(), 'state.json']);
      for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) if (!wanted.has(name)) await folder.removeEntry(name).catch(() => {});
      return 'Your last inputs are back: they were kept in this browser';
    } catch {
      return undefined;
    }
  }

  async #restoreLink(): Promise<string | undefined> {
    if (!location.hash.startsWith(linkMark)) return undefined;
    try {
      const text = location.hash.slice(linkMark.length);
      history.replaceState(null, '', location.pathname + location.search); // from here on it is this browser's
      const bytes = await unpack(Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0)));
      const length = new DataView(bytes.buffer).getUint32(0);
      const saved = checked(JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))));
      if (!saved) throw new Error('it was made by another version of this page');
      let at = 4 + length;
      const files = saved.inputs.map(({ bytes: size }) => (size === undefined ? undefined : new Blob([bytes.slice(at, (at += size))])));
      this.#session.clear();
      await this.#restore(saved, files);
      return 'Opened from a link';
    } catch (error) {
      this.#session.news.value = `The link cannot be opened: ${error instanceof Error ? error.message : String(error)}`;
      return undefined;
    }
  }

  async #restore(saved: Saved, files: (Blob | undefined)[]): Promise<void> {
    const session = this.#session;
    const inputs = await Promise.all(
      saved.inputs.map(async ({ name, wholeArchive, origin }, i): Promise<NewInput | undefined> => {
        const file = files[i] ?? (origin === undefined ? undefined : (await fetchOwn(origin)).file);
        return file && { name, wholeArchive, origin, file };
      }),
    );
    if (session.inputs.value.length > 0) return; // somebody was faster
    session.values.value = saved.values;
    session.playground.flags.value = saved.flags;
    session.program.args.value = saved.args;
    if (Object.keys(saved.sources).length > 0) {
      if (saved.compiled) session.playground.open(saved.sources);
      else for (const [name, text] of Object.entries(saved.sources)) session.playground.take(name, text);
    }
    await session.addInputs(inputs.filter((input) => input !== undefined));
  }
}

/** At most so many bytes, whatever is packed. */
async function unpack(packed: Uint8Array): Promise<Uint8Array> {
  const reader = new Blob([packed as BlobPart]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    if ((total += value!.length) > mostLinkBytes) throw new Error('it is too large');
    chunks.push(value!);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

/** A link comes from anybody. */
function checked(value: unknown): Saved | undefined {
  const saved = value as Partial<Saved> | null;
  const isRecord = (record: unknown, types: string[]) =>
    typeof record === 'object' && record !== null && !Array.isArray(record) && Object.values(record).every((v) => types.includes(typeof v));
  if (saved?.version !== 1 || !Array.isArray(saved.inputs) || typeof saved.flags !== 'string' || typeof saved.args !== 'string') return undefined;
  if (!isRecord(saved.values, ['string', 'boolean']) || !isRecord(saved.sources, ['string'])) return undefined;
  const fine = saved.inputs.every(
    (input: Partial<SavedInput> | null) =>
      typeof input?.name === 'string' &&
      typeof input.wholeArchive === 'boolean' &&
      (input.origin === undefined || /^samples\/[\w+-][\w.+-]*$/.test(input.origin)) &&
      (input.stored === undefined || /^[\w-]+\.input$/.test(input.stored)) &&
      (input.bytes === undefined || (Number.isSafeInteger(input.bytes) && input.bytes >= 0)),
  );
  return fine ? (saved as Saved) : undefined;
}
