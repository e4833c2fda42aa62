import { useEffect, useRef, useState } from 'preact/hooks';
import type { HexWindow } from '../inspector/questions';
import type { Part, RelocationMark } from '../inspector/structure';
import type { Session } from '../session';
import { bytesText } from '../text';
import { SymbolLink } from './link_to';
import { Name } from './name';
import { tallest, useVirtualRows } from './virtual';

const rowHeight = 21;
const perRow = 16;
const blockSize = 4096;
/** Of a larger file, so many bytes at a time can be scrolled through. */
const stretch = Math.floor(tallest / rowHeight / 256) * 256 * perRow;
/** More notes at the end of a row are counted. */
const mostNotes = 3;

interface HexProps {
  session: Session;
  file: string;
  size: number;
  /** The byte to show. */
  offset: number | undefined;
}

/** All bytes of a file, with what they are. */
export function Hex({ session, file, size, offset }: HexProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [from, setFrom] = useState(0);
  const length = Math.min(size - from, stretch);
  const { rows, total, show } = useVirtualRows(scroll, Math.ceil(length / perRow), rowHeight);
  const windowAt = useWindows(session, file, from, rows);
  useEffect(() => {
    if (offset === undefined || offset >= size) return;
    const begin = Math.floor(offset / stretch) * stretch;
    setFrom(begin);
    // The list has its new height in the next frame.
    const frame = requestAnimationFrame(() => {
      const row = Math.floor((offset - begin) / perRow);
      if (scroll.current) scroll.current.scrollTop = Math.max(0, row * rowHeight - 2 * rowHeight);
      show(row);
    });
    return () => cancelAnimationFrame(frame);
  }, [file, offset, size]);
  const stretches = Math.ceil(size / stretch);
  return (
    <>
      {stretches > 1 && (
        <label class="filter wide">
          <span class="label">Bytes</span>
          <select
            value={from}
            onChange={(event) => {
              setFrom(Number(event.currentTarget.value));
              show(0);
            }}
          >
            {Array.from({ length: stretches }, (_, i) => (
              <option key={i} value={i * stretch}>
                {bytesText(i * stretch)} to {bytesText(Math.min(size, (i + 1) * stretch))}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="hex" ref={scroll} tabIndex={0} role="region" aria-label="Bytes">
        <div class="virtual" style={{ height: total }}>
          {rows.map(({ index, start }) => {
            const at = from + index * perRow;
            return <HexRow key={index} file={file} at={at} top={start} window={windowAt(at)} wanted={offset} />;
          })}
        </div>
      </div>
    </>
  );
}

interface HexRowProps {
  file: string;
  at: number;
  top: number;
  window: HexWindow | undefined;
  wanted: number | undefined;
}

function HexRow({ file, at, top, window, wanted }: HexRowProps) {
  if (!window)
    return (
      <div class="hex-row" style={{ transform: `translateY(${top}px)` }}>
        <span class="hex-at">{at.toString(16).padStart(6, '0')}</span>
      </div>
    );
  const bytes = window.bytes.subarray(at - window.from, at - window.from + perRow);
  const end = at + bytes.length;
  const parts = window.parts.filter((part) => part.begin < end && part.end > at);
  const relocations = window.relocations.filter((r) => r.begin < end && r.end > at);
  const runs = runsOf(at, end, parts, relocations, wanted);
  const starts = parts.filter((part) => part.begin >= at && part.kind !== 'payload');
  const notes: (Part | RelocationMark)[] = [...starts, ...relocations.filter(({ begin }) => begin >= at)];
  return (
    <div class="hex-row" style={{ transform: `translateY(${top}px)` }}>
      <span class="hex-at">{at.toString(16).padStart(6, '0')}</span>
      <span class="hex-bytes">
        {runs.map(({ begin, end: stop, mark, title }) => (
          <span key={begin} class={mark} title={title}>
            {[...bytes.subarray(begin - at, stop - at)].map((b) => b.toString(16).padStart(2, '0')).join(' ')}
            {stop < end ? ' ' : ''}
          </span>
        ))}
      </span>
      <span class="hex-text">
        {runs.map(({ begin, end: stop, mark }) => (
          <span key={begin} class={mark}>
            {[...bytes.subarray(begin - at, stop - at)]
              .map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '·'))
              .join('')}
          </span>
        ))}
      </span>
      <span class="hex-notes">
        {notes.slice(0, mostNotes).map((note, i) =>
          'type' in note ? (
            <span key={i} class="note-relocation">
              →{' '}
              {note.name === undefined ? (
                note.type.replace('R_WASM_', '')
              ) : (
                <SymbolLink file={file} name={note.name} at={note.at} display={note.display ?? note.name} most={60} />
              )}
              {note.addend !== 0 && ` + ${note.addend}`}
            </span>
          ) : (
            <span key={i} class={`note-part ${note.kind}`}>
              {note.kind === 'function' ? (
                <SymbolLink file={file} name={note.name} at={note.begin} display={note.display} most={60} />
              ) : (
                <Name text={note.kind === 'head' ? `section ${note.name}` : note.display} most={60} />
              )}
            </span>
          ),
        )}
        {notes.length > mostNotes && <span class="muted">+{notes.length - mostNotes}</span>}
      </span>
    </div>
  );
}

interface Run {
  begin: number;
  end: number;
  mark: string;
  title?: string | undefined;
}

/** Bytes next to each other that are the same thing. */
function runsOf(
  at: number,
  end: number,
  parts: Part[],
  relocations: RelocationMark[],
  wanted: number | undefined,
): Run[] {
  const runs: Run[] = [];
  for (let byte = at; byte < end; byte++) {
    const relocation = relocations.find((r) => byte >= r.begin && byte < r.end);
    let part: Part | undefined;
    for (const other of parts)
      if (byte >= other.begin && byte < other.end && (!part || other.end - other.begin <= part.end - part.begin))
        part = other;
    // Neighbours differ, so that one sees where one ends.
    const turn = part?.index !== undefined && part.index % 2 === 1 ? ' odd' : '';
    const mark = `${part ? `is-${part.kind}${turn}` : ''}${relocation ? ' is-relocation' : ''}${byte === wanted ? ' is-wanted' : ''}`;
    const last = runs.at(-1);
    if (last && last.mark === mark) last.end = byte + 1;
    else runs.push({ begin: byte, end: byte + 1, mark, title: relocation && relocation.type });
  }
  return runs;
}

/** Windows of bytes from the worker, those around what is seen. */
function useWindows(
  session: Session,
  file: string,
  from: number,
  rows: { index: number }[],
): (at: number) => HexWindow | undefined {
  const outcome = session.outcome.value;
  const key = `${file}\0${from}`;
  const known = useRef<{ key: string; outcome: unknown; windows: Map<number, HexWindow | 'asked'> }>({
    key,
    outcome,
    windows: new Map(),
  });
  const [, draw] = useState(0);
  if (known.current.key !== key || known.current.outcome !== outcome)
    known.current = { key, outcome, windows: new Map() };
  const { windows } = known.current;
  const first = Math.floor((from + (rows[0]?.index ?? 0) * perRow) / blockSize);
  const last = Math.floor((from + (rows.at(-1)?.index ?? -1) * perRow) / blockSize);
  useEffect(() => {
    for (let block = first; block <= last; block++) {
      if (windows.has(block)) continue;
      windows.set(block, 'asked');
      session.ask('hex', { file, from: block * blockSize, to: (block + 1) * blockSize }).then(
        (window) => {
          if (!window) return;
          windows.set(block, window);
          if (known.current.windows === windows) draw((n) => n + 1);
        },
        () => windows.delete(block),
      );
    }
    if (windows.size > 64)
      for (const block of windows.keys()) if (block < first - 8 || block > last + 8) windows.delete(block);
  }, [windows, first, last]);
  return (at) => {
    const window = windows.get(Math.floor(at / blockSize));
    return window === 'asked' ? undefined : window;
  };
}
