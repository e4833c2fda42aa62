import type { RelocationStory, ToldRelocation } from '../inspector/explain_relocation';
import { linkerName } from '../inspector/link_story';
import { outputFile } from '../inspector/workspace';
import { go, hrefOf } from '../place';
import type { Session } from '../session';
import { plural, shown } from '../text';
import { FileLink } from './link_to';
import { Name } from './name';
import { Symbol } from './story_parts';

const hexByte = (byte: number) => byte.toString(16).padStart(2, '0');
const hexBytes = (bytes: Uint8Array) => [...bytes].map(hexByte).join(' ');
const number = (n: number) => n.toLocaleString('en');

/** How one relocation became a number, and the bytes before and after. */
export function Relocation({ session: _, choices, total, chosen }: RelocationStory & { session: Session }) {
  if (!chosen)
    return (
      <p class="lead">
        {total === 0
          ? 'These objects have no relocations: all their numbers were known when they were compiled.'
          : 'What these relocations are in was left out or rewritten, so there are no bytes to compare.'}
      </p>
    );
  const groups = new Map<string, typeof choices>();
  for (const choice of choices) {
    const key = `${choice.where} in ${choice.file}`;
    groups.set(key, [...(groups.get(key) ?? []), choice]);
  }
  const keyOf = ({ file, offset }: { file: string; offset: number }) => `${offset}/${file}`;
  const isLeb = chosen.encoding === 'LEB' || chosen.encoding === 'SLEB';
  return (
    <>
      <p class="lead">
        When <Name text={chosen.where} most={50} /> was compiled, nobody knew {unknown(chosen)}. The compiler left{' '}
        {plural(chosen.before.length, 'byte')} of room
        {chosen.before.every((byte) => (byte & 0x7f) === 0) && ', a zero,'} and wrote a note next to the code, a
        relocation: put the number of <Name text={chosen.display} most={50} /> here. Now the linker can.{' '}
        {answer(chosen)}
      </p>
      <label class="filter relocation-choice">
        <span class="label">
          Relocation{total > choices.length && ` (the first ${choices.length} of ${number(total)})`}
        </span>
        <select
          value={keyOf(chosen)}
          onChange={(event) => {
            const [offset, ...file] = event.currentTarget.value.split('/');
            go({ view: 'story', step: 'relocation', file: file.join('/'), offset: Number(offset) });
          }}
        >
          {[...groups].map(([where, list]) => (
            <optgroup key={where} label={shown(where, 90)}>
              {list.map((choice) => (
                <option key={keyOf(choice)} value={keyOf(choice)}>
                  {shown(choice.display, 60)}, {choice.type.replace('R_WASM_', '')} at 0x{choice.offset.toString(16)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <div class="relocation" key={keyOf(chosen)}>
        <figure>
          <figcaption>
            Before:{' '}
            <a href={hrefOf({ view: 'code', file: chosen.file, offset: chosen.offset })}>{shown(chosen.file, 60)}</a>,
            offset 0x{chosen.offset.toString(16)}
          </figcaption>
          <p class="byte-row before">
            {[...chosen.before].map((byte, i) => (
              <code key={i}>{hexByte(byte)}</code>
            ))}
          </p>
          <p class="note-row">
            <code>{chosen.type}</code> <Name text={chosen.display} most={60} />
            {chosen.addend !== 0 && ` ${chosen.addend > 0 ? '+' : '−'} ${Math.abs(chosen.addend)}`}
          </p>
        </figure>
        <figure>
          <figcaption>The number</figcaption>
          <p class="sum">
            {chosen.base !== undefined && chosen.addend !== 0 ? (
              <>
                {number(chosen.base)} {chosen.addend > 0 ? '+' : '−'} {number(Math.abs(chosen.addend))} ={' '}
              </>
            ) : null}
            <strong>{number(chosen.value)}</strong>
            {chosen.counted === 'address' && <span class="muted"> = 0x{chosen.value.toString(16)}</span>}
          </p>
          {isLeb ? <Leb told={chosen} /> : <LittleEndian told={chosen} />}
        </figure>
        <figure>
          <figcaption>
            After: <a href={hrefOf({ view: 'code', file: outputFile, offset: chosen.outputOffset })}>the output</a>,
            offset 0x{chosen.outputOffset.toString(16)}
          </figcaption>
          <p class="byte-row after">
            {[...chosen.after].map((byte, i) => (
              <code
                key={i}
                class={byte === chosen.before[i] ? '' : 'changed'}
                style={{ animationDelay: `${300 + i * 90}ms` }}
              >
                {hexByte(byte)}
              </code>
            ))}
          </p>
          {chosen.instruction && (
            <p class="note-row">
              <code>{shown(chosen.instruction.after, 120)}</code>
            </p>
          )}
        </figure>
      </div>
      <p class="told">
        {isLeb ? (
          <>
            Numbers in code are LEB128: seven bits a byte, the lowest first. The highest bit of a byte says that another
            byte follows. <code>{number(chosen.value)}</code> would fit into {plural(fewest(chosen), 'byte')}, but the
            compiler left {chosen.after.length}, so that any number fits and nothing has to move. The option{' '}
            <code>--compress-relocations</code> takes the room away.
          </>
        ) : (
          <>
            Data has plain numbers of {chosen.after.length} bytes, the lowest byte first. A program that loads{' '}
            <code>{hexBytes(chosen.after)}</code> gets {number(chosen.value)}.
          </>
        )}
      </p>
    </>
  );
}

/** What the compiler could not know. */
function unknown({ counted }: ToldRelocation): string {
  switch (counted) {
    case 'function':
      return 'which number the function that it calls would have';
    case 'slot':
      return 'which slot of the table the function would have';
    case 'address':
      return 'at which address the data would be';
    case 'global':
      return 'which number the global would have';
    case 'type':
      return 'which number the type would have';
    case 'table':
      return 'which number the table would have';
    case 'tag':
      return 'which number the tag would have';
    case 'other':
      return 'the number';
  }
}

function answer({ counted, target, base, imported, value, addend, display }: ToldRelocation) {
  if (!target)
    return (
      <>
        The number is <strong>{number(value)}</strong>.
      </>
    );
  const whose = target.file === linkerName ? 'the linker' : undefined;
  const from = whose ? (
    <>, which {whose} made,</>
  ) : target.kind === 'import' ? null : (
    <>
      {' '}
      of <FileLink file={target.file} most={50} />
    </>
  );
  switch (counted) {
    case 'function':
      return target.kind === 'import' ? (
        <>
          <Symbol name={target} /> is imported, and is function <strong>{base}</strong> of the module.
        </>
      ) : (
        <>
          <Symbol name={target} />
          {from} is function <strong>{base}</strong> of the module: {plural(imported, 'imported function')} come first,
          and {plural(base! - imported, 'function')} of the objects before it.
        </>
      );
    case 'slot':
      return (
        <>
          <Symbol name={target} />
          {from} is in slot <strong>{base}</strong> of the table.
        </>
      );
    case 'global':
      return (
        <>
          <Symbol name={target} />
          {from} is global <strong>{base}</strong> of the module.
        </>
      );
    case 'address':
      return (
        <>
          <Symbol name={{ ...target, name: target.name, display }} />
          {from} is at address <strong>{number(base!)}</strong>
          {addend !== 0 && ` and the relocation adds ${addend}, which makes ${number(value)}`}.
        </>
      );
    default:
      return null;
  }
}

/** How many bytes the number needs. */
function fewest({ value, encoding }: ToldRelocation): number {
  let bytes = 1;
  const limit = (n: number) => 2 ** (encoding === 'SLEB' ? 7 * n - 1 : 7 * n);
  while (value >= limit(bytes) || value < (encoding === 'SLEB' ? -limit(bytes) : 0)) bytes++;
  return bytes;
}

/** The number in groups of seven bits, each of which becomes a byte. */
function Leb({ told }: { told: ToldRelocation }) {
  return (
    <ol class="bit-groups" aria-label="Seven bits for each byte, the lowest first">
      {[...told.after].map((byte, i) => (
        <li key={i} style={{ animationDelay: `${i * 90}ms` }}>
          <code class="bits">
            <span class="more-bit" title={byte & 0x80 ? 'another byte follows' : 'this is the last byte'}>
              {byte >> 7}
            </span>
            {(byte & 0x7f).toString(2).padStart(7, '0')}
          </code>
          <span class="muted small">
            {i === 0 ? '' : '+ '}
            {byte & 0x7f}
            {i > 0 && (
              <>
                {' '}
                × 2<sup>{7 * i}</sup>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function LittleEndian({ told }: { told: ToldRelocation }) {
  return (
    <ol class="bit-groups" aria-label="Eight bits for each byte, the lowest first">
      {[...told.after].map((byte, i) => (
        <li key={i} style={{ animationDelay: `${i * 90}ms` }}>
          <code class="bits">{byte.toString(2).padStart(8, '0')}</code>
          <span class="muted small">
            {i === 0 ? '' : '+ '}
            {byte}
            {i > 0 && (
              <>
                {' '}
                × 2<sup>{8 * i}</sup>
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
