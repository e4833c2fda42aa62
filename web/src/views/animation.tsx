// An animation: where it draws, and the switch with which it keeps running while it is edited.
import '../animation.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Live, type LiveNews, type PatchTimes } from '../live';
import type { Output } from '../output';
import type { Session } from '../session';
import { listed, msText, plural, shown } from '../text';

interface AnimationProps {
  session: Session;
  output: Output;
  /** How it is. */
  children?: ComponentChildren;
}

export function Animation({ session, output, children }: AnimationProps) {
  const { program } = session;
  useEffect(() => void (session.live.value ??= new Live(session)), [session]);
  const live = session.live.value;
  const isOn = live?.isOn.value === true;
  const running = program.state.value.kind === 'running';
  return (
    <>
      <form
        class="run"
        autocomplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          if (live && isOn) running ? live.stop() : live.start();
          else running ? program.stop() : program.start(output);
        }}
      >
        <button type="submit" class={running ? 'stop' : 'primary'}>
          {running ? 'Stop' : 'Run'}
        </button>
        <label
          class="check live-switch"
          title="Each edit is compiled, and patched into the program while it runs: its variables stay as they are. Switching this on starts the program anew, and fetches clang (27 MB) the first time if there is C or C++ to compile"
        >
          <input
            type="checkbox"
            role="switch"
            checked={isOn}
            disabled={!live}
            onChange={(event) => void (event.currentTarget.checked ? live?.turnOn() : live?.turnOff())}
          />
          Live
        </label>
        {children}
      </form>
      <Stage session={session} isLive={isOn} />
      {live && isOn && <News live={live} />}
    </>
  );
}

/** The canvas of the run, in its full width. The program draws on it in its worker, which is told its size and the pointer. */
function Stage({ session: { program }, isLive }: { session: Session; isLive: boolean }) {
  const host = useRef<HTMLDivElement>(null);
  const canvas = program.canvas.value;
  useEffect(() => {
    const place = host.current!;
    place.replaceChildren(...(canvas ? [canvas] : []));
    const measure = () => {
      const { width, height } = place.getBoundingClientRect();
      program.resize({ width, height, ratio: devicePixelRatio });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(place);
    return () => observer.disconnect();
  }, [program, canvas]);
  const point = (event: PointerEvent) => {
    const { left, top } = host.current!.getBoundingClientRect();
    program.point(event.clientX - left, event.clientY - top, event.buttons !== 0);
  };
  return (
    <div
      ref={host}
      class={isLive ? 'stage live' : 'stage'}
      role="img"
      aria-label="What the program draws"
      onPointerMove={point}
      onPointerDown={point}
      onPointerUp={point}
    />
  );
}

/** What came of the newest edit. */
function News({ live }: { live: Live }) {
  const news = live.news.value;
  return (
    <div class="live-news">
      <p role="status">
        {news ? (
          <Sentence news={news} />
        ) : (
          <span class="muted">
            {live.output.value ? 'Edit the source: the program continues with it.' : 'Starting…'}
          </span>
        )}
      </p>
      {news?.kind === 'patched' && <Times times={news.times} patches={live.patches.value} />}
    </div>
  );
}

function Sentence({ news }: { news: LiveNews }) {
  if (news.kind === 'restarted')
    return (
      <>
        <span class="badge warn">restarted</span> because {shown(news.why.join('; '), 600)}
      </>
    );
  if (news.kind === 'errors')
    return (
      <>
        <span class="badge bad">not linked</span> {shown(news.errors.join('; '), 600)}. The program is as it was.
      </>
    );
  if (news.kind === 'same') return <span class="muted">The edit changes nothing in the program.</span>;
  const { changed, kept, times, isFirst } = news;
  return (
    <>
      <span class="badge good">patched</span> {changed.length > 0 ? listed(changed) : 'data'}
      {times.total !== undefined && (
        <>
          {': '}
          <strong>{msText(times.total)}</strong>{' '}
          {isFirst && (
            <span class="muted" title="For the first patch, the compiler and the linker have to warm up">
              (first){' '}
            </span>
          )}
          from the {times.compile === undefined ? 'file' : 'key'} to the frame
        </>
      )}
      {kept.length > 0 && <span class="muted">. Kept: {shown(kept.join('; '), 400)}</span>}
    </>
  );
}

const titles = {
  compile: 'clang or wabt, in a worker of this page',
  link: 'The edited object is read, and what depends on it is linked again',
  patch: 'Finding what changed, and writing the patch',
  apply: 'Compiling the patch in the engine, and putting it into the running program',
  waiting:
    'The wait for another key (0.25 s), for an edit before this one, for messages between the page and its workers, and for the next frame',
};

/** What it took from the key to the changed frame. The parts add up to the whole. */
function Times({ times, patches }: { times: PatchTimes; patches: number }) {
  const { compile, link, patch, apply, total, gap } = times;
  const sum = (compile ?? 0) + link + patch + apply;
  const parts = { compile, link, patch, apply, waiting: total === undefined ? undefined : Math.max(0, total - sum) };
  return (
    <>
      <dl class="live-times" aria-label="Times">
        {(Object.keys(titles) as (keyof typeof titles)[]).map(
          (part) =>
            parts[part] !== undefined && (
              <div key={part} title={titles[part]}>
                <dt>{part}</dt>
                <dd>{msText(parts[part])}</dd>
              </div>
            ),
        )}
      </dl>
      <p class="muted small">
        {gap !== undefined && `The frame with the patch began ${msText(gap)} after the frame before it. `}
        {plural(patches, 'patch', 'patches')} since the start.
      </p>
    </>
  );
}
