// The views that look into files and links. Their code is fetched when one is first opened: a link needs none of it.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { View } from '../place';
import type { Session } from '../session';

type Looker = ComponentType<{ session: Session }>;

/** A component whose code is fetched when it is first shown. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Fetched(props) {
    const [Loaded, setLoaded] = useState<ComponentType<Props> | undefined>(() => loaded);
    const [failure, setFailure] = useState<string>();
    useEffect(() => {
      // It may have come since this was drawn.
      if (loaded) return void setLoaded(() => loaded);
      load().then(
        (view) => setLoaded(() => (loaded = view)),
        (error) => setFailure(error instanceof Error ? error.message : String(error)),
      );
    }, []);
    if (failure !== undefined) return <p class="card refusal">This part of the page cannot be loaded: {failure}</p>;
    return Loaded ? <Loaded {...props} /> : <div class="card linking" aria-busy="true" />;
  };
}

export const lookers: Record<Exclude<View, 'result'>, Looker> = {
  symbols: lazily(async () => (await import('./symbols')).Symbols),
  code: lazily(async () => (await import('./code')).CodeView),
  story: lazily(async () => (await import('./story')).StoryView),
  sections: lazily(async () => (await import('./sections')).Sections),
  memory: lazily(async () => (await import('./memory')).Memory),
  size: lazily(async () => (await import('./size')).Size),
  resolution: lazily(async () => (await import('./resolution')).Resolution),
  output: lazily(async () => (await import('./output')).Output),
};
