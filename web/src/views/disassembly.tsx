import { useRef } from 'preact/hooks';
import type { Session } from '../session';
import { shown } from '../text';
import { useAnswer } from './answer';
import { SymbolLink } from './link_to';
import { useVirtualRows } from './virtual';

const lineHeight = 19;

interface Props {
  session: Session;
  file: string;
  index: number;
}

/** A function's instructions, with the names of what they refer to. */
export function Disassembly(props: Props) {
  return <Listing key={`${props.file}\0${props.index}`} {...props} />; // another function starts at its top
}

function Listing({ session, file, index }: Props) {
  const { answer, busy, error } = useAnswer(session, 'disassembly', { file, index });
  const scroll = useRef<HTMLDivElement>(null);
  const lines = answer?.lines ?? [];
  const { rows, total } = useVirtualRows(scroll, lines.length, lineHeight);
  if (error !== undefined) return <p class="muted">This function cannot be read: {shown(error, 400)}</p>;
  return (
    <>
      <div
        class={busy ? 'listing linking' : 'listing'}
        ref={scroll}
        tabIndex={0}
        role="region"
        aria-label="Disassembly"
        aria-busy={busy}
      >
        <div class="virtual" style={{ height: total }}>
          {rows.map(({ index: i, start }) => {
            const line = lines[i];
            return (
              line && (
                <div key={i} class="listing-line" style={{ transform: `translateY(${start}px)` }}>
                  {line.text}
                  {line.symbol !== undefined && (
                    <SymbolLink file={file} name={line.symbol} at={line.at} display={line.display ?? line.symbol} />
                  )}
                  {line.rest}
                </div>
              )
            );
          })}
        </div>
      </div>
      {answer?.truncated && <p class="muted">The first {lines.length.toLocaleString('en')} lines.</p>}
    </>
  );
}
