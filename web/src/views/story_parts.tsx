// What the chapters of the story are made of.
import type { ComponentChildren } from 'preact';
import type { StoryName } from '../inspector/story_facts';
import { hrefOf, type View } from '../place';
import { ItemLink } from './link_to';

/** `libc.a(printf.o)` -> `printf.o` */
export const shortFile = (file: string) => /\((.*)\)$/.exec(file)?.[1] ?? file.split('/').at(-1)!;
export const number = (n: number) => n.toLocaleString('en');
export const hex = (n: number) => `0x${n.toString(16)}`;

export function Symbol({ name, most = 60 }: { name: StoryName; most?: number }) {
  return <ItemLink kind={name.kind} file={name.file} name={name.name} display={name.display} most={most} />;
}

/** `a`, `a and b`, `a, b and c` */
export function List({ of, more = 0 }: { of: ComponentChildren[]; more?: number }) {
  const all = more > 0 ? [...of, `${number(more)} more`] : of;
  return (
    <>
      {all.map((one, i) => (
        <span key={i}>
          {i > 0 && (i === all.length - 1 ? ' and ' : ', ')}
          {one}
        </span>
      ))}
    </>
  );
}

export const Lead = ({ children }: { children: ComponentChildren }) => <p class="lead">{children}</p>;

export function More({ view, children }: { view: View; children: ComponentChildren }) {
  return (
    <p class="small">
      <a href={hrefOf({ view })}>{children}</a>
    </p>
  );
}
