import type { Session } from '../session';

/** In the place of what only a link that succeeded has. */
export function NoOutput({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  if (!outcome && session.inputs.value.length > 0) return <div class="card linking" aria-busy="true" />;
  return (
    <section class="card" aria-label="Nothing to show">
      <p class="muted">
        {outcome
          ? 'There is no output, because nothing was linked. The overview says why.'
          : 'Add objects and archives, or open a sample, to see the result of the link here.'}
      </p>
    </section>
  );
}
