import { useEffect, useRef, useState } from 'preact/hooks';
import type { Answer, Asked, Question } from '../inspector/questions';
import type { Session } from '../session';

export interface Waiting<T> {
  /** The newest answer: to an older question while `busy`. */
  answer: T | undefined;
  busy: boolean;
  error?: string;
}

/** Outputs that are larger are looked into when somebody asks: a report costs a link of its own. */
export const mostAtOnce = 4_000_000;

/** Of a choice of files, so many are drawn at a time. */
export const optionsAtOnce = 250;

/** Asks the worker, and again when the link or the question is another one. Without `asked`, nothing yet. */
export function useAnswer<Q extends Question>(
  session: Session,
  question: Q,
  asked: Asked<Q> | undefined,
  isAsked = true,
): Waiting<Answer<Q>> {
  const [state, setState] = useState<Waiting<Answer<Q>>>({ answer: undefined, busy: true });
  const newest = useRef(0);
  const outcome = session.outcome.value;
  const key = JSON.stringify(asked);
  useEffect(() => {
    if (!isAsked) return;
    const mine = ++newest.current;
    setState((old) => ({ ...old, busy: true }));
    session.ask(question, asked).then(
      (answer) => mine === newest.current && setState({ answer, busy: false }),
      (error: Error) => mine === newest.current && setState({ answer: undefined, busy: false, error: error.message }),
    );
    return () => void newest.current++;
  }, [outcome, key, isAsked]);
  return state;
}
