#!/usr/bin/env node
// The program under the name of the linker that makes components.
import './weld.mjs';
