// @ts-check
// One link by a wasm-ld and by every form of weld: the same bytes, the same exit code and the same words.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { cachedValue, hash } from './content_cache.mjs';
import { explainDifference } from './explain_difference.mjs';
import { reference, welds } from './linkers.mjs';
import { scratchDir } from './paths.mjs';
import { validate } from './validate.mjs';
import { withoutSegmentFlags } from './wasm_module.mjs';

/**
 * What a link came to. The output's bytes are remembered by their hash alone, which leaves out the flags of the segments
 * of an object: wasm-ld forgets them.
 *
 * @typedef {{code: number | string, stdout: string, stderr: string, output: string}} Result
 * @typedef {import('./linkers.mjs').CalledAs} CalledAs
 */

/**
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {string[]} args
 * @param {string} folder
 * @param {CalledAs} as
 * @returns {Promise<Result>}
 */
async function link(linker, args, folder, as) {
  if (!linker.identity) return linkNow(linker, args, folder, as);
  const key = hash(await linker.identity(), as, JSON.stringify(args));
  return cachedValue('linked', key, () => linkNow(linker, args, folder, as));
}

/** @type {typeof link} */
async function linkNow(linker, args, folder, as) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outcome = await linker.link(args, { cwd: folder, as });
  const file = outputOf(args, folder);
  const output = existsSync(file)
    ? createHash('sha256')
        .update(withoutSegmentFlags(readFileSync(file)))
        .digest('hex')
    : 'none';
  return { ...outcome, output };
}

/**
 * @param {string[]} args
 * @param {string} folder
 */
function outputOf(args, folder) {
  return path.join(folder, args[args.length - 1]);
}

/**
 * Fails with a report when two results differ; the files that differ stay in the step's folder `differences`.
 *
 * @param {string} title
 * @param {Result} expected
 * @param {Result} actual
 * @param {() => Promise<[string, string]>} files makes the two outputs available, and says where
 */
async function assertSame(title, expected, actual, files) {
  assert.deepEqual(
    { code: actual.code, stdout: actual.stdout, stderr: actual.stderr },
    { code: expected.code, stdout: expected.stdout, stderr: expected.stderr },
  );
  if (actual.output === expected.output) return;
  assert.notEqual(actual.output, 'none', `${title}: there is no output`);
  assert.notEqual(expected.output, 'none', `${title}: there is an output, none was expected`);
  const [one, two] = await files();
  assert.fail(
    `${title}\n  - ${one}\n  + ${two}\n${explainDifference(withoutSegmentFlags(readFileSync(one)), withoutSegmentFlags(readFileSync(two)))}`,
  );
}

/**
 * @param {string[]} args the output's name comes last
 * @param {string} name of a folder for the files, which stays when something differs
 * @param {import('./linkers.mjs').Reference} [wasmLd] which weld is called as, too
 * @param {boolean} [isValid] for validators, some of which know less than the linkers
 */
export async function compareLinks(args, name, wasmLd = reference, isValid = true) {
  const folder = path.join(scratchDir, name);
  /** @param {string} linker */
  const folderOf = (linker) => path.join(folder, linker);

  const expected = await link(wasmLd, args, folderOf(wasmLd.name), wasmLd.as);
  for (const weld of welds) {
    const actual = await link(weld, args, folderOf(weld.name), wasmLd.as);
    await assertSame(`${weld.name} differs from ${wasmLd.name}`, expected, actual, async () => {
      for (const linker of [wasmLd, weld]) await linkNow(linker, args, folderOf(linker.name), wasmLd.as);
      return [outputOf(args, folderOf(wasmLd.name)), outputOf(args, folderOf(weld.name))];
    });
    const file = outputOf(args, folderOf(weld.name));
    if (isValid && existsSync(file)) assert.equal(await validate(readFileSync(file)), '');
  }
  rmSync(folder, { recursive: true, force: true });
  return expected;
}
