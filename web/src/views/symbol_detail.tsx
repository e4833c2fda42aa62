import type { Explanation, ReportItem } from 'wasm-weld';
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { SymbolDetail } from '../inspector/detail';
import { outputFile } from '../inspector/workspace';
import { hrefOf } from '../place';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { Disassembly } from './disassembly';
import { stateWords } from './words';
import { BytesLink, FileLink, ItemLink, SymbolLink } from './link_to';
import { Name } from './name';

/** Everything about one symbol. */
export function Detail({ session, detail }: { session: Session; detail: SymbolDetail }) {
  const { name, display, kind, binding, flags, file, state, size, address, begin, type, section } = detail;
  return (
    <div class="detail">
      <h3 class="detail-name">
        <Name text={display} most={600} />
      </h3>
      {display !== name && (
        <p class="muted">
          <Name text={name} most={600} />
        </p>
      )}
      <p class="facts">
        {[binding, detail.defined ? kind : `undefined ${kind}`, ...flags].join(', ')}
        {type !== undefined && <span class="name">: {shown(type, 400)}</span>}
      </p>
      <dl class="pairs">
        <dt>In</dt>
        <dd>
          <FileLink file={file} />
        </dd>
        {begin !== undefined && (
          <>
            <dt>At</dt>
            <dd>
              {section}, <BytesLink file={file} offset={begin} text={`offset 0x${begin.toString(16)}`} />
            </dd>
          </>
        )}
        {size !== undefined && (
          <>
            <dt>Size</dt>
            <dd>{plural(size, 'byte')}</dd>
          </>
        )}
        {address !== undefined && (
          <>
            <dt>Address</dt>
            <dd class="name">0x{address.toString(16)}</dd>
          </>
        )}
        <dt>State</dt>
        <dd>
          {state === 'undefined' && detail.others.length === 0
            ? file === outputFile
              ? 'imported: the host provides it'
              : 'undefined: no input defines it'
            : stateWords[state].long}
        </dd>
      </dl>

      <Reasons matches={detail.why} />
      {detail.others.length > 0 && (
        <Group title="Defined elsewhere too" count={detail.others.length}>
          {detail.others.slice(0, 100).map((other) => (
            <li key={`${other.file}/${other.at}`}>
              <SymbolLink file={other.file} name={name} at={other.at} display={other.file} />{' '}
              <span class="muted">
                {other.binding}, {stateWords[other.state as keyof typeof stateWords].short}
              </span>
            </li>
          ))}
        </Group>
      )}
      <Group title="Referred to by" count={detail.referenceCount} open={detail.why.length === 0}>
        {detail.references.map((reference, i) => (
          <li key={i}>
            {reference.at === undefined ? (
              <Name text={reference.display} most={120} />
            ) : (
              <SymbolLink file={reference.file} name={reference.where} at={reference.at} display={reference.display} />
            )}{' '}
            <span class="muted">in</span>{' '}
            <BytesLink file={reference.file} offset={reference.offset} text={shown(reference.file, 60)} />
            {reference.count > 1 && <span class="muted"> {reference.count} times</span>}
          </li>
        ))}
      </Group>
      {detail.relocationCount > 0 && (
        <Group title="Refers to" count={detail.relocationCount}>
          {detail.relocations.map((relocation, i) => (
            <li key={i}>
              <BytesLink
                file={file}
                offset={relocation.begin}
                text={`+0x${(relocation.begin - (begin ?? 0)).toString(16)}`}
              />{' '}
              {relocation.name !== undefined && (
                <SymbolLink
                  file={file}
                  name={relocation.name}
                  at={relocation.at}
                  display={relocation.display ?? relocation.name}
                />
              )}
              {relocation.addend !== 0 && ` + ${relocation.addend}`}{' '}
              <span class="muted">{relocation.type.replace('R_WASM_', '')}</span>
            </li>
          ))}
        </Group>
      )}
      {detail.function !== undefined && (
        <Toggled title="Disassembly">
          {() => (
            <>
              <p>
                <a href={hrefOf({ view: 'code', file, ...(begin === undefined ? {} : { offset: begin }) })}>
                  Source, instructions and bytes side by side
                </a>
              </p>
              <Disassembly session={session} file={file} index={detail.function!} />
            </>
          )}
        </Toggled>
      )}
      {detail.bytes && detail.bytes.length > 0 && (
        <Toggled title="Bytes">
          {() => (
            <pre class="dump" role="group" tabIndex={0} aria-label="Bytes">
              {dump(detail.bytes!, begin ?? 0)}
            </pre>
          )}
        </Toggled>
      )}
    </div>
  );
}

