// CodeMirror, with the language's colours. It lives in a shadow root: there its styles are sheets that need no inline style.
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { EditorState, RangeSet, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  drawSelection,
  EditorView,
  GutterMarker,
  gutterLineClass,
  highlightActiveLine,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';

const language = StreamLanguage.define({
  name: 'tiny',
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/\/\/.*/)) return 'comment';
    if (stream.match(/"(?:[^"\\]|\\.)*"?/) || stream.match(/'(?:[^'\\]|\\.)'/)) return 'string';
    if (stream.match(/\d+/)) return 'number';
    if (stream.match(/(?:fn|extern|let|if|else|while|for|in|return|break|continue|print|write|len)\b/))
      return 'keyword';
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

// What is wrong: marked where it is and at the number of its line. An edit moves the marks until it is judged.
/** @type {import('@codemirror/state').StateEffectType<import('./session.js').Problem[]>} */
const setProblems = StateEffect.define();
class LineMark extends GutterMarker {
  /** @param {string} kind */
  constructor(kind) {
    super();
    this.elementClass = `${kind}-line`;
  }
}
const lineMarks = { error: new LineMark('error'), warning: new LineMark('warning') };
const marks = StateField.define({
  create: () => ({ texts: Decoration.none, lines: /** @type {RangeSet<GutterMarker>} */ (RangeSet.empty) }),
  update({ texts, lines }, { changes, effects, newDoc }) {
    for (const effect of effects) {
      if (!effect.is(setProblems)) continue;
      const placed = effect.value.flatMap(({ from, to, message, warning }) => {
        if (from === undefined || newDoc.length === 0) return [];
        const begin = Math.min(from, newDoc.length - 1);
        return [
          {
            begin,
            end: Math.max(begin + 1, Math.min(to ?? 0, newDoc.length)),
            message,
            kind: warning ? /** @type {const} */ ('warning') : /** @type {const} */ ('error'),
          },
        ];
      });
      return {
        texts: Decoration.set(
          placed.map(({ begin, end, message, kind }) =>
            Decoration.mark({ class: `${kind}-mark`, attributes: { title: message } }).range(begin, end),
          ),
          true,
        ),
        lines: RangeSet.of(
          placed.map(({ begin, kind }) => lineMarks[kind].range(newDoc.lineAt(begin).from)),
          true,
        ),
      };
    }
    return changes.empty ? { texts, lines } : { texts: texts.map(changes), lines: lines.map(changes) };
  },
  provide: (field) => [
    EditorView.decorations.from(field, ({ texts }) => texts),
    gutterLineClass.from(field, ({ lines }) => lines),
  ],
});

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--card)', fontSize: '14px', height: '100%' },
  '&.cm-focused': { outline: 'none' }, // its frame shows the focus
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55' },
  '.cm-gutters': { color: 'var(--soft)', backgroundColor: 'var(--card)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--active)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selection)', color: 'inherit' },
  '.error-mark': { textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px' },
  '.warning-mark': { textDecoration: 'underline wavy var(--number)', textUnderlineOffset: '3px' },
  '.cm-gutterElement.error-line': { color: 'var(--bad)', fontWeight: '700' },
  '.cm-gutterElement.warning-line': { color: 'var(--number)', fontWeight: '700' },
});

/**
 * @param {HTMLElement} host @param {string} text
 * @param {{changed(text: string): void, moved(at: number): void}} events
 */
export function createEditor(host, text, events) {
  const root = host.attachShadow({ mode: 'open' });
  const extensions = [
    lineNumbers(),
    marks,
    history(),
    drawSelection(),
    bracketMatching(),
    highlightActiveLine(),
    language,
    syntaxHighlighting(colours),
    look,
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
      view.dispatch({ effects: setProblems.of(problems) });
    },
  };
}
