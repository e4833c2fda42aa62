import type { LinkSaid } from '../linker.worker';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { defaultOutputName } from '../options';
import { download } from '../output';
import { hrefOf } from '../place';
import type { Input } from '../input';
import type { Session } from '../session';
import type { Story } from '../inspector/overview';
import { bytesText, plural, shown, shownLines } from '../text';
import { mostAtOnce, useAnswer } from './answer';
import { Diagnostics } from './diagnostics';
import { FileLink, ItemLink } from './link_to';
import { Name } from './name';

/** Less debug information, as a share of the module, is not worth a sentence. */
const leastDebug = 0.1;

/** What came out and what to look at, in sentences; errors take their place. */
export function Overview({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  const linking = session.linking.value;
  if (!outcome)
    return session.linked.value.length === 0 ? (
      <Welcome />
    ) : (
      <section class="card linking" aria-busy="true" aria-label="Overview" />
    );
  const { result, error, output, looked } = outcome;
  const refused = session.playground.failed.value;
  return (
    <section class={linking ? 'card linking' : 'card'} aria-labelledby="overview-title" aria-busy={linking}>
      <h2 id="overview-title" class="unseen">
        Overview
      </h2>
      {refused.length > 0 && result?.ok && (
        <p class="muted older">
          This is still the link of what compiled before. The source shows what the compiler says.
        </p>
      )}
      {error !== undefined && <p class="refusal">{shownLines(error)}</p>}
      {result && <Diagnostics session={session} diagnostics={result.diagnostics} />}
      {looked?.kind.name === 'component' && <Modules session={session} of={looked} />}
      {(output || looked?.kind.name === 'metafile') && (
        <Told session={session} size={output?.size ?? 0} isFinished={looked?.kind.name === 'module'} />
      )}
      {looked?.kind.name === 'metafile' && (
        <p class="muted">
          A metafile says whose the bytes of an output are, and has none of them: Symbols, Sections and Output show
          nothing. Drop the module itself to see those.
        </p>
      )}
      {result?.stdout && (
        <>
          <h3>Printed</h3>
          <pre class="console" role="group" tabIndex={0} aria-label="What the linker printed">
            {shownLines(result.stdout, 100_000)}
          </pre>
        </>
      )}
      {result && (
        <ExtraFiles files={filesBeside(result, String(session.values.value.outputName || defaultOutputName))} />
      )}
      {result && <Phases stats={result.stats} />}
    </section>
  );
}

/** The core modules of a component. */
function Modules({ session, of }: { session: Session; of: Input }) {
  const modules = session.aside.value.filter(({ name }) => name.startsWith(`${of.name}(`));
  const largest = [...modules].sort((a, b) => b.size - a.size);
  return (
    <>
      <p>
        <Name text={of.name} most={80} /> is a component: core modules, and how they are connected. weld links and looks
        into core modules.{' '}
        {modules.length === 0
          ? 'There is none in this component.'
          : `These are its ${plural(modules.length, 'core module')}, the largest first:`}
      </p>
      <ul class="sentences" aria-label="Core modules">
        {largest.map(({ key, name, size }) => (
          <li key={key}>
            <a href={hrefOf({ view: 'size', of: name })}>
              <Name text={name} most={80} /> <span class="muted">{bytesText(size)}</span>
            </a>
          </li>
        ))}
      </ul>
      <p class="muted">
        <code>wasm-tools component wit</code> prints the interface of a component.
      </p>
    </>
  );
}

function Welcome() {
  return (
    <section class="card welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">What this does</h2>
      <ol>
        <li>
          <strong>Compile</strong> on your machine without linking: <code>clang --target=wasm32-wasi -c main.c</code>,{' '}
          <code>rustc --emit=obj</code>, <code>emcc -c</code>. Or write C, C++ or wat above.
        </li>
        <li>
          <strong>Drop</strong> the objects and the libraries they need. They are linked here at once, and again with
          every change.
        </li>
        <li>
          <strong>See</strong> the result: errors with their place, or what the module is made of and why. Run the
          module, or download it.
        </li>
      </ol>
    </section>
  );
}

function Told({ session, size, isFinished }: { session: Session; size: number; isFinished: boolean }) {
  const [asked, setAsked] = useState(false);
  const isAsked = asked || size <= mostAtOnce;
  const { answer, error } = useAnswer(session, 'overview', undefined, isAsked);
  if (!isAsked)
    return (
      <p>
        <button type="button" onClick={() => setAsked(true)}>
          Say what this output is made of
        </button>
      </p>
    );
  if (error !== undefined) return <p class="refusal">{shown(error, 400)}</p>;
  return answer ? (
    <Sentences story={answer} isFinished={isFinished} />
  ) : (
    <div class="sentences told" aria-busy="true" />
  );
}

function Sentences({ story, isFinished }: { story: Story; isFinished: boolean }) {
  const { size, inputs, members, costs, debug, imports, removed, exported } = story;
  const share = (bytes: number, of = size) => `${Math.round((100 * bytes) / Math.max(1, of))} %`;
  // Where most is debug information, the shares of all would say nothing of the program.
  const isMostlyDebug = debug > size / 2;
  const ofDebug = debug > size * leastDebug && (
    <li class={isMostlyDebug ? 'headline' : ''}>
      <Link view="size">
        Debug information is <strong title={`${debug.toLocaleString('en')} bytes`}>{bytesText(debug)}</strong> (
        {share(debug)}){isFinished ? ': the rest is ' : '. Without it (--strip-debug) the output is '}
        <strong title={`${(size - debug).toLocaleString('en')} bytes`}>{bytesText(size - debug)}</strong>
      </Link>
    </li>
  );
  return (
    <ul class="sentences told" aria-label="What came out">
      {isMostlyDebug && ofDebug}
      {costs.map(({ item, path }, i) => (
        <li key={item.name} class={i === 0 && !isMostlyDebug ? 'cost headline' : 'cost'}>
          <ItemLink kind={item.kind} file={item.file} name={item.name} display={item.display} most={60} /> costs{' '}
          <strong title={`${item.retained.toLocaleString('en')} bytes`}>{bytesText(item.retained)}</strong> (
          {isMostlyDebug ? `${share(item.retained, size - debug)} of the rest` : share(item.retained)}){' '}
          {path.length > 0 && <Path path={path} />}
        </li>
      ))}
      {!isMostlyDebug && ofDebug}
      {isFinished && inputs.length > 0 && (
        <li>
          <Link view="size">
            The source files with the most code are{' '}
            {inputs.map(({ name, bytes }, i) => (
              <span key={name}>
                {i > 0 && ', '}
                <Name text={name} most={40} /> {bytesText(bytes)}
              </span>
            ))}
          </Link>
        </li>
      )}
      {!isFinished && (inputs.length > 1 || members.total > 0) && (
        <li>
          <Link view="size">
            {inputs.map(({ name, bytes }, i) => (
              <span key={name}>
                {i > 0 && ', '}
                <Name text={name} most={40} /> {i === 0 ? `makes ${share(bytes)} of the output` : share(bytes)}
              </span>
            ))}
          </Link>
        </li>
      )}
      {members.total > 0 && (
        <li>
          <Link view="resolution">
            {plural(members.taken, 'archive member')} of {members.total.toLocaleString('en')} were needed and linked
          </Link>
        </li>
      )}
      {removed.count > 0 && (
        <li>
          <Link view="resolution">
            {plural(removed.count, 'unused function or variable', 'unused functions and variables')} (
            {bytesText(removed.bytes)}) were left out
          </Link>
        </li>
      )}
      {imports.length > 0 && (
        <li>
          <Link view="output">
            It imports{' '}
            {imports.map(({ module, names, count }, i) => (
              <span key={module}>
                {i > 0 && ', and '}
                {names.map((name, n) => (
                  <span key={name}>
                    {n > 0 && ', '}
                    <Name text={name} most={40} />
                  </span>
                ))}
                {count > names.length && ` and ${count - names.length} more`} from <Name text={module} most={40} />
              </span>
            ))}
          </Link>
        </li>
      )}
      {exported.count > 0 && (
        <li>
          <Link view="output">
            It exports{' '}
            {exported.names.map((name, n) => (
              <span key={name}>
                {n > 0 && ', '}
                <Name text={name} most={40} />
              </span>
            ))}
            {exported.count > exported.names.length && ` and ${exported.count - exported.names.length} more`}
          </Link>
        </li>
      )}
    </ul>
  );
}

function Link({ view, children }: { view: 'size' | 'resolution' | 'output'; children: ComponentChildren }) {
  return <a href={hrefOf({ view })}>{children}</a>;
}

/** Which calls and addresses lead to it. */
function Path({ path }: { path: Story['costs'][number]['path'] }) {
  return (
    <span class="leads-to">
      <span class="muted">because of </span>
      {path.map((item, i) => (
        <span key={i}>
          {i > 0 && <span aria-hidden="true"> → </span>}
          {item.kind === 'file' ? (
            <FileLink file={item.name} most={40} />
          ) : item.name === '' ? (
            '…'
          ) : (
            <ItemLink kind={item.kind} file={item.file} name={item.name} display={item.display} most={40} />
          )}
        </span>
      ))}
    </span>
  );
}

/** Maps, lists of reasons: what `args` asked for. */
/** What the link wrote besides the output. */
function filesBeside({ files, sourceMap, debugFile }: LinkSaid, output: string): LinkSaid['files'] {
  return {
    ...files,
    ...(sourceMap && { [`${output}.map`]: sourceMap }),
    ...(debugFile && { [`${output}.debug.wasm`]: debugFile }),
  };
}

function ExtraFiles({ files }: { files: LinkSaid['files'] }) {
  return (
    <>
      {Object.entries(files).map(([name, bytes]) => (
        <p key={name} class="extra">
          <Name text={name} /> <span class="muted">{bytesText(bytes.length)}</span>{' '}
          <button type="button" class="plain" onClick={() => download(name.split('/').at(-1)!, bytes)}>
            Download
          </button>
        </p>
      ))}
    </>
  );
}

function Phases({ stats }: { stats: LinkSaid['stats'] }) {
  const phases = Object.entries(stats.phases);
  const longest = Math.max(...phases.map(([, ms]) => ms), 0.001);
  if (phases.length === 0) return null;
  return (
    <details class="phases">
      <summary>Time of each phase</summary>
      <table>
        <tbody>
          {phases.map(([phase, ms]) => (
            <tr key={phase}>
              <th scope="row">{phase.replaceAll('_', ' ')}</th>
              <td class="number">{ms.toFixed(1)} ms</td>
              <td class="bar-cell">
                <span class="bar" style={{ width: `${(100 * ms) / longest}%` }} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
