// A link in this thread: what was asked for becomes arguments and files, what the core reports becomes a result.
import { areTexts, checkKeys } from './check.js';
import { inOptions } from './advice.js';
import type { Host } from './bridge.js';
import { instantiateHere, loadMore, MoreNeeded, run, type Run } from './core.js';
import { copyOf } from './crash.js';
import { faultOf } from './engine.js';
import { bytesOf, FileSet, joined, kindOfLater, normalize } from './files.js';
import { nameOf } from './input_list.js';
import { argsOfOptions, metafileName } from './options.js';
import type { PatchReason, PatchResult } from './live_types.js';
import type { Diagnostic, Input, LinkRequest, LinkResult, LinkStats, OwnBytes, SymbolName } from './types.js';

/** Runs a plan in this thread, as often as it takes to know which files it needs. */
export async function performHere(
  plan: Plan,
  signal?: AbortSignal,
  onPhase?: (phase: string) => void,
): Promise<Answer> {
  const begin = performance.now();
  if (mayNeedMore(plan)) await loadMore().catch(() => {}); // a link that needs it says why it is not there
  await instantiateHere();
  plan.files.request(plan.names);
  for (let hasMore = false; ; ) {
    await plan.files.settle();
    signal?.throwIfAborted();
    try {
      const answer = runPlan(plan, onPhase);
      if (!plan.files.isWaiting) return { ...answer, total: performance.now() - begin };
    } catch (error) {
      if (!(error instanceof MoreNeeded) || hasMore) throw error;
      await loadMore();
      await instantiateHere();
      hasMore = true;
    }
  }
}

/**
 * Whether the arguments say that the link needs the second module. It is then loaded without running a link in vain.
 */
export const mayNeedMore = ({ argv }: Plan): boolean => argv.some((arg) => moreOptions.test(arg));

const moreOptions = new RegExp(
  `^(-r|-M|-O[sz]|-Bsymbolic|--?(${[
    ...['relocatable', 'emit-relocs', 'shared', 'pie', 'soname', 'icf(?!=none)', 'compress-relocations', 'wrap'],
    ...['metafile', 'Map', 'print-map', 'source-map', 'separate-dwarf', 'build-id(?!=none)', 'validate', 'reproduce'],
    ...['live', 'trace', 'print-gc-sections', 'why-extract', 'features', 'extra-features', 'help'],
  ].join('|')})\\b)`,
);

/** The same at once. */
export function performNow(plan: Plan): Answer {
  plan.files.waits = false;
  return runPlan(plan);
}

function runPlan({ argv, files, tree }: Plan, onPhase?: (phase: string) => void): Answer {
  const conversation = new Conversation(files, onPhase, tree);
  return conversation.answer(run(argv, conversation.host, 0));
}

/** What is to be run, with which files. */
export interface Plan {
  argv: string[];
  /** Inputs that are files by these names. */
  names: string[];
  files: FileSet;
  /**
   * The paths of the tree to which files are written; paths of folders end in `/`. If missing, every path can be
   * written.
   */
  tree?: ReadonlySet<string> | undefined;
}

export const requestNames = ['inputs', 'options', 'args', 'files'];
const inputNames = ['name', 'bytes', 'wholeArchive', 'lazy'];

export function makePlan(request: LinkRequest, kept?: FileSet): Plan {
  checkKeys(request, 'a link', requestNames);
  const files = kept ?? new FileSet(request.files);
  const args = request.args ?? [];
  if (!areTexts(args)) throw new TypeError('`args` must be an array of strings');
  const inputs = request.inputs ?? [];
  if (!Array.isArray(inputs)) throw new TypeError('`inputs` must be an array');
  // Arguments of a call, as `push` would have them, are limited to some ten thousand.
  const argv = ['weld', '-o', 'a.out.wasm', '--error-limit=0', ...argsOfOptions(request.options ?? {}), ...args];
  const names = new Set<string>();
  for (const input of inputs) argv.push(...argsOfInput(input, files, names));
  argv.push('-L.'); // the top of `files`, after the directories that were named
  return { argv, names: inputs.map(nameOf).filter((name) => !name.startsWith('-')), files };
}

