// `npx weld`: the native program in Node. Arguments, text, files and exit codes are the same.
import { spawnSync } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Host } from './bridge.js';
import { instantiateHere, run, setMore } from './core.js';
import { formatMessages } from './diagnostics.js';
import { faultOf } from './engine.js';
import { moreWasm } from './load.js';
import { maySubcommand, runSubcommand } from './subcommands.js';

/** `argv` starts with the name that the program was called by. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const stdout = new OutputStream(1);
  const stderr = new OutputStream(2);
  let inputBytes = 0;
  const host: Host = {
    ...nodeFiles,
    read(file) {
      const content = nodeFiles.read(file);
      inputBytes += typeof content === 'string' ? 0 : content.length;
      return content;
    },
    out: (bytes) => stdout.write(bytes),
    err: (bytes) => stderr.write(bytes),
    validate: faultOf,
    report() {},
    phase() {},
    runProgram,
    sizePage: () => fs.readFileSync(new URL('./size.html', import.meta.url), 'utf8'),
  };
  const asked = argv.length === 1 ? [...argv, ''] : argv; // an empty one asks for a few words about what there is
  const outcome =
    (maySubcommand(asked) && (await runSubcommand(asked, host))) ||
    (await link(withAdapters(withVariable(argv)), host));
  if ('exitCode' in outcome) return stdout.failed ? 1 : outcome.exitCode;
  for (const text of formatMessages([outcome.crash.diagnostic(inputBytes)])) stderr.write(Buffer.from(`${text}\n`));
  return 1;
}

/** As wasm-ld, which makes no patches: where `--reproduce` is not given, the variable is it. */
function withVariable([name = '', ...args]: readonly string[]): string[] {
  const archive = process.env['LLD_REPRODUCE'];
  const isPatch = args[0] === 'patch' && !/wasm-ld|lld/.test(path.basename(name));
  return archive && !isPatch ? [name, `--reproduce=${archive}`, ...args] : [name, ...args];
}

/** Programs for WASI 0.1 become components with an adapter. This package of npm has them. */
function withAdapters(argv: readonly string[]): readonly string[] {
  const [name = '', ...args] = argv;
  const makesComponent = args.includes('--component') || path.basename(name) === 'wasm-component-ld';
  if (!makesComponent || args[0] === 'patch' || args.some((arg) => arg.startsWith('--wasi-adapters'))) return argv;
  const folders = [import.meta.url, path.resolve('package.json')].flatMap(
    (from) => createRequire(from).resolve.paths('@bytecodealliance/jco') ?? [],
  );
  const adapters = folders.map((folder) => path.join(folder, '@bytecodealliance/jco/lib')).find(fs.existsSync);
  return adapters === undefined ? argv : [name, `--wasi-adapters=${adapters}`, ...args];
}

/** As NativeFiles::run_program. Where `wasm-tools` is not installed, a package of npm does what it is asked for. */
function runProgram([program = '', ...args]: string[], input: Uint8Array) {
  const run = (file: string, args: string[]) => spawnSync(file, args, { input, maxBuffer: Infinity });
  let result = run(program, args);
  if (program === 'wasm-tools' && result.error && codeOf(result.error) === 'ENOENT' && hasTranspiler()) {
    const instead = fileURLToPath(new URL('./component_tool.js', import.meta.url));
    result = run(process.execPath, [instead, ...args.slice(1)]);
  }
  const { status, signal, error, stdout, stderr } = result;
  if (error && status === null && signal === null)
    return { exitCode: -1, output: new Uint8Array(0), errors: describeError(error) };
  const ending = signal ? `ended by the signal ${signal}` : '';
  return { exitCode: status ?? 128, output: stdout, errors: stderr.toString() + ending };
}

function hasTranspiler(): boolean {
  try {
    return Boolean(createRequire(import.meta.url).resolve('@bytecodealliance/jco-transpile/wasm-tools'));
  } catch {
    return false;
  }
}

