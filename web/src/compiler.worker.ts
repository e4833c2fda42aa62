// Compiles C and C++ with clang, wat with wabt. Each is fetched when it is first needed, from beside the page.
import type { Command, Tree } from '@yowasp/clang';

export interface CompileRequest {
  name: string;
  text: string;
  headers: Record<string, string>;
  flags: string[];
}
export type CompileAnswer =
  | { object?: Uint8Array; messages: string; ms: number }
  | { fetched: number }
  | { error: string };

self.onmessage = async ({ data }: MessageEvent<CompileRequest>) => {
  let answer: CompileAnswer;
  try {
    answer = data.name.endsWith('.wat') ? await assemble(data) : await compile(data);
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
};

async function assemble({ name, text }: CompileRequest): Promise<CompileAnswer> {
  const wabt = await (await import('wabt')).default();
  const begin = performance.now();
  // An object that can be linked: names of functions are symbols.
  const objectOf = (text: string) => {
    const module = wabt.parseWat(name, text, { exceptions: true, threads: true, tail_call: true, memory64: true });
    try {
      module.validate();
      return module.toBinary({ relocatable: true }).buffer;
    } finally {
      module.destroy();
    }
  };
  try {
    const object = objectOf(text);
    const answer = (better: Uint8Array) => ({ object: better, messages: '', ms: performance.now() - begin });
    const named = withNames(text);
    if (named === text) return answer(object);
    try {
      return answer(objectOf(named));
    } catch {
      return answer(object); // a function of that name is there already
    }
  } catch (error) {
    return { messages: error instanceof Error ? error.message : String(error), ms: performance.now() - begin };
  }
}

/** A function that has no name and is exported: in an object, wabt makes no symbol that could be exported of it. */
const unnamed = /\(\s*func(\s*)\(\s*export\s+"([\w!#$%&*+./:<=>?@^`|~-]+)"/g;

function withNames(text: string): string {
  return text.replaceAll(unnamed, '(func $$$2 $1(export "$2"');
}

/** The package exports it, and its types do not say so. */
type RunClang = (args: string[] | null, files: Tree, options: Parameters<Command>[2]) => Promise<Tree>;

let clang: Promise<RunClang> | undefined;

async function compile({ name, text, headers, flags }: CompileRequest): Promise<CompileAnswer> {
  clang ??= loadClang();
  const run = await clang.catch((error: unknown) => {
    clang = undefined;
    throw error;
  });
  const said: string[] = [];
  const decoder = new TextDecoder();
  const begin = performance.now();
  const isCxx = !name.endsWith('.c');
  const args = [
    isCxx ? 'clang++' : 'clang',
    ...(isCxx ? ['-fno-exceptions'] : []),
    ...flags,
    '-c',
    name,
    '-o',
    'object.o',
  ];
  const options = {
    stdout: null,
    stderr: (bytes: Uint8Array | null) => void (bytes && said.push(decoder.decode(bytes, { stream: true }))),
  };
  let object: Uint8Array | undefined;
  try {
    const files = await run(args, { ...headers, [name]: text }, options);
    object = files?.['object.o'] as Uint8Array | undefined;
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error; // it left with a code: it has said why
  }
  return { object, messages: said.join(''), ms: performance.now() - begin };
}

/** The compiler is stored compressed beside the page. What it fetches is unpacked as it arrives. */
async function loadClang(): Promise<RunClang> {
  // The worker's own place is `assets/` of the page, or the folder of sources when the page is developed.
  const place = new URL(import.meta.env.DEV ? '/clang/' : '../clang/', import.meta.url);
  const plainFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof URL ? input.href : input instanceof Request ? input.url : input;
    if (!url.startsWith(place.href) || url.endsWith('.js')) return plainFetch(input, init);
    const response = await plainFetch(`${url}.packed`, init);
    if (!response.ok || !response.body)
      throw new Error(`the compiler cannot be fetched: ${response.status} ${response.statusText}`);
    const type = url.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
    return new Response(await unpacked(response.body), { headers: { 'content-type': type } });
  };
  const bundle = (await import(/* @vite-ignore */ new URL('bundle.js', place).href)) as Record<
    'runClang' | 'runLLVM',
    RunClang
  >;
  // This fetches everything and runs nothing.
  const fetchProgress = ({ doneLength, totalLength }: { doneLength: number; totalLength: number }) =>
    self.postMessage({ fetched: Math.min(1, doneLength / totalLength) } satisfies CompileAnswer);
  await bundle.runLLVM(null, {}, { fetchProgress });
  return bundle.runClang;
}

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * The bytes say whether they are compressed. Their name and headers do not: some hosts send a compressed file with a
 * `Content-Encoding`, and then the browser has unpacked it already.
 */
async function unpacked(body: ReadableStream<Bytes>): Promise<ReadableStream<Bytes>> {
  const reader = body.getReader();
  let head: Bytes = new Uint8Array();
  while (head.length < 2) {
    const { done, value } = await reader.read();
    if (done) break;
    head = new Uint8Array([...head, ...value]);
  }
  const whole = new ReadableStream<Bytes>({
    start: (controller) => controller.enqueue(head),
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const isGzip = head[0] === 0x1f && head[1] === 0x8b;
  return isGzip ? whole.pipeThrough(new DecompressionStream('gzip')) : whole;
}
