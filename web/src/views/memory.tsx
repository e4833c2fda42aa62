import { useState } from 'preact/hooks';
import type { MemoryPart, MemoryStory } from '../inspector/link_story';
import { outputFile } from '../inspector/workspace';
import { go, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { useAnswer } from './answer';
import { SymbolLink } from './link_to';
import { Name } from './name';
import { number, RowTable } from './row_table';
import { isOfUse, NoOutput } from './waiting';

type Region = MemoryStory['regions'][number];
const mostParts = 4000;
const partsAtFirst = 300;

const words: Record<Region['kind'], string> = {
  stack: 'stack',
  data: 'data',
  zeros: 'zeroed data',
  tls: 'thread-local data',
  heap: 'heap',
  unused: 'nothing',
};

/** The memory as the program finds it when it starts. */
export function Memory({ session }: { session: Session }) {
  const { answer, busy, error } = useAnswer(session, 'memory', undefined);
  const { offset: chosen } = place.value;
  const setChosen = (address: number) => go({ view: 'memory', offset: address });
  if (error !== undefined) return <p class="card refusal">{shown(error, 400)}</p>;
  if (!answer)
    return busy && isOfUse(session) ? (
      <div class="card linking" aria-busy="true" />
    ) : (
      <NoOutput session={session} picture="memory" title="The memory">
        See where the stack, the data and the heap are, and what lies at which address.
      </NoOutput>
    );
  const { regions, pages, pageSize, maxPages, shared } = answer;
  const total = pages * pageSize;
  const region =
    regions.find(({ address }) => address === chosen) ?? regions.find(({ kind }) => kind === 'data') ?? regions[0];
  return (
    <section class={busy ? 'card linking' : 'card'} aria-labelledby="memory-title" aria-busy={busy}>
      <div class="card-head">
        <h2 id="memory-title">Memory</h2>
        <span class="muted">
          {plural(pages, 'page')} at the start, {bytesText(total)}
          {maxPages === undefined
            ? ', may grow'
            : maxPages === pages
              ? ', of fixed size'
              : `, at most ${plural(maxPages, 'page')}`}
          {shared && ', shared by threads'}
        </span>
      </div>
      <div class="memory-strip" aria-hidden="true">
        {regions.map((r) => (
          <span
            key={r.address}
            class={`memory-${r.kind}${r === region ? ' chosen' : ''}`}
            style={{ left: `${(100 * r.address) / total}%`, width: `${(100 * r.size) / total}%` }}
            title={`${r.name ?? words[r.kind]}, ${bytesText(r.size)}`}
            onClick={() => setChosen(r.address)}
          >
            {r.size / total > 0.07 && shown(r.name ?? words[r.kind], 24)}
          </span>
        ))}
      </div>
      <div class="memory-ends muted" aria-hidden="true">
        <span>0x0</span>
        <span>0x{total.toString(16)}</span>
      </div>
      <RowTable
        label="Regions of the memory"
        tall={false}
        columns={[
          'What',
          number('From', 'name'),
          number('To', 'name'),
          number('Size'),
          { title: 'An overflow', class: 'muted' },
        ]}
        rows={regions}
        rowClass={(r) => (r === region ? 'current' : '')}
        cells={(r, i) => [
          <>
            <span class={`dot memory-${r.kind}`} aria-hidden="true" />
            <button type="button" class="in-row" aria-pressed={r === region} onClick={() => setChosen(r.address)}>
              <Name text={r.name ?? words[r.kind]} most={60} />
            </button>
            {r.name !== undefined && r.name !== r.kind && <span class="muted"> {words[r.kind]}</span>}
          </>,
          `0x${r.address.toString(16)}`,
          `0x${(r.address + r.size).toString(16)}`,
          r.size.toLocaleString('en'),
          overrun(regions, i),
        ]}
      />
      {region && region.parts > 0 && (
        <RegionParts
          key={region.address}
          session={session}
          region={region}
          after={regions[regions.indexOf(region) + 1]}
        />
      )}
      {region && region.parts === 0 && (
        <p class="muted memory-none">
          There are no symbols in {region.kind === 'unused' ? 'this gap' : `the ${words[region.kind]}`}.
        </p>
      )}
    </section>
  );
}

/** What is hit by going too far: the stack grows down, everything else is overrun upwards. */
function overrun(regions: readonly Region[], at: number): string {
  const region = regions[at]!;
  if (region.kind === 'unused') return '';
  if (region.kind === 'stack') {
    const below = regions
      .slice(0, at)
      .reverse()
      .find(({ kind }) => kind !== 'unused');
    return below
      ? `grows down into ${below.name ?? words[below.kind]}, without an error`
      : 'traps: it grows down to address 0';
  }
  if (region.kind === 'heap') return 'grows the memory, or malloc fails';
  const next = regions.slice(at + 1).find(({ kind }) => kind !== 'unused');
  return next ? `hits ${next.name ?? words[next.kind]}` : 'traps at the end of the memory';
}

function RegionParts({ session, region, after }: { session: Session; region: Region; after: Region | undefined }) {
  const { address: begin, size } = region;
  const { answer } = useAnswer(session, 'memoryParts', { begin, end: begin + size, most: mostParts });
  const [hovered, setHovered] = useState<MemoryPart>();
  if (!answer) return <div class="linking" aria-busy="true" />;
  const { parts, count } = answer;
  const name = region.name ?? words[region.kind];
  return (
    <div class="memory-parts">
      <h3 id="memory-parts-title">
        In <Name text={name} /> <span class="count">{plural(count, 'symbol')}</span>
      </h3>
      <div class="memory-strip fine" aria-hidden="true">
        {parts.map((part, i) =>
          part.size / size < 0.0005 && i > 500 ? null : (
            <span
              key={i}
              class={i % 2 ? 'memory-part odd' : 'memory-part'}
              style={{ left: `${(100 * (part.address - begin)) / size}%`, width: `${(100 * part.size) / size}%` }}
              title={`${shown(part.display, 200)}, ${bytesText(part.size)}`}
              onMouseEnter={() => setHovered(part)}
            >
              {part.size / size > 0.09 && shown(part.display, 30)}
            </span>
          ),
        )}
      </div>
      <p class="memory-ends muted" aria-hidden="true">
        <span>0x{begin.toString(16)}</span>
        {hovered && <Name text={`${hovered.display} ${bytesText(hovered.size)}`} most={80} />}
        <span>0x{(begin + size).toString(16)}</span>
      </p>
      <RowTable
        key={begin}
        label={{ by: 'memory-parts-title' }}
        columns={[
          'Symbol',
          number('Address', 'name'),
          number('Size'),
          'From',
          { title: 'An overflow hits', class: 'muted' },
        ]}
        rows={parts}
        count={count}
        most={partsAtFirst}
        cells={(part, i) => {
          const next = parts.slice(i + 1, i + 20).find(({ address }) => address >= part.address + part.size);
          const gap = next ? next.address - part.address - part.size : 0;
          return [
            <SymbolLink file={outputFile} name={part.name} at={part.address} display={part.display} most={70} />,
            `0x${part.address.toString(16)}`,
            part.size.toLocaleString('en'),
            <Name text={part.file} most={40} />,
            <>
              <Name
                text={next?.display ?? (after ? (after.name ?? words[after.kind]) : 'the end of the memory')}
                most={40}
              />
              {gap > 0 && ` after ${plural(gap, 'byte')}`}
            </>,
          ];
        }}
      />
    </div>
  );
}
