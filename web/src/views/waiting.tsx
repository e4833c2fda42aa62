import type { Session } from '../session';

/** In the place of what only a link that succeeded has. */
export function NoOutput({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  if (!outcome && session.inputs.value.length > 0) return <div class="card linking" aria-busy="true" />;
  return (
    <section class="card" aria-label="Nothing to show">
      <p class="muted">
        {outcome
          ? 'Nothing was linked, so there is no output to look at: Result says why.'
          : 'Add objects and archives, or open the sample: what is linked shows here.'}
      </p>
    </section>
  );
}
