// Everything by its name: views, symbols, files, options, samples and what can be done. Fetched when it is first opened.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { options } from '../options';
import { download, whyNotRun } from '../output';
import { go, views } from '../place';
import { samples } from '../sample';
import type { Session } from '../session';
import { bytesText, shown } from '../text';
import { useAnswer } from './answer';
import { placeOf } from './link_to';
import { findSource, focusIn } from './pane';
import { saveAsFile, shareAsLink } from './share';
import { labels } from './tabs';

interface Entry {
  group: 'Do' | 'Views' | 'Symbols' | 'Files' | 'Options' | 'Samples';
  label: string;
  /** Beside it, and searched too. */
  hint?: string;
  act(): void;
}

const mostOfGroup = 7;
const mostSymbols = 12;
/** Of letters: shorter texts are in too many symbols. */
const leastForSymbols = 2;

const byId = (id: string) => () => document.getElementById(id);
const find = (selector: string) => () => document.querySelector<HTMLElement>(selector);

function actionsOf(session: Session): Entry[] {
  const output = session.outcome.peek()?.output;
  const hasInputs = session.inputs.peek().length > 0;
  const hasSources = session.playground.sources.peek().length > 0;
  const entry = (label: string, act: () => void, isThere = true, hint?: string): Entry[] =>
    isThere ? [{ group: 'Do', label, act, ...(hint === undefined ? {} : { hint }) }] : [];
  return [
    ...entry(
      'Compile, link, run',
      () => find('.source-pane .run button')()?.click(),
      hasSources,
      'Ctrl-Enter in the source',
    ),
    ...entry(
      'Run the program',
      () => {
        session.program.start(output!);
        focusIn('output', find('.output-pane button'));
      },
      output !== undefined && whyNotRun(output) === undefined,
    ),
    ...entry(
      'Download the module',
      () => download(output!.name, output!.file, 'application/wasm'),
      output !== undefined,
    ),
    ...entry('Share as a link', () => void shareAsLink(session), hasInputs || hasSources, 'copy the address'),
    ...entry('Save as a file', () => void saveAsFile(session), hasInputs || hasSources, '.weld, project'),
    ...entry('Add files…', () => byId('files')()?.click(), true, 'open, drop, wasm, zip'),
    ...entry('Add a folder…', () => byId('folder')()?.click()),
    ...entry('Open an address…', () => focusIn('source', byId('open-address')), true, 'URL'),
    ...entry('Go to the source', () => focusIn('source', findSource), hasSources),
    ...entry(
      'Back to the link',
      () => go({ view: 'result', of: undefined }),
      session.outcome.peek()?.looked !== undefined,
    ),
    ...entry('Undo', () => void session.bringBack(), session.canBringBack.peek()),
    ...entry('Remove all', () => session.clear(), hasInputs || hasSources),
  ];
}

function entriesOf(session: Session): Entry[] {
  return [
    ...actionsOf(session),
    ...views.map((view): Entry => ({ group: 'Views', label: labels[view], act: () => go({ view }) })),
    ...session.playground.sources.peek().map(
      ({ name }): Entry => ({
        group: 'Files',
        label: name,
        hint: 'source',
        act: () => {
          session.playground.current.value = name;
          focusIn('source', findSource);
        },
      }),
    ),
    ...session.inputs.peek().map(
      ({ name, kind, size }): Entry => ({
        group: 'Files',
        label: name,
        hint: `${kind.name}, ${bytesText(size)}`,
        act: () => (kind.aside ? go({ view: 'size', of: name }) : go({ view: 'sections', of: undefined, file: name })),
      }),
    ),
    ...options.map(
      ({ name, label, flag }): Entry => ({
        group: 'Options',
        label,
        hint: flag,
        act: () => focusIn('source', byId(`option-${name}`)),
      }),
    ),
    ...samples.map(
      (kind): Entry => ({
        group: 'Samples',
        label: kind.label,
        hint: `sample: ${kind.about}`,
        act: () => void session.openSample(kind),
      }),
    ),
  ];
}

