// Links in a worker, so that they do not block the caller. This is the caller's side; worker.ts is the worker's.
import { configure, instantiateHere, load, loadMore, usesWorker, workerCount } from './core.js';
import { type Answer, mayNeedMore, type Plan } from './link.js';
import { leftBehind, nodeModule } from './load.js';
import type { InitializeOptions, LinkControl } from './types.js';

/** @internal */
export type ToWorker =
  | { kind: 'start'; module: WebAssembly.Module }
  | {
      kind: 'link';
      argv: string[];
      names: string[];
      known: string[];
      inputs: [string, Uint8Array | Blob][];
      tree: Plan['tree'];
      tells: boolean;
    }
  | { kind: 'file'; path: string; bytes?: Uint8Array | undefined; error?: unknown }
  | { kind: 'more'; module?: WebAssembly.Module; error?: string };
/** @internal */
export type FromWorker =
  | { kind: 'ready' }
  | { kind: 'ask'; path: string }
  | { kind: 'more' }
  | { kind: 'phase'; phase: string }
  | { kind: 'answer'; answer: Answer }
  | { kind: 'error'; error: unknown };

interface Control extends LinkControl {
  onPhase?: ((phase: string) => void) | undefined;
}

/**
 * Sets where weld's modules come from and whether links use workers, and loads both modules and the workers. Calling it
 * is only required before `linkSync`: `link` loads what it needs, by default from beside the package's code. If
 * `weld-more.wasm` cannot be loaded, the calls that need it throw, and say why.
 */
export async function initialize(options: InitializeOptions = {}): Promise<void> {
  configure(options);
  if (usesWorker()) while (lanes.length < workerCount()) free(newLane());
  const more = loadMore().catch(() => {}); // who needs it is told
  await load();
  await more;
  const ports = await Promise.all(lanes.map(({ worker }) => worker));
  if (!ports.some((port) => port)) await instantiateHere();
}

/** A worker, which does one link at a time. It is another one after it has failed. */
interface Lane {
  worker: Promise<Port | undefined>;
}
const lanes: Lane[] = [];
const idle: Lane[] = [];
const waiting: ((lane: Lane) => void)[] = []; // only if none is idle

function newLane(): Lane {
  const lane = { worker: openWorker() };
  lanes.push(lane);
  return lane;
}

function freeLane(): Lane | Promise<Lane> {
  return idle.pop() ?? (lanes.length < workerCount() ? newLane() : new Promise((resolve) => waiting.push(resolve)));
}

function free(lane: Lane): void {
  const next = waiting.shift();
  if (next) next(lane);
  else idle.push(lane);
}

/** @internal Runs a plan in a worker, when one is free of what was asked for before; undefined when there can be no worker. */
export async function performInWorker(plan: Plan, control: Control): Promise<Answer | undefined> {
  const lane = await freeLane();
  try {
    return await performIn(lane, plan, control);
  } finally {
    free(lane);
  }
}

async function performIn(lane: Lane, plan: Plan, control: Control): Promise<Answer | undefined> {
  control.signal?.throwIfAborted();
  if (mayNeedMore(plan)) loadMore().catch(() => {}); // the worker asks for it
  const module = await load();
  let port = await lane.worker;
  if (port?.hasFailed) port = await (lane.worker = openWorker());
  if (!port) return undefined; // for good: it would not be there the next time either
  if (!port.isStarted) port.post({ kind: 'start', module });
  port.isStarted = true;
  let stop: (() => void) | undefined;
  try {
    return await new Promise((resolve, reject) => {
      control.signal?.throwIfAborted();
      control.signal?.addEventListener('abort', (stop = () => reject(control.signal?.reason)));
      converse(port, plan, control, resolve, reject);
    });
  } catch (error) {
    // The worker may be in the middle of a link, or may have ended. The next worker is started before it is needed.
    if (port.isBusy || port.hasFailed) {
      port.end();
      lane.worker = openWorker();
    }
    throw error;
  } finally {
    if (stop) control.signal?.removeEventListener('abort', stop);
    port.rest();
  }
}

