import { signal } from '@preact/signals';

/** Where a small screen is: there, one of these is shown at a time. */
export const panes = { source: 'Source', output: 'Output', inspect: 'Inspect' } as const;
export type Pane = keyof typeof panes;
export const pane = signal<Pane>('source');

/** Shows a pane, and moves the focus to what is in it. */
export function focusIn(where: Pane, find: () => HTMLElement | null | undefined): void {
  pane.value = where;
  // What is in another pane of a small screen is there with the next frame.
  requestAnimationFrame(() => {
    const element = find();
    for (let at = element?.parentElement; at; at = at.parentElement)
      if (at instanceof HTMLDetailsElement) at.open = true;
    element?.focus();
    element?.scrollIntoView({ block: 'nearest' });
  });
}

/** Where the source is edited, or begun. */
export function findSource(): HTMLElement | null | undefined {
  const host = document.querySelector<HTMLElement>('.code-editor:not([hidden])');
  return (
    host?.shadowRoot?.querySelector<HTMLElement>('.cm-content') ??
    document.querySelector<HTMLElement>('.editor textarea') ??
    document.querySelector<HTMLElement>('.new-file :is(button, input)')
  );
}
