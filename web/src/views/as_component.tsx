import { useState } from 'preact/hooks';
import { componentOf, newest } from '../as_component';
import { download, type Output } from '../output';
import { bytesText, shown, shownLines } from '../text';

/** Of a command that is run as a component: the component, what it consists of, or why there is none. */
export function AsComponent({ output }: { output: Output }) {
  const [waits, setWaits] = useState(false);
  const { component, why } = newest.value?.output === output ? newest.value : {};
  const base = output.name.replace(/\.wasm$/, '');
  return (
    <>
      <div class="downloads">
        <button
          type="button"
          aria-busy={waits}
          onClick={async () => {
            setWaits(true);
            // Why it cannot be made is shown below.
            await componentOf(output).then(
              ({ bytes }) => download(`${base}.component.wasm`, bytes, 'application/wasm'),
              () => {},
            );
            setWaits(false);
          }}
        >
          {waits ? 'Making it…' : 'Download component'}
        </button>
        <span class="muted" role="status">
          {component
            ? `${bytesText(component.bytes.length)}, for WASI 0.2`
            : why === undefined
              ? 'for WASI 0.2. Fetches 2 MB the first time'
              : ''}
        </span>
      </div>
      {why !== undefined && (
        <p class="refusal" role="alert">
          There is no component of this module. {shownLines(why, 1000)}
        </p>
      )}
      {component && (
        <details class="surroundings">
          <summary>
            Core modules <span class="count">{component.cores.length}</span>
          </summary>
          <ul class="names">
            {component.cores.map(({ name, bytes }, i) => {
              const file = name.replace(/^component/, () => base);
              return (
                <li key={name}>
                  <span>
                    {shown(file, 120)}{' '}
                    <span class="muted">{`${i === 0 ? 'the module' : 'added'}, ${bytesText(bytes.length)}`}</span>
                  </span>
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Download ${shown(file, 80)}`}
                    onClick={() => download(file, bytes, 'application/wasm')}
                  >
                    Download
                  </button>
                </li>
              );
            })}
          </ul>
          <p class="muted">
            A component tells its host only whether it failed. The exit code that is shown here is the one that the
            module gave.
          </p>
        </details>
      )}
    </>
  );
}
