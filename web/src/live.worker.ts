// The linker of a program that keeps running while it is edited. It is another one than the linker of linker.worker.ts: what
// people see and download stays the plain output, without the stubs and exports that patches need, and reports that views ask
// for are made elsewhere.
import { createLinker, type Linker, type PatchReason } from 'wasm-weld';
import { changeInputs, type LinkInput } from './inspector/linker_inputs';

export interface LiveRequest {
  /** In link order. */
  inputs: (LinkInput & { file: Blob })[];
  args: string[];
  /** Of the program that runs. Missing: a new program is wanted. */
  state?: bigint | undefined;
}
export type LiveAnswer =
  /** A new program; `restart`: why the one that runs cannot have the edits. */
  | { kind: 'program'; output: Uint8Array; restart: string[] }
  | {
      kind: 'patch';
      patch: Uint8Array;
      /** Functions, as they are read. */
      changed: string[];
      /** What the program keeps although it was edited. */
      kept: string[];
      /** Milliseconds: for linking the edited inputs, and for making the patch. */
      linkMs: number;
      patchMs: number;
    }
  /** The program has everything. */
  | { kind: 'same' }
  | { kind: 'errors'; errors: string[] };

let current: { linker: Linker; args: string; inputs: LinkInput[] } | undefined;
let work: Promise<unknown> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<LiveRequest>) => {
  work = work.then(async () => {
    let answer: LiveAnswer;
    const isOther = current?.args !== JSON.stringify(data.args);
    try {
      const bytes = await read(data.inputs, new Set(isOther ? [] : current?.inputs.map(({ key }) => key)));
      if (!bytes) answer = { kind: 'errors', errors: ['an input has changed, and cannot be read: add it again'] };
      else answer = await serve(data, bytes, isOther);
    } catch (error) {
      current?.linker.dispose();
      current = undefined; // the next one starts anew
      answer = { kind: 'errors', errors: [error instanceof Error ? error.message : String(error)] };
    }
    self.postMessage(answer);
  });
};

/** What the linker does not know; undefined if a file is not what it was. */
async function read(inputs: LiveRequest['inputs'], known: Set<number>): Promise<Map<number, Uint8Array> | undefined> {
  const bytes = new Map<number, Uint8Array>();
  try {
    await Promise.all(
      inputs.map(async ({ key, file }) => known.has(key) || bytes.set(key, new Uint8Array(await file.arrayBuffer()))),
    );
  } catch {
    return undefined;
  }
  return bytes;
}

async function serve(
  { inputs, args, state }: LiveRequest,
  bytes: Map<number, Uint8Array>,
  isOther: boolean,
): Promise<LiveAnswer> {
  const why = current ? 'the options are other ones' : 'the linker had to begin anew';
  const begin = performance.now();
  if (isOther) {
    current?.linker.dispose();
    current = undefined;
    const linker = await createLinker({
      inputs: inputs.map(({ key, name, wholeArchive }) => ({ name, wholeArchive, bytes: bytes.get(key)! })),
      args,
      // Where the stack is: the page sets it right after a trap.
      options: { exportIfDefined: ['__stack_pointer'], checkFeatures: false },
      live: true,
    });
    current = { linker, args: JSON.stringify(args), inputs };
  } else {
    // If an input is refused, the linker has some of the changes: the next request starts anew.
    changeInputs(current!.linker, current!.inputs, inputs, (key) => bytes.get(key)!);
    current!.inputs = inputs;
  }
  const { linker } = current!;

  if (state === undefined || isOther) {
    const { ok, output, diagnostics } = linker.link();
    if (!ok) return { kind: 'errors', errors: errorsOf(diagnostics) };
    return { kind: 'program', output, restart: state === undefined ? [] : [why] };
  }
  const result = linker.patch(state);
  const ms = performance.now() - begin;
  if (!result.ok) return { kind: 'errors', errors: errorsOf(result.diagnostics) };
  if (result.restart) return { kind: 'program', output: result.output, restart: textsOf(result.restart) };
  const { patch, changed, kept, stats } = result;
  if (!patch) return { kind: 'same' };
  const patchMs = stats.phases.make_patch ?? 0;
  const names = changed.map(({ display }) => display);
  return { kind: 'patch', patch, changed: names, kept: textsOf(kept), linkMs: ms - patchMs, patchMs };
}

const textsOf = (reasons: PatchReason[]) => reasons.map(({ text }) => text);
const errorsOf = (diagnostics: { severity: string; text: string }[]) =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ text }) => text);
