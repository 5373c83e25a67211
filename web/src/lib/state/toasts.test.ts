import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toasts } from "./toasts.svelte";

const texts = () => toasts.list.map(({ text }) => text);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  toasts.release();
  vi.runAllTimers();
  vi.useRealTimers();
});

test("a message goes by itself, one to act on later", () => {
  toasts.show("plain");
  toasts.show("undo", { action: { label: "Undo", run: () => undefined } });
  vi.advanceTimersByTime(6000);
  expect(texts()).toEqual(["undo"]);
  vi.advanceTimersByTime(6000);
  expect(texts()).toEqual([]);
});

test("none goes while somebody is at them", () => {
  toasts.show("one");
  vi.advanceTimersByTime(5000);
  toasts.hold();
  toasts.show("two");
  vi.advanceTimersByTime(60_000);
  expect(texts()).toEqual(["one", "two"]);
  toasts.release();
  vi.advanceTimersByTime(5999);
  expect(texts()).toEqual(["one", "two"]);
  vi.advanceTimersByTime(1);
  expect(texts()).toEqual([]);
});

test("the oldest gives way, and the same is said once", () => {
  for (const text of ["1", "2", "2", "3", "4"]) toasts.show(text);
  expect(texts()).toEqual(["2", "3", "4"]);
});
