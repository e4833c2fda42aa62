#!/usr/bin/env node
// The program `weld`. A link to this file with another name (wasm-ld) works as the native program's does.
import path from 'node:path';
import { main } from '../dist/cli.js';

const [, script = 'weld', ...args] = process.argv;
process.exitCode = await main([path.basename(script, '.mjs'), ...args]);
