// CodeMirror for C, C++ and wat. It lives in a shadow root: there its styles are sheets that need no inline style.
import { defaultKeymap, history, historyKeymap, indentLess, indentMore } from '@codemirror/commands';
import { cpp } from '@codemirror/lang-cpp';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { EditorState, type Extension, type Text } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { unitsBefore, type CompilerMessage } from './compiler_messages';
import { shown } from './text';

const wat = StreamLanguage.define<{ depth: number }>({
  name: 'wat',
  startState: () => ({ depth: 0 }),
  token(stream, state) {
    if (state.depth > 0 || stream.match('(;')) {
      state.depth ||= 1;
      while (state.depth > 0 && !stream.eol()) {
        if (stream.match(';)')) state.depth--;
        else if (stream.match('(;')) state.depth++;
        else stream.next();
      }
      return 'comment';
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/;;.*/)) return 'comment';
    if (stream.match(/"(?:[^"\\]|\\.)*"?/)) return 'string';
    if (stream.match(/[+-]?(?:0x[\da-fA-F_.p]+|\d[\d_.eE]*)/)) return 'number';
    if (stream.match(/\$[^\s()";]+/)) return 'variableName';
    if (stream.match(/[ifv]\d+x?\d*\b(?!\.)/)) return 'typeName';
    if (stream.match(/[a-z][\w.]*/)) return 'keyword';
    stream.next();
    return null;
  },
  languageData: { commentTokens: { line: ';;' } },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.string, tags.character], color: 'var(--good)' },
  { tag: tags.number, color: 'var(--warn)' },
  { tag: [tags.keyword, tags.controlKeyword, tags.modifier, tags.processingInstruction], color: 'var(--accent)' },
  { tag: tags.typeName, color: 'var(--warn)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--well)', fontSize: '13px', height: '100%' },
  '&.cm-focused': { outline: 'none' }, // its frame shows the focus
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5' },
  '.cm-gutters': { color: 'var(--soft)', backgroundColor: 'var(--well)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--accent-soft)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--edge)',
  },
  // Its own marks are pictures in `data:`, which the page's policy does not allow.
  '.cm-lintRange': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--accent)',
    textUnderlineOffset: '3px',
    textDecorationSkipInk: 'none',
  },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecorationColor: 'var(--bad)' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecorationColor: 'var(--warn)' },
  '.cm-lintRange-info': { backgroundImage: 'none' },
  '.cm-lintRange-active': { backgroundColor: 'var(--accent-soft)' },
  '.cm-gutter-lint': { width: '13px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 2px', display: 'flex', alignItems: 'center' },
  '.cm-lint-marker': { width: '9px', height: '9px', borderRadius: '50%', backgroundColor: 'var(--accent)' },
  '.cm-lint-marker-error': { content: 'normal', backgroundColor: 'var(--bad)' },
  '.cm-lint-marker-warning': { content: 'normal', backgroundColor: 'var(--warn)' },
  '.cm-lint-marker-info': { content: 'normal' },
  '.cm-tooltip': {
    color: 'var(--ink)',
    backgroundColor: 'var(--card)',
    border: '1px solid var(--edge)',
    borderRadius: '5px',
    maxWidth: 'min(500px, 80vw)',
  },
  '.cm-panels': { color: 'var(--ink)', backgroundColor: 'var(--card)', borderColor: 'var(--line)' },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { backgroundColor: 'var(--accent-soft)' },
});

/** From the place of a message to the end of the word there. A place behind the line's end is its last letter. */
function diagnosticAt(doc: Text, { line, column, severity, text }: CompilerMessage): Diagnostic | undefined {
  if (line > doc.lines) return undefined;
  const { from: begin, text: content } = doc.line(line);
  const at = Math.min(unitsBefore(content, column), Math.max(0, content.length - 1));
  const word = /^(?:\w+|.)/su.exec(content.slice(at))?.[0] ?? '';
  return { from: begin + at, to: begin + at + word.length, severity, message: shown(text, 500) };
}

/** What the editor opens. */
export interface Opened {
  name: string;
  text: string;
  /** Another number says that the text comes from elsewhere. */
  given: number;
}

export interface Editor {
  /**
   * Shows another file, or a new text of this one that comes from elsewhere. While a text is open, the editor owns it: what it
   * reported itself does not come back.
   */
  open(file: Opened): void;
  /** Marks what the compiler said about the text that is open. An edit moves the marks. */
  mark(messages: CompilerMessage[]): void;
  /** Of the text that is open, in UTF-16 units. */
  select(from: number, to: number): void;
  focus(): void;
  destroy(): void;
}

/** `changed` is told what was edited, with the text that it is now. */
export function createEditor(host: HTMLElement, changed: (file: Opened) => void, run: () => void): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  // Each file keeps its cursor and its history.
  const states = new Map<string, { given: number; state: EditorState }>();
  let current: Omit<Opened, 'text'> | undefined;
  let entered = false;
  const stateOf = ({ name, given, text }: Opened): EditorState => {
    const language: Extension = name.endsWith('.wat') ? wat : cpp();
    const extensions: Extension[] = [
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      bracketMatching(),
      highlightActiveLine(),
      language,
      syntaxHighlighting(colours),
      look,
      // Tab passes by, as everywhere, until something is done here: then it indents, and Escape, then Tab, leaves.
      EditorView.domEventHandlers({
        focus: () => void (entered = false),
        mousedown: () => void (entered = true),
        keydown: ({ key }) => void (entered ||= key !== 'Tab' && key !== 'Shift'),
      }),
      keymap.of([
        { key: 'Mod-Enter', run: () => (run(), true) },
        { key: 'Tab', run: (view) => entered && indentMore(view), shift: (view) => entered && indentLess(view) },
        ...defaultKeymap,
        ...historyKeymap,
        ...lintKeymap,
      ]),
      EditorView.contentAttributes.of({
        'aria-label': `Source of ${name}`,
        'aria-description': 'Once you have typed, Tab indents. Escape, then Tab leaves',
        spellcheck: 'false',
        autocapitalize: 'off',
        tabindex: '0',
      }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed({ name, given, text: update.state.doc.toString() });
      }),
    ];
    return EditorState.create({ doc: text, extensions });
  };
  const view = new EditorView({ parent: root, root });
  return {
    open(file) {
      if (current?.name === file.name && current.given === file.given) return;
      if (current) states.set(current.name, { given: current.given, state: view.state });
      const known = states.get(file.name);
      view.setState(known?.given === file.given ? known.state : stateOf(file));
      current = { name: file.name, given: file.given };
    },
    mark(messages) {
      const diagnostics = messages.flatMap((message) => diagnosticAt(view.state.doc, message) ?? []);
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
    select(from, to) {
      const { length } = view.state.doc;
      view.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) } });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
