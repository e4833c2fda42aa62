import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plural } from '../text';

export interface Column {
  title: string;
  /** Of its cells; `name` and `muted` are not for its head. */
  class?: string;
}

interface Props<Row> {
  /** What screen readers call it, or the id of what names it. */
  label: string | { by: string };
  columns: (string | Column)[];
  rows: readonly Row[];
  /** A cell for each column; the first one heads the row. */
  cells(row: Row, at: number): ComponentChildren[];
  rowClass?(row: Row): string;
  /** Rows at first; the rest shows when it is asked for. All: without it. */
  most?: number;
  /** How many there are, when `rows` are only the first. */
  count?: number;
  tall?: boolean;
}

/** A number's column. */
export const number = (title: string, more = ''): Column => ({ title, class: `number ${more}`.trim() });

/** A table that scrolls by itself. For a list of any length there is `useVirtualRows`. */
export function RowTable<Row>({
  label,
  columns,
  rows,
  cells,
  rowClass,
  most = Infinity,
  count = rows.length,
  tall = true,
}: Props<Row>) {
  const [times, setTimes] = useState(1);
  const all = columns.map((column) => (typeof column === 'string' ? { title: column } : column));
  const shownRows = rows.slice(0, most * times);
  const more = rows.length - shownRows.length;
  const named = typeof label === 'string' ? { 'aria-label': label } : { 'aria-labelledby': label.by };
  return (
    <div class={tall ? 'scroll tall' : 'scroll'} tabIndex={0} role="region" {...named}>
      {/* With roles: a small screen shows each row as a paragraph, which would be no row by itself. */}
      <table class="rows" role="table">
        <thead>
          <tr role="row">
            {all.map((column) => (
              <th
                key={column.title}
                role="columnheader"
                scope="col"
                class={column.class?.replace(/\b(name|muted)\b/g, '')}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shownRows.map((row, at) => {
            const [head, ...others] = cells(row, at);
            return (
              <tr key={at} role="row" class={rowClass?.(row)}>
                <th role="rowheader" scope="row" class={all[0]?.class}>
                  {head}
                </th>
                {others.map((cell, c) => (
                  <td key={c} role="cell" class={all[c + 1]?.class} data-title={all[c + 1]?.title}>
                    {cell}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      {more > 0 && (
        <button type="button" class="plain" onClick={() => setTimes(times * 10)}>
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
