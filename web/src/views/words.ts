import type { SymbolState } from '../inspector/symbols';

/** What became of a symbol. */
export const stateWords: Record<SymbolState, { short: string; long: string }> = {
  unknown: { short: '', long: 'not known' },
  alive: { short: 'alive', long: 'in the output' },
  removed: { short: 'removed', long: 'removed: nothing that is kept refers to it' },
  lost: { short: 'lost', long: 'another definition was taken' },
  unlinked: { short: 'not linked', long: 'its archive’s member was not needed' },
  undefined: { short: 'undefined', long: 'undefined in this file' },
};