async function link(argv: readonly string[], host: Host) {
  setMore({ read: () => new WebAssembly.Module(fs.readFileSync(moreWasm())) });
  await instantiateHere();
  const term = process.env['TERM'];
  const colors = process.stderr.isTTY && term && term !== 'dumb' ? 4 : 0;
  return run(argv, host, (process.stdout.isTTY ? 1 : 0) | (process.stderr.isTTY ? 2 : 0) | colors);
}

// Written at once, so that both streams stay in order when they go to one place.
class OutputStream {
  failed = false;
  constructor(private readonly fd: number) {}

  write(bytes: Uint8Array): void {
    if (this.failed) return;
    try {
      writeAll(this.fd, bytes);
    } catch {
      this.failed = true;
    }
  }
}

// What core/tool/native_files.cpp does, and the words of its errors.
const nodeFiles = {
  exists: (file: string) => fs.existsSync(file),
  stamp: () => 0,

  read(file: string): Uint8Array | string {
    try {
      return fs.readFileSync(file === '/dev/stdin' ? 0 : file); // which may be a socket
    } catch (error) {
      return describeError(error);
    }
  },

  list(directory: string): string[] {
    try {
      return fs.readdirSync(directory || '.').sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    } catch {
      return [];
    }
  },

  // A regular file is written beside its place and then moved there; a device or a pipe is written as it is.
  write: (file: string, bytes: Uint8Array, executable: boolean) =>
    attempt(() => {
      if (!isReplaced(file)) return writeInPlace(file, bytes);
      finishBeforeSignals();
      const destination = destinationOf(file);
      const temporary = `${destination}.tmp${process.pid.toString(36)}${Math.random().toString(36).slice(2, 8)}`;
      try {
        fs.writeFileSync(temporary, bytes, { mode: executable ? 0o777 : 0o666, flag: 'wx' });
        fs.renameSync(temporary, destination);
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    }),

  canWrite: (file: string) =>
    attempt(() => {
      if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw systemError('EISDIR');
      if (!isReplaced(file)) return fs.accessSync(file, fs.constants.W_OK);
      const directory = path.dirname(destinationOf(file));
      if (!fs.statSync(directory).isDirectory()) throw systemError('ENOTDIR');
      fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
    }),

  random: (bytes: Uint8Array) => attempt(() => randomFillSync(bytes)),

  absolutePath: (file: string) => (path.isAbsolute(file) ? file : `${process.cwd()}/${file}`),
};

/** What a path of an output names: links are written through, as compilers do, and stay links. */
function destinationOf(file: string): string {
  for (let links = 0; links < 40; links++) {
    try {
      file = path.resolve(path.dirname(file), fs.readlinkSync(file));
    } catch {
      break; // no link
    }
  }
  return file;
}

/** As native_files.cpp's `is_replaced`. */
function isReplaced(file: string): boolean {
  if (/^\/(dev|proc)\//.test(file)) return false;
  const info = fs.statSync(file, { throwIfNoEntry: false });
  return !info || info.isFile();
}

/** The open files of this process are taken as they are: a socket cannot be opened again. */
function writeInPlace(file: string, bytes: Uint8Array): void {
  const [, number = { '/dev/stdout': '1', '/dev/stderr': '2' }[file]] = /^\/dev\/fd\/(\d+)$/.exec(file) ?? [];
  const fd = number === undefined ? fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_TRUNC) : Number(number);
  try {
    writeAll(fd, bytes);
  } finally {
    if (number === undefined) fs.closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += fs.writeSync(fd, bytes, at);
    } catch (error) {
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a full pipe
    }
  }
}

let signalsWait = false;
/** From now on, a signal ends the program between two pieces of work, not while a file is half written. */
function finishBeforeSignals(): void {
  if (signalsWait) return;
  signalsWait = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.kill(process.pid, signal));
}

function attempt(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return describeError(error);
  }
  return undefined;
}

const systemErrors: Record<string, string> = {
  EACCES: 'Permission denied',
  EBUSY: 'Device or resource busy',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOMEM: 'Cannot allocate memory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
  ETXTBSY: 'Text file busy',
};

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';
const systemError = (code: string) => Object.assign(new Error(code), { code });

function describeError(error: unknown): string {
  return systemErrors[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}
