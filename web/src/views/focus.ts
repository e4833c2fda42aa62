/**
 * What has the focus may go away by what it did: a link that opens another view, an advice that is taken. Then what was
 * around it takes the focus, or the view that opened, so that who uses the keyboard does not start again at the top.
 */
export function keepFocus(): void {
  let around: Element[] = [];
  addEventListener('focusin', ({ target }) => {
    around = [];
    for (let at = target as Element | null; at; at = at.parentElement) around.push(at);
  });
  new MutationObserver(() => {
    if (around[0]?.isConnected !== false || document.activeElement !== document.body) return;
    const left = around.find((element) => element.isConnected && element.matches('[aria-label], [aria-labelledby]'));
    const next = left?.matches('[role=tabpanel][hidden]')
      ? document.querySelector('[role=tabpanel]:not([hidden])')
      : left;
    if (!(next instanceof HTMLElement)) return;
    if (next.tabIndex < 0) next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }).observe(document.body, { childList: true, subtree: true });
}
