import type { Session } from '../session';
import { EmptyView, type EmptyProps } from './empty_view';

/** There is something to tell of what is shown: a link that succeeded, or a file that is looked at. */
export function isOfUse(session: Session): boolean {
  const outcome = session.outcome.value;
  return outcome?.output !== undefined || (outcome?.looked !== undefined && outcome.looked.kind.name !== 'component');
}

/** In the place of what only a link that succeeded has. `children`: what there would be to see. */
export function NoOutput({ session, ...view }: EmptyProps) {
  const outcome = session.outcome.value;
  if (!outcome && session.inputs.value.length === 0) return <EmptyView session={session} {...view} />;
  if (!outcome && session.linked.value.length > 0) return <div class="card linking" aria-busy="true" />;
  return (
    <section class="card" aria-label="Nothing to show">
      <p class="muted">
        {outcome?.looked
          ? outcome.looked.kind.name === 'metafile'
            ? 'A metafile has no bytes of the output. Size, Memory and the Overview show what it says.'
            : 'This is a component. The Overview leads to its core modules, which can be looked at.'
          : outcome
            ? 'There is no output, because nothing was linked. The overview says why.'
            : 'Add objects and archives, or open a sample, to see the result of the link here.'}
      </p>
    </section>
  );
}
