/** What every editor of the page can do, whatever the language and the keys. */
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldKeymap, indentOnInput } from "@codemirror/language";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { theme } from "./theme";
import { ownHistory } from "./undoing";

export interface Actions {
  run: () => void;
  submit: () => void;
}

/** Above every other key binding, Vim's and Emacs' included. */
export function actionKeys(actions: Actions): Extension {
  const act = (run: () => void) => () => {
    run();
    return true;
  };
  return Prec.highest(
    keymap.of([
      { key: "Mod-Shift-Enter", run: act(actions.submit), preventDefault: true },
      { key: "Mod-Enter", run: act(actions.run), preventDefault: true },
    ]),
  );
}

/** `history`: what undoes; without it the editor's own. */
export function setup(label: string, descriptionId: string, history: Extension = ownHistory): Extension {
  return [
    nonce(),
    typeOverSelection,
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history,
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    bracketMatching(),
    rectangularSelection(),
    highlightActiveLine(),
    keymap.of([
      ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"),
      ...foldKeymap,
      // Escape and then Tab leaves the editor: built into CodeMirror, and told by the description.
      indentWithTab,
    ]),
    EditorView.contentAttributes.of({
      "aria-label": label,
      "aria-describedby": descriptionId,
      autocapitalize: "off",
      autocorrect: "off",
      spellcheck: "false",
    }),
    theme,
  ];
}

/**
 * Typing over a selection, done by the editor instead of the browser: Chromium writes the look of the replaced text into a style
 * attribute, which the security policy refuses with an error in the console.
 */
const typeOverSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main, ranges } = view.state.selection;
    if (event.inputType !== "insertText" || event.data === null || view.composing) return false;
    if (main.empty || ranges.length > 1 || view.state.readOnly) return false;
    const text = event.data;
    const insert = () =>
      view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const handlers = view.state.facet(EditorView.inputHandler);
    if (!handlers.some((handle) => handle(view, main.from, main.to, text, insert))) view.dispatch(insert());
    return true;
  },
});

/** The content security policy lets only styles with this value in. */
function nonce(): Extension {
  const value = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content;
  return value ? EditorView.cspNonce.of(value) : [];
}
