/** Monaco with `y-monaco`, as its README shows it; nothing of our page. */
import * as monaco from "monaco-editor/editor";
import { MonacoBinding } from "y-monaco";
import { enter, show } from "./person.js";

const person = enter();
const model = monaco.editor.createModel("", "plaintext");
const editor = monaco.editor.create(document.querySelector("#editor") ?? document.body, { model });
new MonacoBinding(person.text, model, new Set([editor]), person.provider.awareness);
show(person, () => model.getValue());
