import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { readPickedFolder } from '../dropped_files';
import { fetchSample } from '../sample';
import type { Input, Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { Name } from './name';

export function Inputs({ session }: { session: Session }) {
  const inputs = session.inputs.value;
  const empty = inputs.length === 0;
  const add = useRef<HTMLButtonElement>(null);
  // Focus goes on where the next step is, when the button that had it is gone.
  const keepFocus = () => requestAnimationFrame(() => document.activeElement === document.body && add.current?.focus());
  const total = inputs.reduce((sum, input) => sum + input.size, 0);
  return (
    <section class="card" aria-labelledby="inputs-title">
      <div class="card-head">
        <h2 id="inputs-title">Inputs</h2>
        {!empty && (
          <span class="muted">
            {plural(inputs.length, 'file')}, {bytesText(total)}
            <button type="button" class="plain" onClick={() => (session.clear(), keepFocus())}>
              Remove all
            </button>
          </span>
        )}
      </div>
      <div class={empty ? 'drop' : 'drop filled'}>
        {empty ? (
          <>
            <p class="drop-title">Drop objects and archives</p>
            <p>
              <code>.o</code> and <code>.a</code> files, as clang, rustc or emcc write them
            </p>
          </>
        ) : (
          <InputList session={session} inputs={inputs} keepFocus={keepFocus} />
        )}
        <Sources session={session} />
        <Add session={session} button={add} onSample={keepFocus} />
      </div>
      <p class="news muted" role="status">
        {session.news}
      </p>
    </section>
  );
}

interface AddProps {
  session: Session;
  /** The first button. */
  button: RefObject<HTMLButtonElement>;
  onSample(): void;
}

function Add({ session, button, onSample }: AddProps) {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const [fetched, setFetched] = useState<number>();
  const empty = session.inputs.value.length === 0;

  const openSample = async () => {
    if (fetched !== undefined) return;
    setFetched(0);
    try {
      await session.addSample(await fetchSample(setFetched));
    } catch (error) {
      session.news.value = `The sample cannot be fetched: ${error instanceof Error ? error.message : String(error)}`;
    }
    setFetched(undefined);
    onSample();
  };

  return (
    <div class="add">
      <button ref={button} type="button" class={empty ? 'primary' : ''} onClick={() => files.current?.click()}>
        Add files…
      </button>
      <button type="button" onClick={() => folder.current?.click()}>
        Add a folder…
      </button>
      {(empty || fetched !== undefined) && (
        <button type="button" onClick={() => void openSample()} aria-busy={fetched !== undefined}>
          {fetched === undefined ? 'Open the sample' : `Fetching… ${bytesText(fetched)}`}
        </button>
      )}
      <input
        ref={files}
        id="files"
        class="unseen"
        type="file"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget: picker }) => {
          void session.add(picker.files ?? []);
          picker.value = '';
        }}
      />
      <input
        ref={(element) => {
          folder.current = element;
          if (element) element.webkitdirectory = true;
        }}
        id="folder"
        class="unseen"
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        onChange={({ currentTarget: picker }) => {
          void session.addDropped(readPickedFolder([...(picker.files ?? [])]));
          picker.value = '';
        }}
      />
    </div>
  );
}

interface ListProps {
  session: Session;
  inputs: Input[];
  /** When the last row is gone. */
  keepFocus(): void;
}

function InputList({ session, inputs, keepFocus }: ListProps) {
  const [dragged, setDragged] = useState<number>();
  const [over, setOver] = useState<number>();
  const list = useRef<HTMLOListElement>(null);

  // Focus stays where work goes on: with the row that moves, or with the one that takes the place of one removed.
  const wanted = useRef<{ row: number; button: string }>();
  useLayoutEffect(() => {
    if (!wanted.current) return;
    const { row, button } = wanted.current;
    wanted.current = undefined;
    list.current?.children[Math.min(row, inputs.length - 1)]?.querySelector<HTMLElement>(button)?.focus();
  }, [inputs]);
  const move = (input: Input, row: number, button: string) => {
    wanted.current = { row, button };
    session.move(input.key, row);
  };

  return (
    <ol class="inputs" ref={list}>
      {inputs.map((input, row) => {
        const name = shown(input.name, 80);
        return (
          <li
            key={input.key}
            class={over === row && dragged !== row ? (dragged! < row ? 'over below' : 'over above') : undefined}
            draggable
            onDragStart={(event) => {
              setDragged(row);
              event.dataTransfer?.setData('text/plain', name);
            }}
            onDragEnd={() => {
              setDragged(undefined);
              setOver(undefined);
            }}
            onDragOver={(event) => {
              if (dragged === undefined) return;
              event.preventDefault();
              setOver(row);
            }}
            onDrop={(event) => {
              if (dragged === undefined) return;
              event.preventDefault();
              session.move(inputs[dragged]!.key, row);
            }}
          >
            <span class="grip" aria-hidden="true">
              ⠿
            </span>
            <span class="input-name">
              <Name text={input.name} />
              <span class="input-facts">
                {input.kind.name} · {bytesText(input.size)}
              </span>
            </span>
            {input.kind.archive && (
              <label class="check" title="Link every member, needed or not (--whole-archive)">
                <input
                  type="checkbox"
                  checked={input.wholeArchive}
                  aria-label={`Link the whole of ${name}`}
                  onChange={(event) => session.change(input.key, { wholeArchive: event.currentTarget.checked })}
                />
                whole
              </label>
            )}
            <span class="row-buttons">
              <button type="button" class="icon up" aria-disabled={row === 0} aria-label={`Move ${name} up`} onClick={() => move(input, row - 1, '.up')}>
                ↑
              </button>
              <button type="button" class="icon down" aria-disabled={row === inputs.length - 1} aria-label={`Move ${name} down`} onClick={() => move(input, row + 1, '.down')}>
                ↓
              </button>
              <button
                type="button"
                class="icon remove"
                aria-label={`Remove ${name}`}
                onClick={() => {
                  wanted.current = { row, button: '.remove' };
                  session.remove(input.key);
                  keepFocus();
                }}
              >
                ✕
              </button>
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function Sources({ session }: { session: Session }) {
  return (
    <>
      {Object.entries(session.sources.value).map(([name, text]) => (
        <details key={name} class="source">
          <summary>
            Source: <code>{name}</code>
          </summary>
          <pre tabIndex={0} aria-label={name}>
            {text}
          </pre>
        </details>
      ))}
    </>
  );
}
