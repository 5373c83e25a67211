/** Shortcuts as text: `mod+shift+enter`, where `mod` is ⌘ on a Mac and Ctrl elsewhere. */

/** Stops the program of a terminal. */
export const STOP_KEYS = "mod+.";

export const isMac = (): boolean => /mac|iphone|ipad/i.test(navigator.platform);

const SIGNS: Record<string, [mac: string, other: string]> = {
  mod: ["⌘", "Ctrl"],
  shift: ["⇧", "Shift"],
  enter: ["↵", "Enter"],
  esc: ["Esc", "Esc"],
};

/** The keys one by one, as they are printed on the keyboard. */
export function keyNames(shortcut: string, mac = isMac()): string[] {
  return shortcut
    .split("+")
    .map((key) => SIGNS[key]?.[mac ? 0 : 1] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** For `aria-keyshortcuts`. */
export function ariaKeys(shortcut: string, mac = isMac()): string {
  const names: Record<string, string> = { mod: mac ? "Meta" : "Control", shift: "Shift", enter: "Enter" };
  return shortcut
    .split("+")
    .map((key) => names[key] ?? key.toUpperCase())
    .join("+");
}

export function isShortcut(event: KeyboardEvent, shortcut: string, mac = isMac()): boolean {
  const keys = shortcut.split("+");
  return (
    (mac ? event.metaKey : event.ctrlKey) === keys.includes("mod") &&
    event.shiftKey === keys.includes("shift") &&
    !event.altKey &&
    event.key.toLowerCase() === keys.at(-1)
  );
}

/** Whether typing goes somewhere, so that single-letter shortcuts must keep quiet. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && !!target.closest("input, textarea, select, [contenteditable='true']")
  );
}
