// @ts-check
// Adds up what the steps of a run counted. Fails when something failed, and when nothing was run.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { buildDir } from '../support/paths.mjs';

const logs = path.join(buildDir, 'logs');
const counts = readdirSync(logs)
  .filter((name) => name.endsWith('.count'))
  .map((name) => {
    const [passed = 0, failed = 0, skipped = 0, seconds = 0, cpu = 0] = readFileSync(path.join(logs, name), 'utf8')
      .split(' ')
      .map(Number);
    return { step: path.basename(name, '.count'), passed, failed, skipped, seconds, cpu };
  });
const sum = (/** @type {'passed' | 'failed' | 'skipped' | 'cpu'} */ what) =>
  counts.reduce((total, count) => total + count[what], 0);
console.log();
for (const { step, passed, failed, skipped, seconds, cpu } of counts)
  console.log(
    `${step.padEnd(20)} ${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''} (${seconds} s, ${cpu} s of CPU time)`,
  );
console.log(`${sum('cpu')} s of CPU time`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 ? 1 : 0;
