import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { go, place, views, type View } from '../place';

export const labels: Record<View, string> = {
  result: 'Overview',
  symbols: 'Symbols',
  code: 'Code',
  story: 'Story',
  sections: 'Sections',
  memory: 'Memory',
  size: 'Size',
  resolution: 'Resolution',
  output: 'Output',
};

interface TabsProps {
  errors: number;
  /** There is an output. */
  isGood: boolean;
  children: (view: View) => ComponentChildren;
}

/** The views, one of them open. Arrow keys choose among the tabs, as the ARIA practices have it. */
export function Tabs({ errors, isGood, children }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const open = place.value.view;
  // On a phone the tabs are wider than the page.
  useEffect(() => {
    const [box, tab] = [list.current, document.getElementById(`tab-${open}`)];
    if (box && tab) box.scrollLeft = tab.offsetLeft - (box.clientWidth - tab.offsetWidth) / 2;
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = views.indexOf(open);
    const last = views.length - 1;
    const to = { ArrowLeft: at === 0 ? last : at - 1, ArrowRight: at === last ? 0 : at + 1, Home: 0, End: last }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    go({ view: views[to]! });
    document.getElementById(`tab-${views[to]!}`)?.focus();
  };

  return (
    <div class="views" id="views">
      <div class="tabs" role="tablist" aria-label="Views" ref={list} onKeyDown={onKeyDown}>
        {views.map((view) => (
          <button
            key={view}
            id={`tab-${view}`}
            type="button"
            role="tab"
            aria-selected={view === open}
            aria-controls={`view-${view}`}
            tabIndex={view === open ? 0 : -1}
            onClick={() => view !== open && go({ view })}
          >
            {labels[view]}
            {view === 'result' && (
              <span class={errors === 0 && isGood ? 'tab-mark good' : 'tab-mark'}>
                {errors > 0 && (
                  <span class="tab-count" aria-label={`, ${errors} to look at`}>
                    {errors > 999 ? '999+' : errors}
                  </span>
                )}
              </span>
            )}
          </button>
        ))}
      </div>
      {views.map((view) => (
        <div
          key={view}
          id={`view-${view}`}
          role="tabpanel"
          aria-labelledby={`tab-${view}`}
          class="column view"
          hidden={view !== open}
        >
          {view === open && children(view)}
        </div>
      ))}
    </div>
  );
}