/** Why it is there, or is not. */
function Reasons({ matches }: { matches: Explanation[] }) {
  return (
    <>
      {matches.map((match, i) => (
        <div key={i} class="why">
          <h4>{match.removed ? 'Why it is not in the output' : 'Why it is in the output'}</h4>
          {match.removed ? (
            <p>
              Nothing that is kept refers to it
              {match.referrers.length > 0 ? '; the items that do were removed too.' : '.'}
            </p>
          ) : (
            <>
              <ol class="path">
                {match.roots.slice(0, 3).map(({ reason, symbol }, r) => (
                  <li key={r} class="root">
                    {rootWords[reason] ?? reason}
                    {symbol !== undefined && (
                      <>
                        {' '}
                        <Name text={symbol} most={80} />
                      </>
                    )}
                  </li>
                ))}
                {match.path.map((item, p) => (
                  <li key={`p${p}`}>
                    <Item item={item} />
                  </li>
                ))}
              </ol>
              {match.retained !== undefined && match.retained > match.bytes && (
                <p class="muted">
                  {bytesText(match.bytes)} itself; without it the output would be {bytesText(match.retained)} smaller.
                </p>
              )}
              {match.tableSlot !== undefined && (
                <p class="muted">Its address is taken: slot {match.tableSlot} of the table.</p>
              )}
            </>
          )}
          {match.extracted && (
            <p class="muted">
              Its archive’s member was linked because <Name text={match.extracted.by} most={80} /> needs{' '}
              <Name text={match.extracted.symbol} most={80} />.
            </p>
          )}
          {match.referrers.length > 0 && (
            <Group title={match.removed ? 'Referred to by' : 'Kept by'} count={match.referrers.length}>
              {match.referrers.map((item, r) => (
                <li key={r}>
                  <Item item={item} />
                </li>
              ))}
            </Group>
          )}
        </div>
      ))}
    </>
  );
}

const rootWords: Record<string, string> = {
  entry: 'the entry',
  export: 'exported by an option:',
  'export-attribute': 'its object asks to export',
  'export-all': 'everything is exported:',
  'export-dynamic': 'exported as not hidden:',
  'no-strip': 'marked to be kept:',
  destructors: 'runs at the end',
  input: 'its object is linked as such',
  linker: 'the linker needs it',
  'custom-section': 'a custom section refers to it',
  format: 'the format needs it',
  'no-gc-sections': 'everything is kept (--no-gc-sections)',
};

function Item({ item }: { item: ReportItem }) {
  return (
    <>
      <ItemLink kind={item.kind} file={item.file} name={item.name} display={item.display || item.kind} />
      {item.file !== undefined && (
        <span class="muted">
          {' '}
          <Name text={item.file} most={60} />
        </span>
      )}
    </>
  );
}

function Group({
  title,
  count,
  open = false,
  children,
}: {
  title: string;
  count: number;
  open?: boolean;
  children: preact.ComponentChildren;
}) {
  if (count === 0) return <p class="none muted">{title}: nothing</p>;
  return (
    <details class="group-list" open={open}>
      <summary>
        {title} <span class="count">{count.toLocaleString('en')}</span>
      </summary>
      <ul class="plain-list">{children}</ul>
    </details>
  );
}

/** What costs something to make is made when it is opened. */
function Toggled({ title, children }: { title: string; children: () => preact.ComponentChildren }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="group-list" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{title}</summary>
      <Fragment>{open && children()}</Fragment>
    </details>
  );
}

const dumpRows = 256;

/** As hexdump writes it. */
function dump(bytes: Uint8Array, from: number): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length && rows.length < dumpRows; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((b) => b.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '.')).join('');
    rows.push(`${(from + at).toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  if (bytes.length > dumpRows * 16) rows.push('…');
  return rows.join('\n');
}
