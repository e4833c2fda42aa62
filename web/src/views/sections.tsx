import type { Session } from '../session';

export function Sections(_: { session: Session }) {
  return <section class="card" aria-label="Sections" />;
}
