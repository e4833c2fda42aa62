import { whyNotRun, type Output } from '../output';
import type { Program, RunState } from '../program';
import { msText } from '../text';

export function Run({ program, output }: { program: Program; output: Output }) {
  const why = whyNotRun(output);
  const state = program.state.value;
  const printed = program.printed.value;
  const running = state.kind === 'running';
  return (
    <section class="card" aria-labelledby="run-title">
      <h2 id="run-title" class={why === undefined ? 'unseen' : ''}>
        Run
      </h2>
      {why !== undefined ? (
        <p class="muted">{why}</p>
      ) : (
        <form
          class="run"
          autocomplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            running ? program.stop() : program.start(output);
          }}
        >
          <button type="submit" class={running ? 'stop' : 'primary'}>
            {running ? 'Stop' : 'Run'}
          </button>
          <label class="field inline">
            <span class="label">Arguments</span>
            <input type="text" spellcheck={false} value={program.args} onInput={(event) => (program.args.value = event.currentTarget.value)} />
          </label>
          <State state={state} />
        </form>
      )}
      {(printed.length > 0 || state.kind !== 'ready') && (
        <pre class="console" tabIndex={0} aria-label="What the program printed">
          {printed.length === 0 && !running && <span class="nothing">(it printed nothing)</span>}
          {printed.map(({ stream, text }, i) => (
            <span key={i} class={stream}>
              {text}
            </span>
          ))}
        </pre>
      )}
    </section>
  );
}

function State({ state }: { state: RunState }) {
  return (
    <span class="run-state" role="status">
      {state.kind === 'running' && <span class="badge">running…</span>}
      {state.kind === 'failed' && <span class="badge bad">{state.why}</span>}
      {state.kind === 'exited' && (
        <>
          <span class={state.code === 0 ? 'badge good' : 'badge warn'}>exit code {state.code}</span> <span class="muted">{msText(state.ms)}</span>
        </>
      )}
    </span>
  );
}
