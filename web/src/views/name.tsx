import { shown } from '../text';

/** A name that somebody else chose: text, on its own as far as direction goes, the whole of it (nearly) on hovering. */
export function Name({ text, most }: { text: string; most?: number }) {
  const short = shown(text, most);
  const long = shown(text, 2000);
  return (
    <bdi class="name" title={long === short && short.length < 24 ? undefined : long}>
      {short}
    </bdi>
  );
}
