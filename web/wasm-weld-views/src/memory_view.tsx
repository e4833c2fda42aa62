import type { MemoryMap, MemoryRegion } from 'wasm-weld';
import { Name, Table } from './table';
import { bytesText, plural, share } from './text';

const hueOf: Record<MemoryRegion['kind'], number> = { stack: 1, data: 2, tls: 3, zeros: 6, heap: 8, unused: 0 };
const about: Record<MemoryRegion['kind'], string> = {
  stack: 'the stack',
  data: 'data of the output',
  tls: 'thread-local data of the first thread',
  zeros: 'data that begins as zeros, and takes no bytes of the output',
  heap: 'what is left for the heap',
  unused: 'nothing',
};

/** However small a region is, it is seen. */
const leastWidth = 0.6;

export function MemoryView({ map }: { map: MemoryMap }) {
  const end = map.regions.reduce((all, { address, size }) => Math.max(all, address + size), 1);
  return (
    <div>
      <p class="totals">
        <strong>{plural(map.pages, 'page')}</strong> of {bytesText(map.pageSize)} at the start,{' '}
        {map.maxPages === undefined ? 'no maximum' : `${map.maxPages.toLocaleString('en')} at most`}
        {map.shared && ', shared'}
      </p>
      <div class="memory-bar" role="img" aria-label="Memory to scale: the table below lists it">
        {map.regions.map((region) => {
          const width = Math.max(leastWidth, (100 * region.size) / end);
          return (
            <span
              key={region.address}
              class={`cell hue-${hueOf[region.kind]}`}
              style={{ left: `${Math.min(100 - width, (100 * region.address) / end)}%`, width: `${width}%` }}
              title={`${region.name ?? region.kind}: ${bytesText(region.size)}`}
            />
          );
        })}
      </div>
      <Table
        label="Memory, from address 0 on"
        columns={[
          { title: 'Region' },
          { title: 'What', class: 'muted' },
          { title: 'Address', class: 'number' },
          { title: 'Bytes', class: 'number' },
          { title: 'Share', class: 'number muted' },
        ]}
        rows={map.regions}
        count={map.regions.length}
        cells={(region) => [
          <>
            <span class={`swatch hue-${hueOf[region.kind]}`} aria-hidden="true" />
            <Name text={region.name ?? region.kind} />
          </>,
          about[region.kind],
          `0x${region.address.toString(16)}`,
          region.size.toLocaleString('en'),
          share(region.size, end),
        ]}
      />
    </div>
  );
}
