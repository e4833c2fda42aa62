// The border between the workbench and what is below it. It can be dragged, and moved with the arrow keys.
import { useEffect, useState } from 'preact/hooks';

const item = 'weld-bench-height';
const least = 220;
const step = 32;

/** In pixels; undefined: as the style sheet has it. */
function kept(): number | undefined {
  try {
    return Number(localStorage.getItem(item)) || undefined;
  } catch {
    return undefined;
  }
}

export function Divider() {
  const [height, setHeight] = useState(kept);
  useEffect(() => {
    const { style } = document.documentElement;
    if (height === undefined) style.removeProperty('--bench-height');
    else style.setProperty('--bench-height', `${height}px`);
    try {
      if (height === undefined) localStorage.removeItem(item);
      else localStorage.setItem(item, String(height));
    } catch {
      // Not allowed: it is as high as it was at the next visit.
    }
  }, [height]);
  // With open options, the files are beside the bench and not in it.
  const bench = () => document.querySelector('.output-pane')!.getBoundingClientRect();
  const set = (wanted: number) => setHeight(Math.round(Math.max(least, Math.min(wanted, innerHeight * 0.85))));
  return (
    <div
      class="divider"
      role="separator"
      aria-orientation="horizontal"
      aria-label="Height of the workbench"
      aria-valuemin={least}
      aria-valuenow={height ?? 0}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) set(event.clientY - bench().top);
      }}
      onDblClick={() => setHeight(undefined)}
      onKeyDown={(event) => {
        const by = { ArrowUp: -step, ArrowDown: step }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        set(bench().height + by);
      }}
    />
  );
}
