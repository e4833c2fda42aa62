import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** Browsers draw nothing behind this many pixels. */
export const tallest = 15_000_000;

/** The rows of a long list that are seen, all of one height. `head`: pixels above them that stay where they are. */
export function useVirtualRows(
  scroll: RefObject<HTMLElement>,
  count: number,
  height: number,
  head = 0,
): { rows: VirtualItem[]; total: number; show(row: number): void } {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const options = {
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 6,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: () => draw(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(options));
  virtualizer.setOptions(options);
  useLayoutEffect(() => virtualizer._didMount(), []);
  useLayoutEffect(() => virtualizer._willUpdate());
  return {
    rows: virtualizer.getVirtualItems(),
    total: virtualizer.getTotalSize(),
    // By what the box measures now: the virtualizer learns of a new height later.
    show: (row) => {
      const box = scroll.current;
      if (!box) return;
      const [begin, seen] = [row * height, box.clientHeight - head];
      if (begin < box.scrollTop) box.scrollTop = begin;
      else if (begin + height > box.scrollTop + seen) box.scrollTop = begin + height - seen;
    },
  };
}
