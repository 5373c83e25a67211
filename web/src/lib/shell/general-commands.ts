import { goto } from "$app/navigation";
import type { User } from "$lib/api/types";
import { mayWrite } from "$lib/authoring/roles";
import type { Command } from "$lib/state/commands.svelte";
import { KEYMAPS, prefer, THEMES } from "$lib/state/preferences.svelte";
import { SECTIONS } from "./sections";
import { signOut } from "./sign-out.svelte";

/** What works in every view. */
export function generalCommands(user: User | null): Command[] {
  return [...views(user), ...settings(), ...account(user)];
}

function views(user: User | null): Command[] {
  const all: { href: string; name: string }[] = SECTIONS.map(({ href, name }) => ({ href, name }));
  if (user) all.push({ href: `/users/${encodeURIComponent(user.username)}`, name: "Profile and settings" });
  if (mayWrite(user)) all.push({ href: "/authoring", name: "Write challenges" });
  return all.map(({ href, name }) => ({
    id: `go-${href}`,
    title: name,
    group: "Go to",
    words: "open view page",
    run: () => void goto(href),
  }));
}

function settings(): Command[] {
  return [
    ...THEMES.map(({ id, name }) => ({
      id: `theme-${id}`,
      title: `Theme: ${name}`,
      group: "Appearance",
      words: "colour color mode",
      run: () => {
        prefer({ theme: id });
      },
    })),
    ...KEYMAPS.map(({ id, name }) => ({
      id: `keymap-${id}`,
      title: `Editor keys: ${name}`,
      group: "Editor",
      words: "keymap keyboard bindings",
      run: () => {
        prefer({ keymap: id });
      },
    })),
  ];
}

function account(user: User | null): Command[] {
  if (!user) return [{ id: "sign-in", title: "Sign in", group: "Account", run: () => void goto("/signin") }];
  return [
    {
      id: "sign-out",
      title: "Sign out",
      group: "Account",
      words: "log out",
      run: () => {
        signOut.ask(false);
      },
    },
  ];
}
