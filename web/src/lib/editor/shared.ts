/** An editor of a text that others write, too: Yjs keeps it equal, and undoes only what was done here. */
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import type { Awareness } from "y-protocols/awareness";
import { yCollab, ySyncAnnotation } from "y-codemirror.next";
import * as Y from "yjs";
import { showRemoteCarets } from "./remote-carets";
import { undoing, type Undoing } from "./undoing";

/** For `setup`, in the place of the editor's own history. */
export function sharedHistory(undoManager: Y.UndoManager): Extension {
  // Whoever may not write may not undo, either: it would be refused.
  const step = (act: () => unknown) => (view: EditorView) => {
    if (!view.state.readOnly) act();
    return true;
  };
  const own: Undoing = { undo: step(() => undoManager.undo()), redo: step(() => undoManager.redo()) };
  return [
    undoing.of(own),
    Prec.high(
      keymap.of([
        { key: "Mod-z", run: own.undo, preventDefault: true },
        { key: "Mod-y", mac: "Mod-Shift-z", run: own.redo, preventDefault: true },
        { key: "Mod-Shift-z", run: own.redo, preventDefault: true },
      ]),
    ),
    // The browser's own menu has an undo, too.
    Prec.high(
      EditorView.domEventHandlers({
        beforeinput: (event, { state }) => state.readOnly && event.inputType.startsWith("history"),
      }),
    ),
  ];
}

export function sharedText(text: Y.Text, awareness: Awareness, undoManager: Y.UndoManager): Extension {
  return [
    // Positions count the same here and there: a line break is one unit, and nothing else is one.
    EditorState.lineSeparator.of("\n"),
    EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, "\n")),
    yCollab(text, null, { undoManager }),
    showRemoteCarets(text, awareness),
  ];
}

/** Where no more fits, nothing is typed that the session would refuse: what makes the text longer stays out, and one can delete. */
export const onlyShorter: Extension = EditorState.changeFilter.of(
  (transaction) =>
    transaction.annotation(ySyncAnnotation) !== undefined ||
    transaction.changes.newLength <= transaction.changes.length,
);

/** Whoever may not write still reads, selects and copies, and sees what the others do. */
export const readOnly: Extension = [
  EditorState.readOnly.of(true),
  // Whatever command comes along, only what the others did gets in.
  EditorState.changeFilter.of((transaction) => transaction.annotation(ySyncAnnotation) !== undefined),
];
