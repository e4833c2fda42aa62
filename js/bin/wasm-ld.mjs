#!/usr/bin/env node
// The program under the name of wasm-ld: with its defaults and messages.
import './weld.mjs';
