import type { Session } from '../session';

export function Symbols(_: { session: Session }) {
  return <section class="card" aria-label="Symbols" />;
}
