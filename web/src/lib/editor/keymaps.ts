/** Vim and Emacs keys, fetched only for those who choose them. They see each key before the editor's own bindings do. */
import { Prec, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { Keymap } from "$lib/state/preferences.svelte";

export async function keymapExtension(keymap: Keymap): Promise<Extension> {
  if (keymap === "vim") {
    const { vim } = await import("@replit/codemirror-vim");
    return Prec.highest([plainControlKeys, vim({ status: true })]);
  }
  if (keymap === "emacs") {
    const { emacs } = await import("@replit/codemirror-emacs");
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
