/** What the palette finds, and which of it stands first. */
import type { Command } from "$lib/state/commands.svelte";

/** Every word of the query stands at the beginning of a word of the command. */
export function matches(command: Command, query: string): boolean {
  const words = wordsOf(`${command.title} ${command.group} ${command.words ?? ""}`);
  return wordsOf(query).every((part) => words.some((word) => word.startsWith(part)));
}

/**
 * Titles that begin with what was typed, then titles with a word inside that begins with it, then the others. Within each of the
 * three the order stays as it was.
 */
export function ranked(commands: readonly Command[], query: string): Command[] {
  const typed = wordsOf(query).join(" ");
  return [0, 1, 2].flatMap((rank) => commands.filter(({ title }) => rankOf(title, typed) === rank));
}

function rankOf(title: string, typed: string): number {
  const words = wordsOf(title).join(" ");
  if (words.startsWith(typed)) return 0;
  return words.includes(` ${typed}`) ? 1 : 2;
}

/** In small letters. Colons and hyphens part words as spaces do, so that "theme dark" begins "Theme: Dark". */
function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s:-]+/)
    .filter(Boolean);
}
