import type { ComponentChildren } from 'preact';
import type { Resolution as Found } from '../inspector/link_story';
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
  const { answer, busy, error } = useAnswer(session, 'resolution', undefined);
  const text = place.value.find ?? '';
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
  const wanted = text.toLowerCase();
  const has = (...texts: string[]) => wanted === '' || texts.some((t) => t.toLowerCase().includes(wanted));
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
      {!isFinished && <Decided answer={answer} wanted={wanted} has={has} />}
      <List
        wanted={wanted}
        id="imported"
        title="Imported"
        about="What the host must provide."
        columns={['Import', 'Kind', 'Type', 'Used by']}
        rows={answer.imports
          .filter((row) => has(row.module, row.name, ...row.users.map(({ display }) => display)))
          .map((row) => [
            <Name text={`${row.module}.${row.name}`} most={80} />,
            row.kind,
            <Name text={row.type} most={80} />,
            row.users.map((user, i) => (
              <>
                {i > 0 && ', '}
                <ItemLink kind={user.kind} file={user.file} name={user.name} display={user.display} most={60} />
              </>
            )),
          ])}
      />
    </div>
  );
}

interface DecidedProps {
  answer: Found;
  wanted: string;
  /** Whether what is searched for is in one of the texts. */
  has(...texts: string[]): boolean;
}

/** What the linker chose among what it was given. */
function Decided({ answer, wanted, has }: DecidedProps) {
  return (
    <>
      <List
        wanted={wanted}
        id="extracted"
        title="From archives"
        about="A member is linked only if something needs it."
        columns={['Member', 'Because of', 'Needed by', number('Bytes')]}
        rows={answer.extracted
          .filter((row) => has(row.file, row.neededBy, row.symbol, row.display))
          .map((row) => [
            <FileLink file={row.file} />,
            <SymbolLink file={row.file} name={row.symbol} display={row.display} />,
            <Name text={row.neededBy} most={60} />,
            row.bytes.toLocaleString('en'),
          ])}
      />
      <List
        wanted={wanted}
        id="contests"
        title="Defined more than once"
        about="If a symbol has several definitions, the linker uses one of them."
        columns={['Symbol', 'Taken', 'Lost', 'Because']}
        rows={answer.contests
          .filter((row) => has(row.name, row.display, row.winner, ...row.losers.map(({ file }) => file)))
          .flatMap((row) =>
            row.losers.map((loser) => [
              <SymbolLink file={row.winner} name={row.name} at={row.winnerAt} display={row.display} />,
              <Name text={row.winner} most={60} />,
              <SymbolLink file={loser.file} name={row.name} at={loser.at} display={loser.file} />,
              loser.why,
            ]),
          )}
      />
      <List
        wanted={wanted}
        id="removed"
        title="Removed"
        about={`Garbage collection removed ${plural(answer.removedCount, 'item')} (${bytesText(answer.removedBytes)}), because nothing that is kept refers to them.`}
        columns={['What', 'Kind', 'From', 'Referred to by', number('Bytes')]}
        rows={answer.removed
          .filter((row) => has(row.name, row.display, row.file))
          .map((row) => [
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
          ])}
      />
    </>
  );
}

interface ListProps {
  /** What the rows were searched for. Other rows start at their top. */
  wanted: string;
  id: string;
  title: string;
  about: string;
  columns: (string | Column)[];
  rows: ComponentChildren[][];
}

function List({ wanted, id, title, about, columns, rows }: ListProps) {
  return (
    <section class="card" aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>
        {title} <span class="count">{rows.length.toLocaleString('en')}</span>
      </h2>
      <p class="muted small">{about}</p>
      {rows.length > 0 && (
        <RowTable
          key={wanted}
          label={`${title}: the list`}
          columns={columns}
          rows={rows}
          cells={(row) => row}
          most={rowsAtFirst}
        />
      )}
    </section>
  );
}
