import type { Diagnostic, Location } from 'wasm-weld';

export function DiagnosticList({ diagnostics }: { diagnostics: Diagnostic[] }) {
  if (diagnostics.length === 0) return null;
  return (
    <ul class="diagnostics" aria-label="Diagnostics">
      {diagnostics.map((d, i) => (
        <li key={i} class={d.severity}>
          <p class="head">
            <span class="severity">{d.severity}</span>
            <bdi class="text">{d.text}</bdi>
            <code class="id">{d.id}</code>
          </p>
          {d.location && (
            <p class="place">
              <bdi>{placeText(d.location)}</bdi>
            </p>
          )}
          {d.notes.map((note, n) => (
            <p key={n} class="note">
              <bdi>{note}</bdi>
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

function placeText({ input, member, section, offset, symbol }: Location): string {
  let text = member === undefined ? input : `${input}(${member})`;
  if (section !== undefined) text += `, section ${section}`;
  if (offset !== undefined) text += `, offset 0x${offset.toString(16)}`;
  if (symbol !== undefined) text += `, in ${symbol.display}`;
  return text;
}
