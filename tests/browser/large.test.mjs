// @ts-check
// The page with a large program: 4,000 objects of 43 MB, with libc++.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe } from 'node:test';
import { add, browserSuite, button, downloaded, expect, linked, native, prints, upload, work } from './harness.mjs';
import { testsAll } from '../support/tier.mjs';
import { fourThousand, output } from './large.mjs';
import { saved, store, watchProgress } from './store.mjs';

describe('4,000 objects', { timeout: 1_200_000, skip: !testsAll && 'only when everything is tested' }, () => {
  const { pageTest } = browserSuite();

  pageTest('are linked, run, looked into and linked again', async (page) => {
    page.setDefaultTimeout(120_000);
    const { files } = await fourThousand();
    await page.setInputFiles('#files', files);
    await linked(page);
    execFileSync(native, ['-o', 'output.wasm', ...files], { cwd: work });
    const expected = readFileSync(path.join(work, 'output.wasm'));
    assert.ok((await downloaded(page)).equals(expected));
    await button(page, 'Run').click();
    await page.getByText('exit code 0').waitFor();
    await prints(page, output);

    // Not all rows are there at once.
    const list = page.getByRole('list', { name: 'Inputs, in link order' });
    assert.ok((await list.getByRole('listitem').count()) <= 400);
    await page.getByRole('tab', { name: 'Symbols' }).click();
    await page.getByRole('textbox', { name: 'Find', exact: true }).fill('main');
    await page.getByRole('grid', { name: 'Symbols' }).getByText('main.o', { exact: true }).first().waitFor();
    for (const name of ['Memory', 'Size', 'Resolution']) {
      await page.getByRole('tab', { name }).click();
      await page.getByRole('tabpanel').getByRole('table').first().waitFor();
    }

    // A new version of one of them: its neighbour's code under its name defines things twice, and it is taken back.
    const [one, other] = ['000007.o', '000008.o'].map((name) =>
      readFileSync(files.find((file) => file.endsWith(`/${name}`)) ?? ''),
    );
    assert.ok(one && other);
    await page.getByRole('tab', { name: 'Overview' }).click();
    await add(page, [upload('000007.o', other)]);
    await page.getByRole('list', { name: 'Diagnostics' }).getByText('duplicate-symbol').first().waitFor();
    await add(page, [upload('000007.o', one)]);
    await linked(page);
    assert.ok((await downloaded(page)).equals(expected));
  });

  pageTest('are saved in a few files, and back after a reload', async (page) => {
    page.setDefaultTimeout(120_000);
    const { files, bytes } = await fourThousand();
    const progress = await watchProgress(page);
    await page.setInputFiles('#files', files);
    await saved(page, files.length, 120_000);
    assert.ok((await progress()).length > 5, 'progress is shown');
    const kept = await store(page);
    assert.ok(Object.keys(kept.files).length < 20, `${Object.keys(kept.files).length} files`);
    assert.equal(
      Object.values(kept.files).reduce((sum, size) => sum + size),
      bytes,
    );
    await expect(page.locator('.saving')).toHaveCount(0);
    await page.reload();
    await linked(page, 120_000);
    await expect(page.locator('#inputs-title + .muted')).toContainText('4,006 files');
  });
});
