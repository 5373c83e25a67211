/** What somebody with a keyboard must know about the editor's keys. */
import { isMac } from "$lib/state/keys";
import type { Keymap } from "$lib/state/preferences.svelte";

export function keyHelp(keymap: Keymap, mac = isMac()): string {
  const help = "Tab indents. Escape, then Tab, leaves the editor.";
  // On a Mac the search has another key, so nothing is taken from it.
  if (keymap !== "emacs" || mac) return help;
  return `${help} Ctrl+K kills the rest of the line here, and opens the search outside the editor.`;
}
