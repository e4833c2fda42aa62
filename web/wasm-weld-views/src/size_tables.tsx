// The sizes of an output as tables: of what is open, and of what keeps the most.
import { useAsked } from './asked';
import type { Keeper, SizeAnswer, SizeNode, SizeSource } from './size_source';
import { Item, type LinkOf } from './size_words';
import { Name, Table, type Column } from './table';
import { plural, share, shown, signed } from './text';

const mostKeepers = 200;

export function linkOfNode(node: SizeNode, linkOf: LinkOf): string | undefined {
  return node.symbol === undefined ? undefined : linkOf({ kind: node.kind, name: node.symbol, file: node.file });
}

const number = (title: string, more = ''): Column => ({ title, class: `number ${more}`.trim() });

export function Rows({
  answer,
  compares,
  isFound,
  linkOf,
  open,
}: {
  answer: SizeAnswer;
  compares: boolean;
  isFound: boolean;
  linkOf: LinkOf;
  open(name: string): void;
}) {
  const whole = answer.above[0]!.bytes;
  const hasRetained = !compares && answer.rows.some(({ retained }) => retained !== undefined);
  const columns: Column[] = compares
    ? [
        { title: 'Part' },
        { title: 'What', class: 'muted' },
        { title: 'Change', class: 'muted' },
        number('Before'),
        number('Now'),
        number('By'),
      ]
    : [
        { title: 'Part' },
        { title: 'What', class: 'muted' },
        number('Bytes'),
        number('Share', 'muted'),
        ...(hasRetained ? [number('Retained')] : []),
      ];
  const rows = compares ? answer.rows.filter(({ bytes, before }) => bytes !== before) : answer.rows;
  const head = (node: SizeNode) => {
    const href = linkOfNode(node, linkOf);
    const name = <Name text={node.display} />;
    return (
      <>
        {!compares && <span class={`swatch hue-${node.hue}`} aria-hidden="true" />}
        {node.opens ? (
          <button type="button" class="in-row" onClick={() => open(node.name)}>
            {name}
          </button>
        ) : href !== undefined ? (
          <a href={href}>{name}</a>
        ) : (
          name
        )}
        {(isFound || compares) && node.file !== undefined && node.file !== node.display && (
          <>
            {' '}
            <span class="muted">
              <Name text={node.file} most={40} />
            </span>
          </>
        )}
      </>
    );
  };
  const what = (node: SizeNode) => (node.kind === 'group' ? plural(node.count, 'item') : node.kind);
  return (
    <div class="parts">
      {isFound && <p class="muted small">{plural(answer.rowCount, 'item')} found</p>}
      {compares && rows.length === 0 && <p class="muted small">Nothing differs here.</p>}
      <Table
        key={answer.above.map(({ name }) => name).join('\0')}
        label={compares ? 'What differs' : 'Parts by size'}
        columns={columns}
        rows={rows}
        count={compares ? rows.length : answer.rowCount}
        cells={(node) =>
          compares
            ? [
                head(node),
                what(node),
                changeWord(node),
                node.before.toLocaleString('en'),
                node.bytes.toLocaleString('en'),
                <span class={node.bytes > node.before ? 'more' : 'less'}>{signed(node.bytes - node.before)}</span>,
              ]
            : [
                head(node),
                what(node),
                node.bytes.toLocaleString('en'),
                share(node.bytes, whole),
                ...(hasRetained ? [node.retained?.toLocaleString('en') ?? ''] : []),
              ]
        }
      />
    </div>
  );
}

function changeWord({ bytes, before }: SizeNode): string {
  return before === 0 ? 'added' : bytes === 0 ? 'removed' : bytes > before ? 'grown' : 'shrunk';
}

/** The symbols that keep most: what is saved by doing without one. */
export function Keepers({ source, whole, linkOf }: { source: SizeSource | undefined; whole: number; linkOf: LinkOf }) {
  const { answer, error } = useAsked(source, '', (from) => from.keepers(mostKeepers));
  return (
    <section aria-labelledby="keepers">
      <h2 id="keepers">What keeps the most bytes</h2>
      <p class="muted small">
        The bytes that the output would lack without the symbol: its own bytes, and the bytes that only it keeps.
      </p>
      {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
      {answer && (
        <Table<Keeper>
          label="Symbols by retained size"
          columns={[
            { title: 'Symbol' },
            { title: 'What', class: 'muted' },
            { title: 'From' },
            number('Bytes'),
            number('Retained'),
            number('Share', 'muted'),
          ]}
          rows={answer.rows}
          count={answer.count}
          cells={(row) => [
            <Item item={row} linkOf={linkOf} most={80} />,
            row.kind,
            <Name text={row.file ?? '(linker)'} most={40} />,
            row.bytes.toLocaleString('en'),
            row.retained.toLocaleString('en'),
            share(row.retained, whole),
          ]}
        />
      )}
    </section>
  );
}
