/** Vim and Emacs keys, fetched only for those who choose them. They see each key before the editor's own bindings do. */
import type { CodeMirror } from "@replit/codemirror-vim";
import { Prec, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Keymap } from "$lib/state/preferences.svelte";
import { isOwnHistory, undoing } from "./undoing";

/** Vim's own commands, before ours took their place. */
const theirs: Partial<Record<"undo" | "redo", (cm: CodeMirror) => void>> = {};

export async function keymapExtension(keymap: Keymap): Promise<Extension> {
  if (keymap === "vim") {
    const { CodeMirror, vim } = await import("@replit/codemirror-vim");
    for (const step of ["undo", "redo"] as const) {
      // Theirs also puts Vim's cursor where the change began, so it stays for the editor's own history.
      theirs[step] ??= CodeMirror.commands[step];
      CodeMirror.commands[step] = (cm) => {
        if (isOwnHistory(cm.cm6)) theirs[step]?.(cm);
        else cm.cm6.state.facet(undoing)[step](cm.cm6);
      };
    }
    return Prec.highest([plainControlKeys, vim({ status: true })]);
  }
  if (keymap === "emacs") {
    const { emacs, EmacsHandler } = await import("@replit/codemirror-emacs");
    EmacsHandler.bindKey("C-/|C-x u|S-C--|C-z", (view: EditorView) => view.state.facet(undoing).undo(view));
    EmacsHandler.bindKey("S-C-/|S-C-x u|C--|S-C-z", (view: EditorView) =>
      view.state.facet(undoing).redo(view),
    );
    return Prec.highest([plainControlKeys, emacs()]);
  }
  return [];
}

/** Where Vim's cursor may stand: on a character, not behind the last one of its line. */
export function standOnCharacter(view: EditorView): void {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  if (head === line.to && head > line.from) view.dispatch({ selection: { anchor: head - 1 } });
}

/** With Caps Lock on, Control and A arrives as a capital letter, which neither of the two knows. */
const plainControlKeys = EditorView.domEventHandlers({
  keydown(event) {
    if (event.ctrlKey && !event.shiftKey && /^[A-Z]$/.test(event.key)) {
      Object.defineProperty(event, "key", { value: event.key.toLowerCase() });
    }
    return false;
  },
});