function argsOfInput(entry: Input | string, files: FileSet, names: Set<string>): string[] {
  const input = typeof entry === 'string' ? { name: entry } : entry;
  if (bytesOf(input) || kindOfLater(input))
    throw new TypeError('an input is `{ name, bytes }`: of a File, `{ name: file.name, bytes: file }`');
  checkKeys(input, 'an input', inputNames);
  const { name, bytes, wholeArchive, lazy } = input as Input;
  if (typeof name !== 'string' || name === '')
    throw new TypeError('an input needs a `name`, which messages call it by');
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

/** As js/native/report_json.cpp writes it. */
export interface Report {
  outputPath: string;
  /** Of files that were asked for. */
  sourceMapPath?: string;
  debugFilePath?: string;
  diagnostics: Diagnostic[];
  stats: Omit<LinkStats, 'total' | 'memoryBytes'>;
  /** If a patch was asked for, and nothing went wrong. */
  patch?: { restart: PatchReason[]; kept: PatchReason[]; changed: SymbolName[] };
}

/** What came of a run, as it can go from a worker to its page. */
export interface Answer {
  /** Missing after a crash. */
  exitCode?: number;
  crash?: Diagnostic;
  memoryBytes: number;
  /** Milliseconds. */
  total: number;
  report: Report;
  /** Files by path. */
  written: Map<string, OwnBytes>;
  stdout: OwnBytes;
  stderr: OwnBytes;
}

/** Answers the core's questions during a link, and collects its output. */
export class Conversation {
  private begin = performance.now();
  private written = new Map<string, OwnBytes>();
  private readonly stdout: Uint8Array[] = [];
  private readonly stderr: Uint8Array[] = [];
  private report: Report | undefined;
  private readonly read = new Map<string, number>(); // how many bytes, by path
  private into: OwnBytes | undefined; // where the output may go
  hasChance = true; // whether there are random numbers

  constructor(
    private readonly files: FileSet,
    private readonly onPhase?: (phase: string) => void,
    private readonly tree?: ReadonlySet<string>,
  ) {}

  /** Before another link. */
  restart(into?: OwnBytes): void {
    this.begin = performance.now();
    this.into = into;
    this.written = new Map();
    this.stdout.length = this.stderr.length = 0;
    this.report = undefined;
  }

  readonly host: Host = {
    exists: (path) => {
      try {
        // The core looks for an archive's `.imports` file although no request named it.
        return this.files.get(path, !path.endsWith('.imports')) !== undefined || this.files.isAwaited(path);
      } catch {
        return false;
      }
    },
    read: (path) => {
      try {
        const bytes = this.files.get(path);
        this.read.set(path, bytes?.length ?? 0);
        return bytes ?? 'No such file or directory';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    list: (directory) => this.files.list(directory),
    stamp: (path) => this.files.stamp(path),
    write: (path, bytes, executable) => void this.written.set(path, executable ? this.placed(bytes) : copyOf(bytes)),
    canWrite: (path) => this.tree && whyNotIn(this.tree, path),
    random: (bytes) => (this.hasChance ? fillRandomly(bytes) : 'not yet'),
    absolutePath: (path) => (path.startsWith('/') ? path : `/${path}`),
    out: (bytes) => void this.stdout.push(copyOf(bytes)),
    err: (bytes) => void this.stderr.push(copyOf(bytes)),
    phase: (name) => {
      try {
        this.onPhase?.(name);
      } catch (error) {
        this.files.misuse ??= error; // which is thrown when the core is done
      }
    },
    validate: faultOf,
    report: (json) => void (this.report = JSON.parse(json) as Report),
  };

  /** The output's bytes, out of the core's memory. */
  private placed(bytes: Uint8Array): OwnBytes {
    if (!this.into || this.into.length < bytes.length) return copyOf(bytes);
    this.into.set(bytes);
    return this.into.subarray(0, bytes.length);
  }

  answer(outcome: Run): Answer {
    const { files, written } = this;
    const { misuse } = files;
    this.into = files.misuse = undefined;
    if (misuse) throw misuse;
    const [stdout, stderr] = [joined(this.stdout), joined(this.stderr)];
    const total = performance.now() - this.begin;
    const inputBytes = [...this.read.values()].reduce((sum, size) => sum + size, 0);
    const result = 'crash' in outcome ? { ...outcome, crash: outcome.crash.diagnostic(inputBytes) } : outcome;
    return { ...result, total, report: this.report ?? emptyReport(), written, stdout, stderr };
  }
}

/** Whether the caller writes options as on the command line. Advice then names them so. */
export const usesArgs = ({ args }: LinkRequest): boolean => args !== undefined;

/** An answer as `link` gives it. */
export function resultOf(answer: Answer, inArgs: boolean): LinkResult {
  const { report, written, memoryBytes, total } = answer;
  // Nanoseconds until here: whole numbers are easier to print.
  const { stats, diagnostics, outputPath } = report;
  for (const phase of Object.keys(stats.phases)) stats.phases[phase]! /= 1e6;
  if (!inArgs) for (const note of diagnostics.flatMap(({ notes }) => notes)) note.text = inOptions(note.text);
  const common = { diagnostics, stats: { ...stats, memoryBytes, total } };
  if (answer.crash) return { ok: false, ...common, diagnostics: [answer.crash], stdout: '', files: {} };

  const toStdout = outputPath === '-';
  const take = (path: string | undefined) => {
    const bytes = written.get(path ?? '');
    written.delete(path ?? '');
    return bytes;
  };
  const output = toStdout ? answer.stdout : take(outputPath);
  const metafile = take(metafileName);
  const sourceMap = take(report.sourceMapPath);
  const debugFile = take(report.debugFilePath);
  const stdout = toStdout ? '' : new TextDecoder().decode(answer.stdout);
  const rest = {
    ...common,
    stdout,
    files: Object.fromEntries(written),
    ...(metafile && { metafile }),
    ...(sourceMap && { sourceMap }),
    ...(debugFile && { debugFile }),
  };
  return answer.exitCode === 0 && output ? { ok: true, output, ...rest } : { ok: false, ...rest };
}

/** An answer as `patch` gives it: what was written is a patch or a new program, or nothing has changed. */
export function patchResultOf(answer: Answer, inArgs: boolean): PatchResult {
  const { patch } = answer.report;
  const { output, diagnostics, stats } = resultOf(answer, inArgs);
  if (answer.exitCode !== 0 || !patch) return { ok: false, diagnostics, stats };
  const { restart, kept, changed } = patch;
  for (const reason of restart) reason.text = inOptions(reason.text); // only the API has `live`
  if (restart.length > 0 && output) return { ok: true, restart, output, diagnostics, stats };
  return { ok: true, ...(output && { patch: output }), changed, kept, diagnostics, stats };
}

/** The names on the way to a file in a tree, whose top is `/`. */
export function namesIn(path: string): string[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return names;
}

function whyNotIn(tree: ReadonlySet<string>, path: string): string | undefined {
  const paths = namesIn(path).map((_, i, names) => names.slice(0, i + 1).join('/'));
  if (path.endsWith('/') || tree.has(`${paths.pop() ?? ''}/`)) return 'Is a directory';
  return paths.some((path) => tree.has(path)) ? 'Not a directory' : undefined;
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
