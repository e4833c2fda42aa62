import { useState } from 'preact/hooks';
import {
  argsOf,
  argsOfOne,
  groups,
  initialValues,
  matches,
  options,
  optionsIn,
  quoted,
  valuesOf,
  words,
  type Option,
} from '../options';
import type { Session } from '../session';
import { plural, shown } from '../text';

const openItem = 'weld-options-open';

/** Who had the options open finds them so. */
function wasOpen(): boolean {
  try {
    return localStorage.getItem(openItem) === 'yes';
  } catch {
    return false;
  }
}

function keepOpen(open: boolean): void {
  try {
    if (open) localStorage.setItem(openItem, 'yes');
    else localStorage.removeItem(openItem);
  } catch {
    // Not allowed: they are closed at the next visit.
  }
}

export function Options({ session }: { session: Session }) {
  const [open] = useState(wasOpen);
  const [search, setSearch] = useState('');
  const found = options.filter((option) => matches(option, search));
  const searching = search.trim() !== '';
  const changed = Object.keys(session.values.value).filter((name) => !(name in initialValues)).length;
  return (
    <section class="options-part" aria-labelledby="options-title">
      <details open={open} onToggle={(event) => keepOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="options-title">Options</h2>{' '}
          {changed > 0 && <span class="count">{plural(changed, 'changed', 'changed')}</span>}
        </summary>
        <form class="options" autocomplete="off" onSubmit={(event) => event.preventDefault()}>
          <div class="option-search">
            <input
              type="text"
              role="searchbox"
              aria-label="Search the options"
              placeholder={`Search ${options.length} options`}
              spellcheck={false}
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
            <span class="muted" role="status">
              {searching && `${plural(found.length, 'option')} found`}
            </span>
          </div>
          <Changed session={session} />
          {groups.map((group, at) => {
            const members = optionsIn(group, found);
            const changed = members.filter(({ name }) => session.values.value[name] !== undefined).length;
            const fields = (
              <div class="fields">
                {members.map((o) => (
                  <Field key={o.name} option={o} session={session} />
                ))}
              </div>
            );
            if (members.length === 0) return null;
            if (at === 0)
              return (
                <fieldset key={group}>
                  <legend>{group}</legend>
                  {fields}
                </fieldset>
              );
            return (
              <details key={`${group} ${searching}`} class="option-group" open={searching}>
                <summary>
                  {group}{' '}
                  <span class="count">{changed > 0 ? `${changed} of ${members.length} set` : members.length}</span>
                </summary>
                <fieldset aria-label={group}>{fields}</fieldset>
              </details>
            );
          })}
          <label class="field">
            <span class="label">
              More arguments <code class="flag">as wasm-ld spells them</code>
            </span>
            <TextBox session={session} name="more" placeholder="--Bstatic" />
          </label>
        </form>
        <CommandLine session={session} />
      </details>
    </section>
  );
}

/** What differs from the default: each can be taken back. */
function Changed({ session }: { session: Session }) {
  const values = session.values.value;
  const changed = options.filter(({ name }) => values[name] !== undefined);
  if (changed.length === 0) return null;
  return (
    <ul class="changed-options" aria-label="Changed options">
      {changed.map((option) => {
        const text = shown(argsOfOne(option, values[option.name]!).map(quoted).join(' '), 60);
        return (
          <li key={option.name}>
            <code>{text}</code>
            <button
              type="button"
              class="icon"
              title="Back to the default"
              aria-label={`Take back ${text}`}
              onClick={() => session.set(option.name, undefined)}
            >
              ✕
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Field({ option, session }: { option: Option; session: Session }) {
  const { name, kind, label, flag, initial, help, choices } = option;
  const value = session.values.value[name] ?? initial;
  const helpId = `help-${name}`;
  // Back to the default is to say nothing.
  const set = (next: string | boolean) => session.set(name, next === initial || next === '' ? undefined : next);
  const title = (
    <>
      {label} <code class="flag">{flag}</code>
    </>
  );
  const note = (
    <p class="help" id={helpId}>
      {help}
    </p>
  );
  if (kind === 'flag' || kind === 'flag-or-text')
    return (
      <div class="option flag-option">
        <label class="check">
          <input
            type="checkbox"
            id={`option-${name}`}
            checked={value !== false}
            aria-describedby={helpId}
            onChange={(event) => set(event.currentTarget.checked)}
          />
          {title}
        </label>
        {kind === 'flag-or-text' && value !== false && (
          <input
            type="text"
            aria-label={`${label}: name`}
            spellcheck={false}
            autocapitalize="off"
            placeholder={option.placeholder}
            value={value === true ? '' : value}
            onInput={(event) => session.set(name, event.currentTarget.value || true)}
          />
        )}
        {note}
      </div>
    );
  return (
    <div class={`option of-${kind}`}>
      <label class="field">
        <span class="label">{title}</span>
        {kind === 'choice' ? (
          <select
            id={`option-${name}`}
            value={value as string}
            aria-describedby={helpId}
            onChange={(event) => set(event.currentTarget.value)}
          >
            <option value="">default</option>
            {choices!.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </select>
        ) : (
          <TextBox
            session={session}
            name={name}
            describedBy={helpId}
            placeholder={option.placeholder}
            disabled={name === 'entry' && session.values.value.noEntry === true}
          />
        )}
      </label>
      {note}
    </div>
  );
}

interface TextBoxProps {
  session: Session;
  name: string;
  placeholder?: string;
  disabled?: boolean;
  describedBy?: string;
}

function TextBox({ session, name, describedBy, ...rest }: TextBoxProps) {
  return (
    <input
      type="text"
      id={`option-${name}`}
      spellcheck={false}
      autocapitalize="off"
      {...rest}
      aria-describedby={describedBy}
      value={(session.values.value[name] ?? '') as string}
      onInput={(event) => session.set(name, event.currentTarget.value || undefined)}
    />
  );
}

/** What does the same in a terminal. It can be edited: the form follows. */
function CommandLine({ session }: { session: Session }) {
  const [copied, setCopied] = useState(false);
  /** What was typed, and the arguments that it stands for: when there are others, the form has changed. */
  const [edited, setEdited] = useState<{ text: string; args: string }>();
  const inputs = session.linked.value.flatMap(({ name, wholeArchive }) =>
    wholeArchive ? ['--whole-archive', name, '--no-whole-archive'] : [name],
  );
  const args = session.args.value.map(quoted).join(' ');
  const line = ['weld', ...session.args.value, ...inputs].map(quoted).join(' ');
  const edit = (text: string) => {
    // A line from elsewhere may begin with the linker's name, and name the inputs, which are in their list already.
    const named = new Map<string, boolean | undefined>(session.inputs.value.map(({ name }) => [name, undefined]));
    const values = valuesOf(words(text.replace(/^\s*\S*(?:weld|wasm-ld)\S*(?=\s|$)/, '')), named);
    setEdited({ text, args: argsOf(values).map(quoted).join(' ') });
    session.values.value = values;
    for (const { key, name, kind, wholeArchive } of session.inputs.value) {
      const whole = named.get(name);
      if (kind.archive && whole !== undefined && whole !== wholeArchive) session.change(key, { wholeArchive: whole });
    }
  };
  return (
    <div class="command">
      <div class="card-head">
        <h3 id="command-title">The same in a terminal</h3>
        <span>
          <button
            type="button"
            class="plain"
            aria-pressed={edited !== undefined}
            onClick={() => setEdited(edited === undefined ? { text: args, args } : undefined)}
          >
            {edited === undefined ? 'Edit the line' : 'Done'}
          </button>
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
        </span>
      </div>
      {edited !== undefined && (
        <textarea
          class="line"
          aria-label="Command line without the inputs"
          spellcheck={false}
          autocapitalize="off"
          rows={3}
          value={edited.args === args ? edited.text : args}
          ref={(element) => {
            if (element && !element.dataset.seen) {
              element.dataset.seen = 'yes';
              element.focus();
            }
          }}
          onInput={(event) => edit(event.currentTarget.value)}
        />
      )}
      <pre role="group" tabIndex={0} aria-labelledby="command-title">
        {shown(line, 4000)}
      </pre>
    </div>
  );
}
