import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { readDropped } from '../dropped_files';
import { place } from '../place';
import type { Session } from '../session';
import { Divider } from './divider';
import { Inputs } from './inputs';
import { lookers } from './lookers';
import { Options } from './options';
import { Overview } from './overview';
import { Playground } from './playground';
import { ResultBar } from './result_bar';
import { Run } from './run';
import { Tabs } from './tabs';
import { Top } from './top';

/** Where a small screen is: there, one of these is shown at a time. */
const panes = { source: 'Source', output: 'Output', inspect: 'Inspect' } as const;
type Pane = keyof typeof panes;
const pane = signal<Pane>('source');

/** The workbench: files, source and output side by side, and below them what there is to see of the link. */
export function App({ session }: { session: Session }) {
  const dropping = useFileDrop(session);
  const outcome = session.outcome.value;
  const state = session.program.state.value;
  // What somebody asked for is what is seen.
  useEffect(() => void (state.kind === 'running' && pane.value === 'source' && (pane.value = 'output')), [state.kind]);
  useEffect(() => void (place.value.view !== 'result' && (pane.value = 'inspect')), [place.value]);
  const errors =
    (outcome?.result?.diagnostics.filter((d) => d.severity !== 'message').length ?? 0) +
    session.playground.failed.value.length;
  return (
    <div class={dropping ? 'page dropping' : 'page'} data-pane={pane.value}>
      <Top session={session} />
      <main>
        <div class="bench">
          <div class="pane files-pane">
            <Inputs session={session} />
            <Options session={session} />
          </div>
          <Playground session={session} />
          <section class="pane output-pane" aria-labelledby="run-title">
            <h2 id="run-title">Program</h2>
            {outcome?.output ? (
              <Run program={session.program} output={outcome.output} />
            ) : (
              <p class="muted empty">
                {outcome ? 'There is no program to run: nothing was linked.' : 'The program’s output will be here.'}
              </p>
            )}
          </section>
        </div>
        <Divider />
        <div class="inspect-pane">
          <ResultBar session={session} />
          <Tabs errors={errors}>
            {(view) => {
              if (view === 'result') return <Overview session={session} />;
              const Looked = lookers[view];
              return <Looked session={session} />;
            }}
          </Tabs>
        </div>
      </main>
      <footer>
        <span>weld {session.version}</span>
        <span>
          Takes wasm-ld’s options. In Node and in pages of your own: <code>npm install wasm-weld</code>
        </span>
      </footer>
      <nav class="places" aria-label="Places">
        {(Object.keys(panes) as Pane[]).map((name) => (
          <button
            key={name}
            type="button"
            aria-current={pane.value === name}
            onClick={() => {
              pane.value = name;
              scrollTo(0, 0);
            }}
          >
            {panes[name]}
            {name === 'inspect' && errors > 0 && <span class="tab-count">{errors > 999 ? '999+' : errors}</span>}
          </button>
        ))}
      </nav>
    </div>
  );
}

/** Files may be dropped anywhere. True while they hover. */
function useFileDrop(session: Session): boolean {
  const [hovering, setHovering] = useState(false);
  useEffect(() => {
    const listening = new AbortController();
    const on = (type: 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void) =>
      addEventListener(type, listener, { signal: listening.signal });
    on('dragover', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setHovering(true);
    });
    on('dragleave', (event) => {
      if (!event.relatedTarget) setHovering(false);
    });
    on('drop', (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setHovering(false);
      void session.add(readDropped(event.dataTransfer));
    });
    return () => listening.abort();
  }, [session]);
  return hovering;
}
