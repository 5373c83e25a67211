import { describe, expect, it, vi } from "vitest";
import { terminalKeys } from "./keys";

vi.stubGlobal("navigator", { platform: "Linux x86_64" });

const press = (key: string, modifiers: Partial<KeyboardEvent> = {}) =>
  ({
    type: "keydown",
    key,
    ctrlKey: false,
    metaKey: false,
    shiftKey: false,
    altKey: false,
    ...modifiers,
  }) as KeyboardEvent;

const ctrl = { ctrlKey: true };

function keys(state: { running?: boolean; marked?: boolean } = {}) {
  return terminalKeys({
    running: () => state.running ?? true,
    marked: () => state.marked ?? false,
    unmark: () => undefined,
  });
}

describe("keys of a terminal", () => {
  it("gives Tab to the program unless Escape came just before, or nothing runs", () => {
    const takes = keys();
    expect(takes(press("Tab"))).toBe(true);
    expect(takes(press("Escape"))).toBe(true);
    expect(takes(press("Shift"))).toBe(true);
    expect(takes(press("Tab", { shiftKey: true }))).toBe(false);
    expect(takes(press("Tab"))).toBe(true);
    takes(press("Escape"));
    takes(press("x"));
    expect(takes(press("Tab"))).toBe(true);
    expect(keys({ running: false })(press("Tab"))).toBe(false);
  });

  it("leaves running, stopping, searching and pasting to the page", () => {
    const takes = keys();
    for (const key of ["Enter", ".", "k", "v"]) expect(takes(press(key, ctrl))).toBe(false);
    for (const key of ["d", "z", "l"]) expect(takes(press(key, ctrl))).toBe(true);
  });

  it("interrupts with Ctrl C, and copies where something is marked", () => {
    expect(keys()(press("c", ctrl))).toBe(true);
    vi.useFakeTimers();
    expect(keys({ marked: true })(press("c", ctrl))).toBe(false);
    vi.useRealTimers();
  });
});
