/** What undo and redo mean in an editor: the editor's own history, or that of a text which others write, too. */
import { history, historyKeymap, redo, undo } from "@codemirror/commands";
import { Facet, type Extension } from "@codemirror/state";
import { keymap, type Command, type EditorView } from "@codemirror/view";

export interface Undoing {
  undo: Command;
  redo: Command;
}

const own: Undoing = { undo, redo };

/** Read by the keys of Vim and Emacs, which bind commands of their own. */
export const undoing = Facet.define<Undoing, Undoing>({ combine: ([given]) => given ?? own });

export const isOwnHistory = ({ state }: EditorView): boolean => state.facet(undoing) === own;

export const ownHistory: Extension = [history(), keymap.of(historyKeymap)];
