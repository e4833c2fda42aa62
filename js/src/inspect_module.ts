// The second module: what looks at files and does not link. Whoever wants it imports this file when it is wanted.
import createInspect, { type InspectModule } from './inspect_core.js';
import { Instances } from './instance.js';

export const instances = new Instances<InspectModule>(
  createInspect,
  () => new URL('./inspect.wasm', import.meta.url),
  'initializeInspect',
  'inspect',
  (module) => module.schema !== undefined,
);
