// @ts-check
// The browser that pages are tested in. Chromium without its windows, which takes half the CPU time and is the same engine;
// with --all, or where Debian's chromium-headless-shell is missing, the whole browser.
import { existsSync } from 'node:fs';
import { testsAll } from './tier.mjs';

const headless = '/usr/bin/chromium-headless-shell';

export const chromiumPath =
  process.env.CHROMIUM ?? (!testsAll && existsSync(headless) ? headless : '/usr/bin/chromium');
