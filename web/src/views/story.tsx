import '../story.css';
import type { ComponentChildren } from 'preact';
import type { Chapter, StoryStep } from '../inspector/explain';
import { hrefOf, place } from '../place';
import type { Session } from '../session';
import { shown } from '../text';
import { useAnswer } from './answer';
import { Addresses, Archives, Choices, Kept, Numbers, Objects } from './story_chapters';
import { Finished } from './story_finished';
import { Made, Written } from './story_output';
import { Relocation } from './story_relocation';
import { NoOutput } from './waiting';

const titles: Record<StoryStep, { short: string; title: string }> = {
  finished: { short: 'Linked elsewhere', title: 'What a finished module still says' },
  objects: { short: 'Objects', title: 'Objects offer names, and need names' },
  archives: { short: 'Libraries', title: 'Libraries give what is missing' },
  choices: { short: 'Choices', title: 'Each name gets one definition' },
  kept: { short: 'What stays', title: 'What nothing needs is left out' },
  numbers: { short: 'Numbers', title: 'Functions get their numbers' },
  addresses: { short: 'Addresses', title: 'Data gets its addresses' },
  relocation: { short: 'Relocations', title: 'Relocations become numbers' },
  made: { short: 'The linker’s own', title: 'The linker adds what no object has' },
  output: { short: 'The module', title: 'The module is written' },
};
const ofLink = (Object.keys(titles) as StoryStep[]).filter((step) => step !== 'finished');
/** What a module says that was linked elsewhere. */
const ofModule: StoryStep[] = ['finished', 'kept', 'numbers', 'addresses', 'output'];

/** What the linker did, step by step, told on the program that was linked. Each step has an address. */
export function StoryView({ session }: { session: Session }) {
  const { step: asked, file, offset } = place.value;
  const isFinished = session.outcome.value?.looked !== undefined;
  const steps = isFinished ? ofModule : ofLink;
  const step = steps.find((one) => one === asked) ?? steps[0]!;
  const isRelocation = step === 'relocation';
  const { answer, busy, error } = useAnswer(
    session,
    'explain',
    { step, ...(isRelocation ? { file, offset } : {}) },
    session.outcome.value?.output !== undefined,
  );
  if (!session.outcome.value?.output)
    return (
      <NoOutput session={session} picture="story" title="The story of a link">
        See step by step what the linker does with a program: what it takes from libraries and what it leaves out, how
        it numbers functions, and how it fills in their calls.
      </NoOutput>
    );
  const number = steps.indexOf(step);
  const [before, after] = [steps[number - 1], steps[number + 1]];
  return (
    <section class={busy ? 'story linking' : 'story'} aria-labelledby="story-title" aria-busy={busy}>
      <h2 id="story-title" class="unseen">
        Story of the link
      </h2>
      <nav class="story-steps" aria-label="Steps">
        <ol>
          {steps.map((one, i) => (
            <li key={one}>
              <a
                href={hrefOf({ view: 'story', step: one })}
                class={i < number ? 'done' : ''}
                aria-current={one === step ? 'step' : undefined}
              >
                <span class="step-number">{i + 1}</span> <span>{titles[one].short}</span>
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <article class="story-stage" aria-labelledby="chapter-title">
        <p class="muted small">
          Step {number + 1} of {steps.length}
        </p>
        <h3 id="chapter-title">{step === 'kept' && isFinished ? 'What is needed stays' : titles[step].title}</h3>
        {error !== undefined && <p class="refusal">{shown(error, 400)}</p>}
        {answer && answer.step === step ? (
          <div class="chapter" key={step}>
            {chapterOf(session, answer)}
          </div>
        ) : (
          <div class="chapter waiting" />
        )}
        <nav class="story-turn" aria-label="Turn the page">
          {before ? <a href={hrefOf({ view: 'story', step: before })}>← {titles[before].short}</a> : <span />}
          {after && (
            <a class="next" href={hrefOf({ view: 'story', step: after })}>
              Next: {titles[after].short} →
            </a>
          )}
        </nav>
      </article>
    </section>
  );
}

function chapterOf(session: Session, chapter: Chapter): ComponentChildren {
  switch (chapter.step) {
    case 'finished':
      return <Finished session={session} {...chapter} />;
    case 'objects':
      return <Objects {...chapter} />;
    case 'archives':
      return <Archives session={session} {...chapter} />;
    case 'choices':
      return <Choices {...chapter} />;
    case 'kept':
      return <Kept {...chapter} />;
    case 'numbers':
      return <Numbers {...chapter} />;
    case 'addresses':
      return <Addresses {...chapter} />;
    case 'relocation':
      return <Relocation session={session} {...chapter} />;
    case 'made':
      return <Made {...chapter} />;
    case 'output':
      return <Written {...chapter} />;
  }
}
