// CodeMirror for C, C++ and wat. It lives in a shadow root: there its styles are sheets that need no inline style.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { cpp } from '@codemirror/lang-cpp';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

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
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--edge)' },
});

export interface Editor {
  /** Shows another file, or a text that has changed elsewhere. */
  open(name: string, text: string): void;
  focus(): void;
  destroy(): void;
}

export function createEditor(host: HTMLElement, changed: (name: string, text: string) => void, run: () => void): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  let current = '';
  // Each file keeps its cursor and its history.
  const states = new Map<string, EditorState>();
  const stateOf = (name: string, text: string): EditorState => {
    const language: Extension = name.endsWith('.wat') ? wat : cpp();
    const extensions: Extension[] = [
      lineNumbers(), history(), drawSelection(), bracketMatching(), highlightActiveLine(), language, syntaxHighlighting(colours), look,
      // Tab indents; Escape, then Tab leaves.
      keymap.of([{ key: 'Mod-Enter', run: () => (run(), true) }, indentWithTab, ...defaultKeymap, ...historyKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': `Source of ${name}`, spellcheck: 'false', autocapitalize: 'off' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) changed(current, update.state.doc.toString());
      }),
    ];
    return EditorState.create({ doc: text, extensions });
  };
  const view = new EditorView({ state: stateOf('', ''), parent: root, root });
  return {
    open(name, text) {
      if (name === current && view.state.doc.toString() === text) return;
      if (current) states.set(current, view.state);
      current = name;
      const known = states.get(name);
      view.setState(known?.doc.toString() === text ? known : stateOf(name, text));
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
