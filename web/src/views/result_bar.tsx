import type { LinkSaid } from '../linker.worker';
import { useRef } from 'preact/hooks';
import { download } from '../output';
import type { Input } from '../input';
import { outputFile } from '../inspector/workspace';
import { go, hrefOf, place } from '../place';
import type { Session } from '../session';
import { bytesText, msText, plural, shown } from '../text';
import { mostAtOnce, useAnswer } from './answer';
import { Name } from './name';

/** Parts that would be narrower are drawn as one. */
const leastShare = 0.012;

/** How the newest link went, in one line, and whose its bytes are, to scale. */
export function ResultBar({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  const linking = session.linking.value;
  // Its place is kept from the start: what is below it must not move under somebody's finger when the first link is there.
  if (!outcome)
    return (
      <section class="result-bar" aria-label="Result" aria-busy={linking}>
        <p class="muted">{session.linked.value.length > 0 ? 'Linking…' : 'Nothing is linked yet'}</p>
        <span class="strip" />
      </section>
    );
  const { result, error, output, looked } = outcome;
  return (
    <section class={linking ? 'result-bar linking' : 'result-bar'} aria-label="Result" aria-busy={linking}>
      {looked ? (
        <Looked session={session} input={looked} />
      ) : (
        <Verdict
          result={result}
          size={output?.size ?? 0}
          error={error}
          refused={session.playground.failed.value}
          of={session.linked.value.map(({ name }) => name).join('\0')}
          isFirst={outcome.isFirst === true}
        />
      )}
      {(output?.size ?? (looked?.kind.name === 'metafile' ? 0 : Infinity)) <= mostAtOnce ? (
        <Strip session={session} />
      ) : (
        <span class="strip" />
      )}
      {output && !looked && (
        <button type="button" class="primary" onClick={() => download(output.name, output.file, 'application/wasm')}>
          Download
        </button>
      )}
    </section>
  );
}

/** What is looked at in place of a link, what it is compared with, and the way back. */
function Looked({ session, input }: { session: Session; input: Input }) {
  const { of, against } = place.value;
  const others = session.aside.value.filter(({ name, kind }) => name !== of && kind.name !== 'component');
  const hasLink = session.linked.value.length > 0;
  return (
    <div class="verdict-line">
      <p class="verdict" role="status">
        <Name text={input.name} most={60} />
      </p>
      <p class="figures">
        <span title={`${input.size.toLocaleString('en')} bytes`}>
          <strong>{bytesText(input.size)}</strong> <span class="muted">{kindWords[input.kind.name]}</span>
        </span>
      </p>
      {input.kind.name !== 'component' && (others.length > 0 || hasLink) && (
        <label class="field inline compare">
          <span class="label">Compare with</span>
          <select
            value={against ?? ''}
            onChange={(event) =>
              go({
                view: 'size',
                of,
                against: event.currentTarget.value === '' ? undefined : event.currentTarget.value,
              })
            }
          >
            <option value="">nothing</option>
            {hasLink && <option value={outputFile}>the newest link</option>}
            {others.map(({ key, name }) => (
              <option key={key} value={name}>
                {shown(name, 60)}
              </option>
            ))}
          </select>
        </label>
      )}
      {hasLink && (
        <button type="button" onClick={() => go({ view: 'result', of: undefined })}>
          Back to the link
        </button>
      )}
    </div>
  );
}

const kindWords: Record<string, string> = {
  module: 'a finished module',
  component: 'a component',
  metafile: 'a metafile: what a link said of its output',
};

interface VerdictProps {
  result: LinkSaid | undefined;
  /** Of the output. */
  size: number;
  error: string | undefined;
  /** Sources that do not compile: what is linked is older than they are. */
  refused: string[];
  /** What is linked: a change of size is told of while it is the same. */
  of: string;
  /** It is the first link. */
  isFirst: boolean;
}

function Verdict({ result, size, error, refused, of, isFirst }: VerdictProps) {
  const errors = result?.diagnostics.filter((d) => d.severity === 'error').length ?? 0;
  // Asked for its version, say, the linker links nothing, and nothing is wrong.
  const isAnswer = result !== undefined && !result.ok && errors === 0;
  const isGood = result?.ok === true && refused.length === 0;
  let verdict = `Not linked: ${plural(errors, 'error')}`;
  if (refused.length > 0) verdict = `Not compiled: ${shown(refused.join(', '), 80)}`;
  else if (result?.ok) verdict = 'Linked';
  else if (error !== undefined) verdict = 'The linker failed';
  else if (isAnswer) verdict = 'There was nothing to link';
  const isBad = !isGood && (!isAnswer || refused.length > 0);
  return (
    <div class="verdict-line" role="status">
      <p class={isGood ? 'verdict good' : isBad ? 'verdict bad' : 'verdict'}>
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="10" cy="10" r="10" fill="currentColor" />
          <path d={isGood ? 'M5.5 10.3l3 3 6-6.3' : isBad ? 'M6.5 6.5l7 7m0-7l-7 7' : 'M6 10h8'} class="mark" />
        </svg>
        {verdict}
      </p>
      {result && refused.length === 0 && <Figures result={result} size={size} of={of} isFirst={isFirst} />}
    </div>
  );
}

function Figures({ result, size, of, isFirst }: { result: LinkSaid; size: number; of: string; isFirst: boolean }) {
  const before = useRef<{ size: number; of: string }>();
  const newest = useRef<{ result: LinkSaid; change: number }>();
  if (newest.current?.result !== result) {
    const isSame = before.current !== undefined && before.current.of === of;
    const change = isSame && result.ok ? size - before.current!.size : 0;
    newest.current = { result, change };
    if (result.ok) before.current = { size, of };
  }
  const { change } = newest.current;
  return (
    <p class="figures">
      {result.ok && (
        <span title={`${size.toLocaleString('en')} bytes`}>
          <strong>{bytesText(size)}</strong>
          {change !== 0 && (
            <span class={change > 0 ? 'more' : 'less'}>
              {' '}
              {change > 0 ? '+' : '−'}
              {bytesText(Math.abs(change))}
            </span>
          )}
        </span>
      )}
      <span title={isFirst ? 'The first link compiles the linker itself' : undefined}>
        <span class="muted">in</span> <strong>{msText(result.stats.total)}</strong>
        {isFirst && <span class="first muted"> (first)</span>}
      </span>
      {result.ok && <span class="muted">{plural(result.stats.objects, 'object')}</span>}
    </p>
  );
}

/** `libc.a(printf.o)` -> `printf.o` */
const shortName = (file: string) => /\((.*)\)$/.exec(file)?.[1] ?? file.split('/').at(-1)!;

function Strip({ session }: { session: Session }) {
  const { answer } = useAnswer(session, 'strip', undefined);
  if (!answer || answer.total === 0) return <span class="strip" />;
  const { total, parts } = answer;
  const shareOf = (bytes: number) => bytes / total;
  const wide = parts.filter(({ bytes }) => shareOf(bytes) >= leastShare);
  const rest = total - wide.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <a class="strip" href={hrefOf({ view: 'size' })}>
      <span class="unseen">Whose the output’s bytes are: </span>
      {wide.map(({ name, bytes, from }) => (
        <span
          key={name}
          class={`part from-${from}`}
          style={{ flexGrow: shareOf(bytes) }}
          title={`${shown(name, 200)}: ${bytes.toLocaleString('en')} bytes, ${(100 * shareOf(bytes)).toFixed(1)} %`}
        >
          <span>{shown(shortName(name), 40)}</span>
        </span>
      ))}
      {rest > 0 && (
        <span
          class="part from-rest"
          style={{ flexGrow: shareOf(rest) }}
          title={`${plural(parts.length - wide.length, 'other part')}: ${rest.toLocaleString('en')} bytes`}
        />
      )}
    </a>
  );
}
