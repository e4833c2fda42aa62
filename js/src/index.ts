// wasm-weld: a WebAssembly linker. types.ts says what goes in and out.
export { initialize } from './core.js';
export { formatMessages } from './diagnostics.js';
export { initializeInspect, inspect, inspectSync } from './inspect.js';
export { link, linkSync } from './link.js';
export { createLinker } from './linker.js';
export { openReport } from './report.js';
export { Code, EditError, Unit } from './unit.js';
export type * from './types.js';

/** This package's version. */
export const version = '0.1.0';
