// Brings the inputs of a persistent linker up to date.
import type { Linker } from 'wasm-weld';

export interface LinkInput {
  /** Of its bytes: a new version of a file has another one. */
  key: number;
  name: string;
  wholeArchive: boolean;
}

/** `before`: what the linker has. `inputs`: what it is to have, in link order. */
export function changeInputs(
  linker: Linker,
  before: readonly LinkInput[],
  inputs: readonly LinkInput[],
  bytesOf: (key: number) => Uint8Array,
): void {
  const wanted = new Map(inputs.map((input) => [input.name, input]));
  const kept = new Map<string, LinkInput>();
  for (const input of before) {
    if (wanted.get(input.name)?.wholeArchive === input.wholeArchive) kept.set(input.name, input);
    else linker.remove(input.name);
  }
  for (const { key, name, wholeArchive } of inputs) {
    const old = kept.get(name);
    if (!old) linker.add({ name, wholeArchive, bytes: bytesOf(key) });
    else if (old.key !== key) linker.replace(name, bytesOf(key));
  }
  const names = inputs.map(({ name }) => name);
  if (linker.inputs.some((name, i) => name !== names[i])) linker.reorder(names);
}
