/** CodeMirror 6 with `y-codemirror.next`, as its README shows it; nothing of our page. */
import { defaultKeymap } from "@codemirror/commands";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { UndoManager } from "yjs";
import { enter, show } from "./person.js";

const person = enter();
const undoManager = new UndoManager(person.text);
const view = new EditorView({
  parent: document.querySelector("#editor") ?? document.body,
  state: EditorState.create({
    doc: person.text.toString(),
    extensions: [
      keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
      yCollab(person.text, person.provider.awareness, { undoManager }),
    ],
  }),
});
show(person, () => view.state.doc.toString());
