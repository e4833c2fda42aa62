import type { Session } from '../session';

export function Memory(_: { session: Session }) {
  return <section class="card" aria-label="Memory" />;
}
