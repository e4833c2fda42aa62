// `linkOrThrow`: for callers to whom a link that fails is an error.
import { formatMessages } from './diagnostics.js';
import { link } from './perform.js';
import type { LinkControl, LinkFailure, LinkRequest, LinkSuccess } from './types.js';

/** Thrown by {@link linkOrThrow} if the link fails. The message has its errors, as {@link formatMessages} formats them. */
export class LinkError extends Error {
  /** The class keeps its name where code is minified: engines print it. @internal */
  static override readonly name = 'LinkError';
  /** `LinkError`. */
  override readonly name = 'LinkError';
  /** The result of the link. Its `diagnostics` say what is wrong. */
  declare readonly result: LinkFailure;

  constructor(result: LinkFailure) {
    super(messageOf(result));
    // If nobody catches the error, engines print its message and what can be enumerated. The message says enough.
    Object.defineProperty(this, 'result', { value: result });
  }
}

const mostErrors = 10;

function messageOf({ diagnostics }: LinkFailure): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const more = errors.length - mostErrors;
  const lines = ['the link failed', ...formatMessages(errors.slice(0, mostErrors))];
  if (more > 0) lines.push(`and ${more} more error${more > 1 ? 's' : ''}: \`result.diagnostics\` has all`);
  return lines.join('\n');
}

/**
 * Same as {@link link}, for callers to whom a failure is an error: it returns the result of a link that worked.
 *
 * @throws LinkError if the link fails. It has the result.
 */
export async function linkOrThrow(request: LinkRequest, control?: LinkControl): Promise<LinkSuccess> {
  const result = await link(request, control);
  if (result.ok) return result;
  const error = new LinkError(result);
  // The trace begins at the call, not in our code. The function is missing in older browsers.
  Error.captureStackTrace?.(error, linkOrThrow);
  throw error;
}
