// What a finished module says of its memory besides its data.
import type { Inspection, Metafile } from 'wasm-weld';

type Memory = Metafile['memory'];

/**
 * Adds where the stack, zeroed data and the heap are, as far as the names of globals tell: clang's programs have their stack
 * in memory, and `__stack_pointer` begins where it ends.
 */
export function addUnwritten(memory: Memory, { globals, exports, dataSegments }: Inspection): void {
  const { name, kind, address, size } = memory.segments;
  const total = memory.pages * memory.pageSize;
  // Data whose address only the host or the code knows can be anywhere.
  if (total === 0 || dataSegments.length !== name.length) return;
  const known = (wanted: string): number | undefined => {
    const exported = exports.find((row) => row.kind === 'global' && row.name === wanted)?.index;
    const global = globals.find((row, i) => row.name === wanted || i === exported);
    const value = /^i(?:32|64)\.const (\d+)$/.exec(global?.value ?? '')?.[1];
    return value === undefined || Number(value) > total ? undefined : Number(value);
  };
  // One after the other: a call takes no more than some ten thousand arguments.
  const begin = address.reduce((least, from) => Math.min(least, from), Infinity);
  const end = address.reduce((most, from, i) => Math.max(most, from + size[i]!), 0);
  const stackEnd = known('__stack_pointer');
  const heapBegin = known('__heap_base');
  const isStackFirst = stackEnd !== undefined && name.length > 0 && stackEnd <= begin;
  const isStackLast = stackEnd !== undefined && !isStackFirst && stackEnd > end;
  const zeros = (what: string, from: number, to: number) => {
    if (to <= from) return;
    name.push(what);
    kind.push('zeros');
    address.push(from);
    size.push(to - from);
  };
  if (isStackFirst) memory.stack = { address: 0, size: stackEnd };
  const heap = heapBegin ?? (isStackLast ? stackEnd : undefined);
  if (heap !== undefined && heap >= end && heap < total) memory.heap = { address: heap, size: total - heap };
  const inZeros = ['.bss', ...(isStackFirst ? [] : ['stack']), ...(memory.heap ? [] : ['heap'])];
  const what = inZeros.length === 1 ? inZeros[0]! : `${inZeros.slice(0, -1).join(', ')} and ${inZeros.at(-1)}`;
  zeros(what, end, isStackLast ? stackEnd : (memory.heap?.address ?? total));
}
