import { describe, expect, it } from "vitest";
import { asksForPalette } from "./palette-keys";

const pressed = (keys: Partial<KeyboardEvent>) =>
  ({ key: "k", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...keys }) as KeyboardEvent;

const ctrlK = pressed({ ctrlKey: true });
const commandK = pressed({ metaKey: true });

describe("asksForPalette", () => {
  it("by Ctrl+K anywhere", () => {
    expect(asksForPalette(ctrlK, "default", "code", false)).toBe(true);
    expect(asksForPalette(ctrlK, "vim", "code", false)).toBe(true);
    expect(asksForPalette(ctrlK, "default", "elsewhere", false)).toBe(true);
  });

  it("leaves Ctrl+K in the code to Emacs, and only there", () => {
    expect(asksForPalette(ctrlK, "emacs", "code", false)).toBe(false);
    expect(asksForPalette(pressed({ ctrlKey: true, key: "K" }), "emacs", "code", false)).toBe(false);
    expect(asksForPalette(ctrlK, "emacs", "elsewhere", false)).toBe(true);
  });

  it("by ⌘K on a Mac, with Emacs keys, too; Ctrl+K is the editor's there in any case", () => {
    expect(asksForPalette(commandK, "emacs", "code", true)).toBe(true);
    expect(asksForPalette(ctrlK, "emacs", "code", true)).toBe(false);
    expect(asksForPalette(ctrlK, "default", "elsewhere", true)).toBe(false);
  });

  it("by nothing else", () => {
    expect(asksForPalette(pressed({}), "default", "elsewhere", false)).toBe(false);
    expect(asksForPalette(pressed({ ctrlKey: true, shiftKey: true }), "default", "code", false)).toBe(false);
  });
});
