import type {
  AddressesChapter,
  ArchivesChapter,
  ChoicesChapter,
  KeptChapter,
  MemberNode,
  NumbersChapter,
  ObjectsChapter,
} from '../inspector/explain';
import { hrefOf } from '../place';
import { isPart } from '../sample';
import type { Session } from '../session';
import { bytesText, plural, shown } from '../text';
import { FileLink } from './link_to';
import { Name } from './name';
import { hex, Lead, List, More, number, shortFile, Symbol } from './story_parts';

export function Objects({ objects, objectCount, archiveCount }: ObjectsChapter) {
  const [first] = objects;
  if (!first) return <Lead>There is no object with symbols among the inputs.</Lead>;
  const needed = first.needs.find(({ from }) => from === 'input');
  return (
    <>
      <Lead>
        A compiler makes one object of each source, and knows nothing of the others. So an object comes with two lists:
        the names that it offers, and the names that it needs. <FileLink file={first.file} most={40} /> offers{' '}
        {plural(first.offerCount, 'name')} and needs {number(first.needCount)}.
        {needed && (
          <>
            {' '}
            It needs <Symbol name={needed} />, for instance, which <FileLink file={needed.file} most={50} /> offers.
          </>
        )}{' '}
        The linker has to find who offers each name that is needed.
      </Lead>
      <div class="object-cards">
        {objects.map((object) => (
          <div key={object.file} class="object-card">
            <h4>
              <FileLink file={object.file} most={50} /> <span class="muted">{bytesText(object.bytes)}</span>
            </h4>
            <div class="offers-needs">
              <div>
                <h5>offers {number(object.offerCount)}</h5>
                <ul>
                  {object.offers.map((name) => (
                    <li key={name.name} class={`mark-${name.kind}`}>
                      <Symbol name={name} most={44} />
                    </li>
                  ))}
                  {object.offerCount > object.offers.length && (
                    <li class="muted">and {number(object.offerCount - object.offers.length)} more</li>
                  )}
                </ul>
              </div>
              <div>
                <h5>needs {number(object.needCount)}</h5>
                <ul>
                  {object.needs.map((need) => (
                    <li key={need.name} class={`mark-${need.kind}`}>
                      <Name text={need.display} most={44} />{' '}
                      <span class={`giver from-${need.from}`}>
                        {need.from === 'input' ? (
                          <>
                            ← <FileLink file={need.file} most={36} />
                          </>
                        ) : need.from === 'linker' ? (
                          '← the linker makes it'
                        ) : need.from === 'host' ? (
                          '← the host gives it'
                        ) : (
                          'nobody: the reference is weak, or not used'
                        )}
                      </span>
                    </li>
                  ))}
                  {object.needCount > object.needs.length && (
                    <li class="muted">and {number(object.needCount - object.needs.length)} more</li>
                  )}
                </ul>
              </div>
            </div>
          </div>
        ))}
      </div>
      {objectCount > objects.length && (
        <p class="muted">
          {plural(objectCount - objects.length, 'more object')}{' '}
          {archiveCount > 0 && `and ${plural(archiveCount, 'library', 'libraries')} `}
          are linked in the same way.
        </p>
      )}
      <More view="symbols">All names of all files, in Symbols</More>
    </>
  );
}

export function Archives({ session, roots, archives, taken }: ArchivesChapter & { session: Session }) {
  if (taken === 0)
    return (
      <Lead>
        No library gave anything: the objects offer all that they need, or there is no library among the inputs. A
        library is an archive of objects, of which the linker takes only those that offer a name that is missing.
      </Lead>
    );
  const root = roots.find(({ file }) => !/crt1/.test(file)) ?? roots[0];
  const first = root?.children[0];
  const second = first?.children[0];
  return (
    <>
      <Lead>
        A library is an archive of objects. The linker takes only members that offer a name which is missing.{' '}
        {root && first && (
          <>
            <Name text={root.file} most={50} /> needs <Name text={first.display} most={50} />, which only{' '}
            <FileLink file={first.file} most={60} /> offers, so this member is linked too.{' '}
          </>
        )}
        {second ? (
          <>
            It needs <Name text={second.display} most={50} /> in turn, which brings{' '}
            <FileLink file={second.file} most={60} />. This goes on until nothing is missing.
          </>
        ) : (
          'This goes on until nothing is missing.'
        )}
      </Lead>
      <ul class="archive-shares">
        {archives.map(({ name, taken, total, bytes }) => (
          <li key={name}>
            <span class="archive-name">
              <Name text={name} most={40} />
            </span>
            <span class="share" aria-hidden="true">
              <span style={{ width: `${(100 * taken) / Math.max(1, total)}%` }} />
            </span>
            <span>
              {number(taken)} of {plural(total, 'member')} <span class="muted">{bytesText(bytes)} of the output</span>
            </span>
          </li>
        ))}
      </ul>
      {session.inputs.value.some(({ name, origin }) => isPart(origin) && archives.some((one) => one.name === name)) && (
        <p class="muted small">
          The page fetched only those members that this sample needs. The whole library has many more.
        </p>
      )}
      <div class="member-tree">
        {roots.map((root) => (
          <div key={root.file}>
            <p class="member-root">
              <Name text={root.file} most={60} /> <span class="muted">needs</span>
            </p>
            <Members nodes={root.children} more={root.more} />
          </div>
        ))}
      </div>
      <More view="resolution">All members, and what needed them, in Resolution</More>
    </>
  );
}

