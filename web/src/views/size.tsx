import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { defineElements, type WeldSize } from '../../wasm-weld-views/src/elements';
import type { SizeSource } from '../../wasm-weld-views/src/size_source';
import type { SizeState } from '../../wasm-weld-views/src/size_view';
import type { Compressed } from '../brotli.worker';
import { go, hrefOf, place } from '../place';
import type { Session } from '../session';
import { useAnswer } from './answer';
import { placeOfItem } from './link_to';
import { isOfUse, NoOutput } from './waiting';

defineElements();

/** The worker has the items: it answers what the element asks. */
function sourceOf(session: Session, compares: boolean): SizeSource {
  // An answer about a link that is no more is not waited for: another source follows.
  const needed = <T,>(answer: T | undefined) => answer ?? new Promise<T>(() => {});
  const output = session.outcome.peek()?.output; // a metafile has none
  return {
    summary: async () => needed(await session.ask('sizeSummary', { compares })),
    view: async (query) => needed(await session.ask('sizeView', { compares, query })),
    keepers: async (most) => needed(await session.ask('sizeKeepers', { most })),
    compressed: async () => (await session.ask('sizeCompressed', undefined)) ?? { gzip: undefined, brotli: undefined },
    ...(output && { brotli: () => brotliSize(output.file) }),
  };
}

/** The encoder is fetched when somebody wants to know. */
function brotliSize(module: Blob): Promise<number> {
  const worker = new Worker(new URL('../brotli.worker.ts', import.meta.url), { type: 'module' });
  return new Promise<number>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Compressed>) =>
      'error' in data ? reject(new Error(data.error)) : resolve(data.size);
    worker.onerror = () => reject(new Error('the encoder cannot be loaded'));
    worker.postMessage(module);
  }).finally(() => worker.terminate());
}

/** Whose the output's bytes are, and what differs from the link before or from another file. */
export function Size({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  const { answer: hasBefore, busy } = useAnswer(session, 'hasBefore', undefined);
  const [chosen, setChosen] = useState<boolean>();
  // Two files are looked at for what differs.
  const compares = hasBefore === true && (chosen ?? outcome?.looked !== undefined);
  const source = useMemo(() => sourceOf(session, compares), [outcome, compares]);
  if (!isOfUse(session))
    return (
      <NoOutput session={session} picture="map" title="What takes the room">
        See how large each library, object and function is in the output, and what keeps it there.
      </NoOutput>
    );
  const isLink = outcome?.looked === undefined;
  return (
    <section class={busy ? 'card linking' : 'card'} aria-label="Size" aria-busy={busy}>
      <div class="choice" role="group" aria-label="Sizes of what">
        <button type="button" aria-pressed={!compares} onClick={() => setChosen(false)}>
          {isLink ? 'This link' : 'This file'}
        </button>
        <button type="button" aria-pressed={compares} disabled={!hasBefore} onClick={() => setChosen(true)}>
          {isLink ? 'Difference from the previous link' : 'Difference'}
        </button>
        {!busy && !hasBefore && (
          <span class="muted small">
            {isLink
              ? 'Change an input or an option to see what becomes larger or smaller.'
              : 'Choose above what to compare it with, or drop another module or metafile.'}
          </span>
        )}
      </div>
      <View key={String(compares)} source={source} />
    </section>
  );
}

function View({ source }: { source: SizeSource }) {
  const element = useRef<WeldSize>(null);
  const [state, setState] = useState<SizeState>({});
  // What is open is in the address.
  const { within } = place.value;
  useLayoutEffect(() => {
    const size = element.current!;
    size.linkTo = (item) => {
      const to = placeOfItem(item);
      return to && hrefOf(to);
    };
    const keep = (event: Event) => {
      const { path = [], ...others } = (event as CustomEvent<SizeState>).detail;
      setState(others);
      if (path.join('\0') === (place.peek().within ?? []).join('\0')) return;
      go({ view: 'size', ...(path.length > 0 ? { within: [...path] } : {}) });
    };
    size.addEventListener('weld-state', keep);
    return () => size.removeEventListener('weld-state', keep);
  }, []);
  useEffect(() => {
    element.current!.state = { ...state, path: within ?? [] };
  }, [state, within]);
  useEffect(() => {
    element.current!.source = source;
  }, [source]);
  return <weld-size ref={element} />;
}
