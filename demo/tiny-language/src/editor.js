// CodeMirror, with the language's colours. It lives in a shadow root: there its styles are sheets that need no inline style.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const language = StreamLanguage.define({
  name: 'tiny',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/\/\/.*/)) return 'comment';
    if (stream.match(/"(?:[^"\\]|\\.)*"?/) || stream.match(/'(?:[^'\\]|\\.)'/)) return 'string';
    if (stream.match(/\d+/)) return 'number';
    if (stream.match(/(?:fn|extern|let|if|else|while|for|in|return|break|continue|print|write)\b/)) return 'keyword';
    if (stream.match(/(?:int|str)\b/)) return 'typeName';
    if (stream.match(/[A-Za-z_]\w*(?=\s*\()/)) return 'variableName.function';
    if (!stream.match(/\w+/)) stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '//' } },
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--string)' },
  { tag: tags.number, color: 'var(--number)' },
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.typeName, color: 'var(--type)' },
  { tag: tags.function(tags.variableName), color: 'var(--call)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--card)', fontSize: '14px', height: '100%' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { color: 'var(--soft)', backgroundColor: 'var(--card)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--active)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--selection)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection)', color: 'inherit' },
  '.cm-tooltip': { color: 'var(--ink)', backgroundColor: 'var(--card)', borderColor: 'var(--line)' },
});

/**
 * @param {HTMLElement} host @param {string} text
 * @param {{changed(text: string): void, moved(at: number): void}} events
 */
export function createEditor(host, text, events) {
  const root = host.attachShadow({ mode: 'open' });
  const extensions = [
    lineNumbers(), lintGutter(), history(), drawSelection(), bracketMatching(), highlightActiveLine(),
    language, syntaxHighlighting(colours), look,
    // Tab indents; Escape, then Tab leaves.
    keymap.of([indentWithTab, ...defaultKeymap, ...historyKeymap]),
    EditorView.contentAttributes.of({ 'aria-label': 'Program', spellcheck: 'false', autocapitalize: 'off' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) events.changed(update.state.doc.toString());
      if (update.docChanged || update.selectionSet) events.moved(update.state.selection.main.head);
    }),
  ];
  const view = new EditorView({ state: EditorState.create({ doc: text, extensions }), parent: root, root });
  return {
    get text() {
      return view.state.doc.toString();
    },
    get cursor() {
      return view.state.selection.main.head;
    },
    /** @param {string} next */
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, selection: { anchor: 0 } });
    },
    /** @param {number} at */
    goTo(at) {
      view.dispatch({ selection: { anchor: Math.min(at, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    },
    /** Marks what is wrong at its place. @param {import('./session.js').Problem[]} problems */
    mark(problems) {
      const { length } = view.state.doc;
      const diagnostics = problems.flatMap(({ from, to, message, warning }) => {
        if (from === undefined) return [];
        /** @type {import('@codemirror/lint').Diagnostic} */
        const diagnostic = { from: Math.min(from, length), to: Math.min(to ?? from, length), severity: warning ? 'warning' : 'error', message };
        return [diagnostic];
      });
      view.dispatch(setDiagnostics(view.state, diagnostics));
    },
  };
}
