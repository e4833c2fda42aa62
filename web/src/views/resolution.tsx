import type { Session } from '../session';

export function Resolution(_: { session: Session }) {
  return <section class="card" aria-label="Resolution" />;
}
