// Questions of a view to who has the model.
import { useEffect, useState } from 'preact/hooks';
import type { SizeSource } from './size_source';

export interface Asked<T> {
  answer: T | undefined;
  /** Who answered. */
  from: SizeSource | undefined;
  busy: boolean;
  error: string | undefined;
}

/** Asks again when the source or the question is another one. The answer to the one before stays until then. */
export function useAsked<T>(
  source: SizeSource | undefined,
  key: string,
  ask: (source: SizeSource) => Promise<T>,
): Asked<T> {
  const [state, setState] = useState<Asked<T>>({ answer: undefined, from: undefined, busy: true, error: undefined });
  useEffect(() => {
    if (!source) return;
    let isNewest = true;
    setState((old) => ({ ...old, busy: true }));
    ask(source).then(
      (answer) => isNewest && setState({ answer, from: source, busy: false, error: undefined }),
      ({ message }: Error) => isNewest && setState({ answer: undefined, from: source, busy: false, error: message }),
    );
    return () => {
      isNewest = false;
    };
  }, [source, key]);
  return state;
}
