import { useState } from 'preact/hooks';
import type { Diagnostic, Location } from 'wasm-weld';
import { plural, shownLines } from '../text';
import { Name } from './name';

/** So many are shown before one asks for more. */
const atFirst = 100;

export function Diagnostics({ diagnostics }: { diagnostics: Diagnostic[] }) {
  const [most, setMost] = useState(atFirst);
  if (diagnostics.length === 0) return null;
  const left = diagnostics.length - most;
  return (
    <>
      <ul class="diagnostics" aria-label="Diagnostics" tabIndex={0}>
        {diagnostics.slice(0, most).map((d, i) => (
          <li key={i} class={d.severity}>
            <p>
              <span class="severity">{d.severity}</span> <bdi class="text">{shownLines(d.text)}</bdi> <code class="id">{d.id}</code>
            </p>
            {d.location && !saysWhere(d) && <Place location={d.location} />}
            {d.notes.map((note, n) => (
              <p key={n} class="note">
                <span class="note-mark">note</span> <bdi class="text">{shownLines(note)}</bdi>
              </p>
            ))}
          </li>
        ))}
      </ul>
      {left > 0 && (
        <button type="button" class="plain" onClick={() => setMost(most * 10)}>
          Show more of the {plural(left, 'other')}
        </button>
      )}
    </>
  );
}

/** `--trace` prints nothing but places. */
function saysWhere({ severity, text, location }: Diagnostic): boolean {
  return severity === 'message' && text.startsWith(location!.input);
}

function Place({ location: { input, member, section, offset, symbol } }: { location: Location }) {
  return (
    <p class="place">
      <Name text={input} />
      {member !== undefined && (
        <>
          (<Name text={member} />)
        </>
      )}
      {symbol && (
        <>
          <span class="muted">, in </span>
          <Name text={symbol.display} />
        </>
      )}
      {section !== undefined && (
        <>
          <span class="muted">, section </span>
          <Name text={section} />
        </>
      )}
      {offset !== undefined && (
        <>
          <span class="muted">, offset </span>0x{offset.toString(16)}
        </>
      )}
    </p>
  );
}