/** Sends a plan, and answers until it is done. */
function converse(
  port: Port,
  { argv, names, files, tree }: Plan,
  { onPhase, transfer }: Control,
  resolve: (answer: Answer) => void,
  reject: (error: unknown) => void,
): void {
  port.onError = reject;
  const answerFor = async (path: string) => {
    try {
      // The caller keeps what it has. A view is sent with the whole of its buffer, so it is not.
      const bytes = (await files.getLater(path))?.slice();
      port.post({ kind: 'file', path, bytes }, bytes ? [bytes.buffer] : []);
    } catch (error) {
      port.post({ kind: 'file', path, error: error instanceof Error ? error.message : String(error) });
    }
  };
  const sendMore = () =>
    loadMore().then(
      (module) => port.post({ kind: 'more', module }),
      (error: unknown) => port.post({ kind: 'more', error: error instanceof Error ? error.message : String(error) }),
    );
  port.onMessage = (message) => {
    port.isBusy = message.kind !== 'answer' && message.kind !== 'error';
    try {
      if (message.kind === 'ask') void answerFor(message.path);
      else if (message.kind === 'more') void sendMore();
      else if (message.kind === 'phase') onPhase?.(message.phase);
      else if (message.kind === 'error') reject(message.error);
      else if (message.kind === 'answer') files.misuse ? reject(files.misuse) : resolve(message.answer);
    } catch (error) {
      reject(error); // of `onProgress`
    }
  };
  const moved: Transferable[] = [];
  // Node cannot send Blobs that are files. The worker asks for what it was not sent.
  const sent = [...files.given()].filter(
    ([, content]) => typeof Worker === 'function' || content instanceof Uint8Array,
  );
  const inputs = sent.map(([name, content]): [string, Uint8Array | Blob] => {
    if (!(content instanceof Uint8Array)) return [name, content]; // a Blob is not copied
    const mayMove = transfer && content.buffer instanceof ArrayBuffer && content.length === content.buffer.byteLength;
    const bytes = mayMove && !moved.includes(content.buffer) ? content : content.slice();
    moved.push(bytes.buffer as ArrayBuffer);
    return [name, bytes];
  });
  port.post({ kind: 'link', argv, names, known: files.known(), inputs, tree, tells: onPhase !== undefined }, moved);
  port.isBusy = true;
}

/** A worker as all kinds of them are. */
interface Port {
  post(message: ToWorker, transfer?: Transferable[]): void;
  end(): void;
  /** There is nothing to wait for: a program may end. */
  rest(): void;
  onMessage: (message: FromWorker) => void;
  onError: (error: Error) => void;
  isStarted: boolean; // it has the module
  isBusy: boolean; // with a link
  hasFailed: boolean; // it threw, or has ended
}

async function openWorker(): Promise<Port | undefined> {
  try {
    const made = makeWorker(usesWorker());
    // The listeners must be added at once: Deno delivers the messages of a fast worker before the next promise settles.
    return await (made instanceof Promise ? made.then(portOf) : portOf(made));
  } catch {
    return undefined; // no workers here, or none of this file: a policy, another origin, a bundler
  }
}

/** Resolves when the worker says that it is ready. */
function portOf(made: unknown): Promise<Port> {
  // Node's has `on` and `unref`, Bun's `unref`.
  const worker = made as Worker & {
    on?(event: string, listener: (value: never) => void): void;
    ref?(): void;
    unref?(): void;
  };
  return new Promise((resolve, reject) => {
    const port: Port = {
      post(message, transfer = []) {
        worker.ref?.();
        worker.postMessage(message, transfer);
      },
      end: () => void worker.terminate(),
      rest: () => worker.unref?.(),
      onMessage: () => (port.rest(), resolve(port)), // "ready"
      onError: reject,
      isStarted: false,
      isBusy: false,
      hasFailed: false,
    };
    const hear = (message: FromWorker) => port.onMessage(message);
    const fail = (message = 'the worker of weld failed') => {
      port.hasFailed = true;
      port.onError(new Error(message));
    };
    const end = () => fail('the worker of weld ended before its link did');
    if (worker.on) {
      worker.on('message', hear);
      worker.on('error', (error: Error) => fail(error.message));
      worker.on('exit', end);
    } else {
      worker.addEventListener('message', ({ data }) => hear(data as FromWorker));
      worker.addEventListener('messageerror', () => fail());
      worker.addEventListener('error', (event) => (event.preventDefault(), fail(event.message || undefined)));
      worker.addEventListener('close', end); // Bun's; in pages and in Deno nothing tells of an end
    }
  });
}

/** A worker, or a promise of one. */
function makeWorker(setting: InitializeOptions['worker']): unknown {
  if (typeof setting === 'function') return setting();
  if (typeof Worker === 'undefined') {
    const node = nodeModule('node:worker_threads') as Promise<typeof import('node:worker_threads')>;
    return node.then(
      ({ Worker }) => new Worker(typeof setting === 'boolean' ? new URL('./worker.js', import.meta.url) : setting!),
    );
  }
  if (setting !== undefined && typeof setting !== 'boolean') return new Worker(setting, { type: 'module' });
  const worker = leftBehind('worker.js');
  if (worker) return worker.then((url) => new Worker(url, { type: 'module' }));
  try {
    // Bundlers know this pattern and make a file of the worker.
    return new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  } catch {
    // The package comes from another origin: a content delivery network.
    const base = import.meta.url;
    const text = `import ${JSON.stringify(new URL('./worker.js', base).href)};`;
    return new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' });
  }
}
