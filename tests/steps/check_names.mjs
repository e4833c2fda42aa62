// @ts-check
// node check_names.mjs STEP...: fails when there is no such step.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { checkNames } from '../support/names.mjs';
import { buildDir } from '../support/paths.mjs';

const listing = execFileSync('ctest', ['--test-dir', path.join(buildDir, 'steps'), '--show-only=json-v1'], {
  encoding: 'utf8',
});
/** @type {{tests: {name: string}[]}} */
const { tests } = JSON.parse(listing);
checkNames(
  'step',
  tests.map(({ name }) => name),
  process.argv.slice(2),
);
