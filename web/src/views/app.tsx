import { useEffect, useState } from 'preact/hooks';
import { readDropped } from '../dropped_files';
import type { Session } from '../session';
import { Inputs } from './inputs';
import { Options } from './options';
import { Playground } from './playground';
import { lookers } from './lookers';
import { Result } from './result';
import { Run } from './run';
import { Tabs } from './tabs';

export function App({ session }: { session: Session }) {
  const dropping = useFileDrop(session);
  const outcome = session.outcome.value;
  const version = session.version.value;
  return (
    <div class={dropping ? 'page dropping' : 'page'}>
      <header class="top">
        <img src="./icon.svg" alt="" width="34" height="34" />
        <div>
          <h1>weld</h1>
          <p>A WebAssembly linker that runs in this page</p>
        </div>
        <p class="private">
          <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
            <path
              d="M4.5 7V5a3.5 3.5 0 0 1 7 0v2M3 7h10v7H3z"
              fill="none"
              stroke="currentColor"
              stroke-width="1.5"
              stroke-linejoin="round"
            />
          </svg>
          Nothing is uploaded: your files stay on this machine
        </p>
      </header>

      <main>
        <div class="column">
          <Inputs session={session} />
          <Options session={session} />
        </div>
        <div class="column">
          <Playground session={session} />
          <Tabs
            errors={
              (outcome?.result?.diagnostics.filter((d) => d.severity !== 'message').length ?? 0) +
              session.playground.failed.value.length
            }
          >
            {(view) => {
              if (view === 'result')
                return (
                  <>
                    <Result session={session} />
                    {outcome?.output && <Run program={session.program} output={outcome.output} />}
                  </>
                );
              const Looked = lookers[view];
              return <Looked session={session} />;
            }}
          </Tabs>
        </div>
      </main>

      <footer>
        <span>weld {version}</span>
        <span>
          Takes wasm-ld’s options. In Node and in pages of your own: <code>npm install wasm-weld</code>
        </span>
      </footer>
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
