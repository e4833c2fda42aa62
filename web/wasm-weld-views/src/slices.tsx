// Long lists of elements, drawn a slice at a time: the browser has time for other things in between.
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';

/** After the browser has drawn what is there. Where nobody looks, it draws nothing. Gives what cancels it. */
function whenDrawn(act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const later = () => (timer = setTimeout(act));
  const frame = document.hidden ? undefined : requestAnimationFrame(later);
  if (frame === undefined) later();
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

/**
 * The items that are to be drawn now, in slices: first `first` of them, and after each time that something was drawn `more`.
 * Other items are drawn at once as far as the ones before were: what is seen does not go for a moment.
 */
export function useSlices<Item>(
  items: readonly Item[],
  { first, more = first }: { first: number; more?: number },
): { slices: readonly (readonly Item[])[]; isWhole: boolean } {
  const all = useMemo(() => {
    const slices = [items.slice(0, first)];
    for (let at = first; at < items.length; at += more) slices.push(items.slice(at, at + more));
    return slices;
  }, [items, first, more]);
  const [count, setCount] = useState(1);
  const isWhole = count >= all.length;
  useEffect(() => (isWhole ? undefined : whenDrawn(() => setCount(count + 1))), [count, isWhole]);
  return { slices: isWhole ? all : all.slice(0, count), isWhole };
}

interface SliceProps<Item> {
  items: readonly Item[];
  /** What they look like depends on these, and on the items. */
  by: readonly unknown[];
  draw(item: Item): ComponentChildren;
}

/** One of them, which is drawn anew only if it is another one. */
export class Slice<Item> extends Component<SliceProps<Item>> {
  override shouldComponentUpdate(next: SliceProps<Item>): boolean {
    const { items, by } = this.props;
    return next.items !== items || next.by.some((one, at) => one !== by[at]);
  }

  override render(): ComponentChildren {
    return this.props.items.map(this.props.draw);
  }
}
