import type { ComponentChildren } from 'preact';
import type { Listed, Resolution as Found } from '../inspector/link_story';
import { amend, place } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { useAnswer } from './answer';
import { FileLink, ItemLink, SymbolLink } from './link_to';
import { Name } from './name';
import { number, RowTable, type Column } from './row_table';
import { isOfUse, NoOutput } from './waiting';

const rowsAtFirst = 100;

/** Who defines what for whom: what archives gave, what lost, what was removed, what the host has to give. */
export function Resolution({ session }: { session: Session }) {
  const text = place.value.find ?? '';
  const { answer, busy, error } = useAnswer(session, 'resolution', { text });
  if (error !== undefined) return <p class="card refusal">{shown(error, 400)}</p>;
  if (!answer)
    return busy && isOfUse(session) ? (
      <div class="card linking" aria-busy="true" />
    ) : (
      <NoOutput session={session} picture="table" title="Who defines what">
        See what libraries gave and why, which definitions were taken, and what was left out.
      </NoOutput>
    );
  const isFinished = session.outcome.value?.looked?.kind.name === 'module';
  return (
    <div class={busy ? 'column linking' : 'column'} aria-busy={busy}>
      <section class="card" aria-label="Filter">
        <label class="filter find">
          <span class="label">Find a symbol or a file</span>
          <input
            type="text"
            spellcheck={false}
            autocapitalize="off"
            value={text}
            onInput={(event) => amend({ find: event.currentTarget.value || undefined })}
          />
        </label>
        <p class="muted small">
          {isFinished
            ? 'This module was linked elsewhere. It does not say what libraries gave, which definitions were taken and what was left out.'
            : 'To see what refers to a symbol and what defines it, open it in Symbols.'}
        </p>
      </section>
      {!isFinished && <Decided answer={answer} wanted={text} />}
      <List
        wanted={text}
        id="imported"
        title="Imported"
        about="What the host must provide."
        columns={['Import', 'Kind', 'Type', 'Used by']}
        of={answer.imports}
        cells={(row) => [
          <Name text={`${row.module}.${row.name}`} most={80} />,
          row.kind,
          <Name text={row.type} most={80} />,
          row.users.map((user, i) => (
            <>
              {i > 0 && ', '}
              <ItemLink kind={user.kind} file={user.file} name={user.name} display={user.display} most={60} />
            </>
          )),
        ]}
      />
    </div>
  );
}

interface DecidedProps {
  answer: Found;
  wanted: string;
}

/** What the linker chose among what it was given. */
function Decided({ answer, wanted }: DecidedProps) {
  return (
    <>
      <List
        wanted={wanted}
        id="extracted"
        title="From archives"
        about="A member is linked only if something needs it."
        columns={['Member', 'Because of', 'Needed by', number('Bytes')]}
        of={answer.extracted}
        cells={(row) => [
          <FileLink file={row.file} />,
          <SymbolLink file={row.file} name={row.symbol} display={row.display} />,
          <Name text={row.neededBy} most={60} />,
          row.bytes.toLocaleString('en'),
        ]}
      />
      <List
        wanted={wanted}
        id="contests"
        title="Defined more than once"
        about="If a symbol has several definitions, the linker uses one of them."
        columns={['Symbol', 'Taken', 'Lost', 'Because']}
        of={answer.lost}
        cells={(row) => [
          <SymbolLink file={row.winner} name={row.name} at={row.winnerAt} display={row.display} />,
          <Name text={row.winner} most={60} />,
          <SymbolLink file={row.file} name={row.name} at={row.at} display={row.file} />,
          row.why,
        ]}
      />
      <List
        wanted={wanted}
        id="removed"
        title="Removed"
        about={`Garbage collection removed ${plural(answer.removedInAll.count, 'item')} (${bytesText(answer.removedInAll.bytes)}), because nothing that is kept refers to them.`}
        columns={['What', 'Kind', 'From', 'Referred to by', number('Bytes')]}
        of={answer.removed}
        cells={(row) => [
          <ItemLink kind={row.kind} file={row.file} name={row.name} display={row.display || row.kind} />,
          row.kind,
          <Name text={row.file} most={60} />,
          row.referrers.map((name, i) => (
            <>
              {i > 0 && ', '}
              <Name text={name} most={60} />
            </>
          )),
          row.bytes.toLocaleString('en'),
        ]}
      />
    </>
  );
}

interface ListProps<Row> {
  /** What the rows were searched for. Other rows start at their top. */
  wanted: string;
  id: string;
  title: string;
  about: string;
  columns: (string | Column)[];
  of: Listed<Row>;
  cells(row: Row): ComponentChildren[];
}

function List<Row>({ wanted, id, title, about, columns, of, cells }: ListProps<Row>) {
  const { rows, count } = of;
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title} <span class="count">{count.toLocaleString('en')}</span>
      </h2>
      <p class="muted small">{about}</p>
      {rows.length > 0 && (
        <RowTable
          key={wanted}
          label={`${title}: the list`}
          columns={columns}
          rows={rows}
          cells={cells}
          most={rowsAtFirst}
          count={count}
        />
      )}
    </section>
  );
}
