// `linkOrThrow`: for callers to whom a link that fails is an error.
import { formatMessages } from './diagnostics.js';
import { link } from './perform.js';
import type { LinkControl, LinkFailure, LinkRequest, LinkSuccess } from './types.js';

/** Thrown by {@link linkOrThrow} if the link fails. The message has its errors, as {@link formatMessages} formats them. */
export class LinkError extends Error {
  /** `LinkError`. */
  override readonly name = 'LinkError';

  constructor(
    /** The result of the link. Its `diagnostics` say what is wrong. */
    readonly result: LinkFailure,
  ) {
    const most = 10;
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
    const more = errors.length - most;
    const lines = formatMessages(errors.slice(0, most));
    if (more > 0) lines.push(`and ${more} more error${more > 1 ? 's' : ''}: \`result.diagnostics\` has all`);
    super(`the link failed\n${lines.join('\n')}`);
  }
}

/**
 * Same as {@link link}, for callers to whom a failure is an error: it returns the result of a link that worked.
 *
 * @throws LinkError if the link fails. It has the result.
 */
export async function linkOrThrow(request: LinkRequest, control?: LinkControl): Promise<LinkSuccess> {
  const result = await link(request, control);
  if (result.ok) return result;
  throw new LinkError(result);
}
