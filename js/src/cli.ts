// `npx weld`: the native program in Node. Arguments, text, files and exit codes are the same.
import { randomFillSync } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { instantiateHere, run } from './core.js';
import { formatMessages } from './diagnostics.js';
import type { Host } from './instance.js';
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
    report() {},
    phase() {},
  };
  const outcome = (maySubcommand(argv) && (await runSubcommand(argv, host))) || (await link(argv, host));
  if ('exitCode' in outcome) return stdout.failed ? 1 : outcome.exitCode;
  for (const text of formatMessages([outcome.crash.diagnostic(inputBytes)])) stderr.write(Buffer.from(`${text}\n`));
  return 1;
}

async function link(argv: readonly string[], host: Host) {
  await instantiateHere();
  const hasColors = Boolean(process.env['TERM']) && process.env['TERM'] !== 'dumb' && process.stderr.isTTY;
  return run(argv, host, hasColors);
}

// Written at once, so that both streams stay in order when they go to one place.
class OutputStream {
  failed = false;
  constructor(private readonly fd: number) {}

  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.failed; ) {
      try {
        at += fs.writeSync(this.fd, bytes, at);
      } catch (error) {
        if (codeOf(error) === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // a full pipe
        else this.failed = true;
      }
    }
  }
}

// What core/tool/native_files.cpp does, and the words of its errors.
const nodeFiles = {
  exists: (file: string) => fs.existsSync(file),
  stamp: () => 0,

  read(file: string): Uint8Array | string {
    try {
      return fs.readFileSync(file);
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
      const info = fs.statSync(file, { throwIfNoEntry: false });
      if (info && !info.isFile()) return fs.writeFileSync(file, bytes, { flag: fs.constants.O_WRONLY as unknown as string });
      const temporary = `${file}.tmp${process.pid.toString(36)}${Math.random().toString(36).slice(2, 8)}`;
      try {
        fs.writeFileSync(temporary, bytes, { mode: executable ? 0o777 : 0o666, flag: 'wx' });
        fs.renameSync(temporary, file);
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    }),

  canWrite: (file: string) =>
    attempt(() => {
      const info = fs.statSync(file, { throwIfNoEntry: false });
      if (info?.isDirectory()) throw systemError('EISDIR');
      if (info && !info.isFile()) return fs.accessSync(file, fs.constants.W_OK);
      const directory = path.dirname(file);
      if (!fs.statSync(directory).isDirectory()) throw systemError('ENOTDIR');
      fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
    }),

  random: (bytes: Uint8Array) => attempt(() => randomFillSync(bytes)),

  absolutePath: (file: string) => (path.isAbsolute(file) ? file : `${process.cwd()}/${file}`),
};

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
