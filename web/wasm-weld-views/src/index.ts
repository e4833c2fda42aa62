// The package: `import 'wasm-weld-views'` makes the elements known.
import { defineElements } from './elements';

export { WeldDiff, WeldMemory, WeldSize, WeldSymbols, type LinkedItem } from './elements';
export { sourceOf } from './size_groups';
export type * from './size_source';
export type { SizeState } from './size_view';

defineElements();
