/** Vim and Emacs keys, fetched only for those who choose them. */
import type { Extension } from "@codemirror/state";
import type { Keymap } from "$lib/state/preferences.svelte";

export async function keymapExtension(keymap: Keymap): Promise<Extension> {
  if (keymap === "vim") return (await import("@replit/codemirror-vim")).vim({ status: true });
  if (keymap === "emacs") return (await import("@replit/codemirror-emacs")).emacs();
  return [];
}
