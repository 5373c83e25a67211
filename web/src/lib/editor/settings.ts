/** What a person may set about every editor, as entries of a menu. */
import { FONT_SIZES, KEYMAPS, prefer, preferences, type Keymap } from "$lib/state/preferences.svelte";
import type { MenuEntry } from "$lib/ui/menu-entry";

export function editorSettings(): MenuEntry[] {
  return [
    {
      kind: "choice",
      label: "Keys",
      value: preferences.keymap,
      options: [...KEYMAPS],
      choose: (keymap) => {
        prefer({ keymap: keymap as Keymap });
      },
    },
    { kind: "line" },
    {
      kind: "choice",
      label: "Font size",
      inRow: true,
      value: String(preferences.fontSize),
      options: FONT_SIZES.map((size) => ({ id: String(size), name: String(size), label: `${size} px` })),
      choose: (size) => {
        prefer({ fontSize: Number(size) });
      },
    },
    { kind: "line" },
    {
      kind: "switch",
      title: "Wrap long lines",
      on: preferences.wrap,
      toggle: () => {
        prefer({ wrap: !preferences.wrap });
      },
    },
  ];
}
