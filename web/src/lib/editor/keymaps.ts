/** Vim and Emacs keys, fetched only for those who choose them. They see each key before the editor's own bindings do. */
import { Prec, type Extension } from "@codemirror/state";
import type { Keymap } from "$lib/state/preferences.svelte";

export async function keymapExtension(keymap: Keymap): Promise<Extension> {
  if (keymap === "vim") return Prec.highest((await import("@replit/codemirror-vim")).vim({ status: true }));
  if (keymap === "emacs") return Prec.highest((await import("@replit/codemirror-emacs")).emacs());
  return [];
}
