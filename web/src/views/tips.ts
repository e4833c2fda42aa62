/**
 * What a mouse sees on hovering, a finger sees on pressing: the title of what is pressed for half a second, and, where a tap
 * does nothing else, of what is tapped.
 */
export function showTipsOnTouch(): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.setAttribute('role', 'tooltip');
  tip.hidden = true;
  document.body.append(tip);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** A press that showed a tip is no click. */
  let isShown = false;

  const hide = () => {
    clearTimeout(timer);
    tip.hidden = true;
  };
  const show = (of: Element, x: number, y: number) => {
    tip.textContent = of.getAttribute('title');
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(x - width / 2, innerWidth - width - 8));
    const above = y - height - 18;
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(above >= 8 ? above : y + 24)}px)`;
  };

  addEventListener('pointerdown', (event) => {
    hide();
    isShown = false;
    if (event.pointerType !== 'touch' || !(event.target instanceof Element)) return;
    const titled = event.target.closest('[title]');
    if (!titled?.getAttribute('title')) return;
    const { clientX, clientY } = event;
    timer = setTimeout(() => {
      isShown = true;
      show(titled, clientX, clientY);
    }, pressMs);
  });
  addEventListener('pointerup', (event) => {
    clearTimeout(timer);
    if (event.pointerType !== 'touch' || isShown || !(event.target instanceof Element)) return;
    const titled = event.target.closest('[title]');
    const isToTap = event.target.closest('a, button, input, select, textarea, summary, label, [role=row], [tabindex]');
    if (titled?.getAttribute('title') && !isToTap) show(titled, event.clientX, event.clientY);
  });
  addEventListener(
    'click',
    (event) => {
      if (!isShown) return;
      isShown = false;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  // A long press of a link would open the browser's menu over the tip.
  addEventListener('contextmenu', (event) => isShown && event.preventDefault());
  addEventListener('pointercancel', () => clearTimeout(timer));
  addEventListener('scroll', hide, true);
  addEventListener('keydown', hide);
}

const pressMs = 450;
