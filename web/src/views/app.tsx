import { useEffect, useState } from 'preact/hooks';
import type { Palette as PaletteView } from './palette';
import { readDropped } from '../dropped_files';
import { isEmbedded, place } from '../place';
import type { Session } from '../session';
import { Divider } from './divider';
import { Inputs } from './inputs';
import { lookers } from './lookers';
import { Options } from './options';
import { Overview } from './overview';
import { findSource, focusIn, pane, panes, type Pane } from './pane';
import { Playground } from './playground';
import { ResultBar } from './result_bar';
import { Run } from './run';
import { Tabs } from './tabs';
import { paletteOpen, Top } from './top';

/** The workbench: files, source and output side by side, and below them what there is to see of the link. */
export function App({ session }: { session: Session }) {
  const dropping = useFileDrop(session);
  usePaletteKeys();
  const outcome = session.outcome.value;
  const state = session.program.state.value;
  const output = session.live.value?.output.value ?? outcome?.output;
  // What somebody asked for is what is seen. A program that keeps running while it is edited is seen with its source.
  useEffect(() => {
    if (state.kind === 'running' && pane.value === 'source' && !session.live.peek()?.isOn.peek()) pane.value = 'output';
  }, [state.kind]);
  useEffect(() => void (place.value.view !== 'result' && (pane.value = 'inspect')), [place.value]);
  // Where there is nothing to run, the overview says what there is.
  useEffect(() => void (outcome && !outcome.output && pane.value === 'output' && (pane.value = 'inspect')), [outcome]);
  const errors =
    (outcome?.result?.diagnostics.filter((d) => d.severity !== 'message').length ?? 0) +
    session.playground.failed.value.length;
  return (
    <div class={`page ${dropping ? 'dropping' : ''} ${outcome?.looked ? 'looks' : ''}`} data-pane={pane.value}>
      <SkipLinks hasSource={!outcome?.looked} />
      {!isEmbedded && <Top session={session} />}
      <main>
        <div class="bench">
          <div class="pane files-pane">
            <Inputs session={session} />
            <Options session={session} />
          </div>
          <Playground session={session} />
          <section class="pane output-pane" id="program" aria-labelledby="run-title">
            <h2 id="run-title">Program</h2>
            {output ? (
              <Run session={session} output={output} />
            ) : (
              <p class="muted empty">
                {outcome?.looked
                  ? 'There is nothing to run in this file.'
                  : outcome
                    ? 'There is no program to run: nothing was linked.'
                    : 'The program’s output will be here.'}
              </p>
            )}
          </section>
        </div>
        <Divider />
        <div class="inspect-pane">
          <ResultBar session={session} />
          <Tabs errors={errors} isGood={outcome?.result?.ok === true}>
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
        {isEmbedded ? (
          <a href="./" target="_blank">
            Open weld in a page of its own
          </a>
        ) : (
          <span>
            Takes wasm-ld’s options. In Node and in pages of your own: <code>npm install wasm-weld</code>
          </span>
        )}
      </footer>
      {paletteOpen.value && <Palette session={session} />}
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
            {name === 'inspect' && errors === 0 && outcome?.result?.ok && (
              <span class="linked" aria-hidden="true">
                {' '}
                ✓
              </span>
            )}
            {name === 'inspect' && errors > 0 && <span class="tab-count">{errors > 999 ? '999+' : errors}</span>}
          </button>
        ))}
      </nav>
    </div>
  );
}

/** Where the keyboard may go at once, past what is in between. Seen when they have the focus. */
function SkipLinks({ hasSource }: { hasSource: boolean }) {
  const to = (where: Pane, target: () => HTMLElement | null | undefined) => (event: Event) => {
    event.preventDefault();
    focusIn(where, target);
  };
  const find = (selector: string) => () => document.querySelector<HTMLElement>(selector);
  return (
    <nav class="skip-links" aria-label="Skip to">
      {hasSource && (
        <a href="#source" onClick={to('source', findSource)}>
          Skip to the source
        </a>
      )}
      <a href="#program" onClick={to('output', find('.output-pane :is(button, [tabindex="0"])'))}>
        Skip to the program
      </a>
      <a href="#views" onClick={to('inspect', find('[role=tab][aria-selected=true]'))}>
        Skip to the views
      </a>
    </nav>
  );
}

/** Ctrl-K anywhere, and `/` where nothing is typed. */
function usePaletteKeys(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isCtrlK =
        event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      const isSlash = event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey;
      const target = event.composedPath()[0];
      const isTyping =
        target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      if (event.defaultPrevented || !(isCtrlK || (isSlash && !isTyping))) return;
      event.preventDefault();
      paletteOpen.value = true;
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
}

function Palette({ session }: { session: Session }) {
  const [Loaded, setLoaded] = useState<typeof PaletteView>();
  useEffect(() => {
    import('./palette').then(
      (loaded) => setLoaded(() => loaded.Palette),
      () => {
        paletteOpen.value = false;
        session.news.value = 'This part of the page cannot be loaded. Check the network connection';
      },
    );
  }, []);
  return Loaded ? <Loaded session={session} close={() => (paletteOpen.value = false)} /> : null;
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
