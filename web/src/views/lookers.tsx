// The views that look into files and links. Their code is fetched when one is first opened: a link needs none of it.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { View } from '../place';
import type { Session } from '../session';

type Looker = ComponentType<{ session: Session }>;

function fetched(load: () => Promise<Looker>): Looker {
  let loaded: Looker | undefined;
  return function Fetched({ session }) {
    const [Loaded, setLoaded] = useState<Looker | undefined>(() => loaded);
    const [failure, setFailure] = useState<string>();
    useEffect(() => {
      if (loaded) return;
      load().then(
        (view) => setLoaded(() => (loaded = view)),
        (error) => setFailure(error instanceof Error ? error.message : String(error)),
      );
    }, []);
    if (failure !== undefined) return <p class="card refusal">This part of the page cannot be loaded: {failure}</p>;
    return Loaded ? <Loaded session={session} /> : <div class="card linking" aria-busy="true" />;
  };
}

export const lookers: Record<Exclude<View, 'result'>, Looker> = {
  symbols: fetched(async () => (await import('./symbols')).Symbols),
  sections: fetched(async () => (await import('./sections')).Sections),
  memory: fetched(async () => (await import('./memory')).Memory),
  size: fetched(async () => (await import('./size')).Size),
  resolution: fetched(async () => (await import('./resolution')).Resolution),
  output: fetched(async () => (await import('./output')).Output),
};
