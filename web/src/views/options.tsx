import { useState } from 'preact/hooks';
import { groups, options, quoted, type Option } from '../options';
import type { Session } from '../session';
import { shown } from '../text';

/** On a phone, what came of the link is nearer. */
const startsOpen = matchMedia('(min-width: 901px)').matches;

export function Options({ session }: { session: Session }) {
  return (
    <section class="card" aria-labelledby="options-title">
      <details open={startsOpen}>
        <summary>
          <h2 id="options-title">Options</h2>
        </summary>
        <form class="options" autocomplete="off" onSubmit={(event) => event.preventDefault()}>
          {groups.map((group) => (
            <fieldset key={group}>
              <legend>{group}</legend>
              <div class="fields">
                {options.filter((o) => o.group === group).map((o) => <Field key={o.name} option={o} session={session} />)}
              </div>
            </fieldset>
          ))}
          <label class="field">
            <span class="label">
              More arguments <code class="flag">as wasm-ld spells them</code>
            </span>
            <TextBox session={session} name="more" placeholder="--export-dynamic --trace" />
          </label>
        </form>
        <CommandLine session={session} />
      </details>
    </section>
  );
}

function Field({ option, session }: { option: Option; session: Session }) {
  const { name, kind, label, flag } = option;
  const value = session.values.value[name];
  if (kind === 'flag')
    return (
      <label class="check">
        <input type="checkbox" checked={value === true} onChange={(event) => session.set(name, event.currentTarget.checked)} />
        {label} <code class="flag">{flag}</code>
      </label>
    );
  return (
    <label class={`field ${kind}`}>
      <span class="label">
        {label} <code class="flag">{flag}</code>
      </span>
      {kind === 'choice' ? (
        <select value={value as string} onChange={(event) => session.set(name, event.currentTarget.value)}>
          {option.choices.map(([choice, text]) => (
            <option key={choice} value={choice}>
              {text}
            </option>
          ))}
        </select>
      ) : (
        <TextBox session={session} name={name} placeholder={option.placeholder} disabled={name === 'entry' && session.values.value.noEntry === true} />
      )}
    </label>
  );
}

function TextBox({ session, name, ...rest }: { session: Session; name: string; placeholder: string; disabled?: boolean }) {
  return (
    <input
      type="text"
      spellcheck={false}
      autocapitalize="off"
      {...rest}
      value={session.values.value[name] as string}
      onInput={(event) => session.set(name, event.currentTarget.value)}
    />
  );
}

/** What does the same in a terminal. */
function CommandLine({ session }: { session: Session }) {
  const [copied, setCopied] = useState(false);
  const inputs = session.inputs.value.flatMap(({ name, wholeArchive }) => (wholeArchive ? ['--whole-archive', name, '--no-whole-archive'] : [name]));
  const line = ['weld', ...session.args.value, ...inputs].map(quoted).join(' ');
  return (
    <div class="command">
      <div class="card-head">
        <h3 id="command-title">The same in a terminal</h3>
        <button
          type="button"
          class="plain"
          onClick={() =>
            void navigator.clipboard?.writeText(line).then(() => {
              setCopied(true);
              setTimeout(() => setCopied(false), 1500);
            })
          }
        >
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </button>
      </div>
      <pre tabIndex={0} aria-labelledby="command-title">
        {shown(line, 4000)}
      </pre>
    </div>
  );
}
