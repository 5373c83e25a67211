/** Which keys ask for the palette. */
import { isShortcut } from "$lib/state/keys";
import type { Keymap } from "$lib/state/preferences.svelte";

export type Place = "code" | "elsewhere";

/** Where a key was pressed. The editor's own search field is not the code. */
export function placeOf(target: EventTarget | null): Place {
  return target instanceof Element && target.closest(".cm-content") ? "code" : "elsewhere";
}

/** ⌘K on a Mac, Ctrl+K otherwise, except in code with Emacs keys: there it kills the rest of the line. */
export function asksForPalette(event: KeyboardEvent, keymap: Keymap, place: Place, mac?: boolean): boolean {
  if (!isShortcut(event, "mod+k", mac)) return false;
  return event.metaKey || keymap !== "emacs" || place !== "code";
}