/** 0 is the best; undefined: it is something else. */
function rankOf({ label, hint = '' }: Entry, words: string[]): number | undefined {
  const name = label.toLowerCase();
  const all = `${name} ${hint.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return undefined;
  const text = words.join(' ');
  return name === text ? 0 : name.startsWith(text) ? 1 : words.every((word) => name.includes(word)) ? 2 : 3;
}

function chosen(entries: Entry[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, { entry: Entry; rank: number }[]>();
  for (const entry of entries) {
    // Until something is typed, what can be done and the views are enough.
    if (words.length === 0 && entry.group !== 'Do' && entry.group !== 'Views') continue;
    const rank = rankOf(entry, words);
    if (rank === undefined) continue;
    const group = found.get(entry.group);
    if (group) group.push({ entry, rank });
    else found.set(entry.group, [{ entry, rank }]);
  }
  const groups = [...found.values()].map((group) => {
    const most = words.length === 0 ? group.length : mostOfGroup;
    return group.sort((a, b) => a.rank - b.rank).slice(0, most);
  });
  // The group with the best hit is the first.
  return groups.sort((a, b) => a[0]!.rank - b[0]!.rank).flatMap((group) => group.map(({ entry }) => entry));
}

export function Palette({ session, close }: { session: Session; close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const entries = useMemo(() => entriesOf(session), [session]);
  const asksSymbols = text.trim().length >= leastForSymbols;
  const { answer, busy } = useAnswer(session, 'bestSymbols', { text: text.trim(), most: mostSymbols }, asksSymbols);
  const symbols = (asksSymbols ? (answer ?? []) : []).map(
    (symbol): Entry => ({
      group: 'Symbols',
      label: shown(symbol.display, 120),
      hint: `${symbol.kind}, ${shown(symbol.file, 60)}`,
      act: () => go(placeOf(symbol)),
    }),
  );
  const named = chosen(entries, text);
  // A view, an option or a file that was typed is meant rather than a symbol that has the same letters in it.
  const isNamed =
    named[0] !== undefined && (rankOf(named[0], text.toLowerCase().split(/\s+/).filter(Boolean)) ?? 3) < 2;
  const all = isNamed ? [...named, ...symbols] : [...symbols, ...named];
  const active = Math.min(at, all.length - 1);

  useEffect(() => {
    dialog.current!.showModal();
  }, []);
  useLayoutEffect(
    () => list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }),
    [active],
  );

  const act = (entry: Entry | undefined) => {
    if (!entry) return;
    dialog.current!.close();
    entry.act();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) setAt((active + by + all.length) % Math.max(1, all.length));
    else if (event.key === 'Enter') act(all[active]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find anything"
      onClose={close}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <input
        type="text"
        role="combobox"
        aria-label="Find views, symbols, files, options and actions"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-autocomplete="list"
        aria-activedescendant={all.length > 0 ? `palette-${active}` : undefined}
        placeholder="Views, symbols, files, options, samples, actions"
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id="palette-list" role="listbox" aria-label="What was found" ref={list}>
        {all.map((entry, i) => (
          <li
            key={`${entry.group} ${entry.label} ${entry.hint} ${i}`}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === active}
            onClick={() => act(entry)}
            onPointerMove={() => setAt(i)}
          >
            <span class="palette-group">{entry.group !== all[i - 1]?.group && entry.group}</span>
            <span class="palette-label">{shown(entry.label, 160)}</span>
            <span class="muted">{entry.hint}</span>
          </li>
        ))}
      </ul>
      <p class="muted palette-foot" role="status">
        {all.length === 0
          ? busy && asksSymbols
            ? 'Looking…'
            : 'Nothing has this name'
          : '↑ ↓ to choose, Enter to go, Esc to leave'}
      </p>
    </dialog>
  );
}
