import { useState } from 'preact/hooks';
import { outputFile } from '../inspector/workspace';
import { download } from '../output';
import { hrefOf } from '../place';
import type { Session } from '../session';
import type { Section } from '../wasm_sections';
import { bytesText, shown } from '../text';
import { BytesLink } from './link_to';
import { Name } from './name';
import { NoOutput } from './waiting';

/** More rows than this show when they are asked for. */
const rowsAtFirst = 24;

export function Output({ session }: { session: Session }) {
  const output = session.outcome.value?.output;
  if (!output)
    return (
      <NoOutput session={session} picture="table" title="The output">
        See what is in the module: its sections, what it needs from its host, and what it offers.
      </NoOutput>
    );
  const { name, file, size, refusal, sections, imports, exports } = output;
  return (
    <section class="card" aria-labelledby="output-title">
      <div class="card-head">
        <h2 id="output-title">
          <Name text={name} />
        </h2>
        <span class="muted">{size.toLocaleString('en')} bytes</span>
      </div>
      <Downloads session={session} name={name} module={file} />
      {refusal !== undefined && <p class="refusal">The engine does not accept this module: {shown(refusal, 1000)}</p>}
      <Strip sections={sections} total={size} />
      <div class="tables">
        <Sections sections={sections} total={size} />
        <div>
          <Names title="Imports" rows={imports.map(({ module, name, kind }) => ({ group: module, name, kind }))} />
          <Names title="Exports" rows={exports.map(({ name, kind }) => ({ name, kind }))} />
        </div>
      </div>
    </section>
  );
}

/** Everything that can be kept of a link. What the link did not make is made when it is asked for. */
function Downloads({ session, name, module }: { session: Session; name: string; module: Blob }) {
  const [waiting, setWaiting] = useState<string>();
  const [failure, setFailure] = useState<string>();
  const base = name.replace(/\.wasm$/, '');
  const made = (label: string, question: 'map' | 'metafile' | 'importStub', file: string, type: string) => (
    <button
      type="button"
      aria-busy={waiting === label}
      onClick={async () => {
        setWaiting(label);
        setFailure(undefined);
        try {
          const answer = await session.ask(question);
          if (answer !== undefined)
            download(file, typeof answer === 'string' ? new TextEncoder().encode(answer) : answer, type);
        } catch (error) {
          setFailure(error instanceof Error ? error.message : String(error));
        }
        setWaiting(undefined);
      }}
    >
      {waiting === label ? 'Making it…' : label}
    </button>
  );
  return (
    <>
      <div class="downloads" role="group" aria-label="Download">
        <button type="button" class="primary" onClick={() => download(name, module, 'application/wasm')}>
          Module
        </button>
        {!session.outcome.value?.looked && made('Map', 'map', `${base}.map`, 'text/plain')}
        {made('Metafile', 'metafile', `${base}.meta.json`, 'application/json')}
        {made('Import stub', 'importStub', `${base}.imports.mjs`, 'text/javascript')}
        <span class="muted">
          Look into it: <a href={hrefOf({ view: 'sections', file: outputFile })}>bytes</a>,{' '}
          <a href={hrefOf({ view: 'symbols', file: outputFile })}>symbols</a>
        </span>
      </div>
      {failure !== undefined && <p class="refusal">{shown(failure, 400)}</p>}
    </>
  );
}

/** What a section is to somebody who asks where the bytes went. */
function roleOf({ id, name }: Section): 'code' | 'data' | 'debug' | 'names' | 'rest' {
  if (id === 10) return 'code';
  if (id === 11) return 'data';
  if (id === 0 && name.startsWith('.debug_')) return 'debug';
  if (id === 0 && name === 'name') return 'names';
  return 'rest';
}

const roles = { code: 'code', data: 'data', names: 'names', debug: 'debug information', rest: 'the rest' };

/** The whole module, to scale. */
function Strip({ sections, total }: { sections: Section[]; total: number }) {
  const sums = { code: 0, data: 0, names: 0, debug: 0, rest: total };
  for (const section of sections) {
    sums[roleOf(section)] += section.size;
    sums.rest -= section.size;
  }
  const parts = (Object.keys(sums) as (keyof typeof sums)[]).filter((role) => sums[role] > 0);
  return (
    <div class="strip-box">
      <div class="sections-strip" aria-hidden="true">
        {parts.map((role) => (
          <span key={role} class={role} style={{ flexGrow: sums[role] }} />
        ))}
      </div>
      <ul class="legend" aria-label="What the bytes are used for">
        {parts.map((role) => (
          <li key={role}>
            <span class={`dot ${role}`} />
            {roles[role]} <span class="muted">{bytesText(sums[role])}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Sections({ sections, total }: { sections: Section[]; total: number }) {
  const [most, setMost] = useState(rowsAtFirst);
  return (
    <div>
      <h3 id="sections-title">
        Sections <span class="count">{sections.length}</span>
      </h3>
      <div class="scroll" tabIndex={0} role="region" aria-labelledby="sections-title">
        <table aria-labelledby="sections-title">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="number">
                Offset
              </th>
              <th scope="col" class="number">
                Entries
              </th>
              <th scope="col" class="number">
                Size
              </th>
              <th scope="col" class="number share">
                Share
              </th>
            </tr>
          </thead>
          <tbody>
            {sections.slice(0, most).map((section, i) => (
              <tr key={i}>
                <th scope="row">
                  <span class={`dot ${roleOf(section)}`} aria-hidden="true" />
                  <BytesLink file={outputFile} offset={section.offset} text={shown(section.name, 60)} />
                </th>
                <td class="number muted">0x{section.offset.toString(16)}</td>
                <td class="number">{section.count?.toLocaleString('en')}</td>
                <td class="number">{section.size.toLocaleString('en')}</td>
                <td class="number muted share">{shareText(section.size / total)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <More count={sections.length - most} show={() => setMost(most * 10)} />
      </div>
    </div>
  );
}

function shareText(share: number): string {
  return share < 0.0005 ? '' : `${(100 * share).toFixed(1)} %`;
}

/** The button for the rows that are not shown. */
function More({ count, show }: { count: number; show(): void }) {
  if (count <= 0) return null;
  return (
    <button type="button" class="plain" onClick={show}>
      {count.toLocaleString('en')} more
    </button>
  );
}

interface Row {
  /** The module, of imports. */
  group?: string;
  name: string;
  kind: string;
}

function Names({ title, rows }: { title: string; rows: Row[] }) {
  const [most, setMost] = useState(rowsAtFirst);
  const visible = rows.slice(0, most);
  const byGroup = new Map<string | undefined, Row[]>();
  for (const row of visible) byGroup.set(row.group, [...(byGroup.get(row.group) ?? []), row]);
  const id = `${title.toLowerCase()}-title`;
  return (
    <>
      <h3 id={id}>
        {title} <span class="count">{rows.length}</span>
      </h3>
      {rows.length === 0 && <p class="muted">none</p>}
      <div class="scroll" tabIndex={0} role="region" aria-labelledby={id}>
        {[...byGroup].map(([group, members]) => (
          <>
            {group !== undefined && (
              <p class="group">
                <span class="muted">from</span> <Name text={group} most={80} />
              </p>
            )}
            <ul class="names">
              {members.map(({ name, kind }, i) => (
                <li key={i}>
                  <Name text={name} most={160} />
                  <span class="kind">{kind}</span>
                </li>
              ))}
            </ul>
          </>
        ))}
        <More count={rows.length - most} show={() => setMost(most * 10)} />
      </div>
    </>
  );
}
