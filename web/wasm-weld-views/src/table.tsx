import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useSlices } from './slices';
import { plural, shown } from './text';

export interface Column {
  title: string;
  /** Of its cells. */
  class?: string;
}

interface Props<Row> {
  /** What screen readers call it. */
  label: string;
  columns: Column[];
  rows: readonly Row[];
  /** A cell for each column; the first one heads the row. */
  cells(row: Row): ComponentChildren[];
  /** How many there are, when `rows` are only the first. */
  count: number;
}

const rowsAtFirst = 50;
/** So many are drawn at a time. */
const slice = 25;

/** A table that scrolls by itself. */
export function Table<Row>({ label, columns, rows, cells, count }: Props<Row>) {
  const [times, setTimes] = useState(1);
  const visible = rows.slice(0, rowsAtFirst * times);
  const more = rows.length - visible.length;
  const { slices } = useSlices(visible, { first: slice });
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={column.class?.replace('muted', '')}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {slices.flat().map((row, at) => {
            const [head, ...others] = cells(row);
            return (
              <tr key={at}>
                <th scope="row" class={columns[0]?.class}>
                  {head}
                </th>
                {others.map((cell, c) => (
                  <td key={c} class={columns[c + 1]?.class}>
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && (
        <button type="button" class="more-rows" onClick={() => setTimes(times * 10)}>
          {plural(more, 'more', 'more')}
        </button>
      )}
      {more <= 0 && count > rows.length && (
        <p class="muted small">
          The first {rows.length.toLocaleString('en')} of {count.toLocaleString('en')}.
        </p>
      )}
    </div>
  );
}

/** A name that somebody else chose: text, on its own as far as direction goes, the whole of it (nearly) on hovering. */
export function Name({ text, most = 80 }: { text: string; most?: number }) {
  const short = shown(text, most);
  const long = shown(text, 2000);
  return (
    <bdi class="name" title={long === short && short.length < 24 ? undefined : long}>
      {short}
    </bdi>
  );
}
