/** Which keys stay with the page while a terminal has the focus. All others are the program's. */
import { isMac, isShortcut, STOP_KEYS } from "$lib/state/keys";

/** Told to whoever cannot see the help below the terminal. */
export const LEAVE_HELP =
  "The program gets every key. To leave the terminal, press Escape and then Tab, or Escape and then Shift and Tab.";

interface Around {
  /** Whether a program reads keys. */
  running: () => boolean;
  /** Whether something is marked, to be copied. */
  marked: () => boolean;
  unmark: () => void;
}

/** Says of each key whether the terminal takes it. */
export function terminalKeys({ running, marked, unmark }: Around): (event: KeyboardEvent) => boolean {
  let escaped = false;
  return (event) => {
    if (event.type !== "keydown") return true;
    const wasEscaped = escaped;
    // A modifier on its own is part of the next key.
    if (event.key !== "Shift") escaped = event.key === "Escape";
    if (event.key === "Tab") return running() && !wasEscaped;
    if (["mod+enter", "mod+shift+enter", STOP_KEYS, "mod+k"].some((keys) => isShortcut(event, keys)))
      return false;
    if (isMac()) return true;
    if (isShortcut(event, "mod+v") || isShortcut(event, "mod+shift+v")) return false;
    if (isShortcut(event, "mod+c") && marked()) {
      // The browser copies after this; then it is an interrupt again.
      setTimeout(unmark);
      return false;
    }
    return true;
  };
}
