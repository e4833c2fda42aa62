import type { Frame } from '../inspector/code';
import { baseName } from '../inspector/base_name';
import { outputFile } from '../inspector/workspace';
import { hrefOf } from '../place';
import type { Session } from '../session';
import { sourceText } from '../source_texts';
import { shown } from '../text';
import { useAnswer } from './answer';
import { Name } from './name';

/** Where a program was when it trapped, the innermost function first. Each place opens in Code. */
export function Trap({ session, stack }: { session: Session; stack: Frame[] }) {
  const { answer } = useAnswer(session, 'frames', { frames: stack });
  if (!answer || answer.length === 0) return null;
  // The first line of one's own says most.
  const [first] = answer.filter(({ source }) => source !== undefined && sourceText(session, source) !== undefined);
  const text = first?.source === undefined ? undefined : sourceText(session, first.source);
  const line = text?.text.split('\n')[first!.line! - 1];
  return (
    <div class="trap">
      {line !== undefined && (
        <a class="trap-line" href={hrefOf({ view: 'code', file: outputFile, offset: first!.offset })}>
          <span class="muted">
            {shown(baseName(first!.source!), 40)}:{first!.line}
          </span>{' '}
          <code>{shown(line.trim(), 160)}</code>
        </a>
      )}
      <ol class="frames" aria-label="Where it was">
        {answer.map(({ display, offset, source, line, column, from }, i) => (
          <li key={i}>
            <a href={hrefOf({ view: 'code', file: outputFile, offset })}>
              <Name text={display} most={60} />
            </a>{' '}
            <span class="muted">
              {source === undefined ? (
                <Name text={from} most={50} />
              ) : (
                `${shown(baseName(source), 50)}:${line}${column ? `:${column}` : ''}`
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
