import type { ComponentChildren } from 'preact';
import { samples } from '../sample';
import type { Session } from '../session';

export interface EmptyProps {
  session: Session;
  picture: keyof typeof pictures;
  title: string;
  children: ComponentChildren;
}

/** In the place of a view that has nothing to show: a picture of what it will show, and a button that makes it so. */
export function EmptyView({ session, picture, title, children }: EmptyProps) {
  const [first] = samples;
  return (
    <section class="empty-view" aria-label={title}>
      <svg viewBox="0 0 260 130" width="260" height="130" aria-hidden="true">
        {pictures[picture]()}
      </svg>
      <div>
        <h2>{title}</h2>
        <p class="muted">{children}</p>
        {first && (
          <button type="button" class="primary" onClick={() => void session.openSample(first)}>
            Show it with the {first.label} sample
          </button>
        )}
        <p class="muted small">Or drop objects and libraries anywhere.</p>
      </div>
    </section>
  );
}

const line = (x: number, y: number, width: number, kind = 'rest', height = 7) => (
  <rect x={x} y={y} width={width} height={height} rx={2} class={`picture-${kind}`} />
);

const pictures = {
  code: () => [
    line(4, 12, 84, 'code'),
    line(14, 28, 70, 'data'),
    line(14, 44, 92, 'names'),
    line(14, 60, 60, 'debug'),
    line(4, 76, 20),
    ...[12, 24, 36, 48, 60, 72, 84, 96].map((y, i) =>
      line(140, y, 46 + ((i * 23) % 50), ['code', 'data', 'data', 'names', 'names', 'names', 'debug', 'debug'][i]),
    ),
  ],
  story: () => [
    line(8, 14, 62, 'code', 30),
    line(8, 56, 62, 'data', 30),
    line(104, 35, 62, 'names', 30),
    <path d="M72 29h16v18h14M72 71h16V53h14M168 50h22" class="picture-line" />,
    line(192, 20, 58, 'code', 60),
    line(192, 84, 58, 'rest', 20),
  ],
  table: () =>
    [18, 38, 58, 78, 98].flatMap((y, i) => [
      line(8, y, 80 + ((i * 31) % 40), 'code'),
      line(150, y, 30),
      line(206, y, 14 + ((i * 17) % 30), 'data'),
    ]),
  map: () => [
    line(8, 10, 120, 'code', 108),
    line(132, 10, 70, 'data', 60),
    line(132, 74, 70, 'names', 44),
    line(206, 10, 46, 'debug', 36),
    line(206, 50, 46, 'rest', 68),
  ],
  memory: () => [
    line(8, 46, 62, 'names', 34),
    line(72, 46, 48, 'data', 34),
    line(122, 46, 28, 'debug', 34),
    line(152, 46, 100, 'code', 34),
  ],
} as const;
