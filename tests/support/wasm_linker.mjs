// @ts-check
// A process that links with the package, one link after the other: a process for each link takes longer than the link.
// The package keeps its memory between links, so that what one link leaves behind would show in the next. And one that links
// with the program for WASI, which is compiled once, and starts with new memory for each link.
//
// As a program it is that process: node wasm_linker.mjs SCRIPT, where SCRIPT is the package's bin/weld.mjs.
import { fork, spawn } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { patience } from './tier.mjs';

/**
 * @typedef {import('./processes.mjs').Outcome} Outcome
 * @typedef {{argv: string[], cwd: string}} Job
 * @typedef {{job: Job, timeout: number, resolve(outcome: Outcome): void}} Waiting
 *
 * @typedef {object} Started
 * @property {import('node:child_process').ChildProcess} child emits `message` with what came of a link
 * @property {(job: Job) => void} send
 * @property {(isBusy: boolean) => void} hold whether this process waits for that one
 */

const here = fileURLToPath(import.meta.url);

/** @param {string} script @returns {Started} */
export function startPackage(script) {
  // One link is too short for V8's second compiler.
  const child = fork(here, [script], { execArgv: ['--liftoff-only', '--no-warnings'], serialization: 'advanced' });
  return {
    child,
    send: (job) => void child.send(job),
    hold(isBusy) {
      child[isBusy ? 'ref' : 'unref']();
      child.channel?.[isBusy ? 'ref' : 'unref']();
    },
  };
}

/** @param {string} python with the package `wasmtime` @param {string} wasm @returns {Started} */
export function startWasi(python, wasm) {
  const script = path.join(path.dirname(here), '../python/wasi_linker.py');
  const child = spawn(python, [script, wasm], { stdio: ['pipe', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', (line) => child.emit('message', JSON.parse(line)));
  const sockets = /** @type {import('node:net').Socket[]} */ (/** @type {unknown} */ ([child.stdin, child.stdout]));
  return {
    child,
    send: (job) => void child.stdin.write(`${JSON.stringify(job)}\n`),
    hold: (isBusy) => [child, ...sockets].forEach((one) => one[isBusy ? 'ref' : 'unref']()),
  };
}

/** The links of one process, which is started for the first of them and again when it ended. */
export class WasmLinker {
  /** @param {() => Started} start */
  constructor(start) {
    this.start = start;
    /** @type {Waiting[]} */
    this.waiting = [];
    /** @type {Started | undefined} */
    this.started = undefined;
    this.isBusy = false;
  }

  /**
   * @param {string[]} argv begins with the name by which the linker is called
   * @param {{cwd: string, timeout: number}} options
   * @returns {Promise<Outcome>}
   */
  link(argv, { cwd, timeout }) {
    return new Promise((resolve) => {
      this.waiting.push({ job: { argv, cwd }, timeout, resolve });
      this.#next();
    });
  }

  #next() {
    const next = this.isBusy ? undefined : this.waiting.shift();
    if (!next) return;
    this.isBusy = true;
    const { child, send, hold } = (this.started ??= this.start());
    hold(true);
    const timer = setTimeout(() => child.kill('SIGKILL'), patience * next.timeout);
    /** @param {Outcome} outcome */
    const finish = (outcome) => {
      clearTimeout(timer);
      child.off('message', finish).off('exit', died);
      hold(false); // nobody waits for it: this process may end
      this.isBusy = false;
      next.resolve(outcome);
      this.#next();
    };
    /** @param {number | null} code @param {string | null} signal */
    const died = (code, signal) => {
      this.started = undefined;
      finish({ code: signal ?? code ?? -1, stdout: '', stderr: 'the linker ended' });
    };
    child.on('message', finish).on('exit', died);
    send(next.job);
  }
}

/** @param {string} script */
async function serve(script) {
  const { main } = await import(String(pathToFileURL(path.join(path.dirname(script), '../dist/cli.js'))));
  /** @type {Buffer[][]} */
  const written = [];
  const { writeSync } = fs;
  // What the package writes to its two streams, it writes at once and by this.
  fs.writeSync = /** @type {typeof fs.writeSync} */ (
    (/** @type {number} */ fd, /** @type {any} */ bytes, /** @type {any[]} */ ...rest) => {
      if (fd !== 1 && fd !== 2) return writeSync(fd, bytes, ...rest);
      const [offset = 0] = rest;
      written[fd]?.push(Buffer.from(bytes.subarray(offset)));
      return bytes.length - offset;
    }
  );
  syncBuiltinESMExports();
  process.on('message', async (/** @type {Job} */ { argv, cwd }) => {
    written[1] = [];
    written[2] = [];
    process.chdir(cwd);
    const code = await main(argv);
    const [stdout, stderr] = written.slice(1).map((parts) => Buffer.concat(parts).toString());
    process.send?.({ code, stdout, stderr });
  });
}

if (process.argv[1] === here && process.argv[2]) await serve(process.argv[2]);
