// The sizes of an output in words.
import { useState } from 'preact/hooks';
import { useAsked } from './asked';
import type { SizeNode, SizeSource, SizeSummary } from './size_source';
import { Name } from './table';
import { bytesText, plural, share, shown, signed, signedBytes } from './text';

/** The address of an item; undefined: it has none. */
export type LinkOf = (item: { kind: string; name: string; file: string | undefined }) => string | undefined;

/** What shares are told of: where most is debug information, shares of all would say nothing of the program. */
export function restOf({ size, parts }: SizeSummary): number {
  return parts.debug.bytes > size / 2 ? size - parts.debug.bytes : size;
}

export function Item({
  item,
  linkOf,
  most = 60,
}: {
  item: { kind: string; name: string; display: string; file?: string | undefined };
  linkOf: LinkOf;
  most?: number;
}) {
  const href = linkOf({ kind: item.kind, name: item.name, file: item.file });
  const name = <Name text={item.display} most={most} />;
  return href === undefined ? name : <a href={href}>{name}</a>;
}

export function Headline({ summary, linkOf }: { summary: SizeSummary; linkOf: LinkOf }) {
  if (summary.before) {
    const { size, before } = summary;
    const change = size - before.size;
    return (
      <p class="headline">
        {change === 0 ? (
          'Nothing differs in size.'
        ) : (
          <>
            <strong class={change > 0 ? 'more' : 'less'}>{bytesText(Math.abs(change))}</strong>{' '}
            {change > 0 ? 'larger' : 'smaller'} than before ({signed(change)} bytes, {change > 0 ? '+' : '−'}
            {share(Math.abs(change), before.size)})
          </>
        )}
      </p>
    );
  }
  const [first, ...others] = summary.costs;
  if (!first) return null;
  return (
    <div class="costs">
      <Cost cost={first} summary={summary} linkOf={linkOf} isFirst={restOf(summary) === summary.size} />
      {others.map((cost) => (
        <Cost key={`${cost.file} ${cost.name}`} cost={cost} summary={summary} linkOf={linkOf} isFirst={false} />
      ))}
    </div>
  );
}

const mostSteps = 5;

/** `printf costs 12.3 kB (38 %): main.o → main → printf` */
function Cost({
  cost,
  summary,
  linkOf,
  isFirst,
}: {
  cost: SizeSummary['costs'][number];
  summary: SizeSummary;
  linkOf: LinkOf;
  isFirst: boolean;
}) {
  const steps =
    cost.path.length <= mostSteps
      ? cost.path
      : [...cost.path.slice(0, 2), undefined, ...cost.path.slice(2 - mostSteps)];
  return (
    <p class={isFirst ? 'headline' : 'cost'}>
      <strong>
        <Item item={cost} linkOf={linkOf} />
      </strong>{' '}
      costs <strong title={plural(cost.retained, 'byte')}>{bytesText(cost.retained)}</strong> (
      {share(cost.retained, restOf(summary))}
      {restOf(summary) < summary.size && ' of the rest'})
      {steps.length > 0 && (
        <span class="way">
          :{' '}
          {steps[0]?.file !== undefined && (
            <>
              <Name text={steps[0].file} most={40} /> →{' '}
            </>
          )}
          {steps.map((step, at) => (
            <span key={at}>{step ? <Item item={step} linkOf={linkOf} most={40} /> : '…'} → </span>
          ))}
          <Name text={cost.display} most={40} />
        </span>
      )}
    </p>
  );
}

export function Changes({ summary, rows }: { summary: SizeSummary; rows: SizeNode[] }) {
  const grown = rows.filter(({ bytes, before }) => bytes > before).slice(0, 3);
  const shrunk = rows.filter(({ bytes, before }) => bytes < before).slice(0, 3);
  const listed = (some: SizeNode[]) =>
    some.map((node, at) => (
      <span key={at}>
        {at > 0 && ', '}
        <Name text={node.display} most={50} /> ({signedBytes(node.bytes - node.before)})
      </span>
    ));
  return (
    <p class="cost">
      {bytesText(summary.before!.size)} before, {bytesText(summary.size)} now.
      {grown.length > 0 && <> Larger: {listed(grown)}.</>}
      {shrunk.length > 0 && <> Smaller: {listed(shrunk)}.</>}
    </p>
  );
}

/** The sizes of the whole: also compressed, as the network sends it. */
export function Totals({
  summary,
  source,
  answered,
}: {
  summary: SizeSummary;
  source: SizeSource;
  answered: SizeSource | undefined;
}) {
  const { answer } = useAsked(answered, '', async (from) => from.compressed?.());
  return (
    <p class="totals">
      <strong title={plural(summary.size, 'byte')}>{bytesText(summary.size)}</strong>{' '}
      <span class="muted">
        (<span>{plural(summary.size, 'byte')}</span>)
      </span>
      {answer?.gzip !== undefined && (
        <>
          {' · '}
          <span title={plural(answer.gzip, 'byte')}>{bytesText(answer.gzip)} with gzip</span>
        </>
      )}
      {answer?.brotli !== undefined && (
        <>
          {' · '}
          <span title={plural(answer.brotli, 'byte')}>{bytesText(answer.brotli)} with brotli</span>
        </>
      )}
      {answer && answer.brotli === undefined && source.brotli && (
        <>
          {' · '}
          <Brotli source={source} />
        </>
      )}
      {answer && answer.gzip !== undefined && answer.brotli === undefined && !source.brotli && (
        <span class="muted"> · this browser cannot compress with brotli</span>
      )}
      {!summary.explains && (
        <span class="muted"> · a module does not say from which files it was linked, nor what keeps what</span>
      )}
    </p>
  );
}

function Brotli({ source }: { source: SizeSource }) {
  const [of, setOf] = useState<SizeSource>();
  if (of !== source)
    return (
      <button type="button" class="in-row" onClick={() => setOf(source)}>
        Size with brotli
      </button>
    );
  return <BrotliSize source={source} />;
}

function BrotliSize({ source }: { source: SizeSource }) {
  const { answer, error } = useAsked(source, 'brotli', async (from) => from.brotli?.());
  if (error !== undefined) return <span class="refusal">no size with brotli: {shown(error, 400)}</span>;
  if (answer === undefined) return <span class="muted">compressing with brotli…</span>;
  return <span title={plural(answer, 'byte')}>{bytesText(answer)} with brotli</span>;
}
