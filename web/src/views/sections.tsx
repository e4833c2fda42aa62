import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Slice, useSlices } from '../../wasm-weld-views/src/slices';
import type { FileLine, FileStructure } from '../inspector/questions';
import type { Part } from '../inspector/structure';
import { outputFile } from '../inspector/workspace';
import { go, hrefOf, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { optionsAtOnce, useAnswer } from './answer';
import { Disassembly } from './disassembly';
import { EmptyView } from './empty_view';
import { Hex } from './hex';
import { placeOf } from './link_to';
import { Name } from './name';

/** Of functions or segments, so many are listed until one asks for more. */
const partsAtFirst = 200;

const noFiles: readonly FileLine[] = [];

/** What was looked at last, for when the view is opened without saying what. */
const lastFile = signal<string | undefined>(undefined);

export function Sections({ session }: { session: Session }) {
  const files = useAnswer(session, 'files', undefined).answer;
  const { file: wanted, offset } = place.value;
  const namesOf = (lines: readonly FileLine[]) =>
    lines.flatMap(({ name, members }) => (members.length > 0 ? members.map((m) => m.name) : name));
  const names = useMemo(() => namesOf(files ?? noFiles), [files]);
  const archive = files?.find(({ name, members }) => name === wanted && members.length > 0);
  const file =
    archive?.members[0]?.name ??
    wanted ??
    (lastFile.value !== undefined && names.includes(lastFile.value)
      ? lastFile.value
      : names.includes(outputFile)
        ? outputFile
        : names[0]);
  useEffect(() => void (lastFile.value = file), [file]);
  const { slices } = useSlices(files ?? noFiles, { first: optionsAtOnce });
  const isOffered = (name: string) => slices.some((some) => namesOf(some).includes(name));
  const { answer: structure, busy, error } = useAnswer(session, 'structure', { file: file ?? '' }, file !== undefined);
  if (session.linked.value.length === 0 && !session.outcome.value?.looked)
    return (
      <EmptyView session={session} picture="code" title="Sections and bytes">
        See what each byte of a file is: its sections, functions, data and relocations.
      </EmptyView>
    );
  return (
    <section class={busy ? 'card linking' : 'card'} aria-labelledby="sections-view-title" aria-busy={busy}>
      <h2 id="sections-view-title" class="unseen">
        Sections
      </h2>
      <div class="filters">
        <label class="filter wide">
          <span class="label">File</span>
          <select value={file} onChange={(event) => go({ view: 'sections', file: event.currentTarget.value })}>
            {file !== undefined && !isOffered(file) && (
              <option value={file}>{file === outputFile ? 'the output' : shown(file, 80)}</option>
            )}
            {slices.map((some, at) => (
              <Slice key={at} items={some} by={[]} draw={(line) => <FileOptions key={line.name} {...line} />} />
            ))}
          </select>
        </label>
        <GoTo key={file} file={file} size={structure && structure.name === file ? structure.size : undefined} />
      </div>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {/* Until another file's answer is there, what is shown and clicked is of this one. */}
      {structure && (
        <File
          key={structure.name}
          session={session}
          file={structure.name}
          structure={structure}
          offset={structure.name === file ? offset : undefined}
        />
      )}
      {!structure && !busy && file !== undefined && (
        <p class="muted">
          {files?.some(({ name }) => name === file)
            ? 'There is nothing in this archive.'
            : 'There is no such file among the inputs.'}
        </p>
      )}
    </section>
  );
}

/** Of an archive, its members. */
function FileOptions({ name, size, members }: FileLine) {
  if (members.length === 0)
    return (
      <option value={name}>
        {name === outputFile ? 'the output' : shown(name, 80)}, {bytesText(size)}
      </option>
    );
  return (
    <optgroup label={`${shown(name, 80)}, ${bytesText(size)}`}>
      {members.map((member) => (
        <option key={member.name} value={member.name}>
          {shown(member.name.slice(name.length + 1, -1), 80)}, {bytesText(member.size)}
        </option>
      ))}
    </optgroup>
  );
}

function GoTo({ file, size }: { file: string | undefined; size: number | undefined }) {
  const [text, setText] = useState('');
  const [refusal, setRefusal] = useState('');
  const goThere = () => {
    const digits = text.trim().replace(/^0x/i, '');
    const offset = Number.parseInt(digits, 16);
    if (!/^[0-9a-f]+$/i.test(digits)) setRefusal('Enter the offset as a hexadecimal number, such as 1f0 or 0x1f0.');
    else if (size !== undefined && offset >= size) setRefusal(`The file ends before that, at 0x${size.toString(16)}.`);
    else if (file !== undefined) go({ view: 'sections', file, offset });
  };
  return (
    <>
      <form
        class="filter"
        onSubmit={(event) => {
          event.preventDefault();
          goThere();
        }}
      >
        <label>
          <span class="label">Go to offset</span>
          <input
            type="text"
            spellcheck={false}
            placeholder="0x100"
            value={text}
            aria-invalid={refusal !== ''}
            aria-describedby={refusal === '' ? undefined : 'go-to-refusal'}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setRefusal('');
            }}
          />
        </label>
      </form>
      {refusal !== '' && (
        <p id="go-to-refusal" class="small refused" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

interface FileProps {
  session: Session;
  file: string;
  structure: FileStructure;
  offset: number | undefined;
}

function File({ session, file, structure, offset }: FileProps) {
  const { sections, size, description } = structure;
  const open = sections.findIndex(({ begin, end }) => offset !== undefined && offset >= begin && offset < end);
  const largest = Math.max(1, ...sections.map(({ begin, end }) => end - begin));
  return (
    <>
      <p class="muted table-count">
        {shown(description, 80)}, {plural(size, 'byte')}, {plural(sections.length, 'section')}
      </p>
      <div class="split sections-split">
        <ul class="tree" aria-label="Sections of the file">
          {sections.map((section, i) => (
            <li key={i}>
              <button
                type="button"
                class={i === open ? 'tree-row current' : 'tree-row'}
                aria-current={i === open ? 'true' : undefined}
                onClick={() => go({ view: 'sections', file, offset: section.begin })}
              >
                <span class="tree-name">
                  <Name text={section.name} most={60} />
                </span>
                {section.count !== undefined && section.relocations === 0 && (
                  <span class="tree-facts muted">{plural(section.count, 'entry', 'entries')}</span>
                )}
                <span class="muted number">{bytesText(section.end - section.begin)}</span>
                {section.relocations > 0 && (
                  <span class="tree-facts wide muted">
                    {section.count !== undefined && `${plural(section.count, 'entry', 'entries')}, `}
                    {plural(section.relocations, 'relocation')}
                  </span>
                )}
                <span class="share-bar" aria-hidden="true">
                  <span style={{ width: `${(100 * (section.end - section.begin)) / largest}%` }} />
                </span>
              </button>
              {i === open && section.children > 0 && (
                <Parts session={session} file={file} section={i} offset={offset} />
              )}
            </li>
          ))}
        </ul>
        <div class="hex-side">
          <Hex session={session} file={file} size={size} offset={offset} />
          <ul class="legend" aria-label="What the colours mean">
            <li>
              <span class="swatch is-head" />
              head of a section
            </li>
            <li>
              <span class="swatch is-payload" />
              contents
            </li>
            <li>
              <span class="swatch is-function" />
              <span class="swatch is-function odd" />
              functions
            </li>
            <li>
              <span class="swatch is-segment" />
              <span class="swatch is-segment odd" />
              data segments
            </li>
            <li>
              <span class="swatch is-relocation" />
              to be relocated
            </li>
          </ul>
          <Current session={session} file={file} section={open} offset={offset} />
        </div>
      </div>
    </>
  );
}

interface PartsProps {
  session: Session;
  file: string;
  section: number;
  offset: number | undefined;
}

/** Functions of the code, segments of the data. */
function Parts({ session, file, section, offset }: PartsProps) {
  const [text, setText] = useState('');
  const [most, setMost] = useState(partsAtFirst);
  const { answer } = useAnswer(session, 'parts', { file, section, text, from: 0, to: most });
  const isCurrent = (part: Part) => offset !== undefined && offset >= part.begin && offset < part.end;
  return (
    <div class="parts">
      <input
        type="text"
        spellcheck={false}
        aria-label="Find in this section"
        placeholder="Find"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <ul key={text}>
        {answer?.parts.map((part) => (
          <li key={part.begin}>
            <button
              type="button"
              class={isCurrent(part) ? 'tree-row current' : 'tree-row'}
              aria-current={isCurrent(part) ? 'true' : undefined}
              onClick={() => go({ view: 'sections', file, offset: part.begin })}
            >
              <span class="tree-name">
                <Name text={part.display} most={60} />
              </span>
              <span class="muted number">{bytesText(part.end - part.begin)}</span>
            </button>
          </li>
        ))}
      </ul>
      {answer && answer.count > most && (
        <button type="button" class="plain" onClick={() => setMost(most * 5)}>
          {plural(answer.count - most, 'more', 'more')}
        </button>
      )}
    </div>
  );
}

/** The function at the offset, as instructions. */
function Current({ session, file, section, offset }: PartsProps) {
  const isAsked = section >= 0 && offset !== undefined;
  const { answer } = useAnswer(session, 'partAt', { file, offset: offset ?? 0 }, isAsked);
  if (
    !isAsked ||
    !answer ||
    answer.kind !== 'function' ||
    answer.index === undefined ||
    answer.begin > offset ||
    answer.end <= offset
  )
    return null;
  return (
    <div class="shown-part">
      <h3>
        <Name text={answer.display} most={200} />
      </h3>
      <p class="muted">
        {plural(answer.end - answer.begin, 'byte')}, function {answer.index}.{' '}
        <a href={hrefOf(placeOf({ file, name: answer.name, at: answer.begin }))}>Its symbol</a>,{' '}
        <a href={hrefOf({ view: 'code', file, offset: answer.begin })}>its source and bytes side by side</a>
      </p>
      <Disassembly session={session} file={file} index={answer.index} />
    </div>
  );
}
