// The page in a frame of another page, which hands files over and is told what became of them. README.md has the messages.
import { effect } from '@preact/signals';
import type { Dropped } from './dropped_files';
import { valuesOf } from './options';
import { follow } from './place';
import type { Outcome, Session } from './session';

/** What the page around the frame asks for. */
interface Request {
  weld: 'open';
  /** It comes back with the answer. */
  id?: unknown;
  files: { name: string; content: string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer> }[];
  /** As wasm-ld takes them, without the inputs. */
  arguments?: string[];
  /** What is shown, as behind `#` in the page's address: `view=size`. */
  show?: string;
}

/** Of the linker. */
interface Message {
  severity: string;
  /** Of the diagnostic: `undefined-symbol`. Empty when the linker itself failed. */
  id: string;
  text: string;
}

/** What the page around the frame is told. */
type Answer =
  | { weld: 'ready' }
  | { weld: 'linked'; id: unknown; ok: boolean; messages: Message[]; output?: Uint8Array }
  | { weld: 'refused'; id: unknown; error: string };

/** Throws what is wrong with a message. */
function checked(data: unknown): Request {
  const { files, arguments: args = [], show = '' } = data as Partial<Request>;
  const isContent = (content: unknown) =>
    typeof content === 'string' ||
    content instanceof Blob ||
    content instanceof ArrayBuffer ||
    ArrayBuffer.isView(content);
  if (!Array.isArray(files) || !files.every((file) => typeof file?.name === 'string' && isContent(file.content)))
    throw new TypeError('files is a list of { name, content }, with a text, a Blob or bytes as the content');
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
    throw new TypeError('arguments is a list of texts');
  if (typeof show !== 'string') throw new TypeError('show is a text, such as view=size');
  return data as Request;
}

async function open(session: Session, { files, arguments: args, show }: Request): Promise<void> {
  session.clear();
  if (args) session.values.value = valuesOf(args);
  const dropped = files.map(({ name, content }): Dropped => {
    const file = new File([content], name.split('/').at(-1) || name);
    return { file, path: name, found: false };
  });
  await session.add(Promise.resolve(dropped));
  if (show !== undefined) {
    history.replaceState(history.state, '', `#${show}`);
    follow();
  }
  await session.settled();
}

async function answerOf(outcome: Outcome | undefined, id: unknown): Promise<Answer> {
  const { result, error, output, looked } = outcome ?? {};
  const messages: Message[] = (result?.diagnostics ?? []).map(({ severity, id, text }) => ({ severity, id, text }));
  if (error !== undefined) messages.push({ severity: 'error', id: '', text: error });
  const ok = looked !== undefined || result?.ok === true;
  const bytes = output && !looked ? { output: new Uint8Array(await output.file.arrayBuffer()) } : {};
  return { weld: 'linked', id, ok, messages, ...bytes };
}

/** Takes messages of the page around, and tells it of each link: also of those that follow from what a visitor changes. */
export function listen(session: Session): void {
  // Of the newest request.
  let origin: string | undefined;
  let id: unknown;
  // An origin of its own, as in a sandbox, has no name.
  const tell = (answer: Answer) =>
    window.parent.postMessage(answer, origin === undefined || origin === 'null' ? '*' : origin);
  let opening: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let told: Promise<unknown> = Promise.resolve();
  addEventListener('message', (event: MessageEvent<unknown>) => {
    const data = event.data as Partial<Request> | null;
    if (event.source !== window.parent || typeof data !== 'object' || data?.weld !== 'open') return;
    origin = event.origin;
    waiting++;
    opening = opening.then(async () => {
      try {
        const request = checked(data);
        id = request.id;
        await open(session, request);
        tell(await answerOf(session.outcome.peek(), id));
      } catch (error) {
        tell({ weld: 'refused', id: data.id, error: error instanceof Error ? error.message : String(error) });
      } finally {
        waiting--;
      }
    });
  });
  effect(() => {
    const outcome = session.outcome.value;
    if (waiting > 0 || origin === undefined) return;
    const answer = answerOf(outcome, id);
    told = told.then(async () => tell(await answer));
  });
  tell({ weld: 'ready' });
}