function Members({ nodes, more }: { nodes: MemberNode[]; more: number }) {
  if (nodes.length === 0 && more === 0) return null;
  return (
    <ul>
      {nodes.map((node, i) => (
        <li key={node.file} style={{ animationDelay: `${Math.min(i, 12) * 45}ms` }}>
          <Name text={node.display} most={50} /> <span class="muted">←</span>{' '}
          <a href={hrefOf({ view: 'sections', file: node.file })} title={node.file}>
            <Name text={shortFile(node.file)} most={50} />
          </a>{' '}
          <span class="muted">{bytesText(node.bytes)}</span>
          <Members nodes={node.children} more={node.more} />
        </li>
      ))}
      {more > 0 && <li class="muted">and {plural(more, 'more member')}</li>}
    </ul>
  );
}

export function Choices({ choices, total, tooMany }: ChoicesChapter) {
  if (tooMany)
    return (
      <Lead>
        A name may have several definitions. The linker takes one of them. This program has so many files that comparing
        their definitions takes a while: <a href={hrefOf({ view: 'resolution' })}>Resolution lists them</a>.
      </Lead>
    );
  const [first] = choices;
  const comdats = choices.some(({ lost }) => lost.some(({ why }) => why.includes('comdat')));
  return (
    <>
      <Lead>
        {first === undefined ? (
          <>
            Each name that this program uses has exactly one definition, so there was nothing to choose. Two ordinary
            definitions of one name would be an error. A weak definition gives way to an ordinary one, and of inline
            functions, which each object has a copy of, one copy is enough.
          </>
        ) : (
          <>
            {plural(total, 'name')} of this program {total === 1 ? 'has' : 'have'} more than one definition.{' '}
            <Symbol name={{ ...first, kind: 'function', file: first.taken }} /> was taken from{' '}
            <FileLink file={first.taken} most={50} />
            {first.lost[0] && (
              <>
                , and not from <FileLink file={first.lost[0].file} most={50} />, because {first.lost[0].why}
              </>
            )}
            .{' '}
            {comdats
              ? 'C++ puts a copy of an inline function or template into each object that uses it. The copies have one name and are in a group (a comdat), of which the linker keeps the first.'
              : 'A weak definition gives way to one that is not weak.'}
          </>
        )}
      </Lead>
      {choices.length > 0 && (
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Taken from</th>
                <th scope="col">Not from</th>
                <th scope="col">Because</th>
              </tr>
            </thead>
            <tbody>
              {choices.map(({ name, display, taken, lost }) => (
                <tr key={name}>
                  <th scope="row">
                    <Symbol name={{ name, display, kind: 'function', file: taken }} most={56} />
                  </th>
                  <td>
                    <Name text={taken} most={40} />
                  </td>
                  <td>
                    <List of={lost.map(({ file }) => <Name text={file} most={40} />)} />
                  </td>
                  <td class="muted">{lost[0]?.why}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {total > choices.length && <More view="resolution">All {number(total)}, in Resolution</More>}
    </>
  );
}

const rootReasons: Record<string, string> = {
  entry: 'the entry',
  export: 'exported by an option',
  'exported as': 'exported',
  'export-attribute': 'exported by its object',
  'export-all': 'exported with all others',
  'export-dynamic': 'exported, for it is not hidden',
  'no-strip': 'marked to be kept',
  destructors: 'runs at the end',
  linker: 'needed by the linker',
  'custom-section': 'named by a custom section',
  format: 'needed by the format',
  'no-gc-sections': 'kept with everything',
};

export function Kept({ isFinished, gc, roots, kept, removed, removedCount, removedBytes, path }: KeptChapter) {
  // One of several reasons is enough, and the first says most.
  const firsts = roots.filter(({ symbol }, i) => roots.findIndex((other) => other.symbol === symbol) === i).slice(0, 4);
  const dead = removed.find(({ referrerCount }) => referrerCount === 0) ?? removed[0];
  return (
    <>
      <Lead>
        {gc ? (
          <>
            The linker starts with what somebody outside may use:{' '}
            <List
              of={firsts.map(({ symbol, reason }) => (
                <>
                  <Name text={symbol} most={40} /> ({rootReasons[reason] ?? reason})
                </>
              ))}
            />
            . Whatever these call, or take the address of, stays, and what that refers to as well. So{' '}
            {plural(kept.functions, 'function')} and {plural(kept.data, 'piece')} of data stay.{' '}
            {isFinished ? (
              'What was left out is not in the module.'
            ) : removedCount === 0 ? (
              'Everything that was linked is reached, and nothing was left out.'
            ) : (
              <>
                Nothing reaches the other {number(removedCount)}: they are left out, with their{' '}
                {bytesText(removedBytes)}.
                {dead && (
                  <>
                    {' '}
                    <Symbol name={dead} /> of <Name text={dead.file} most={40} /> is one of them.
                  </>
                )}
              </>
            )}
          </>
        ) : (
          <>
            {isFinished
              ? 'Its code has instructions that are not read here, so it cannot be said why each function is there:'
              : 'Garbage collection is off, so everything that was linked stays:'}{' '}
            {plural(kept.functions, 'function')} and {plural(kept.data, 'piece')} of data.
          </>
        )}
      </Lead>
      {path.length > 1 && (
        <>
          <h4>Why {path.at(-1)!.display} stays</h4>
          <ol class="reach">
            {path.map((step, i) => (
              <li key={i} style={{ animationDelay: `${i * 110}ms` }}>
                <Symbol name={step} most={40} /> <span class="muted">{shortFile(step.file)}</span>
              </li>
            ))}
          </ol>
        </>
      )}
      {removed.length > 0 && (
        <>
          <h4>What was left out</h4>
          <div class="scroll-x">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">From</th>
                  <th scope="col" class="number">
                    Bytes
                  </th>
                  <th scope="col">Because</th>
                </tr>
              </thead>
              <tbody>
                {removed.map((row, i) => (
                  <tr key={i}>
                    <th scope="row">
                      <Symbol name={row} most={50} />
                    </th>
                    <td>
                      <Name text={row.file} most={40} />
                    </td>
                    <td class="number">{number(row.bytes)}</td>
                    <td class="muted">
                      {row.referrerCount === 0 ? (
                        'nothing refers to it'
                      ) : (
                        <>
                          only{' '}
                          <List
                            of={row.referrers.map((name) => <Name text={name} most={40} />)}
                            more={row.referrerCount - row.referrers.length}
                          />{' '}
                          {row.referrerCount === 1 ? 'refers to it, and was' : 'refer to it, and were'} left out too
                        </>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {removedCount > removed.length && <More view="resolution">All {number(removedCount)}, in Resolution</More>}
        </>
      )}
    </>
  );
}

export function Numbers(chapter: NumbersChapter) {
  const { imported, importedCount, functionCount, functions, slots, slotCount, types } = chapter;
  const moves = functions.filter(({ before, after }) => before !== undefined && before !== after);
  const moved = moves.find(({ name }) => name !== '_start') ?? moves[0];
  const areBefore = functions.some(({ before }) => before !== undefined);
  return (
    <>
      <Lead>
        A module has no names for its functions, only numbers. Imported functions come first
        {importedCount > 0 ? (
          <>
            : numbers 0 to {importedCount - 1} are those that the host gives, such as{' '}
            <Name text={`${imported[0]!.module}.${imported[0]!.name}`} most={60} />
          </>
        ) : (
          ', and this module imports none'
        )}
        . The other {number(functionCount - importedCount)} follow in the order of the objects.
        {moved && (
          <>
            {' '}
            <Symbol name={moved} /> was function {moved.before} of <Name text={moved.file} most={40} />. In the module
            it is function <strong>{moved.after}</strong>.
          </>
        )}
      </Lead>
      {functions.length > 0 && (
        <div class="scroll-x">
          <table class="numbers-table">
            <thead>
              <tr>
                <th scope="col">Function</th>
                <th scope="col">{areBefore ? 'Object' : 'File'}</th>
                {areBefore && (
                  <th scope="col" class="number">
                    In the object
                  </th>
                )}
                <th scope="col" class="number">
                  In the module
                </th>
              </tr>
            </thead>
            <tbody>
              {functions.map((row) => (
                <tr key={row.after}>
                  <th scope="row">
                    <Symbol name={row} most={50} />
                  </th>
                  <td>
                    <Name text={row.file} most={40} />
                  </td>
                  {areBefore && <td class="number muted">{row.before ?? '?'}</td>}
                  <td class="number">
                    <span class="arrived">{row.after}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h4>Functions that are called by address</h4>
      {slotCount === 0 ? (
        <p>No function of this program has its address taken, so the table of functions is empty.</p>
      ) : (
        <>
          <p class="told">
            Code is not in memory, so a pointer to a function cannot be an address. It is the number of a slot in a
            table, which holds the function. Slot 0 stays empty: it is the null pointer. {plural(slotCount, 'function')}{' '}
            {slotCount === 1 ? 'has' : 'have'} a slot.
          </p>
          <ol class="slots" aria-label="Slots of the table">
            <li>
              <span class="slot-number">0</span> <span class="muted">null</span>
            </li>
            {slots.map((row) => (
              <li key={row.slot}>
                <span class="slot-number">{row.slot}</span> <Symbol name={row} most={40} />{' '}
                <span class="muted">function {row.index}</span>
              </li>
            ))}
            {slotCount > slots.length && <li class="muted">and {number(slotCount - slots.length)} more</li>}
          </ol>
        </>
      )}
      <p class="told">
        Types are numbered too, and equal ones are one type:{' '}
        {types.before > 0 && `the objects above have ${number(types.before)} types, and `}
        the whole module has {number(types.after)}.
      </p>
    </>
  );
}

const regionWords: Record<string, string> = {
  stack: 'Stack',
  data: 'Data',
  zeros: 'Zeros',
  tls: 'Data of a thread',
  heap: 'Heap',
  unused: '',
};

export function Addresses({ regions, pages, pageSize, data, dataCount }: AddressesChapter) {
  const shownRegions = regions.filter(({ kind, size }) => kind !== 'unused' || size >= 1024);
  const [first] = data;
  const stack = regions.find(({ kind }) => kind === 'stack');
  const heap = regions.find(({ kind }) => kind === 'heap');
  return (
    <>
      <Lead>
        The memory of the module is {number(pages * pageSize)} bytes at the start.
        {stack && (
          <>
            {' '}
            {stack.address === 0 ? 'At its beginning is' : `From ${hex(stack.address)} on is`} room for the stack,{' '}
            {bytesText(stack.size)}
            {stack.address === 0 &&
              ', so that a stack that overflows leaves the memory and traps, and does not overwrite data'}
            .
          </>
        )}{' '}
        Data of the same kind is put together.
        {first && (
          <>
            {' '}
            <Symbol name={first} /> of <Name text={first.file} most={40} /> is {plural(first.size, 'byte')} in{' '}
            <Name text={first.segment} most={30} /> and got the address <strong>{hex(first.address)}</strong>
            {first.align !== undefined && first.align > 1 && `, which is a multiple of ${first.align} as it must be`}.
          </>
        )}
        {heap && ` The heap begins behind the data, at ${hex(heap.address)}.`}
      </Lead>
      <ol class="memory-column" aria-label="The memory, from address 0">
        {shownRegions.map((region, i) => (
          <li
            key={region.address}
            class={`memory-${region.kind}`}
            style={{ flexGrow: Math.max(1, Math.log2(region.size + 1)), animationDelay: `${i * 70}ms` }}
          >
            <code>{hex(region.address)}</code>
            <strong>{regionWords[region.kind] ?? region.kind}</strong>
            {region.name && region.name !== region.kind && <Name text={region.name} most={24} />}
            <span class="muted">{bytesText(region.size)}</span>
          </li>
        ))}
      </ol>
      <p class="muted small">Larger regions are drawn larger, but not to scale.</p>
      {data.length > 0 && (
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Data</th>
                <th scope="col">Object</th>
                <th scope="col">Segment</th>
                <th scope="col" class="number">
                  Bytes
                </th>
                <th scope="col" class="number">
                  Address
                </th>
              </tr>
            </thead>
            <tbody>
              {data.map((row) => (
                <tr key={row.address}>
                  <th scope="row">
                    <Symbol name={row} most={44} />{' '}
                    {row.text !== undefined && <code class="content">"{shown(row.text, 40)}"</code>}
                  </th>
                  <td>
                    <Name text={row.file} most={36} />
                  </td>
                  <td>
                    <Name text={row.segment} most={24} />
                  </td>
                  <td class="number">{number(row.size)}</td>
                  <td class="number">
                    <span class="arrived">{hex(row.address)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <More view="memory">All {number(dataCount)} in Memory, to scale</More>
    </>
  );
}
