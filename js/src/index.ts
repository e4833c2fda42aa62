// wasm-weld: a WebAssembly linker. types.ts describes what goes in and what comes out.
export { formatMessages } from './diagnostics.js';
export { initializeInspect, inspect, inspectSync } from './inspect.js';
export { link, linkSync } from './perform.js';
export { createLinker, createLinker as context } from './create_linker.js';
export { initialize } from './remote.js';
export { openReport } from './report.js';
export { symbolize } from './symbolize.js';
export { Code } from './code.js';
export { EditError, Unit } from './unit.js';
export type { DataContent, FunctionContent, SectionContent, TableContent } from './unit_content.js';
export { version } from './version.js';
export type * from './types.js';
export type * from './linker_types.js';
export type { BlockType, CatchClause, MemoryOperand, OperandsByKind, OperandsOf } from './operands.js';
export type * from './instruction_types.js';
export type * from './inspect_types.js';
export type * from './report_types.js';
export type * from './symbolize_types.js';
