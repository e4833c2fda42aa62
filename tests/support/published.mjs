// @ts-check
// What the unit tests publish (tests/unit/publish.h): modules and objects for others to look at.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { buildDir } from './paths.mjs';
import { run } from './processes.mjs';

/** The unit tests as a program: WELD_UNIT_TESTS, or the native build's. */
export const unitTests = process.env.WELD_UNIT_TESTS ?? path.join(buildDir, 'native/weld_tests');

/**
 * A folder with what these unit tests publish. It is gone after the tests. If WELD_PUBLISHED names a folder in which a run of
 * all unit tests has left its files, they are taken from there.
 *
 * @param {string} filter of GoogleTest
 */
export async function published(filter) {
  const folder = mkdtempSync(path.join(tmpdir(), 'weld-published-'));
  after(() => rmSync(folder, { recursive: true }));
  if (process.env.WELD_PUBLISHED) {
    cpSync(process.env.WELD_PUBLISHED, folder, { recursive: true });
  } else {
    const env = { ...process.env, WELD_TEST_OUTPUT: folder };
    const outcome = await run(unitTests, [`--gtest_filter=${filter}`], { env });
    assert.equal(outcome.code, 0, outcome.stdout);
  }
  return folder;
}
