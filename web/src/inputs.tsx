import type { StateUpdater } from 'preact/hooks';
import { bytesText } from './app';

export interface Input {
  key: number;
  name: string;
  size: number;
  kind: string;
  wholeArchive: boolean;
}

/** By the first bytes, for show: the linker looks for itself. */
export function kindOf(bytes: Uint8Array): string {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 8));
  if (head.startsWith('\0asm')) return 'wasm';
  if (head.startsWith('!<arch>')) return 'archive';
  if (head.startsWith('!<thin>')) return 'thin archive';
  if (head.startsWith('#STUB')) return 'stub library';
  return 'other';
}

interface Props {
  inputs: Input[];
  setInputs(update: StateUpdater<Input[]>): void;
  onRemove(key: number): void;
  onClear(): void;
}

export function InputList({ inputs, setInputs, onRemove, onClear }: Props) {
  const move = (from: number, to: number) =>
    setInputs((old) => {
      const list = [...old];
      const [input] = list.splice(from, 1);
      list.splice(to, 0, input!);
      return list;
    });
  return (
    <>
      <ol class="inputs">
        {inputs.map((input, i) => (
          <li
            key={input.key}
            draggable
            onDragStart={(event) => event.dataTransfer?.setData('application/x-weld-input', String(i))}
            onDrop={(event) => {
              const from = event.dataTransfer?.getData('application/x-weld-input');
              if (from) move(Number(from), i);
            }}
          >
            <span class="name" title={input.name}>
              <bdi>{input.name}</bdi>
            </span>
            <span class="kind">{input.kind}</span>
            <span class="size">{bytesText(input.size)}</span>
            <span class="row-actions">
              {input.kind.endsWith('archive') && (
                <label title="Link every member, needed or not">
                  <input
                    type="checkbox"
                    checked={input.wholeArchive}
                    onChange={(event) => {
                      const wholeArchive = event.currentTarget.checked;
                      setInputs((old) => old.map((o) => (o.key === input.key ? { ...o, wholeArchive } : o)));
                    }}
                  />
                  whole
                </label>
              )}
              <button type="button" class="icon" disabled={i === 0} aria-label={`Move ${input.name} up`} onClick={() => move(i, i - 1)}>
                ↑
              </button>
              <button type="button" class="icon" disabled={i === inputs.length - 1} aria-label={`Move ${input.name} down`} onClick={() => move(i, i + 1)}>
                ↓
              </button>
              <button
                type="button"
                class="icon"
                aria-label={`Remove ${input.name}`}
                onClick={() => {
                  onRemove(input.key);
                  setInputs((old) => old.filter((o) => o.key !== input.key));
                }}
              >
                ×
              </button>
            </span>
          </li>
        ))}
      </ol>
      <button type="button" class="quiet small" onClick={onClear}>
        Remove all
      </button>
    </>
  );
}
