import { useMemo, useState } from 'preact/hooks';
import type { SizeModel } from 'wasm-weld';
import { Name, Table } from './table';
import { plural } from './text';

const mostRows = 1000;
const symbolKinds = ['function', 'data', 'global', 'table', 'tag', 'import'];

type Order = 'size' | 'name' | 'retained';

interface Row {
  name: string;
  display: string;
  kind: string;
  file: string | undefined;
  bytes: number;
  retained: number | undefined;
}

function rowsOf({ leaves, files, kinds }: SizeModel): Row[] {
  const rows: Row[] = [];
  leaves.name.forEach((name, leaf) => {
    const kind = kinds[leaves.kind[leaf]!]!;
    if (name === '' || leaves.base[leaf] === 0 || !symbolKinds.includes(kind) || leaves.count[leaf] === 0) return;
    const file = leaves.file[leaf]!;
    rows.push({
      name,
      display: leaves.display[leaf] || name,
      kind,
      file: file < 0 ? undefined : files.member[file] ? `${files.path[file]}(${files.member[file]})` : files.path[file],
      bytes: leaves.code[leaf]! + leaves.data[leaf]! + leaves.names[leaf]! + leaves.debug[leaf]! + leaves.rest[leaf]!,
      retained: leaves.retained?.[leaf],
    });
  });
  return rows;
}

export function SymbolsView({
  model,
  linkOf,
}: {
  model: SizeModel;
  linkOf(item: { kind: string; name: string; file: string | undefined }): string | undefined;
}) {
  const [text, setText] = useState('');
  const [order, setOrder] = useState<Order>('size');
  const all = useMemo(() => rowsOf(model), [model]);
  const rows = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const found = all.filter(
      ({ name, display, file }) =>
        wanted === '' ||
        display.toLowerCase().includes(wanted) ||
        name.toLowerCase().includes(wanted) ||
        file?.toLowerCase().includes(wanted),
    );
    const before = (a: Row, b: Row) => (a.display < b.display ? -1 : a.display > b.display ? 1 : 0);
    return found.sort((a, b) =>
      order === 'name'
        ? before(a, b)
        : order === 'retained'
          ? (b.retained ?? 0) - (a.retained ?? 0) || before(a, b)
          : b.bytes - a.bytes || before(a, b),
    );
  }, [all, text, order]);
  return (
    <div>
      <div class="tools">
        <label class="search">
          <span class="hidden">Find a symbol or a file</span>
          <input
            type="search"
            placeholder="Find a symbol or a file"
            value={text}
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <label>
          Order by{' '}
          <select value={order} onChange={(event) => setOrder(event.currentTarget.value as Order)}>
            <option value="size">Size</option>
            {model.explains && <option value="retained">Retained size</option>}
            <option value="name">Name</option>
          </select>
        </label>
        <span class="muted" role="status">
          {plural(rows.length, 'symbol')}
        </span>
      </div>
      <Table<Row>
        key={`${text} ${order}`}
        label="Symbols"
        columns={[
          { title: 'Symbol' },
          { title: 'What', class: 'muted' },
          { title: 'From' },
          { title: 'Bytes', class: 'number' },
          ...(model.explains ? [{ title: 'Retained', class: 'number' }] : []),
        ]}
        rows={rows.slice(0, mostRows)}
        count={rows.length}
        cells={(row) => {
          const href = linkOf(row);
          const name = <Name text={row.display} />;
          return [
            href === undefined ? name : <a href={href}>{name}</a>,
            row.kind,
            <Name text={row.file ?? (model.explains ? '(linker)' : '')} most={40} />,
            row.bytes.toLocaleString('en'),
            ...(model.explains ? [row.retained?.toLocaleString('en') ?? ''] : []),
          ];
        }}
      />
    </div>
  );
}
