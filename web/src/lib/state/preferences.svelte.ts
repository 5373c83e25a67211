/** What this browser remembers of a person's taste. Theme is also read by static/theme.js, before the first paint. */
import { browserStorage } from "$lib/workspace/drafts";

export type Theme = "system" | "light" | "dark";
export type Keymap = "default" | "vim" | "emacs";

export interface Preferences {
  theme: Theme;
  keymap: Keymap;
  /** Pixels. */
  fontSize: number;
  wrap: boolean;
  /** The language that was last written in. */
  language: string;
  /** Share of the width that the task takes, in percent. */
  taskShare: number;
  /** Share of the height that the results take, in percent. */
  resultsShare: number;
  taskFolded: boolean;
  resultsFolded: boolean;
  /** People and chat of a live session. */
  sideFolded: boolean;
}

export const FONT_SIZES = [12, 13, 14, 15, 16, 18, 20] as const;
export const KEYMAPS: readonly { id: Keymap; name: string }[] = [
  { id: "default", name: "Default" },
  { id: "vim", name: "Vim" },
  { id: "emacs", name: "Emacs" },
];
export const THEMES: readonly { id: Theme; name: string }[] = [
  { id: "system", name: "System" },
  { id: "light", name: "Light" },
  { id: "dark", name: "Dark" },
];

const KEY = "codementor.preferences";

const DEFAULTS: Preferences = {
  theme: "system",
  keymap: "default",
  fontSize: 14,
  wrap: true,
  language: "python",
  taskShare: 34,
  resultsShare: 40,
  taskFolded: false,
  resultsFolded: false,
  sideFolded: false,
};

export const preferences = $state<Preferences>({ ...DEFAULTS, ...read() });

/** Changes some of them, keeps them, and shows the theme. */
export function prefer(change: Partial<Preferences>): void {
  Object.assign(preferences, change);
  try {
    browserStorage()?.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Full storage: the choice holds until the tab is closed, which is no loss worth a message.
  }
  if (change.theme) showTheme(change.theme);
}

function showTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** What is stored, as far as it has the right form: another version or another hand may have written it. */
function read(): Partial<Preferences> {
  let stored: unknown;
  try {
    stored = JSON.parse(browserStorage()?.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
  if (typeof stored !== "object" || stored === null) return {};
  const valid = Object.entries(stored).filter(([key, value]) => isValid(key, value));
  return Object.fromEntries(valid) as Partial<Preferences>;
}

function isValid(key: string, value: unknown): boolean {
  if (!(key in DEFAULTS) || typeof value !== typeof DEFAULTS[key as keyof Preferences]) return false;
  if (key === "theme") return THEMES.some((theme) => theme.id === value);
  if (key === "keymap") return KEYMAPS.some((keymap) => keymap.id === value);
  if (key === "fontSize") return Number(value) >= 10 && Number(value) <= 32;
  return true;
}
