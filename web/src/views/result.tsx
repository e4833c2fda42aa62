import type { LinkResult } from 'wasm-weld';
import { download } from '../output';
import type { Session } from '../session';
import { bytesText, msText, plural, shown, shownLines } from '../text';
import { Diagnostics } from './diagnostics';
import { Name } from './name';

export function Result({ session }: { session: Session }) {
  const outcome = session.outcome.value;
  const linking = session.linking.value;
  if (!outcome)
    return session.inputs.value.length === 0 ? (
      <Welcome />
    ) : (
      <section class="card linking" aria-busy="true" aria-label="Result" />
    );
  const { result, error, output } = outcome;
  const refused = session.playground.failed.value;
  return (
    <section class={linking ? 'card linking' : 'card'} aria-labelledby="result-title" aria-busy={linking}>
      <div class="result-head">
        <h2 id="result-title" class="unseen">
          Result
        </h2>
        <Verdict result={result} error={error} refused={refused} />
        {output && (
          <button type="button" class="primary" onClick={() => download(output.name, output.bytes, 'application/wasm')}>
            Download
          </button>
        )}
      </div>
      {refused.length > 0 && result?.ok && (
        <p class="muted older">
          This is still the link of what compiled before. The playground shows what the compiler says.
        </p>
      )}
      {error !== undefined && <p class="refusal">{shownLines(error)}</p>}
      {result && <Diagnostics session={session} diagnostics={result.diagnostics} />}
      {result?.stdout && (
        <>
          <h3>Printed</h3>
          <pre class="console" tabIndex={0} aria-label="What the linker printed">
            {shownLines(result.stdout, 100_000)}
          </pre>
        </>
      )}
      {result && <ExtraFiles files={result.files} />}
      {result && <Phases stats={result.stats} />}
    </section>
  );
}

function Welcome() {
  return (
    <section class="card welcome" aria-labelledby="welcome-title">
      <h2 id="welcome-title">What this does</h2>
      <ol>
        <li>
          <strong>Compile</strong> on your machine without linking: <code>clang --target=wasm32-wasi -c main.c</code>,{' '}
          <code>rustc --emit=obj</code>, <code>emcc -c</code>
        </li>
        <li>
          <strong>Drop</strong> the objects and the libraries they need. They are linked here at once, and again with
          every change.
        </li>
        <li>
          <strong>See</strong> the result: errors with their place, or the module's sections, imports and exports. Run
          the module, or download it.
        </li>
      </ol>
      <p class="muted">
        If you have no compiler at hand, open the sample. It is a C program with wasi-libc (1.3 MB, fetched when you
        open it).
      </p>
    </section>
  );
}

interface VerdictProps {
  result: LinkResult | undefined;
  error: string | undefined;
  /** Sources that do not compile: what is linked is older than they are. */
  refused: string[];
}

function Verdict({ result, error, refused }: VerdictProps) {
  const errors = result?.diagnostics.filter((d) => d.severity === 'error').length ?? 0;
  // Asked for its version, say, the linker links nothing, and nothing is wrong.
  const isAnswer = result !== undefined && !result.ok && errors === 0;
  const isGood = result?.ok === true && refused.length === 0;
  let verdict = `Not linked: ${plural(errors, 'error')}`;
  if (refused.length > 0) verdict = `Not compiled: ${shown(refused.join(', '), 80)}`;
  else if (result?.ok) verdict = 'Linked';
  else if (error !== undefined) verdict = 'The linker failed';
  else if (isAnswer) verdict = 'There was nothing to link';
  const isBad = !isGood && (!isAnswer || refused.length > 0);
  return (
    <div class="verdict-line" role="status">
      <p class={isGood ? 'verdict good' : isBad ? 'verdict bad' : 'verdict'}>
        <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
          <circle cx="10" cy="10" r="10" fill="currentColor" />
          <path d={isGood ? 'M5.5 10.3l3 3 6-6.3' : isBad ? 'M6.5 6.5l7 7m0-7l-7 7' : 'M6 10h8'} class="mark" />
        </svg>
        {verdict}
      </p>
      {result && (
        <dl class="figures">
          <Figure name="Time" value={msText(result.stats.total)} />
          {result.ok && (
            <>
              <Figure name="Objects" value={result.stats.objects.toLocaleString('en')} />
              <Figure name="Read" value={bytesText(result.stats.inputBytes)} />
              <Figure name="Output" value={bytesText(result.output.length)} />
            </>
          )}
        </dl>
      )}
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** Maps, lists of reasons: what `args` asked for. */
function ExtraFiles({ files }: { files: LinkResult['files'] }) {
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

function Phases({ stats }: { stats: LinkResult['stats'] }) {
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
