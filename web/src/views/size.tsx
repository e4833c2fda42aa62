import type { Session } from '../session';

export function Size(_: { session: Session }) {
  return <section class="card" aria-label="Size" />;
}
