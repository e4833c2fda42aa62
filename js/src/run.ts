// The linker as a command that works on a tree of files, with the interface of `@yowasp/clang`'s commands: `run` takes
// the tree that its `clang -c` returns.
import { areTexts, checkKeys } from './check.js';
import { formatMessages } from './diagnostics.js';
import { bytesOf, FileSet } from './files.js';
import { Conversation, namesIn, performNow, type Answer, type Plan } from './link.js';
import { perform } from './perform.js';
import { maySubcommand, runSubcommand } from './subcommands.js';

/** A folder: its files (text or bytes) and folders by name. */
export interface Tree {
  [name: string]: Tree | string | Uint8Array;
}

/** The options of a command, as in `@yowasp/clang`. */
export interface RunOptions {
  /** Receives what is printed, then `null`. Default: the console, line by line. `null`: the output is dropped. */
  stdout?: ((bytes: Uint8Array | null) => void) | null;
  /** Receives errors and warnings, in the same way as `stdout`. */
  stderr?: ((bytes: Uint8Array | null) => void) | null;
  /** Return files as text if all their bytes are ASCII. Default: true. */
  decodeASCII?: boolean;
  /** Return the files instead of a promise. Call `await initialize()` first. */
  synchronously?: boolean;
  /** For compatibility with `@yowasp/clang`. Nothing is read from it. */
  stdin?: unknown;
  /** For compatibility with `@yowasp/clang`. It is never called. */
  fetchProgress?: unknown;
}

const optionNames = ['stdout', 'stderr', 'decodeASCII', 'synchronously', 'stdin', 'fetchProgress'];

/** Thrown by a command that failed. It has the exit code and the files. */
export class Exit extends Error {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static override readonly name = 'Exit';
  /** `Exit`. */
  override readonly name = 'Exit';
  constructor(
    /** The exit code. */
    readonly code: number,
    /** The tree, with what the command wrote. */
    readonly files: Tree,
  ) {
    super(`Exited with status ${code}`);
  }
}

/**
 * Runs a command on a tree of files. The first of `args` is the command, `wasm-ld` or `weld`. Subcommands such as `weld
 * inspect` and `weld size` work too, but not with `synchronously`. Returns the tree together with the files that the
 * command wrote. Paths are relative to the top of the tree, which is also `/`.
 *
 * @throws Exit if the command fails
 */
export function run(
  args: readonly string[],
  files: Tree | undefined,
  options: RunOptions & { synchronously: true },
): Tree;
export function run(args: readonly string[], files?: Tree, options?: RunOptions): Promise<Tree>;
export function run(args: readonly string[], files: Tree = {}, options: RunOptions = {}): Tree | Promise<Tree> {
  if (!areTexts(args))
    throw new TypeError('`run` takes an array of strings: the name of the command, then its arguments');
  checkKeys(options, 'the third argument of `run`', optionNames);
  const tree = new Set<string>();
  survey(files, '', tree);
  const plan: Plan = { argv: [...args], names: [], files: new FileSet((path) => fileIn(files, path)), tree };
  const finish = (answer: Answer) => end(answer, files, options);
  if (options.synchronously) {
    if (maySubcommand(args)) throw new TypeError(`\`${args[0]} ${args[1]}\` takes time: not \`synchronously\``);
    return finish(performNow(plan));
  }
  return (maySubcommand(args) ? look(plan) : perform(plan, {})).then(finish);
}

/** A subcommand; or a link of a file with such a name. */
async function look(plan: Plan): Promise<Answer> {
  const conversation = new Conversation(plan.files, undefined, plan.tree);
  const outcome = await runSubcommand(plan.argv, conversation.host);
  return outcome ? conversation.answer({ ...outcome, memoryBytes: 0 }) : perform(plan, {});
}

const command = (name: string) => (args: readonly string[], files?: Tree, options?: RunOptions) =>
  run([name, ...args], files, options);

/** The commands by name, like `commands` of `@yowasp/clang`: `{ ...commands, ...weld.commands }` links with weld. */
export const commands = { 'wasm-ld': command('wasm-ld'), weld: command('weld') };

function end(answer: Answer, before: Tree, options: RunOptions): Tree {
  let { exitCode = 1, stderr } = answer;
  if (answer.crash) stderr = encode(`${formatMessages([answer.crash]).join('\n')}\n`);
  print(answer.stdout, options.stdout);
  print(stderr, options.stderr);
  const files = copy(before, options.decodeASCII ?? true);
  for (const [path, bytes] of answer.written) put(files, path, (options.decodeASCII ?? true) ? textOf(bytes) : bytes);
  if (exitCode !== 0) throw new Exit(exitCode, files);
  return files;
}

function print(bytes: Uint8Array, to: RunOptions['stdout']): void {
  if (to === undefined) {
    if (bytes.length > 0) console.log(new TextDecoder().decode(bytes).replace(/\n$/, ''));
  } else if (to !== null) {
    if (bytes.length > 0) to(bytes);
    to(null);
  }
}

/** Notes the paths that are there: `main.o`, and of folders `src/`. */
function survey(tree: Tree, folder: string, paths: Set<string>): void {
  const isRecord = Object.prototype.toString.call(tree) === '[object Object]';
  if (!isRecord)
    throw new TypeError(
      `\`${folder || 'files'}\` must be ${folder && 'a string, a Uint8Array or '}an object with the files of a folder`,
    );
  paths.add(`${folder}/`);
  for (const [name, content] of Object.entries(tree)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (name.includes('/'))
      throw new TypeError(`\`${path}\`: a folder is an object of its own, as in \`{ src: { 'main.o': bytes } }\``);
    if (typeof content === 'string' || bytesOf(content, path)) paths.add(path);
    else survey(content as Tree, path, paths);
  }
}

function fileIn(tree: Tree, path: string): Uint8Array | undefined {
  let at: Tree[string] = tree;
  for (const name of namesIn(path)) {
    if (typeof at === 'string' || bytesOf(at)) throw new Error('Not a directory');
    if (!Object.hasOwn(at, name)) return undefined;
    at = (at as Tree)[name]!;
  }
  const bytes = typeof at === 'string' ? encode(at) : bytesOf(at);
  if (!bytes) throw new Error('Is a directory');
  return bytes;
}

function put(tree: Tree, path: string, content: string | Uint8Array): void {
  const names = namesIn(path);
  const last = names.pop()!;
  for (const name of names) tree = (Object.hasOwn(tree, name) ? tree[name] : add(tree, name, {})) as Tree;
  add(tree, last, content);
}

/** Also for `__proto__`. */
function add(tree: Tree, name: string, value: Tree[string]): Tree[string] {
  Object.defineProperty(tree, name, { value, configurable: true, enumerable: true, writable: true });
  return value;
}

function copy(tree: Tree, decode: boolean): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, content]) => {
      const bytes = bytesOf(content);
      if (bytes) return [name, decode ? textOf(bytes) : bytes];
      if (typeof content === 'string') return [name, decode ? content : encode(content)];
      return [name, copy(content as Tree, decode)];
    }),
  );
}

const encode = (text: string) => new TextEncoder().encode(text);

function textOf(bytes: Uint8Array): string | Uint8Array {
  const isText = bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13);
  return isText ? new TextDecoder().decode(bytes) : bytes;
}
