// One link: what was asked for becomes arguments and files, what the core reports becomes a result.
import { initialize, run, type Run } from './core.js';
import { FileSet, isBlob, normalize } from './files.js';
import type { Host } from './instance.js';
import { argsOfOptions, metafileName, suggestion } from './options.js';
import type { Content, Diagnostic, Input, LinkRequest, LinkResult, LinkStats } from './types.js';

/** Links. Where the linker's module is not loaded yet, it is loaded first. */
export async function link(request: LinkRequest): Promise<LinkResult> {
  checkKeys(request, 'a link', requestNames);
  const plan = makePlan(await readBlobs(request));
  await initialize();
  return execute(plan);
}

/** As `link`, after `await initialize()`. */
export function linkSync(request: LinkRequest): LinkResult {
  return execute(makePlan(request));
}

export interface Plan {
  argv: string[];
  files: FileSet;
}

export const requestNames = ['inputs', 'options', 'args', 'files'];
const inputNames = ['name', 'bytes', 'wholeArchive', 'lazy'];

export function makePlan(request: LinkRequest, files = new FileSet(request.files)): Plan {
  checkKeys(request, 'a link', requestNames);
  const args = request.args ?? [];
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === 'string'))
    throw new TypeError('`args` must be an array of strings');
  const inputs = request.inputs ?? [];
  if (!Array.isArray(inputs)) throw new TypeError('`inputs` must be an array');
  const argv = ['weld', '-o', 'a.out.wasm', '--error-limit=0'];
  argv.push(...argsOfOptions(request.options ?? {}), ...args);
  const names = new Set<string>();
  for (const input of inputs) argv.push(...argsOfInput(input, files, names));
  argv.push('-L.'); // the top of `files`, after the directories that were named
  return { argv, files };
}

function argsOfInput(entry: Input | string, files: FileSet, names: Set<string>): string[] {
  const input = typeof entry === 'string' ? { name: entry } : entry;
  checkKeys(input, 'an input', inputNames);
  const { name, bytes, wholeArchive, lazy } = input as Input;
  if (typeof name !== 'string' || name === '') throw new TypeError('an input needs a `name`, which messages call it by');
  const isLibrary = /^-l./.test(name);
  if (/^[-@]/.test(name) && (!isLibrary || bytes !== undefined))
    throw new TypeError(`an input cannot be named \`${name}\`: arguments of other kinds belong to \`args\``);
  if (bytes !== undefined) {
    if (names.has(normalize(name)))
      throw new TypeError(`two inputs are named \`${name}\`: their names tell inputs apart, so they must differ`);
    names.add(normalize(name));
    if (!files.hasInput(name)) files.addInput(name, bytes);
  }
  const args = [name];
  if (wholeArchive) args.unshift('--whole-archive'), args.push('--no-whole-archive');
  if (lazy) args.unshift('--start-lib'), args.push('--end-lib');
  return args;
}

export function checkKeys(value: unknown, what: string, known: string[]): void {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${what} must be an object`);
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw new TypeError(`${what} has no \`${key}\`${suggestion(key, known)}`);
}

export async function readBlobs(request: LinkRequest): Promise<LinkRequest> {
  const read = async <T>(content: T) => (isBlob(content) ? new Uint8Array(await content.arrayBuffer()) : content);
  const ready = { ...request };
  if (Array.isArray(request.inputs))
    ready.inputs = await Promise.all(
      request.inputs.map(async (input: Input | string) =>
        isBlob((input as Input | undefined)?.bytes) ? { ...(input as Input), bytes: await read((input as Input).bytes!) } : input,
      ),
    );
  if (typeof request.files === 'object' && request.files !== null) {
    const entries = Object.entries(request.files).map(async ([path, content]) => [path, await read(content)] as const);
    ready.files = Object.fromEntries<Content>(await Promise.all(entries));
  }
  return ready;
}

/** As js/native/report_json.cpp writes it. */
interface Report {
  outputPath: string;
  diagnostics: Diagnostic[];
  stats: Omit<LinkStats, 'total' | 'memoryBytes'>;
}

function execute({ argv, files }: Plan): LinkResult {
  const conversation = new Conversation(files);
  return conversation.result(run(argv, conversation.host, false));
}

/** What goes between us and the core during a link, and what comes of it. */
export class Conversation {
  private begin = performance.now();
  private readonly written = new Map<string, Uint8Array>();
  private readonly stdout: Uint8Array[] = [];
  private report: Report | undefined;

  constructor(private readonly files: FileSet) {}

  /** Before another link. */
  restart(): void {
    this.begin = performance.now();
    this.written.clear();
    this.stdout.length = 0;
    this.report = undefined;
  }

  readonly host: Host = {
    exists: (path) => {
      try {
        return this.files.get(path) !== undefined;
      } catch {
        return false;
      }
    },
    read: (path) => {
      try {
        return this.files.get(path) ?? 'No such file or directory';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    list: (directory) => this.files.list(directory),
    stamp: (path) => this.files.stamp(path),
    write: (path, bytes) => void this.written.set(path, bytes.slice()),
    canWrite: () => undefined,
    random: fillRandomly,
    absolutePath: (path) => (path.startsWith('/') ? path : `/${path}`),
    out: (bytes) => void this.stdout.push(bytes.slice()),
    err() {}, // it says in text what the report says in data
    report: (json) => void (this.report = JSON.parse(json) as Report),
  };

  result(outcome: Run): LinkResult {
    const { files, written, stdout } = this;
    if (files.misuse) throw files.misuse;

    // Nanoseconds until here: whole numbers are easier to print.
    const { stats, diagnostics, outputPath } = this.report ?? emptyReport();
    for (const phase of Object.keys(stats.phases)) stats.phases[phase]! /= 1e6;
    const { memoryBytes } = outcome;
    const common = { diagnostics, stats: { ...stats, memoryBytes, total: performance.now() - this.begin } };
    if ('crash' in outcome) return { ok: false, ...common, diagnostics: [internalError(outcome.crash)], stdout: '', files: {} };

    let output = written.get(outputPath);
    written.delete(outputPath);
    if (outputPath === '-') output = joined(stdout.splice(0));
    const metafile = written.get(metafileName);
    written.delete(metafileName);
    const rest = {
      ...common,
      stdout: new TextDecoder().decode(joined(stdout)),
      files: Object.fromEntries(written),
      ...(metafile && { metafile }),
    };
    return outcome.exitCode === 0 && output ? { ok: true, output, ...rest } : { ok: false, ...rest };
  }
}

function fillRandomly(bytes: Uint8Array): string | undefined {
  if (typeof crypto !== 'object') return 'there is no `crypto` here'; // Node 18
  crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
  return undefined;
}

function emptyReport(): Report {
  return {
    outputPath: '',
    diagnostics: [],
    stats: { phases: {}, objects: 0, parsed: 0, rewritten: 0, inputBytes: 0, outputBytes: 0 },
  };
}

function joined(chunks: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** The core crashed: out of memory, or a mistake of ours. */
export function internalError(crash: Error): Diagnostic {
  const outOfMemory = /OOM|memory/i.test(crash.message);
  const what = outOfMemory ? 'out of memory: the linker needs more than WebAssembly can have' : crash.message;
  return {
    id: 'internal',
    severity: 'error',
    text: `internal: ${what}`,
    arguments: [what],
    notes: outOfMemory ? [] : ['this is a mistake in weld: please report it, with the inputs if you can'],
  };
}
