// @ts-check
// One link by wasm-ld and by every form of weld: the same bytes, the same exit code and the same words.
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
 * of an object: wasm-ld 19 forgets them.
 *
 * @typedef {{code: number | string, stdout: string, stderr: string, output: string}} Result
 */

/**
 * @param {import('../support/linkers.mjs').Linker} linker
 * @param {string[]} args
 * @param {string} folder
 * @returns {Promise<Result>}
 */
async function link(linker, args, folder) {
  if (!linker.identity) return linkNow(linker, args, folder);
  const key = hash(await linker.identity(), JSON.stringify(args));
  return cachedValue('linked', key, () => linkNow(linker, args, folder));
}

/** @type {typeof link} */
async function linkNow(linker, args, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const outcome = await linker.link(args, { cwd: folder });
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
 */
export async function compareLinks(args, name) {
  const folder = path.join(scratchDir, name);
  /** @param {string} linker */
  const folderOf = (linker) => path.join(folder, linker);

  const expected = await link(reference, args, folderOf(reference.name));
  for (const weld of welds) {
    const actual = await link(weld, args, folderOf(weld.name));
    await assertSame(`${weld.name} differs from ${reference.name}`, expected, actual, async () => {
      for (const linker of [reference, weld]) await linkNow(linker, args, folderOf(linker.name));
      return [outputOf(args, folderOf(reference.name)), outputOf(args, folderOf(weld.name))];
    });
    const file = outputOf(args, folderOf(weld.name));
    if (existsSync(file)) assert.equal(await validate(readFileSync(file)), '');
  }
  rmSync(folder, { recursive: true, force: true });
  return expected;
}
