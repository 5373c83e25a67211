import { expect, it } from "vitest";
import { keyHelp } from "./key-help";

it("tells about Ctrl+K where Emacs takes it from the search", () => {
  expect(keyHelp("emacs", false)).toMatch(/Ctrl\+K kills the rest of the line/);
  for (const help of [keyHelp("emacs", true), keyHelp("vim", false), keyHelp("default", false)]) {
    expect(help).toBe("Tab indents. Escape, then Tab, leaves the editor.");
  }
});
