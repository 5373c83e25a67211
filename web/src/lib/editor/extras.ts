/** Completion, bracket closing and search: fetched when the editor is first entered, since nobody needs them before. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completeAnyWord,
  completionKeymap,
} from "@codemirror/autocomplete";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, Prec, type Extension } from "@codemirror/state";
import { keymap } from "@codemirror/view";

export const extras: Extension = [
  closeBrackets(),
  autocompletion({ icons: false }),
  EditorState.languageData.of(() => [{ autocomplete: completeAnyWord }]),
  highlightSelectionMatches(),
  search({ top: true }),
  // They come after the ordinary keys were set, and must yet be asked before them.
  Prec.high(keymap.of([...closeBracketsKeymap, ...searchKeymap, ...completionKeymap])),
];
