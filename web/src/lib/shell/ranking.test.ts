import { describe, expect, it } from "vitest";
import type { Command } from "$lib/state/commands.svelte";
import { matches, ranked } from "./ranking";

const command = (title: string, more: Partial<Command> = {}): Command => ({
  id: title,
  title,
  group: "Appearance",
  run: () => undefined,
  ...more,
});

describe("matches", () => {
  const dark = command("Theme: Dark", { words: "colour" });

  it.each(["", "dark", "the da", "dark theme", "col", "theme: d", "APP"])("finds by %j", (query) => {
    expect(matches(dark, query)).toBe(true);
  });

  it.each(["ark", "dark x", "themedark"])("does not find by %j", (query) => {
    expect(matches(dark, query)).toBe(false);
  });
});

describe("ranked", () => {
  const order = (query: string, ...titles: string[]) =>
    ranked(
      titles.map((title) => command(title)),
      query,
    ).map(({ title }) => title);

  it("puts titles that begin with the typed text first, then words inside, then the rest", () => {
    const titles = ["Reset", "Hide the task", "Leaderboard", "Task list", "Multitask", "Taskmaster"];
    expect(order("task", ...titles)).toEqual([
      "Task list",
      "Taskmaster",
      "Hide the task",
      "Reset",
      "Leaderboard",
      "Multitask",
    ]);
  });

  it("takes several words as one text", () => {
    expect(order("the ta", "The late task", "Hide the task", "The task")).toEqual([
      "The task",
      "Hide the task",
      "The late task",
    ]);
  });

  it("minds neither case nor colons, hyphens and spaces", () => {
    expect(order("  THEME dark ", "Dark theme", "Theme: Dark")).toEqual(["Theme: Dark", "Dark theme"]);
    expect(order("two p", "Odd two-pointers", "Two-Pointers")).toEqual(["Two-Pointers", "Odd two-pointers"]);
  });

  it("keeps the order of equals, and of everything while nothing is typed", () => {
    expect(order("s", "Sum", "Sort", "Stack")).toEqual(["Sum", "Sort", "Stack"]);
    expect(order(" ", "Zebra", "Ant")).toEqual(["Zebra", "Ant"]);
  });
});
