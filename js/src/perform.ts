// `link`, here or in a worker.
import { checkKeys } from './check.js';
import { usesWorker } from './core.js';
import { makePlan, performHere, performNow, resultOf, usesArgs, type Answer, type Plan } from './link.js';
import { performInWorker } from './remote.js';
import type { LinkControl, LinkRequest, LinkResult } from './types.js';

/**
 * Links object files and archives: in a page in a worker, elsewhere in the calling thread. The first call loads weld's
 * module.
 */
export async function link(request: LinkRequest, control: LinkControl = {}): Promise<LinkResult> {
  checkKeys(control, 'the second argument of `link`', ['signal', 'onProgress', 'transfer']);
  const { signal, onProgress } = control as { signal?: unknown; onProgress?: unknown };
  // `instanceof` does not know signals of other frames.
  if (signal && typeof (signal as AbortSignal).addEventListener !== 'function')
    throw new TypeError('`signal` must be an AbortSignal: pass `controller.signal`');
  if (onProgress && typeof onProgress !== 'function') throw new TypeError('`onProgress` must be a function');
  const plan = makePlan(request);
  return resultOf(await perform(plan, control), usesArgs(request));
}

/** Same as {@link link}, but synchronous and in the calling thread. Call `await initialize()` first. */
export function linkSync(request: LinkRequest): LinkResult {
  return resultOf(performNow(makePlan(request)), usesArgs(request));
}

/** @internal Runs a plan in a worker or in this thread, as `initialize` was told. */
export function perform(plan: Plan, control: LinkControl): Promise<Answer> {
  const { signal } = control;
  if (!signal) return begin(plan, control);
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    void begin(plan, control)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

async function begin(plan: Plan, control: LinkControl): Promise<Answer> {
  const onPhase = phasesTo(control);
  onPhase?.('load');
  const done = usesWorker() && (await performInWorker(plan, { ...control, onPhase }));
  return done || performHere(plan, control.signal, onPhase);
}

function phasesTo({ onProgress }: LinkControl): ((phase: string) => void) | undefined {
  const begin = performance.now();
  return onProgress && ((phase) => onProgress({ phase, time: performance.now() - begin }));
}
