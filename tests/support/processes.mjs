// @ts-check
// Running programs.
import { spawn } from 'node:child_process';
import { patience } from './tier.mjs';

/**
 * @typedef {object} Outcome
 * @property {number | string} code exit code, or the name of the signal that ended the program
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end. Never throws for what the program does; a program that takes too long is killed and
 * ends with the signal's name.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, stdin?: string | Uint8Array, argv0?: string, timeout?: number}} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      argv0: options.argv0,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    /** @type {Buffer[]} */
    const out = [];
    /** @type {Buffer[]} */
    const err = [];
    const limit = patience * (options.timeout ?? 300_000); // compilers need it on a busy machine
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, limit);
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.on('error', () => {}); // the program may end before it has read everything
    child.stdin.end(options.stdin ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code: signal ?? code ?? -1,
        stdout: Buffer.concat(out).toString(),
        stderr:
          Buffer.concat(err).toString() + (isLate ? `\n(killed, as it did not end within ${limit / 1000} s)\n` : ''),
      });
    });
  });
}

/**
 * Runs a program that has to succeed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export async function runOrThrow(command, args, options) {
  const outcome = await run(command, args, options);
  if (outcome.code !== 0) {
    const said = (outcome.stderr + outcome.stdout).slice(0, 4000);
    throw new Error(`${command} ${args.join(' ')}\nended with ${outcome.code}\n${said}`);
  }
  return outcome;
}
